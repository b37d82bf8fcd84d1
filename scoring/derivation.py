"""The whole derivation as one value: grade ← score ← deduction ← cap ← gate ← finding ← rule ← article."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from itertools import takewhile
from typing import Literal, TypeVar

from msgspec import Struct, structs

from scoring.assess import rated_on
from scoring.claims import ZERO, course_of, is_first, mates_of, proof_of, rule_of
from scoring.facts import Event, Facts, Record, State
from scoring.grading import lacks_visit, limits_of, violates
from scoring.policy import Band, Indicator, Policy
from scoring.rating import Condition, Proposal, Rating, Reason, Reference
from scoring.remedy import cure_words, open_end, other_ends
from scoring.rules import cured_in_time, firsts, known
from scoring.words import GATES, chinese, number, reference_words, score_range, score_words

# The gates that one step alone opens, by the step.
OPENED = {State.FINAL: "P", State.JUDGED: "J"}

Kind = Literal[
    "finding",
    "gate",
    "price",
    "growth",
    "forgiveness",
    "restoration",
    "one_fact",
    "cap",
    "bound",
    "limit",
    "period",
    "remedy",
    "article",
]


class Step(Struct, frozen=True, kw_only=True):
    """One step from the finding to its points: a label, a sentence, its day and the points after it."""

    kind: Kind
    label: str
    sentence: str
    on: date | None = None
    points: Decimal | None = None


class Derived(Struct, frozen=True, kw_only=True):
    """One line of the sum with every step that led to its points."""

    record: str
    code: str
    title: str
    kind: str
    points: Decimal
    severity: str
    disputed: bool
    statement: str
    counts_from: date | None
    counts_until: date | None
    steps: tuple[Step, ...]
    reference: Reference


class Derivation(Struct, frozen=True, kw_only=True):
    """A rating told from its grade down to the article of each point; `canonical` gives its bytes."""

    institution: str
    on: date
    policy: str
    policy_digest: str
    grade: str
    status: str
    base: Decimal | None
    score: Decimal | None
    score_from: Decimal | None
    score_to: Decimal | None
    of_grade: tuple[str, ...]
    of_score: str
    reasons: tuple[Derived, ...]
    conditions: tuple[Condition, ...]
    proposals: tuple[Proposal, ...]
    changes_on: date | None


def derivation_of(rating: Rating, facts: Facts, policy: Policy) -> Derivation:
    """The derivation of a rating of these facts under this policy."""
    return Derivation(
        institution=rating.institution,
        on=rating.on,
        policy=rating.policy,
        policy_digest=policy.digest,
        grade=rating.grade,
        status=rating.status,
        base=rating.base,
        score=rating.score,
        score_from=rating.score_from,
        score_to=rating.score_to,
        of_grade=tuple(grade_words(rating, facts, policy)),
        of_score=_of_score(rating, policy),
        reasons=tuple(derived(one, facts, policy, rating.on) for one in rating.reasons),
        conditions=rating.conditions,
        proposals=rating.proposals,
        changes_on=rating.changes_on,
    )


Told = TypeVar("Told", Rating, Derivation)


def bare(told: Told) -> Told:
    """The same rating or derivation without the sentences this program made, for comparing one with another.

    Numbers, codes, days, kinds, grades, articles, and the words of the policy and the facts stay, so that
    what the program of another year derived equals what this one does, however it is worded.
    """
    conditions = tuple(structs.replace(one, sentence="") for one in told.conditions)
    if isinstance(told, Rating):
        return structs.replace(told, not_rated_because="", conditions=conditions)
    return structs.replace(
        told,
        of_grade=(),
        of_score="",
        reasons=tuple(structs.replace(one, steps=_unworded(one.steps)) for one in told.reasons),
        conditions=conditions,
    )


def _unworded(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(structs.replace(one, label="", sentence="") for one in steps)


def derived(reason: Reason, facts: Facts, policy: Policy, on: date) -> Derived:
    """One reason with the steps that led to its points on a day, whatever the facts say of later ones."""
    return Derived(
        record=reason.record,
        code=reason.code,
        title=reason.title,
        kind=reason.kind,
        points=reason.points,
        severity=reason.severity,
        disputed=reason.disputed,
        statement=reason.statement,
        counts_from=reason.counts_from,
        counts_until=reason.counts_until,
        steps=tuple(_steps(reason, known(facts, on), policy, on)),
        reference=reason.reference,
    )


def _of_score(rating: Rating, policy: Policy) -> str:
    """The sum in a sentence."""
    if rating.base is None:
        return ""
    moved = sum((one.points for one in rating.reasons), Decimal(0))
    total = rating.base + moved
    if policy.scale.made_of == "measures":
        return f"各分项相加，得 {number(total)} 分。"
    sign = "加" if moved > 0 else "减"
    said = (
        f"基础分 {number(rating.base)} 分，{sign} {number(abs(moved))} 分，得 {number(total)} 分。"
    )
    if rating.score is None:
        parts = "、".join(one.title for one in policy.unknown)
        said += f"办法中“{parts}”的内容不详，实际得分为 {score_words(rating)} 分。"
    return said


def grade_words(rating: Rating, facts: Facts, policy: Policy) -> Iterator[str]:
    """Why the grade is what it is, one sentence for each rule that had a part in it."""
    if rating.base is None:
        yield f"{rating.not_rated_because}，记 {rating.grade}。"
        return
    facts = known(facts, rating.on)
    total = rating.base + sum((one.points for one in rating.reasons), Decimal(0))
    band = next(one for one in policy.bands if one.holds(total))
    yield f"{number(total)} 分属于 {band.grade} 级（{score_range(band) or '任何分数'}）。"
    yield from _singles(rating, band)
    below = policy.bands[policy.bands.index(band) :]
    for lower in takewhile(lambda one: lacks_visit(one, facts, rating.on), below):
        months = lower.needs_onsite_months
        yield f"{lower.grade} 级要求 {months} 个月内有现场检查，现在没有，所以低一级。"
    grades = [one.grade for one in policy.bands]
    for grade in sorted(limits_of(rating.reasons), key=grades.index):
        titles = "、".join(o.title for o in rating.reasons if o.limits_grade_to == grade)
        yield f"有“{titles}”，最高为 {grade} 级。"
    if rating.score is None:
        yield f"有不详的部分，等级只能确定为 {rating.grade}。"


def _singles(rating: Rating, band: Band) -> Iterator[str]:
    singles = [one.raw for one in rating.reasons if one.kind == "measure"]
    if not violates(band, singles):
        return
    above, below = band.no_single_above, band.no_single_below
    if below is not None:
        said, limit, worst = "低于", below, f"最低 {number(min(singles))}"
    else:
        said, limit, worst = "超过", above or ZERO, f"最高 {number(max(singles))}"
    yield (
        f"{band.grade} 级要求没有一个分项{said} {number(limit)} 分，现在{worst} 分，"
        f"所以低于 {band.grade} 级。"
    )


def _steps(reason: Reason, facts: Facts, policy: Policy, on: date) -> Iterator[Step]:
    record = next((one for one in facts.records if one.id == reason.record), None)
    references = [reason.reference]
    if record is None:
        yield _of_measure(reason, facts)
    else:
        mates = mates_of(record, facts)
        rule = rule_of(record, mates, policy) or policy.by_code[reason.code]
        references += rule.also
        yield _of_finding(reason, record, facts)
        steps = firsts(record.events)
        yield _of_gate(reason, proof_of(record, steps, mates, rule))
        yield from _of_price(reason, rule)
        course = course_of(record, steps, mates)
        yield from _of_cuts(reason, rule, policy, again=cured_in_time(course))
        yield from _of_bound(reason, facts, policy, on)
        yield from _of_end(reason, rule, course, policy, on)
        if reason.kind in ("deduction", "veto") and not reason.restored:
            first = rule.forgives_first and is_first(record, facts, policy, on)
            cure = cure_words(rule, course, policy, on, first=first)
            said = "".join((cure, *other_ends(reason, rule, course)))
            yield Step(kind="remedy", label="怎样恢复", sentence=said)
    yield Step(kind="article", label="依据条文", sentence=reference_words(*references))


def _of_measure(reason: Reason, facts: Facts) -> Step:
    visit = next(one.kind for one in facts.inspections if one.id == reason.record)
    return Step(
        kind="finding",
        label="何时检查",
        sentence=f"{chinese(reason.seen_on)} {visit}，分项“{reason.title}”记 {number(reason.raw)} 分",
        on=reason.seen_on,
        points=reason.points,
    )


def _of_finding(reason: Reason, record: Record, facts: Facts) -> Step:
    visit = next((one.kind for one in facts.inspections if one.id == record.inspection), "")
    said = f"{chinese(reason.seen_on)} {visit}".strip()
    return Step(kind="finding", label="何时发现", sentence=said, on=reason.seen_on)


def _of_gate(reason: Reason, proof: Event | None) -> Step:
    since = reason.counts_from or reason.seen_on
    # Of a gate that either opens, the step that did is named.
    gate = OPENED.get(proof.state, reason.gate) if proof else reason.gate
    how = "确认" if reason.kind == "bonus" else GATES[gate]
    begins = {"veto": "限制等级", "mark": "登记"}.get(reason.kind, "计分")
    said = f"{chinese(since)}{how}，从这一天起{begins}"
    if reason.disputed:
        said += "；有异议，正在复核"
    return Step(kind="gate", label="怎样认定", sentence=said, on=since)


def _of_price(reason: Reason, rule: Indicator) -> Iterator[Step]:
    if reason.kind in ("veto", "mark"):
        return
    verb = "加" if rule.bonus else "记"
    plain = rule.points * reason.extent
    times = f"，共 {reason.extent} 处" if reason.extent > 1 else ""
    said = f"每次{verb} {number(rule.points)} 分{times}，应{verb} {number(plain)} 分"
    yield Step(kind="price", label="原应计分", sentence=said, points=plain)
    if reason.grown and rule.grows_by is not None:
        every = f"每满 {rule.grows_every_days} 天加记 {number(rule.grows_by)} 分"
        said = f"改正以前{every}，已加 {reason.grown} 次，应记 {number(reason.raw)} 分"
        yield Step(kind="growth", label="逾期加记", sentence=said, points=reason.raw)


def _of_cuts(reason: Reason, rule: Indicator, policy: Policy, *, again: bool) -> Iterator[Step]:
    """Each reason why less counts than the price, in the order in which they were applied."""
    if reason.kind == "forgiven":
        said = "第一次发生，并在期限内改正，不计分"
        yield Step(kind="forgiveness", label="首次不计", sentence=said, points=Decimal(0))
        return
    if rule.forgives_first and again:
        said = "在期限内改正了，但不是第一次，照计"
        yield Step(kind="forgiveness", label="首次不计", sentence=said)
    if reason.restored and reason.raw:
        share = "一半" if reason.restored == "half" else "全部"
        said = f"在期限内整改，复查合格，恢复{share}，还记 {number(reason.left)} 分"
        yield Step(kind="restoration", label="已经恢复", sentence=said, points=reason.left)
    if reason.kind == "absorbed":
        said = f"同一事实已按记录 {reason.absorbed_by} 计分，不重复计"
        yield Step(kind="one_fact", label="一事一计", sentence=said, points=Decimal(0))
        return
    if reason.held < reason.left:
        said = f"{_cap_words(rule, policy)}，这一条只记 {number(reason.held)} 分"
        yield Step(kind="cap", label="同类上限", sentence=said, points=reason.held)


def _of_bound(reason: Reason, facts: Facts, policy: Policy, on: date) -> Iterator[Step]:
    if abs(reason.points) < reason.held:
        bounds = "，".join(_bounds_met(reason, facts, policy, on))
        said = f"{bounds}，这一条只计 {number(abs(reason.points))} 分"
        yield Step(kind="bound", label="总分限度", sentence=said, points=reason.points)


def _cap_words(rule: Indicator, policy: Policy) -> str:
    span = "同一年度内" if policy.scale.by_year else " 12 个月内"
    caps = [] if rule.cap is None else [f"同一项{span}最多 {number(rule.cap)} 分"]
    for group in policy.groups:
        if group.code == rule.group:
            caps.append(f"“{group.title}”{span}合计最多 {number(group.cap)} 分")
    return "，".join(caps)


def _bounds_met(reason: Reason, facts: Facts, policy: Policy, on: date) -> Iterator[str]:
    """Which bounds have cut a line: what all bonuses may come to, then the scale's end it moves to."""
    scale, left = policy.scale, reason.held
    if reason.kind == "bonus" and scale.bonus_at_most is not None:
        lines = takewhile(lambda o: o.record != reason.record, rated_on(facts, policy, on).reasons)
        before = sum((one.held for one in lines if one.kind == "bonus"), ZERO)
        left = min(left, max(scale.bonus_at_most - before, ZERO))
        if left < reason.held:
            yield f"加分合计最多 {number(scale.bonus_at_most)} 分"
    if abs(reason.points) < left:
        rises = (reason.kind == "bonus") is (scale.better == "higher")
        end, bound = ("最高", scale.ceiling) if rises else ("最低", scale.floor)
        yield f"总分{end} {number(bound)} 分"


def _of_end(
    reason: Reason, rule: Indicator, course: Mapping[State, Event], policy: Policy, on: date
) -> Iterator[Step]:
    if reason.limits_grade_to:
        said = f"在计分期间，等级最高为 {reason.limits_grade_to} 级"
        yield Step(kind="limit", label="限制等级", sentence=said)
    until = (
        f"至 {chinese(reason.counts_until)}"
        if reason.counts_until
        else open_end(rule, course, policy, on)
    )
    said = f"{chinese(reason.counts_from or reason.seen_on)} {until}"
    yield Step(kind="period", label="计分期间", sentence=said, on=reason.counts_until)
