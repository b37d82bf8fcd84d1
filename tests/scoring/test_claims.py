"""What one record claims: its proof, its day, its rule, its price, and what its case does to it."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from scoring import PolicyError, assess, load_policy
from scoring.assess import rated_on
from scoring.claims import mates_of
from scoring.facts import AnnualInspection, Event, Record, State
from tests.scoring.records import ON, proven, record, small_faults, sound
from tests.scoring.strategies import POLICY, STANDING, policy_of


def test_a_fault_without_a_decision_is_determined_when_it_is_confirmed() -> None:
    old, new = 'code = "T"\ntitle = "旧规则"', 'code = "T"\ntitle = "新规则"'
    dated = 'dated_by = "determined"'
    text = STANDING.replace(old, f"{old}\n{dated}").replace(new, f"{new}\n{dated}")
    confirmed = Event(state=State.CONFIRMED, on=date(2026, 1, 5))
    fault = record("t", "T", date(2025, 12, 20), confirmed)
    assert assess(sound([fault]), POLICY, ON).score == 92
    ordered = structs.replace(fault, events=(structs.replace(confirmed, state=State.ORDERED),))
    by_order = load_policy(text.replace(dated, f'gate = "O"\n{dated}').encode())
    assert assess(sound([ordered]), by_order, ON).score == 88
    assert assess(sound([structs.replace(fault, events=())]), by_order, ON).score == 100
    assert assess(sound([fault]), load_policy(text.encode()), ON).score == 88


def test_the_mates_of_a_record_are_those_of_its_case_that_stand() -> None:
    a, b, c, d = small_faults(4)
    a, b = structs.replace(a, case="c"), structs.replace(b, case="c")
    gone = structs.replace(c, case="c", events=(*c.events, Event(state=State.ANNULLED, on=ON)))
    facts = sound([a, b, gone, d])
    assert mates_of(a, facts) == [a, b]
    assert mates_of(d, facts) == [d]


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
        record("r", "F", date(2016, 6, 30), State.CONFIRMED, kind="commendation"),
        proven("B", State.CONFIRMED),
        record("r", "B", date(2016, 6, 30), State.CONFIRMED),
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
    annulled = proven("J", State.FINAL, State.ANNULLED, id="p", kind="decision", case="c")
    fault = proven("J", State.CONFIRMED, case="c")
    assert rated_on(sound([fault, annulled]), POLICY, ON).reasons == ()


def test_a_fault_however_old_counts_once_a_decision_of_its_case_proves_it() -> None:
    fault = record("r", "J", date(2020, 6, 30), State.CONFIRMED, case="c")
    decision = proven("J", State.FINAL, id="p", kind="decision", case="c")
    found = rated_on(sound([fault, decision]), POLICY, ON).reasons
    assert {one.record for one in found} == {"r", "p"}


def test_a_dispute_is_told_until_it_ends() -> None:
    for more, told in (((), True), ((State.DISPUTE_ENDED,), False)):
        fault = proven("F", State.CONFIRMED, State.DISPUTED, *more)
        (reason,) = rated_on(sound([fault]), POLICY, ON).reasons
        assert reason.disputed is told


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


def test_a_decision_is_cured_when_the_last_of_its_faults_is_in_time() -> None:
    decision = proven("J", State.FINAL, id="p", kind="decision", case="c")
    seen = ON - timedelta(days=90)
    order = Event(state=State.ORDERED, on=seen, due_on=seen + timedelta(days=30))

    def mended(id: str, days: int) -> Record:
        passed = Event(state=State.PASSED, on=seen + timedelta(days=days))
        return record(id, "F", seen, order, passed, case="c")

    for days, restored in (((10, 20), "full"), ((10, 40), ""), ((40, 10), "")):
        case = [decision, *(mended(f"f{number}", number) for number in days)]
        (reason,) = rated_on(sound(case), POLICY, ON).reasons
        assert reason.restored == restored


def test_a_first_fault_that_is_forgiven_proposes_nobody_and_restores_nothing() -> None:
    rule = 'gate = "PJ"\nrestore = "full"\n'
    more = f"{rule}forgives_first = true\nblack_proposal = true\n"
    policy = load_policy(STANDING.replace(rule, more).encode())
    first = proven("J", State.FINAL, State.PASSED)
    rating = rated_on(sound([first]), policy, ON)
    assert [(one.kind, one.restored) for one in rating.reasons] == [("forgiven", "")]
    assert (rating.proposals, rating.grade) == ((), "A")
    second = structs.replace(proven("J", State.FINAL), id="s")
    (proposal,) = rated_on(sound([first, second]), policy, ON).proposals
    assert (proposal.list, proposal.because) == ("black", "s")


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


def test_each_scoring_year_has_a_first_fault_of_its_own() -> None:
    def cured(id: str, seen: date) -> Record:
        passed = Event(state=State.PASSED, on=seen + timedelta(days=9))
        return record(id, "I", seen, State.CONFIRMED, passed)

    found = [cured("a", date(2026, 3, 10)), cured("b", date(2026, 4, 10))]
    (reason,) = rated_on(sound(found), policy_of("yearly"), ON).reasons
    assert (reason.record, reason.kind) == ("b", "forgiven")
    within = [cured("a", date(2026, 4, 1)), found[1]]
    kinds = [one.kind for one in rated_on(sound(within), policy_of("yearly"), ON).reasons]
    assert kinds == ["forgiven", "deduction"]


def test_a_decision_is_not_cured_while_one_of_its_faults_is_open() -> None:
    seen = ON - timedelta(days=60)
    decision = proven("J", State.FINAL, id="p", kind="decision", case="c")
    passed = Event(state=State.PASSED, on=seen + timedelta(days=9))
    mended, open_ = (
        record(id, "F", seen, State.CONFIRMED, *steps, case="c")
        for id, steps in (("a", (passed,)), ("b", ()))
    )
    for faults, restored in (((mended, open_), ""), ((open_, mended), ""), ((mended,), "full")):
        reasons = rated_on(sound([decision, *faults]), POLICY, ON).reasons
        assert [one.restored for one in reasons if one.record == "p"] == [restored]


def test_the_first_annual_inspection_of_all_is_the_next_one_too() -> None:
    fault = record("y", "Y", date(2026, 3, 1), State.ORDERED)
    result = AnnualInspection(year=2025, result="合格", on=date(2026, 5, 20))
    facts = sound([fault], annual_inspections=(result,))
    for on, many in ((date(2026, 5, 19), 1), (date(2026, 5, 20), 0)):
        assert len(rated_on(facts, POLICY, on).reasons) == many


def cured_in_time(id: str, seen: date) -> Record:
    """A first-time fault, mended nine days after it was seen."""
    return record(id, "I", seen, State.CONFIRMED, Event(state=State.PASSED, on=seen + timedelta(9)))


@pytest.mark.parametrize(
    ("first", "second", "kinds"),
    [
        # The turn of a year makes no second fault a first one where nothing is counted by the year,
        (date(2025, 12, 20), date(2026, 1, 10), ["forgiven", "deduction"]),
        # nor does it that the first has lapsed meanwhile.
        (date(2025, 5, 1), date(2026, 6, 1), ["deduction"]),
    ],
)
def test_only_the_first_of_all_is_the_first(first: date, second: date, kinds: list[str]) -> None:
    found = [cured_in_time("a", first), cured_in_time("b", second)]
    assert [one.kind for one in rated_on(sound(found), POLICY, ON).reasons] == kinds


def test_what_costs_more_than_its_cap_from_the_first_never_grows() -> None:
    seen = ON - timedelta(days=90)
    fault = record("m", "M", seen, State.ORDERED, extent=3)
    (reason,) = rated_on(sound([fault]), POLICY, ON).reasons
    assert (reason.raw, reason.grown, reason.held) == (30, 0, 25)


def test_a_price_grows_by_whole_steps_until_one_of_them_passes_its_cap() -> None:
    for days, raw, score in ((29, 10, 90), (30, 17, 83), (60, 24, 76), (90, 31, 75), (120, 31, 75)):
        found = sound([record("m", "M", ON - timedelta(days=days), State.ORDERED)])
        rating = rated_on(found, POLICY, ON)
        assert (rating.reasons[0].raw, rating.score) == (raw, score)


def test_a_price_that_grows_day_by_day_has_not_grown_on_the_first() -> None:
    daily = load_policy(STANDING.replace("grows_every_days = 30", "grows_every_days = 1").encode())
    for days, raw in ((0, 10), (1, 17), (2, 24)):
        found = sound([record("m", "M", ON - timedelta(days=days), State.ORDERED)])
        assert rated_on(found, daily, ON).reasons[0].raw == raw


def test_a_price_that_has_grown_to_its_cap_grows_no_more() -> None:
    capped = load_policy(STANDING.replace("cap = 25", "cap = 24").encode())
    seen = ON - timedelta(days=70)
    rating = assess(sound([record("m", "M", seen, State.ORDERED)]), capped, ON)
    assert (rating.score, rating.changes_on) == (76, date(2027, 4, 21))  # its year is over
