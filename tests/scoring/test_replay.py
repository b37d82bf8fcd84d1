"""A draft moves exactly those whom its changed rules touch, and the table holds everyone."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from config.demo import institutions
from scoring import Facts, Policy, assess, load_policy
from scoring.facts import Inspection
from scoring.hindsight import place
from scoring.replay import Cell, Replay, Shift, Uncovered, replay
from tests.scoring.records import black, confirmed

RAW = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_text("utf-8")
NOW = load_policy(RAW.encode())
DAY = date(2026, 10, 31)
SMALL = """
id = "现行"
title = "现行办法"
since = 2020-01-01
reference = { document = "办法", article = "第一条" }
[scale]
made_of = "standing"
base = 100
floor = 0
[unrated]
first_days = 180
[[bands]]
grade = "A"
from = 90
[[bands]]
grade = "B"
from = 60
below = 90
[[bands]]
grade = "C"
below = 60
[[indicators]]
code = "S01"
title = "隐患"
points = 5
reference = { document = "法", article = "第一条" }
[[indicators]]
code = "S02"
title = "重大隐患"
points = 0
severity = "严重"
limits_grade_to = "B"
reference = { document = "法", article = "第二条" }
[[white]]
kind = "grade"
title = "等级为 A"
grades = ["A"]
reference = { document = "法", article = "第三条" }
"""


def draft(points: int) -> str:
    """Ningbo's policy with another price for one code."""
    start = RAW.index('code = "S01"')
    at = RAW.index("points =", start)
    end = RAW.index("\n", at)
    changed = f"{RAW[:at]}points = {points}{RAW[end:]}"
    return changed.replace('id = "NB-2026-1"', 'id = "NB-DRAFT"', 1)


def changed(*swaps: tuple[str, str], more: str = "") -> Policy:
    """The small policy as a draft, with words of it replaced and others added."""
    text = SMALL.replace('id = "现行"', 'id = "草案"')
    for before, after in swaps:
        assert before in text
        text = text.replace(before, after)
    return load_policy((text + more).encode())


OLD = load_policy(SMALL.encode())


def school(*codes: str, id: str = "甲校", **more: object) -> Facts:
    """An institution with one confirmed finding of each code."""
    found = tuple(
        confirmed(f"{id}-{number}", code, date(2026, 6, 1)) for number, code in enumerate(codes, 1)
    )
    return structs.replace(Facts(institution=id, records=found), **more)


def only(found: Replay) -> tuple[Shift, ...]:
    (move,) = found.moves
    return move.shifts


# The demo city under Ningbo's policy.


def test_a_draft_that_changes_nothing_moves_nobody() -> None:
    facts = [one.facts for one in institutions(1, 150)]
    found = replay(facts, NOW, load_policy(draft(5).encode()), DAY)
    assert (found.moves, found.parts) == ((), ())
    assert all(cell.before == cell.after for cell in found.table)
    assert sum(cell.institutions for cell in found.table) == found.institutions == 150


def test_a_changed_price_moves_those_who_pay_it_and_names_the_rule() -> None:
    facts = [one.facts for one in institutions(1, 300)]
    found = replay(facts, NOW, load_policy(draft(12).encode()), DAY)
    paying = {
        one.institution
        for one in facts
        if any(r.code == "S01" and r.points for r in assess(one, NOW, DAY).reasons)
    }
    assert {one.institution for one in found.moves} == paying
    assert paying
    for move in found.moves:
        assert move.before.score is not None
        assert move.after.score is not None
        assert move.after.score < move.before.score
        assert "S01" in {shift.code for shift in move.shifts}
    (part,) = [one for one in found.parts if one.code == "S01"]
    assert part.institutions == len(paying)
    assert part.after < part.before < 0


# Each rule that can move somebody is named.


def test_a_price_is_told_in_points_before_and_after() -> None:
    found = replay([school("S01")], OLD, changed(("points = 5", "points = 12")), DAY)
    assert (found.on, found.old, found.new) == (DAY, "现行", "草案")
    (move,) = found.moves
    assert (move.institution, move.on, move.moves) == ("甲校", DAY, "list")
    assert [(one.code, one.before, one.after) for one in only(found)] == [
        ("S01", "−5", "−12"),
        ("条件 等级为 A", "符合", "不符合"),
    ]
    assert found.table == (Cell(before=("white", "A"), after=("none", "B"), institutions=1),)
    assert [(one.code, one.counts, one.before, one.after) for one in found.parts] == [
        ("S01", "points", -5, -12),
        ("条件 等级为 A", "met", 1, 0),
    ]


def test_several_records_of_one_rule_are_told_as_one_sum() -> None:
    found = replay([school("S01", "S01")], OLD, changed(("points = 5", "points = 4")), DAY)
    assert [(one.code, one.was, one.would_be) for one in only(found)] == [("S01", -10, -8)]


