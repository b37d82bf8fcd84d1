"""What must hold for every institution under every scheme, whatever was found there."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from scoring import Facts, Policy, Rating, assess
from scoring.assess import rated_on
from scoring.canonical import canonical
from scoring.claims import year_after
from scoring.derivation import derivation_of
from scoring.facts import Event, Record, State
from scoring.rules import known, months_after
from tests.scoring.records import ON, black, record, sound
from tests.scoring.strategies import DAYS, POLICY, SCHEMES, policy_of, records, whole

schemes = pytest.mark.parametrize("policy", SCHEMES, ids=[one.id for one in SCHEMES])
LICENSED = structs.replace(
    POLICY, id="licensed", unrated=structs.replace(POLICY.unrated, needs_licence=True), white=()
)
and_licensed = pytest.mark.parametrize(
    "policy", [*SCHEMES, LICENSED], ids=[*(one.id for one in SCHEMES), "licensed"]
)


def shuffled(facts: Facts, chance: Random) -> Facts:
    """The same facts in another order, the steps of each record too."""

    def mixed(some: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(some, len(some)))

    records = tuple(structs.replace(one, events=mixed(one.events)) for one in facts.records)
    return structs.replace(
        facts,
        records=mixed(records),
        inspections=mixed(facts.inspections),
        listings=mixed(facts.listings),
        covers=mixed(facts.covers),
        licences=mixed(facts.licences),
        custody=mixed(facts.custody),
        annual_inspections=mixed(facts.annual_inspections),
    )


def total(rating: Rating) -> Decimal:
    assert rating.base is not None
    return rating.base + sum((one.points for one in rating.reasons), Decimal(0))


def rank(rating: Rating, policy: Policy) -> int:
    return [one.grade for one in policy.bands].index(rating.grade.split("–")[-1])


@and_licensed
@given(facts=whole(), chance=st.randoms(use_true_random=False))
def test_the_order_of_facts_never_matters(policy: Policy, facts: Facts, chance: Random) -> None:
    assert assess(shuffled(facts, chance), policy, ON) == assess(facts, policy, ON)


@schemes
@given(facts=whole())
def test_facts_after_the_day_never_count(policy: Policy, facts: Facts) -> None:
    assert assess(known(facts, ON), policy, ON) == assess(facts, policy, ON)
    later = structs.replace(
        facts,
        records=tuple(one for one in facts.records if one.seen_on <= ON),
        inspections=tuple(one for one in facts.inspections if one.on <= ON),
        annual_inspections=tuple(one for one in facts.annual_inspections if one.on <= ON),
        listings=tuple(one for one in facts.listings if one.decided_on <= ON),
    )
    assert assess(later, policy, ON) == assess(facts, policy, ON)


@schemes
@given(facts=whole())
def test_the_reasons_sum_exactly_to_the_score_and_each_cites_its_article(
    policy: Policy, facts: Facts
) -> None:
    rating = assess(facts, policy, ON)
    assert len({one.record for one in rating.reasons}) == len(rating.reasons)
    assert all(one.reference.article and one.reference.document for one in rating.reasons)
    for one in rating.reasons:
        assert one.raw >= one.left >= one.held >= abs(one.points)
    if rating.base is None:
        assert rating.not_rated_because
        assert rating.score is None
        return
    if rating.score is not None:
        assert total(rating) == rating.score
    else:
        assert total(rating) in (rating.score_from, rating.score_to)
    floor, ceiling = policy.scale.floor, policy.scale.ceiling
    assert floor is None or total(rating) >= floor
    assert ceiling is None or total(rating) <= ceiling


@schemes
@given(found=st.lists(records(), max_size=8), more=records("FOJMIVT"))
def test_a_further_violation_never_improves_a_rating(
    policy: Policy, found: list[Record], more: Record
) -> None:
    # The cured fault of a case already there is no further violation: it cures the penalty with it.
    cured = any(one.state == State.PASSED for one in more.events)
    assume(not (cured and more.case and more.case in {one.case for one in found}))
    before = rated_on(sound(found), policy, ON)
    after = rated_on(sound([*found, structs.replace(more, kind="finding")]), policy, ON)
    worse = total(after) - total(before)
    assert worse <= 0 if policy.scale.better == "higher" else worse >= 0
    assert rank(after, policy) >= rank(before, policy)


@schemes
@given(found=st.lists(records(), max_size=9))
def test_no_cap_is_ever_exceeded(policy: Policy, found: list[Record]) -> None:
    costs: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    facts = sound(found)
    for one in rated_on(facts, policy, ON).reasons:
        assert one.counts_from is not None
        rule = policy.by_code[one.code]
        costs[one.code].append((one.counts_from, one.held))
        if rule.group:
            costs[f"group {rule.group}"].append((one.counts_from, one.held))
    caps = {one.code: one.cap for one in policy.indicators if one.cap is not None}
    caps |= {f"group {one.code}": one.cap for one in policy.groups}
    for name, cap in caps.items():
        for day, _ in costs[name]:
            window = [
                cost
                for other, cost in costs[name]
                if (
                    year_after(other, policy.scale, facts.opened_on)
                    == year_after(day, policy.scale, facts.opened_on)
                    if policy.scale.by_year
                    else other <= day < months_after(other, 12)
                )
            ]
            assert sum(window, Decimal(0)) <= cap


@schemes
@given(found=st.lists(records(), max_size=8))
def test_a_fact_with_finding_and_decision_is_deducted_once(
    policy: Policy, found: list[Record]
) -> None:
    known_as = {one.id: one for one in found if one.case}
    paid: dict[str, set[str]] = defaultdict(set)
    for one in rated_on(sound(found), policy, ON).reasons:
        record = known_as.get(one.record)
        if record is not None and one.points:
            # All faults of a case count as one side, each decision as another.
            paid[record.case].add(record.id if record.kind == "decision" else "faults")
        assert one.kind != "absorbed" or (one.points == 0 and one.absorbed_by in known_as)
    assert all(len(sides) == 1 for sides in paid.values())


@schemes
@given(facts=whole())
def test_only_what_is_proven_and_not_undone_counts(policy: Policy, facts: Facts) -> None:
    rating = assess(facts, policy, ON)
    seen = {one.id: one for one in known(facts, ON).records}
    for one in rating.reasons:
        record = seen[one.record]
        mates = [o for o in seen.values() if o.case == record.case] if record.case else [record]
        states = {event.state for event in record.events}
        around = {event.state for mate in mates for event in mate.events}
        assert not states & {State.DISMISSED, State.ANNULLED}
        needed = {"F": {State.CONFIRMED}, "O": {State.ORDERED}}.get(one.gate)
        if needed:
            assert states & needed
        else:
            assert (states if record.kind == "decision" else around) & {State.FINAL, State.JUDGED}
            assert not one.disputed


@given(st.sampled_from([State.DISPUTED, State.ANNULLED, State.DISMISSED]))
def test_a_disputed_or_annulled_penalty_never_counts(state: State) -> None:
    seen = date(2026, 1, 5)
    steps = (Event(state=State.DECIDED, on=seen), Event(state=State.FINAL, on=date(2026, 4, 1)))
    final = record("p", "P", seen, *steps, kind="decision")
    assert assess(sound([final]), POLICY, ON).grade == "D"
    undone = structs.replace(final, events=(*final.events, Event(state=state, on=date(2026, 5, 1))))
    assert assess(sound([undone]), POLICY, ON).score == 100
    assert assess(sound([undone]), POLICY, date(2026, 4, 30)).grade == "D"


@schemes
@given(facts=whole())
def test_no_list_without_a_decision_and_never_two_lists(policy: Policy, facts: Facts) -> None:
    rating = assess(facts, policy, ON)
    standing = [
        one
        for one in facts.listings
        if one.document_no
        and one.effective_on <= ON <= one.until
        and not (one.ended_on and one.ended_on <= ON)
    ]
    lists = {one.list for one in standing}
    if rating.status in ("black", "watch"):
        assert rating.status in lists
        assert rating.listing in {one.id for one in standing}
    else:
        assert not lists
    if rating.status == "white":
        assert not rating.not_rated_because
        assert all(one.met for one in rating.conditions)
        assert rating.grade in ("A", "B")
    bare = structs.replace(facts, listings=())
    assert assess(bare, policy, ON).status not in ("black", "watch")


@pytest.mark.parametrize("missing", ["document_no", "organ", "article"])
def test_a_listing_without_its_document_organ_or_article_is_none(missing: str) -> None:
    listing = black(until=date(2026, 12, 31))
    listed = sound([], listings=(listing,))
    assert assess(listed, POLICY, ON).status == "black"
    bare = sound([], listings=(structs.replace(listing, **{missing: ""}),))
    assert assess(bare, POLICY, ON).status == "none"
    assert assess(listed, POLICY, date(2027, 1, 1)).status != "black"


@and_licensed
@given(facts=whole(most=3))
def test_the_rating_is_equal_on_every_day_before_it_changes_and_differs_on_that_day(
    policy: Policy, facts: Facts
) -> None:
    facts = known(facts, ON)
    today = assess(facts, policy, ON)
    last = today.changes_on or ON + timedelta(days=1200)
    bare = structs.replace(today, changes_on=None)
    # Every day of the next two months, then every week: a turn lasts longer than that, or is listed.
    ahead = {*range(1, 60), *range(60, 1200, 7), (last - ON).days - 1}
    for days in sorted(ahead):
        day = ON + timedelta(days=days)
        if ON <= day < last:
            assert structs.replace(rated_on(facts, policy, day), on=ON) == bare
    if today.changes_on is not None:
        assert today.changes_on > ON
        assert structs.replace(rated_on(facts, policy, last), on=ON) != bare


@and_licensed
@given(facts=whole(), gap=st.integers(0, 500))
def test_a_rating_is_the_same_on_every_day_before_it_changes(
    policy: Policy, facts: Facts, gap: int
) -> None:
    facts, day = known(facts, ON), ON + timedelta(days=gap)
    rating = assess(facts, policy, ON)
    if rating.changes_on is None or day < rating.changes_on:
        assert rating.lasting().dated(day) == assess(facts, policy, day)


@schemes
@given(facts=whole())
def test_every_number_of_a_derivation_is_the_ratings_own(policy: Policy, facts: Facts) -> None:
    rating = assess(facts, policy, ON)
    told = derivation_of(rating, known(facts, ON), policy)
    assert [one.points for one in told.reasons] == [one.points for one in rating.reasons]
    for line, reason in zip(told.reasons, rating.reasons, strict=True):
        assert [step.kind for step in line.steps][-1] == "article"
        assert reason.reference.article in line.steps[-1].sentence
        assert all(step.sentence and step.label for step in line.steps)
        numbered = [step.points for step in line.steps if step.points is not None]
        assert not numbered or abs(numbered[-1]) == abs(reason.points)
    assert told.of_grade
    assert canonical(told) == canonical(derivation_of(rating, known(facts, ON), policy))


@given(found=st.lists(records(), max_size=6), day=DAYS)
def test_parts_that_are_unknown_widen_the_score_and_never_raise_the_grade(
    found: list[Record], day: date
) -> None:
    sure, wide = policy_of("standing"), policy_of("unknown")
    facts = sound(found)
    one, other = rated_on(facts, sure, day), rated_on(facts, wide, day)
    if one.base is None:
        assert other.grade == one.grade
        return
    assert other.score is None
    assert other.score_to == one.score
    assert other.score_from is not None
    assert other.score_to is not None
    assert other.score_to - 20 <= other.score_from <= other.score_to
    assert other.grade.split("–")[0] == one.grade
    assert rank(other, wide) >= rank(one, sure)
