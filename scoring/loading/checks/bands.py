"""Bands: every score there may be has exactly one grade, and no grade is out of reach."""

import operator
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from scoring.loading.checks.reach import Reach, reach
from scoring.loading.checks.rule import Fault, Rule, broken
from scoring.loading.unread import readable
from scoring.policy import Band, Policy

_BAND = (
    Rule[Band](
        "above",
        lambda _, one: one.lowest is not None and one.above is not None,
        "from 和 above 只能写一个，请删去一个：分数等于这个数的算这一级写 from，不算写 above",
    ),
    Rule[Band](
        "to",
        lambda _, one: one.below is not None and one.highest is not None,
        "below 和 to 只能写一个，请删去一个：分数等于这个数的算这一级写 to，不算写 below",
    ),
    Rule[Band](
        "needs_onsite_months",
        lambda policy, one: one.needs_onsite_months is not None and one is policy.bands[-1],
        "最后一级没有更低的等级可以降，请删去",
    ),
    Rule[Band](
        "proposes_months",
        lambda _, one: one.proposes and one.proposes_months is None,
        "写了 proposes，请再写 proposes_months：提请列入几个月",
    ),
    Rule[Band](
        "proposes",
        lambda _, one: one.proposes_months is not None and not one.proposes,
        "写了 proposes_months，请再写 proposes：提请列入 watch 还是 black",
    ),
    Rule[Band](
        "proposes",
        lambda policy, one: one.proposes and one is policy.bands[0] and len(policy.bands) > 1,
        "最好的等级不提请列入名单，请移到更低的等级",
    ),
    Rule[Band](
        "visit_within_months",
        lambda _, one: (
            one.visit_after_months is not None
            and one.visit_within_months is not None
            and one.visit_after_months > one.visit_within_months
        ),
        "下次检查最迟的月数不能小于最早的月数（visit_after_months），请改正",
    ),
    Rule[Band](
        "no_single_above",
        lambda policy, one: (
            policy.scale.measures
            and one.no_single_above is not None
            and one.bottom is not None
            and len(policy.scale.measures) * one.no_single_above < one.bottom
        ),
        "每个分项都不超过这个数，合计就到不了这一级，请改正",
    ),
)


class _Single(NamedTuple):
    """A limit on single measures: its field, which scores it suits, and when one is stricter than another."""

    field: str
    better: str
    stricter: Callable[[Decimal, Decimal], bool]
    word: str
    instead: str


