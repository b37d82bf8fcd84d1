"""What is known of one institution on one day: frozen values, no row and no clock behind them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from msgspec import UNSET, Struct, UnsetType


class State(StrEnum):
    """The steps of a finding, a penalty case or a dispute that scoring looks at."""

    DISCOVERED = "discovered"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    ORDERED = "ordered"
    PASSED = "passed"
    FAILED = "failed"
    DECIDED = "decided"
    SERVED = "served"
    FINAL = "final"
    JUDGED = "judged"
    ANNULLED = "annulled"
    DISPUTED = "disputed"
    DISPUTE_ENDED = "dispute_ended"


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One step of a record, on its day; `due_on` is the last day of the term the step opened."""

    state: State
    on: date
    due_on: date | None = None
    document_no: str = ""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One finding, decision or commendation; records of one `case` are one fact seen twice."""

    id: str
    kind: Literal["finding", "decision", "commendation"]
    code: str
    seen_on: date
    extent: int = 1
    case: str = ""
    inspection: str = ""
    statement: str = ""
    events: tuple[Event, ...] = ()


class Measure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A number an authority writes down at an inspection, such as a sub-score."""

    code: str
    value: Decimal


class Inspection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One visit; `onsite` is false for a review of papers."""

    id: str
    kind: str
    on: date
    onsite: bool = True
    measures: tuple[Measure, ...] = ()


class Term(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A licence or a registration from its first to its last day.

    None: nobody has said when it ends; the calendar's last day: it is said to have no end (长期).
    """

    number: str = ""
    since: date
    until: date | None = None


class AnnualInspection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """The result of one year's annual inspection (年检), known from `on`."""

    year: int
    result: Literal["合格", "基本合格", "不合格"]
    on: date


class Cover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One insurance cover; valid on every day from `since` to `until`, both included.

    `leaves_out` are the places of teaching it does not protect; unset, it protects all of them, and the
    field stands in no canonical bytes.
    """

    cover_class: Literal["premises", "performance", "accident", "employer", "credit"]
    insurer: str = ""
    policy_no: str = ""
    sum_fen: int = 0
    since: date
    until: date
    cancelled_on: date | None = None
    insured_matches: bool = True
    premium_paid: bool = True
    leaves_out: tuple[str, ...] | UnsetType = UNSET


class Custody(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A custody account for prepaid money; the balance itself is never a fact of scoring."""

    bank: str
    since: date
    until: date | None = None
    reported_on: date | None = None


class Listing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A list decision that is served; without document, organ and two officers there is none."""

    id: str
    list: Literal["black", "watch"]
    ground: str
    reason: str
    document_no: str
    organ: str
    article: str
    decided_on: date
    effective_on: date
    until: date
    ended_on: date | None = None
    ended_because: str = ""
    annulled: bool = False
    disputed: bool = False


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Everything a rating may rest on; what is not here cannot count."""

    institution: str
    kind: str = ""
    subject: str = ""
    mode: str = ""
    stage: str = ""
    legal_form: str = ""
    status: Literal["active", "suspended", "closed"] = "active"
    opened_on: date | None = None
    charges_in_advance: bool = True
    on_platform: bool | None = None
    inspections: tuple[Inspection, ...] = ()
    records: tuple[Record, ...] = ()
    listings: tuple[Listing, ...] = ()
    licences: tuple[Term, ...] = ()
    registrations: tuple[Term, ...] = ()
    annual_inspections: tuple[AnnualInspection, ...] = ()
    covers: tuple[Cover, ...] = ()
    custody: tuple[Custody, ...] = ()
