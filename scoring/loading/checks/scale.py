"""The scale, the parts that are not known, and the policy's own dates."""

from collections.abc import Iterator
from decimal import Decimal

from scoring.loading.checks.reach import earned, most, priced
from scoring.loading.checks.rule import Fault, Rule, broken, repeated
from scoring.loading.unread import readable
from scoring.policy import Policy, Scale, Unknown

_ZERO = Decimal(0)
_POLICY = (
    Rule[Policy](
        "until",
        lambda _, one: one.until is not None and one.until <= one.since,
        "终止日是不再施行的第一天，必须晚于起始日 since，请改正",
    ),
    Rule[Policy](
        "indicators",
        lambda policy, _: policy.scale.made_of == "measures" and policy.indicators,
        "按分项相加的办法不用指标，请删去",
    ),
    Rule[Policy](
        "indicators",
        lambda policy, _: policy.scale.made_of != "measures" and not policy.indicators,
        "至少要有一项指标，请补上 [[indicators]]",
    ),
    Rule[Policy](
        "groups",
        lambda policy, _: policy.scale.made_of == "measures" and policy.groups,
        "按分项相加的办法不用指标，也没有分组，请删去",
    ),
    Rule[Policy](
        "unknown",
        lambda policy, _: policy.scale.made_of == "measures" and policy.unknown,
        "按分项相加的办法不用指标，没有看不到的扣分，请删去",
    ),
    Rule[Policy](
        "cycle",
        lambda policy, _: policy.scale.made_of == "standing" and policy.cycle is not None,
        "只有按检查计分的办法（inspection、measures）才有复查的周期，请删去",
    ),
)
_SCALE = (
    Rule[Scale](
        "measures",
        lambda _, one: one.made_of == "measures" and not one.measures,
        "请写明由哪些分项相加",
    ),
    Rule[Scale](
        "measures",
        lambda _, one: one.made_of != "measures" and one.measures,
        '只有 made_of = "measures" 的办法才把分项相加，请删去',
    ),
    Rule[Scale](
        "inspection_kinds",
        lambda _, one: one.made_of == "standing" and one.inspection_kinds,
        "不按检查计分的办法不看检查的种类，请删去",
    ),
    Rule[Scale](
        "base",
        lambda _, one: one.made_of == "measures" and one.base != 0,
        "按分项相加的办法从 0 起算，请删去",
    ),
    Rule[Scale](
        "bonus_at_most",
        lambda _, one: one.made_of == "measures" and one.bonus_at_most is not None,
        "按分项相加的办法没有加分，请删去",
    ),
    Rule[Scale](
        "bonus_at_most",
        lambda policy, one: (
            one.made_of != "measures"
            and one.bonus_at_most is not None
            and not any(each.bonus for each in policy.indicators)
        ),
        "没有一项指标是加分（bonus = true），请删去，或者补上加分的指标",
    ),
    Rule[Scale](
        "floor",
        lambda _, one: one.made_of != "measures" and one.floor is not None and one.floor > one.base,
        "最低分不能高于起始分 base，请改正",
    ),
    Rule[Scale](
        "ceiling",
        lambda _, one: (
            one.made_of != "measures" and one.ceiling is not None and one.ceiling < one.base
        ),
        "最高分不能低于起始分 base，请改正",
    ),
    Rule[Scale](
        "ceiling",
        lambda _, one: (
            one.floor is not None and one.ceiling is not None and one.ceiling <= one.floor
        ),
        "最高分必须大于最低分 floor，请改正",
    ),
    Rule[Scale](
        "counted_by",
        lambda _, one: one.made_of != "standing" and one.by_year,
        "按检查计分的办法只看最近一次检查，没有计分年度，请删去",
    ),
    Rule[Scale](
        "year_begins_month",
        lambda _, one: one.year_begins_month != 1 and one.counted_by != "year",
        '只有 counted_by = "year" 才从固定的月份起算，请删去',
    ),
    Rule[Scale](
        "fresh_after_listing",
        lambda _, one: one.made_of != "standing" and one.fresh_after_listing,
        "按检查计分的办法只看最近一次检查，没有重新计分，请删去",
    ),
)
_UNKNOWN = (
    Rule[Unknown]("points", lambda _, one: one.points == 0, "应当大于 0，请改正或删去这一条"),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the scale, with the parts that are not known, and with the dates."""
    scale = policy.scale
    yield from broken(_POLICY, policy, policy)
    yield from broken(_SCALE, policy, scale)
    for look in (_beyond, _stuck, _bonuses):
        yield from readable(look(policy))
    yield from readable(repeated(scale, "measures"))
    yield from readable(repeated(scale, "inspection_kinds"))
    for one in readable(policy.unknown):
        yield from broken(_UNKNOWN, policy, one)


def _beyond(policy: Policy) -> Iterator[Fault]:
    """An end of the scale that no bonus leads to; the other end may stand, however few points are deducted."""
    scale, up = policy.scale, policy.scale.better == "higher"
    field, end = ("ceiling", "最高") if up else ("floor", "最低")
    bound, earns = getattr(scale, field), earned(policy)
    utmost = scale.base + (earns if up else -earns)
    beyond = bound is not None and (bound > utmost if up else bound < utmost)
    if scale.made_of != "measures" and beyond:
        yield Fault(scale, (field,), f"分数{end}是 {utmost}，到不了这个数，请改正或删去")


def _stuck(policy: Policy) -> Iterator[Fault]:
    """A scale that begins at its worst end deducts nothing."""
    scale = policy.scale
    field, end = ("floor", "最低") if scale.better == "higher" else ("ceiling", "最高")
    deducts = any(priced(one) and not one.bonus for one in policy.indicators)
    if getattr(scale, field) == scale.base and deducts:
        sentence = f"{end}分等于起始分 base，一分也扣不了：请改正，或者改正 better"
        yield Fault(scale, (field,), sentence)


def _bonuses(policy: Policy) -> Iterator[Fault]:
    limit, together = policy.scale.bonus_at_most, most(policy, bonus=True)
    if limit is not None and _ZERO < together < limit:
        sentence = f"各项加分扣除上限后合计至多 {together}，到不了这个数，请改正或删去"
        yield Fault(policy.scale, ("bonus_at_most",), sentence)
