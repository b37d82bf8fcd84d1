"""A rating and every reason for it, as one value that can be published and derived again."""

from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

Status = Literal["white", "watch", "black", "none", "new"]


class Reference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Where a rule is written: the document's title, its article, and an address if there is one."""

    document: str
    article: str
    url: str = ""


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One line of the sum: record → rule → points, with the dates between which it counts.

    `points` is what the line changes the score by; `raw` is the rule's price for the record, `left` what
    restoration leaves of it, `held` what the caps leave of that. A veto or a mark has no points; a line
    of the same fact as a dearer one is `absorbed`, a forgiven first fault is `forgiven`.
    """

    record: str
    code: str
    title: str
    kind: Literal["deduction", "bonus", "veto", "mark", "measure", "absorbed", "forgiven"]
    points: Decimal
    raw: Decimal
    left: Decimal
    held: Decimal
    severity: str = ""
    extent: int = 1
    grown: int = 0
    gate: str = ""
    seen_on: date
    determined_on: date | None = None
    counts_from: date | None = None
    counts_until: date | None = None
    restored: Literal["", "half", "full"] = ""
    absorbed_by: str = ""
    limits_grade_to: str = ""
    disputed: bool = False
    statement: str = ""
    reference: Reference


class Condition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """One condition of the white list, met or not, in a sentence a parent understands."""

    code: str
    title: str
    met: bool
    sentence: str
    reference: Reference


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A ground for a listing case: the list, the code or grade it rests on; it lists nobody by itself."""

    list: Literal["watch", "black"]
    because: str
    months: int | None = None


class Lasting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A rating without its day: grade, score, list and why, the same on every day before `changes_on`.

    `grade` is a band's name, or the policy's names for not yet rated (N) and suspended (S). Where parts
    of the scheme are unknown, `score` is None, the true one lies from `score_from` to `score_to`, and
    `grade` names both ends. `next_grade` and `points_to_next` are empty at the best grade and for the
    unrated; the points lead to the better grade's edge, which may not belong to it (`telling.next_step`);
    `visit_from` and `visit_until` are the window of the next inspection.
    """

    institution: str
    policy: str
    grade: str
    score: Decimal | None
    base: Decimal | None
    score_from: Decimal | None = None
    score_to: Decimal | None = None
    status: Status
    listing: str = ""
    not_rated_because: str = ""
    reasons: tuple[Reason, ...] = ()
    conditions: tuple[Condition, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    changes_on: date | None = None
    next_grade: str = ""
    points_to_next: Decimal | None = None
    visit_from: date | None = None
    visit_until: date | None = None

    def dated(self, on: date) -> "Rating":
        """The rating of one of the days on which it holds."""
        return Rating(on=on, **{name: getattr(self, name) for name in Lasting.__struct_fields__})


class Rating(Lasting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `assess` answers for a day."""

    on: date

    def lasting(self) -> Lasting:
        """The rating without its day."""
        return Lasting(**{name: getattr(self, name) for name in Lasting.__struct_fields__})
