"""The whole derivation in words, frozen: what a parent, a headmaster and a court read.

The files of `frozen/` are compared whole. A changed word is a changed public sentence: look at each
difference before taking it over.
"""

from datetime import date
from decimal import Decimal

import msgspec
import pytest
import rfc8785
from msgspec import structs

from config.ratings import explain
from scoring import Facts, Policy, assess, load_policy
from scoring.canonical import canonical
from scoring.derivation import derivation_of
from scoring.facts import Event, Inspection, Measure, Record, State
from scoring.telling import line_of
from tests.scoring import records
from tests.scoring.exemplars import CONFIRMED, FROZEN, HERE, ORDERED, PASSED, day, record
from tests.scoring.fourth import VISIT
from tests.scoring.records import ON, sound
from tests.scoring.strategies import BONUS, POLICY, RULES, STANDING


def told(facts: Facts, policy: Policy) -> str:
    rating = assess(facts, policy, ON)
    return "\n".join(explain("学校", derivation_of(rating, facts, policy))) + "\n"


def written(facts: Facts, policy: Policy) -> str:
    value = derivation_of(assess(facts, policy, ON), facts, policy)
    return msgspec.json.format(canonical(value), indent=1).decode() + "\n"


@pytest.mark.parametrize("name", FROZEN)
def test_the_derivation_reads_as_it_is_frozen(name: str) -> None:
    assert told(*FROZEN[name]) == (HERE / f"frozen/{name}.txt").read_text("utf-8")
    assert written(*FROZEN[name]) == (HERE / f"frozen/{name}.json").read_text("utf-8")


def test_the_derivation_is_one_value_with_canonical_bytes() -> None:
    facts, policy = FROZEN["everything"]
    value = derivation_of(assess(facts, policy, ON), facts, policy)
    raw = canonical(value)
    plain = msgspec.json.decode(msgspec.json.encode(value, order=None))
    assert raw == rfc8785.dumps(_texts(msgspec.to_builtins(value)))
    assert plain["policy_digest"] == policy.digest
    assert [step["kind"] for step in plain["reasons"][0]["steps"]] == [
        "finding",
        "gate",
        "price",
        "period",
        "remedy",
        "article",
    ]


