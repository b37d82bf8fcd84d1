"""What keeps a city when its machine is lost: backup, restore, editions frozen again, and the archive."""
