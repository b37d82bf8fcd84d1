"""Schemes in which an inspection is itself the rating, by its findings or by its measures."""

from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from scoring import Facts, assess, load_policy
from scoring.claims import ZERO
from scoring.facts import Event, Inspection, Measure, State
from scoring.rating import Reason
from tests.scoring.records import ON, small_faults, sound
from tests.scoring.strategies import HEAD

VISIT = (
    HEAD.format(id="visit")
    + """
[scale]
made_of = "inspection"
base = 20
floor = 0
[[bands]]
grade = "A"
from = 10
[[bands]]
grade = "B"
below = 10
[[indicators]]
code = "F"
title = "F"
points = 4
cap = 6
reference = { document = "D", article = "1" }
"""
)
GROUP = """
[[groups]]
code = "G"
title = "合计"
cap = 5
reference = { document = "D", article = "1" }
"""
MEASURED = (
    HEAD.format(id="measured")
    + """
[scale]
made_of = "measures"
measures = ["hygiene"]
ceiling = 5
[[bands]]
grade = "A"
from = 4
[[bands]]
grade = "B"
below = 4
"""
)
CYCLE = """
[cycle]
first_kinds = ["first"]
again_kinds = ["again"]
at_once = ["A"]
pending = "P"
reference = { document = "D", article = "2" }
"""
NO_OVERDUE = """
[[white]]
kind = "no_overdue"
title = "没有逾期的整改"
reference = { document = "D", article = "1" }
"""


def test_the_caps_of_a_scheme_by_inspection_hold_within_the_inspection() -> None:
    policy = load_policy(VISIT.encode())
    found = [structs.replace(one, inspection="i") for one in small_faults(3)]
    other = structs.replace(found[0], id="other", inspection="j")
    rating = assess(sound([*found, other]), policy, ON)
    assert rating.score == 14
    assert {one.record for one in rating.reasons} == {"f0", "f1", "f2"}
    grouped = load_policy((VISIT.replace("cap = 6", 'group = "G"') + GROUP).encode())
    assert assess(sound(found), grouped, ON).score == 15


def test_what_is_overdue_keeps_from_the_white_list_of_a_scheme_by_inspection_too() -> None:
    policy = load_policy((VISIT + NO_OVERDUE).encode())
    (fault,) = small_faults(1)
    order = Event(state=State.ORDERED, on=fault.seen_on, due_on=ON)
    facts = sound([structs.replace(fault, events=(*fault.events, order))])
    assert assess(facts, policy, ON).status == "white"
    assert assess(facts, policy, ON).changes_on == ON + timedelta(days=1)
    assert assess(facts, policy, ON + timedelta(days=1)).status == "none"
    unvisited = structs.replace(facts, inspections=())
    for day, met in ((ON, True), (ON + timedelta(days=1), False)):
        rating = assess(unvisited, policy, day)
        assert (rating.status, [one.met for one in rating.conditions]) == ("none", [met])


def test_the_next_visit_is_that_of_the_worse_of_two_visits_by_their_findings() -> None:
    text = VISIT.replace("cap = 6\n", "").replace(
        "below = 10", "below = 10\nvisit_after_months = 2"
    )
    policy = load_policy((text + CYCLE).encode())
    visits = tuple(
        Inspection(id=kind, kind=kind, on=ON - timedelta(days=days))
        for kind, days in (("first", 40), ("again", 10))
    )
    for many, after in ((2, None), (3, date(2026, 8, 20))):
        found = [structs.replace(one, inspection="first") for one in small_faults(many)]
        facts = structs.replace(sound(found), inspections=visits)
        rating = assess(facts, policy, ON)
        assert (rating.grade, rating.score, rating.visit_from) == ("A", 20, after)
    alone = structs.replace(sound([]), inspections=visits[1:])
    assert assess(alone, policy, ON).visit_from is None


def test_a_measure_is_the_reason_for_what_it_adds() -> None:
    visit = Inspection(
        id="v",
        kind="routine",
        on=ON - timedelta(days=1),
        measures=(Measure(code="hygiene", value=Decimal(7)), Measure(code="other", value=ZERO)),
    )
    policy = load_policy(MEASURED.encode())
    (reason,) = assess(Facts(institution="x", inspections=(visit,)), policy, ON).reasons
    assert reason == Reason(
        record="v",
        code="hygiene",
        title="hygiene",
        kind="measure",
        points=Decimal(5),
        raw=Decimal(7),
        left=Decimal(7),
        held=Decimal(7),
        seen_on=visit.on,
        reference=policy.reference,
    )


def test_whoever_is_new_is_new_before_the_first_visit_of_a_scheme_by_inspection_too() -> None:
    policy = load_policy((VISIT + "[unrated]\nfirst_days = 180\n").encode())
    for days, grade in ((179, "新设机构，尚未评定"), (180, "没有已经认定的检查结果，尚未评定")):
        young = Facts(institution="x", opened_on=ON - timedelta(days=days))
        assert assess(young, policy, ON).not_rated_because == grade
