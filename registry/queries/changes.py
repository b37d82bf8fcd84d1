"""An institution's own data, row by row, and what it asks to have changed, before beside after."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from registry import tables
from registry.errors import NotFound
from registry.forms import ChangeKind, ContactForm, CoverSheet, PremisesForm, StaffForm
from registry.forms.contacts import public_contact
from registry.queries.files import valid
from registry.queries.matters import ALL, MatterLine, matters

KINDS: dict[ChangeKind, str] = {
    "contact": "联系方式",
    "premises": "校区和教学点",
    "cover": "保险",
    "staff": "教职员工公示",
}
# What the office asks of itself, with what its two values are called.
VOIDING = "visit"
HISTORY = {"lineage": "机构沿革", "merge": "合并重复登记", VOIDING: "作废错记的检查"}
_LABELS = {VOIDING: ("检查编号", "日期、种类和检查人员")}
ROWS: dict[ChangeKind, Any] = {
    "contact": tables.Contact,
    "premises": tables.Premises,
    "cover": tables.Cover,
    "staff": tables.Staff,
}
FORMS: dict[ChangeKind, type[SQLModel]] = {
    "contact": ContactForm,
    "premises": PremisesForm,
    "cover": CoverSheet,
    "staff": StaffForm,
}
# What an institution says of a row; the rest is for the office to find.
FIELDS: dict[ChangeKind, tuple[str, ...]] = {
    "contact": ("kind", "text", "public", "since", "until"),
    "premises": ("address", "since", "until"),
    "cover": (
        "cover_class",
        "insurer",
        "policy_no",
        "sum_fen",
        "since",
        "until",
        "addresses",
    ),
    "staff": ("name", "post", "subject", "qualification", "certificate", "since", "until"),
}
WORDS: dict[str, dict[str, str]] = {
    "kind": {
        "consult": "咨询电话",
        "complaint": "投诉电话",
        "phone": "电话",
        "website": "网站",
        "email": "电子邮箱",
        "wechat": "微信公众号",
        "address": "通信地址",
    },
    "cover_class": {
        "premises": "场所责任保险",
        "performance": "履约保证保险",
        "accident": "学员意外保险",
        "employer": "雇主责任保险",
        "credit": "预付学费信用保险",
    },
}


class OwnRow(Struct, frozen=True, kw_only=True):
    """One row of own data: its number, its values by field, and the same in words by label.

    `withheld` says that it is declared public and yet is not printed, as it is written.
    """

    id: int
    values: dict[str, Any]
    said: tuple[tuple[str, str], ...]
    over: bool
    withheld: bool = False


class ChangeView(Struct, frozen=True, kw_only=True):
    """A change asked for: each field before beside after, and whether they differ.

    `of_office` is what the office asks of itself; `visit` the visit that it is about, if it is about one.
    """

    id: str
    name: str
    since: date
    what: str
    what_name: str
    new: bool
    differences: tuple[tuple[str, str, str, bool], ...]
    reason: str
    of_office: bool = False
    visit: str = ""


def own_rows(session: Session, institution: str, what: ChangeKind, today: date) -> list[OwnRow]:
    """The rows in force of one kind, those that are over last."""
    table = ROWS[what]
    found = session.scalars(select(table).where(table.institution == institution)).all()
    rows = [_own(session, what, one, today) for one in valid(found)]
    return sorted(rows, key=lambda one: (one.over, one.id))


def own_row(session: Session, institution: str, what: ChangeKind, id: int, today: date) -> OwnRow:
    """One row in force, or NotFound: also for another institution's."""
    for row in own_rows(session, institution, what, today):
        if row.id == id:
            return row
    raise NotFound(f"本机构现行的{KINDS[what]}", str(id))


def changes(
    session: Session, *, jurisdictions: Sequence[str] = (), institution: str = ""
) -> list[ChangeView]:
    """The changes that wait for the office, the oldest first."""
    lines = matters(
        session,
        kinds=("change",),
        jurisdictions=jurisdictions,
        institution=institution,
        open_only=True,
        limit=ALL,
    )
    found = sorted(lines, key=lambda one: (one.since, one.id))
    return [change(session, one.id, one) for one in found]


def change(session: Session, id: str, line: MatterLine | None = None) -> ChangeView:
    """One change with its differences."""
    row = session.get_one(tables.Change, id)
    labels = _LABELS.get(row.what, ("有关机构", "方式和日期"))
    view = ChangeView(
        id=id,
        name=line.name if line else "",
        since=line.since if line else session.get_one(tables.Matter, id).opened_on,
        what=row.what,
        what_name=HISTORY.get(row.what, ""),
        new=True,
        differences=((labels[0], "", row.before, True), (labels[1], "", row.after, True)),
        reason=_reason(session, id),
        of_office=row.what in HISTORY,
        visit=row.before if row.what == VOIDING else "",
    )
    if row.what in HISTORY:
        return view
    what: ChangeKind = row.what  # type: ignore[assignment]  # written by ask_change alone
    before = json.loads(row.before) if row.before else {}
    return msgspec.structs.replace(
        view,
        what_name=KINDS[what],
        new=not before,
        differences=differences(what, before, json.loads(row.after)),
    )


def differences(
    what: ChangeKind, before: dict[str, Any], after: dict[str, Any]
) -> tuple[tuple[str, str, str, bool], ...]:
    """Each field's label, what was there, what shall be, and whether they differ."""
    return tuple(
        (
            label_of(what, field),
            said(field, before.get(field)) if before else "",
            said(field, after.get(field)),
            said(field, before.get(field)) != said(field, after.get(field)),
        )
        for field in FIELDS[what]
    )


def told(what: ChangeKind, after: dict[str, Any]) -> str:
    """What shall be, a line for each field that says something."""
    lines = [(label_of(what, field), said(field, after.get(field))) for field in FIELDS[what]]
    return "\n".join(f"{label}：{value}" for label, value in lines if value)


def label_of(what: ChangeKind, field: str) -> str:
    """What a field is called on the form."""
    if field == "sum_fen":
        return "保额（元）"
    return str(FORMS[what].model_fields[field].title or field)


def said(field: str, value: Any) -> str:
    """A value in words."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if field == "sum_fen":
        return f"{int(value) / 100:,.2f}".removesuffix(".00")
    if isinstance(value, list):
        return "；".join(str(one) for one in value)
    return WORDS.get(field, {}).get(str(value), str(value))


def _own(session: Session, what: ChangeKind, row: Any, today: date) -> OwnRow:
    values = row.model_dump(mode="json")
    if what == "cover":
        places = select(col(tables.CoverPremises.address)).where(
            col(tables.CoverPremises.cover) == row.id
        )
        values["addresses"] = sorted(session.scalars(places))
    kept = {field: values.get(field) for field in FIELDS[what]}
    return OwnRow(
        id=row.id,
        values=kept,
        said=tuple((label_of(what, field), said(field, kept[field])) for field in FIELDS[what]),
        over=row.until is not None and row.until < today,
        withheld=what == "contact" and row.public and not public_contact(row.kind, row.text),
    )


def _reason(session: Session, matter: str) -> str:
    query = select(col(tables.Step.reason)).where(
        col(tables.Step.matter) == matter, col(tables.Step.seq) == 1
    )
    return session.scalars(query).first() or ""
