"""The rating of a day beside that of another: carried on, looked at alone, and the window of the next visit."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from scoring import Facts, PolicyError, assess, load_policy
from scoring.assess import carried, rated_on
from scoring.claims import mates_of
from scoring.facts import AnnualInspection, Event, Inspection, Record, State
from scoring.rules import disputed, first, firsts, known, open_term
from tests.scoring.records import ON, black, record, small_faults, sound
from tests.scoring.strategies import POLICY, STANDING, policy_of

PLANNED = load_policy(
    STANDING.replace("months_without_inspection = 24\n", "")
    .replace("below = 90", "below = 90\nvisit_after_months = 4\nvisit_within_months = 6")
    .encode()
)


def test_a_rating_is_carried_to_the_day_before_it_changes_and_no_further() -> None:
    rating = assess(sound(small_faults(1)), POLICY, ON)
    assert rating.changes_on == date(2026, 12, 29)
    eve = rating.changes_on - timedelta(days=1)
    assert carried(rating, POLICY, ON) == rating
    assert carried(rating, POLICY, eve) == structs.replace(rating, on=eve)
    assert carried(rating, POLICY, rating.changes_on) is None
    assert carried(rating, POLICY, ON - timedelta(days=1)) is None
    assert carried(rating, structs.replace(POLICY, id="other"), eve) is None


def test_a_rating_that_never_changes_is_carried_to_any_day() -> None:
    rating = structs.replace(assess(sound([]), POLICY, ON), changes_on=None)
    far = date(2099, 1, 1)
    assert carried(rating, POLICY, far) == structs.replace(rating, on=far)


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


def test_a_fault_without_a_decision_is_determined_when_it_is_confirmed() -> None:
    old, new = 'code = "T"\ntitle = "旧规则"', 'code = "T"\ntitle = "新规则"'
    dated = 'dated_by = "determined"'
    text = STANDING.replace(old, f"{old}\n{dated}").replace(new, f"{new}\n{dated}")
    confirmed = Event(state=State.CONFIRMED, on=date(2026, 1, 5))
    fault = record("t", "T", date(2025, 12, 20), confirmed)
    assert assess(sound([fault]), POLICY, ON).score == 92
    assert assess(sound([fault]), load_policy(text.encode()), ON).score == 88


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


def test_the_mates_of_a_record_are_those_of_its_case_that_stand() -> None:
    a, b, c, d = small_faults(4)
    a, b = structs.replace(a, case="c"), structs.replace(b, case="c")
    gone = structs.replace(c, case="c", events=(*c.events, Event(state=State.ANNULLED, on=ON)))
    facts = sound([a, b, gone, d])
    assert mates_of(a, facts) == [a, b]
    assert mates_of(d, facts) == [d]


def proven(code: str, *states: State, id: str = "r", **more: object) -> Record:
    """A record with these steps, ten days apart, the last one yesterday."""
    first_day = ON - timedelta(days=1 + 10 * (len(states) - 1))
    steps = [
        Event(state=state, on=first_day + timedelta(days=10 * place))
        for place, state in enumerate(states)
    ]
    return record(id, code, first_day, *steps, **more)


def test_every_record_a_policy_has_no_rule_for_is_named() -> None:
    strange = [structs.replace(one, code=f"X{n}") for n, one in enumerate(small_faults(2))]
    with pytest.raises(PolicyError) as caught:
        assess(sound([*strange, *small_faults(1)]), POLICY, ON)
    assert [one.place for one in caught.value.problems] == ["standing indicators"] * 2
    assert [one.sentence for one in caught.value.problems] == [
        "没有编码“X0”，记录 f0 却用它，请补上或者改正记录",
        "没有编码“X1”，记录 f1 却用它，请补上或者改正记录",
    ]


def test_praise_is_no_fault_and_a_fault_no_praise() -> None:
    for one in (
        proven("F", State.CONFIRMED, kind="commendation"),
        proven("B", State.CONFIRMED),
    ):
        with pytest.raises(PolicyError) as caught:
            assess(sound([one]), POLICY, ON)
        (problem,) = caught.value.problems
        assert problem.sentence == (
            f"记录的种类（扣分还是加分）不合编码“{one.code}”，记录 r 却用它，请补上或者改正记录"
        )


def test_the_day_of_determination_is_kept_with_the_reason() -> None:
    final = proven("P", State.DECIDED, State.SERVED, State.FINAL, kind="decision")
    (reason,) = rated_on(sound([final]), POLICY, ON).reasons
    assert reason.determined_on == ON - timedelta(days=21)
    assert reason.counts_from == ON - timedelta(days=1)
    assert reason.counts_until == date(2029, 6, 8)
    (plain,) = rated_on(sound([proven("F", State.CONFIRMED)]), POLICY, ON).reasons
    assert plain.determined_on is None


def test_only_the_proof_a_rule_asks_for_opens_its_gate() -> None:
    for code, states, counts in (
        ("F", (State.CONFIRMED,), True),
        ("F", (State.ORDERED,), False),
        ("F", (State.CONFIRMED, State.DISPUTED), True),
        ("O", (State.ORDERED, State.DISPUTED), True),
        ("O", (State.CONFIRMED,), False),
        ("O", (State.CONFIRMED, State.ORDERED), True),
        ("P", (State.CONFIRMED, State.ORDERED, State.DECIDED, State.SERVED), False),
        ("P", (State.JUDGED,), False),
        ("J", (State.JUDGED,), True),
        ("J", (State.FINAL,), True),
        ("J", (State.CONFIRMED, State.FINAL), True),
        ("J", (State.DISPUTED, State.FINAL), False),
        ("J", (State.DISPUTED, State.DISPUTE_ENDED, State.FINAL), True),
    ):
        found = rated_on(sound([proven(code, *states)]), POLICY, ON).reasons
        assert bool(found) is counts, (code, states)


def test_a_decision_proves_a_fault_of_its_case_that_was_confirmed_or_ordered() -> None:
    decision = proven("J", State.FINAL, id="p", kind="decision", case="c")
    for state, counts in (
        (State.CONFIRMED, True),
        (State.ORDERED, True),
        (State.DISCOVERED, False),
    ):
        found = rated_on(sound([proven("J", state, case="c"), decision]), POLICY, ON).reasons
        assert ("r" in {one.record for one in found}) is counts, state


def test_a_decision_costs_what_it_grew_to_until_the_last_of_its_faults_was_mended() -> None:
    seen = ON - timedelta(days=100)
    mended = [
        record(f"f{days}", "F", seen, Event(state=State.PASSED, on=seen + timedelta(days=days)))
        for days in (70, 40)
    ]
    decision = record("p", "M", seen, State.ORDERED, kind="decision", case="c")
    for found in (mended, mended[::-1]):
        case = [structs.replace(one, case="c") for one in found]
        (reason,) = rated_on(sound([decision, *case]), POLICY, ON).reasons
        assert (reason.grown, reason.raw) == (2, 24)


def test_only_what_a_decision_punishes_under_such_a_rule_is_determined_by_it() -> None:
    seen, final = date(2026, 1, 5), Event(state=State.FINAL, on=date(2026, 5, 1))
    decisions = [
        record(id, "J", seen, Event(state=State.DECIDED, on=on), final, case="c", kind="decision")
        for id, on in (("p", date(2026, 2, 2)), ("q", date(2026, 3, 2)))
    ]
    plain = record("i", "I", seen, State.CONFIRMED, case="c")
    found = rated_on(sound([plain, *decisions]), POLICY, ON).reasons
    assert {one.record: one.determined_on for one in found} == {
        "i": None,
        "p": date(2026, 2, 2),
        "q": date(2026, 3, 2),
    }


def test_a_single_dated_rule_may_be_chosen_by_the_day_of_determination() -> None:
    code = 'code = "I"\ntitle = "首次不计"\n'
    fault = record("i", "I", date(2025, 12, 20), Event(state=State.CONFIRMED, on=date(2026, 1, 5)))
    for dated_by, score in (("seen", 100), ("determined", 94)):
        dated = f'{code}since = 2026-01-01\ndated_by = "{dated_by}"\n'
        policy = load_policy(STANDING.replace(code, dated).encode())
        assert assess(sound([fault]), policy, ON).score == score


def test_a_decision_counts_for_nothing_while_its_fault_is_disputed() -> None:
    decision = proven("J", State.FINAL, id="p", kind="decision", case="c")
    for states, counts in (
        ((State.CONFIRMED,), True),
        ((State.CONFIRMED, State.DISPUTED), False),
        ((State.CONFIRMED, State.DISPUTED, State.DISPUTE_ENDED), True),
    ):
        found = rated_on(sound([proven("F", *states, case="c"), decision]), POLICY, ON).reasons
        assert ("p" in {one.record for one in found}) is counts, states


def test_only_the_result_of_a_later_year_is_the_next_annual_inspection() -> None:
    order = Event(state=State.ORDERED, on=date(2026, 5, 10))
    fault = record("y", "Y", date(2026, 5, 9), order)
    last = AnnualInspection(year=2025, result="不合格", on=date(2026, 5, 1))
    for year, score in ((2024, 90), (2025, 90), (2026, 100)):
        later = AnnualInspection(year=year, result="合格", on=date(2026, 6, 1))
        facts = sound([fault], annual_inspections=(last, later))
        assert assess(facts, POLICY, ON).score == score


def test_a_price_grows_by_whole_steps_until_one_of_them_passes_its_cap() -> None:
    for days, raw, score in ((29, 10, 90), (30, 17, 83), (60, 24, 76), (90, 31, 75), (120, 31, 75)):
        found = sound([record("m", "M", ON - timedelta(days=days), State.ORDERED)])
        rating = rated_on(found, POLICY, ON)
        assert (rating.reasons[0].raw, rating.score) == (raw, score)


def test_a_price_that_has_grown_to_its_cap_grows_no_more() -> None:
    capped = load_policy(STANDING.replace("cap = 25", "cap = 24").encode())
    seen = ON - timedelta(days=70)
    rating = assess(sound([record("m", "M", seen, State.ORDERED)]), capped, ON)
    assert (rating.score, rating.changes_on) == (76, date(2027, 4, 21))  # its year is over


def test_a_listing_in_force_is_named_and_black_goes_before_watch() -> None:
    watch = black(id="w", list="watch", decided_on=ON, effective_on=ON, until=ON)
    worse = structs.replace(watch, id="b", list="black")
    assert rated_on(sound([]), POLICY, ON).listing == ""
    for listings in ((watch, worse), (worse, watch)):
        rating = rated_on(sound([], listings=listings), POLICY, ON)
        assert (rating.status, rating.listing) == ("black", "b")
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
