"""A city's published scheme as dated, referenced values; decoded strictly from one TOML file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from itertools import pairwise
from typing import Literal

import msgspec
from msgspec import Struct

from scoring.errors import PolicyError, Problem
from scoring.rating import Reference

Gate = Literal["F", "O", "P", "J"]


class Scale(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a score starts and what it is made of.

    `standing`: base minus what counts on the day. `inspection`: base minus the findings of the newest
    inspection of the kinds named. `measures`: the sum of the numbers written down at that inspection.
    """

    made_of: Literal["standing", "inspection", "measures"]
    base: Decimal = Decimal(0)
    floor: Decimal | None = None
    bonus_at_most: Decimal = Decimal(0)
    inspection_kinds: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    better: Literal["higher", "lower"] = "higher"


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One grade: scores in [`from`, `below`), best band first; an end left out is unbounded.

    `no_single_above` is a second condition: a single measure above it leads to a worse band.
    `needs_onsite_months` is another: without an on-site inspection in that time the next band holds.
    """

    grade: str
    label: str = ""
    lowest: Decimal | None = msgspec.field(name="from", default=None)
    below: Decimal | None = None
    no_single_above: Decimal | None = None
    needs_onsite_months: int | None = None

    def holds(self, score: Decimal) -> bool:
        """Whether a score lies in this half-open band."""
        above = self.lowest is None or self.lowest <= score
        return above and (self.below is None or score < self.below)


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule: what a record of this code costs, from which proof on, for how long, and its article."""

    code: str
    title: str
    points: Decimal
    cap: Decimal | None = None
    severity: Literal["", "轻微", "一般", "严重"] = ""
    months: int | None = None
    restore: Literal["full", "half", "none"] = "none"
    gate: Gate = "F"
    limits_grade_to: str = ""
    limit_ends_when_passed: bool = False
    black_proposal: bool = False
    reference: Reference


class WhiteCondition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One condition of the white list; `days`, `classes` and `grades` belong to the kinds that use them."""

    kind: Literal[
        "licence",
        "registration",
        "annual_inspection",
        "no_overdue",
        "platform",
        "custody",
        "cover",
        "grade",
    ]
    title: str
    days: int | None = None
    classes: tuple[Literal["premises", "performance", "accident", "employer", "credit"], ...] = ()
    grades: tuple[str, ...] = ()
    reference: Reference


class Unrated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who has no grade: the newly opened, the long uninspected, the suspended and the closed."""

    grade: str = "N"
    suspended_grade: str = "S"
    first_days: int = 0
    months_without_inspection: int | None = None


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
    unrated: Unrated = Unrated()
    white: tuple[WhiteCondition, ...] = ()
    digest: str = ""

    @cached_property
    def by_code(self) -> dict[str, Indicator]:
        """The indicators by their codes."""
        return {one.code: one for one in self.indicators}