def _texts(value: object) -> object:
    """Decimals as the texts that JSON has them as."""
    if isinstance(value, dict):
        return {key: _texts(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_texts(one) for one in value]
    return str(value) if isinstance(value, Decimal) else value


def test_a_page_shows_what_cut_a_price_and_leaves_out_what_says_nothing_new() -> None:
    facts, policy = FROZEN["everything"]
    lines = {
        one.record: line_of(one, facts, policy, ON, [("2026年6月1日", "已整改")])
        for one in assess(facts, policy, ON).reasons
    }
    assert [label for label, _ in lines["t1"].chain] == [
        "何时发现",
        "计分期间",
        "怎样恢复",
        "依据条文",
    ]
    assert [label for label, _ in lines["b1"].chain] == [
        "何时发现",
        "原应计分",
        "已经恢复",
        "计分期间",
        "依据条文",
    ]
    signs = {id: one.points for id, one in lines.items()}
    assert signs["v1"] == "否决"
    assert signs["n1"] == "不计"
    assert signs["c1"] == "不重复"
    assert signs["a1"] == "−10"
    assert signs["e1"] == "+5"
    line = lines["a1"]
    assert (line.record, line.title, line.severity) == ("a1", "轻微", "")
    assert (line.statement, line.disputed) == ("疏散通道堆物", False)
    assert line.replies == (("2026年6月1日", "已整改"),)
    assert lines["a2"].disputed


def test_what_a_fault_counts_until_is_said_where_only_a_visit_ends_it() -> None:
    text = STANDING.replace('until_next = "annual_inspection"', 'until_next = "inspection"')
    policy = load_policy(text.encode())
    facts = sound([record("y1", "Y", "06-01", (ORDERED, "06-05"))])
    assert "2026年6月5日 至 下一次检查" in told(facts, policy)
    text = STANDING.replace('months = 24\ngate = "PJ"', 'gate = "PJ"')
    case = record("c2", "J", "04-01", (State.FINAL, "06-25"), kind="decision")
    assert "2026年6月25日 至 改正为止" in told(sound([case]), load_policy(text.encode()))
    text = STANDING.replace("months = 36\n", "")
    case = record("p2", "P", "04-01", (State.FINAL, "06-25"), kind="decision")
    assert "2026年6月25日 起，没有期限" in told(sound([case]), load_policy(text.encode()))


def test_what_an_inspection_found_counts_until_the_next_one() -> None:
    fault = structs.replace(record("h", "high", "06-01", (CONFIRMED, "06-05")), inspection="i")
    visit = Inspection(id="i", kind="", on=fault.seen_on)
    facts = structs.replace(sound([fault]), inspections=(visit,))
    assert "2026年6月5日 至 下一次检查" in told(facts, load_policy(VISIT.encode()))


def test_the_bound_a_line_has_met_is_named() -> None:
    costly = STANDING.replace("points = 40", "points = 400")
    facts = sound([record("p1", "P", "01-05", (State.FINAL, "05-01"))])
    assert "总分最低 0 分，这一条只计 100 分" in told(facts, load_policy(costly.encode()))
    held = STANDING.replace("bonus_at_most = 5", "ceiling = 101")
    praise = record("e1", "B", "01-01", (CONFIRMED, "01-05"), kind="commendation")
    assert "总分最高 101 分，这一条只计 1 分" in told(sound([praise]), load_policy(held.encode()))


LOWER = (
    STANDING.split("[unrated]")[0].replace("base = 100", "base = 5\nbetter = 'lower'")
    + "[[bands]]\ngrade = 'A'\nbelow = 5\n[[bands]]\ngrade = 'B'\nfrom = 5\n"
    + RULES.replace('limits_grade_to = "D"', 'limits_grade_to = "B"')
    + BONUS
)


@pytest.mark.parametrize(
    ("text", "before", "extent", "said"),
    [
        # Five for all bonuses and 101 in all: of either, or of both, the one that was met.
        (
            STANDING.replace("floor = 0", "floor = 0\nceiling = 101"),
            0,
            1,
            "总分最高 101 分，这一条只计 1 分",
        ),
        (STANDING, 0, 3, "加分合计最多 5 分，这一条只计 5 分"),
        (STANDING, 2, 1, "加分合计最多 5 分，这一条只计 1 分"),
        (STANDING, 3, 1, "加分合计最多 5 分，这一条只计 0 分"),
        (
            STANDING.replace("floor = 0", "floor = 0\nceiling = 101"),
            0,
            3,
            "加分合计最多 5 分，总分最高 101 分，这一条只计 1 分",
        ),
        # Where less is better a bonus leads down, and what ends it is the floor.
        (
            LOWER.replace("base = 5", "base = 1\nceiling = 90"),
            0,
            1,
            "总分最低 0 分，这一条只计 1 分",
        ),
    ],
)
def test_of_the_bounds_of_a_bonus_those_it_has_met_are_named(
    text: str, before: int, extent: int, said: str
) -> None:
    praise = [
        record(f"e{n}", "B", "01-01", (CONFIRMED, "01-05"), kind="commendation")
        for n in range(before)
    ]
    last = record("last", "B", "01-02", (CONFIRMED, "01-06"), kind="commendation", extent=extent)
    facts, policy = sound([*praise, last]), load_policy(text.encode())
    line = derivation_of(assess(facts, policy, ON), facts, policy).reasons[-1]
    assert [one.sentence for one in line.steps if one.kind == "bound"] == [said]


def test_of_several_groups_only_its_own_cap_is_named() -> None:
    other = """
[[groups]]
code = "H"
title = "另一组"
cap = 50
reference = { document = "法", article = "第十条" }
"""
    text = STANDING.replace("points = 6\n", 'points = 6\ngroup = "H"\n') + other
    facts = sound([record(f"f{n}", "F", "05-06", (CONFIRMED, "05-15")) for n in range(4)])
    said = told(facts, load_policy(text.encode()))
    assert "“合计” 12 个月内合计最多 35 分，这一条只记 0 分" in said
    assert "另一组" not in said


def test_every_article_of_a_rule_is_cited() -> None:
    also = 'reference = { document = "法", article = "第六条" }'
    more = 'also = [{ document = "行政处罚法", article = "第三十三条" }]'
    text = STANDING.replace(also, f"{also}\n{more}")
    facts = sound([record("n1", "I", "02-01", (CONFIRMED, "02-08"), (PASSED, "03-01"))])
    assert "依据条文：《法》第六条，《行政处罚法》第三十三条\n" in told(
        facts, load_policy(text.encode())
    )


def test_a_fault_is_told_by_the_rule_of_its_day() -> None:
    confirmed = Event(state=CONFIRMED, on=day("01-05"))
    old = records.record("t", "T", date(2025, 12, 31), confirmed)
    said = told(sound([old]), POLICY)
    assert "旧规则（T，t）" in said
    assert "每次记 8 分，应记 8 分" in said


def test_a_fault_is_told_by_the_rule_of_the_day_its_decision_was_made() -> None:
    text = STANDING
    for title in ("旧规则", "新规则"):
        plain = f'code = "T"\ntitle = "{title}"'
        text = text.replace(plain, f'{plain}\ngate = "P"\ndated_by = "determined"')
    fault = record("f", "T", "01-05", (CONFIRMED, "01-08"), case="案")
    steps = [Event(state=State.DECIDED, on=date(2025, 12, 30))]
    steps.append(Event(state=State.FINAL, on=day("06-25")))
    decision = records.record("p", "T", fault.seen_on, *steps, kind="decision", case="案")
    said = told(sound([fault, decision]), load_policy(text.encode()))
    assert said.count("每次记 8 分，应记 8 分") == 2


def test_a_price_that_has_not_grown_yet_says_nothing_of_growth() -> None:
    said = told(sound([record("m1", "M", "06-01", (ORDERED, "06-05"))]), POLICY)
    assert "每次记 10 分" in said
    assert "逾期加记" not in said


def remedies(found: list[Record], policy: Policy, on: date = ON) -> dict[str, str]:
    """What is said to restore each line."""
    facts = sound(found)
    return {
        line.record: step.sentence
        for line in derivation_of(assess(facts, policy, on), facts, policy).reasons
        for step in line.steps
        if step.kind == "remedy"
    }


HALF_FIRST = load_policy(
    STANDING.replace("forgives_first = true", 'forgives_first = true\nrestore = "half"').encode()
)
UNTIL = "2027年6月4日期满后不再计分。"


@pytest.mark.parametrize(
    ("policy", "day", "first", "second"),
    [
        (POLICY, "07-05", "第一次发生，最迟2026年7月5日整改并复查合格，不计分。", "不能提前恢复。"),
        (POLICY, "07-06", "不能提前恢复。", "不能提前恢复。"),
        (
            HALF_FIRST,
            "07-05",
            "第一次发生，最迟2026年7月5日整改并复查合格，不计分。",
            "最迟2026年7月5日整改并复查合格，恢复一半（零头归机构）。",
        ),
        (
            HALF_FIRST,
            "07-06",
            "整改期限 2026年7月5日已过，改正不再恢复分数。",
            "整改期限 2026年7月5日已过，改正不再恢复分数。",
        ),
    ],
)
def test_a_first_fault_is_told_that_it_costs_nothing_once_mended_and_a_later_one_what_it_gets_back(
    policy: Policy, day: str, first: str, second: str
) -> None:
    steps = (CONFIRMED, "06-05"), (ORDERED, "06-05")
    found = [record("n2", "I", "06-02", *steps), record("n1", "I", "06-01", *steps)]
    said = remedies(found, policy, date.fromisoformat(f"2026-{day}"))
    assert said == {"n1": first + UNTIL, "n2": second + UNTIL}


def test_the_first_fault_is_the_first_though_it_counts_no_more_and_is_shown_no_longer() -> None:
    seen = date(2024, 2, 1)
    old = records.record("n0", "I", seen, State.CONFIRMED)
    new = record("n1", "I", "06-01", (CONFIRMED, "06-05"), (ORDERED, "06-05"))
    assert remedies([old, new], POLICY) == {"n1": f"不能提前恢复。{UNTIL}"}
    unfound = structs.replace(old, events=(Event(state=State.DISMISSED, on=seen),))
    assert "第一次发生" in remedies([unfound, new], POLICY)["n1"]


@pytest.mark.parametrize(
    ("more", "on", "grows"),
    [
        ((), "06-20", True),  # nothing has grown yet
        ((), "07-20", True),
        (((PASSED, "06-15"),), "06-20", False),
        ((), "10-20", False),  # all that its cap allows
    ],
)
def test_that_a_price_grows_until_it_is_mended_is_said_as_long_as_it_does(
    more: tuple[tuple[State, str], ...], on: str, grows: bool
) -> None:
    found = [record("m1", "M", "06-01", (ORDERED, "06-05"), *more)]
    (said,) = remedies(found, POLICY, date.fromisoformat(f"2026-{on}")).values()
    assert ("改正以前每满 30 天加记 7 分，复查合格即停止。" in said) == grows


@pytest.mark.parametrize(
    ("state", "said"), [(State.FINAL, "处罚决定生效"), (State.JUDGED, "法院作出裁判")]
)
def test_of_a_gate_that_either_opens_the_step_that_did_is_named(state: State, said: str) -> None:
    case = record("c2", "J", "04-01", (state, "06-25"), kind="decision")
    assert f"2026年6月25日{said}，从这一天起计分" in told(sound([case]), POLICY)


def test_a_grade_of_any_score_is_said_to_be_one() -> None:
    text = STANDING.split("[unrated]")[0] + "[[bands]]\ngrade = '合格'\n"
    text += (
        RULES.replace("limits_grade_to", "# ")
        .replace("limit_ends", "# ")
        .replace("points = 0", "points = 1")
    )
    assert "100 分属于 合格 级（任何分数）。" in told(
        sound([]), load_policy((text + BONUS).encode())
    )


def test_what_came_later_is_no_part_of_the_derivation_of_a_day() -> None:
    fault = record("o1", "O", "06-01", (CONFIRMED, "06-05"), (ORDERED, "06-05"))
    visit = Inspection(id="j", kind="daily", on=day("07-20"))
    steps = (*fault.events, Event(state=PASSED, on=day("07-03")))
    facts = sound([fault])
    later = structs.replace(
        facts,
        records=(structs.replace(fault, events=steps),),
        inspections=(*facts.inspections, visit),
    )
    rating = assess(facts, POLICY, ON)
    assert derivation_of(rating, later, POLICY) == derivation_of(rating, facts, POLICY)
    (reason,) = rating.reasons
    assert line_of(reason, later, POLICY, ON) == line_of(reason, facts, POLICY, ON)


def test_half_a_point_of_praise_is_added_and_not_taken_off() -> None:
    text = STANDING.replace("points = 2\nbonus", "points = 0.5\nbonus")
    praise = record("e1", "B", "01-01", (CONFIRMED, "01-05"), kind="commendation")
    assert "基础分 100 分，加 0.5 分，得 100.5 分。" in told(
        sound([praise]), load_policy(text.encode())
    )


def test_every_unknown_part_is_named() -> None:
    part = """
[[unknown]]
title = "甲"
points = 1
reference = { document = "法", article = "附表" }
"""
    policy = load_policy((STANDING + part + part.replace("甲", "乙")).encode())
    assert "办法中“甲、乙”的内容不详，实际得分为 98–100 分。" in told(sound([]), policy)


def test_a_cap_of_the_group_alone_is_named_alone() -> None:
    text = STANDING.replace("points = 6\n", 'points = 6\ngroup = "G"\n').replace(
        "cap = 35", "cap = 30"
    )
    found = [record(f"i{n}", "I", "05-06", (CONFIRMED, "05-15")) for n in range(6)]
    said = told(sound(found), load_policy(text.encode()))
    assert "同类上限：“合计” 12 个月内合计最多 30 分，这一条只记 0 分" in said


def test_vetoes_are_told_from_the_better_limit_to_the_worse_and_each_by_its_titles() -> None:
    text = STANDING.replace('"A"', '"乙"').replace('"B"', '"丙"').replace('"D"', '"丁"')
    found = [
        record("v1", "V", "06-01", (ORDERED, "06-05")),
        record("p1", "P", "01-05", (State.FINAL, "05-01")),
        record("j1", "J", "01-05", (State.FINAL, "05-01")),
    ]
    said = told(sound(found), load_policy(text.encode()))
    assert "有“失信”，最高为 丙 级。\n          有“严重、重大隐患”，最高为 丁 级。\n" in said
    # Their names sort the other way round.
    assert sorted(["丙", "丁"]) == ["丁", "丙"]


def test_a_cure_that_is_not_of_the_first_fault_says_so() -> None:
    found = [
        record("n1", "I", "02-01", (CONFIRMED, "02-08"), (PASSED, "03-01")),
        record("n2", "I", "03-01", (CONFIRMED, "03-08"), (PASSED, "04-01")),
    ]
    said = told(sound(found), POLICY)
    assert "首次不计：第一次发生，并在期限内改正，不计分" in said
    assert "首次不计：在期限内改正了，但不是第一次，照计" in said
    rating = assess(sound(found), POLICY, ON)
    for one in derivation_of(rating, sound(found), POLICY).reasons:
        assert "forgiveness" in [step.kind for step in one.steps]


def test_a_single_measure_that_is_too_low_is_named() -> None:
    stars = load_policy((HERE / "policies/five-stars.toml").read_bytes())
    values = {"场所": 20, "收费": 20, "师资": 20, "教学": 20, "管理": 10}
    measures = tuple(Measure(code=code, value=Decimal(value)) for code, value in values.items())
    visit = Inspection(id="v", kind="年检", on=day("03-02"), measures=measures)
    said = told(Facts(institution="x", inspections=(visit,)), stars)
    assert "五星 级要求没有一个分项低于 12 分，现在最低 10 分，所以低于 五星 级。" in said
