"""What of an institution is not public: shown masked, and whole only to whoever says what for."""

from collections.abc import Iterator

from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry.queries.files import valid
from registry.queries.matters import last_of, meant_by
from registry.tables import Complaint, Contact, Custody, Identification, Matter, Staff

KINDS = {
    "consult": "咨询电话",
    "complaint": "投诉电话",
    "phone": "电话",
    "website": "网站",
    "email": "邮箱",
    "wechat": "微信",
    "address": "联系地址",
}


class PrivateLine(Struct, frozen=True, kw_only=True):
    """One thing that is not public: what it is, and how much of it everybody at the desk sees."""

    key: str
    what: str
    masked: str
    text: str


def private_of(session: Session, institution: str) -> list[PrivateLine]:
    """Everything not public about an institution, with its masks."""
    found = [*_contacts(session, institution), *_custody(session, institution)]
    return [*found, *_staff(session, institution), *_complaints(session, institution)]


def masked(text: str) -> str:
    """Enough to tell two apart, too little to use: an @ stays, so does the first and the last sign."""
    if len(text) <= 2:
        return text[:1] + "*" * (len(text) - 1)
    head, tail = (3, 2) if len(text) >= 8 else (1, 0)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]


def _contacts(session: Session, institution: str) -> Iterator[PrivateLine]:
    rows = session.scalars(select(Contact).where(col(Contact.institution) == institution)).all()
    for one in valid(list(rows)):
        if not one.public and one.until is None:
            yield _line(f"contact-{one.id}", f"联系{KINDS[one.kind]}（不公开）", one.text)


def _custody(session: Session, institution: str) -> Iterator[PrivateLine]:
    rows = session.scalars(select(Custody).where(col(Custody.institution) == institution)).all()
    for one in valid(list(rows)):
        if one.account_no:
            yield _line(f"custody-{one.id}", f"监管专户账号（{one.bank}）", one.account_no)


def _staff(session: Session, institution: str) -> Iterator[PrivateLine]:
    rows = session.scalars(select(Staff).where(col(Staff.institution) == institution)).all()
    for one in valid(list(rows)):
        if one.until is None:
            said = "，".join(
                word
                for word in (one.name, one.post, one.subject, one.qualification, one.certificate)
                if word
            )
            mask = "，".join(word for word in (one.name[:1] + "**", one.post, one.subject) if word)
            yield PrivateLine(key=f"staff-{one.id}", what="从业人员", masked=mask, text=said)


def _complaints(session: Session, institution: str) -> Iterator[PrivateLine]:
    rows = session.execute(
        select(Complaint)
        .join(Matter, col(Matter.id) == col(Complaint.matter))
        .outerjoin(Identification, last_of(Identification))
        .where(meant_by(institution))
        .order_by(col(Complaint.matter))
    ).scalars()
    for one in rows:
        if one.contact:
            yield _line(f"complaint-{one.matter}", f"投诉人联系方式（{one.matter}）", one.contact)


def _line(key: str, what: str, text: str) -> PrivateLine:
    return PrivateLine(key=key, what=what, masked=masked(text), text=text)
