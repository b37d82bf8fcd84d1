"""What one record claims under its rule, before it is weighed with the others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

from msgspec import Struct

from scoring.errors import PolicyError, Problem
from scoring.facts import Event, Facts, Record, State
from scoring.policy import Indicator, Policy, Scale
from scoring.rules import (
    ANNULLED,
    CONFIRMED,
    DECIDED,
    DISMISSED,
    DISPUTED,
    LAST,
    ONE_DAY,
    ORDERED,
    OWN_PROOF,
    PASSED,
    PROOF,
    cured_in_time,
    days_after,
    disputed,
    first,
    firsts,
    months_after,
    months_before,
    undone,
)

ZERO = Decimal(0)


class Claim(Struct, kw_only=True, gc=False):
    """A proven record under its rule; `left` is its price after restoration, `held` after the caps.

    `renews_on` is the first day of the scoring year after its own, or the calendar's last day.
    """

    record: Record
    rule: Indicator
    since: date
    until: date | None
    renews_on: date
    determined_on: date | None
    raw: Decimal
    left: Decimal
    held: Decimal = ZERO
    grown: int
    grows_on: date | None
    restored: Literal["", "half", "full"]
    cured: bool
    passed: bool
    disputed: bool
    forgiven: bool = False
    absorbed_by: str = ""

    @property
    def priced(self) -> bool:
        """Whether the rule has a price at all; a veto or a mark has none."""
        return bool(self.rule.points) or self.rule.grows_by is not None


def claims(facts: Facts, policy: Policy, on: date) -> list[Claim]:
    """The claims that hold on the day, in order of their proof.

    Raises PolicyError for a record whose code the policy lacks or has for the other kind of record.
    """
    rules = policy.rules
    lacking = [one for one in facts.records if one.code not in rules]
    if lacking:
        raise PolicyError([_lacking(one, policy, "没有编码") for one in lacking])
    found = _proven(facts, policy, on)
    if policy.forgiving:
        _forgive_first(found)
        found = [one for one in found if one.until is None or on <= one.until]
    return found


def is_first(record: Record, facts: Facts, policy: Policy, on: date) -> bool:
    """Whether a record is the first proven of its code, in its year where all is counted by the year."""
    found = _first_of_kind(_proven(facts, policy, on))
    return any(one.record.id == record.id for one in found)


def _proven(facts: Facts, policy: Policy, on: date) -> list[Claim]:
    """Every claim in order of proof; of what may be forgiven also those that count no more."""
    cases: dict[str, list[Record]] = defaultdict(list)
    for one in facts.records:
        if one.case and not undone(one):
            cases[one.case].append(one)
    restart = _restart(facts, on) if policy.scale.fresh_after_listing else date.min
    found = []
    recent = [one for one in facts.records if not _is_past(one, policy, on)]
    for one in recent:
        claim = _claim(one, cases[one.case] if one.case else [one], facts, policy, on)
        if claim is not None and claim.since >= restart:
            found.append(claim)
    if len(found) > 1:
        found.sort(key=order_of)
    return found


def is_pending(record: Record, facts: Facts, policy: Policy) -> bool:
    """Whether a fault may still come to count: it is neither proven nor undone."""
    if record.kind == "commendation" or record.code not in policy.rules or undone(record):
        return False
    mates = mates_of(record, facts)
    rule = rule_of(record, mates, policy)
    return rule is not None and proof_of(record, firsts(record.events), mates, rule) is None


def order_of(claim: Claim) -> tuple[date, date, str]:
    """Claims are weighed in the order in which they were proven."""
    return claim.since, claim.record.seen_on, claim.record.id


def _is_past(record: Record, policy: Policy, on: date) -> bool:
    """Whether each step of a record is too old to count, whichever of them proves it.

    Of most records no more need be known. One of a case may be proven by a later step of another.
    """
    months = policy.lapsing.get(record.code)
    if months is None or record.case or record.kind == "commendation":
        return False
    latest = months_before(on, months)
    for event in record.events:  # noqa: SIM110 a generator takes twice as long
        if event.on > latest:
            return False
    return True


def _claim(
    record: Record, mates: list[Record], facts: Facts, policy: Policy, on: date
) -> Claim | None:
    steps = firsts(record.events)
    if DISMISSED in steps or ANNULLED in steps:
        return None
    rule = policy.undated.get(record.code) or rule_of(record, mates, policy)
    if rule is None:
        return None
    if rule.bonus is not (record.kind == "commendation"):
        raise PolicyError([_lacking(record, policy, "记录的种类（扣分还是加分）不合编码")])
    proof = proof_of(record, steps, mates, rule)
    if proof is None:
        return None
    determined = _determined(record, steps, mates, rule)
    begun = determined.on if determined and "P" in rule.gate else proof.on
    renews = year_after(proof.on, policy.scale, facts.opened_on)
    course = course_of(record, steps, mates)
    cured, passed = cured_in_time(course), course.get(PASSED)
    restored: Literal["", "half", "full"] = ""
    # A debtor is off the court's list on the day he leaves it, whatever term somebody set him.
    if cured or (passed is not None and policy.scale.ends_by_cure(rule)):
        restored = "" if rule.restore == "none" else rule.restore
    end = _end(record, rule, begun, proof.on, renews, facts)
    if passed is not None and restored == "full" and not policy.scale.lapses(rule):
        end = passed.on  # of what nothing else would ever end, nothing is left
    if end is not None and end <= on and record.code not in policy.forgiving:
        return None
    raw, grown, grows_on = _price(record, rule, proof.on, passed, on)
    left = _half(raw, policy.unit) if restored == "half" else ZERO if restored else raw
    return Claim(
        record=record,
        rule=rule,
        since=proof.on,
        until=None if end is None else end - ONE_DAY,
        renews_on=renews,
        determined_on=determined.on if determined else None,
        raw=raw,
        left=left,
        grown=grown,
        grows_on=grows_on,
        restored=restored,
        cured=cured,
        passed=passed is not None,
        disputed=DISPUTED in steps and disputed(record.events),
    )


def _half(price: Decimal, unit: Decimal) -> Decimal:
    """The half that still counts, in whole units; an odd unit is the institution's."""
    return price // (2 * unit) * unit