_SINGLES = (
    _Single(
        "no_single_above",
        "lower",
        operator.lt,
        "小于",
        "分数越高越好的，要防的是单项太低：请改写 no_single_below",
    ),
    _Single(
        "no_single_below",
        "higher",
        operator.gt,
        "大于",
        "分数越低越好的，要防的是单项太高：请改写 no_single_above",
    ),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the bands of a policy."""
    yield from readable(_count(policy))
    yield from readable(_singles(policy))
    for one in readable(policy.bands):
        yield from broken(_BAND, policy, one)
        yield from readable(_empty(one))
    yield from readable(_spread(policy))


def _count(policy: Policy) -> Iterator[Fault]:
    if not policy.bands:
        yield Fault(policy, ("bands",), "至少要有一个等级，请补上 [[bands]]")
    for grade, times in Counter(one.grade for one in policy.bands).items():
        if times > 1:
            last = [one for one in policy.bands if one.grade == grade][-1]
            yield Fault(last, ("grade",), f"等级名称写了 {times} 次，每级只能有一个名称，请改正")


def _spread(policy: Policy) -> Iterator[Fault]:
    """How the bands lie beside one another and within the scores there may be."""
    rising = policy.bands if policy.scale.better == "lower" else policy.bands[::-1]
    seams = list(_between(rising))
    if seams and not list(_between(rising[::-1])):
        better = f"现在 better 为 {policy.scale.better}"
        sentence = f"等级应当从好到差写（{better}），请把顺序倒过来，或者改正 better"
        yield Fault(policy, ("bands",), sentence)
        return
    yield from seams
    for one in rising:
        yield from readable(_out_of_reach(policy, one))
    if rising:
        yield from readable(_ends(rising[0], rising[-1], reach(policy)))


def _between(rising: Sequence[Band]) -> Iterator[Fault]:
    """What is wrong where one band ends and the next begins."""
    for lower, upper in pairwise(rising):
        yield from readable(_edge(lower, upper))


def _edge(lower: Band, upper: Band) -> Iterator[Fault]:
    both_ends = lower.below is not None and lower.highest is not None
    if both_ends or (upper.above is not None and upper.lowest is not None):
        # Which of the two is meant is not known.
        return
    end, start = lower.top, upper.bottom
    pair = f"“{lower.grade}”和“{upper.grade}”"
    if end is None:
        yield Fault(lower, (), f"{pair}的分数重叠：请给“{lower.grade}”写上限（below 或者 to）")
    elif start is None:
        yield Fault(upper, (), f"{pair}的分数重叠：请给“{upper.grade}”写下限（from 或者 above）")
    elif end != start:
        what = f"{end} 到 {start} 之间没有等级" if end < start else f"{start} 到 {end} 的分数重叠"
        remedy = f"请使“{lower.grade}”的 {_top(lower)} 等于“{upper.grade}”的 {_bottom(upper)}"
        yield Fault(lower, (_top(lower),), f"{pair}：{what}，{remedy}")
    elif lower.highest is not None and upper.lowest is not None:
        yield Fault(
            lower, ("to",), f"{end} 分有两个等级：请把 to 改为 below，或者把 from 改为 above"
        )
    elif lower.highest is None and upper.lowest is None:
        yield Fault(
            lower, ("below",), f"{end} 分没有等级：请把 below 改为 to，或者把 above 改为 from"
        )


def _bottom(band: Band) -> str:
    return "from" if band.above is None else "above"


def _top(band: Band) -> str:
    return "below" if band.highest is None else "to"


def _empty(band: Band) -> Iterator[Fault]:
    low, high = band.bottom, band.top
    single = band.lowest is not None and band.highest is not None
    if low is not None and high is not None and (high < low or (high == low and not single)):
        yield Fault(band, (_top(band),), f"上限应当大于下限 {low}，现在没有分数落在这一级，请改正")


def _out_of_reach(policy: Policy, band: Band) -> Iterator[Fault]:
    """A band without a score is there for nothing, unless another condition leads to it."""
    if _led_to(policy, band):
        return
    lowest, highest = reach(policy)
    if lowest is not None and not _reaches_up_to(band, lowest):
        sentence = f"分数最低是 {lowest}，到不了这一级，请改正或删去这一级"
        yield Fault(band, (_top(band),), sentence)
    if highest is not None and not _reaches_down_to(band, highest):
        sentence = f"分数最高是 {highest}，到不了这一级，请改正或删去这一级"
        yield Fault(band, (_bottom(band),), sentence)


def _led_to(policy: Policy, band: Band) -> bool:
    """Whether something else than a score may lead to a band: a veto, a lacking visit, a single measure."""
    return (
        any(one.limits_grade_to == band.grade for one in policy.indicators)
        or any(
            better.needs_onsite_months is not None
            for better, worse in pairwise(policy.bands)
            if worse is band
        )
        or any(
            one.no_single_above is not None or one.no_single_below is not None
            for one in policy.bands
        )
    )


def _ends(first: Band, last: Band, scores: Reach) -> Iterator[Fault]:
    """Beyond the outermost bands there must be no score."""
    lowest, highest = scores
    if first.bottom is not None and (lowest is None or not _reaches_down_to(first, lowest)):
        least = "没有下限" if lowest is None else f"最低是 {lowest}"
        sentence = f"分数{least}，{first.bottom} 以下的没有等级，请删去这个下限"
        yield Fault(first, (_bottom(first),), sentence)
    if last.top is not None and (highest is None or not _reaches_up_to(last, highest)):
        most = "没有上限" if highest is None else f"最高是 {highest}"
        sentence = f"分数{most}，{last.top} 以上的没有等级，请删去这个上限"
        yield Fault(last, (_top(last),), sentence)


def _reaches_down_to(band: Band, score: Decimal) -> bool:
    return (band.lowest is None or band.lowest <= score) and (
        band.above is None or band.above < score
    )


def _reaches_up_to(band: Band, score: Decimal) -> bool:
    return (band.highest is None or score <= band.highest) and (
        band.below is None or score < band.below
    )


def _singles(policy: Policy) -> Iterator[Fault]:
    for one in _SINGLES:
        for band in policy.bands:
            yield from readable(_single(policy, band, one))
        yield from readable(_stricter(policy, one))


def _single(policy: Policy, band: Band, one: _Single) -> Iterator[Fault]:
    """What is wrong with a limit on single measures by itself."""
    if getattr(band, one.field) is None:
        return
    if band is policy.bands[-1]:
        yield Fault(band, (one.field,), "最后一级没有更低的等级可以降，请删去")
    if policy.scale.made_of != "measures":
        sentence = '只有按分项相加（made_of = "measures"）才有单项可看，请删去'
        yield Fault(band, (one.field,), sentence)
    elif policy.scale.better != one.better:
        yield Fault(band, (one.field,), one.instead)


def _stricter(policy: Policy, one: _Single) -> Iterator[Fault]:
    """A grade's limit on single measures shows only where every better grade has a stricter one."""
    last: Band | None = None
    for band in policy.bands:
        limit, before = getattr(band, one.field), getattr(last, one.field, None)
        if limit is not None and last is not None:
            if before is None:
                sentence = f"前面的“{last.grade}”没有这个限制，这里的永远用不上：请给它补上，或者删去这里的"
                yield Fault(band, (one.field,), sentence)
                continue
            if one.stricter(limit, before):
                sentence = (
                    f"比前面“{last.grade}”的限制还严，永远用不上，请写不{one.word} {before} 的数"
                )
                yield Fault(band, (one.field,), sentence)
        last = band
