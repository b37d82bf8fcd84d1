"""Every command of `xinyong`; each reads the settings, does one thing and says what came of it."""
