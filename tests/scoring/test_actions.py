"""What an institution can do by itself, what each of it helps, and the facts as they would be then."""

from datetime import date, timedelta

from msgspec import structs

from scoring import Facts, assess, load_policy
from scoring.actions import Action, actions, after
from scoring.facts import Cover, Event, Record, State, Term
from scoring.repair import clock, what_if
from tests.scoring.records import ON, faults, overdue, record, sound
from tests.scoring.strategies import POLICY, STANDING


def passes(facts: Facts) -> list[Action]:
    """The re-inspections among the actions."""
    return [one for one in actions(facts, POLICY, ON) if one.kind == "pass"]


def test_on_the_last_day_of_the_term_mending_still_helps_and_on_the_next_no_more() -> None:
    (fault,) = faults("F")
    for due, helps in ((ON, ("00",)), (ON - timedelta(days=1), ())):
        events = tuple(structs.replace(one, due_on=due) for one in fault.events)
        (cure,) = passes(sound([structs.replace(fault, events=events)]))
        assert (cure.helps, cure.by) == (helps, ON if helps else None)
        assert ("期限已过" in cure.title) == (not helps)


def test_what_nothing_restores_is_not_offered() -> None:
    assert passes(sound(faults("T"))) == []
    assert passes(sound(faults("T", State.DISMISSED))) == []


def test_what_a_cure_only_opens_a_grade_by_or_keeps_from_growing_is_offered() -> None:
    for code in "VM":
        assert [one.helps for one in passes(sound(faults(code)))] == [("00",)]


def test_what_a_cure_ends_whenever_it_comes_has_no_last_day() -> None:
    due = ON + timedelta(days=30)
    for code, by in (("V", None), ("M", None), ("F", due), ("O", due), ("I", due)):
        assert [one.by for one in passes(sound(faults(code)))] == [by], code
    # Of a fault whose limit a cure lifts, and whose decision it restores, the term still matters.
    both = [structs.replace(one, case="c") for one in faults("V")]
    decided = structs.replace(papers(), code="J")
    assert [(one.helps, one.by) for one in passes(sound([*both, decided]))] == [(("00", "p"), due)]


def test_a_first_fault_that_may_be_forgiven_is_offered_and_a_later_one_is_not() -> None:
    first, second = faults("II")
    assert [one.record for one in passes(sound([second, first]))] == ["00"]
    expired = record("old", "I", date(2024, 1, 1), State.CONFIRMED)
    assert passes(sound([first, expired])) == []


def papers(*states: State) -> Record:
    """A final decision of a case, with what else is said of it."""
    steps = [Event(state=one, on=ON - timedelta(days=5)) for one in (State.FINAL, *states)]
    return record("p", "J", ON - timedelta(days=60), *steps, case="c", kind="decision")


def test_what_is_offered_is_to_mend_the_fault_and_not_the_paper_that_punishes_it() -> None:
    fault, other = faults("IF")
    fault = structs.replace(fault, case="c")
    assert [one.record for one in passes(sound([papers(), fault, other]))] == ["00", "01"]
    assert [one.helps for one in passes(sound([papers(), fault, other]))] == [
        ("00", "p"),
        ("01",),
    ]
    # Where the fault was found not to be one, there is nothing to mend.
    undone = structs.replace(
        fault, events=(*fault.events, Event(state=State.DISMISSED, on=ON - timedelta(days=3)))
    )
    assert [one.record for one in passes(sound([papers(), undone]))] == []
    assert [one.record for one in passes(sound([papers(State.PASSED), undone]))] == []
    assert [one.record for one in passes(sound([papers(State.ANNULLED), undone]))] == []
    # A decision under dispute counts for nothing, so nothing helps it.
    disputed = papers(State.DISPUTED)
    assert [one.helps for one in passes(sound([disputed, fault]))] == [("00",)]


def test_praise_and_what_has_passed_are_not_offered() -> None:
    (fault,) = faults("F")
    passed = structs.replace(
        fault, events=(*fault.events, Event(state=State.PASSED, on=ON - timedelta(days=1)))
    )
    praise = structs.replace(fault, id="b", kind="commendation", code="B")
    assert passes(sound([passed, praise, overdue(praise)])) == []


def test_of_several_faults_of_a_case_each_is_mended_for_itself() -> None:
    found = [structs.replace(one, case="c") for one in faults("FI")]
    assert [one.helps for one in passes(sound(found))] == [("00",), ("01",)]


def test_what_can_be_restored_is_said_by_the_rule_of_the_day() -> None:
    old = 'code = "T"\ntitle = "旧规则"'
    policy = load_policy(STANDING.replace(old, f'{old}\nrestore = "full"').encode())
    for seen, helps in ((date(2025, 12, 31), ("t",)), (date(2026, 1, 1), ())):
        late = record("t", "T", seen, State.CONFIRMED)
        found = actions(sound([late]), policy, ON)
        assert [one.helps for one in found if one.kind == "pass"] == ([helps] if helps else [])


