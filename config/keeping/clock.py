"""What keeps the record by itself, once a day: what is over its term goes, and then a backup is made."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine

from config.keeping.daily import FROM_HOUR, backup_due
from config.month import CLOCK, can_lead
from config.settings import Settings
from registry import acts
from registry.database import reading, writing
from registry.retention import ENDING


class Keeping:
    """Erases and backs up when the day's hour has come; called every minute, apart from the releases."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.erased_on: date | None = None

    def tick(self) -> str:
        """What this minute asks for; gives what is wrong, or nothing."""
        now = self.now()
        if self.erased_on != now.date() and now.hour >= FROM_HOUR and can_lead(self.engine):
            erase_due(self.engine, self.settings, now)
            self.erased_on = now.date()
        return backup_due(self.engine, self.settings, now)


def erase_due(engine: Engine, settings: Settings, now: datetime) -> list[acts.Erased]:
    """Erases what is over its term, class by class; gives how many of each."""
    found = []
    for term in ENDING:
        with writing(engine) as session:
            found.append(
                acts.erase_over(session, term, uploads=settings.data / "uploads", by=CLOCK, now=now)
            )
    return found


def over(engine: Engine, settings: Settings, now: datetime) -> list[acts.Erased]:
    """How many of each class are over their term, with nothing erased."""
    uploads = settings.data / "uploads"
    with reading(engine) as session:
        return [
            acts.erase_over(session, term, uploads=uploads, by=CLOCK, now=now, only_count=True)
            for term in ENDING
        ]
