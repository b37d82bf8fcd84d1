"""Indicators, their dated variants and their groups: nothing that can never apply or means two things."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from itertools import pairwise

from scoring.loading.checks.reach import priced
from scoring.loading.checks.rule import Fault, Rule, broken, names
from scoring.loading.unread import Unreadable, readable
from scoring.policy import Group, Indicator, Policy

_FINDINGS = ("F", "O")


def _named(policy: Policy, one: Indicator) -> bool:
    """Whether a special class or a condition of the white list looks at records of this code."""
    return any(each.record == one.code for each in policy.unrated.classes) or any(
        one.code in each.codes or one.severity in each.severities for each in policy.white
    )


_INDICATOR = (
    Rule[Indicator](
        "points",
        lambda policy, one: (
            not priced(one)
            and not one.limits_grade_to
            and not one.black_proposal
            and not _named(policy, one)
        ),
        "0 分又不限制等级，也没有别处用到这个编码，这一项永远不起作用：请改正或删去；"
        "只登记、不扣分的，请写一个白名单条件 no_record，在 codes 里列出它",
    ),
    Rule[Indicator](
        "cap",
        lambda _, one: one.cap is not None and not priced(one),
        "0 分没有上限可说，请删去",
    ),
    Rule[Indicator](
        "group",
        lambda policy, one: one.group and one.group not in {each.code for each in policy.groups},
        "没有这个分组：请在 [[groups]] 里补上，或者改正",
    ),
    Rule[Indicator](
        "group",
        lambda _, one: one.group and not priced(one),
        "0 分占不了分组的上限，请删去",
    ),
    Rule[Indicator](
        "months",
        lambda _, one: one.months is not None and one.until_next,
        "months 和 until_next 只能写一个，请删去一个",
    ),
    Rule[Indicator](
        "months",
        lambda policy, one: (
            policy.scale.by_year
            and not one.outlasts_year
            and one.months is not None
            and one.months > 12
        ),
        "按年度计分的到年度末为止，超过 12 个月永远用不上：请删去，或者写 outlasts_year = true",
    ),
    Rule[Indicator](
        "outlasts_year",
        lambda policy, one: one.outlasts_year and not policy.scale.by_year,
        '只有 counted_by = "year"（或者 "own_year"）才有年度可跨，请删去',
    ),
    Rule[Indicator](
        "outlasts_year",
        lambda policy, one: (
            policy.scale.by_year and one.outlasts_year and one.months is None and not one.until_next
        ),
        "跨年度的要写明计到什么时候：请再写 months，或者 until_next",
    ),
    Rule[Indicator](
        "months",
        lambda policy, one: policy.scale.made_of == "inspection" and one.months is not None,
        "按检查计分的计到下一次检查为止，不看月数，请删去",
    ),
    Rule[Indicator](
        "until_next",
        lambda policy, one: policy.scale.made_of == "inspection" and one.until_next,
        "按检查计分的都计到下一次检查为止，请删去",
    ),
    Rule[Indicator](
        "restore",
        lambda policy, one: (
            one.severity == "严重" and one.restore != "none" and not policy.scale.ends_by_cure(one)
        ),
        "严重失信不得提前恢复：请删去 restore，或者改正 severity",
    ),
    Rule[Indicator](
        "forgives_first",
        lambda _, one: one.severity == "严重" and one.forgives_first,
        "严重失信没有首次不计：请删去，或者改正 severity",
    ),
    Rule[Indicator](
        "restore",
        lambda _, one: one.restore == "half" and not priced(one),
        "0 分没有一半可以恢复，请删去",
    ),
    Rule[Indicator](
        "grows_by",
        lambda _, one: one.grows_every_days is not None and one.grows_by is None,
        "写了 grows_every_days，请再写 grows_by：每次再加几分",
    ),
    Rule[Indicator](
        "grows_every_days",
        lambda _, one: one.grows_by is not None and one.grows_every_days is None,
        "写了 grows_by，请再写 grows_every_days：满几天加一次",
    ),
    Rule[Indicator](
        "grows_by",
        lambda policy, one: policy.scale.made_of == "inspection" and one.grows_by is not None,
        "按检查计分的只看检查那天的发现，分值不会再增加，请删去",
    ),
    Rule[Indicator](
        "black_proposal",
        lambda _, one: one.black_proposal and one.gate in _FINDINGS,
        "提请列入黑名单须有生效的处罚决定或者裁判（浙江省公共信用信息管理条例第十一条）："
        '请写 gate = "P"、"J" 或者 "PJ"，或者删去这一项',
    ),
    Rule[Indicator](
        "limit_ends_when_passed",
        lambda _, one: one.limit_ends_when_passed and not one.limits_grade_to,
        "没有写 limits_grade_to，没有限制可以解除，请删去",
    ),
    Rule[Indicator](
        "until",
        lambda _, one: one.since is not None and one.until is not None and one.until <= one.since,
        "终止日是不再适用的第一天，必须晚于起始日 since，请改正",
    ),
    Rule[Indicator](
        "since",
        lambda policy, one: (
            one.since is not None and policy.until is not None and one.since >= policy.until
        ),
        "起始日不早于这一版的终止日，这一条永远不起作用：请移到下一版，或者改正",
    ),
    Rule[Indicator](
        "dated_by",
        lambda policy, one: (
            one.dated_by == "determined"
            and all(
                each.since is None and each.until is None
                for each in policy.indicators
                if each.code == one.code
            )
        ),
        "这个编码没有写起止日期，不用选按哪一天，请删去",
    ),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the indicators and groups of a policy."""
    for one in readable(policy.indicators):
        yield from broken(_INDICATOR, policy, one)
        yield from readable(_limit(policy, one))
        yield from readable(_of_bonus(one))
    for some in _variants(policy):
        yield from readable(_chain(some))
    for group in readable(policy.groups):
        yield from readable(_group(policy, group))