def test_a_fault_is_restored_by_the_rule_of_the_day_its_decision_was_made() -> None:
    old, new = 'code = "T"\ntitle = "旧规则"', 'code = "T"\ntitle = "新规则"'
    dated = 'gate = "P"\ndated_by = "determined"'
    text = STANDING.replace(old, f'{old}\nrestore = "full"\n{dated}')
    policy = load_policy(text.replace(new, f"{new}\n{dated}").encode())
    fault = record("f", "T", date(2025, 11, 3), State.CONFIRMED, case="c")
    for decided, helps in ((date(2025, 12, 31), ("f", "p")), (date(2026, 1, 1), ())):
        steps = [Event(state=one, on=decided) for one in (State.DECIDED, State.FINAL)]
        decision = record("p", "T", fault.seen_on, *steps, case="c", kind="decision")
        found = actions(sound([fault, decision]), policy, ON)
        assert [one.helps for one in found if one.kind == "pass"] == ([helps] if helps else [])


def test_each_thing_to_do_is_named() -> None:
    (fault,) = faults("T")
    late = overdue(fault)
    assert [one.title for one in actions(sound([late]), POLICY, ON)] == [
        "整改“新规则”并复查合格（期限已过，只消除逾期）",
        "取得或者续办办学许可证",
        "办理或者续办法人登记",
        "纳入全国监管平台",
        "开立预收费监管专户，由银行报送余额",
        "投保场所责任保险",
        "投保履约保险",
    ]
    assert passes(sound([structs.replace(late, events=fault.events[:1])])) == []
    due = tuple(structs.replace(e, due_on=ON) for e in late.events)
    assert passes(sound([structs.replace(late, events=due)])) == []


def test_the_facts_as_they_would_be_hold_what_was_done_from_today_for_a_year() -> None:
    year = date(2027, 6, 30)
    before = sound(faults("OF"))
    done = {one.kind: after(before, [one], ON) for one in actions(before, POLICY, ON)}
    assert done["licence"] == structs.replace(before, licences=(Term(since=ON, until=year),))
    assert done["registration"] == structs.replace(
        before, registrations=(Term(since=ON, until=year),)
    )
    assert done["platform"] == structs.replace(before, on_platform=True)
    (account,) = done["custody"].custody
    assert (account.bank, account.since, account.until, account.reported_on) == ("", ON, None, ON)
    (cover,) = done["cover"].covers
    assert (cover.cover_class, cover.since, cover.until) == ("performance", ON, year)
    untouched, passed = done["pass"].records
    assert passed.events[-1] == Event(state=State.PASSED, on=ON)
    assert untouched == before.records[0]
    assert after(before, [], ON) == before


def test_the_cure_of_the_fault_restores_what_its_penalty_costs() -> None:
    seen = ON - timedelta(days=200)
    fault, *_ = faults("I")
    fault = structs.replace(fault, case="c")
    final = Event(state=State.FINAL, on=ON - timedelta(days=10))
    penalty = record("p", "J", seen, final, case="c", kind="decision")
    facts = sound([fault, penalty])
    assert assess(facts, POLICY, ON).score == 80
    (cure,) = passes(facts)
    assert cure.record == fault.id
    assert cure.by == ON + timedelta(days=30)
    assert assess(facts, POLICY, ON).grade == "B"  # a limit, which goes with the points
    cured = what_if(facts, POLICY, ON, [cure])
    assert (cured.score, cured.grade) == (100, "A")
    assert {one.record: one.cure for one in clock(facts, POLICY, ON)} == {
        fault.id: cure,
        "p": cure,
    }


def test_what_the_term_of_the_order_has_closed_is_offered_only_for_what_it_still_does() -> None:
    late = [overdue(one) for one in faults("FMV")]
    # All three are overdue, so all keep from the white list; growth and limit still end.
    assert [one.record for one in passes(sound(late))] == ["00", "01", "02"]
    assert [one.by for one in passes(sound(late))] == [None, None, None]
    cured = what_if(sound(late), POLICY, ON, passes(sound(late)))
    assert {one.record: (one.restored, one.limits_grade_to) for one in cured.reasons} == {
        "00": ("", ""),
        "01": ("", ""),
        "02": ("", ""),
    }


def test_a_cover_below_the_sum_asked_for_is_to_be_taken_out_anew() -> None:
    small = Cover(
        cover_class="premises", sum_fen=99, since=date(2026, 1, 1), until=date(2026, 12, 31)
    )
    facts = structs.replace(sound([]), covers=(small,))
    found = [one.cover_class for one in actions(facts, POLICY, ON) if one.kind == "cover"]
    assert found == ["premises", "performance"]
    all_done = what_if(facts, POLICY, ON, actions(facts, POLICY, ON))
    lacking = [one.code for one in all_done.conditions if not one.met]
    assert lacking == ["annual_inspection"]  # nobody can do that alone


def test_a_class_that_is_insured_is_not_offered_again() -> None:
    held = Cover(
        cover_class="premises", sum_fen=100, since=date(2026, 1, 1), until=date(2026, 12, 31)
    )
    facts = structs.replace(sound([]), covers=(held,))
    found = [one.cover_class for one in actions(facts, POLICY, ON) if one.kind == "cover"]
    assert found == ["performance"]
    # Where no sum is asked for, a cover whose sum nobody wrote down is one too.
    any_sum = load_policy(STANDING.replace("sum_at_least = 100", "").encode())
    facts = structs.replace(sound([]), covers=(structs.replace(held, sum_fen=0),))
    found = [one.cover_class for one in actions(facts, any_sum, ON) if one.kind == "cover"]
    assert found == ["performance"]
