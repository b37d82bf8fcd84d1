"""The city's days off in a running process: as its files say now, or as they were when they could last be read."""

from pathlib import Path

from msgspec import Struct

from config.mistakes import sentence_of
from registry.calendar import Calendar, CalendarError, load_calendar

_KEPT: dict[Path, Calendar] = {}


class DaysOff(Struct, frozen=True):
    """The calendar to count by; `trouble` is what is wrong with the files, while that is an earlier one."""

    calendar: Calendar
    trouble: str = ""


def days_off(folder: Path) -> DaysOff:
    """The days off of a city's folder; raises CalendarError where this process never could read them."""
    try:
        calendar = load_calendar(folder)
    except (CalendarError, OSError) as wrong:
        # A slip in the file of a year to come is to stop neither the watch nor the notices.
        if folder not in _KEPT:
            raise
        return DaysOff(_KEPT[folder], sentence_of(wrong) or str(wrong))
    _KEPT[folder] = calendar
    return DaysOff(calendar)
