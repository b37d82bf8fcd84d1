"""The calendar's first and last day: a term without an end is written 9999-12-31, and stops no rating."""

from datetime import date

import pytest

from scoring import Facts, assess, load_policy
from scoring.claims import year_after
from scoring.facts import Cover, Custody, Event, Inspection, State, Term
from scoring.policy import Scale
from scoring.repair import clock, outlooks
from scoring.rules import days_after, months_after, months_before
from scoring.terms import ended_on, shown
from tests.scoring.records import ON, black, confirmed, record, sound
from tests.scoring.strategies import POLICY
from tests.scoring.test_cases import ROOT

NB = load_policy((ROOT / "config/policy/NB-2026-1.toml").read_bytes())
LAST, FIRST = date.max, date.min
VISIT = (Inspection(id="i", kind="daily", on=date(2026, 5, 1)),)
ORDER = Event(state=State.ORDERED, on=ON, due_on=LAST)


@pytest.mark.parametrize(
    "facts",
    [
        Facts(institution="x", inspections=VISIT, licences=(Term(since=FIRST, until=LAST),)),
        Facts(institution="x", inspections=VISIT, registrations=(Term(since=FIRST, until=LAST),)),
        Facts(
            institution="x",
            inspections=VISIT,
            covers=(Cover(cover_class="premises", since=FIRST, until=LAST, sum_fen=10**10),),
        ),
        Facts(
            institution="x",
            inspections=VISIT,
            custody=(Custody(bank="b", since=FIRST, until=LAST, reported_on=FIRST),),
        ),
        Facts(
            institution="x",
            inspections=VISIT,
            custody=(Custody(bank="b", since=FIRST, until=LAST, reported_on=LAST),),
        ),
        Facts(institution="x", inspections=VISIT, listings=(black(until=LAST),)),
        Facts(institution="x", inspections=VISIT, opened_on=LAST),
        Facts(institution="x", inspections=VISIT, opened_on=FIRST),
        sound([record("r", "S01", ON, State.CONFIRMED, ORDER)]),
        sound([confirmed("r", "S01", FIRST)]),
        sound([record("r", "S01", LAST, State.CONFIRMED)]),
        sound([record("r", "M02", LAST, State.ORDERED)]),
    ],
)
@pytest.mark.parametrize("on", [FIRST, ON, LAST])
def test_no_day_of_the_calendar_stops_a_rating(facts: Facts, on: date) -> None:
    rating = assess(facts, NB, on)
    assert rating.on == on
    assert rating.changes_on is None or rating.changes_on > on
    assert len(outlooks(facts, NB, on)) <= 4
    assert len(clock(facts, NB, on)) == len(rating.reasons)
    assert shown(facts, NB, on).institution == "x"


def test_a_licence_without_an_end_is_in_term_on_every_day() -> None:
    term = Term(since=date(2020, 1, 1), until=LAST)
    facts = Facts(institution="x", inspections=VISIT, licences=(term,))
    for on in (ON, LAST):
        (answer,) = (one for one in assess(facts, NB, on).conditions if one.code == "licence")
        assert answer.met


def test_a_fault_of_the_last_year_counts_until_the_calendar_ends() -> None:
    seen = date(9999, 11, 1)
    visit = Inspection(id="i", kind="daily", on=seen)
    facts = Facts(
        institution="x",
        inspections=(visit,),
        records=(record("f", "F", seen, State.CONFIRMED), record("m", "M", seen, State.ORDERED)),
    )
    reasons = {one.record: one for one in assess(facts, POLICY, seen).reasons}
    assert reasons["f"].counts_until == date(9999, 12, 30)
    assert reasons["m"].grown == 0
    assert ended_on(black(until=LAST)) == LAST


def test_days_and_months_stop_at_the_calendars_ends() -> None:
    assert days_after(date(9999, 12, 30), 1) == LAST
    assert days_after(LAST, 1) == LAST
    assert months_after(date(9999, 11, 30), 1) == date(9999, 12, 30)
    assert months_after(date(9999, 12, 1), 1) == LAST
    assert months_after(date(1, 2, 28), -1) == date(1, 1, 28)
    assert months_after(date(1, 1, 31), -1) == FIRST
    assert months_before(LAST, 12) == LAST
    assert months_before(date(1, 3, 1), 12) == FIRST
    assert months_before(date(2, 1, 1), 12) == FIRST
    school = Scale(made_of="standing", counted_by="year", year_begins_month=9)
    assert year_after(date(9999, 8, 31), school, None) == date(9999, 9, 1)
    assert year_after(date(9999, 9, 1), school, None) == LAST
    own = Scale(made_of="standing", counted_by="own_year")
    assert year_after(date(9999, 4, 30), own, date(2020, 5, 1)) == date(9999, 5, 1)
    assert year_after(date(9999, 5, 1), own, date(2020, 5, 1)) == LAST
