"""A city's published scheme as dated, referenced values. `config/policy/README.md` explains each notion."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal

import msgspec
from msgspec import Struct

from scoring.errors import PolicyError, Problem
from scoring.rating import Reference

Gate = Literal["F", "O", "P", "J", "PJ"]
CoverClass = Literal["premises", "performance", "accident", "employer", "credit"]
AnnualResult = Literal["合格", "基本合格", "不合格"]
Severity = Literal["", "轻微", "一般", "严重"]


class Scale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a score starts, what it is made of, and when it starts anew.

    `standing`: base and what counts on the day. `inspection`: base and the findings of the newest
    inspection of the kinds named. `measures`: the sum of the numbers written down at that inspection.
    """

    made_of: Literal["standing", "inspection", "measures"]
    base: Decimal = Decimal(0)
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    bonus_at_most: Decimal | None = None
    better: Literal["higher", "lower"] = "higher"
    inspection_kinds: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    counted_by: Literal["validity", "year", "own_year"] = "validity"
    year_begins_month: int = 1
    fresh_after_listing: bool = False

    @property
    def by_year(self) -> bool:
        """Whether all starts anew with each year: everybody's, or an institution's own."""
        return self.counted_by != "validity"

    def lapses(self, rule: "Indicator") -> bool:
        """Whether a record of a rule stops counting although nobody cures it."""
        if self.made_of != "standing" or rule.months or rule.until_next:
            return True
        return self.by_year

    def ends_by_cure(self, rule: "Indicator") -> bool:
        """Whether a cure ends a rule's record whenever it comes: a court's listing, until the exit from it.

        A court orders nothing to be corrected within a term, and neither a year nor an inspection ends it.
        """
        return rule.gate == "J" and rule.restore == "full" and not self.lapses(rule)


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One grade: the scores between two edges, best band first; an edge left out is unbounded.

    `from` and `to` belong to the band, `above` and `below` do not: a score on an edge has one grade.
    """

    grade: str
    label: str = ""
    lowest: Decimal | None = msgspec.field(name="from", default=None)
    above: Decimal | None = None
    below: Decimal | None = None
    highest: Decimal | None = msgspec.field(name="to", default=None)
    no_single_above: Decimal | None = None
    no_single_below: Decimal | None = None
    needs_onsite_months: int | None = None
    proposes: Literal["", "watch", "black"] = ""
    proposes_months: int | None = None
    visit_after_months: int | None = None
    visit_within_months: int | None = None

    def holds(self, score: Decimal) -> bool:
        """Whether a score lies between this band's edges."""
        return (
            (self.lowest is None or self.lowest <= score)
            and (self.above is None or self.above < score)
            and (self.below is None or score < self.below)
            and (self.highest is None or score <= self.highest)
        )

    @property
    def bottom(self) -> Decimal | None:
        """The lower edge, whether it belongs to the band or not; None if there is none."""
        return self.lowest if self.above is None else self.above

    @property
    def top(self) -> Decimal | None:
        """The upper edge, whether it belongs to the band or not; None if there is none."""
        return self.below if self.highest is None else self.highest