def _lacking(record: Record, policy: Policy, what: str) -> Problem:
    sentence = f"{what}“{record.code}”，记录 {record.id} 却用它，请补上或者改正记录"
    return Problem(place=f"{policy.id} indicators", sentence=sentence)


def mates_of(record: Record, facts: Facts) -> list[Record]:
    """The records of the same fact that are not undone, itself among them."""
    if not record.case:
        return [record]
    return [one for one in facts.records if one.case == record.case and not undone(one)]


def rule_of(record: Record, mates: list[Record], policy: Policy) -> Indicator | None:
    """The dated rule for the day the fact was seen or determined; None where no rule was in force yet."""
    if rule := policy.undated.get(record.code):
        return rule
    rules, day = policy.rules[record.code], record.seen_on
    if rules[0].dated_by == "determined":
        steps = firsts(record.events)
        found = _determined(record, steps, mates, rules[0]) or first(
            record.events, CONFIRMED, ORDERED
        )
        day = found.on if found else day
    for one in rules:
        if (one.since is None or one.since <= day) and (one.until is None or day < one.until):
            return one
    return None


def course_of(
    record: Record, steps: Mapping[State, Event], mates: list[Record]
) -> Mapping[State, Event]:
    """The steps that can cure a record: its own, but a decision is cured when every fault it punishes is.

    Of several faults it is the course of the one that is furthest from being cured.
    """
    if record.kind != "decision":
        return steps
    courses = [firsts(one.events) for one in mates if one.kind == "finding"]
    return max(courses, key=_distance_from_cure, default=steps)


def _distance_from_cure(steps: Mapping[State, Event]) -> tuple[bool, bool, date]:
    passed = steps.get(PASSED)
    return passed is None, not cured_in_time(steps), passed.on if passed else date.max


def proof_of(
    record: Record, steps: Mapping[State, Event], mates: list[Record], rule: Indicator
) -> Event | None:
    """The event that opens the gate; a penalty under dispute opens none (浙江省公共信用信息管理条例 第十一条).

    A decision is proven by its own becoming final. A fault found and confirmed is so by a decision of
    its case; a fault that nobody has confirmed is proven by nothing.
    """
    if rule.gate in OWN_PROOF:
        return steps.get(OWN_PROOF[rule.gate])
    states = PROOF[rule.gate]
    if disputed(record.events):
        return None
    if record.kind == "decision":
        faults = (one for one in mates if one.kind == "finding")
        return (
            None if any(disputed(one.events) for one in faults) else first(record.events, *states)
        )
    own = first(record.events, *states)
    if own is not None or first(record.events, CONFIRMED, ORDERED) is None:
        return own
    return first((event for one in _decisions(mates) for event in one.events), *states)


