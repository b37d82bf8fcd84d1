"""The public site: released editions, read-only, with no access to the register at all."""
