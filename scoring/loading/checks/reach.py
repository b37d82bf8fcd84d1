"""Between which scores every score of a policy lies."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from scoring.policy import Indicator, Policy, Scale

ENDLESS = Decimal("Infinity")
_ZERO = Decimal(0)
_YEAR = 12
_LEAP = 48


class Reach(NamedTuple):
    """The lowest and the highest score there may be; None where there is no end."""

    lowest: Decimal | None
    highest: Decimal | None


def reach(policy: Policy) -> Reach:
    """Between which scores every score of a policy lies."""
    scale = policy.scale
    if scale.made_of == "measures":
        return Reach(scale.floor, scale.ceiling)
    costs, earns = policy.unknown_points + most(policy, bonus=False), earned(policy)
    down, up = (costs, earns) if scale.better == "higher" else (earns, costs)
    lowest = max(scale.base - down, -ENDLESS if scale.floor is None else scale.floor)
    highest = min(scale.base + up, ENDLESS if scale.ceiling is None else scale.ceiling)
    return Reach(*(one if one.is_finite() else None for one in (lowest, highest)))


def earned(policy: Policy) -> Decimal:
    """The most that all bonuses together can add."""
    limit = policy.scale.bonus_at_most
    return min(most(policy, bonus=True), ENDLESS if limit is None else limit)


def most(policy: Policy, *, bonus: bool) -> Decimal:
    """The most that all records together can cost, or earn, on one day, by the caps of codes and groups."""
    limits = {one.code: one.cap for one in policy.groups}
    groups: dict[str, list[Sequence[Indicator]]] = defaultdict(list)
    for rules in policy.rules.values():
        if any(one.bonus is bonus and priced(one) for one in rules):
            groups[rules[-1].group].append(rules)
    total = _ZERO
    for group, members in groups.items():
        alone = sum((_held(one, one[-1].cap, policy.scale) for one in members), _ZERO)
        every = [one for rules in members for one in rules]
        total += min(alone, _held(every, limits.get(group), policy.scale))
    return total


def priced(one: Indicator) -> bool:
    """Whether a record costs or earns anything."""
    return one.points != 0 or one.grows_by is not None


def _held(rules: Sequence[Indicator], cap: Decimal | None, scale: Scale) -> Decimal:
    """What a cap leaves of the lines that count on one day."""
    return ENDLESS if cap is None else cap * max(_spans(one, scale) for one in rules)


def _spans(rule: Indicator, scale: Scale) -> Decimal:
    """How many spans in which a cap holds the lines of a rule that count on one day may lie in."""
    if scale.by_year and not rule.outlasts_year:
        return Decimal(1)
    if scale.made_of != "standing" or rule.months is None or "P" in rule.gate:
        # The lines of one inspection, or of one term, may have been proven at any distance.
        return ENDLESS
    years = (rule.months + _YEAR - 1) // _YEAR
    # The first year is begun already; and four years from 29 February on have a day more than four years.
    return Decimal(years + (scale.by_year or rule.months >= _LEAP))