def load_policy(raw: bytes) -> Policy:
    """The policy in a TOML file's bytes; raises PolicyError with every problem and its place."""
    try:
        policy = msgspec.toml.decode(raw, type=Policy)
    except msgspec.ValidationError as wrong:
        what, _, place = str(wrong).partition(" - at ")
        sentence = f"{what}。请按评分办法的词汇表改正或删去这一项"
        raise PolicyError([Problem(place=place.strip("`") or "$", sentence=sentence)]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise PolicyError(
            [Problem(place="$", sentence=f"不是合法的 TOML（{wrong}），请按行号改正")]
        ) from None
    problems = [*_of_bands(policy), *_of_indicators(policy), *_of_scale(policy), *_of_white(policy)]
    if policy.until is not None and policy.until <= policy.since:
        problems.append(Problem(place="until", sentence="终止日必须晚于起始日"))
    if problems:
        raise PolicyError(problems)
    return msgspec.structs.replace(policy, digest=sha256(raw).hexdigest())


def in_force(policies: Sequence[Policy], on: date) -> Policy:
    """The one version in force on a day; raises PolicyError when there is none or more than one."""
    found = [one for one in policies if one.since <= on and (one.until is None or on < one.until)]
    if len(found) == 1:
        return found[0]
    names = "、".join(one.id for one in found) or "没有一份"
    raise PolicyError(
        [Problem(place=str(on), sentence=f"这一天应当恰有一份评分办法施行，现在是：{names}")]
    )


def _of_bands(policy: Policy) -> Iterator[Problem]:
    bands = policy.bands
    if not bands:
        yield Problem(place="bands", sentence="至少要有一个等级")
        return
    rising = bands if policy.scale.better == "lower" else tuple(reversed(bands))
    for worse, better in pairwise(rising):
        place = f"bands {worse.grade}/{better.grade}"
        if worse.below is None or better.lowest is None or better.lowest < worse.below:
            yield Problem(
                place=place, sentence="两个等级的分数重叠，请使前一级的 below 等于后一级的 from"
            )
        elif better.lowest > worse.below:
            gap = f"{worse.below} 到 {better.lowest}"
            yield Problem(place=place, sentence=f"{gap} 之间没有等级，请补上这一段")
    for band in bands:
        if band.lowest is not None and band.below is not None and band.below <= band.lowest:
            yield Problem(place=f"bands {band.grade}", sentence="below 必须大于 from")
    for grade, times in Counter(band.grade for band in bands).items():
        if times > 1:
            yield Problem(place=f"bands {grade}", sentence="等级名称重复，请每级只写一次")


def _of_indicators(policy: Policy) -> Iterator[Problem]:
    grades = {band.grade for band in policy.bands}
    for code, times in Counter(one.code for one in policy.indicators).items():
        if times > 1:
            yield Problem(place=f"indicators {code}", sentence="编码重复，请每项只写一次")
    for one in policy.indicators:
        place = f"indicators {one.code}"
        if not one.reference.document.strip() or not one.reference.article.strip():
            yield Problem(place=place, sentence="缺少依据，请写明文件名称和条款")
        if one.limits_grade_to and one.limits_grade_to not in grades:
            sentence = f"限制到的等级“{one.limits_grade_to}”不存在，请写已有的等级"
            yield Problem(place=place, sentence=sentence)
        if one.cap is not None and one.cap < abs(one.points):
            yield Problem(place=place, sentence="上限小于一次的分值，这个分值永远扣不到，请改正")
        if one.points == 0 and not one.limits_grade_to:
            yield Problem(place=place, sentence="分值为 0 又不限制等级，这一项永远不起作用")
        if one.months is not None and one.months < 1:
            yield Problem(place=place, sentence="计分月数至少为 1")
        if one.severity == "严重" and one.restore != "none":
            yield Problem(place=place, sentence="严重失信不得销分，restore 应为 none")


def _of_scale(policy: Policy) -> Iterator[Problem]:
    scale = policy.scale
    if scale.made_of == "measures" and not scale.measures:
        yield Problem(place="scale.measures", sentence="请写明由哪些分项相加")
    if scale.made_of == "measures" and policy.indicators:
        yield Problem(place="indicators", sentence="按分项计分的办法不用指标，请删去")
    if scale.made_of != "measures" and not policy.indicators:
        yield Problem(place="indicators", sentence="至少要有一项指标")


def _of_white(policy: Policy) -> Iterator[Problem]:
    grades = {band.grade for band in policy.bands}
    for one in policy.white:
        place = f"white {one.kind}"
        if not one.reference.document.strip() or not one.reference.article.strip():
            yield Problem(place=place, sentence="缺少依据，请写明文件名称和条款")
        if one.kind == "grade" and not (one.grades and set(one.grades) <= grades):
            yield Problem(place=place, sentence="grades 请写已有的等级，至少一个")
        if one.kind == "cover" and not one.classes:
            yield Problem(place=place, sentence="classes 请写要求的险种，至少一种")
