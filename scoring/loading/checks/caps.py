"""Caps and growth: no price that a cap never lets through whole, and no cap that another one always forestalls."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from scoring.loading.checks.rule import Fault, Rule, broken, names
from scoring.loading.unread import readable
from scoring.policy import Group, Indicator, Policy
from scoring.rules import months_after

_YEAR = 12
# The first days of the months of four years, one of them a leap year.
_MONTHS = [date(year, month, 1) for year in range(2024, 2028) for month in range(1, 13)]

_INDICATOR = (
    Rule[Indicator](
        "cap",
        lambda _, one: one.cap is not None and one.cap < one.points,
        "上限小于一次的分值 points，这个分值永远扣不满：请提高上限，或者降低分值",
    ),
    Rule[Indicator](
        "cap",
        lambda policy, one: (
            one.cap is not None and any(one.cap > each.cap for each in _groups(policy, one))
        ),
        "大于所在分组的上限，这一项永远到不了：请改小，或者删去",
    ),
    Rule[Indicator](
        "cap",
        lambda policy, one: one.bonus and _is_over_all_bonuses(policy, one.cap),
        "大于加分合计的上限 scale.bonus_at_most，这一项永远到不了：请改小，或者删去",
    ),
    Rule[Indicator](
        "points",
        lambda policy, one: one.bonus and _is_over_all_bonuses(policy, one.points),
        "大于加分合计的上限 scale.bonus_at_most，一次也加不满：请降低分值，或者提高那个上限",
    ),
    Rule[Indicator](
        "grows_by",
        lambda policy, one: (
            one.grows_by is not None and any(one.grows_by > left for left in _rooms(policy, one))
        ),
        "points 之外，上限（cap 或者分组的）剩下的不到这么多，一次也加不满：请提高上限，或者降低这里的分值",
    ),
    Rule[Indicator](
        "grows_every_days",
        lambda policy, one: (
            one.grows_by is not None
            and one.grows_every_days is not None
            and (longest := _longest(policy, one)) is not None
            and one.grows_every_days >= longest
        ),
        "计分期间（months，或者计分年度）不到这么多天就结束，一次也不会增加：请减少天数，或者延长计分期间",
    ),
)
_GROUP = (
    Rule[Group](
        "cap",
        lambda policy, one: (
            (members := _members(policy, one))
            and all(each.cap is not None for each in members)
            and sum({each.code: each.cap or 0 for each in members}.values()) < one.cap
        ),
        "大于各成员上限 cap 的合计，永远到不了：请改小，或者删去这个分组",
    ),
    Rule[Group](
        "cap",
        lambda policy, one: (
            policy.scale.bonus_at_most is not None
            and one.cap > policy.scale.bonus_at_most
            and (members := _members(policy, one))
            and all(each.bonus for each in members)
        ),
        "大于加分合计的上限 scale.bonus_at_most，永远到不了：请改小，或者删去这个分组",
    ),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the caps of a policy, and with the prices that grow."""
    for one in readable(policy.indicators):
        yield from broken(_INDICATOR, policy, one)
    for group in readable(policy.groups):
        yield from broken(_GROUP, policy, group)
        yield from readable(_dear(policy, group))


def _groups(policy: Policy, one: Indicator) -> list[Group]:
    """The group of an indicator; none where it has none."""
    return [each for each in policy.groups if one.group and each.code == one.group]


def _members(policy: Policy, group: Group) -> list[Indicator]:
    return [one for one in policy.indicators if one.group == group.code]


def _is_over_all_bonuses(policy: Policy, amount: Decimal | None) -> bool:
    """Whether an amount is more than all bonuses together may add."""
    limit = policy.scale.bonus_at_most
    return amount is not None and limit is not None and amount > limit


def _rooms(policy: Policy, one: Indicator) -> Iterator[Decimal]:
    """What each cap leaves beside one price; a cap below that price is told by itself."""
    for cap in (one.cap, *(each.cap for each in _groups(policy, one))):
        if cap is not None and cap >= one.points:
            yield cap - one.points


def _longest(policy: Policy, one: Indicator) -> int | None:
    """On how many days in a row a record may count; None where its term is not one of months from its proof."""
    ends = [one.months] if one.months is not None else []
    if policy.scale.by_year and not one.outlasts_year:
        ends.append(_YEAR)
    if not ends or one.gate == "PJ":
        # A judgment may prove long before the decision from which the months run.
        return None
    return max((months_after(day, min(ends)) - day).days for day in _MONTHS)


def _dear(policy: Policy, group: Group) -> Iterator[Fault]:
    dear = [one.code for one in _members(policy, group) if one.points > group.cap]
    if dear:
        sentence = f"分组的上限小于{names(dear)}一次的分值，永远扣不满：请提高上限，或者降低分值"
        yield Fault(group, ("cap",), sentence)
