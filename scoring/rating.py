"""A rating and every reason for it, as one value that can be published and derived again."""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Status = Literal["white", "watch", "black", "none", "new"]


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a rule is written: the document's title, its article, and an address if there is one."""

    document: str
    article: str
    url: str = ""


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the sum: record → rule → points, with the dates between which it counts.

    `points` is signed (a deduction is negative); `raw` is what the rule says before the cap, the
    restoration and the one-fact-one-deduction rule; a veto has no points but names its grade.
    """

    record: str
    code: str
    title: str
    kind: Literal["deduction", "bonus", "veto", "measure"]
    points: Decimal
    raw: Decimal
    severity: str = ""
    extent: int = 1
    gate: str = ""
    gated_on: date | None = None
    seen_on: date
    counts_from: date | None = None
    counts_until: date | None = None
    capped: bool = False
    restored: Literal["", "half", "full"] = ""
    limits_grade_to: str = ""
    disputed: bool = False
    restores: str = ""
    statement: str = ""
    reference: Reference
    sentence: str


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition of the white list, met or not, in a sentence a parent understands."""

    code: str
    title: str
    met: bool
    sentence: str
    reference: Reference


class Rating(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `assess` answers: grade, score, list and why; equal on every day before `changes_on`.

    `grade` is a band's name, or the policy's names for not yet rated (N) and suspended (S).
    `next_grade` and `points_to_next` are empty at the best grade and for the unrated.
    """

    institution: str
    on: date
    policy: str
    grade: str
    score: Decimal | None
    base: Decimal | None
    status: Status
    listing: str = ""
    not_rated_because: str = ""
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Condition, ...] = ()
    changes_on: date | None = None
    next_grade: str = ""
    points_to_next: Decimal | None = None
