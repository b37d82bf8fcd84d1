"""The erasing of what is over its term (registry.retention): how many of which class, never what."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from registry.access import Actor
from registry.ledger import Act, append
from registry.procedure import is_open
from registry.retention import Term
from registry.tables import (
    Account,
    Attachment,
    Attempt,
    Complaint,
    Delivery,
    Handshake,
    Invitation,
    Matter,
    Outbox,
    Reading,
    Recovery,
    SignedIn,
    Step,
)
from registry.uploads import clean_of

ERASED = "（内容已按保存期限删除）"


class Erased(Struct, frozen=True, kw_only=True):
    """How many of a class are, or would be, erased."""

    key: str
    what: str
    number: int


def erase_over(
    session: Session,
    term: Term,
    *,
    uploads: Path,
    by: Actor,
    now: datetime,
    only_count: bool = False,
) -> Erased:
    """Erases what of one class is over its term, with an entry that says how many; gives how many.

    Each class is a transaction of its own, the files after the rows that name them: where a crash comes
    between, a file has no row and goes the next day.
    """
    if term.key in _FILES:
        number = _FILES[term.key](session, uploads, term.cut_at(now), only_count)
    else:
        number = _ROWS[term.key](session, term.cut_at(now), only_count)
    if number and not only_count:
        body = {"class": term.key, "number": number, "until": term.cut(now.date()).isoformat()}
        append(session, Act(act="erase", subject=term.key, body=body), by=by, now=now)
    return Erased(key=term.key, what=term.what, number=number)


def _count(session: Session, table: type[SQLModel], over: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(table).where(over)
    return int(session.execute(query).scalar_one())


def _gone(session: Session, table: type[SQLModel], over: ColumnElement[bool], count: bool) -> int:
    """Deletes the rows that are over, or counts them."""
    if count:
        return _count(session, table, over)
    done: Any = session.connection().execute(delete(table).where(over))
    return int(done.rowcount)


def _emptied(
    session: Session,
    table: type[SQLModel],
    over: ColumnElement[bool],
    values: dict[str, object],
    count: bool,
) -> int:
    """Empties columns of the rows that are over, or counts them; the rest of the row stays."""
    if count:
        return _count(session, table, over)
    done: Any = session.connection().execute(update(table).where(over).values(**values))
    session.expire_all()
    return int(done.rowcount)


def _handshakes(session: Session, cut: datetime, count: bool) -> int:
    return _gone(session, Handshake, col(Handshake.expires_at) < cut, count)


def _sessions(session: Session, cut: datetime, count: bool) -> int:
    ended = func.coalesce(col(SignedIn.revoked_at), col(SignedIn.expires_at))
    # A session that was ended early was also alive no longer than it might have been.
    return _gone(session, SignedIn, sa.and_(ended < cut, col(SignedIn.began_at) < cut), count)


def _attempts(session: Session, cut: datetime, count: bool) -> int:
    return _gone(session, Attempt, col(Attempt.at) < cut, count)


def _invitations(session: Session, cut: datetime, count: bool) -> int:
    ended = func.coalesce(
        col(Invitation.used_at), col(Invitation.revoked_at), col(Invitation.expires_at)
    )
    return _gone(session, Invitation, ended < cut, count)


def _accounts(session: Session, cut: datetime, count: bool) -> int:
    secrets = ("password_hash", "totp_secret", "email", "subject")
    kept = or_(*(getattr(Account, one) != "" for one in secrets))
    over = sa.and_(col(Account.closed_at) < cut, kept)
    if not count:
        closed = select(col(Account.id)).where(col(Account.closed_at) < cut)
        _gone(session, Recovery, col(Recovery.account).in_(closed), count)
    return _emptied(session, Account, over, dict.fromkeys(secrets, ""), count)


def _notices(session: Session, cut: datetime, count: bool) -> int:
    old = col(Outbox.made_at) < cut
    if not count:
        of = select(col(Outbox.key)).where(old)
        _emptied(session, Delivery, col(Delivery.notice).in_(of), {"error": ""}, count)
    values: dict[str, object] = {"subject": ERASED, "body": ""}
    return _emptied(session, Outbox, sa.and_(old, col(Outbox.body) != ""), values, count)


def _drafts(session: Session, cut: datetime, count: bool) -> int:
    over = sa.and_(col(Attachment.about).startswith("draft:"), col(Attachment.recorded_at) < cut)
    return _gone(session, Attachment, over, count)


def _complainants(session: Session, cut: datetime, count: bool) -> int:
    """By the day of the step that closed the complaint; one that is open keeps its contact however old."""
    later = aliased(Step)
    is_followed = (
        select(col(later.id))
        .where(col(later.matter) == col(Step.matter), col(later.seq) > col(Step.seq))
        .exists()
    )
    query = (
        select(col(Complaint.matter), col(Step.state), col(Step.on))
        .join(Matter, col(Matter.id) == col(Complaint.matter))
        .join(Step, col(Step.matter) == col(Complaint.matter))
        .where(col(Complaint.contact) != "", ~is_followed)
    )
    over = [
        matter
        for matter, state, on in session.execute(query)
        if not is_open("complaint", state) and on < cut.date()
    ]
    if count or not over:
        return len(over)
    return _emptied(session, Complaint, col(Complaint.matter).in_(over), {"contact": ""}, count)


def _readings(session: Session, cut: datetime, count: bool) -> int:
    return _gone(session, Reading, col(Reading.at) < cut, count)


def _uploads(session: Session, uploads: Path, cut: datetime, count: bool) -> int:
    """Files no row names, last handed in before the cut; nothing is attached while this act holds the lock."""
    old = [
        path
        for path in sorted(uploads.glob("[0-9a-f][0-9a-f]/*"))
        if len(path.name) == 64 and path.stat().st_mtime < cut.timestamp()
    ]
    named: set[str] = set()
    for start in range(0, len(old), 500):
        some = [path.name for path in old[start : start + 500]]
        named |= set(
            session.scalars(select(col(Attachment.sha256)).where(col(Attachment.sha256).in_(some)))
        )
    over = [path for path in old if path.name not in named]
    for path in () if count else over:
        clean_of(uploads, path.name).unlink(missing_ok=True)
        os.unlink(path)
    return len(over)


_ROWS: dict[str, Callable[[Session, datetime, bool], int]] = {
    "handshake": _handshakes,
    "session": _sessions,
    "attempt": _attempts,
    "invitation": _invitations,
    "account": _accounts,
    "notice": _notices,
    "draft": _drafts,
    "complainant": _complainants,
    "reading": _readings,
}
_FILES: dict[str, Callable[[Session, Path, datetime, bool], int]] = {"upload": _uploads}
