"""Scores, ranges, prices and grades in the words of a page."""

from decimal import Decimal

import msgspec
import pytest
from msgspec import structs

from config.hindsight import Checked, Mistake, Recheck
from config.hindsight_words import lines
from scoring import assess
from scoring.hindsight import Wrong
from scoring.policy import Band, Indicator, Scale
from scoring.rating import Reference
from scoring.telling import vetoed, why_grade
from scoring.words import (
    number,
    points,
    price_words,
    remedy_words,
    score_range,
    score_words,
    span_words,
)
from tests.scoring.exemplars import FROZEN
from tests.scoring.records import ON


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


def test_how_past_ratings_differ_is_said_by_the_ends_of_a_range_too() -> None:
    facts, policy = FROZEN["range"]
    before = assess(facts, policy, ON)
    after = assess(structs.replace(facts, records=()), policy, ON)
    wrong = Wrong(institution="x", published=before, rightful=after, causes=())
    mistake = Mistake(
        name="学校", jurisdiction="hs", district="海曙区", wrong=wrong, told=(), due_on=ON
    )
    checked = Checked(
        edition="2026-06",
        cut_off=ON,
        institutions=1,
        mistakes=(mistake,),
        missing=(),
        withdrawn=(),
        registered_later=0,
    )
    said = list(lines(Recheck(knowing=ON, editions=(checked,), unreleased=())))
    assert any(" 70–90 分 → " in one and " 80–100 分" in one for one in said), said


STANDING = Scale(made_of="standing")
YEARLY = Scale(made_of="standing", counted_by="year")
OWN_YEAR = Scale(made_of="standing", counted_by="own_year")
VISITS = Scale(made_of="inspection")


@pytest.mark.parametrize(
    ("values", "scale", "words"),
    [
        ({"months": 6}, STANDING, "6 个月"),
        ({"months": 6}, YEARLY, "6 个月，到年度末止"),
        ({"months": 24, "outlasts_year": True}, YEARLY, "24 个月"),
        ({"until_next": "annual_inspection"}, YEARLY, "到下一次年检，到年度末止"),
        ({"until_next": "annual_inspection", "outlasts_year": True}, YEARLY, "到下一次年检"),
        ({"until_next": "inspection"}, STANDING, "到下一次检查"),
        ({}, YEARLY, "本年度"),
        ({"months": 6}, OWN_YEAR, "6 个月，到本机构的年度末止"),
        ({"months": 24, "outlasts_year": True}, OWN_YEAR, "24 个月"),
        ({}, OWN_YEAR, "本机构的年度"),
        ({}, VISITS, "到下一次检查"),
        ({"restore": "full"}, STANDING, "直到改正"),
        ({"restore": "full", "gate": "J"}, STANDING, "在名单期间"),
        ({"restore": "half"}, STANDING, "没有期限"),
        ({}, STANDING, "没有期限"),
    ],
)
def test_how_long_a_record_counts_in_words(
    values: dict[str, object], scale: Scale, words: str
) -> None:
    assert span_words(rule(**values), scale) == words


@pytest.mark.parametrize(
    ("values", "scale", "words"),
    [
        ({"bonus": True}, STANDING, ""),
        ({"months": 6}, STANDING, "期满停止计分"),
        ({"until_next": "inspection"}, STANDING, "期满停止计分"),
        ({}, YEARLY, "期满停止计分"),
        ({}, VISITS, "期满停止计分"),
        ({}, STANDING, "不能恢复"),
        ({"restore": "half"}, STANDING, "复查合格恢复一半"),
        ({"restore": "full", "gate": "J"}, STANDING, "退出失信被执行人名单当天停止计分"),
        ({"restore": "full", "gate": "J", "months": 6}, STANDING, "复查合格全部恢复"),
        (
            {"restore": "full", "limit_ends_when_passed": True},
            STANDING,
            "复查合格全部恢复；复查合格后不再限制等级",
        ),
        ({"forgives_first": True, "months": 6}, STANDING, "首次并改正的不计；期满停止计分"),
    ],
)
def test_what_repairs_a_record_in_words(
    values: dict[str, object], scale: Scale, words: str
) -> None:
    assert remedy_words(rule(**values), scale) == words
