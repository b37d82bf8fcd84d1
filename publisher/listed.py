"""Of an entry, what lists are made of; read from its line without the rest, which is most of it."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from publisher.shown import Licensed, shown_grade
from scoring.assess import listings_on
from scoring.facts import Listing
from scoring.rating import Status


class Known(Struct, frozen=True, gc=False):
    """Of the facts: what the institution teaches, the list decisions, and whether it has or had a licence."""

    kind: str
    subject: str
    listings: tuple[Listing, ...]
    licences: tuple[Licensed, ...] = ()


class Cited(Struct, frozen=True, gc=False):
    """Where a rule is written."""

    article: str


class Counted(Struct, frozen=True, gc=False):
    """Of a reason, the rule it rests on."""

    reference: Cited


class Asked(Struct, frozen=True, gc=False):
    """Of a condition, whether it is met, in a sentence."""

    met: bool
    sentence: str


class Placed(Struct, frozen=True, gc=False):
    """Of a rating, where it puts the institution and why."""

    status: Status
    grade: str
    score: Decimal | None
    score_from: Decimal | None
    score_to: Decimal | None
    listing: str
    not_rated_because: str
    conditions: tuple[Asked, ...]
    reasons: tuple[Counted, ...]


class Reached(Struct, frozen=True, gc=False):
    """Of a contact, what it is and what it says."""

    kind: str
    text: str


class Listed(Struct, frozen=True, gc=False):
    """One line of a list."""

    institution: str
    name: str
    code: str
    jurisdiction: str
    addresses: tuple[str, ...]
    facts: Known
    rating: Placed
    contacts: tuple[Reached, ...] = ()
    merged: bool = False
    successor: str = ""

    @property
    def grade(self) -> str:
        """The grade as it is shown."""
        licensed, merged = bool(self.facts.licences), self.merged
        return shown_grade(self.rating.status, self.rating.grade, licensed=licensed, merged=merged)

    @property
    def listing(self) -> Listing | None:
        """The list decision the status rests on."""
        return next((one for one in self.facts.listings if one.id == self.rating.listing), None)

    def listings_on(self, on: date) -> tuple[Listing, ...]:
        """Every decision that keeps it on its list on a day, the earliest first."""
        return listings_on(self.facts.listings, self.rating.status, on)

    @property
    def telephones(self) -> tuple[str, ...]:
        """The telephones it has made public to be consulted at."""
        return tuple(one.text for one in self.contacts if one.kind in ("consult", "phone"))

    @property
    def why(self) -> str:
        """Why there is no grade, else the white list's conditions that are not met, in sentences."""
        if self.merged:
            return f"同一家机构的重复登记，已并入 {self.successor}。"
        failed = "".join(one.sentence for one in self.rating.conditions if not one.met)
        return self.rating.not_rated_because or failed
