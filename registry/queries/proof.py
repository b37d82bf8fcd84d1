"""The editions, the readings and the batches, for those who check the office's work."""

from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry.tables import Edition, ImportBatch, Reading, Withdrawal


class EditionLine(Struct, frozen=True, kw_only=True):
    """Where an edition stands."""

    period: str
    number: int
    state: str
    cut_off: date
    digest: str
    policy: str
    summary: str
    prepared_by: str
    prepared_at: datetime
    approved_by: str
    approved_at: datetime | None
    released_by: str
    released_at: datetime | None


class WithdrawalLine(Struct, frozen=True, kw_only=True):
    """An entry withdrawn from an edition."""

    period: str
    number: int
    institution: str
    reason: str
    document_no: str
    on: date
    how: str = "withdrawn"
    listed: str = "record"


class ReadingLine(Struct, frozen=True, kw_only=True):
    """One look at personal data that is not public."""

    account: str
    institution: str
    what: str
    purpose: str
    at: datetime


def editions(session: Session) -> list[EditionLine]:
    """Every edition's row, the newest first."""
    query = select(Edition).order_by(col(Edition.period).desc(), col(Edition.number).desc())
    rows = session.scalars(query)
    return [msgspec.convert(row, EditionLine, from_attributes=True) for row in rows]


def withdrawals(session: Session) -> list[WithdrawalLine]:
    """Every withdrawal in the order it was recorded."""
    query = (
        select(Withdrawal, Edition)
        .join(Edition, col(Withdrawal.edition) == col(Edition.id))
        .order_by(col(Withdrawal.id))
    )
    return [
        WithdrawalLine(
            period=edition.period,
            number=edition.number,
            institution=row.institution,
            reason=row.reason,
            document_no=row.document_no,
            on=row.on,
            how=row.how,
            listed=row.listed,
        )
        for row, edition in session.execute(query)
    ]


def readings(
    session: Session, institution: str = "", account: str = "", limit: int = 100
) -> list[ReadingLine]:
    """Who looked at personal data that is not public, the newest first."""
    query = select(Reading).order_by(col(Reading.id).desc()).limit(limit)
    if account:
        query = query.where(col(Reading.account) == account)
    if institution:
        query = query.where(col(Reading.institution) == institution)
    rows = session.scalars(query)
    return [msgspec.convert(row, ReadingLine, from_attributes=True) for row in rows]


def taken_in(session: Session, kind: str, digest: str) -> bool:
    """Whether a file with this digest has been taken in before."""
    query = select(col(ImportBatch.id)).where(
        col(ImportBatch.kind) == kind, col(ImportBatch.digest) == digest
    )
    return session.scalars(query.limit(1)).first() is not None