def test_the_way_and_the_rule_of_most_institutions_come_first() -> None:
    dearer = changed(("points = 5", "points = 12"), ("base = 100", "base = 95"))
    schools = [school("S01", id="甲校"), school(id="乙校"), school(id="丙校")]
    found = replay(schools, OLD, dearer, DAY)
    assert found.table == (
        Cell(before=("white", "A"), after=("white", "A"), institutions=2),
        Cell(before=("white", "A"), after=("none", "B"), institutions=1),
    )
    assert [(one.code, one.counts, one.institutions) for one in found.parts] == [
        ("基础分", "points", 3),
        ("S01", "points", 1),
        ("条件 等级为 A", "met", 1),
    ]
    assert (found.parts[0].before, found.parts[0].after) == (300, 285)


def test_ways_of_equally_many_stand_in_one_order() -> None:
    dearer = changed(("points = 5", "points = 12"))
    schools = [school("S01", id="甲校"), school(id="乙校")]
    for some in (schools, schools[::-1]):
        assert [one.after for one in replay(some, OLD, dearer, DAY).table] == [
            ("none", "B"),
            ("white", "A"),
        ]


def test_a_condition_counts_who_meets_it_whichever_policy_has_it() -> None:
    bare = load_policy(SMALL[: SMALL.index("[[white]]")].encode())
    cheaper, dearer = OLD, changed(("points = 5", "points = 12"))
    for codes, old, new, shown in (
        ((), OLD, bare, ("met", 1, 0)),
        ((), bare, OLD, ("met", 0, 1)),
        (("S01",), dearer, cheaper, ("met", 0, 1)),
    ):
        *_, last = only(replay([school(*codes)], old, new, DAY))
        assert (last.code, last.counts, last.was, last.would_be) == ("条件 等级为 A", *shown)


def test_a_move_by_score_alone_and_a_move_by_grade_alone_are_told_apart() -> None:
    dearer = changed(("points = 5", "points = 6"))
    assert replay([school("S01")], OLD, dearer, DAY).moves[0].moves == "score"
    no_white = SMALL[: SMALL.index("[[white]]")]
    old, new = (
        load_policy(no_white.replace("= 90", f"= {edge}").encode()) for edge in ("90", "97")
    )
    found = replay([school("S01")], old, new, DAY)
    assert found.moves[0].moves == "grade"
    assert [(one.code, one.before, one.after) for one in only(found)] == [("等级界线", "A", "B")]
    found = replay([school("S01")], OLD, changed(("= 90", "= 97")), DAY)
    assert [(one.code, one.before, one.after) for one in only(found)] == [
        ("条件 等级为 A", "符合", "不符合"),
        ("等级界线", "A", "B"),
    ]


def test_a_veto_a_base_and_a_condition_that_is_dropped_are_named() -> None:
    harder = changed(('limits_grade_to = "B"', 'limits_grade_to = "C"'))
    found = replay([school("S02")], OLD, harder, DAY)
    assert ("S02", "0，最高 B", "0，最高 C") in [(o.code, o.before, o.after) for o in only(found)]
    found = replay([school()], OLD, changed(("base = 100", "base = 95")), DAY)
    assert [(one.code, one.before, one.after) for one in only(found)] == [("基础分", "100", "95")]
    bare = load_policy(SMALL[: SMALL.index("[[white]]")].encode())
    found = replay([school()], OLD, bare, DAY)
    assert [(one.code, one.before, one.after) for one in only(found)] == [
        ("条件 等级为 A", "符合", "")
    ]
    assert found.moves[0].after.status == "none"


def test_of_two_conditions_with_one_title_the_one_that_fails_is_told() -> None:
    again = '[[white]]\nkind = "platform"\ntitle = "等级为 A"\n'
    again += 'reference = { document = "法", article = "第四条" }\n'
    found = replay([school()], OLD, changed(more=again), DAY)
    assert [(one.before, one.after) for one in only(found)] == [("符合", "不符合")]
    first = again + SMALL[SMALL.index("[[white]]") :]
    failing = load_policy((SMALL[: SMALL.index("[[white]]")] + first).encode())
    assert only(replay([school()], OLD, failing, DAY)) == only(found)


def test_who_loses_a_grade_and_who_gets_one_is_counted() -> None:
    young, old = (
        [school(id=f"{name}{number}", opened_on=day) for number in range(many)]
        for name, day, many in (("新校", date(2026, 6, 1), 2), ("老校", date(2024, 1, 1), 3))
    )
    longer, shorter = (changed(("= 180", f"= {days}")) for days in (2000, 0))
    because = "新设机构，尚未评定"
    for new, counted, said in (
        (longer, (3, 0), ("未评", "", because)),
        (shorter, (0, 2), ("未评", because, "")),
    ):
        found = replay([*young, *old], OLD, new, DAY)
        assert (found.ungraded, found.graded) == counted
        assert sum(one.institutions for one in found.table) == found.institutions == 5
        for move in found.moves:
            assert said in [(one.code, one.before, one.after) for one in move.shifts]
            assert not {"基础分", "不详的部分"} & {one.code for one in move.shifts}


