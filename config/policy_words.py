"""What a version of a policy says, whole and in plain words, to be read aloud beside the published scheme."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from scoring import Policy
from scoring.conditions import CLASSES
from scoring.policy import Band, Cycle, Indicator, Scale, Unrated, WhiteCondition
from scoring.rating import Reference
from scoring.words import (
    GATES,
    number,
    price_words,
    reference_words,
    remedy_words,
    score_range,
    span_words,
)

_MADE = {
    "standing": "按当天有效的记录计分",
    "inspection": "按最近一次检查计分",
    "measures": "按最近一次检查的分项相加",
}
_LISTS = {"watch": "重点关注名单", "black": "黑名单"}
_CONDITIONS = {
    "licence": "办学许可证有效",
    "registration": "法人登记有效",
    "annual_inspection": "年检",
    "no_overdue": "没有逾期的整改",
    "no_record": "没有某类记录",
    "inspected": "有现场检查",
    "platform": "已纳入全国监管平台",
    "custody": "预收费进监管专户",
    "cover": "保险有效",
    "grade": "信用等级",
}


def summary(version: Policy) -> Iterator[str]:
    """What a version says, line by line; no value of the file is left out."""
    yield f"{version.id}  {version.title}"
    yield f"施行  {_span(version.since, version.until)}"
    yield f"依据  {_references(version.reference)}"
    yield f"计分  {'，'.join(_scale(version.scale))}"
    for band in version.bands:
        yield f"等级  {band.grade}：{'；'.join(_band(band))}"
    yield f"未评  {'；'.join(_unrated(version.unrated))}"
    for one in version.unrated.classes:
        least = "" if one.lowest is None else f"，且 {number(one.lowest)} 分及以上"
        yield f"特别等级  {one.grade}：有记录 {one.record}{least}（{one.title}）"
    if version.cycle is not None:
        yield f"周期  {_cycle(version.cycle)}"
    if version.indicators:
        rules = version.by_code.values()
        bonus = sum(one.bonus for one in rules)
        vetoes = sum(bool(one.limits_grade_to) for one in rules)
        yield f"指标  {len(rules)} 项，其中加分 {bonus} 项，限制等级 {vetoes} 项"
        yield from (f"  {_rule(one, version.scale)}" for one in version.indicators)
    for group in version.groups:
        members = "、".join(
            dict.fromkeys(o.code for o in version.indicators if o.group == group.code)
        )
        yield (
            f"分组  {group.title}（{group.code}）：合计最多 {number(group.cap)} 分（{members}）  "
            f"{_references(group.reference)}"
        )
    for part in version.unknown:
        yield f"不详  {part.title}：至多 {number(part.points)} 分  {_references(part.reference)}"
    if version.white:
        yield f"白名单  {len(version.white)} 个条件："
        yield from (f"  {_condition(one)}" for one in version.white)


def _scale(scale: Scale) -> Iterator[str]:
    yield _MADE[scale.made_of]
    if scale.inspection_kinds:
        yield f"只看{'、'.join(scale.inspection_kinds)}"
    if scale.measures:
        yield f"分项是{'、'.join(scale.measures)}"
    if scale.made_of != "measures":
        yield f"起始 {number(scale.base)} 分"
    if scale.floor is not None:
        yield f"最低 {number(scale.floor)} 分"
    if scale.ceiling is not None:
        yield f"最高 {number(scale.ceiling)} 分"
    if scale.bonus_at_most is not None:
        yield f"加分至多 {number(scale.bonus_at_most)} 分"
    if scale.better == "lower":
        yield "越少越好"
    if scale.counted_by == "year":
        yield f"按年度，{scale.year_begins_month} 月起"
    if scale.counted_by == "own_year":
        yield "按各机构自己的年度，设立之日起"
    if scale.fresh_after_listing:
        yield "移出名单后重新计分"


def _band(band: Band) -> Iterator[str]:
    yield score_range(band) or "任何分数"
    if band.label:
        yield f"写作“{band.label}”"
    if band.no_single_above is not None:
        yield f"单项不超过 {number(band.no_single_above)} 分"
    if band.no_single_below is not None:
        yield f"单项不低于 {number(band.no_single_below)} 分"
    if band.needs_onsite_months is not None:
        yield f"须 {band.needs_onsite_months} 个月内有现场检查，否则低一级"
    if band.proposes:
        yield f"提请列入{_LISTS[band.proposes]} {band.proposes_months} 个月"
    if band.visit_after_months is not None:
        yield f"{band.visit_after_months} 个月后才再检查"
    if band.visit_within_months is not None:
        yield f"{band.visit_within_months} 个月内再检查"


def _unrated(rule: Unrated) -> Iterator[str]:
    yield f"没有评定的记 {rule.grade}，停办和终止的记 {rule.suspended_grade}"
    if rule.needs_licence:
        yield "登记库里没有办学许可的不评"
    if rule.first_days:
        yield f"新设不满 {rule.first_days} 日的不评"
    if rule.months_without_inspection is not None:
        yield f"{rule.months_without_inspection} 个月没有检查的不评"
    if rule.yields_to_veto:
        yield "有一票否决的照评"


def _cycle(cycle: Cycle) -> str:
    first, again = "、".join(cycle.first_kinds), "、".join(cycle.again_kinds)
    return (
        f"{first}只给 {'、'.join(cycle.at_once)}，其余记“{cycle.pending}”，由{again}评定  "
        f"{_references(cycle.reference)}"
    )


def _rule(one: Indicator, scale: Scale) -> str:
    """One indicator in a line: code, price, cap and veto, proof, how long, what repairs it, and what it is."""
    cap = "" if one.cap is None else f"，最多 {number(one.cap)}"
    black = "，提请列入黑名单" if one.black_proposal else ""
    dates = f"（{_variant(one)}）" if one.since or one.until else ""
    standing = scale.made_of == "standing"
    parts = [
        one.code,
        f"{price_words(one)}{cap}{black}",
        "确认" if one.bonus else GATES[one.gate],
        # What an inspection decides counts until the next one, and nothing else is to be said of its length.
        span_words(one, scale) if standing else "",
        remedy_words(one, scale) if standing or _curable(one) else "",
        f"{one.severity}失信" if one.severity else "",
        f"分组 {one.group}" if one.group else "",
        f"{one.title}{dates}",
        _references(one.reference, *one.also),
    ]
    return "  ".join(part for part in parts if part)


def _curable(one: Indicator) -> bool:
    return one.restore != "none" or one.forgives_first or one.limit_ends_when_passed


def _variant(one: Indicator) -> str:
    """From when to when a dated variant applies."""
    last = f"到 {one.until - timedelta(days=1)}" if one.until else "起"
    by = "，按认定日" if one.dated_by == "determined" else ""
    return f"{one.since} {last}{by}" if one.since else f"{last}{by}"


def _condition(one: WhiteCondition) -> str:
    classes = "、".join(CLASSES[each] for each in one.classes)
    asked = [
        f"{_listed(one.except_kinds)}不适用" if one.except_kinds else "",
        f"{'到期后宽限 ' * (one.kind == 'cover')}{one.days} 日" if one.days is not None else "",
        f"{one.months} 个月" if one.months is not None else "",
        classes,
        f"保额不少于 {one.sum_at_least} 分（币）" if one.sum_at_least is not None else "",
        _listed(one.results),
        _listed(one.grades),
        _listed(one.codes),
        _listed(f"{each}失信" for each in one.severities),
    ]
    said = "，".join(part for part in asked if part)
    kind = f"{_CONDITIONS[one.kind]}：{said}" if said else _CONDITIONS[one.kind]
    return f"{one.title}（{kind}）  {_references(one.reference)}"


def _listed(values: Iterable[str]) -> str:
    return "、".join(values)


def _references(*references: Reference) -> str:
    urls = [one.url for one in references if one.url]
    return "  ".join([reference_words(*references), *urls])


def _span(since: date, until: date | None) -> str:
    return f"{since} 起" if until is None else f"{since} 到 {until - timedelta(days=1)}"
