"""What is over is shown no longer, and nothing that still counts is hidden by it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring import Policy, PolicyError, assess
from scoring.facts import Event, Facts, Record, State
from scoring.rules import known
from scoring.terms import cases_of, ended_on, last_shown_day, shown
from tests.scoring.records import ON, black, confirmed, record, sound
from tests.scoring.strategies import DAYS, POLICY, SCHEMES, policy_of, whole

DECIDED = date(2026, 4, 15)


def decision(code: str = "P", decided: date = DECIDED, **more: object) -> Record:
    """A final penalty."""
    steps = [
        Event(state=State.DECIDED, on=decided),
        Event(state=State.FINAL, on=decided + timedelta(days=60)),
    ]
    return record("CF1", code, decided - timedelta(days=30), *steps, kind="decision", **more)


def last(*case: Record, policy: Policy = POLICY) -> date | None:
    return last_shown_day(case, sound(case), policy)


def classed(**severities: str) -> Policy:
    """The scheme with these classes of its codes."""
    return structs.replace(
        POLICY,
        indicators=tuple(
            structs.replace(one, severity=severities.get(one.code, one.severity))
            for one in POLICY.indicators
        ),
    )


CLASSED = classed(F="轻微", O="一般", P="一般", I="轻微")


@pytest.mark.parametrize(
    ("case", "policy", "day"),
    [
        ((decision("F"),), CLASSED, date(2026, 7, 14)),
        ((decision("O"),), CLASSED, date(2027, 4, 14)),
        ((decision("P"),), POLICY, date(2029, 4, 14)),
        # A year by its class, but the policy counts it for three, and a rating rests on published facts alone.
        ((decision("P"),), CLASSED, date(2029, 4, 14)),
        # A code without a class is taken as the gravest.
        ((decision("F"),), POLICY, date(2029, 4, 14)),
        # From the first day of 令36 on by the class, before it three years for all.
        ((decision("F", date(2026, 4, 1)),), CLASSED, date(2026, 6, 30)),
        ((decision("F", date(2026, 3, 31)),), CLASSED, date(2029, 3, 30)),
        # What a rule forgives the first time is needed to know which is the first.
        ((decision("I"),), CLASSED, None),
        ((confirmed("WT1", "O", date(2026, 4, 1)),), CLASSED, None),
        ((structs.replace(decision(), events=()),), CLASSED, None),
    ],
)
def test_a_penalty_is_shown_by_its_class_from_the_day_of_the_decision(
    case: tuple[Record, ...], policy: Policy, day: date | None
) -> None:
    assert last(*case, policy=policy) == day


def test_the_faults_of_a_case_go_with_its_decision_when_the_last_of_it_has_ended() -> None:
    fault = confirmed("WT1", "P", date(2026, 3, 1))
    case = (structs.replace(fault, case="c"), decision("O", case="c"))
    facts = sound(case)
    # The fault is grave, and proven by the decision: the policy counts it for three years.
    assert last(*case) == date(2029, 4, 14)
    assert shown(facts, POLICY, date(2029, 4, 14)) is facts
    assert shown(facts, POLICY, date(2029, 4, 15)).records == ()


@pytest.mark.parametrize("gate", ["F", "O"])
def test_a_fault_that_may_be_forgiven_is_shown_on_without_its_penalty(gate: str) -> None:
    policy = structs.replace(
        CLASSED,
        indicators=tuple(
            structs.replace(one, gate=gate) if one.code == "I" else one
            for one in CLASSED.indicators
        ),
    )
    fault = structs.replace(confirmed("WT1", "I", date(2026, 3, 1)), case="c")
    facts = sound([fault, decision("O", case="c")])
    assert shown(facts, policy, date(2027, 4, 14)) is facts
    assert shown(facts, policy, date(2027, 4, 15)).records == (fault,)


def test_a_penalty_of_a_code_nobody_wrote_down_is_named_and_not_passed_over() -> None:
    with pytest.raises(PolicyError, match="X99"):
        last(decision("X99"))


def test_a_fault_that_nobody_was_punished_for_is_shown_as_long_as_it_counts() -> None:
    fault = confirmed("WT1", "F", date(2026, 3, 1))
    facts, end = sound([fault]), date(2026, 9, 8)
    assert shown(facts, POLICY, end - timedelta(days=1)) is facts
    assert shown(facts, POLICY, end).records == ()
    # What is not mended, or was punished, or is the first of what is forgiven once, goes by rules of its own.
    order = Event(state=State.ORDERED, on=date(2026, 3, 9), due_on=date(2026, 4, 9))
    unmended = structs.replace(fault, events=(*fault.events, order))
    assert shown(sound([unmended]), POLICY, end).records == (unmended,)
    mended = structs.replace(
        unmended, events=(*unmended.events, Event(state=State.PASSED, on=date(2026, 5, 1)))
    )
    assert shown(sound([mended]), POLICY, end).records == ()
    punished = sound([structs.replace(fault, case="c"), decision("P", case="c")])
    assert shown(punished, POLICY, end) is punished
    first = sound([confirmed("WT1", "I", date(2020, 3, 1))])
    assert shown(first, POLICY, end) is first


def test_a_finding_without_a_decision_is_the_offices_to_show() -> None:
    facts = sound([confirmed("WT1", "O", date(2020, 4, 1))])
    assert cases_of(facts) == []
    assert shown(facts, POLICY, date(2040, 1, 1)) is facts


COURT = structs.replace(
    POLICY,
    id="court",
    indicators=tuple(
        structs.replace(one, gate="J", months=None) if one.code == "J" else one
        for one in POLICY.indicators
    ),
)


def listed(*more: State, **changed: object) -> Record:
    """Somebody on a court's list since March, and each further step a month later."""
    days = (date(2026, 4 + place, 1) for place in range(len(more)))
    steps = [Event(state=one, on=on) for one, on in zip(more, days, strict=True)]
    start = date(2026, 3, 1)
    return record("SF1", "J", start, Event(state=State.JUDGED, on=start), *steps, **changed)


