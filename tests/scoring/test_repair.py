"""What repairs a rating, checked against trying everything."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations, pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.demo import institutions
from scoring import Facts, Rating, assess, load_policy
from scoring.facts import Event, Record, State
from scoring.repair import actions, after, smallest, timeline, what_if
from scoring.rules import known
from tests.scoring.test_properties import ON, POLICY, facts, records

NINGBO = load_policy((Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes())
DAY = date(2026, 10, 31)
GRADES = {"A": 0, "B": 1, "D": 2}


def brute(found: Facts, reached: Callable[[Rating], bool]) -> int | None:
    """The size of the smallest set by trying every set there is."""
    possible = actions(found, POLICY, ON)
    for size in range(len(possible) + 1):
        for chosen in combinations(possible, size):
            if reached(what_if(found, POLICY, ON, chosen)):
                return size
    return None


@given(st.lists(records(), max_size=5), st.sampled_from("AB"))
def test_the_smallest_set_is_the_smallest_there_is(found: list[Record], goal: str) -> None:
    everything = facts(found)

    def reached(rating: Rating) -> bool:
        return GRADES[rating.grade] <= GRADES[goal]

    plan = smallest(everything, POLICY, ON, reached)
    size = brute(everything, reached)
    assert (plan is None) == (size is None)
    if plan is not None:
        assert len(plan.actions) == size
        assert plan.exact
        assert reached(plan.rating)
        assert plan.rating == what_if(everything, POLICY, ON, plan.actions)


@given(st.lists(records(), max_size=6))
def test_what_if_is_the_rating_of_the_changed_facts_and_no_action_makes_it_worse(
    found: list[Record],
) -> None:
    everything = facts(found)
    before = assess(everything, POLICY, ON)
    for one in actions(everything, POLICY, ON):
        rating = what_if(everything, POLICY, ON, [one])
        assert rating == assess(after(everything, [one], ON), POLICY, ON)
        assert GRADES[rating.grade] <= GRADES[before.grade]
        assert before.score is not None
        assert rating.score is not None
        assert rating.score >= before.score


@given(st.lists(records(), max_size=5))
def test_the_timeline_is_what_each_day_says(found: list[Record]) -> None:
    everything = facts(found)
    line = timeline(everything, POLICY, ON)
    assert line[0] == assess(everything, POLICY, ON)
    days = [one.on for one in line]
    assert days == sorted(set(days))
    for rating, following in pairwise(line):
        assert rating.changes_on == following.on
        eve = assess(known(everything, ON), POLICY, following.on - timedelta(days=1))
        assert eve.grade == rating.grade
        assert eve.score == rating.score


def test_with_more_records_than_can_be_tried_the_set_cannot_be_made_smaller() -> None:
    seen = ON - timedelta(days=60)
    order = Event(state=State.ORDERED, on=seen, due_on=ON + timedelta(days=30))
    many = [
        Record(
            id=f"{number:02d}",
            kind="finding",
            code="F",
            seen_on=seen,
            events=(Event(state=State.CONFIRMED, on=seen), order),
        )
        for number in range(20)
    ]
    # Five points each, fifteen at most: to keep only ten, all but two must be cured.
    plan = smallest(facts(many), POLICY, ON, lambda one: one.grade == "A")
    assert plan is not None
    assert not plan.exact
    assert len(plan.actions) == 18
    for one in plan.actions:
        rest = [other for other in plan.actions if other is not one]
        assert what_if(facts(many), POLICY, ON, rest).grade == "B"


def test_whoever_misses_the_white_list_for_duties_alone_is_told_what_leads_there() -> None:
    told = 0
    for one in institutions(1, 600):
        rating = assess(one.facts, NINGBO, DAY)
        if one.fate != "lapsed" or rating.status != "none" or rating.not_rated_because:
            continue
        failed = {each.code for each in rating.conditions if not each.met}
        plan = smallest(one.facts, NINGBO, DAY, lambda each: each.status == "white")
        if failed <= {"licence", "registration", "cover", "custody", "platform"}:
            assert plan is not None
            assert plan.rating.status == "white"
            assert 0 < len(plan.actions) <= len(failed) + 1
            told += 1
    assert told > 0


def test_nothing_is_offered_where_nothing_is_wrong() -> None:
    clean = next(
        one.facts
        for one in institutions(1, 100)
        if assess(one.facts, NINGBO, DAY).status == "white"
        and not assess(one.facts, NINGBO, DAY).reasons
    )
    assert actions(clean, NINGBO, DAY) == ()
    plan = smallest(clean, NINGBO, DAY, lambda one: one.status == "white")
    assert plan is not None
    assert plan.actions == ()
    suspended = structs.replace(clean, status="suspended")
    assert smallest(suspended, NINGBO, DAY, lambda one: one.status == "white") is None
