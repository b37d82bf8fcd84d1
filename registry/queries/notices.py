"""What an account or an institution has been told, and what could not be sent."""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from registry.tables import Delivery, Outbox


class NoticeLine(Struct, frozen=True, kw_only=True):
    """One notice as its addressee sees it."""

    key: str
    kind: str
    subject: str
    body: str
    link: str
    made_at: datetime
    read_at: datetime | None


class DeadLetter(Struct, frozen=True, kw_only=True):
    """One notice that a channel gave up on, and why."""

    notice: str
    channel: str
    attempts: int
    error: str
    failed_at: datetime


def notices(
    session: Session, account: str = "", institution: str = "", limit: int = 100
) -> list[NoticeLine]:
    """The notices to an account or to an institution, the unread first, then the newest."""
    read = col(Outbox.read_at)
    query = _mine(select(Outbox), account, institution)
    query = query.order_by(read.is_not(None), col(Outbox.made_at).desc(), col(Outbox.key))
    rows = session.scalars(query.limit(limit))
    return [msgspec.convert(row, NoticeLine, from_attributes=True) for row in rows]


def unread(session: Session, account: str = "", institution: str = "") -> int:
    """How many notices an addressee has not read."""
    query = _mine(select(func.count()).select_from(Outbox), account, institution)
    return session.scalar(query.where(col(Outbox.read_at).is_(None))) or 0


def dead_letters(session: Session, limit: int = 100) -> list[DeadLetter]:
    """What could not be delivered however often it was tried, the newest first."""
    query = select(Delivery).where(col(Delivery.failed_at).is_not(None))
    rows = session.scalars(query.order_by(col(Delivery.failed_at).desc()).limit(limit))
    return [msgspec.convert(row, DeadLetter, from_attributes=True) for row in rows]


def _mine(query: Select[Any], account: str, institution: str) -> Select[Any]:
    """Only what is for this addressee; for neither of them there is nothing."""
    if institution:
        return query.where(col(Outbox.institution) == institution, col(Outbox.account) == "")
    return query.where(col(Outbox.account) == account, col(Outbox.account) != "")
