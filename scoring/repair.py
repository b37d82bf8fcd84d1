"""What repairs a rating: the clock of each deduction, what each action does, the fewest that reach a goal."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import islice
from math import comb
from typing import Literal

from msgspec import Struct, structs

from scoring.actions import Action, actions, after, interchangeable
from scoring.assess import assess, rated_on
from scoring.claims import course_of, mates_of, rule_of
from scoring.conditions import in_term
from scoring.facts import Custody, Facts, Inspection
from scoring.policy import Policy
from scoring.rating import Rating, Reason
from scoring.remedy import open_end
from scoring.rules import ONE_DAY, days_after, firsts, known, months_after

BUDGET = 2_000
AHEAD_MONTHS = 60
EVERY_MONTHS = 6
Reached = Callable[[Rating], bool]


class Plan(Struct, frozen=True, kw_only=True):
    """Actions and the rating they lead to; `exact` when it is proven that no smaller set exists."""

    actions: tuple[Action, ...]
    rating: Rating
    exact: bool = True


class Deadline(Struct, frozen=True, kw_only=True):
    """One deduction's clock: what cures it, until when that restores, and when it lapses by itself.

    `lasts` says until when it counts where nobody knows the day yet; `given_back` says whether half of the
    points, or all, were restored, or the line was forgiven.
    """

    record: str
    code: str
    title: str
    cure: Action | None
    lapses_on: date | None
    lasts: str = ""
    given_back: Literal["", "half", "full", "forgiven"] = ""


class Outlook(Struct, frozen=True, kw_only=True):
    """A goal, its earliest day by time alone and with action, and the fewest actions for the latter."""

    goal: str
    without_action: date | None
    with_action: date | None
    plan: Plan | None


def timeline(
    facts: Facts, policy: Policy, on: date, later: Sequence[Policy] = ()
) -> tuple[Rating, ...]:
    """Today's rating and each one that time alone brings, with no new record, over five years.

    From the first day of a version among `later` on it is what rates.
    """
    return tuple(_turning(known(facts, on), (policy, *later), on))


def what_if(facts: Facts, policy: Policy, on: date, chosen: Sequence[Action]) -> Rating:
    """The rating the actions would lead to today."""
    return assess(after(facts, chosen, on), policy, on)


def clock(facts: Facts, policy: Policy, on: date) -> tuple[Deadline, ...]:
    """For each line of the sum what cancels it and on which day it lapses."""
    seen = known(facts, on)
    cures = {record: one for one in actions(seen, policy, on) for record in one.helps}
    return tuple(
        Deadline(
            record=one.record,
            code=one.code,
            title=one.title,
            cure=cures.get(one.record),
            lapses_on=one.counts_until + ONE_DAY if one.counts_until else None,
            lasts="" if one.counts_until else _lasts(one, seen, policy, on),
            given_back="forgiven" if one.kind == "forgiven" else one.restored,
        )
        for one in rated_on(seen, policy, on).reasons
        if one.kind not in ("bonus", "mark", "measure")
    )


def _lasts(reason: Reason, facts: Facts, policy: Policy, on: date) -> str:
    record = next(one for one in facts.records if one.id == reason.record)
    mates = mates_of(record, facts)
    rule = rule_of(record, mates, policy) or policy.by_code[reason.code]
    return open_end(rule, course_of(record, firsts(record.events), mates), policy, on)


def outlooks(
    facts: Facts, policy: Policy, on: date, later: Sequence[Policy] = ()
) -> tuple[Outlook, ...]:
    """For each better grade, and for the white list, the earliest day with and without action.

    Where parts are unknown, a grade is reached when it is so at both ends. Who is on the black list has no
    white one before them.
    Inspections are taken to go on twice a year and to find nothing, and banks to go on reporting: see
    `visited`. From the first day of a version among `later` on it is what rates.
    """
    seen = known(facts, on)
    rating = rated_on(seen, policy, on)
    goals: list[tuple[str, Reached]] = []
    grades = [one.grade for one in policy.bands]
    worst = _worst(rating, grades)
    if worst in grades:
        for place in range(grades.index(worst) - 1, -1, -1):
            goals.append((grades[place], _is_grade(grades, place)))
    if rating.status in ("none", "watch", "new") and policy.white:
        goals.append(("white", lambda one: one.status == "white"))
    best = after(seen, actions(seen, policy, on), on)
    versions = (policy, *later)
    alone, done = (tuple(_turning(visited(one, policy, on), versions, on)) for one in (seen, best))
    return tuple(_outlook(seen, versions, alone, done, goal) for goal in goals)


def visited(facts: Facts, policy: Policy, on: date) -> Facts:
    """The facts with an on-site inspection every half year ahead that finds nothing, and reports by the banks.

    Only where a rating stands on records: elsewhere an inspection is itself the rating.
    """
    if policy.scale.made_of != "standing":
        return facts
    facts = _reporting(facts, policy, on)
    days = [months_after(on, months) for months in range(EVERY_MONTHS, AHEAD_MONTHS, EVERY_MONTHS)]
    ahead = [Inspection(id=f"{day}", kind="", on=day) for day in days]
    return structs.replace(facts, inspections=(*facts.inspections, *ahead))


def _reporting(facts: Facts, policy: Policy, on: date) -> Facts:
    """The facts with a report of every bank that reports now each time before its last one is too old."""
    every = min((one.days for one in policy.white if one.kind == "custody" and one.days), default=0)
    last = months_after(on, AHEAD_MONTHS)
    ahead: list[Custody] = []
    for one in in_term(facts.custody, on) if every else ():
        if one.reported_on is None or on > days_after(one.reported_on, every):
            continue
        for times in range(1, (last - one.reported_on).days // every + 1):
            ahead.append(
                structs.replace(one, reported_on=days_after(one.reported_on, every * times))
            )
    return structs.replace(facts, custody=(*facts.custody, *ahead)) if ahead else facts


def smallest(
    facts: Facts, policy: Policy, on: date, reached: Reached, by: date | None = None
) -> Plan | None:
    """The fewest actions done today that reach a goal today, or `by` a later day; None if none do.

    No action makes a rating worse, so what cannot be left out is in every answer. Of the rest, sets are
    tried from the smallest up and from the whole down, whichever is cheaper, until one proves the answer;
    beyond 2,000 trials the set is thinned out one by one instead, and is not `exact`.
    """
    facts, day = known(facts, on), by or on
    return _smallest(
        facts, policy, on, reached, lambda chosen: assess(after(facts, chosen, on), policy, day)
    )


def _smallest(
    facts: Facts,
    policy: Policy,
    on: date,
    reached: Reached,
    rated: Callable[[Sequence[Action]], Rating],
) -> Plan | None:
    possible = actions(facts, policy, on)

    def works(chosen: Sequence[Action]) -> bool:
        return reached(rated(chosen))

    if not works(possible):
        return None
    needed = [one for one in possible if not works([o for o in possible if o is not one])]
    rest = [one for one in possible if one not in needed]
    classes = interchangeable(facts, policy, rest)
    found = _fewest(needed, classes, works)
    chosen = _thinned(possible, works) if found is None else found
    ordered = tuple(one for one in possible if one in chosen)
    return Plan(actions=ordered, rating=rated(ordered), exact=found is not None)


def _version(versions: Sequence[Policy], day: date) -> Policy:
    """The last of the versions that has begun on a day; the first before."""
    return next((one for one in reversed(versions) if one.since <= day), versions[0])


def _turning(facts: Facts, versions: Sequence[Policy], on: date) -> Iterator[Rating]:
    """The rating of a day and of each later one on which time, a visit ahead or a version may change it."""
    last = months_after(on, AHEAD_MONTHS)
    day: date | None = on
    while day is not None and day <= last:
        rating = assess(facts, _version(versions, day), day)
        yield rating
        turns = [one.on for one in facts.inspections if one.on > day]
        turns += [one.since for one in versions if one.since > day]
        if rating.changes_on is not None:
            turns.append(rating.changes_on)
        day = min(turns, default=None)


def _is_grade(grades: list[str], place: int) -> Reached:
    return lambda one: _worst(one, grades) in grades[: place + 1]


def _worst(rating: Rating, grades: list[str]) -> str:
    """The grade; where parts are unknown, the worse end of what it may be."""
    return rating.grade if rating.grade in grades else rating.grade.rpartition("–")[2]


def _outlook(
    facts: Facts,
    versions: Sequence[Policy],
    alone: Sequence[Rating],
    done: Sequence[Rating],
    goal: tuple[str, Reached],
) -> Outlook:
    (name, reached), on, policy = goal, alone[0].on, versions[0]
    with_action = next((one.on for one in done if reached(one)), None)
    plan = None
    if with_action is not None:
        day, rule = with_action, _version(versions, with_action)
        plan = _smallest(
            facts,
            policy,
            on,
            reached,
            lambda chosen: assess(visited(after(facts, chosen, on), policy, on), rule, day),
        )
    return Outlook(
        goal=name,
        without_action=next((one.on for one in alone if reached(one)), None),
        with_action=with_action,
        plan=plan,
    )


def _fewest(
    needed: list[Action], classes: list[list[Action]], works: Callable[[Sequence[Action]], bool]
) -> list[Action] | None:
    """The fewest of the classes to add to what is needed; None where that is too much to try."""
    total = sum(len(one) for one in classes)
    trials, low, high = 0, 0, total
    best = [*needed, *(one for some in classes for one in some)]
    # Every set smaller than `low` is known to fail, and `best`, of size `high`, is known to do.
    while low < high:
        up = comb(total, low) <= comb(total, high - 1)
        size = low if up else high - 1
        found = None
        for chosen in islice(_of_size(classes, size), BUDGET - trials + 1):
            trials += 1
            if trials > BUDGET:
                return None
            if works([*needed, *chosen]):
                found = [*needed, *chosen]
                break
        if found is not None:
            best, high = found, size
        else:
            low = size + 1
    return best


def _of_size(classes: list[list[Action]], size: int) -> Iterator[list[Action]]:
    """Every choice of so many actions, taking members of a class only in their order."""
    if not classes:
        yield []
        return
    head, *tail = classes
    left = sum(len(one) for one in tail)
    for many in range(max(0, size - left), min(len(head), size) + 1):
        for rest in _of_size(tail, size - many):
            yield [*head[:many], *rest]


def _thinned(possible: Sequence[Action], works: Callable[[Sequence[Action]], bool]) -> list[Action]:
    """A set from which no single action can be left out."""
    chosen = list(possible)
    for one in possible:
        rest = [other for other in chosen if other is not one]
        if works(rest):
            chosen = rest
    return chosen
