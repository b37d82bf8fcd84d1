"""The figures of a register that is watched: its ledger, its notices on their way, its editions."""

from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, select
from sqlmodel import Session, col

from registry.forms import edition_name
from registry.tables import Delivery, Edition, LedgerEntry, Withdrawal


class Figures(Struct, frozen=True, kw_only=True):
    """Counts at an instant; `newest` is the newest release as its name and its instant."""

    entries: int
    waiting: int
    dead: int
    editions: int
    withdrawn: int
    newest: tuple[str, datetime] | None


def figures(session: Session) -> Figures:
    """The counts, each by one query over an index or a small table."""
    open_ones = select(func.count()).where(
        col(Delivery.delivered_at).is_(None), col(Delivery.failed_at).is_(None)
    )
    dead = select(func.count()).where(col(Delivery.failed_at).is_not(None))
    released = col(Edition.state) == "released"
    newest = session.execute(
        select(col(Edition.period), col(Edition.number), col(Edition.released_at))
        .where(released, col(Edition.released_at).is_not(None))
        .order_by(col(Edition.period).desc(), col(Edition.number).desc())
        .limit(1)
    ).first()
    return Figures(
        entries=session.scalar(select(func.max(col(LedgerEntry.seq)))) or 0,
        waiting=session.scalar(open_ones) or 0,
        dead=session.scalar(dead) or 0,
        editions=session.scalar(select(func.count()).select_from(Edition).where(released)) or 0,
        withdrawn=session.scalar(select(func.count()).select_from(Withdrawal)) or 0,
        newest=(edition_name(newest.period, newest.number), newest.released_at) if newest else None,
    )


def acts_after(session: Session, seq: int) -> dict[str, int]:
    """How many entries of each act the ledger has after a number; entries never change, so sums stay."""
    query = (
        select(col(LedgerEntry.act), func.count().label("many"))
        .where(col(LedgerEntry.seq) > seq)
        .group_by(col(LedgerEntry.act))
    )
    return {row.act: row.many for row in session.execute(query)}


def instants_since(session: Session, since: datetime) -> list[datetime]:
    """When each entry since an instant was made."""
    query = select(col(LedgerEntry.at)).where(col(LedgerEntry.at) >= since)
    return list(session.scalars(query))


def last_instant(session: Session) -> datetime | None:
    """When the ledger's newest entry was made, by the clock of that moment."""
    query = select(col(LedgerEntry.at)).order_by(col(LedgerEntry.seq).desc()).limit(1)
    return session.scalar(query)
