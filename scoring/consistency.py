"""How evenly groups judge: what inspectors or districts find, indicator by indicator, and who can be compared.

A difference is a reason to look again, never a proof: groups visit different institutions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Literal

from msgspec import Struct

# Cochran, W. G. (1954): Some methods for strengthening the common χ² tests, Biometrics 10, 417–451:
# with fewer expected than this, what a group found cannot be told from chance.
LEAST_EXPECTED = 5
# Our own beside it: of an indicator found at almost every visit, five are expected from five visits.
LEAST_VISITS = 10
# The two-sided 95 % point of the normal distribution; of twenty even groups about one lies outside.
Z = Decimal("1.959963984540054")
BEYOND_BY_CHANCE = Decimal("0.05")
HUNDRED = 100
_RATE = Decimal("0.01")
_MEAN = Decimal("0.0001")
# Wide enough that only the last step rounds, so that the same counts give the same digits anywhere.
_WIDE = Context(prec=50, rounding=ROUND_HALF_EVEN)


class Visited(Struct, frozen=True, kw_only=True):
    """How many visits a group made; several values of one group add up."""

    group: str
    visits: int


class Priced(Struct, frozen=True, kw_only=True):
    """One confirmed finding of a group at the points its indicator costs times its extent."""

    group: str
    code: str
    points: Decimal
    institution: str


class Line(Struct, frozen=True, kw_only=True):
    """One group at one indicator: counts, findings per 100 visits with a 95 % interval, points.

    `institutions` had at least one finding; `expected` is what the common rate would have found;
    `points_per_visit` and `points_per_finding` are None where there is nothing to divide by. `too_small`
    says which threshold fails; `outside` says whether the group lies above or below a common rate that
    its interval excludes, and is empty for the small: nothing is said of them.
    """

    group: str
    visits: int
    findings: int
    institutions: int
    points: Decimal
    expected: Decimal
    rate: Decimal | None
    low: Decimal | None
    high: Decimal | None
    points_per_visit: Decimal | None
    points_per_finding: Decimal | None
    too_small: Literal["", "visits", "expected"]
    outside: Literal["", "above", "below"]


class Spread(Struct, frozen=True, kw_only=True):
    """The lowest and the highest of the groups that may be compared; no ratio to a lowest of 0."""

    lowest_in: str
    lowest: Decimal
    highest_in: str
    highest: Decimal
    ratio: Decimal | None


class Comparison(Struct, frozen=True, kw_only=True):
    """One indicator over all groups; an empty `code` stands for all indicators together.

    The lines that may be compared come first, the highest rate first; the others follow by name.
    `rates` (per 100 visits) and `points_spread` (per visit) are None below two comparable groups.
    """

    code: str
    visits: int
    findings: int
    points: Decimal
    rate: Decimal | None
    points_per_visit: Decimal | None
    points_per_finding: Decimal | None
    lines: tuple[Line, ...]
    rates: Spread | None
    points_spread: Spread | None
    left_out: int

    @property
    def comparable(self) -> tuple[Line, ...]:
        """The lines that may fairly be compared."""
        return self.lines[: len(self.lines) - self.left_out]


class Consistency(Struct, frozen=True, kw_only=True):
    """All indicators together, then each one that was found, in order of code."""

    overall: Comparison
    indicators: tuple[Comparison, ...]

    @property
    def beyond_by_chance(self) -> int:
        """How many lines would lie outside the common rate if all groups were even, rounded up."""
        several = [one for one in (self.overall, *self.indicators) if one.rates is not None]
        compared = sum(len(one.comparable) for one in several)
        return int((compared * BEYOND_BY_CHANCE).to_integral_value(ROUND_CEILING))


def compare(visited: Iterable[Visited], priced: Iterable[Priced]) -> Consistency:
    """Every indicator's rates, spread and outliers; the order of what comes in makes no difference.

    A finding by a group without a visit counts in the sums, and that group can never be compared.
    """
    found = tuple(priced)
    made: Counter[str] = Counter({one.group: 0 for one in found})
    for one in visited:
        made[one.group] += one.visits
    with localcontext(_WIDE):
        return Consistency(
            overall=_comparison("", made, found),
            indicators=tuple(
                _comparison(code, made, [one for one in found if one.code == code])
                for code in sorted({one.code for one in found})
            ),
        )


def interval(findings: int, visits: int) -> tuple[Decimal, Decimal]:
    """The 95 % interval of findings per 100 visits, rounded outward to hundredths; needs a visit.

    Wilson's construction (1927, JASA 22, 209–212) with the variance of a count: a visit may bring
    several findings, so that the rate is no share. It holds every rate λ with (x - nλ)² ≤ z²·nλ.
    """
    with localcontext(_WIDE):
        middle = findings + Z * Z / 2
        reach = Z * (findings + Z * Z / 4).sqrt()
        low, high = (HUNDRED * edge / visits for edge in (middle - reach, middle + reach))
        return low.quantize(_RATE, ROUND_FLOOR), high.quantize(_RATE, ROUND_CEILING)


def _comparison(code: str, made: Counter[str], found: Sequence[Priced]) -> Comparison:
    own: dict[str, list[Priced]] = {group: [] for group in made}
    for one in found:
        own[one.group].append(one)
    visits = made.total()
    lines = [_line(group, made[group], own[group], (len(found), visits)) for group in made]
    lines.sort(key=lambda one: (bool(one.too_small), -_ranked(one), one.group))
    fair = [one for one in lines if not one.too_small]
    points = sum((one.points for one in found), Decimal(0))
    return Comparison(
        code=code,
        visits=visits,
        findings=len(found),
        points=points,
        rate=_quotient(HUNDRED * len(found), visits, _RATE),
        points_per_visit=_quotient(points, visits, _MEAN),
        points_per_finding=_quotient(points, len(found), _RATE),
        lines=tuple(lines),
        rates=_spread(fair, lambda one: Decimal(HUNDRED * one.findings), _RATE),
        points_spread=_spread(fair, lambda one: one.points, _MEAN),
        left_out=len(lines) - len(fair),
    )


def _line(group: str, visits: int, found: Sequence[Priced], whole: tuple[int, int]) -> Line:
    """One group beside the whole, given as all findings and all visits."""
    points = sum((one.points for one in found), Decimal(0))
    too_small = _too_small(visits, *whole)
    between = interval(len(found), visits) if visits else None
    return Line(
        group=group,
        visits=visits,
        findings=len(found),
        institutions=len({one.institution for one in found}),
        points=points,
        expected=_expected(visits, *whole),
        rate=_quotient(HUNDRED * len(found), visits, _RATE),
        low=between[0] if between else None,
        high=between[1] if between else None,
        points_per_visit=_quotient(points, visits, _MEAN),
        points_per_finding=_quotient(points, len(found), _RATE),
        too_small=too_small,
        outside=_outside(*between, *whole) if between and not too_small else "",
    )


def _too_small(visits: int, findings: int, all_visits: int) -> Literal["", "visits", "expected"]:
    """Cochran's rule in whole numbers, after the house's own least number of visits."""
    if visits < LEAST_VISITS:
        return "visits"
    return "expected" if visits * findings < LEAST_EXPECTED * all_visits else ""


def _expected(visits: int, findings: int, all_visits: int) -> Decimal:
    """What the common rate would have found, rounded down: nobody below five is shown as five."""
    if not all_visits:
        return Decimal(0).quantize(_RATE)
    return (Decimal(visits * findings) / all_visits).quantize(_RATE, ROUND_FLOOR)


def _outside(
    low: Decimal, high: Decimal, findings: int, all_visits: int
) -> Literal["", "above", "below"]:
    """By the digits shown, so that a reader who checks them comes to the same answer."""
    common = (Decimal(HUNDRED * findings) / all_visits).quantize(_RATE)
    return "above" if low > common else "below" if high < common else ""


def _spread(
    lines: Sequence[Line], amount: Callable[[Line], Decimal], unit: Decimal
) -> Spread | None:
    """How far apart the groups are in an amount per visit; equal ones are told by their names."""
    if len(lines) < 2:
        return None
    per_visit = {one.group: amount(one) / one.visits for one in lines}
    lowest = min(per_visit, key=lambda group: (per_visit[group], group))
    highest = min(per_visit, key=lambda group: (-per_visit[group], group))
    least, most = per_visit[lowest], per_visit[highest]
    return Spread(
        lowest_in=lowest,
        lowest=least.quantize(unit),
        highest_in=highest,
        highest=most.quantize(unit),
        ratio=_quotient(most, least, _RATE),
    )


def _ranked(line: Line) -> Decimal:
    """What a comparable line is ranked by; nothing, for one that must not be ranked."""
    return Decimal(0) if line.too_small else Decimal(line.findings) / line.visits


def _quotient(amount: Decimal | int, by: Decimal | int, unit: Decimal) -> Decimal | None:
    return (Decimal(amount) / by).quantize(unit) if by > 0 else None
