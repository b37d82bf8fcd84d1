"""Of an entry, what people browse and count by; read from its line without the rest."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
from msgspec import Struct

from publisher.edition import Edition, is_withdrawn
from publisher.shown import Licensed, shown_grade
from scoring.facts import State
from scoring.rating import Status


class Happened(Struct, frozen=True, gc=False):
    """Of an event, what and when."""

    state: State
    on: date


class Noted(Struct, frozen=True, gc=False):
    """Of a record, its course."""

    kind: str
    events: tuple[Happened, ...] = ()


class Visited(Struct, frozen=True, gc=False):
    """Of a visit, its day."""

    on: date


class Told(Struct, frozen=True, gc=False):
    """Of the facts: what is taught, and when somebody was there."""

    kind: str = ""
    subject: str = ""
    status: str = "active"
    inspections: tuple[Visited, ...] = ()
    records: tuple[Noted, ...] = ()
    licences: tuple[Licensed, ...] = ()


class Counted(Struct, frozen=True, gc=False):
    """Of a reason, what it is for."""

    record: str
    code: str
    title: str
    kind: str
    disputed: bool = False


class Asked(Struct, frozen=True, gc=False):
    """Of a condition, whether it is met."""

    code: str
    title: str
    met: bool


class Judged(Struct, frozen=True, gc=False):
    """Of a rating, where it puts the institution."""

    status: Status
    grade: str
    base: Decimal | None
    score: Decimal | None
    not_rated_because: str = ""
    reasons: tuple[Counted, ...] = ()
    conditions: tuple[Asked, ...] = ()


class Seen(Struct, frozen=True, gc=False):
    """One institution as it is browsed and counted."""

    institution: str
    name: str
    jurisdiction: str
    facts: Told
    rating: Judged
    code: str = ""
    addresses: tuple[str, ...] = ()
    merged: bool = False

    @property
    def grade(self) -> str:
        """The grade as it is shown."""
        licensed, merged = bool(self.facts.licences), self.merged
        return shown_grade(self.rating.status, self.rating.grade, licensed=licensed, merged=merged)


def seen(edition: Edition) -> Iterator[Seen]:
    """Every entry that stands, in order of institution, one at a time."""
    decoder = msgspec.json.Decoder(Seen)
    return (decoder.decode(line) for line in edition.lines if not is_withdrawn(line))
