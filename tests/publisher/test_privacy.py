"""What is read out of a text as personal data: each kind, hidden in every way, and nothing that is none."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc

from publisher.gate.privacy import is_card_number, masked, personal
from registry.resident_number import is_resident_number

PERSONAL = {
    "身份证号 11010519491231002X 已核": ["resident"],
    "证件１１０１０５１９４９１２３１００２Ｘ": ["resident"],
    "证件110105 19491231 002X": ["resident"],
    "证件1101\u200b05194912\u200b31002x": ["resident"],
    "旧证 110105491231002 号": ["resident15"],
    "请打13800138000": ["mobile"],
    "手机138-0013-8000。": ["mobile"],
    "手机 +86 138 0013 8000": ["mobile"],
    "微信同号：①③⑧⓪⓪①③⑧⓪⓪⓪": ["mobile"],
    "电话一三八零零一三八零零零": ["mobile"],
    "座机0574-87654321": ["telephone"],
    "座机（0574）87654321": ["telephone"],
    "联系电话：87654321": ["telephone"],
    "卡号6222 0000 0000 0000 005": [],
    "卡号 4111 1111 1111 1111": ["card"],
    "转到6228480402564890018": ["card"],
    "学费转入账号3901120009200012345": ["account"],
    "开户行：某银行海曙支行，帐号：3310 1234 5678 9012 3": ["account"],
    "要求汇入个人账户（81014101421001234）": ["account"],
    "账户19-480101040012345": ["account"],
    "汇入个人账户6228480402564890018": ["card"],
    "写信到 parent@example.com": ["mail"],
    "写信到 parent＠example.com": ["mail"],
    "加QQ 123456789": ["handle"],
    "QQ群：87654321": ["handle"],
    "加微信xiaoming_2015": ["handle"],
    "VX：wang-li_88": ["handle"],
    "该生家住海曙区高塘路 12 号 301 室": ["home"],
    "学生王小明受伤": ["minor"],
    "学生王某某受伤": ["minor"],
    "学生张××投诉": ["minor"],
    "李同学反映": ["minor"],
    "王小明同学被打": ["minor"],
    "家长陈丽反映未退费": ["minor"],
    "投诉人：周敏": ["minor"],
    "三年级2班王小明": ["minor"],
    "学\u200b生王小明受伤": ["minor"],
    "孩子叫王小明": ["minor"],
    "其子王小明受伤": ["minor"],
    "女儿陈晓被打": ["minor"],
    "未成年人李小红": ["minor"],
    "张小明的妈妈反映未退费": ["minor"],
}
NOT_PERSONAL = (
    "",
    "甬教罚〔2025〕877号",
    "教民133020370008770号",
    "教民1330203700087701",
    "统一社会信用代码 91330203MA20000D7C",
    "52330203MJ80000A6W",
    "2026-11-05 至 2026-12-31",
    "2026年11月5日",
    "罚款 300000.00 元，没收 12345678 元",
    "一次交费不超过 3 个月或 60 课时，且不超过 5,000 元",
    "学生余额未退",
    "学生任课教师没有资格证",
    "收取学生费用，拒不退还",
    "全体家长会上",
    "许多家长反映退费难",
    "其余同学转到别处",
    "学员马上停课",
    "幼儿园",
    "教师王小明没有教师资格证",
    "宁波市鄞州区明德书画培训学校",
    "宁波市海曙区古林镇新城大道726号2层",
    "安全出口堆放杂物",
    "住宿学生没有登记",
    "课程编号 20261105001",
    "PDZA202633020000012345",
    "监管账户余额 123456789 元",
    "账户：123456789元",
    "账户为 12345678.90 元",
    "监管账户未按时报送，账号已变更",
    "其子公司没有办学许可证",
    "学生的妈妈反映退费难",
    "儿子和女儿都在该机构就读",
    "家长姓名没有登记",
)


@pytest.mark.parametrize(("text", "kinds"), PERSONAL.items())
def test_personal_data_is_found_and_only_its_kind_is_told(text: str, kinds: list[str]) -> None:
    found = personal(text)
    assert [one.kind for one in found] == kinds
    for one in found:
        assert "*" in one.masked
        assert len(one.masked.rstrip("*")) <= 2


@pytest.mark.parametrize("text", NOT_PERSONAL)
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
