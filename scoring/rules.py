"""One pure function per kind of rule: what a record costs on a day, and why."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from msgspec import structs

from scoring.errors import PolicyError, Problem
from scoring.facts import Event, Facts, Record, State
from scoring.policy import Indicator, Policy
from scoring.rating import Reason

PROOF = {"F": State.CONFIRMED, "O": State.ORDERED, "P": State.FINAL, "J": State.JUDGED}
GATE_WORDS = {"F": "经陈述申辩后确认", "O": "已责令改正", "P": "处罚决定已生效", "J": "法院已裁判"}
UNDONE = {State.DISMISSED, State.ANNULLED}
CAP_MONTHS = 12


def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end.

    >>> months_after(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first(events: Iterable[Event], state: State) -> Event | None:
    """The earliest event of a state."""
    return min((one for one in events if one.state == state), key=lambda one: one.on, default=None)


def known(facts: Facts, on: date) -> Facts:
    """The facts without whatever happened after the day."""
    records = tuple(
        structs.replace(one, events=tuple(e for e in one.events if e.on <= on))
        for one in facts.records
        if one.seen_on <= on
    )
    inspections = tuple(one for one in facts.inspections if one.on <= on)
    listings = tuple(
        one
        if one.ended_on is None or one.ended_on <= on
        else structs.replace(one, ended_on=None, ended_because="")
        for one in facts.listings
        if one.decided_on <= on
    )
    return structs.replace(facts, records=records, inspections=inspections, listings=listings)


def standing(facts: Facts, policy: Policy, on: date) -> list[Reason]:
    """What counts on the day by validity, restoration, one fact one deduction, and rolling caps."""
    counting = [
        reason
        for record in facts.records
        if (reason := _of_record(record, facts, policy, on)) is not None
        and (reason.counts_until is None or on <= reason.counts_until)
    ]
    cases = {record.id: record.case or record.id for record in facts.records}
    counting.sort(key=lambda one: (one.counts_from or one.seen_on, one.record))
    dearest: dict[str, Reason] = {}
    for reason in counting:
        held = dearest.get(cases[reason.record])
        if held is None or reason.points < held.points:
            dearest[cases[reason.record]] = reason
    return list(_capped((one for one in counting if one in dearest.values()), policy))


def newest_inspection(facts: Facts, policy: Policy) -> str:
    """The id of the newest inspection whose kind the scale counts; empty if there is none."""
    kinds = policy.scale.inspection_kinds
    found = [one for one in facts.inspections if not kinds or one.kind in kinds]
    return max(found, key=lambda one: (one.on, one.id)).id if found else ""


def of_inspection(facts: Facts, policy: Policy, inspection: str, on: date) -> list[Reason]:
    """What the findings of one inspection cost."""
    mine = sorted(
        (one for one in facts.records if one.inspection == inspection), key=lambda r: r.id
    )
    reasons = (_of_record(one, facts, policy, on) for one in mine)
    return list(_capped((one for one in reasons if one is not None), policy))


def of_measures(facts: Facts, policy: Policy, inspection: str) -> list[Reason]:
    """The sub-scores of one inspection as reasons."""
    found = next((one for one in facts.inspections if one.id == inspection), None)
    values = {} if found is None else {one.code: one.value for one in found.measures}
    if found is None or any(code not in values for code in policy.scale.measures):
        return []
    return [
        Reason(
            record=found.id,
            code=code,
            title=code,
            kind="measure",
            points=values[code],
            raw=values[code],
            seen_on=found.on,
            reference=policy.reference,
            sentence=f"{found.on} 检查，分项“{code}”记 {values[code]} 分。",
        )
        for code in policy.scale.measures
    ]


def _of_record(record: Record, facts: Facts, policy: Policy, on: date) -> Reason | None:
    """What one record costs before caps; None if its proof is not there yet or no more."""
    indicator = policy.by_code.get(record.code)
    if indicator is None:
        raise PolicyError(
            [
                Problem(
                    place=f"{policy.id} indicators",
                    sentence=f"没有编码“{record.code}”，记录 {record.id} 却用它，请补上或者改正记录",
                )
            ]
        )
    proof = _proof(record, facts, indicator)
    if proof is None or proof.on > on:
        return None
    determined = first(record.events, State.DECIDED) if indicator.gate == "P" else None
    until = None
    if indicator.months is not None:
        since = (determined or proof).on
        until = months_after(since, indicator.months) - timedelta(days=1)
    raw = indicator.points * record.extent
    bonus = record.kind == "commendation"
    restored = _restored(record, indicator)
    left = {"full": Decimal(0), "half": raw // 2, "": raw}[restored]
    points = left if bonus else -left
    return Reason(
        record=record.id,
        code=record.code,
        title=indicator.title,
        kind="bonus" if bonus else "veto" if indicator.points == 0 else "deduction",
        points=points,
        raw=raw,
        severity=indicator.severity,
        extent=record.extent,
        gate=indicator.gate,
        gated_on=proof.on,
        seen_on=record.seen_on,
        counts_from=proof.on,
        counts_until=until,
        restored=restored,
        limits_grade_to=_limit(record, indicator, restored),
        disputed=_disputed(record.events),
        restores=_restores(indicator, until),
        statement=record.statement,
        reference=indicator.reference,
        sentence=f"{record.seen_on} 发现“{indicator.title}”，{GATE_WORDS[indicator.gate]}，"
        f"依据《{indicator.reference.document}》{indicator.reference.article}。",
    )


def _limit(record: Record, indicator: Indicator, restored: str) -> str:
    """The grade this record allows at best; empty when restored, or lifted by a passed re-inspection."""
    lifted = indicator.limit_ends_when_passed and first(record.events, State.PASSED) is not None
    return "" if restored == "full" or lifted else indicator.limits_grade_to


def _proof(record: Record, facts: Facts, indicator: Indicator) -> Event | None:
    """The event that opens the gate; a penalty under dispute or undone opens none."""
    related = [record]
    if indicator.gate in "PJ" and record.case:
        related = [one for one in facts.records if one.case == record.case]
    if any(event.state in UNDONE for event in record.events):
        return None
    valid = [one for one in related if not any(event.state in UNDONE for event in one.events)]
    if indicator.gate in "PJ" and any(_disputed(one.events) for one in valid):
        return None
    found = (first(one.events, PROOF[indicator.gate]) for one in valid)
    return min((one for one in found if one is not None), key=lambda one: one.on, default=None)


def _disputed(events: tuple[Event, ...]) -> bool:
    about = [e for e in events if e.state in (State.DISPUTED, State.DISPUTE_ENDED)]
    return bool(about) and max(about, key=lambda e: e.on).state == State.DISPUTED


def _restored(record: Record, indicator: Indicator) -> Literal["", "half", "full"]:
    """Restoration needs a passed re-inspection before the term of the order ended."""
    order, passed = first(record.events, State.ORDERED), first(record.events, State.PASSED)
    if indicator.restore == "none" or passed is None:
        return ""
    late = order is not None and order.due_on is not None and passed.on > order.due_on
    return "" if late else indicator.restore


def overdue(record: Record, on: date) -> bool:
    """Whether the newest order to correct has run out without a passed re-inspection."""
    orders = [e for e in record.events if e.state == State.ORDERED and e.due_on is not None]
    if not orders or any(e.state in UNDONE or e.state == State.PASSED for e in record.events):
        return False
    due = max(orders, key=lambda e: e.on).due_on
    return due is not None and on > due


def _restores(indicator: Indicator, until: date | None) -> str:
    share = {"full": "全部", "half": "一半（余数按有利于机构舍去）", "none": ""}[indicator.restore]
    cure = f"在期限内整改并复查合格，恢复{share}。" if share else "不能提前恢复。"
    return cure + (f"{until} 期满后不再计分。" if until else "")


def _capped(reasons: Iterable[Reason], policy: Policy) -> Iterator[Reason]:
    """The same reasons, each code held to its cap in any rolling twelve months (扣完为止)."""
    before: dict[str, list[tuple[date, Decimal]]] = {}
    for reason in reasons:
        cap = policy.by_code[reason.code].cap
        if cap is None or reason.kind != "deduction":
            yield reason
            continue
        day = reason.counts_from or reason.seen_on
        spent = before.setdefault(reason.code, [])
        used = sum((cost for on, cost in spent if months_after(on, CAP_MONTHS) > day), Decimal(0))
        cost = min(-reason.points, max(cap - used, Decimal(0)))
        spent.append((day, cost))
        if cost < -reason.points:
            reason = structs.replace(reason, points=-cost, capped=True)
        yield reason