def _decisions(mates: list[Record]) -> list[Record]:
    """The decisions of a case that are not under dispute."""
    return [one for one in mates if one.kind == "decision" and not disputed(one.events)]


def _determined(
    record: Record, steps: Mapping[State, Event], mates: list[Record], rule: Indicator
) -> Event | None:
    """The decision from whose day a penalty's term counts (令36：认定之日), for a fault that of its case."""
    if "P" not in rule.gate or record.kind == "decision":
        return steps.get(DECIDED)
    found = first((event for one in _decisions(mates) for event in one.events), DECIDED)
    return found or steps.get(DECIDED)


def _price(
    record: Record, rule: Indicator, since: date, passed: Event | None, on: date
) -> tuple[Decimal, int, date | None]:
    """The price of a record, how often it has grown, and the day on which it next grows."""
    raw = rule.points * record.extent
    if rule.grows_by is None or rule.grows_every_days is None:
        return raw, 0, None
    last = min(on, passed.on) if passed else on
    steps = max((last - since).days, 0) // rule.grows_every_days
    if rule.cap is not None:
        # Beyond its cap a price grows no more, so that nothing seems to change when nothing does.
        whole, rest = divmod(max(rule.cap - raw, Decimal(0)), rule.grows_by)
        steps = min(steps, int(whole) + bool(rest))
    raw += rule.grows_by * steps
    full = rule.cap is not None and raw >= rule.cap
    if passed or full:
        return raw, steps, None
    return raw, steps, days_after(since, rule.grows_every_days * (steps + 1))


def _end(
    record: Record,
    rule: Indicator,
    begun: date,
    since: date,
    renews: date,
    facts: Facts,
) -> date | None:
    """The first day on which a claim counts no more; None while nothing but a cure ends it."""
    ends = [] if rule.months is None else [months_after(begun, rule.months)]
    if rule.until_next:
        ends += _next_of_kind(record, rule, since, facts)
    if renews < date.max and not rule.outlasts_year:
        ends.append(renews)
    return min(ends) if ends else None


def _next_of_kind(record: Record, rule: Indicator, since: date, facts: Facts) -> list[date]:
    """The days of the annual or other inspections after a fault."""
    if rule.until_next == "annual_inspection":
        # A result of an earlier year that comes in late is not the next one.
        last = max((one.year for one in facts.annual_inspections if one.on <= since), default=0)
        return [o.on for o in facts.annual_inspections if o.on > since and o.year > last]
    seen = record.seen_on
    return [o.on for o in facts.inspections if o.on > seen and o.id != record.inspection]


def year_after(day: date, scale: Scale, opened_on: date | None) -> date:
    """The first day of the scoring year after the one a day lies in, or the calendar's last day.

    Own years begin on the day of opening; where nobody knows it, with the calendar's. Without scoring years
    the first has no end.
    """
    if not scale.by_year:
        return date.max
    if scale.counted_by == "own_year" and opened_on is not None:
        years = day.year - opened_on.year
        found = months_after(opened_on, 12 * years)
        return found if found > day else months_after(opened_on, 12 * (years + 1))
    year = day.year + (day.month >= scale.year_begins_month)
    return date(year, scale.year_begins_month, 1) if year <= LAST else date.max


def _restart(facts: Facts, on: date) -> date:
    """The day on which the last listing ended; what was proven before it counts no more."""
    ends = [
        min(one.ended_on or date.max, days_after(one.until, 1))
        for one in facts.listings
        if not one.annulled and one.document_no and one.organ and one.article
    ]
    return max((one for one in ends if one <= on), default=date.min)


def _forgive_first(found: list[Claim]) -> None:
    """A first fault cured in time costs nothing where its rule says so (行政处罚法 第三十三条).

    Where all is counted by the year, each year has its own first.
    """
    for one in _first_of_kind(found):
        if one.rule.forgives_first and one.cured:
            one.forgiven = True
            one.left = ZERO
            one.restored = ""


def _first_of_kind(found: list[Claim]) -> Iterable[Claim]:
    """The first of each code, in each year."""
    kinds: dict[tuple[str, date], Claim] = {}
    for one in found:
        kinds.setdefault((one.record.code, one.renews_on), one)
    return kinds.values()
