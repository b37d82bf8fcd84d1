"""What is read out of a text as personal data: each kind, hidden in every way, and nothing that is none."""

import string
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from publisher.gate.privacy import is_card_number, masked, personal
from registry.resident_number import is_resident_number

TABLE = tomllib.loads((Path(__file__).parent / "cases/privacy.toml").read_text("utf-8"))
PERSONAL = [(one["text"], one["kinds"]) for one in TABLE["personal"]]


@pytest.mark.parametrize(("text", "kinds"), PERSONAL)
def test_personal_data_is_found_and_only_its_kind_is_told(text: str, kinds: list[str]) -> None:
    found = personal(text)
    assert [one.kind for one in found] == kinds
    for one in found:
        assert "*" in one.masked
        assert len(one.masked.rstrip("*")) <= 2


@pytest.mark.parametrize("text", TABLE["harmless"])
def test_what_is_no_persons_is_left_alone(text: str) -> None:
    assert personal(text) == []


def test_an_offices_own_number_may_stand() -> None:
    text = "投诉电话0574-87654321，个人手机13800138000"
    assert [one.kind for one in personal(text, ("0574-8765 4321", "0574-87654321"))] == ["mobile"]


def test_a_number_of_a_paper_is_read_for_persons_alone() -> None:
    assert personal("13800138000", kinds=("resident",)) == []
    assert [one.kind for one in personal("11010519491231002X", kinds=("resident",))] == ["resident"]


def test_what_is_masked_tells_little() -> None:
    assert masked("13800138000") == "13**********"
    assert masked("王某") == "王*"


DAYS = st.dates(date(1930, 1, 1), date(2025, 12, 31))
PLACES = st.sampled_from(["110105", "330203", "330281", "440305", "522301", "659001"])
AROUND = st.text(alphabet="经查证件号码为，。：该人", max_size=8)
BETWEEN = st.sampled_from(["", " ", "-", "\u200b", " "])


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    body = f"{draw(PLACES)}{draw(DAYS):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(a) * b for a, b in zip(body, weights, strict=True))
    return body + "10X98765432"[total % 11]


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return f"1{draw(st.integers(3, 9))}{draw(st.integers(0, 999_999_999)):09d}"


@st.composite
def cards(draw: st.DrawFn) -> str:
    body = (
        draw(st.sampled_from(["622848", "621700", "622202"]))
        + f"{draw(st.integers(0, 10**12 - 1)):012d}"
    )
    return next(body + str(one) for one in range(10) if is_card_number(body + str(one)))


@given(resident_numbers(), AROUND, AROUND, BETWEEN)
def test_every_resident_number_is_found(number: str, before: str, after: str, gap: str) -> None:
    assert is_resident_number(number)
    text = before + gap.join((number[:6], number[6:14], number[14:])) + after
    assert "resident" in {one.kind for one in personal(text)}


@given(mobiles(), AROUND, AROUND, BETWEEN)
def test_every_mobile_is_found(number: str, before: str, after: str, gap: str) -> None:
    text = before + gap.join((number[:3], number[3:7], number[7:])) + after
    assert {"mobile"} <= {one.kind for one in personal(text)}


@given(cards(), AROUND, AROUND, BETWEEN)
def test_every_card_is_found(number: str, before: str, after: str, gap: str) -> None:
    text = before + gap.join((number[:4], number[4:8], number[8:])) + after
    assert personal(text) != []


ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@given(
    st.sampled_from(["91", "92", "52", "12", "11"]),
    st.sampled_from(["330203", "330281", "110000", "330200"]),
    st.text(alphabet=string.digits, min_size=7, max_size=7),
    st.sampled_from(["MA", "MJ", "75"]),
)
def test_no_organisations_code_is_taken_for_a_persons(
    head: str, place: str, number: str, kind: str
) -> None:
    body = head + place + kind + number
    code = next(body + one for one in ALPHABET if uscc.is_valid(body + one)) if _has(body) else ""
    assert personal(f"代码{code}") == []


def _has(body: str) -> bool:
    return any(uscc.is_valid(body + one) for one in ALPHABET)


@given(DAYS, st.integers(1, 99999), st.sampled_from(["甬教罚", "甬教信", "海教责改"]))
def test_no_paper_and_no_day_is_taken_for_a_persons(day: date, number: int, word: str) -> None:
    assert (
        personal(f"{word}〔{day.year}〕{number}号，{day} 起，{day:%Y年%m月%d日}至{day:%Y/%m/%d}")
        == []
    )


@given(st.text(max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert all("*" in one.masked for one in personal(text))
