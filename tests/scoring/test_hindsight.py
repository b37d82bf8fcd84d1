"""What April should have said, knowing what May brought: an act undone never was, and nothing else moves."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring import Facts, Rating, assess, load_policy
from scoring.facts import Cover, Custody, Event, Record, State, Term
from scoring.hindsight import (
    Cause,
    Wrong,
    compare,
    is_as_printed,
    struck,
    undone,
    with_hindsight,
)
from tests.scoring.records import black, confirmed, record, sound
from tests.scoring.strategies import BANDS, HEAD, RULES

POLICY = load_policy(
    (
        HEAD.format(id="P")
        + '[scale]\nmade_of = "standing"\nbase = 100\nfloor = 0\n'
        + BANDS
        + RULES
    ).encode()
)
APRIL = date(2026, 4, 30)
MAY = date(2026, 5, 20)
NOW = date(2026, 6, 30)


def finding(id: str = "WT1", code: str = "F", seen: date = date(2026, 3, 2)) -> Record:
    """A finding confirmed a week after it was seen."""
    return confirmed(id, code, seen)


def penalty(*more: Event) -> Record:
    """A penalty decision, final on 1 April, which holds the grade at D."""
    decided = Event(state=State.DECIDED, on=date(2025, 9, 1))
    final = Event(state=State.FINAL, on=date(2026, 4, 1))
    return record("AJ1", "P", date(2025, 8, 1), decided, final, *more, kind="decision")


def annulled(on: date = MAY) -> Event:
    return Event(state=State.ANNULLED, on=on)


def told(printed: Facts, now: Facts, on: date = APRIL, knowing: date = NOW) -> Wrong | None:
    """What is wrong with the rating of the facts printed, given everything known now."""
    void = undone(now, knowing)
    seen = with_hindsight(now, on, knowing)
    return compare(assess(printed, POLICY, on), printed, seen, POLICY, void)


def grade(of: Facts, on: date = APRIL, knowing: date = NOW) -> Rating:
    return assess(with_hindsight(of, on, knowing), POLICY, on)


# What a lawyer would ask.


def test_a_penalty_annulled_in_may_never_was_in_april() -> None:
    now = sound([penalty(annulled())])
    assert assess(now, POLICY, APRIL).grade == "D"  # as it was printed
    assert grade(now).grade == "A"  # as it should have been
    assert grade(now, knowing=MAY - timedelta(days=1)).grade == "D"  # as it seemed until then
    assert grade(now, knowing=MAY).grade == "A"  # from the very day


def test_the_edition_made_wrong_is_named_with_the_record_and_the_day() -> None:
    wrong = told(sound([penalty(), finding()]), sound([penalty(annulled()), finding()]))
    assert wrong is not None
    assert wrong.moved
    assert (wrong.institution, wrong.published.grade, wrong.rightful.grade) == ("x", "D", "A")
    assert (wrong.published.score, wrong.rightful.score) == (55, 95)
    assert wrong.causes == (Cause(record="AJ1", code="P", fault="annulled", on=MAY),)


def test_a_finding_dismissed_after_it_was_printed_is_told_as_dismissed() -> None:
    dismissed = Event(state=State.DISMISSED, on=MAY)
    now = structs.replace(finding(), events=(*finding().events, dismissed))
    wrong = told(sound([finding()]), sound([now]))
    assert wrong is not None
    assert wrong.causes == (Cause(record="WT1", code="F", fault="dismissed", on=MAY),)


def test_a_void_record_that_cost_nothing_is_still_to_be_withdrawn() -> None:
    expired = finding(seen=date(2025, 1, 6))
    now = structs.replace(expired, events=(*expired.events, annulled()))
    wrong = told(sound([expired]), sound([now]))
    assert wrong is not None
    assert not wrong.moved
    assert [one.fault for one in wrong.causes] == ["annulled"]


def test_a_listing_whose_decision_was_annulled_never_was() -> None:
    printed = structs.replace(sound([]), listings=(black(),))
    now = structs.replace(printed, listings=(black(ended_on=MAY, annulled=True),))
    assert assess(now, POLICY, APRIL).status == "black"
    assert grade(now).status == "none"
    assert grade(now, knowing=MAY).status == "none"  # from the very day
    assert grade(now, knowing=APRIL).status == "black"
    wrong = told(printed, now)
    assert wrong is not None
    assert wrong.causes == (Cause(record="MD1", code="F05", fault="annulled", on=MAY),)


def test_before_a_listing_was_annulled_it_is_as_it_was_printed() -> None:
    printed = structs.replace(sound([]), listings=(black(),))
    now = structs.replace(printed, listings=(black(ended_on=MAY, annulled=True),))
    assert with_hindsight(now, APRIL, MAY - timedelta(days=1)) == printed


def test_who_knows_less_than_the_day_sees_no_more_than_that() -> None:
    now = sound([finding(seen=date(2026, 3, 2))])
    assert with_hindsight(now, APRIL, date(2026, 3, 1)).records == ()


def test_a_listing_that_was_lifted_was_rightly_there_before() -> None:
    printed = structs.replace(sound([]), listings=(black(),))
    now = structs.replace(printed, listings=(black(ended_on=MAY),))
    assert grade(now).status == "black"
    assert told(printed, now) is None
    # An annulment nobody has dated is none yet.
    undated = structs.replace(printed, listings=(black(annulled=True),))
    assert grade(undated).status == "black"


def test_a_finding_recorded_after_the_edition_is_named_as_late() -> None:
    wrong = told(sound([]), sound([finding()]))
    assert wrong is not None
    assert wrong.causes == (Cause(record="WT1", code="F", fault="late"),)


def test_a_record_told_otherwise_today_is_named_as_changed() -> None:
    thrice = structs.replace(finding(), extent=3)
    wrong = told(sound([finding()]), sound([thrice]))
    assert wrong is not None
    assert wrong.rightful.score == 85
    assert wrong.causes == (Cause(record="WT1", code="F", fault="changed"),)


def test_a_record_no_longer_known_is_named_as_gone() -> None:
    wrong = told(sound([finding()]), sound([]))
    assert wrong is not None
    assert wrong.causes == (Cause(record="WT1", code="F", fault="gone"),)


def test_a_late_listing_and_a_closure_recorded_late_are_named() -> None:
    late = structs.replace(sound([]), listings=(black(),))
    wrong = told(sound([]), late)
    assert wrong is not None
    assert wrong.causes == (Cause(record="MD1", code="F05", fault="late"),)
    closed = structs.replace(sound([]), status="closed")
    wrong = told(sound([]), closed)
    assert wrong is not None
    assert wrong.rightful.grade == "S"
    assert wrong.causes == (Cause(code="status", fault="changed"),)


def test_what_changes_no_rating_is_no_mistake() -> None:
    now = sound([finding(seen=date(2025, 1, 6))])
    assert told(sound([]), now) is None
    moved = structs.replace(sound([]), covers=(cover(date(2026, 1, 1)),))
    assert told(sound([]), moved) is None


def test_only_what_decides_is_named_beside_what_is_void() -> None:
    # The late finding costs five points; the cover recorded late has no part in the sum.
    now = structs.replace(
        sound([penalty(annulled()), finding()]), covers=(cover(date(2026, 1, 1)),)
    )
    wrong = told(sound([penalty()]), now)
    assert wrong is not None
    assert [(one.record, one.fault) for one in wrong.causes] == [
        ("AJ1", "annulled"),
        ("WT1", "late"),
    ]


EXPIRED = finding("WT9", seen=date(2025, 1, 6))
REWORDED = structs.replace(finding(), statement="另述")


@pytest.mark.parametrize(
    ("now", "decides"),
    [
        ({"records": (finding(), EXPIRED), "status": "closed"}, "status"),
        ({"records": (finding(), EXPIRED), "listings": (black(),)}, "F05"),
        ({"records": (REWORDED, penalty())}, "P"),
    ],
    ids=["a closure", "a listing", "a decision"],
)
def test_what_costs_nothing_is_not_named_beside_what_decides(
    now: dict[str, object], decides: str
) -> None:
    printed = sound([finding()])
    wrong = told(printed, structs.replace(printed, **now))
    assert wrong is not None
    assert [one.code for one in wrong.causes] == [decides]


def test_of_two_causes_that_are_each_enough_both_are_named() -> None:
    late = (black(), black(id="MD2"))
    wrong = told(sound([]), structs.replace(sound([]), listings=late))
    assert wrong is not None
    assert [one.record for one in wrong.causes] == ["MD1", "MD2"]


def test_the_first_of_two_endings_is_the_day_it_was_undone() -> None:
    twice = finding()
    later = Event(state=State.ANNULLED, on=NOW)
    sooner = Event(state=State.DISMISSED, on=MAY)
    now = sound([structs.replace(twice, events=(*twice.events, later, sooner))])
    assert undone(now, NOW) == (Cause(record="WT1", code="F", fault="dismissed", on=MAY),)
    assert undone(now, APRIL) == ()
    assert struck(now, undone(now, NOW)).records == ()


def test_what_was_undone_is_told_in_order_of_number() -> None:
    void = [structs.replace(finding(id), events=(annulled(),)) for id in ("WT2", "WT1", "WT3")]
    assert [one.record for one in undone(sound(void), NOW)] == ["WT1", "WT2", "WT3"]


# The print against the register, before anything is rated.


def cover(since: date) -> Cover:
    return Cover(cover_class="premises", since=since, until=date(2026, 12, 31))


def account(reported: date | None, since: date = date(2024, 1, 1)) -> Custody:
    return Custody(bank="甬城银行", since=since, reported_on=reported)


def test_facts_of_later_days_leave_the_print_as_it_was() -> None:
    term = Term(since=date(2024, 1, 1))
    printed = structs.replace(
        sound([finding()]),
        licences=(term,),
        registrations=(term,),
        covers=(cover(date(2026, 1, 1)),),
        custody=(
            account(date(2026, 4, 20)),
            account(APRIL, since=date(2025, 1, 1)),
            account(APRIL, since=APRIL),
        ),
    )
    renewed = Term(since=MAY)
    later = structs.replace(
        printed,
        records=(*printed.records, finding("WT2", seen=MAY)),
        licences=(term, renewed),
        registrations=(term, renewed),
        covers=(cover(date(2026, 1, 1)), cover(MAY)),
        custody=(
            account(MAY),
            account(MAY, since=date(2025, 1, 1)),
            account(APRIL, since=APRIL),
            account(None, since=MAY),
        ),
    )
    assert is_as_printed(printed, with_hindsight(later, APRIL, NOW), APRIL)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "closed"},
        {"licences": (Term(since=APRIL),)},
        {"registrations": (Term(since=APRIL),)},
        {"covers": (cover(APRIL),)},
        {"custody": (account(None, since=APRIL),)},
        {"records": ()},
    ],
    ids=lambda one: next(iter(one)),
)
def test_whatever_is_told_otherwise_of_the_day_is_seen(changed: dict[str, object]) -> None:
    printed = sound([finding()])
    seen = with_hindsight(structs.replace(printed, **changed), APRIL, NOW)
    assert not is_as_printed(printed, seen, APRIL)


# What must hold for every institution.

DAY = st.dates(date(2025, 1, 1), date(2027, 6, 30))
VOID = (State.DISMISSED, State.ANNULLED)


@st.composite
def records(draw: st.DrawFn) -> Record:
    """A record with any steps on any days, in cases of one or two."""
    seen = draw(DAY)
    steps = draw(st.lists(st.tuples(st.sampled_from(list(State)), st.integers(0, 200)), max_size=5))
    return Record(
        id=draw(st.uuids()).hex,
        kind=draw(st.sampled_from(["finding", "decision"])),
        code=draw(st.sampled_from("FOP")),
        seen_on=seen,
        extent=draw(st.integers(1, 3)),
        case=draw(st.sampled_from(["", "案1"])),
        events=tuple(
            Event(state=state, on=seen + timedelta(days=days), due_on=seen + timedelta(days=90))
            for state, days in sorted(steps, key=lambda one: one[1])
        ),
    )


ANY = st.lists(records(), max_size=5)


@st.composite
def whole(draw: st.DrawFn) -> Facts:
    """Facts of records, and now and then a listing that has ended, for whatever reason."""
    found = sound(draw(ANY))
    if draw(st.booleans()):
        ended = draw(st.none() | DAY)
        mine = black(ended_on=ended, annulled=draw(st.booleans()))
        found = structs.replace(found, listings=(mine,))
    return found


@given(ANY, DAY, st.integers(0, 400))
def test_hindsight_of_nothing_undone_is_the_plain_assessment(
    found: list[Record], on: date, days: int
) -> None:
    good = sound(
        [
            structs.replace(one, events=tuple(e for e in one.events if e.state not in VOID))
            for one in found
        ]
    )
    knowing = on + timedelta(days=days)
    assert undone(good, knowing) == ()
    assert grade(good, on, knowing) == assess(good, POLICY, on)


@given(whole(), DAY, DAY)
def test_hindsight_twice_is_hindsight_once(found: Facts, on: date, knowing: date) -> None:
    once = with_hindsight(found, on, knowing)
    assert with_hindsight(once, on, knowing) == once


@given(ANY, DAY, DAY, st.sampled_from(VOID))
def test_what_was_undone_later_counts_on_no_day(
    found: list[Record], on: date, ended: date, state: State
) -> None:
    undoing = Event(state=state, on=ended)
    struck_down = [structs.replace(one, events=(*one.events, undoing)) for one in found]
    rating = grade(sound(struck_down), on, date(2028, 12, 31))
    assert rating.reasons == ()
    assert rating == grade(sound([]), on)


@given(whole(), st.randoms(use_true_random=False), DAY, DAY)
def test_the_order_of_facts_never_matters(
    found: Facts, chance: object, on: date, knowing: date
) -> None:
    mixed = list(found.records)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # hypothesis's Random
    other = structs.replace(found, records=tuple(mixed))
    assert grade(found, on, knowing) == grade(other, on, knowing)
    assert undone(found, knowing) == undone(other, knowing)


@given(whole(), DAY, st.integers(0, 400))
def test_a_rating_is_wrong_exactly_where_something_void_was_printed(
    found: Facts, on: date, days: int
) -> None:
    printed = with_hindsight(found, on, on)
    wrong = told(printed, found, on, on + timedelta(days=days))
    held = {one.id for one in printed.records} | {one.id for one in printed.listings}
    void = held & {one.record for one in undone(found, on + timedelta(days=days))}
    assert (wrong is not None) == bool(void)
    if wrong is not None:
        assert {one.record for one in wrong.causes} == void
