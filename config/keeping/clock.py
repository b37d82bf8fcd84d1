"""What keeps the record by itself, once a day: what is over its term goes, and then a backup is made."""

import logging
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine

from config.keeping.daily import FROM_HOUR, backup_due
from config.key_files import vault_of
from config.month import CLOCK
from config.settings import Settings
from registry import acts
from registry.accounts.vault import seal_all
from registry.database import reading, writing
from registry.retention import ENDING

log = logging.getLogger("xinyong")


class Keeping:
    """Erases, seals and backs up when the day's hour has come; both are called every minute, apart from the releases."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.erased_on: date | None = None
        self.said = ""

    def erase(self) -> None:
        """Erases once a day what is over its term; where another node was first, nothing is left."""
        now = self.now()
        if self.erased_on != now.date() and now.hour >= FROM_HOUR:
            erase_due(self.engine, self.settings, now)
            seal_due(self.engine, self.settings)
            self.erased_on = now.date()

    def back_up(self) -> None:
        """Makes the day's backup; what is wrong is logged once."""
        trouble = backup_due(self.engine, self.settings, self.now())
        if trouble and trouble != self.said:
            log.error("%s", trouble)
        self.said = trouble


def erase_due(engine: Engine, settings: Settings, now: datetime) -> list[acts.Erased]:
    """Erases what is over its term, class by class; gives how many of each."""
    found = []
    for term in ENDING:
        with writing(engine) as session:
            found.append(
                acts.erase_over(session, term, uploads=settings.data / "uploads", by=CLOCK, now=now)
            )
    return found


def seal_due(engine: Engine, settings: Settings) -> int:
    """Seals the second factors that an earlier version kept in clear: by now every node is of this one."""
    vault = vault_of(settings, engine)
    with writing(engine) as session:
        return seal_all(session, vault)


def over(engine: Engine, settings: Settings, now: datetime) -> list[acts.Erased]:
    """How many of each class are over their term, with nothing erased."""
    uploads = settings.data / "uploads"
    with reading(engine) as session:
        return [
            acts.erase_over(session, term, uploads=uploads, by=CLOCK, now=now, only_count=True)
            for term in ENDING
        ]
