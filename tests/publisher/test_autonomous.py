"""Autonomous counties and prefectures have long names, and are called by the first word alone."""

from datetime import date

import pytest

from publisher.edition import Jurisdiction, Manifest
from publisher.grams import anatomy
from publisher.pages.tiles import short
from publisher.places import city_of, forms, leading
from publisher.print.lines import phrases

COUNTIES = {
    "双江拉祜族佤族布朗族傣族自治县": ("双江自治县", "双江县", "双江"),
    "耿马傣族佤族自治县": ("耿马自治县", "耿马县", "耿马"),
    "积石山保安族东乡族撒拉族自治县": ("积石山自治县", "积石山县", "积石山"),
    "龙胜各族自治县": ("龙胜自治县", "龙胜县", "龙胜"),
    "察布查尔锡伯自治县": ("察布查尔自治县", "察布查尔县", "察布查尔"),
    "莫力达瓦达斡尔族自治旗": ("莫力达瓦自治旗", "莫力达瓦旗", "莫力达瓦"),
    "鄂温克族自治旗": ("鄂温克",),
    "西乌珠穆沁旗": ("西乌珠穆沁",),
    "水城区": ("水城",),
    "云县": (),
}


@pytest.mark.parametrize(("name", "called"), COUNTIES.items())
def test_a_county_is_called_in_full_and_in_short(name: str, called: tuple[str, ...]) -> None:
    assert forms(name) == (name, *called)
    assert short(name, "临沧市") == (called or ("云县",))[-1][:5]


@pytest.mark.parametrize(
    ("organ", "city"),
    [
        ("西双版纳傣族自治州教育体育局", "西双版纳傣族自治州"),
        ("恩施土家族苗族自治州教育局", "恩施土家族苗族自治州"),
        ("锡林郭勒盟教育局", "锡林郭勒盟"),
        ("浙江省湖州市教育局", "湖州市"),
        ("郑州市教育局", "郑州市"),
        ("临沧市教育体育局", "临沧市"),
    ],
)
def test_the_city_is_read_from_its_organ(organ: str, city: str) -> None:
    assert city_of(manifest(organ)) == city


def manifest(organ: str, *places: str) -> Manifest:
    day = date(2026, 10, 31)
    return Manifest(
        city="x",
        title="名单",
        organ=organ,
        fictional=True,
        period="2026-11",
        number=0,
        cut_off=day,
        released_on=day,
        program="",
        policy="",
        policy_digest="",
        jurisdictions=tuple(Jurisdiction(id=one, name=one, organ="") for one in places),
        counts={},
        root="",
        previous="",
    )


@pytest.mark.parametrize("place", ["", *COUNTIES, "临沧市", "双江县", "双江", "临沧双江"])
def test_the_own_word_stands_behind_the_place(place: str) -> None:
    name = f"{place}星河书画培训学校"
    at = anatomy(name, leading(manifest("临沧市教育体育局", *COUNTIES)))
    assert name[at.start : at.own] == "星河"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("云县星河书画（东街校区）", ["云县", "星河", "书画", "（东街", "校区）"]),
        ("星河培训中心（有限公司）", ["星河", "培训中心", "（有限公司）"]),
        ("ABC英语·新概念编程", ["ABC", "英语·", "新概念", "编程"]),
        (
            "双江拉祜族佤族布朗族傣族自治县星河书画培训学校",
            ["双江拉祜族佤族布朗族傣族自治县", "星河", "书画", "培训学校"],
        ),
        (
            "内蒙古自治区锡林郭勒盟正镶白旗星河艺术学校",
            ["内蒙古自治区锡林郭勒盟", "正镶白旗星河", "艺术", "学校"],
        ),
        ("喀什地区疏附县星河学校", ["喀什地区疏附县", "星河", "学校"]),
        ("阳光旗舰艺术学校", ["阳光旗舰", "艺术", "学校"]),
        ("（）", ["（）"]),
    ],
)
def test_a_name_breaks_at_sense_and_no_line_begins_with_what_closes(
    name: str, parts: list[str]
) -> None:
    assert phrases(name) == parts
