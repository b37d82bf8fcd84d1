"""What an institution shows of itself, published: in the line, on the page, in the list, and in no tombstone."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET, structs

from publisher.data import render_csv, render_json
from publisher.edition import Contact, Edition, Entry, Member, leaf, read_edition, root
from publisher.gate.assertions import ASSERTIONS, Found, Looked
from publisher.gate.bounds import Bounds
from publisher.pages.sheet import sheet
from publisher.withdraw import Withdrawn, without
from scoring import load_policy
from scoring.canonical import canonical

PRIVACY = next(one for one in ASSERTIONS if one.code == "privacy")
FIELD = next(one for one in ASSERTIONS if one.code == "field")


@pytest.fixture(scope="module")
def edition(demo: object) -> Edition:
    return read_edition(demo.editions / "2026-11")  # type: ignore[attr-defined]


def with_first(edition: Edition, **fields: object) -> Edition:
    """The edition with other values in its first entry."""
    entry = structs.replace(edition.entries[0], **fields)
    lines = (canonical(entry), *edition.lines[1:])
    manifest = structs.replace(edition.manifest, root=root([leaf(one) for one in lines]).hex())
    return structs.replace(edition, lines=lines, manifest=manifest)


def doubts(edition: Edition) -> list[Found]:
    looked = Looked(edition=edition, was={}, changes=(), bounds=Bounds())
    return [found for one in (PRIVACY, FIELD) for found in one.check(looked)]


def test_an_entry_of_before_has_the_same_bytes_and_says_nothing(edition: Edition) -> None:
    entry = structs.replace(edition.entries[0], contacts=UNSET, staff=UNSET)
    line = canonical(entry)
    assert b'"contacts"' not in line
    assert b'"staff"' not in line
    again = msgspec.json.decode(line, type=Entry)
    assert (again.contacts, again.staff, canonical(again)) == (UNSET, UNSET, line)
    shown = sheet(again, load_policy(edition.policy), {}, edition.manifest.cut_off)
    assert (shown.contacts, shown.staff) == ((), ())


def test_the_demo_shows_them_and_the_gate_finds_nothing(edition: Edition) -> None:
    told = [one for one in edition.entries if one.contacts]
    taught = [one for one in edition.entries if one.staff]
    assert len(told) > 30
    assert len(taught) > 30
    papers = [one.certificate for entry in taught for one in entry.staff or ()]
    assert all(re.fullmatch(r"(20\d\d\*{9}\d{4})?", one) for one in papers)
    assert doubts(edition) == []


SAID = {
    "phone": "0574-87654321",
    "consult": "400-800-1234",
    "email": "office@school.example",
    "website": "https://school.example/",
    "wechat": "微信 school_example",
}
PRIVATE = {
    "name": ("王 0574-87654321", "固定电话号码"),
    "post": ("教师，微信 wang123456", "QQ 或者微信号"),
    "subject": ("家住中山路 1 号", "家庭住址"),
    "qualification": ("a@b.example", "电子邮箱"),
}


@pytest.mark.parametrize("kind", SAID)
def test_a_declared_contact_passes_the_gate_where_it_belongs(edition: Edition, kind: str) -> None:
    contact = Contact(kind=kind, text=SAID[kind])  # type: ignore[arg-type]
    assert doubts(with_first(edition, contacts=(contact,))) == []


def test_a_persons_number_is_found_in_every_field(edition: Edition) -> None:
    mobile = Contact(kind="phone", text="13800001111")
    [found] = doubts(with_first(edition, contacts=(mobile,)))
    assert found.said.startswith("“对外公开的联系方式”含有手机号码（13**")
    for field, (text, kind) in PRIVATE.items():
        member = structs.replace(Member(name="王老师"), **{field: text})
        [found] = doubts(with_first(edition, staff=(member,)))
        assert kind in found.said
        assert "从业人员公示" in found.said
    resident = Member(name="王老师", certificate="11010519491231002X")
    [found] = doubts(with_first(edition, staff=(resident,)))
    assert "居民身份证号码" in found.said
    assert not found.acceptable


def test_a_field_that_nobody_named_is_not_published(edition: Edition) -> None:
    raw = json.loads(canonical(edition.entries[0]))
    raw["staff"] = [{"name": "王老师", "photo": "x"}]
    line = json.dumps(raw, ensure_ascii=False).encode()
    odd = structs.replace(edition, lines=(line, *edition.lines[1:]))
    looked = Looked(edition=odd, was={}, changes=(), bounds=Bounds())
    assert [one.said for one in FIELD.check(looked)] == ["有不得公开的字段：staff.photo"]


def test_the_lists_tell_the_telephones_and_a_tombstone_none(
    edition: Edition, tmp_path: Path
) -> None:
    contacts = (
        Contact(kind="consult", text="0574-87654321"),
        Contact(kind="phone", text="400-800-1234"),
        Contact(kind="complaint", text="0574-87650000"),
    )
    said = with_first(edition, contacts=contacts, staff=(Member(name="邬独一无二"),))
    render_csv(said, tmp_path)
    render_json(said, tmp_path)
    first, *_ = csv.DictReader((tmp_path / "list.csv").read_text("utf-8-sig").splitlines())
    assert first["公开电话"] == "0574-87654321；400-800-1234"
    assert json.loads((tmp_path / "list.json").read_bytes())["institutions"][0]["telephone"] == (
        "0574-87654321；400-800-1234"
    )
    day = date(2026, 11, 20)
    gone = without(
        said,
        {said.entries[0].institution: Withdrawn(institution="", on=day, reason="决定撤销")},
        day,
    )
    render_csv(gone, tmp_path)
    render_json(gone, tmp_path)
    left = b"".join(
        (*gone.lines, (tmp_path / "list.csv").read_bytes(), (tmp_path / "list.json").read_bytes())
    )
    for one in ("87654321", "800-1234", "87650000", "邬独一无二"):
        assert one.encode() not in left
    assert root([leaf(one) for one in gone.lines]).hex() == said.manifest.root


def test_a_link_leads_only_where_it_says(edition: Edition) -> None:
    policy = load_policy(edition.policy)
    words = {
        "https://a.example/": ("website", "https://a.example/"),
        "javascript:alert(1)": ("website", ""),
        "data:text/html,x": ("website", ""),
        "0574-87654321转801": ("phone", "tel:057487654321,801"),
        "400-800-1234": ("consult", "tel:4008001234"),
        "a@b.example?cc=c@d.example": ("email", "mailto:a@b.example%3Fcc%3Dc@d.example"),
        "晨光": ("wechat", ""),
    }
    for text, (kind, link) in words.items():
        contact = Contact(kind=kind, text=text)  # type: ignore[arg-type]
        entry = structs.replace(edition.entries[0], contacts=(contact,))
        [shown] = sheet(entry, policy, {}, edition.manifest.cut_off).contacts
        assert (shown.link, shown.text) == (link, text)
