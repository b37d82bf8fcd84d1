"""The ledger as it is read: by act, subject, institution, account or day, the newest first."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlmodel import Session, col

from registry.errors import NotFound
from registry.tables import LedgerEntry, Profile


class LedgerLine(Struct, frozen=True, kw_only=True):
    """One entry of the ledger."""

    seq: int
    previous: str
    digest: str
    at: datetime
    account: str
    role: str
    act: str
    subject: str
    institution: str
    body: str


class LedgerFilter(Struct, frozen=True, kw_only=True):
    """Which entries are wanted; what is empty asks nothing. `since` counts, `until` no longer does."""

    institution: str = ""
    subject: str = ""
    account: str = ""
    act: str = ""
    since: datetime | None = None
    until: datetime | None = None
    jurisdictions: tuple[str, ...] = ()


ANY = LedgerFilter()


def ledger_head(session: Session, instant: datetime, edition: str) -> tuple[int, str]:
    """The number and digest of the last entry an edition seals; `(0, "")` where there is none.

    It is the last before the first one made at an instant, when the edition's last day is over, or later; of
    an edition that was prepared before, the last before that. What is entered later never moves it.
    """
    seq, entry = col(LedgerEntry.seq), LedgerEntry
    first = select(func.min(seq))
    over = session.scalar(first.where(col(entry.at) >= instant))
    own = col(entry.act) == "prepare_edition", col(entry.subject) == edition
    ends = [one for one in (over, session.scalar(first.where(*own))) if one is not None]
    query = select(seq, col(entry.digest)).order_by(seq.desc()).limit(1)
    row = session.execute(query.where(seq < min(ends)) if ends else query).first()
    return (row.seq, row.digest) if row else (0, "")


def ledger_digest(session: Session, seq: int) -> str:
    """The digest an entry bears; empty where there is no such entry."""
    return session.scalar(select(col(LedgerEntry.digest)).where(col(LedgerEntry.seq) == seq)) or ""


def ledger_entries(
    session: Session,
    wanted: LedgerFilter = ANY,
    *,
    institution: str = "",
    act: str = "",
    before: int = 0,
    limit: int = 100,
) -> list[LedgerLine]:
    """Entries, the newest first; `before` is the number to go on from."""
    query = select(LedgerEntry).order_by(col(LedgerEntry.seq).desc()).limit(limit)
    for condition in _conditions(wanted):
        query = query.where(condition)
    if institution:
        query = query.where(col(LedgerEntry.institution) == institution)
    if act:
        query = query.where(col(LedgerEntry.act) == act)
    if before:
        query = query.where(col(LedgerEntry.seq) < before)
    return [
        msgspec.convert(row, LedgerLine, from_attributes=True) for row in session.scalars(query)
    ]


def ledger_entry(session: Session, seq: int, jurisdictions: tuple[str, ...] = ()) -> LedgerLine:
    """One entry, or NotFound; of another jurisdiction's nothing is said."""
    query = select(LedgerEntry).where(col(LedgerEntry.seq) == seq)
    for condition in _conditions(LedgerFilter(jurisdictions=jurisdictions)):
        query = query.where(condition)
    row = session.scalars(query).first()
    if row is None:
        raise NotFound("台账条目", str(seq))
    return msgspec.convert(row, LedgerLine, from_attributes=True)


def _conditions(wanted: LedgerFilter) -> Iterable[Any]:
    for column, value in (
        (LedgerEntry.institution, wanted.institution),
        (LedgerEntry.subject, wanted.subject),
        (LedgerEntry.account, wanted.account),
        (LedgerEntry.act, wanted.act),
    ):
        if value:
            yield col(column) == value
    if wanted.since is not None:
        yield col(LedgerEntry.at) >= wanted.since
    if wanted.until is not None:
        yield col(LedgerEntry.at) < wanted.until
    if wanted.jurisdictions:
        under = select(col(Profile.institution)).where(
            col(Profile.jurisdiction).in_(wanted.jurisdictions)
        )
        yield col(LedgerEntry.institution).in_(under)