def _limit(policy: Policy, one: Indicator) -> Iterator[Fault]:
    grades = [each.grade for each in policy.bands]
    if one.limits_grade_to and one.limits_grade_to not in grades:
        sentence = f"没有这个等级，已有的等级是{names(grades)}，请改正"
        yield Fault(one, ("limits_grade_to",), sentence)
    elif one.limits_grade_to and one.limits_grade_to == grades[0]:
        sentence = "这是最好的等级，限制到它等于没有限制：请写更低的等级，或者删去"
        yield Fault(one, ("limits_grade_to",), sentence)


def _of_bonus(one: Indicator) -> Iterator[Fault]:
    """A bonus is earned by a commendation: it has no proof of fault, nothing to cure and no list."""
    if not one.bonus:
        return
    for field, given in (
        ("gate", one.gate != "F"),
        ("severity", one.severity != ""),
        ("restore", one.restore != "none"),
        ("forgives_first", one.forgives_first),
        ("grows_by", one.grows_by is not None),
        ("limits_grade_to", one.limits_grade_to != ""),
        ("black_proposal", one.black_proposal),
    ):
        if given:
            yield Fault(one, (field,), "加分的指标（bonus = true）不用这一项，请删去")


def _variants(policy: Policy) -> list[list[Indicator]]:
    """The indicators by code."""
    found: dict[str, list[Indicator]] = defaultdict(list)
    for one in readable(policy.indicators):
        with suppress(Unreadable):
            found[one.code].append(one)
    return list(found.values())


def _chain(some: list[Indicator]) -> Iterator[Fault]:
    """Rules of one code follow one another without gap or overlap, and mean the same kind of fact."""
    some.sort(key=lambda one: one.since or date.min)
    for earlier, later in pairwise(some):
        if earlier.until is None and later.since is None:
            sentence = "编码重复：请另编一个；规则改了的，前一条写 until，后一条写同一天的 since"
            yield Fault(later, ("code",), sentence)
            continue  # two codes are meant, which need not be alike
        if earlier.until is None:
            sentence = f"同一编码的前一条没有终止日，两条重叠：请给前一条写 until = {later.since}"
            yield Fault(later, ("since",), sentence)
        elif later.since is None or later.since < earlier.until:
            sentence = f"与同一编码的另一条日期重叠：请写 since = {earlier.until}"
            yield Fault(later, ("since",), sentence)
        elif later.since > earlier.until:
            sentence = f"{earlier.until} 起到这一天之前没有规则：请写 since = {earlier.until}，或者改前一条的 until"
            yield Fault(later, ("since",), sentence)
        yield from _alike(earlier, later)


def _alike(earlier: Indicator, later: Indicator) -> Iterator[Fault]:
    if later.dated_by != earlier.dated_by:
        sentence = "同一编码的各条要按同一种日期（dated_by）选用，否则分不清用哪一条，请改成一样"
        yield Fault(later, ("dated_by",), sentence)
    if later.bonus != earlier.bonus:
        yield Fault(later, ("bonus",), "同一编码不能有时扣分有时加分，请另编一个编码")
    if later.group != earlier.group:
        sentence = (
            "同一编码的各条要在同一个分组，否则上限有两个：请写成一样，要换分组的请另写一版办法"
        )
        yield Fault(later, ("group",), sentence)
    if later.cap != earlier.cap:
        sentence = "同一编码的各条只能有一个上限：请写成一样，要改上限的请另写一版办法"
        yield Fault(later, ("cap",), sentence)
    one_kind = (later.gate in _FINDINGS) == (earlier.gate in _FINDINGS)
    if not one_kind and later.dated_by == "determined":
        # The day of determination is that of the finding under one rule and of the decision under the other.
        sentence = "按认定日选用的各条，认定要是同一种，请改正：都凭检查确认（F、O），或者都凭决定、裁判（P、J、PJ）"
        yield Fault(later, ("gate",), sentence)


def _group(policy: Policy, group: Group) -> Iterator[Fault]:
    if sum(one.code == group.code for one in policy.groups) > 1:
        yield Fault(group, ("code",), "分组的编码重复，请每组只写一次")
    members = [one for one in policy.indicators if one.group == group.code]
    if not members:
        yield Fault(
            group, ("code",), "没有一项指标属于这个分组：请在指标里写 group，或者删去这个分组"
        )
    if len({one.bonus for one in members}) > 1:
        yield Fault(group, ("code",), "同一分组里有扣分也有加分，合计的上限没有意义，请分成两组")
