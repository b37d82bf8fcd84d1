"""Of an entry, what its events are made of: read from its line without the rest."""

from decimal import Decimal

from msgspec import Struct

from publisher.shown import Licensed, shown_grade
from scoring.facts import Listing
from scoring.rating import Condition, Reference, Status


class Weighed(Struct, frozen=True, gc=False):
    """Of a reason, what it costs and where that is written."""

    record: str
    title: str
    points: Decimal
    reference: Reference


class Rated(Struct, frozen=True, gc=False):
    """Of a rating, what is told of it."""

    status: Status
    grade: str
    score: Decimal | None
    score_from: Decimal | None
    score_to: Decimal | None
    listing: str
    not_rated_because: str
    conditions: tuple[Condition, ...]
    reasons: tuple[Weighed, ...]


class Known(Struct, frozen=True, gc=False):
    """Of the facts, the list decisions, and whether it has or had a licence."""

    listings: tuple[Listing, ...]
    licences: tuple[Licensed, ...] = ()


class Line(Struct, frozen=True, gc=False):
    """Of an entry, what is told of it."""

    institution: str
    name: str
    code: str
    jurisdiction: str
    facts: Known
    rating: Rated
    merged: bool = False

    @property
    def grade(self) -> str:
        """The grade as it is shown."""
        licensed, merged = bool(self.facts.licences), self.merged
        return shown_grade(self.rating.status, self.rating.grade, licensed=licensed, merged=merged)

    @property
    def listing(self) -> Listing | None:
        """The list decision the status rests on."""
        return next((one for one in self.facts.listings if one.id == self.rating.listing), None)
