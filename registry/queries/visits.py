"""One visit with all that was seen, and the files that prove it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import or_, select
from sqlmodel import Session, col

from registry.errors import NotFound
from registry.queries.matters import MatterLine, matters_by_id
from registry.queries.voided import stands, voided_by
from registry.tables import Answer, Attachment, Finding, Inspection


class AnswerLine(Struct, frozen=True, kw_only=True):
    """One item answered."""

    item: str
    answer: str
    note: str


class FileLine(Struct, frozen=True, kw_only=True):
    """A file: what it is, what it belongs to, its digest, and when it was taken and recorded."""

    id: int
    sha256: str
    about: str
    kind: str
    name: str
    media: str
    size: int
    taken_at: datetime | None
    recorded_at: datetime
    recorded_by: str


class Visited(Struct, frozen=True, kw_only=True):
    """A visit as it was recorded."""

    id: str
    key: str
    institution: str
    kind: str
    on: date
    first_officer: str
    second_officer: str
    place: str
    signed: bool
    refusal: str
    campaign: str
    note: str
    present: str
    statement: str
    checklist: str
    recorded_at: datetime
    recorded_by: str
    voided_by: str = ""
    answers: tuple[AnswerLine, ...] = ()
    matters: tuple[MatterLine, ...] = ()
    files: tuple[FileLine, ...] = ()


def visit(session: Session, id: str) -> Visited:
    """One visit, or NotFound."""
    row = visit_row(session, id)
    answers = session.scalars(
        select(Answer).where(col(Answer.inspection) == id).order_by(col(Answer.item))
    )
    found = session.scalars(select(col(Finding.matter)).where(col(Finding.inspection) == id))
    matters = matters_by_id(session, sorted(found))
    values = row.model_dump(include=set(Visited.__struct_fields__))
    return Visited(
        **values,
        voided_by=voided_by(session, id),
        answers=tuple(msgspec.convert(one, AnswerLine, from_attributes=True) for one in answers),
        matters=tuple(matters),
        files=tuple(attachments(session, [id, *(one.id for one in matters)])),
    )


def visit_row(session: Session, id: str) -> Inspection:
    """The row of one visit, or NotFound."""
    row = session.get(Inspection, id)
    if row is None:
        raise NotFound("检查", id)
    return row


def visit_of_key(session: Session, key: str) -> str:
    """The number of the visit with a key; empty if there is none."""
    query = select(col(Inspection.id)).where(col(Inspection.key) == key)
    return session.scalars(query).first() or ""


def same_day(
    session: Session, institution: str, on: date, officers: Iterable[str], but: str = ""
) -> list[str]:
    """Other visits to an institution on a day by one of these officers, which may be the same visit."""
    names = sorted({one for one in officers if one})
    query = (
        select(col(Inspection.id))
        .where(col(Inspection.institution) == institution, col(Inspection.on) == on)
        .where(
            or_(
                col(Inspection.first_officer).in_(names),
                col(Inspection.second_officer).in_(names),
            )
        )
        .where(col(Inspection.id) != but, stands())
        .order_by(col(Inspection.id))
    )
    return list(session.scalars(query))


def attachments(session: Session, about: Sequence[str]) -> list[FileLine]:
    """The files of visits or matters, in the order they were recorded."""
    query = select(Attachment).where(col(Attachment.about).in_(about)).order_by(col(Attachment.id))
    return [msgspec.convert(row, FileLine, from_attributes=True) for row in session.scalars(query)]


def own_file(session: Session, digest: str, account: str) -> bool:
    """Whether an account may name a file by its digest alone: nobody else has attached it to anything."""
    query = select(col(Attachment.recorded_by)).where(col(Attachment.sha256) == digest)
    return set(session.scalars(query)) <= {account}
