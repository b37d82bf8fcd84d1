"""What the doctor looks at and what it says: a sign for each thing, a fault with its remedy."""

from collections.abc import Iterator
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import Engine

from config.settings import Settings


class Sign(Struct, frozen=True, kw_only=True):
    """One thing looked at: how it is, or what is wrong and what to do; `fault` is the same in every version."""

    what: str
    state: str = ""
    fault: str = ""
    problem: str = ""


class Fault(Exception):
    """Something is not as the office needs it: its lasting key, what is wrong, and what to do."""

    def __init__(self, key: str, sentence: str) -> None:
        super().__init__(sentence)
        self.key = key


class Ground(Struct, frozen=True, kw_only=True):
    """The installation under examination; `engine` only where the register can be read."""

    settings: Settings
    now: datetime
    engine: Engine | None = None

    @property
    def today(self) -> date:
        """The day in the city."""
        return self.now.date()

    @property
    def register(self) -> Engine:
        """The register, by looks that need it; the others come before it is known."""
        if self.engine is None:
            raise Fault("database.away", "没有可以读的登记册。")
        return self.engine


Found = Iterator[Fault | str]
