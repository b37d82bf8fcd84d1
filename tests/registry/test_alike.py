"""Names and addresses as people write them differently."""

import doctest

import pytest

from registry import alike
from registry.alike import Words, core, folded, one_sign_apart, same_address, sound, within

WORDS = Words(places=("宁波市", "宁波", "海曙区"), endings=("有限公司", "培训学校", "教育科技"))


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("宁波市海曙区晨光艺术培训学校", "晨光艺术"),
        ("晨光（宁波）教育科技有限公司", "晨光"),
        ("晨光(寧波)教育科技有限公司", "晨光"),
        ("宁波培训学校", "培训学校"),
        ("晨光【新】教育科技有限公司", "晨光新"),
        ("", ""),
    ],
)
def test_the_core_is_what_tells_a_name_from_others(name: str, left: str) -> None:
    assert core(name, WORDS) == left


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("海曙区中山西路 1 号", "宁波市海曙区中山西路1号", True),
        ("海曙区中山西路１号二层", "中山西路一号2楼", True),
        ("海曙区中山西路1号", "鄞州区中山西路1号", False),
        ("海曙区中山西路1号", "海曙区中山西路11号", False),
        ("石碶街道雅戈尔大道12号3栋", "海曙区石碶街道雅戈尔大道十二号三号楼", True),
        ("甲路1号", "", False),
        ("", "", False),
    ],
)
def test_an_address_is_the_same_however_it_is_written(one: str, other: str, same: bool) -> None:
    assert same_address(one, other) is same
    assert same_address(other, one) is same


@pytest.mark.parametrize(
    ("place", "whole", "inside"),
    [
        ("中山西路1号3楼302室", "海曙区中山西路1号", True),
        ("中山西路1号", "中山西路1号3楼", False),
        ("中山西路12号", "中山西路1", False),
        ("鄞州区中山西路1号3楼", "海曙区中山西路1号", False),
        ("中山西路1号", "", False),
    ],
)
def test_a_room_is_within_its_house_and_not_the_other_way(
    place: str, whole: str, inside: bool
) -> None:
    assert within(place, whole) is inside


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("晨光艺术", "晨曦艺术", True),
        ("晨光艺术", "晨光新艺术", True),
        ("晨光艺术", "光晨艺术", True),
        ("晨光", "晨光艺", True),
        ("晨光艺术", "晨光艺术", False),
        ("晨光艺术", "朝阳艺术", False),
        ("晨", "", True),
    ],
)
def test_one_sign_apart(one: str, other: str, apart: bool) -> None:
    assert one_sign_apart(one, other) is apart
    assert one_sign_apart(other, one) is apart


def test_spelling_and_sound() -> None:
    assert folded("ＡＢ 學校（甲）") == "ab学校甲"
    assert sound("晨光") == sound("辰光") != sound("朝阳")
    assert doctest.testmod(alike).failed == 0
