"""What must hold for every institution, whatever was found there."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring import Facts, assess, load_policy
from scoring.facts import Event, Inspection, Listing, Record, State

POLICY = load_policy(
    """
id = "P"
title = "P"
since = 2020-01-01
reference = { document = "办法", article = "第一条" }
[scale]
made_of = "standing"
base = 100
floor = 0
bonus_at_most = 5
[unrated]
first_days = 180
months_without_inspection = 24
[[bands]]
grade = "A"
from = 90
[[bands]]
grade = "B"
from = 60
below = 90
[[bands]]
grade = "D"
below = 60
[[indicators]]
code = "F"
title = "轻微"
points = 5
cap = 15
months = 6
restore = "full"
reference = { document = "法", article = "第一条" }
[[indicators]]
code = "O"
title = "一般"
points = 15
cap = 30
months = 12
restore = "half"
gate = "O"
reference = { document = "法", article = "第二条" }
[[indicators]]
code = "P"
title = "严重"
points = 40
severity = "严重"
months = 36
gate = "P"
limits_grade_to = "D"
reference = { document = "法", article = "第三条" }
""".encode()
)
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
ON = date(2026, 6, 30)


@st.composite
def records(draw: st.DrawFn) -> Record:
    seen = draw(DAYS)
    states = draw(st.lists(st.sampled_from(list(State)), max_size=5))
    days = sorted(draw(st.lists(st.integers(0, 200), min_size=len(states), max_size=len(states))))
    return Record(
        id=draw(st.uuids()).hex,
        kind="finding",
        code=draw(st.sampled_from("FOP")),
        seen_on=seen,
        extent=draw(st.integers(1, 3)),
        events=tuple(
            Event(state=state, on=seen + timedelta(days=day), due_on=seen + timedelta(days=90))
            for state, day in zip(states, days, strict=True)
        ),
    )


def facts(found: list[Record]) -> Facts:
    inspections = (Inspection(id="i", kind="daily", on=date(2026, 1, 1)),)
    return Facts(institution="x", inspections=inspections, records=tuple(found))


@given(st.lists(records(), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_facts_never_matters(found: list[Record], chance: object) -> None:
    mixed = list(found)
    chance.shuffle(mixed)  # type: ignore[attr-defined] # hypothesis's Random
    assert assess(facts(found), POLICY, ON) == assess(facts(mixed), POLICY, ON)


@given(st.lists(records(), max_size=6))
def test_facts_after_the_day_never_count(found: list[Record]) -> None:
    before = [
        structs.replace(one, events=tuple(e for e in one.events if e.on <= ON))
        for one in found
        if one.seen_on <= ON
    ]
    assert assess(facts(found), POLICY, ON) == assess(facts(before), POLICY, ON)


@given(st.lists(records(), max_size=8))
def test_the_reasons_sum_exactly_to_the_score(found: list[Record]) -> None:
    rating = assess(facts(found), POLICY, ON)
    assert rating.score is not None
    assert rating.score == Decimal(100) + sum(one.points for one in rating.reasons)
    assert 0 <= rating.score <= 105
    assert len({one.record for one in rating.reasons}) == len(rating.reasons)
    assert all(one.reference.article and one.reference.document for one in rating.reasons)


@given(st.lists(records(), max_size=6), st.sampled_from("FO"), DAYS)
def test_a_further_violation_never_improves_a_rating(
    found: list[Record], code: str, seen: date
) -> None:
    more = Record(
        id="more",
        kind="finding",
        code=code,
        seen_on=seen,
        events=(Event(state=State.CONFIRMED, on=seen), Event(state=State.ORDERED, on=seen)),
    )
    before = assess(facts(found), POLICY, ON).score
    after = assess(facts([*found, more]), POLICY, ON).score
    assert before is not None
    assert after is not None
    assert after <= before


@given(st.lists(records(), max_size=4))
def test_the_rating_is_equal_until_time_alone_changes_it(found: list[Record]) -> None:
    def bare(day: date) -> object:
        known = [
            structs.replace(one, events=tuple(e for e in one.events if e.on <= ON))
            for one in found
            if one.seen_on <= ON
        ]
        return structs.replace(assess(facts(known), POLICY, day), on=ON, changes_on=None)

    turn = assess(facts(found), POLICY, ON).changes_on
    last = turn or ON + timedelta(days=900)
    for day in {ON + timedelta(days=1), last - timedelta(days=1)}:
        assert day < ON or day >= last or bare(day) == bare(ON)
    if turn:
        assert bare(turn) != bare(ON)


@given(st.lists(records(), max_size=6))
def test_a_score_alone_never_blacklists(found: list[Record]) -> None:
    assert assess(facts(found), POLICY, ON).status not in ("black", "watch")


@given(st.sampled_from(["document_no", "organ", "article"]))
def test_a_listing_without_its_document_organ_or_article_is_none(missing: str) -> None:
    listing = Listing(
        id="l",
        list="black",
        ground="F05",
        reason="抽逃资金",
        document_no="甬教列〔2026〕1号",
        organ="教育局",
        article="第一条",
        decided_on=date(2026, 1, 1),
        effective_on=date(2026, 1, 8),
        until=date(2026, 12, 31),
    )
    whole = structs.replace(facts([]), listings=(listing,))
    assert assess(whole, POLICY, ON).status == "black"
    bare = structs.replace(whole, listings=(structs.replace(listing, **{missing: ""}),))
    assert assess(bare, POLICY, ON).status == "none"
    assert assess(whole, POLICY, date(2027, 1, 1)).status != "black"


@given(st.sampled_from([State.DISPUTED, State.ANNULLED, State.DISMISSED]))
def test_a_disputed_or_annulled_penalty_never_counts(state: State) -> None:
    seen = date(2026, 1, 5)
    final = Record(
        id="p",
        kind="decision",
        code="P",
        seen_on=seen,
        events=(Event(state=State.DECIDED, on=seen), Event(state=State.FINAL, on=date(2026, 4, 1))),
    )
    assert assess(facts([final]), POLICY, ON).grade == "D"
    undone = structs.replace(final, events=(*final.events, Event(state=state, on=date(2026, 5, 1))))
    assert assess(facts([undone]), POLICY, ON).score == 100
    assert assess(facts([undone]), POLICY, date(2026, 4, 30)).grade == "D"


def test_one_fact_with_a_finding_and_a_decision_is_deducted_once() -> None:
    seen = date(2026, 3, 2)
    finding = Record(
        id="f",
        kind="finding",
        code="F",
        case="c",
        seen_on=seen,
        events=(Event(state=State.CONFIRMED, on=seen),),
    )
    decision = Record(
        id="d",
        kind="decision",
        code="P",
        case="c",
        seen_on=seen,
        events=(Event(state=State.DECIDED, on=seen), Event(state=State.FINAL, on=date(2026, 6, 1))),
    )
    assert assess(facts([finding, decision]), POLICY, ON).score == 60
    assert assess(facts([finding, decision]), POLICY, date(2026, 5, 1)).score == 95
