"""Halves in the unit of a policy, cures of what nothing else ends, and what leads into the next grade."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from msgspec import structs

from scoring import Policy, PolicyError, assess, load_policy
from scoring.actions import actions
from scoring.derivation import derived
from scoring.facts import Event, Facts, Inspection, Measure, Record, State
from scoring.repair import clock
from scoring.telling import also_needed, next_step, why_grade
from tests.scoring.records import ON, record, sound

SEEN = ON - timedelta(days=60)
DUE = ON - timedelta(days=30)
HEAD = """
id = "R"
title = "恢复"
since = 2020-01-01
reference = { document = "办法", article = "第一条" }
[scale]
made_of = "standing"
"""
BANDS = """
[[bands]]
grade = "甲"
above = 90
[[bands]]
grade = "乙"
above = 80
to = 90
[[bands]]
grade = "丙"
to = 80
"""


def rule(code: str, points: str, more: str, gate: str = "O") -> str:
    """One indicator; it counts from the order on, if nothing else is said."""
    reference = "reference = { document = '法', article = '第二条' }"
    return f"[[indicators]]\ncode = '{code}'\ntitle = '{code}'\npoints = {points}\ngate = '{gate}'\n{more}\n{reference}\n"


def policy(*rules: str, scale: str = "base = 100", bands: str = BANDS) -> Policy:
    """A policy of these indicators."""
    return load_policy("".join((HEAD, scale, bands, *rules)).encode())


def fault(code: str, passed: date | None = None, extent: int = 1) -> Record:
    """An order of two months ago that ran out a month ago."""
    order = Event(state=State.ORDERED, on=SEEN, due_on=DUE)
    judged = Event(state=State.JUDGED, on=SEEN)
    steps = [judged, order, *([] if passed is None else [Event(state=State.PASSED, on=passed)])]
    return record(code.lower(), code, SEEN, *steps, extent=extent)


@pytest.mark.parametrize(
    ("price", "other", "extent", "left"),
    [
        ("15", "10", 1, "7"),
        ("15", "0.5", 1, "7.5"),
        ("0.5", "10", 1, "0.2"),
        ("0.5", "0.25", 1, "0.25"),
        ("0.5", "10", 3, "0.7"),
        ("0.000001", "10", 1, "0"),
        ("1", "10", 1, "0"),
    ],
)
def test_half_is_halved_in_the_smallest_unit_of_the_policy(
    price: str, other: str, extent: int, left: str
) -> None:
    half = policy(rule("H", price, "months = 12\nrestore = 'half'"), rule("X", other, "months = 1"))
    rating = assess(sound([fault("H", DUE, extent)]), half, ON)
    assert [one.left for one in rating.reasons] == [Decimal(left)]
    assert rating.score == 100 - Decimal(left)


def test_what_grows_by_a_fraction_is_halved_in_that_fraction() -> None:
    grows = "months = 12\nrestore = 'half'\ngrows_by = 0.5\ngrows_every_days = 30"
    rating = assess(sound([fault("H", DUE)]), policy(rule("H", "5", grows)), ON)
    assert [(one.raw, one.left) for one in rating.reasons] == [(Decimal("5.5"), Decimal("2.7"))]


LISTED = "restore = 'full'\nlimits_grade_to = '丙'"


def told(facts: Facts, under: Policy) -> str:
    """Every sentence of the only reason."""
    (reason,) = assess(facts, under, ON).reasons
    return "；".join(one.sentence for one in derived(reason, facts, under, ON).steps)


def test_a_court_s_listing_ends_on_the_day_of_the_exit_after_any_term() -> None:
    listed = policy(rule("L", "20", LISTED, "J"))
    open_, cured = sound([fault("L")]), sound([fault("L", ON)])
    before = assess(open_, listed, ON)
    assert (before.grade, before.score) == ("丙", 80)
    assert "至 退出失信被执行人名单为止；退出失信被执行人名单之日起不再计分。" in told(
        open_, listed
    )
    (action,) = actions(open_, listed, ON)
    assert (action.title, action.helps, action.by) == ("退出失信被执行人名单", ("l",), None)
    after = assess(cured, listed, ON)
    assert (after.grade, after.score, after.reasons) == ("甲", 100, ())


GRAVE = 'severity = "严重"\n'


def test_a_court_s_listing_may_be_grave_for_its_exit_is_its_end_and_no_early_restoration() -> None:
    under = policy(rule("J", "20", f'{GRAVE}restore = "full"', gate="J"))
    listed = record("x", "J", SEEN, State.CONFIRMED, State.JUDGED)
    left = structs.replace(listed, events=(*listed.events, Event(state=State.PASSED, on=ON)))
    for facts, score, lines in ((sound([listed]), 80, ["严重"]), (sound([left]), 100, [])):
        assert assess(facts, under, ON).score == score
        assert [one.severity for one in assess(facts, under, ON).reasons] == lines


def test_what_a_cure_gave_back_in_full_is_shown_no_longer_where_nothing_else_would_end_it() -> None:
    for more, lines in (
        ("restore = 'full'", []),
        ("restore = 'full'\nmonths = 12", [0]),
        ("restore = 'full'\nuntil_next = 'inspection'", [0]),
        ("restore = 'half'", [-10]),
    ):
        under = policy(rule("L", "20", more))
        assert [one.points for one in assess(sound([fault("L", DUE)]), under, ON).reasons] == lines
        eve = assess(sound([fault("L", DUE)]), under, DUE - timedelta(days=1))
        assert [one.points for one in eve.reasons] == [-20]
        assert assess(sound([fault("L", DUE + timedelta(days=1))]), under, ON).score == 80


def test_a_line_says_that_a_cure_ends_it_only_while_one_does() -> None:
    under = policy(rule("L", "20", "restore = 'full'"))
    late = sound([fault("L", DUE + timedelta(days=1))])
    for facts, day, said in (
        (sound([fault("L")]), DUE, "至 改正为止"),
        (sound([fault("L")]), DUE + timedelta(days=1), "起，没有期限"),
        (late, ON, "起，没有期限"),
    ):
        (reason,) = assess(facts, under, day).reasons
        assert [
            one.sentence.split(" ", 1)[1]
            for one in derived(reason, facts, under, day).steps
            if one.kind == "period"
        ] == [said]
        assert [one.lasts for one in clock(facts, under, day)] == [said]


@pytest.mark.parametrize(
    ("gate", "more"),
    [
        ("O", 'restore = "full"'),
        ("P", 'restore = "full"'),
        ("PJ", 'restore = "full"'),
        ("J", 'restore = "half"'),
        ("J", 'restore = "full"\nmonths = 36'),
        ("J", 'restore = "full"\nuntil_next = "annual_inspection"'),
    ],
)
def test_what_is_grave_and_ends_otherwise_is_never_restored(gate: str, more: str) -> None:
    with pytest.raises(PolicyError, match="严重失信不得提前恢复"):
        policy(rule("J", "20", GRAVE + more, gate=gate))


@pytest.mark.parametrize(
    ("gate", "more", "scale"),
    [
        ("O", LISTED, "base = 100"),
        ("J", f"{LISTED}\nmonths = 12", "base = 100"),
        ("J", f"{LISTED}\nuntil_next = 'annual_inspection'", "base = 100"),
        ("J", LISTED, "base = 100\ncounted_by = 'year'"),
        ("J", "restore = 'half'\nlimits_grade_to = '丙'", "base = 100"),
    ],
)
def test_a_late_cure_restores_nothing_elsewhere(gate: str, more: str, scale: str) -> None:
    other = policy(rule("L", "20", more, gate), scale=scale)
    cured = sound([fault("L", ON)])
    rating = assess(cured, other, ON)
    assert (rating.grade, rating.score) == ("丙", 80)
    assert "整改已过期限，不再恢复" in told(cured, other)


def test_a_penalty_final_after_its_term_costs_nothing_and_one_before_it_the_rest_of_it() -> None:
    warned = policy(rule("W", "5", "months = 3", "P"))
    for final, days in ((ON - timedelta(days=80), True), (ON, False)):
        decided = Event(state=State.DECIDED, on=ON - timedelta(days=95 if not days else 85))
        steps = decided, Event(state=State.FINAL, on=final)
        one = record("w", "W", decided.on, *steps, kind="decision")
        rating = assess(sound([one]), warned, ON)
        assert [reason.record for reason in rating.reasons] == (["w"] if days else [])


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (5, ""),
        (10, "再得多于 0 分，就到 甲 级。"),
        (15, "再得多于 5 分，就到 甲 级。"),
        (20, "再得多于 0 分，就到 乙 级。"),
    ],
)
def test_an_edge_that_is_not_the_better_grade_s_must_be_passed(points: int, said: str) -> None:
    open_edges = policy(rule("P", str(points), "months = 12"))
    assert next_step(assess(sound([fault("P")]), open_edges, ON), open_edges) == said


CLOSED = BANDS.replace("above", "from").replace("to =", "below =")
LOWER = """
[[bands]]
grade = "甲"
below = 3
[[bands]]
grade = "乙"
from = 3
to = 6
[[bands]]
grade = "丙"
above = 6
"""
LESS = "base = 0\nbetter = 'lower'"


@pytest.mark.parametrize(
    ("scale", "bands", "points", "more", "said"),
    [
        ("base = 100", CLOSED, 15, "", "再得 5 分，就到 甲 级。"),
        ("base = 100", BANDS, 1, "limits_grade_to = '丙'", "分数已够 乙 级，等级受别的条件限制。"),
        (
            "base = 100",
            CLOSED,
            10,
            "limits_grade_to = '乙'",
            "分数已够 甲 级，等级受别的条件限制。",
        ),
        (LESS, LOWER, 3, "", "再减多于 0 分，就到 甲 级。"),
        (LESS, LOWER, 5, "", "再减多于 2 分，就到 甲 级。"),
        (LESS, LOWER, 8, "", "再减 2 分，就到 乙 级。"),
    ],
)
def test_the_next_step_says_which_way_and_what_else_holds_the_grade(
    scale: str, bands: str, points: int, more: str, said: str
) -> None:
    under = policy(rule("P", str(points), f"months = 12\n{more}"), scale=scale, bands=bands)
    assert next_step(assess(sound([fault("P")]), under, ON), under) == said


VISITED = CLOSED.replace("from = 80", "from = 80\nneeds_onsite_months = 3")


@pytest.mark.parametrize(
    ("bands", "points", "limit", "said"),
    [
        (CLOSED, 30, "丙", "还要：“P”不再限制等级（现在最高为 丙 级）。"),
        (CLOSED, 30, "乙", ""),
        (CLOSED, 15, "乙", "还要：“P”不再限制等级（现在最高为 乙 级）。"),
        (CLOSED, 5, "", ""),
        (VISITED, 30, "", "还要：3 个月内有现场检查。"),
        (VISITED, 30, "丙", "还要：“P”不再限制等级（现在最高为 丙 级），3 个月内有现场检查。"),
    ],
)
def test_what_else_the_next_grade_needs_is_said_beside_its_points(
    bands: str, points: int, limit: str, said: str
) -> None:
    more = f"months = 12\nlimits_grade_to = '{limit}'" if limit else "months = 12"
    under = policy(rule("P", str(points), more), bands=bands)
    assert also_needed(assess(sound([fault("P")]), under, ON), sound([fault("P")]), under) == said


def test_a_visit_of_a_later_day_meets_no_condition() -> None:
    under = policy(rule("P", "15", "months = 12"), bands=VISITED)
    facts = sound([fault("P")])
    later = (*facts.inspections, Inspection(id="j", kind="daily", on=ON + timedelta(days=1)))
    seen = structs.replace(facts, inspections=later)
    rating = assess(seen, under, ON)
    assert also_needed(rating, seen, under) == "还要：3 个月内有现场检查。"
    assert "乙 级要求 3 个月内有现场检查，现在没有" in why_grade(rating, seen, under)


@pytest.mark.parametrize(
    ("better", "bands", "worst", "said"),
    [
        ("lower", "to = 9\nno_single_above = 5|above = 9", 6, "还要：没有一个分项超过 5 分。"),
        ("lower", "to = 9\nno_single_above = 6|above = 9", 6, ""),
        ("higher", "from = 5\nno_single_below = 6|below = 5", 5, "还要：没有一个分项低于 6 分。"),
    ],
)
def test_a_single_measure_that_holds_the_grade_is_said_beside_the_points(
    better: str, bands: str, worst: int, said: str
) -> None:
    best, last = bands.split("|")
    head = HEAD.replace("standing", "measures")
    scale = f"measures = ['甲', '乙']\nbetter = '{better}'\n"
    grades = f"[[bands]]\ngrade = 'A'\n{best}\n[[bands]]\ngrade = 'B'\n{last}\n"
    under = load_policy((head + scale + grades).encode())
    measures = tuple(Measure(code=one, value=Decimal(n)) for one, n in (("甲", worst), ("乙", 4)))
    visit = Inspection(id="v", kind="", on=ON, measures=measures)
    facts = Facts(institution="x", inspections=(visit,))
    assert also_needed(assess(facts, under, ON), facts, under) == said


def test_the_unrated_and_the_unknown_have_no_next_step() -> None:
    under = policy(rule("P", "15", "months = 12"))
    closed = structs.replace(sound([fault("P")]), status="closed")
    assert next_step(assess(closed, under, ON), under) == ""
    assert also_needed(assess(closed, under, ON), closed, under) == ""
