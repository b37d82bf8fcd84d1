"""A form names every wrong field at once, in Chinese, with what to write instead."""

from datetime import date

import pytest
from pydantic import BaseModel

from registry.errors import FormRefused, read_form
from registry.forms import (
    DecisionForm,
    FindingSheet,
    InstitutionForm,
    LicenceForm,
    ListingForm,
    ListingSheet,
    PremisesForm,
    ReplyForm,
    StepSheet,
    parse_day,
)


def test_every_wrong_field_is_named_at_once() -> None:
    typed = {"code": "", "extent": "0", "seen_on": "昨天", "surprise": "x", "institution": "NB-1"}
    with pytest.raises(FormRefused) as caught:
        read_form(FindingSheet, typed)
    assert {one.field for one in caught.value.problems} == {"code", "extent", "seen_on", "surprise"}
    sentence = str(caught.value)
    assert "“发现日期”的值“昨天”不能用：请写日期，如 2026-03-01" in sentence
    assert "不小于 1" in sentence


def test_a_sound_form_is_read_and_its_texts_are_stripped() -> None:
    form = read_form(
        FindingSheet,
        {"code": "\u3000S01 ", "seen_on": "2026年3月1日", "institution": "NB-1", "occurred_on": ""},
    )
    assert (form.code, form.seen_on, form.occurred_on, form.extent) == (
        "S01",
        date(2026, 3, 1),
        None,
        1,
    )


@pytest.mark.parametrize(
    "text", ["2026-03-01", "2026/3/1", "2026.3.1", "20260301", "2026年3月1日", "２０２６-03-01"]
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert parse_day(text) == date(2026, 3, 1)


@pytest.mark.parametrize(
    ("said", "until"),
    [
        ("2029-12-31", date(2029, 12, 31)),
        ("长期", date.max),
        (" 至无固定期限", date.max),
        ("永续经营", date.max),
        ("", None),
    ],
)
def test_an_end_may_be_said_to_be_none_and_left_empty_nobody_has_said(
    said: str, until: date | None
) -> None:
    assert read_form(LicenceForm, {"since": "2019-03-05", "until": said}).until == until
    whole = {"name": "晨光", "jurisdiction": "330203", "code": "", "registered_until": said}
    assert read_form(InstitutionForm, whole).registered_until == until


@pytest.mark.parametrize("field", ["since", "until"])
def test_only_the_end_of_a_certificate_may_be_said_to_be_none(field: str) -> None:
    days = {"since": "2026-01-01", "until": "2026-12-31", "address": "中山路1号", field: "长期"}
    with pytest.raises(FormRefused, match="请写日期"):
        read_form(PremisesForm, days)


@pytest.mark.parametrize("value", ["2026-02-30", "1772323200", "0", 7, 46082, "3/1", "", True])
def test_what_is_no_day_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="请"):
        parse_day(value)


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"licence_since": "2026-05-01", "licence_until": "2025-05-01"}, "早于"),
        ({"licence_no": "教民1号"}, "许可证有效期自"),
        ({"licence_since": "2025-05-01"}, "却没有办学许可证号"),
        ({"licence_until": "2028-05-01"}, "却没有办学许可证号"),
        ({"code": "91110000600037341L"}, "登记日期"),
        ({"name": "a\x00b"}, "控制字符"),
        ({"name": "  "}, "机构名称"),
        ({"status": "open"}, "active"),
    ],
)
def test_an_institution_that_contradicts_itself_is_refused(
    changed: dict[str, object], word: str
) -> None:
    sound = {"name": "石碶艺术培训学校", "jurisdiction": "330212", "opened_on": "2020-09-01"}
    read_form(InstitutionForm, sound)
    if "licence_no" in changed or "code" in changed:
        sound.pop("opened_on")
    with pytest.raises(FormRefused, match=word):
        read_form(InstitutionForm, {**sound, **changed})


@pytest.mark.parametrize(
    ("until", "kept"),
    [("2026-10-20", False), ("2026-10-21", True), ("2029-10-21", True), ("2029-10-22", False)],
)
def test_a_list_decision_ends_after_its_proposal_and_within_three_years(
    until: str, *, kept: bool
) -> None:
    typed = {
        "institution": "NB-1",
        "list": "black",
        "ground": "F05",
        "statement": "恶意停业、拒不退费",
        "article": "《校外培训行政处罚暂行办法》第十七条",
        "on": "2026-10-21",
        "until": until,
    }
    if kept:
        assert read_form(ListingSheet, typed).until == parse_day(until)
        return
    with pytest.raises(FormRefused, match=f"期限至 {until} 不在提出日期 2026-10-21 以后"):
        read_form(ListingSheet, typed)


def test_money_is_whole_fen() -> None:
    assert read_form(DecisionForm, {"code": "D02", "fine_fen": 5_000_000}).fine_fen == 5_000_000
    for wrong in ("0.5", -1, 1.5):
        with pytest.raises(FormRefused, match="罚款"):
            read_form(DecisionForm, {"code": "D02", "fine_fen": wrong})


@pytest.mark.parametrize(
    ("form", "field", "sound"),
    [
        (InstitutionForm, "name", {"name": "明德学校", "jurisdiction": "haishu"}),
        (
            FindingSheet,
            "statement",
            {"code": "S01", "seen_on": "2026-03-01", "institution": "NB-1"},
        ),
        (StepSheet, "document_no", {"on": "2026-03-01"}),
        (ReplyForm, "text", {"about": "JC-1", "on": "2026-03-01", "text": "已改正"}),
        (
            ListingForm,
            "article",
            {"list": "black", "ground": "a", "statement": "b", "article": "c"},
        ),
    ],
)
@pytest.mark.parametrize(
    "number", ["11010519491231002X", "１１０１０５19491231 002x", "1101-0519491231\u200b-002X"]
)
def test_a_resident_number_is_refused_where_the_text_would_be_public(
    form: type[BaseModel], field: str, sound: dict[str, object], number: str
) -> None:
    read_form(form, sound | {field: "身份证 110105194912310021"})  # its check sign is wrong
    with pytest.raises(FormRefused, match="会公开，里面却有身份证号码") as caught:
        read_form(form, sound | {field: f"负责人（{number}）"})
    assert [one.field for one in caught.value.problems] == [field]


def test_what_stays_inside_may_hold_one() -> None:
    note = "负责人 11010519491231002X 在场"
    sheet = {"code": "S01", "seen_on": "2026-03-01", "institution": "NB-1", "note": note}
    assert read_form(FindingSheet, sheet).note == note


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("零\u200b宽\u2060字\ufeff符\u200d学校", "零宽字符学校"),
        ("\ufeff\u3000软\u00ad连字符学校\u200b ", "软连字符学校"),
        ("方向\u202e校学\u202c学校", "方向校学学校"),
        ("👩\u200d👧\u200d👦学校", "👩\u200d👧\u200d👦学校"),
        ("می\u200cخواهم学校", "می\u200cخواهم学校"),
    ],
)
def test_what_nobody_sees_is_left_out_unless_it_shapes_what_is_seen(typed: str, read: str) -> None:
    sheet = {"name": typed, "jurisdiction": "330203"}
    assert read_form(InstitutionForm, sheet).name == read
