"""Contacts and the staff display: what may be typed, what may be public, and who is shown on a day."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from registry import acts, queries, tables
from registry.credit_file import ContactRecord, StaffRecord
from registry.database import reading, writing
from registry.errors import FormRefused, read_form
from registry.forms import ChangeSheet, ContactForm, StaffForm, StepForm
from registry.forms.contacts import public_contact
from registry.forms.staff import masked_number
from tests.registry import people as p

KEPT = {
    ("phone", "057487654321"): "0574-87654321",
    ("phone", "（0574）8765 4321"): "0574-87654321",
    ("phone", "+86 574 87654321".replace("574", "0574")): "0574-87654321",
    ("phone", "０５７４－８７６５４３２１ 转 ８０１"): "0574-87654321转801",
    ("phone", "010-6612 3456"): "010-66123456",
    ("phone", "0571—8765432"): "0571-8765432",
    ("phone", "400 800 1234"): "400-800-1234",
    ("phone", "96345"): "96345",
    ("consult", "021-61234567"): "021-61234567",
    ("complaint", "12345"): "12345",
    ("email", "office@school.example.cn"): "office@school.example.cn",
    ("website", "https://www.example.cn/a?b=1#c"): "https://www.example.cn/a?b=1#c",
    ("website", "http://学校.中国/"): "http://学校.中国/",
    ("wechat", "晨光艺术 gh_1a2b3c"): "晨光艺术 gh_1a2b3c",
    ("address", "海曙区中山西路 1 号"): "海曙区中山西路 1 号",
}
REFUSED = {
    ("phone", "13800001111"): "手机号属于个人信息",
    ("phone", "+86 138-0000-1111"): "手机号属于个人信息",
    ("consult", "１３８０００ ０１１１１"): "手机号属于个人信息",
    ("phone", "87654321"): "区号",
    ("phone", "010-1234567"): "请写一个电话号码",
    ("phone", "0574-12345678"): "请写一个电话号码",
    ("phone", "0574-87654321、0574-87654322"): "请写一个电话号码",
    ("phone", "0574-87654321 王老师 13800001111"): "请写一个电话号码",
    ("complaint", "=1+1"): "请写一个电话号码",
    ("email", "office@school"): "电子邮箱",
    ("email", "a b@school.example"): "电子邮箱",
    ("email", 'a"onload=@school.example'): "电子邮箱",
    ("website", "javascript:alert(1)"): "https://",
    ("website", "www.example.cn"): "https://",
    ("website", "ftp://example.cn/"): "https://",
    ("website", "https://localhost/"): "https://",
    ("website", "https://[::1"): "完整的网址",
    ("website", "https://a:b@example.cn/"): "账号和密码",
    ("website", 'https://example.cn/"><script>'): "空格、引号",
    ("website", "https://example.cn/\u202egnp"): "看不见的字符",
    ("website", "https://example.cn:port/"): "完整的网址",
    ("wechat", "加微信 13800001111"): "公众号",
    ("address", "海曙区\u202e1 号"): "看不见的字符",
}
CERTIFICATE = "20183302032000123"


@pytest.mark.parametrize(("kind", "text"), KEPT)
def test_a_contact_is_kept_in_one_writing(kind: str, text: str) -> None:
    form = read_form(ContactForm, {"kind": kind, "text": text, "public": True})
    assert form.text == KEPT[kind, text]
    assert public_contact(kind, form.text) == form.text, "and so it stays"


@pytest.mark.parametrize(("kind", "text"), REFUSED)
def test_what_is_none_of_its_kind_or_a_persons_is_refused_with_the_remedy(
    kind: str, text: str
) -> None:
    with pytest.raises(FormRefused) as refused:
        read_form(ContactForm, {"kind": kind, "text": text, "public": True})
    assert REFUSED[kind, text] in str(refused.value)
    assert public_contact(kind, text) == ""


def test_a_mobile_number_is_for_the_office_alone() -> None:
    form = read_form(ContactForm, {"kind": "phone", "text": "+86 13800001111", "public": False})
    assert form.text == "13800001111"
    with pytest.raises(FormRefused, match="请勾选"):
        read_form(ContactForm, {"kind": "consult", "text": "0574-87654321", "public": False})


@given(st.sampled_from(["phone", "email", "website", "consult", "complaint"]), st.text())
def test_whatever_is_typed_is_refused_or_kept_in_one_writing(kind: str, text: str) -> None:
    kept = public_contact(kind, text)
    assert public_contact(kind, kept) == kept
    assert not set(kept) & set("<>\"' \n\u202e")


STAFF = {
    ("certificate", "330203201801012345"): "17 位",  # a resident number
    ("certificate", "33020318010123"): "17 位",
    ("certificate", "330203180101234"): "17 位",  # an old resident number
    ("certificate", "证书"): "17 位",
    ("name", "王老师 13800001111"): "不要写号码",
    ("qualification", f"小学语文 {CERTIFICATE}"): "教师资格证号",
    ("post", "教师33020319800101001X"): "不要写号码",
}


@pytest.mark.parametrize(("field", "text"), STAFF)
def test_no_number_of_a_person_enters_the_display(field: str, text: str) -> None:
    with pytest.raises(FormRefused, match=STAFF[field, text]):
        read_form(StaffForm, {"name": "王老师", field: text})


def test_a_certificates_number_shows_its_year_and_its_end() -> None:
    form = read_form(StaffForm, {"name": "王老师", "certificate": "2018 3302 0320 0012 3"})
    assert form.certificate == CERTIFICATE
    assert masked_number(CERTIFICATE) == "2018*********0123"
    assert masked_number(masked_number(CERTIFICATE)) == masked_number(CERTIFICATE)
    # What an earlier version took in as a text: nothing is left of what may be a resident number.
    assert masked_number("证 33020319800101001X") == "证 " + "*" * 18
    assert masked_number("小学语文") == "小学语文"


def changed(session: Any, id: str, what: str, row: int | None = None, **values: Any) -> None:
    sheet = {"institution": id, "on": "2026-11-24", "what": what, "row": row}
    matter = acts.ask_change(session, read_form(ChangeSheet, sheet), values, by=p.SCHOOL, now=p.NOW)
    acts.take_step(session, matter, "apply", StepForm(on=p.NOW.date()), by=p.LI, now=p.NOW)


def on(session: Any, id: str, day: str) -> tuple[list[ContactRecord], list[StaffRecord]]:
    file = queries.credit_file(session, id, date.fromisoformat(day))
    return list(file.contacts or ()), list(file.staff or ())


def test_what_is_public_on_a_day_leaves_the_register_and_nothing_else(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session, code=p.CODE, registered_on="2020-03-01")
        changed(session, id, "contact", kind="website", text="https://a.example/", public=True)
        changed(session, id, "contact", kind="phone", text="0574-81110001", public=True)
        changed(session, id, "contact", kind="phone", text="13800001111", public=False)
        changed(
            session, id, "contact", kind="complaint", text="96345", public=True, since="2026-12-01"
        )
        person = {"name": "王老师", "post": "教师", "certificate": CERTIFICATE}
        changed(session, id, "staff", **person, since="2026-01-01")
        stamp = {"institution": id, "recorded_at": p.NOW, "recorded_by": "old"}
        session.add(tables.Contact(kind="phone", text="王 13900001111", public=True, **stamp))
        session.add(tables.Contact(kind="website", text="javascript:0", public=True, **stamp))
        session.flush()
    with reading(engine) as session:
        website = ContactRecord(kind="website", text="https://a.example/")
        phone = ContactRecord(kind="phone", text="0574-81110001")
        shown = StaffRecord(name="王老师", post="教师", certificate="2018*********0123")
        assert on(session, id, "2026-11-30") == ([phone, website], [shown])
        late = ContactRecord(kind="complaint", text="96345")
        assert on(session, id, "2026-12-01")[0] == [late, phone, website]
        assert on(session, id, "2025-12-31")[1] == []
        rows = queries.own_rows(session, id, "contact", p.NOW.date())
        assert [one.values["text"] for one in rows if one.withheld] == [
            "王 13900001111",
            "javascript:0",
        ]
        [teacher] = queries.own_rows(session, id, "staff", p.NOW.date())
    with writing(engine) as session:
        # She has left; and the telephone is public no more.
        changed(session, id, "staff", teacher.id, **{**teacher.values, "until": "2026-11-30"})
        row = next(one for one in rows if one.values["text"] == "0574-81110001")
        changed(session, id, "contact", row.id, **{**row.values, "public": False})
    with reading(engine) as session:
        assert on(session, id, "2026-11-30") == ([website], [shown])
        assert on(session, id, "2026-12-01") == ([late, website], [])


def test_nobody_is_named_of_the_unregistered_and_of_the_closed(engine: Engine) -> None:
    with writing(engine) as session:
        unregistered = p.city(session)
        closed = p.institution(
            session, name="已停办学校", code=p.CODE, registered_on="2020-03-01", status="closed"
        )
        for id in (unregistered, closed):
            changed(session, id, "contact", kind="phone", text="0574-81110001", public=True)
            changed(session, id, "staff", name="王老师")
    with reading(engine) as session:
        assert on(session, unregistered, "2026-11-30") == ([], [])
        assert on(session, closed, "2026-11-30")[1] == []
        assert len(on(session, closed, "2026-11-30")[0]) == 1