class Group(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Indicators that cannot cost more together than `cap`."""

    code: str
    title: str
    cap: Decimal
    reference: Reference


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: what a record of this code costs or earns, from which proof on, how long, and its article.

    The same code may stand several times with dates that follow one another: a changed rule is a new
    dated rule, chosen by the day the fact was seen or determined.
    """

    code: str
    title: str
    points: Decimal
    bonus: bool = False
    cap: Decimal | None = None
    group: str = ""
    severity: Severity = ""
    months: int | None = None
    until_next: Literal["", "annual_inspection", "inspection"] = ""
    outlasts_year: bool = False
    restore: Literal["full", "half", "none"] = "none"
    forgives_first: bool = False
    grows_by: Decimal | None = None
    grows_every_days: int | None = None
    gate: Gate = "F"
    limits_grade_to: str = ""
    limit_ends_when_passed: bool = False
    black_proposal: bool = False
    since: date | None = None
    until: date | None = None
    dated_by: Literal["seen", "determined"] = "seen"
    reference: Reference
    also: tuple[Reference, ...] = ()


class WhiteCondition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition of the white list; each of the values after `except_kinds` belongs to the kinds that use it.

    `except_kinds` are the kinds of institutions that it does not bind; an unknown kind is bound.
    """

    kind: Literal[
        "licence",
        "registration",
        "annual_inspection",
        "no_overdue",
        "no_record",
        "inspected",
        "platform",
        "custody",
        "cover",
        "grade",
    ]
    title: str
    except_kinds: tuple[str, ...] = ()
    days: int | None = None
    months: int | None = None
    results: tuple[AnnualResult, ...] = ()
    classes: tuple[CoverClass, ...] = ()
    sum_at_least: int | None = None
    grades: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    reference: Reference


class SpecialClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A grade of its own while a record of a code counts and the score is at least `from`."""

    grade: str
    title: str
    record: str
    lowest: Decimal | None = msgspec.field(name="from", default=None)


class Unrated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has no grade: who never had a licence, the newly opened, the long uninspected, the suspended, the
    closed, special classes."""

    grade: str = "N"
    suspended_grade: str = "S"
    needs_licence: bool = False
    first_days: int = 0
    months_without_inspection: int | None = None
    yields_to_veto: bool = False
    classes: tuple[SpecialClass, ...] = ()


class Cycle(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A visit that opens a cycle and the re-inspection that closes it.

    A first visit gives only the grades `at_once`; any other grade waits, as `pending`, for the second.
    The window of the next visit is that of the worse of the two scores.
    """

    first_kinds: tuple[str, ...]
    again_kinds: tuple[str, ...]
    at_once: tuple[str, ...]
    pending: str
    reference: Reference


class Unknown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the published scheme whose text is not known: it may have cost up to `points`."""

    title: str
    points: Decimal
    reference: Reference


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """One version of a scheme, in force from `since` to the day before `until`."""

    id: str
    title: str
    since: date
    until: date | None = None
    reference: Reference
    scale: Scale
    bands: tuple[Band, ...]
    indicators: tuple[Indicator, ...] = ()
    groups: tuple[Group, ...] = ()
    unrated: Unrated = Unrated()
    cycle: Cycle | None = None
    unknown: tuple[Unknown, ...] = ()
    white: tuple[WhiteCondition, ...] = ()
    digest: str = ""

    @cached_property
    def rules(self) -> dict[str, tuple[Indicator, ...]]:
        """The dated rules of each code, in order of their first days."""
        found: dict[str, list[Indicator]] = {}
        for one in self.indicators:
            found.setdefault(one.code, []).append(one)
        return {
            code: tuple(sorted(some, key=lambda one: one.since or date.min))
            for code, some in found.items()
        }

    @cached_property
    def undated(self) -> dict[str, Indicator]:
        """The rule of each code that has but one, for every day."""
        return {
            code: some[0]
            for code, some in self.rules.items()
            if len(some) == 1 and some[0].since is None and some[0].until is None
        }

    @cached_property
    def lapsing(self) -> dict[str, int]:
        """After how many months a fault counts no more, where its code has one rule that forgives none."""
        return {
            code: one.months
            for code, one in self.undated.items()
            if one.months is not None and not one.bonus and not one.forgives_first
        }

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        """The newest rule of each code."""
        return {code: some[-1] for code, some in self.rules.items()}

    @cached_property
    def forgiving(self) -> frozenset[str]:
        """The codes of which a first fault may be forgiven."""
        return frozenset(one.code for one in self.indicators if one.forgives_first)

    @cached_property
    def blackening(self) -> frozenset[str]:
        """The codes that give ground for a black-list case."""
        return frozenset(one.code for one in self.indicators if one.black_proposal)

    @cached_property
    def unit(self) -> Decimal:
        """The smallest step in which prices are written: 1 where all are whole, 0.5 makes it a tenth."""
        prices = [one.points for one in self.indicators]
        prices += [one.grows_by for one in self.indicators if one.grows_by is not None]
        finest = min((int(one.as_tuple().exponent) for one in prices), default=0)
        return Decimal(1).scaleb(min(finest, 0))

    @cached_property
    def unknown_points(self) -> Decimal:
        """How many points the unknown parts may have cost."""
        return sum((one.points for one in self.unknown), Decimal(0))

    @cached_property
    def plans_visits(self) -> bool:
        """Whether a grade says when the next inspection is due."""
        return any(one.visit_after_months or one.visit_within_months for one in self.bands)

    @cached_property
    def visit_spans(self) -> tuple[tuple[int, bool], ...]:
        """For how many months a visit counts for having a grade or for one of them, and whether only on site."""
        any_visit = self.unrated.months_without_inspection
        found = [] if any_visit is None else [(any_visit, False)]
        for one in self.bands:
            if one.needs_onsite_months is not None:
                found.append((one.needs_onsite_months, True))
        return tuple(found)

    @cached_property
    def caps(self) -> dict[str, tuple[tuple[str, Decimal], ...]]:
        """The caps each code falls under, by names that cannot meet: the code's own and its group's."""
        limits = {one.code: one.cap for one in self.groups}
        found: dict[str, tuple[tuple[str, Decimal], ...]] = {}
        for code, one in self.by_code.items():
            own = [] if one.cap is None else [(f"code {code}", one.cap)]
            shared = [(f"group {one.group}", limits[one.group])] if one.group else []
            found[code] = (*own, *shared)
        return found


def in_force(policies: Sequence[Policy], on: date) -> Policy:
    """The one version in force on a day; raises PolicyError when there is none or more than one."""
    found = [one for one in policies if one.since <= on and (one.until is None or on < one.until)]
    if len(found) == 1:
        return found[0]
    names = "、".join(one.id for one in found) or "没有一份"
    raise PolicyError(
        [Problem(place=str(on), sentence=f"这一天应当恰有一份评分办法施行，现在是：{names}")]
    )
