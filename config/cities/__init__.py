"""Several cities in one installation: `cities.toml`, the city a command is for, their sites, a move."""
