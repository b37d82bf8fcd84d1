"""The rating of a day beside that of another: lasting, looked at alone, and the window of the next visit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring import Facts, assess, load_policy
from scoring.assess import listings_on, rated_on
from scoring.facts import Event, Inspection, State, Term
from scoring.rules import disputed, first, firsts, known, months_after, months_before, open_term
from tests.scoring.records import ON, black, proven, small_faults, sound
from tests.scoring.strategies import POLICY, STANDING, policy_of

PLANNED = load_policy(
    STANDING.replace("months_without_inspection = 24\n", "")
    .replace("below = 90", "below = 90\nvisit_after_months = 4\nvisit_within_months = 6")
    .encode()
)


def test_a_rating_lasts_to_the_day_before_it_changes_and_no_further() -> None:
    facts = sound(small_faults(1))
    rating = assess(facts, POLICY, ON)
    assert rating.changes_on == date(2026, 12, 29)
    eve = rating.changes_on - timedelta(days=1)
    assert assess(facts, POLICY, eve) == rating.lasting().dated(eve)
    assert assess(facts, POLICY, rating.changes_on).lasting() != rating.lasting()


def test_the_rating_of_a_day_alone_is_the_same_without_the_day_it_changes() -> None:
    facts = sound(small_faults(2))
    assert rated_on(facts, POLICY, ON) == structs.replace(
        assess(facts, POLICY, ON), changes_on=None
    )


def test_the_next_visit_is_due_by_the_grade_and_from_the_newest_visit() -> None:
    facts = sound(small_faults(3))  # fifteen points: 85, a B
    rating = assess(facts, PLANNED, ON)
    assert rating.grade == "B"
    assert (rating.visit_from, rating.visit_until) == (date(2026, 5, 1), date(2026, 7, 1))
    assert rating.points_to_next == Decimal(5)
    a = assess(sound([]), PLANNED, ON)
    assert (a.grade, a.visit_from, a.visit_until) == ("A", None, None)


def test_who_was_never_visited_has_no_next_visit_due() -> None:
    never = Facts(institution="x", records=tuple(small_faults(3)))
    rating = assess(never, PLANNED, ON)
    assert rating.grade == "B"
    assert (rating.visit_from, rating.visit_until) == (None, None)


def test_an_older_visit_does_not_count_beside_a_newer_one() -> None:
    visits = (
        Inspection(id="new", kind="daily", on=date(2026, 3, 1)),
        Inspection(id="old", kind="daily", on=date(2024, 1, 1)),
    )
    facts = structs.replace(sound(small_faults(3)), inspections=visits)
    rating = assess(facts, PLANNED, ON)
    assert rating.visit_until == date(2026, 9, 1)


def test_what_was_before_a_listing_counts_until_the_listing_ends() -> None:
    (fault,) = small_faults(1)
    listing = black(decided_on=ON, effective_on=ON, until=ON + timedelta(days=9))
    facts = sound([fault], listings=(listing,))
    rating = assess(facts, policy_of("yearly"), ON)
    assert (rating.score, rating.changes_on) == (5, ON + timedelta(days=10))
    assert (rating.grade, rating.next_grade, rating.points_to_next) == ("B", "A", 2)
    assert assess(facts, policy_of("yearly"), ON + timedelta(days=10)).score == 0
    # Of two listings the end of the shorter one lets the score begin anew, though the other stays.
    longer = structs.replace(listing, id="MD2", until=ON + timedelta(days=99))
    both = assess(sound([fault], listings=(listing, longer)), policy_of("yearly"), ON)
    assert (both.status, both.changes_on) == ("black", ON + timedelta(days=10))


def test_the_decisions_of_a_list_on_a_day_are_all_that_count_on_it_the_earliest_first() -> None:
    one = black(decided_on=ON, effective_on=ON, until=ON + timedelta(days=9))
    two = structs.replace(one, id="MD0", until=ON + timedelta(days=99))
    watched = structs.replace(one, id="MD3", list="watch")
    late = structs.replace(one, id="MD4", effective_on=ON + timedelta(days=1))
    ended = structs.replace(one, id="MD5", ended_on=ON)
    every = (one, late, watched, ended, two)
    assert listings_on(every, "black", ON) == (two, one)
    assert listings_on(every, "black", ON + timedelta(days=1)) == (two, one, late)
    assert listings_on(every, "watch", ON) == (watched,)
    assert listings_on(every, "none", ON) == ()


def test_what_is_known_of_a_listing_that_ends_later_is_that_it_lasts() -> None:
    listing = black(
        decided_on=ON,
        effective_on=ON,
        ended_on=ON + timedelta(days=10),
        ended_because="修复",
    )
    seen = known(sound([], listings=(listing,)), ON + timedelta(days=9)).listings
    assert seen == (structs.replace(listing, ended_on=None, ended_because=""),)
    assert known(sound([], listings=(listing,)), ON + timedelta(days=10)).listings == (listing,)
    assert known(sound([], listings=(listing,)), ON - timedelta(days=1)).listings == ()


def test_two_words_on_one_day_mean_the_same_in_any_order() -> None:
    (fault,) = small_faults(1)
    begun = Event(state=State.DISPUTED, on=ON)
    ended = Event(state=State.DISPUTE_ENDED, on=ON)
    short = Event(state=State.ORDERED, on=ON, due_on=ON + timedelta(days=5))
    long = Event(state=State.ORDERED, on=ON, due_on=ON + timedelta(days=9))
    open_ended = Event(state=State.ORDERED, on=ON)
    assert not disputed((begun, ended))
    assert not disputed((ended, begun))
    assert disputed((begun, ended, begun))
    assert first((short, long), State.ORDERED) == first((long, short), State.ORDERED) == long
    assert first((short, open_ended), State.ORDERED) == open_ended
    assert firsts((long, short)) == firsts((short, long)) == {State.ORDERED: long}
    for events in ((short, long), (long, short)):
        assert open_term(structs.replace(fault, events=events)) == long.due_on


@pytest.mark.parametrize(
    ("day", "months", "begun"),
    [
        (date(2026, 10, 31), 12, date(2025, 10, 31)),
        (date(2026, 4, 29), 2, date(2026, 2, 28)),
        (date(2026, 4, 30), 2, date(2026, 2, 28)),
        # Of every day from the 28th of January on, a month is over on the last of February.
        (date(2027, 2, 28), 1, date(2027, 1, 31)),
        (date(2028, 2, 28), 1, date(2028, 1, 28)),
    ],
)
def test_the_last_day_from_which_some_months_are_over(day: date, months: int, begun: date) -> None:
    assert months_before(day, months) == begun


@given(day=st.dates(date(2000, 1, 1), date(2050, 1, 1)), months=st.integers(1, 1200))
def test_what_began_by_that_day_is_over_and_what_began_later_is_not(day: date, months: int) -> None:
    begun = months_before(day, months)
    assert months_after(begun, months) <= day < months_after(begun + timedelta(days=1), months)


def test_one_of_two_disputes_that_has_ended_leaves_the_other() -> None:
    events = tuple(
        Event(state=state, on=ON - timedelta(days=days))
        for state, days in (
            (State.DISPUTED, 9),
            (State.DISPUTED, 8),
            (State.DISPUTE_ENDED, 1),
        )
    )
    assert disputed(events)
    assert not disputed((*events, Event(state=State.DISPUTE_ENDED, on=ON)))


def test_whoever_lacks_the_visit_of_two_grades_falls_below_both() -> None:
    text = STANDING.replace("below = 90\n", "below = 90\nneeds_onsite_months = 24\n")
    policy = load_policy(text.replace("months_without_inspection = 24\n", "").encode())
    for seen, grade in (
        (date(2025, 7, 1), "A"),
        (date(2025, 6, 30), "B"),
        (date(2024, 6, 30), "D"),
    ):
        visit = Inspection(id="v", kind="daily", on=seen)
        facts = structs.replace(sound([]), inspections=(visit,))
        assert rated_on(facts, policy, ON).grade == grade
    small = rated_on(structs.replace(sound(small_faults(3)), inspections=()), policy, ON)
    assert small.grade == "D"


def test_a_listing_in_force_is_named_and_black_goes_before_watch() -> None:
    watch = black(id="w", list="watch", decided_on=ON, effective_on=ON, until=ON)
    worse = structs.replace(watch, id="x", list="black")
    assert rated_on(sound([]), POLICY, ON).listing == ""
    for listings in ((watch, worse), (worse, watch)):
        rating = rated_on(sound([], listings=listings), POLICY, ON)
        assert (rating.status, rating.listing) == ("black", "x")
    alone = rated_on(sound([], listings=(watch,)), POLICY, ON)
    assert (alone.status, alone.listing) == ("watch", "w")
    assert rated_on(sound([], listings=(watch,)), POLICY, ON + timedelta(days=1)).status == "none"


def test_where_parts_are_unknown_no_distance_is_guessed() -> None:
    rating = rated_on(sound(small_faults(3)), policy_of("unknown"), ON)
    assert (rating.grade, rating.score_from, rating.score_to) == ("B", 65, 85)
    assert (rating.score, rating.points_to_next, rating.next_grade) == (None, None, "A")
    old = structs.replace(
        sound([]), inspections=(Inspection(id="i", kind="daily", on=date(2025, 1, 1)),)
    )
    assert rated_on(old, policy_of("unknown"), ON).grade == "B"  # both ends lack a visit


def test_whoever_is_not_rated_is_told_why_and_has_no_score() -> None:
    new = rated_on(sound([], opened_on=ON), POLICY, ON)
    assert (new.status, new.grade, new.not_rated_because) == ("new", "N", "新设机构，尚未评定")
    assert (new.score, new.base, new.next_grade) == (None, None, "")
    eve = rated_on(sound([], opened_on=ON - timedelta(days=179)), POLICY, ON)
    assert eve.status == "new"
    grown = rated_on(sound([], opened_on=ON - timedelta(days=180)), POLICY, ON)
    assert (grown.status, grown.grade, grown.not_rated_because) == ("none", "A", "")
    closed = rated_on(structs.replace(sound([]), status="closed"), POLICY, ON)
    assert (closed.grade, closed.not_rated_because) == ("S", "已停办或者终止")
    listed = rated_on(structs.replace(sound([]), status="closed", listings=(black(),)), POLICY, ON)
    assert (listed.grade, listed.status, listed.listing) == ("S", "black", "MD1")


def test_whoever_never_held_a_licence_has_no_grade_where_the_policy_says_so() -> None:
    licensed = structs.replace(POLICY.unrated, needs_licence=True)
    # Without conditions nothing but the licence itself turns on the day it begins.
    policy = structs.replace(POLICY, unrated=licensed, white=())
    clean = sound([], opened_on=date(2020, 9, 1))
    assert assess(clean, POLICY, ON).grade == "A"
    rating = assess(clean, policy, ON)
    assert (rating.status, rating.grade, rating.score) == ("none", "N", None)
    assert rating.not_rated_because == "登记库里没有办学许可，不评等级"
    # Nor is somebody new who is unlicensed told to be merely new.
    young = assess(sound([], opened_on=ON), policy, ON)
    assert (young.status, young.not_rated_because) == ("none", rating.not_rated_because)
    # From the first day of the first licence on there is a grade, and an expired one leaves it.
    terms = (
        Term(since=ON + timedelta(days=30)),
        Term(since=ON + timedelta(days=9), until=ON + timedelta(days=20)),
    )
    soon = structs.replace(clean, licences=terms)
    assert assess(soon, policy, ON).changes_on == ON + timedelta(days=9)
    for days, grade in ((8, "N"), (9, "A"), (21, "A")):
        assert assess(soon, policy, ON + timedelta(days=days)).grade == grade
    veto = structs.replace(policy, unrated=structs.replace(licensed, yields_to_veto=True))
    found = [proven("P", State.CONFIRMED, State.FINAL)]
    assert assess(sound(found), policy, ON).grade == "N"
    assert assess(sound(found), veto, ON).grade == "D"


def test_of_two_listings_the_first_to_end_lets_the_sum_start_anew() -> None:
    first = black(id="MD2", effective_on=date(2026, 4, 20), until=date(2026, 8, 1))
    facts = sound([proven("F", State.CONFIRMED)], listings=(black(), first))
    rating = assess(facts, policy_of("yearly"), ON)
    assert (rating.listing, len(rating.reasons)) == ("MD1", 1)
    assert rating.changes_on == date(2026, 8, 2)
    after = assess(facts, policy_of("yearly"), date(2026, 8, 2))
    assert (after.listing, after.reasons) == ("MD1", ())
    # Where a listing starts nothing anew, all counts on.
    assert len(assess(facts, POLICY, date(2026, 8, 2)).reasons) == 1


@pytest.mark.parametrize(("lowest", "grade"), [("94", "M"), ("94.5", "A")])
def test_a_special_class_begins_at_its_score(lowest: str, grade: str) -> None:
    special = f'classes = [{{ grade = "M", title = "托管", record = "I", from = {lowest} }}]'
    policy = load_policy(STANDING.replace("[unrated]", f"[unrated]\n{special}").encode())
    assert assess(sound([proven("I", State.CONFIRMED)]), policy, ON).grade == grade


def test_a_fault_that_is_forgiven_puts_nobody_into_a_special_class() -> None:
    special = 'classes = [{ grade = "M", title = "有首次不计的问题", record = "I" }]'
    policy = load_policy(STANDING.replace("[unrated]", f"[unrated]\n{special}").encode())
    fault = proven("I", State.CONFIRMED)
    cured = proven("I", State.CONFIRMED, State.PASSED)
    assert assess(sound([fault]), policy, ON).grade == "M"
    assert assess(sound([cured]), policy, ON).grade == "A"


def test_steps_of_the_day_itself_are_known() -> None:
    today = structs.replace(
        small_faults(1)[0], events=(Event(state=State.CONFIRMED, on=ON),), seen_on=ON
    )
    assert known(sound([today]), ON).records == (today,)
    assert known(sound([today]), ON - timedelta(days=1)).records == ()
    (cut,) = known(
        sound([structs.replace(today, seen_on=ON - timedelta(days=1))]), ON - timedelta(days=1)
    ).records
    assert cut.events == ()


def test_only_an_order_has_a_term_that_can_run_out() -> None:
    (fault,) = small_faults(1)
    due = ON - timedelta(days=1)
    confirmed = Event(state=State.CONFIRMED, on=ON, due_on=due)
    assert open_term(structs.replace(fault, events=(confirmed,))) is None
    endless = Event(state=State.ORDERED, on=ON)
    assert open_term(structs.replace(fault, events=(endless,))) is None
    older = Event(state=State.ORDERED, on=due, due_on=ON)
    newer = Event(state=State.ORDERED, on=ON, due_on=due)
    assert open_term(structs.replace(fault, events=(newer, older))) == due
