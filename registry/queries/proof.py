"""The editions, the readings and the batches, for those who check the office's work."""

from collections.abc import Collection
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry.drafts import Draft, read_draft
from registry.forms import edition_name
from registry.tables import (
    Acceptance,
    Edition,
    EditionDraft,
    ImportBatch,
    Name,
    Reading,
    Withdrawal,
    WithdrawalRequest,
)


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
    difference: str = ""
    signed: str = ""
    released_on: date | None = None
    due_on: date | None = None
    cause: str = ""
    note: str = ""
    attempt: int = 1

    @property
    def name(self) -> str:
        """`2026-11`, or `2026-11.1` for a supplementary one."""
        return edition_name(self.period, self.number)

    @property
    def label(self) -> str:
        """`2026-11` → 2026年11月版; a supplementary edition says its number."""
        year, _, month = self.period.partition("-")
        label = f"{year}年{int(month)}月版"
        return f"{label}增补第{self.number}号" if self.number else label

    @property
    def order(self) -> tuple[str, int]:
        """By what editions follow one another."""
        return self.period, self.number


class AcceptanceLine(Struct, frozen=True, kw_only=True):
    """Who let a violation pass, when and why."""

    violation: str
    code: str
    reason: str
    recorded_by: str
    recorded_at: datetime


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

    @property
    def name(self) -> str:
        """The edition's name, as `EditionLine.name`."""
        return edition_name(self.period, self.number)


class WithdrawalRequestLine(Struct, frozen=True, kw_only=True):
    """A withdrawal somebody asked for, and where it stands."""

    id: int
    institution: str
    name: str
    editions: tuple[str, ...]
    reason: str
    document_no: str
    organ: str
    state: str
    seen: str
    note: str
    recorded_by: str
    recorded_at: datetime
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    finished_at: datetime | None = None


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


def edition_draft(session: Session, period: str, number: int) -> Draft | None:
    """What an edition changes and what is doubted of it, as it was prepared."""
    query = (
        select(col(EditionDraft.body))
        .join(Edition, col(EditionDraft.edition) == col(Edition.id))
        .where(col(Edition.period) == period, col(Edition.number) == number)
    )
    body = session.scalars(query).first()
    return read_draft(body) if body else None


def acceptances(session: Session, period: str, number: int) -> dict[str, AcceptanceLine]:
    """What was let pass in exactly the edition that is prepared now, by violation."""
    query = (
        select(Acceptance)
        .join(Edition, col(Acceptance.edition) == col(Edition.id))
        .where(col(Edition.period) == period, col(Edition.number) == number)
        .where(col(Acceptance.digest) == col(Edition.digest))
    )
    rows = session.scalars(query)
    found = [msgspec.convert(row, AcceptanceLine, from_attributes=True) for row in rows]
    return {one.violation: one for one in found}


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


def withdrawal_requests(
    session: Session, *, states: Collection[str] = (), id: int | None = None, limit: int = 100
) -> list[WithdrawalRequestLine]:
    """What was asked to be withdrawn, the newest first: all of it, or in some states, or one."""
    named = select(col(Name.text)).where(
        col(Name.institution) == col(WithdrawalRequest.institution),
        col(Name.kind) == "legal",
        col(Name.until).is_(None),
    )
    name = named.order_by(col(Name.id).desc()).limit(1).scalar_subquery()
    query = select(WithdrawalRequest, name).order_by(col(WithdrawalRequest.id).desc()).limit(limit)
    if states:
        query = query.where(col(WithdrawalRequest.state).in_(states))
    if id is not None:
        query = query.where(col(WithdrawalRequest.id) == id)
    found = []
    for row, called in session.execute(query):
        values = row.model_dump(exclude={"editions"})
        editions = tuple(row.editions.split(" "))
        found.append(WithdrawalRequestLine(name=called or "", editions=editions, **values))
    return found


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
