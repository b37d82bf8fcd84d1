"""The whole derivation in words, frozen: what a parent, a headmaster and a court read.

The files of `frozen/` are compared whole. A changed word is a changed public sentence: look at each
difference before taking it over.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import rfc8785

from config.ratings import explain
from scoring import Facts, Policy, assess, load_policy
from scoring.canonical import canonical
from scoring.derivation import derivation_of
from scoring.facts import Event, Inspection, Measure, Record, State
from scoring.policy import Band, Indicator
from scoring.rating import Reference
from scoring.telling import line_of, vetoed, why_grade
from scoring.words import (
    number,
    points,
    price_words,
    remedy_words,
    score_range,
    score_words,
    span_words,
)
from tests.scoring.strategies import BANDS, ON, POLICY, STANDING, policy_of, sound

HERE = Path(__file__).parent
FHRS = load_policy((HERE / "authorities/fhrs/policy-2010.toml").read_bytes())
CONFIRMED, ORDERED, PASSED = State.CONFIRMED, State.ORDERED, State.PASSED


def day(text: str) -> date:
    """A day of 2026, as month-day."""
    return date.fromisoformat(f"2026-{text}")


def record(id: str, code: str, seen: str, *steps: tuple[State, str], **more: object) -> Record:
    """A record of 2026 with its steps; an order is to be obeyed within thirty days."""
    events = []
    for state, on in steps:
        due = date.fromordinal(day(on).toordinal() + 30) if state == ORDERED else None
        events.append(Event(state=state, on=day(on), due_on=due))
    values = {"kind": "finding", **more}
    return Record(id=id, code=code, seen_on=day(seen), events=tuple(events), **values)  # type: ignore[arg-type]


EVERYTHING = [
    record(
        "a1",
        "F",
        "05-06",
        (CONFIRMED, "05-15"),
        extent=2,
        inspection="i",
        statement="疏散通道堆物",
    ),
    record("a2", "F", "05-20", (CONFIRMED, "06-01"), (State.DISPUTED, "06-20"), extent=2),
    record("a3", "F", "05-21", (CONFIRMED, "06-02"), (ORDERED, "06-02"), (PASSED, "06-20")),
    record("b1", "O", "03-01", (CONFIRMED, "03-08"), (ORDERED, "03-10"), (PASSED, "04-01")),
    record("b2", "O", "03-02", (CONFIRMED, "03-08"), (ORDERED, "03-11"), (PASSED, "04-11")),
    record("c1", "F", "04-01", (CONFIRMED, "04-08"), case="案"),
    record(
        "c2",
        "J",
        "04-01",
        (State.DECIDED, "05-01"),
        (State.FINAL, "06-25"),
        case="案",
        kind="decision",
    ),
    record("m1", "M", "04-01", (ORDERED, "04-15")),
    record("n1", "I", "02-01", (CONFIRMED, "02-08"), (PASSED, "03-01")),
    record("v1", "V", "06-01", (ORDERED, "06-05")),
    record("y1", "Y", "06-01", (ORDERED, "06-05")),
    record("t1", "T", "01-01", (CONFIRMED, "01-05")),
    record("e1", "B", "01-01", (CONFIRMED, "01-05"), extent=3, kind="commendation"),
]
MARKING = load_policy(
    STANDING.replace(
        "[unrated]",
        "[unrated]\nclasses = [{ grade = 'M', title = '没有收入', record = 'Z', from = 70 }]",
    )
    .replace(
        "[[groups]]",
        "[[indicators]]\ncode = 'Z'\ntitle = '当年没有收入'\npoints = 0\nmonths = 12\n"
        "reference = { document = '法', article = '第十三条' }\n[[groups]]",
    )
    .encode()
)


def measured(hygiene: int) -> Facts:
    """A place with the three sub-scores of one visit."""
    values = {"hygiene": hygiene, "structure": 0, "management": 0}
    measures = tuple(Measure(code=code, value=Decimal(value)) for code, value in values.items())
    visit = Inspection(id="v", kind="routine", on=day("03-02"), measures=measures)
    return Facts(institution="x", inspections=(visit,))


UNVISITED = Facts(
    institution="x",
    inspections=(Inspection(id="i", kind="daily", on=date(2025, 1, 1)),),
)
FROZEN: dict[str, tuple[Facts, Policy]] = {
    "everything": (sound(EVERYTHING), POLICY),
    "by-year": (sound(EVERYTHING), policy_of("yearly")),
    "range": (sound(EVERYTHING[1:3]), policy_of("unknown")),
    "range-of-one-grade": (sound(EVERYTHING), policy_of("unknown")),
    "measures": (measured(10), FHRS),
    "no-visit": (UNVISITED, POLICY),
    "new": (sound(EVERYTHING[:1], opened_on=day("05-01")), POLICY),
    "proposed": (
        sound([record("p1", "P", "01-05", (State.DECIDED, "02-01"), (State.FINAL, "05-01"))]),
        POLICY,
    ),
    "clean": (sound([]), POLICY),
    "measures-at-the-limit": (measured(5), FHRS),
    "last-day-and-first-day-over": (
        sound(
            [
                record("o1", "O", "05-25", (ORDERED, "05-31")),
                record("o2", "O", "05-25", (ORDERED, "05-30")),
            ]
        ),
        POLICY,
    ),
    "marked": (
        sound(
            [
                record("z1", "Z", "05-25", (CONFIRMED, "05-31")),
                record("f1", "F", "05-25", (CONFIRMED, "05-31")),
            ]
        ),
        MARKING,
    ),
}


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


def test_why_the_grade_is_what_it_is_in_words() -> None:
    facts, policy = FROZEN["proposed"]
    rating = assess(facts, policy, ON)
    assert vetoed(rating)
    assert (
        why_grade(rating, facts, policy)
        == "60 分属于 B 级（60 分起，不到 90 分）。有“严重”，最高为 D 级。"
    )
    facts, policy = FROZEN["new"]
    assert why_grade(assess(facts, policy, ON), facts, policy) == ""
    facts, policy = FROZEN["clean"]
    assert not vetoed(assess(facts, policy, ON))
    facts, policy = FROZEN["no-visit"]
    assert "现在没有，所以低一级" in why_grade(assess(facts, policy, ON), facts, policy)


def band(**edges: str) -> Band:
    return msgspec.convert({"grade": "A", **edges}, Band)


def test_ranges_and_points_in_words() -> None:
    assert score_range(band()) == ""
    assert score_range(band(**{"from": "90.50"})) == "90.5 分及以上"
    assert score_range(band(above="90")) == "高于 90 分"
    assert score_range(band(below="60")) == "不到 60 分"
    assert score_range(band(to="0")) == "不超过 0 分"
    assert score_range(band(above="0", below="12")) == "高于 0 分，不到 12 分"
    assert score_range(band(**{"from": "0", "to": "13"})) == "0 分起，不超过 13 分"
    assert [points(Decimal(one)) for one in ("-7.50", "0.0", "0.5", "1", "100")] == [
        "−7.5",
        "0",
        "+0.5",
        "+1",
        "+100",
    ]
    assert number(None) == ""
    assert number(Decimal("90.50")) == "90.5"
    facts, policy = FROZEN["measures"]
    assert score_words(assess(facts, policy, ON)) == "10"
    facts, policy = FROZEN["range"]
    assert score_words(assess(facts, policy, ON)) == "70–90"
    facts, policy = FROZEN["new"]
    assert score_words(assess(facts, policy, ON)) == ""


def rule(**values: object) -> Indicator:
    whole = {"code": "X", "title": "X", "points": Decimal(0), "reference": None, **values}
    whole["reference"] = Reference(document="法", article="第一条")
    return Indicator(**whole)  # type: ignore[arg-type]


def test_a_rule_in_words() -> None:
    assert price_words(rule(points=Decimal("2.50"))) == "2.5"
    assert price_words(rule(points=Decimal(2), bonus=True)) == "加2"
    assert price_words(rule(limits_grade_to="D")) == "否决，最高 D"
    assert price_words(rule()) == "只作标记"
    grows = rule(points=Decimal(10), grows_by=Decimal(5), grows_every_days=30, limits_grade_to="C")
    assert price_words(grows) == "10，每满 30 天未改正加记 5，否决，最高 C"
    assert price_words(rule(grows_by=Decimal(5), grows_every_days=1)) == (
        "0，每满 1 天未改正加记 5"
    )
    assert span_words(rule(months=6), by_year=False) == "6 个月"
    assert span_words(rule(months=6), by_year=True) == "6 个月，到年度末止"
    assert span_words(rule(), by_year=True) == "本年度"
    assert span_words(rule(), by_year=False) == "直到改正"
    assert span_words(rule(until_next="annual_inspection"), by_year=True) == "到下一次年检"
    assert span_words(rule(until_next="inspection"), by_year=False) == "到下一次检查"
    assert remedy_words(rule(bonus=True)) == ""
    assert remedy_words(rule()) == "期满停止计分"
    assert remedy_words(rule(restore="half")) == "复查合格恢复一半"
    assert remedy_words(rule(restore="full", limit_ends_when_passed=True)) == (
        "复查合格全部恢复；复查合格后不再限制等级"
    )
    assert remedy_words(rule(forgives_first=True)) == "首次并改正的不计；期满停止计分"


def test_what_a_fault_counts_until_is_said_where_only_a_visit_ends_it() -> None:
    text = STANDING.replace('until_next = "annual_inspection"', 'until_next = "inspection"')
    policy = load_policy(text.encode())
    facts = sound([record("y1", "Y", "06-01", (ORDERED, "06-05"))])
    assert "2026年6月5日 至 下一次检查" in told(facts, policy)
    text = STANDING.replace('months = 24\ngate = "PJ"', 'gate = "PJ"')
    case = record("c2", "J", "04-01", (State.FINAL, "06-25"), kind="decision")
    assert "2026年6月25日 至 改正为止" in told(sound([case]), load_policy(text.encode()))


def test_the_bound_a_line_has_met_is_named() -> None:
    costly = STANDING.replace("points = 40", "points = 400")
    facts = sound([record("p1", "P", "01-05", (State.FINAL, "05-01"))])
    assert "总分最低 0 分，这一条只计 100 分" in told(facts, load_policy(costly.encode()))
    held = STANDING.replace("bonus_at_most = 5", "ceiling = 101").replace(BANDS, BANDS)
    praise = record("e1", "B", "01-01", (CONFIRMED, "01-05"), kind="commendation")
    assert "总分最高 101 分，这一条只计 1 分" in told(sound([praise]), load_policy(held.encode()))


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
    old = Record(
        id="t",
        kind="finding",
        code="T",
        seen_on=date(2025, 12, 31),
        events=(Event(state=CONFIRMED, on=day("01-05")),),
    )
    said = told(sound([old]), POLICY)
    assert "旧规则（T，t）" in said
    assert "每次记 8 分，应记 8 分" in said


def test_a_price_that_has_not_grown_yet_says_nothing_of_growth() -> None:
    said = told(sound([record("m1", "M", "06-01", (ORDERED, "06-05"))]), POLICY)
    assert "每次记 10 分" in said
    assert "逾期加记" not in said


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


def test_a_single_measure_that_is_too_low_is_named() -> None:
    stars = load_policy((HERE / "policies/five-stars.toml").read_bytes())
    values = {"场所": 20, "收费": 20, "师资": 20, "教学": 20, "管理": 10}
    measures = tuple(Measure(code=code, value=Decimal(value)) for code, value in values.items())
    visit = Inspection(id="v", kind="年检", on=day("03-02"), measures=measures)
    said = told(Facts(institution="x", inspections=(visit,)), stars)
    assert "五星 级要求没有一个分项低于 12 分，现在最低 10 分，所以低于 五星 级。" in said