def test_a_court_s_listing_is_shown_until_the_exit_from_it() -> None:
    facts = sound([listed(State.PASSED)])
    exit = date(2026, 4, 1)
    assert shown(facts, COURT, exit - timedelta(days=1)) is facts
    assert shown(facts, COURT, exit).records == ()
    far = date(2040, 1, 1)
    assert assess(facts, COURT, far).reasons == ()
    assert shown(sound([listed()]), COURT, far).records == (listed(),)
    # What a term or another rule ends is not a court's listing.
    assert shown(facts, POLICY, far) is facts


def test_what_still_rests_on_a_court_s_listing_keeps_it_shown() -> None:
    left = listed(State.PASSED, case="c")
    for facts in (
        sound([left, decision("O", case="c", decided=date(2026, 3, 1))]),
        sound([structs.replace(left, kind="decision", case="")]),
    ):
        assert left.id in {one.id for one in shown(facts, COURT, ON).records}
    first = structs.replace(
        COURT,
        indicators=tuple(
            structs.replace(one, forgives_first=one.code == "J") for one in COURT.indicators
        ),
    )
    assert shown(sound([left]), first, ON).records == (left,)


def test_of_a_code_nobody_wrote_down_nothing_is_taken_for_a_court_s_listing() -> None:
    strange = structs.replace(listed(State.PASSED), code="X99")
    assert shown(sound([strange]), COURT, ON).records == (strange,)


def test_a_court_s_listing_is_shown_by_the_rule_of_its_day() -> None:
    plain = next(one for one in COURT.indicators if one.code == "J")
    turn = date(2026, 3, 2)
    old = structs.replace(plain, restore="none", until=turn)
    rules = tuple(one for one in COURT.indicators if one.code != "J")
    dated = structs.replace(COURT, indicators=(*rules, old, structs.replace(plain, since=turn)))
    facts = sound([listed(State.PASSED)])
    assert shown(facts, dated, ON) is facts
    later = sound([structs.replace(listed(State.PASSED), seen_on=turn)])
    assert shown(later, dated, ON).records == ()


def test_what_nothing_ends_is_shown_on() -> None:
    endless = structs.replace(POLICY, indicators=tuple(_endless(one) for one in POLICY.indicators))
    assert last(decision(), policy=endless) is None


def _endless(rule: object) -> object:
    return structs.replace(rule, months=None) if rule.code == "P" else rule  # type: ignore[attr-defined,type-var]


def test_a_listing_is_shown_to_its_last_day_or_until_it_is_ended() -> None:
    listing = black(until=date(2027, 4, 1))
    facts = sound([], listings=(listing,))
    assert ended_on(listing) == date(2027, 4, 2)
    assert shown(facts, POLICY, date(2027, 4, 1)) is facts
    assert shown(facts, POLICY, date(2027, 4, 2)).listings == ()
    lifted = structs.replace(listing, ended_on=date(2027, 1, 5))
    facts = sound([], listings=(lifted,))
    assert shown(facts, POLICY, date(2027, 1, 5)).listings == ()


def test_where_a_policy_counts_afresh_after_a_listing_it_is_shown_while_it_hides_anything() -> None:
    yearly, after = policy_of("yearly"), date(2027, 5, 1)
    ended = black(until=date(2027, 4, 1))
    before, later = (confirmed("WT1", "O", on) for on in (date(2027, 2, 1), date(2027, 4, 20)))
    assert shown(sound([before], listings=(ended,)), yearly, after).listings == (ended,)
    assert shown(sound([later], listings=(ended,)), yearly, after).listings == ()
    same_day = confirmed("WT1", "O", ended_on(ended))
    assert shown(sound([same_day], listings=(ended,)), yearly, after).listings == ()


@given(facts=whole(), policy=st.sampled_from((*SCHEMES, COURT)), on=DAYS)
def test_no_rating_rests_on_what_is_shown_no_longer(facts: Facts, policy: Policy, on: date) -> None:
    seen = known(facts, on)
    assert assess(shown(seen, policy, on), policy, on) == assess(seen, policy, on)


@given(facts=whole(), policy=st.sampled_from((*SCHEMES, COURT)), days=st.tuples(DAYS, DAYS))
def test_what_is_hidden_stays_hidden_and_going_on_is_reading_anew(
    facts: Facts, policy: Policy, days: tuple[date, date]
) -> None:
    first, then = sorted(days)
    seen = known(facts, first)
    assert shown(shown(seen, policy, first), policy, then) == shown(seen, policy, then)
