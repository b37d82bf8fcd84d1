"""When a better grade and the white list are reached, by waiting and by acting, over five years."""

from datetime import date, timedelta

from hypothesis import assume, given
from msgspec import structs

from config.demo import institutions
from scoring import Facts, Policy, Rating, assess
from scoring.actions import actions, after
from scoring.assess import rated_on
from scoring.facts import AnnualInspection, Cover, Custody, Event, Record, State, Term
from scoring.repair import outlooks, smallest, timeline, visited
from scoring.rules import known
from tests.scoring.brute import DAY, GRADES, NINGBO, brute, rank, schemes
from tests.scoring.records import ON, black, faults, sound
from tests.scoring.strategies import COVERS, POLICY, policy_of, whole


@schemes
@given(facts=whole(most=4))
def test_the_earliest_days_are_the_earliest(policy: Policy, facts: Facts) -> None:
    facts = known(facts, ON)
    present = rank(rated_on(facts, policy, ON))
    possible = actions(facts, policy, ON)
    assume(len(possible) <= 6)
    found = outlooks(facts, policy, ON)
    ahead = visited(facts, policy, ON)
    better = [one.goal for one in found if one.goal in GRADES]
    rated = present in GRADES.values()
    assert better == [g for g in ("B", "A") if rated and GRADES[g] < present]
    for one in found:

        def reached(rating: Rating, goal: str = one.goal) -> bool:
            if goal == "white":
                return rating.status == "white"
            return rank(rating) <= GRADES[goal]

        if one.without_action is not None:
            assert reached(rated_on(ahead, policy, one.without_action))
        # Every week of five years, and the eve of the day that was named.
        for weeks in range(1, 260):
            day = ON + timedelta(days=7 * weeks)
            if day < (one.without_action or date.max):
                assert not reached(rated_on(ahead, policy, day))
        if one.with_action is None:
            assert one.plan is None
            continue
        assert one.without_action is None or one.with_action <= one.without_action
        assert one.plan is not None
        assert reached(one.plan.rating)
        assert one.plan.rating.on == one.with_action
        assert len(one.plan.actions) == brute(facts, policy, reached, one.with_action, visited)
        if one.with_action > ON:
            eve = one.with_action - timedelta(days=1)
            best = visited(after(facts, possible, ON), policy, ON)
            assert not reached(rated_on(best, policy, eve))


def duly(**more: object) -> Facts:
    """An institution that lacks nothing for the white list but what is named."""
    whole: dict[str, object] = {
        "on_platform": True,
        "charges_in_advance": False,
        "licences": (Term(since=date(2020, 1, 1)),),
        "registrations": (Term(since=date(2020, 1, 1)),),
        "annual_inspections": (AnnualInspection(year=2025, result="合格", on=date(2026, 5, 1)),),
        "covers": tuple(
            Cover(cover_class=kind, sum_fen=100, since=date(2026, 1, 1), until=date(2031, 12, 31))
            for kind in COVERS
        ),
        **more,
    }
    return sound([], **whole)


def test_the_white_list_by_waiting_for_a_licence_that_begins_and_by_getting_one_today() -> None:
    begins = date(2026, 8, 1)
    facts = duly(licences=(Term(since=begins, until=date(2030, 1, 1)),))
    (white,) = outlooks(facts, POLICY, ON)
    assert white.goal == "white"
    assert (white.with_action, white.without_action) == (ON, begins)
    assert white.plan is not None
    assert [one.title for one in white.plan.actions] == ["取得或者续办办学许可证"]
    assert outlooks(duly(), POLICY, ON) == ()


def test_the_watched_and_the_new_are_told_when_the_white_list_is_reached_and_the_black_are_not() -> (
    None
):
    last = date(2026, 9, 30)
    for name in ("watch", "black"):
        listed = duly(listings=(black(list=name, until=last),))
        assert [(one.goal, one.without_action) for one in outlooks(listed, POLICY, ON)] == (
            [("white", date(2026, 10, 1))] if name == "watch" else []
        )
    young = duly(opened_on=date(2026, 6, 1))
    assert assess(young, POLICY, ON).status == "new"
    assert [(one.goal, one.without_action) for one in outlooks(young, POLICY, ON)] == [
        ("white", date(2026, 11, 28))
    ]


