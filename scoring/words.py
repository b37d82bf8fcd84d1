"""Numbers, dates, ranges and references in the words people read."""

from datetime import date
from decimal import Decimal
from typing import Protocol

from scoring.policy import Band, Indicator, Scale
from scoring.rating import Reference

GATES = {
    "F": "经陈述申辩后确认",
    "O": "责令改正",
    "P": "处罚决定生效",
    "J": "法院作出裁判",
    "PJ": "处罚决定生效或者法院作出裁判",
}
# What ends a court's listing, in place of a passed re-inspection.
EXIT = "退出失信被执行人名单"


def chinese(on: date) -> str:
    """A date as text has it, without leading zeros: 2026年11月5日."""
    return f"{on.year}年{on.month}月{on.day}日"


def points(value: Decimal) -> str:
    """Points with a true minus sign, a plus for a bonus, and no empty decimals."""
    text = f"{abs(value).normalize():f}"
    return f"−{text}" if value < 0 else f"+{text}" if value > 0 else text


def number(value: Decimal | None) -> str:
    """A score without empty decimals."""
    return "" if value is None else f"{value.normalize():f}"


class Scored(Protocol):
    """What has a score, or the two ends of one that is not wholly known."""

    @property
    def score(self) -> Decimal | None: ...
    @property
    def score_from(self) -> Decimal | None: ...
    @property
    def score_to(self) -> Decimal | None: ...


def score_words(rating: Scored) -> str:
    """The score, or where parts are unknown the range it lies in; empty for the unrated."""
    if rating.score is None and rating.score_from is not None:
        return f"{number(rating.score_from)}–{number(rating.score_to)}"
    return number(rating.score)


def score_range(band: Band) -> str:
    """A grade's range of scores in words."""
    low = high = ""
    if band.lowest is not None:
        low = (
            f"{number(band.lowest)} 分起"
            if band.top is not None
            else f"{number(band.lowest)} 分及以上"
        )
    if band.above is not None:
        low = f"高于 {number(band.above)} 分"
    if band.below is not None:
        high = f"不到 {number(band.below)} 分"
    if band.highest is not None:
        high = f"不超过 {number(band.highest)} 分"
    return "，".join(one for one in (low, high) if one)


def reference_words(*references: Reference) -> str:
    """Each document in its title marks, with the article."""
    return "，".join(f"《{one.document}》{one.article}" for one in references)


def price_words(rule: Indicator) -> str:
    """What one record of an indicator costs or earns, and how it grows."""
    said = []
    if rule.points or rule.grows_by:
        said.append(f"{'加' if rule.bonus else ''}{number(rule.points)}")
    if rule.grows_by:
        said.append(f"每满 {rule.grows_every_days} 天未改正加记 {number(rule.grows_by)}")
    if rule.limits_grade_to:
        said.append(f"否决，最高 {rule.limits_grade_to}")
    return "，".join(said) or "只作标记"


def span_words(rule: Indicator, scale: Scale) -> str:
    """How long a record of an indicator counts."""
    if scale.made_of != "standing":
        return "到下一次检查"
    if scale.ends_by_cure(rule):
        return "在名单期间"
    if not scale.lapses(rule):
        return "直到改正" if rule.restore == "full" else "没有期限"
    until = {"annual_inspection": "到下一次年检", "inspection": "到下一次检查", "": ""}
    said = f"{rule.months} 个月" if rule.months else until[rule.until_next]
    if not scale.by_year or rule.outlasts_year:
        return said
    if scale.counted_by == "own_year":
        return f"{said}，到本机构的年度末止" if said else "本机构的年度"
    return f"{said}，到年度末止" if said else "本年度"


def remedy_words(rule: Indicator, scale: Scale) -> str:
    """What repairs a record of an indicator."""
    if rule.bonus:
        return ""
    lapses = "期满停止计分" if scale.lapses(rule) else "不能恢复"
    said = {"full": "复查合格全部恢复", "half": "复查合格恢复一半", "none": lapses}[rule.restore]
    if scale.ends_by_cure(rule):
        said = f"{EXIT}当天停止计分"
    if rule.forgives_first:
        said = f"首次并改正的不计；{said}"
    return f"{said}；复查合格后不再限制等级" if rule.limit_ends_when_passed else said
