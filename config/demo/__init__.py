"""The demo city: 2,112 invented institutions in Ningbo, marked fictional on every page."""

from config.demo.generate import CUT_OFF, SIZE, START, DemoInstitution, institutions

__all__ = ["CUT_OFF", "SIZE", "START", "DemoInstitution", "institutions"]
