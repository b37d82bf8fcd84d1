"""What this machine and this installation need before the office can rely on them, one sign each."""

from config.doctor.examine import examine
from config.doctor.signs import Sign

__all__ = ["Sign", "examine"]
