"""The course of a record: which of its steps are known, proven, undone, disputed, cured or overdue."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache

from msgspec import structs

from scoring.facts import Custody, Event, Facts, Inspection, Listing, Record, State
from scoring.policy import Policy

# Looked up once: a member of an enumeration costs as much as the comparison it is for.
CONFIRMED, ORDERED, PASSED, DECIDED = State.CONFIRMED, State.ORDERED, State.PASSED, State.DECIDED
DISMISSED, ANNULLED = State.DISMISSED, State.ANNULLED
DISPUTED, DISPUTE_ENDED = State.DISPUTED, State.DISPUTE_ENDED
# The step that opens each gate: a record's own, or where a decision proves a fault, one of its case.
OWN_PROOF = {"F": CONFIRMED, "O": ORDERED}
PROOF = {
    "P": (State.FINAL,),
    "J": (State.JUDGED,),
    "PJ": (State.FINAL, State.JUDGED),
}
ONE_DAY = timedelta(days=1)
LAST = date.max.year
UNDONE = (DISMISSED, ANNULLED)
ENDED = (PASSED, *UNDONE)


@lru_cache(maxsize=2**15)
def months_after(day: date, months: int) -> date:
    """The same day some months later, clamped to the month's end and to the calendar's.

    >>> months_after(date(2027, 1, 31), 1)
    datetime.date(2027, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        if year < date.min.year:
            return date.min
        return date(year, month + 1, monthrange(year, month + 1)[1]) if year <= LAST else date.max


@lru_cache(maxsize=2**15)
def days_after(day: date, days: int) -> date:
    """So many days later, or the calendar's last day, which stands for a term without an end (长期)."""
    try:
        return day + span(days)
    except OverflowError:
        return date.max


@lru_cache(maxsize=2**10)
def months_before(day: date, months: int) -> date:
    """The last day from which so many months are over by a day.

    >>> months_before(date(2027, 2, 28), 1)
    datetime.date(2027, 1, 31)
    """
    found = months_after(day, -months)
    while found < day and months_after(found + ONE_DAY, months) <= day:
        found += ONE_DAY
    return found


@lru_cache(maxsize=2**10)
def span(days: int) -> timedelta:
    """So many days; made once, for making a span takes longer than adding it."""
    return timedelta(days=days)


def first(events: Iterable[Event], *states: State) -> Event | None:
    """The earliest event of these states; of several on one day the one with the longest term."""
    found: Event | None = None
    for one in events:
        if one.state in states and (found is None or _is_before(one, found)):
            found = one
    return found


def firsts(events: Sequence[Event]) -> dict[State, Event]:
    """The earliest event of each state; of several on one day the one with the longest term."""
    found = {one.state: one for one in reversed(events)}
    if len(found) == len(events):
        return found
    for one in events:
        if _is_before(one, found[one.state]):
            found[one.state] = one
    return found


def _is_before(one: Event, other: Event) -> bool:
    """Whether an event goes before another, in whatever order they stand."""
    if one.on != other.on:
        return one.on < other.on
    return (one.due_on or date.max) > (other.due_on or date.max)


def known(facts: Facts, on: date) -> Facts:
    """The facts without whatever happened after the day."""
    return structs.replace(
        facts,
        records=tuple([_by(one, on) for one in facts.records if one.seen_on <= on]),
        inspections=tuple([one for one in facts.inspections if one.on <= on]),
        annual_inspections=tuple([one for one in facts.annual_inspections if one.on <= on]),
        listings=tuple([_not_ended(one, on) for one in facts.listings if one.decided_on <= on]),
        custody=tuple([_not_reported(one, on) for one in facts.custody]),
    )


def _by(record: Record, on: date) -> Record:
    for event in record.events:
        if event.on > on:
            return structs.replace(record, events=tuple(e for e in record.events if e.on <= on))
    return record


def _not_ended(listing: Listing, on: date) -> Listing:
    if listing.ended_on is None or listing.ended_on <= on:
        return listing
    return structs.replace(listing, ended_on=None, ended_because="", annulled=False)


def _not_reported(account: Custody, on: date) -> Custody:
    if account.reported_on is None or account.reported_on <= on:
        return account
    return structs.replace(account, reported_on=None)


def undone(record: Record) -> bool:
    """Whether the record was dismissed or annulled: it never counts."""
    return first(record.events, *UNDONE) is not None


def disputed(events: Iterable[Event]) -> bool:
    """Whether more disputes were begun than have ended."""
    states = [one.state for one in events]
    return states.count(DISPUTED) > states.count(DISPUTE_ENDED)


def cured_in_time(steps: Mapping[State, Event]) -> bool:
    """Whether a re-inspection passed before the term of the first order to correct was over."""
    passed = steps.get(PASSED)
    if passed is None:
        return False
    order = steps.get(ORDERED)
    return order is None or order.due_on is None or passed.on <= order.due_on


def open_term(record: Record) -> date | None:
    """The last day of the newest order to correct that no re-inspection has ended; None if there is none."""
    newest: tuple[date, date] | None = None
    # From the last step on, for that is most often the one that ends a term.
    for one in reversed(record.events):
        if one.state in ENDED:
            return None
        if one.state == ORDERED and one.due_on is not None:
            order = one.on, one.due_on
            newest = order if newest is None else max(newest, order)
    return newest[1] if newest else None


def open_terms(facts: Facts) -> tuple[date, ...]:
    """The last days of all orders to correct that are still open."""
    return tuple([due for due in map(open_term, facts.records) if due is not None])


def scored_inspections(facts: Facts, policy: Policy) -> list[Inspection]:
    """The inspections whose kind the scale counts, oldest first."""
    kinds = policy.scale.inspection_kinds
    if policy.cycle is not None and not kinds:
        kinds = (*policy.cycle.first_kinds, *policy.cycle.again_kinds)
    found = [one for one in facts.inspections if not kinds or one.kind in kinds]
    return sorted(found, key=lambda one: (one.on, one.id))


def newest_visit(facts: Facts, *, onsite: bool) -> date | None:
    """The day of the newest inspection, or of the newest on-site one."""
    found: date | None = None
    for one in facts.inspections:
        if (one.onsite or not onsite) and (found is None or one.on > found):
            found = one.on
    return found


def visited_within(facts: Facts, months: int, on: date, *, onsite: bool = False) -> bool:
    """Whether the newest inspection is less than so many months old."""
    newest = newest_visit(facts, onsite=onsite)
    return newest is not None and on < months_after(newest, months)