def test_a_grade_of_two_ends_is_reached_when_it_is_so_at_both() -> None:
    unknown = policy_of("unknown")
    facts = sound(faults("F"))
    assert assess(facts, unknown, ON).grade == "A–B"
    (a,) = (one for one in outlooks(facts, unknown, ON) if one.goal != "white")
    assert (a.goal, a.without_action, a.with_action, a.plan) == ("A", None, None, None)
    facts = sound([*faults("OO"), structs.replace(faults("F")[0], id="f")])
    assert assess(facts, unknown, ON).grade == "B–D"
    b, a = (one for one in outlooks(facts, unknown, ON) if one.goal != "white")
    assert (b.goal, b.with_action, a.goal, a.with_action) == ("B", ON, "A", None)
    assert b.plan is not None
    assert b.plan.rating.grade in ("B", "A–B")
    assert len(b.plan.actions) == 2


def test_inspections_are_taken_to_go_on_every_half_year_for_five_years() -> None:
    ahead = visited(sound([]), POLICY, ON)
    days = [one.on for one in ahead.inspections[1:]]
    assert days == [
        date(2026, 12, 30),
        date(2027, 6, 30),
        date(2027, 12, 30),
        date(2028, 6, 30),
        date(2028, 12, 30),
        date(2029, 6, 30),
        date(2029, 12, 30),
        date(2030, 6, 30),
        date(2030, 12, 30),
    ]
    assert all(one.onsite for one in ahead.inspections)
    assert len({one.id for one in ahead.inspections}) == 10
    assert visited(sound([]), POLICY, ON).inspections[0] == sound([]).inspections[0]


def test_a_bank_that_reports_now_is_taken_to_go_on_reporting() -> None:
    """What lapses in February brings the white list back in February, long after the last report."""
    account = Custody(bank="银行", since=date(2025, 1, 1), reported_on=date(2026, 10, 20))
    spent = Record(
        id="d1",
        kind="decision",
        code="L03",
        seen_on=date(2024, 1, 10),
        events=(
            Event(state=State.DECIDED, on=date(2024, 2, 1)),
            Event(state=State.FINAL, on=date(2024, 8, 2)),
        ),
    )
    facts = structs.replace(
        white_listed(), charges_in_advance=True, custody=(account,), records=(spent,)
    )
    (white,) = (one for one in outlooks(facts, NINGBO, DAY) if one.goal == "white")
    assert white.without_action == white.with_action == date(2027, 2, 1)
    silent = structs.replace(facts, custody=(structs.replace(account, reported_on=None),))
    (white,) = (one for one in outlooks(silent, NINGBO, DAY) if one.goal == "white")
    assert (white.without_action, white.with_action) == (None, date(2027, 2, 1))
    assert white.plan is not None
    assert [one.kind for one in white.plan.actions] == ["custody"]


def test_from_the_first_day_of_the_next_version_on_that_one_rates() -> None:
    later = structs.replace(NINGBO, id="later", since=date(2027, 1, 1), white=NINGBO.white[:0])
    facts = white_listed()
    line = timeline(facts, NINGBO, DAY, (later,))
    turn = next(one for one in line if one.on == later.since)
    assert (turn.policy, turn.status) == ("later", "none")
    assert {one.policy for one in line if one.on < later.since} == {NINGBO.id}
    assert {one.policy for one in line if one.on > later.since} <= {"later"}
    low = structs.replace(facts, on_platform=False)
    (white,) = outlooks(low, NINGBO, DAY, (later,))
    assert (white.without_action, white.with_action) == (None, DAY)


def white_listed() -> Facts:
    """Somebody of the made-up city who is on its white list for years."""
    end = date(2032, 1, 1)
    found = next(
        one
        for one in (made.facts for made in institutions(1, 200))
        if assess(one, NINGBO, DAY).status == "white" and not one.records
    )
    return structs.replace(
        found,
        charges_in_advance=False,
        licences=tuple(structs.replace(one, until=end) for one in found.licences),
        registrations=tuple(structs.replace(one, until=end) for one in found.registrations),
        covers=tuple(structs.replace(one, until=end) for one in found.covers),
    )


def test_the_timeline_reaches_to_the_last_day_of_its_five_years() -> None:
    last = date(2031, 6, 30)
    ends = duly(licences=(Term(since=date(2020, 1, 1), until=last - timedelta(days=1)),))
    assert timeline(ends, POLICY, ON)[-1].on == last
    later = duly(licences=(Term(since=date(2020, 1, 1), until=last),))
    assert timeline(later, POLICY, ON)[-1].on < last


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
            assert plan.exact
            assert plan.rating.status == "white"
            assert 0 < len(plan.actions) <= len(failed) + 1
            told += 1
    assert told > 0