def test_a_part_of_the_scheme_that_is_not_known_is_named() -> None:
    unknown = '[[unknown]]\ntitle = "附表三"\npoints = 4\n'
    unknown += 'reference = { document = "办法", article = "附表三" }\n'
    found = replay([school()], OLD, changed(more=unknown), DAY)
    assert ("不详的部分", "", "96–100") in [(o.code, o.before, o.after) for o in only(found)]


# A code without a rule is no crash but a list.


def test_every_code_without_a_rule_is_named_with_its_records_at_once() -> None:
    schools = [school("S01", "S02", "S03", id=f"校{n:02}") for n in range(25)]
    new = changed(('code = "S01"', 'code = "S91"'))
    with pytest.raises(Uncovered) as refused:
        replay(schools, OLD, new, DAY)
    keys = {("现行", "S03"), ("草案", "S01"), ("草案", "S03")}
    assert refused.value.records.keys() == keys
    assert len(refused.value.records["草案", "S01"]) == 25
    said = str(refused.value)
    assert "草案 indicators：没有编码“S01”，登记册里有 25 条记录用它（校00-1、校01-1、" in said
    assert "校19-1等 25 条" in said
    assert "校20-1" not in said
    with pytest.raises(Uncovered, match=r"校19-1）。请补上这一项"):
        replay(schools[:20], OLD, new, DAY)


def test_a_record_needs_a_rule_from_its_day_on() -> None:
    later = school("S03")
    assert replay([later], OLD, changed(), date(2026, 5, 31)).moves == ()
    with pytest.raises(Uncovered) as refused:
        replay([later], OLD, changed(), date(2026, 6, 1))
    assert refused.value.records == {(one, "S03"): {"甲校-1"} for one in ("现行", "草案")}


def test_a_draft_that_adds_up_measures_needs_no_rule_for_records() -> None:
    sums = load_policy(
        (
            SMALL[: SMALL.index("[[indicators]]")]
            .replace('id = "现行"', 'id = "草案"')
            .replace('"standing"', '"measures"\nmeasures = ["卫生"]')
            .replace("base = 100\nfloor = 0", "")
        ).encode()
    )
    visit = Inspection(id="JC1", kind="双随机", on=date(2026, 6, 1))
    with pytest.raises(Uncovered) as refused:
        replay([school("S03", inspections=(visit,))], OLD, sums, DAY)
    assert refused.value.records.keys() == {("现行", "S03")}


def test_each_other_mistake_of_a_draft_is_told_once() -> None:
    fault = '[[indicators]]\ncode = "{}"\ntitle = "其他"\npoints = 3\n'
    fault += 'reference = {{ document = "法", article = "第五条" }}\n'
    faults = [fault.format(code) for code in ("S03", "S04")]
    old = changed(more="".join(faults))
    praise = changed(more="".join(f"{one}bonus = true\n" for one in faults))
    with pytest.raises(Uncovered, match="S03") as refused:
        replay([school("S03"), school("S03"), school("S04")], old, praise, DAY)
    assert refused.value.records == {}
    assert len(refused.value.others) == len(refused.value.problems) == 2


# What must hold for any institutions.


@st.composite
def schools(draw: st.DrawFn) -> list[Facts]:
    found = []
    for number in range(draw(st.integers(0, 5))):
        codes = draw(st.lists(st.sampled_from(["S01", "S02"]), max_size=4))
        opened = draw(st.none() | st.dates(date(2026, 1, 1), DAY))
        listed = draw(st.booleans())
        listings = (black(),) if listed else ()
        found.append(school(*codes, id=f"校{number}", opened_on=opened, listings=listings))
    return found


DRAFTS = (
    changed(),
    changed(("points = 5", "points = 12")),
    changed(("base = 100", "base = 92"), ("= 180", "= 0")),
)


@given(schools(), st.sampled_from(DRAFTS), st.randoms(use_true_random=False))
def test_the_table_holds_everyone_and_order_never_matters(
    found: list[Facts], new: Policy, chance: Random
) -> None:
    day = replay(found, OLD, new, DAY)
    assert sum(cell.institutions for cell in day.table) == day.institutions == len(found)
    assert moved(found, new) == [one.institution for one in day.moves]
    for move in day.moves:
        assert move.shifts
        assert all(shift.before != shift.after for shift in move.shifts)
    for part in day.parts:
        mine = [s for m in day.moves for s in m.shifts if s.code == part.code]
        assert len(mine) == part.institutions
        assert sum((s.would_be for s in mine), Decimal(0)) == part.after
    mixed = list(found)
    chance.shuffle(mixed)
    again = replay(mixed, OLD, new, DAY)
    assert (again.table, again.parts) == (day.table, day.parts)
    assert {one.institution for one in again.moves} == {one.institution for one in day.moves}


def moved(found: Iterable[Facts], new: Policy) -> list[str]:
    return [
        one.institution
        for one in found
        if place(assess(one, OLD, DAY)) != place(assess(one, new, DAY))
    ]
