"""Proof of receipt: what an institution handed in, when, and under which digests, from the ledger itself."""

import json
from datetime import datetime
from typing import Any

from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry import tables
from registry.errors import NotFound
from registry.forms import ChangeKind
from registry.procedure import KINDS
from registry.queries.changes import KINDS as CHANGES
from registry.queries.changes import told
from registry.tables import LedgerEntry, Matter

WHAT = {
    "reply_to": "机构回应",
    "withdraw_reply": "撤回机构回应",
    "defend": "陈述申辩书",
    "penalty.ask_hearing": "听证申请书",
    "objection.object": "异议申请书",
    "objection.withdraw": "撤回异议",
    "repair.apply": "信用修复申请书",
    "repair.withdraw": "撤回信用修复申请",
    "change.ask": "资料变更申请",
    "change.withdraw": "撤回资料变更申请",
}


class FileLine(Struct, frozen=True, kw_only=True):
    """A file that was handed in."""

    name: str
    sha256: str
    media: str
    size: int


class Receipt(Struct, frozen=True, kw_only=True):
    """One thing handed in; `about` is the record it concerns, `subject` the matter it stands under.

    `text` is exactly what the digest is of, `shown` the same for people.
    """

    seq: int
    number: str
    what: str
    act: str
    at: datetime
    institution: str
    subject: str
    about: str
    text: str
    shown: str
    text_sha256: str
    files: tuple[FileLine, ...]
    digest: str
    undertaking: str = ""


def receipts(session: Session, institution: str, subject: str = "") -> list[Receipt]:
    """What an institution has handed in, the newest first."""
    query = (
        select(LedgerEntry)
        .where(col(LedgerEntry.institution) == institution, col(LedgerEntry.act).in_(WHAT))
        .where(col(LedgerEntry.role) == "institution")
        .order_by(col(LedgerEntry.seq).desc())
    )
    if subject:
        query = query.where(col(LedgerEntry.subject) == subject)
    return [_receipt(session, row) for row in session.scalars(query.limit(500))]


def receipt(session: Session, institution: str, seq: int) -> Receipt:
    """One receipt of this institution; another's is not found."""
    row = session.get(LedgerEntry, seq)
    own = row is not None and row.institution == institution and row.role == "institution"
    if row is None or not own or row.act not in WHAT:
        raise NotFound("本机构的回执", str(seq))
    return _receipt(session, row)


def file_of(session: Session, institution: str, digest: str) -> FileLine:
    """A file this institution handed in itself; another's is not found, whether it exists or not."""
    query = select(tables.Attachment).where(
        col(tables.Attachment.institution) == institution,
        col(tables.Attachment.sha256) == digest,
        col(tables.Attachment.kind).in_(("draft", "defence", "objection", "repair")),
    )
    row = session.scalars(query.order_by(col(tables.Attachment.id).desc())).first()
    if row is None:
        raise NotFound("本机构的文件", digest)
    return FileLine(name=row.name, sha256=row.sha256, media=row.media, size=row.size)


def _receipt(session: Session, row: LedgerEntry) -> Receipt:
    body: dict[str, Any] = json.loads(row.body)
    content = body.get("content") or {}
    said = {**body, **content} if isinstance(content, dict) else body
    text = str(said.get("text") or said.get("reason") or "")
    what = WHAT[row.act]
    undertaking = ""
    about = str(said.get("about") or "")
    if row.act == "repair.apply":
        found = session.get(tables.Repair, row.subject)
        undertaking = found.undertaking if found else ""
    shown = text
    if row.act == "change.ask":
        change = session.get_one(tables.Change, row.subject)
        kind: ChangeKind = said["what"]
        what, text = f"{what}（{CHANGES[kind]}）", change.after
        shown = told(kind, json.loads(text))
    if not about:
        about = row.subject
    matter = session.get(Matter, about)
    name = KINDS[matter.kind] if matter else ""
    return Receipt(
        seq=row.seq,
        number=f"HZ{row.at.year}-{row.seq:06d}",
        what=what,
        act=row.act,
        at=row.at,
        institution=row.institution,
        subject=row.subject,
        about=f"{name} {about}".strip(),
        text=text,
        shown=shown,
        text_sha256=str(said.get("text_sha256") or ""),
        files=tuple(FileLine(**one) for one in said.get("files") or ()),
        digest=row.digest,
        undertaking=undertaking,
    )
