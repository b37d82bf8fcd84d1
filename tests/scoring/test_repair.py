"""What repairs a rating, checked against trying everything."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from config.demo import institutions
from registry.portal.repair import Clock, repair_of
from scoring import Facts, Policy, Rating, assess
from scoring.actions import actions, after
from scoring.assess import rated_on
from scoring.facts import Event, Record, State
from scoring.repair import clock, outlooks, smallest, timeline, visited, what_if
from scoring.rules import known
from tests.scoring.brute import DAY, GRADES, NINGBO, brute, rank, schemes
from tests.scoring.exemplars import FROZEN
from tests.scoring.records import ON, faults, overdue, record, sound
from tests.scoring.strategies import POLICY, records, whole


@schemes
@given(found=st.lists(records(), max_size=6), goal=st.sampled_from("AB"))
def test_the_smallest_set_is_the_smallest_there_is(
    policy: Policy, found: list[Record], goal: str
) -> None:
    everything = known(sound(found), ON)
    assume(len(actions(everything, policy, ON)) <= 7)

    def reached(rating: Rating) -> bool:
        return rank(rating) <= GRADES[goal]

    plan = smallest(everything, policy, ON, reached)
    size = brute(everything, policy, reached, ON)
    assert (plan is None) == (size is None)
    if plan is not None:
        assert len(plan.actions) == size
        assert plan.exact
        assert reached(plan.rating)
        assert plan.rating == what_if(everything, policy, ON, plan.actions)


@schemes
@given(facts=whole(most=4))
def test_what_if_is_the_rating_of_the_changed_facts_and_no_action_makes_it_worse(
    policy: Policy, facts: Facts
) -> None:
    facts = known(facts, ON)
    before = assess(facts, policy, ON)
    for one in actions(facts, policy, ON):
        rating = what_if(facts, policy, ON, [one])
        assert rating == assess(after(facts, [one], ON), policy, ON)
        assert rank(rating) <= rank(before)
        assert sum(c.met for c in rating.conditions) >= sum(c.met for c in before.conditions)
        if before.status == "white":
            assert rating.status == "white"


@schemes
@given(found=st.lists(records(), max_size=5))
def test_the_timeline_is_what_each_day_says(policy: Policy, found: list[Record]) -> None:
    everything = sound(found)
    line = timeline(everything, policy, ON)
    assert line[0] == assess(everything, policy, ON)
    days = [one.on for one in line]
    assert days == sorted(set(days))
    for rating, following in pairwise(line):
        assert rating.changes_on == following.on
        eve = rated_on(known(everything, ON), policy, following.on - timedelta(days=1))
        assert (eve.grade, eve.score) == (rating.grade, rating.score)


@schemes
@given(found=st.lists(records(), max_size=6))
def test_the_clock_names_the_day_each_line_lapses_and_a_cure_that_helps(
    policy: Policy, found: list[Record]
) -> None:
    everything = known(sound(found), ON)
    rating = rated_on(everything, policy, ON)
    lines = {one.record: one for one in rating.reasons}
    for one in clock(everything, policy, ON):
        reason = lines[one.record]
        if one.lapses_on is not None:
            later = rated_on(everything, policy, one.lapses_on)
            assert one.record not in {r.record for r in later.reasons}
            eve = rated_on(everything, policy, one.lapses_on - timedelta(days=1))
            assert one.record in {r.record for r in eve.reasons}
        else:
            assert reason.counts_until is None
        if one.cure is not None:
            cured = rated_on(after(everything, [one.cure], ON), policy, ON)
            assert one.cure in actions(everything, policy, ON)
            assert sum(r.left for r in cured.reasons) <= sum(r.left for r in rating.reasons)


def test_twenty_equal_faults_are_counted_and_not_tried_one_by_one() -> None:
    # Five points each, fifteen at most: to keep only ten, all but two must be cured.
    found = [
        structs.replace(one, inspection=f"i{one.id}", statement=f"第 {one.id} 处")
        for one in faults("F" * 20)
    ]
    plan = smallest(sound(found), POLICY, ON, lambda one: one.grade == "A")
    assert plan is not None
    assert plan.exact
    assert len(plan.actions) == 18


def test_what_is_too_much_to_try_is_thinned_out_and_says_that_it_is_not_proven() -> None:
    seen = ON - timedelta(days=100)
    many = [
        structs.replace(one, seen_on=seen + timedelta(days=number))
        for number, one in enumerate(faults("FO" * 14))
    ]

    def reached(rating: Rating) -> bool:
        return sum(one.left == 0 for one in rating.reasons) >= 7

    plan = smallest(sound(many), POLICY, ON, reached)
    assert plan is not None
    assert not plan.exact
    for one in plan.actions:
        rest = [other for other in plan.actions if other is not one]
        assert not reached(what_if(sound(many), POLICY, ON, rest))


def test_a_goal_out_of_reach_is_said_to_be() -> None:
    decided = Event(state=State.DECIDED, on=date(2024, 1, 15))
    final = Event(state=State.FINAL, on=ON - timedelta(days=10))
    bad = record("p", "P", ON - timedelta(days=200), decided, final, kind="decision")
    assert smallest(sound([bad]), POLICY, ON, lambda one: one.grade == "A") is None
    (b, a, *_) = outlooks(sound([bad]), POLICY, ON)
    assert (b.goal, a.goal) == ("B", "A")
    assert b.with_action == b.without_action == date(2027, 1, 15)
    assert a.with_action == date(2027, 1, 15)  # a visit is taken to come within the year


def test_the_clock_tells_of_each_line_what_cures_it_and_when_it_lapses() -> None:
    open_, late = faults("FO")
    praise = record("b", "B", ON, State.CONFIRMED, kind="commendation")
    late = overdue(late)
    year = record("y", "Y", ON, State.ORDERED)
    told = clock(sound([open_, late, praise, year]), POLICY, ON)
    assert [(one.record, one.code, one.title, one.lapses_on) for one in told] == [
        ("00", "F", "轻微", date(2026, 11, 1)),
        ("01", "O", "一般", date(2027, 5, 1)),
        ("y", "Y", "年检", None),
    ]
    assert [one.cure.title if one.cure else "" for one in told] == [
        "整改“轻微”并复查合格",
        "",
        "整改“年检”并复查合格",
    ]


def test_the_clock_tells_what_was_given_back_and_what_was_forgiven() -> None:
    passed = Event(state=State.PASSED, on=ON - timedelta(days=1))
    cured = [structs.replace(one, events=(*one.events, passed)) for one in faults("FOIT")]
    told = clock(sound(cured), POLICY, ON)
    assert [(one.code, one.given_back) for one in told] == [
        ("F", "full"),
        ("O", "half"),
        ("I", "forgiven"),
        ("T", ""),
    ]
    words = {one.title: one.cure for one in repair_words(sound(cured))}
    assert words == {
        "轻微": "已恢复",
        "一般": "已恢复一半",
        "首次不计": "不计分",
        "新规则": "不能提前恢复",
    }


def repair_words(facts: Facts) -> tuple[Clock, ...]:
    """The clocks as the portal shows them."""
    return repair_of(facts, POLICY, assess(facts, POLICY, ON), frozenset()).clocks


def test_the_portal_says_what_else_holds_the_next_grade() -> None:
    facts = sound(faults("VOOOO"))
    rating = assess(facts, POLICY, ON)
    assert rating.points_to_next is not None
    said = repair_of(facts, POLICY, rating, frozenset()).also
    assert said == "还要：“重大隐患”不再限制等级（现在最高为 D 级）。"


def test_of_two_cases_the_one_that_is_enough_is_mended_alone() -> None:
    found = [structs.replace(one, case=f"c{one.id}") for one in faults("FO")]
    plan = smallest(sound(found), POLICY, ON, lambda one: one.score is not None and one.score > 85)
    assert plan is not None
    assert [one.record for one in plan.actions] == ["01"]
    assert plan.rating == what_if(sound(found), POLICY, ON, plan.actions)


def test_the_first_of_equal_faults_is_tried_for_itself() -> None:
    # Six points come back with the first alone, or ten with both of the others.
    second, first, *others = faults("IIFF")
    first = structs.replace(first, seen_on=second.seen_on - timedelta(days=1))
    facts = sound([second, first, *others])
    assert assess(facts, POLICY, ON).score == 78
    plan = smallest(facts, POLICY, ON, lambda one: one.score is not None and one.score >= 84)
    assert plan is not None
    assert [one.record for one in plan.actions] == [first.id]


def test_of_equal_first_faults_only_the_first_is_worth_mending() -> None:
    first, second = faults("II")
    facts = sound([second, first])  # whatever the order in which they stand
    assert assess(facts, POLICY, ON).score == 88
    plan = smallest(facts, POLICY, ON, lambda one: one.score is not None and one.score >= 94)
    assert plan is not None
    assert [one.record for one in plan.actions] == [first.id]
    assert plan.exact


def test_the_first_of_equal_first_faults_is_found_where_others_would_do_too() -> None:
    first, second, *small = faults("IIFF")
    facts = sound([second, first, *small])
    assert assess(facts, POLICY, ON).score == 78
    plan = smallest(facts, POLICY, ON, lambda one: one.score is not None and one.score >= 84)
    assert plan is not None
    assert [one.record for one in plan.actions] == [first.id]


def test_marks_and_measures_have_no_clock() -> None:
    marked, policy = FROZEN["marked"]
    assert [one.record for one in clock(marked, policy, ON)] == ["f1"]
    measured, policy = FROZEN["measures"]
    assert clock(measured, policy, ON) == ()
    assert [one.on for one in timeline(measured, policy, ON)] == [ON]
    # Where an inspection is itself the rating, none is imagined.
    assert visited(measured, policy, ON) == measured


def test_nothing_is_offered_where_nothing_is_wrong() -> None:
    clean = next(
        one.facts
        for one in institutions(1, 100)
        if assess(one.facts, NINGBO, DAY).status == "white"
        and not assess(one.facts, NINGBO, DAY).reasons
    )
    assert actions(clean, NINGBO, DAY) == ()
    assert outlooks(clean, NINGBO, DAY) == ()
    plan = smallest(clean, NINGBO, DAY, lambda one: one.status == "white")
    assert plan is not None
    assert plan.actions == ()
    suspended = structs.replace(clean, status="suspended")
    assert smallest(suspended, NINGBO, DAY, lambda one: one.status == "white") is None
