"""The public pages: what they say of an entry, and how they are written."""
