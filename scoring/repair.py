"""What repairs a rating: what time alone does, what each action does, and the fewest that reach a goal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations
from typing import Literal

from msgspec import Struct, structs

from scoring.assess import assess
from scoring.conditions import CLASSES, insured
from scoring.facts import Cover, Custody, Event, Facts, Record, State, Term
from scoring.policy import Policy, WhiteCondition
from scoring.rating import Rating
from scoring.rules import known, months_after, overdue

BUDGET = 20_000
AHEAD_MONTHS = 60
CoverClass = Literal["premises", "performance", "accident", "employer", "credit"]
Kind = Literal["pass", "licence", "registration", "platform", "custody", "cover"]


class Action(Struct, frozen=True, kw_only=True):
    """One thing an institution can do, to a record or to a class of insurance."""

    kind: Kind
    title: str
    record: str = ""
    cover_class: CoverClass = "premises"


class Plan(Struct, frozen=True, kw_only=True):
    """Actions and the rating they lead to; `exact` when no smaller set exists."""

    actions: tuple[Action, ...]
    rating: Rating
    exact: bool = True


def timeline(facts: Facts, policy: Policy, on: date) -> tuple[Rating, ...]:
    """Today's rating and each one that time alone brings, with no new record, over five years."""
    last = months_after(on, AHEAD_MONTHS)
    facts = known(facts, on)
    found = [assess(facts, policy, on)]
    while (turn := found[-1].changes_on) is not None and turn <= last:
        found.append(assess(facts, policy, turn))
    return tuple(found)


def actions(facts: Facts, policy: Policy, on: date) -> tuple[Action, ...]:
    """Everything within the institution's power today; what has no effect is not among them."""
    rating = assess(facts, policy, on)
    counted = {one.record for one in rating.reasons}
    found = [*_cures(facts, policy, counted, on)]
    failed = {one.code for one in rating.conditions if not one.met}
    for rule in policy.white:
        if rule.kind in failed:
            found += _duties(facts, rule, on)
    return tuple(found)


def after(facts: Facts, chosen: Sequence[Action], on: date) -> Facts:
    """The facts as they would be with the actions done today."""
    for one in chosen:
        facts = _done(facts, one, on)
    return facts


def what_if(facts: Facts, policy: Policy, on: date, chosen: Sequence[Action]) -> Rating:
    """The rating the actions would lead to today."""
    return assess(after(facts, chosen, on), policy, on)


def smallest(
    facts: Facts, policy: Policy, on: date, reached: Callable[[Rating], bool]
) -> Plan | None:
    """The fewest actions that reach a goal; None when all of them together do not.

    Exhaustive by size, so exact; beyond 20,000 trials what is left is thinned out one by one instead.
    """
    possible = actions(facts, policy, on)
    if not reached(what_if(facts, policy, on, possible)):
        return None
    trials = 0
    for size in range(len(possible) + 1):
        for chosen in combinations(possible, size):
            trials += 1
            if trials > BUDGET:
                return _thinned(facts, policy, on, reached)
            rating = what_if(facts, policy, on, chosen)
            if reached(rating):
                return Plan(actions=chosen, rating=rating)
    return None


def _thinned(facts: Facts, policy: Policy, on: date, reached: Callable[[Rating], bool]) -> Plan:
    """A set from which no single action can be left out."""
    chosen = list(actions(facts, policy, on))
    for one in tuple(chosen):
        rest = [other for other in chosen if other is not one]
        if reached(what_if(facts, policy, on, rest)):
            chosen = rest
    rating = what_if(facts, policy, on, chosen)
    return Plan(actions=tuple(chosen), rating=rating, exact=False)


def _cures(facts: Facts, policy: Policy, counted: set[str], on: date) -> Iterator[Action]:
    """Records a re-inspection passed today would cure: their points, their limit or their delay."""
    for record in facts.records:
        indicator = policy.by_code.get(record.code)
        states = {event.state for event in record.events if event.on <= on}
        if indicator is None or record.kind == "commendation" or State.PASSED in states:
            continue
        curable = indicator.restore != "none" or indicator.limit_ends_when_passed
        in_time = curable and record.id in counted and not _too_late(record, on)
        if in_time or overdue(record, on):
            yield Action(kind="pass", record=record.id, title=f"整改“{indicator.title}”并复查合格")


def _too_late(record: Record, on: date) -> bool:
    """Whether the term of the first order is over, so that passing restores nothing."""
    orders = [e for e in record.events if e.state == State.ORDERED]
    due = min(orders, key=lambda e: e.on).due_on if orders else None
    return due is not None and on > due


def _duties(facts: Facts, rule: WhiteCondition, on: date) -> Iterator[Action]:
    """What meets a failed condition of the white list."""
    titles: dict[str, tuple[Kind, str]] = {
        "licence": ("licence", "取得或者续办办学许可证"),
        "registration": ("registration", "办理或者续办法人登记"),
        "platform": ("platform", "纳入全国监管平台"),
        "custody": ("custody", "开立预收费监管专户，由银行报送余额"),
    }
    if rule.kind in titles:
        kind, title = titles[rule.kind]
        yield Action(kind=kind, title=title)
    elif rule.kind == "cover":
        held = {one.cover_class for one in facts.covers if insured(one, on)}
        for one in rule.classes:
            if one not in held:
                yield Action(kind="cover", cover_class=one, title=f"投保{CLASSES[one]}保险")


def _done(facts: Facts, action: Action, on: date) -> Facts:
    year = months_after(on, 12)
    if action.kind == "pass":
        records = tuple(
            structs.replace(one, events=(*one.events, Event(state=State.PASSED, on=on)))
            if one.id == action.record
            else one
            for one in facts.records
        )
        return structs.replace(facts, records=records)
    if action.kind == "licence":
        return structs.replace(facts, licences=(*facts.licences, Term(since=on, until=year)))
    if action.kind == "registration":
        terms = (*facts.registrations, Term(since=on, until=year))
        return structs.replace(facts, registrations=terms)
    if action.kind == "platform":
        return structs.replace(facts, on_platform=True)
    if action.kind == "custody":
        account = Custody(bank="", since=on, reported_on=on)
        return structs.replace(facts, custody=(*facts.custody, account))
    cover = Cover(cover_class=action.cover_class, since=on, until=year)
    return structs.replace(facts, covers=(*facts.covers, cover))
