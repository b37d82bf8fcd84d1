"""Claims weighed against each other: one fact one deduction, caps, and the sum with its bounds."""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Literal

from scoring.claims import ZERO, Claim, order_of
from scoring.policy import Policy, Scale
from scoring.rating import Reason
from scoring.rules import months_after

CAP_MONTHS = 12
AT_ONCE = 1024
# Beyond so many claims gone through for one rating the dearer side of a case is taken untried.
PATIENCE = AT_ONCE * 1000


def weigh(found: list[Claim], policy: Policy) -> list[Claim]:
    """The same claims with what each may cost after one fact one deduction and the caps (扣完为止).

    Of one case either the faults found count, together, or one decision: whichever makes the sum of all
    dearest, so that a further paper never makes a rating better.
    """
    cases = _contested(found)
    if cases:
        _absorb(found, cases, policy)
    _cap([one for one in found if not one.absorbed_by], policy)
    return found


def reasons_of(found: list[Claim], policy: Policy) -> tuple[tuple[Reason, ...], Decimal]:
    """Each claim as a reason, cut so that base plus their points is exactly the score; and the score."""
    scale = policy.scale
    score, bonus = scale.base, ZERO
    reasons = []
    for one in sorted(found, key=lambda one: one.rule.bonus):
        points = one.held
        if one.rule.bonus and scale.bonus_at_most is not None:
            points = min(points, scale.bonus_at_most - bonus)
        if one.rule.bonus:
            bonus += points
        better = one.rule.bonus is (scale.better == "higher")
        after = bounded(score + points if better else score - points, scale)
        reasons.append(_reason(one, after - score))
        score = after
    return tuple(reasons), score


def bounded(score: Decimal, scale: Scale) -> Decimal:
    """A score held between the scale's floor and ceiling."""
    if scale.floor is not None and score < scale.floor:
        return scale.floor
    if scale.ceiling is not None and score > scale.ceiling:
        return scale.ceiling
    return score


Side = list[Claim]


def _contested(found: list[Claim]) -> list[list[Side]]:
    """The cases in which the faults found, together, and each decision stand for the same fact."""
    cases: dict[str, list[Claim]] = defaultdict(list)
    for one in found:
        if one.record.case and one.priced and not one.rule.bonus and not one.forgiven:
            cases[one.record.case].append(one)
    contested = []
    for some in cases.values():
        faults = [one for one in some if one.record.kind != "decision"]
        sides = [faults] if faults else []
        sides += [[one] for one in some if one.record.kind == "decision"]
        if len(sides) > 1:
            contested.append(sides)
    return contested


def _absorb(found: list[Claim], cases: list[list[Side]], policy: Policy) -> None:
    """Leaves one side of each case, by trying where a cap may make the dearer one the cheaper."""
    binding = _binding(found, policy)
    open_: list[list[Side]] = []
    for sides in cases:
        sides.sort(key=lambda side: (-sum(one.left for one in side), order_of(side[0])))
        _choose(sides, sides[0])
        codes = {one.record.code for side in sides for one in side}
        if any(name in binding for code in codes for name, _ in policy.caps[code]):
            open_.append(sides)
    most_at_once = min(AT_ONCE, PATIENCE // (len(open_) * len(found))) if open_ else 0
    for block in _blocks(open_, most_at_once):
        best: tuple[Side, ...] = ()
        most = -Decimal(1)
        for chosen in product(*block):
            for sides, one in zip(block, chosen, strict=True):
                _choose(sides, one)
            total = _cap([one for one in found if not one.absorbed_by], policy)
            if total > most:
                most, best = total, chosen
        for sides, one in zip(block, best, strict=True):
            _choose(sides, one)


def _choose(case: list[Side], chosen: Side) -> None:
    for side in case:
        for one in side:
            one.absorbed_by = "" if side is chosen else chosen[0].record.id
            one.held = ZERO


def _blocks(cases: list[list[Side]], at_once: int) -> Iterator[list[list[Side]]]:
    """The cases in order, as many together as make so many combinations; those of more are left out."""
    block: list[list[Side]] = []
    size = 1
    for sides in cases:
        if len(sides) > at_once:
            continue
        if size * len(sides) > at_once:
            yield block
            block, size = [], 1
        block.append(sides)
        size *= len(sides)
    if block:
        yield block


def _binding(found: list[Claim], policy: Policy) -> set[str]:
    """The caps that all claims together would exceed; the others cannot matter."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    limits: dict[str, Decimal] = {}
    for one in found:
        for name, limit in policy.caps[one.record.code]:
            sums[name] += one.left
            limits[name] = limit
    return {name for name, total in sums.items() if total > limits[name]}


class _Spent:
    """What a cap has let through: each cost with the first day on which it shares no window any more."""

    __slots__ = ("costs", "total")

    def __init__(self) -> None:
        self.costs: deque[tuple[date, Decimal]] = deque()
        self.total = ZERO

    def by(self, day: date) -> Decimal:
        """What shares its window with a day; the days asked for never go back."""
        while self.costs and self.costs[0][0] <= day:
            self.total -= self.costs.popleft()[1]
        return self.total

    def add(self, over: date, cost: Decimal) -> None:
        """Notes a cost."""
        self.costs.append((over, cost))
        self.total += cost


def _cap(found: Iterable[Claim], policy: Policy) -> Decimal:
    """Holds each code and group to its cap in any twelve months, or in one year; gives the sum.

    The claims stand in the order of their proof.
    """
    spent: dict[str, _Spent] = defaultdict(_Spent)
    by_year = policy.scale.by_year
    total = ZERO
    for one in found:
        held = one.left
        caps = policy.caps[one.record.code] if held else ()
        for name, limit in caps:
            room = limit - spent[name].by(one.since)
            if room < held:
                held = max(room, ZERO)
        if caps and held:
            over = one.renews_on if by_year else months_after(one.since, CAP_MONTHS)
            for name, _ in caps:
                spent[name].add(over, held)
        one.held = held
        total += held
    return total


def _reason(one: Claim, points: Decimal) -> Reason:
    record, rule = one.record, one.rule
    return Reason(
        record=record.id,
        code=record.code,
        title=rule.title,
        kind=_kind(one),
        points=points,
        raw=one.raw,
        left=one.left,
        held=one.held,
        severity=rule.severity,
        extent=record.extent,
        grown=one.grown,
        gate=rule.gate,
        seen_on=record.seen_on,
        determined_on=one.determined_on,
        counts_from=one.since,
        counts_until=one.until,
        restored=one.restored,
        absorbed_by=one.absorbed_by,
        limits_grade_to=_limits(one),
        disputed=one.disputed,
        statement=record.statement,
        reference=rule.reference,
    )


def _kind(one: Claim) -> Literal["deduction", "bonus", "veto", "mark", "absorbed", "forgiven"]:
    if one.forgiven:
        return "forgiven"
    if one.absorbed_by:
        return "absorbed"
    if not one.priced:
        return "veto" if one.rule.limits_grade_to else "mark"
    return "bonus" if one.rule.bonus else "deduction"


def _limits(one: Claim) -> str:
    """The grade a claim allows at best; empty when restored in full, forgiven, or lifted by a re-inspection."""
    rule = one.rule
    if not rule.limits_grade_to or one.restored == "full" or one.forgiven:
        return ""
    return "" if rule.limit_ends_when_passed and one.passed else rule.limits_grade_to
