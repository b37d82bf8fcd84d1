"""The pulse: when each process that keeps the clock last did, so that a clock that stands is seen."""

from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Engine, delete, select, update
from sqlmodel import Session, col

from registry.tables import Pulse
from registry.watch import Node

FORGOTTEN = timedelta(days=7)
SILENT = timedelta(minutes=30)  # a large release may take long, and the tick waits for it
DONE_BY = 8  # o'clock: the day's run begins at midnight, and a person can still mend it on the day
Work = Literal["run_on", "reminded_on"]


def beat(engine: Engine, node: str, now: datetime) -> None:
    """Notes that a node keeps the clock now; it takes no part in the ledger and waits for no act."""
    with Session(engine.execution_options(write=True)) as session, session.begin():
        found = update(Pulse).where(col(Pulse.node) == node).values(ticked_at=now)
        if not session.connection().execute(found).rowcount:
            session.add(Pulse(node=node, began_at=now, ticked_at=now))
        session.connection().execute(delete(Pulse).where(col(Pulse.ticked_at) < now - FORGOTTEN))


def nodes(session: Session) -> list[Node]:
    """The nodes that keep the clock, the latest beat first."""
    rows = session.scalars(select(Pulse).order_by(col(Pulse.ticked_at).desc(), col(Pulse.node)))
    return [Node(name=one.node, began_at=one.began_at, ticked_at=one.ticked_at) for one in rows]


def undone_since(session: Session, now: datetime) -> date | None:
    """The last day whose run was done, where a clock goes and yet today's run is overdue.

    `now` is in the city's zone. None where all is well, and where no process has kept the clock for a while.
    """
    found = session.scalars(select(Pulse)).all()
    up = [
        one.began_at
        for one in found
        if now - one.ticked_at <= SILENT and now - one.began_at > SILENT
    ]
    if not up:
        return None
    began = min(up).astimezone(now.tzinfo).date()
    last = max((one.run_on for one in found if one.run_on is not None), default=began)
    days = (now.date() - last).days
    return last if days > 1 or (days == 1 and now.hour >= DONE_BY) else None


def is_done(engine: Engine, work: Work, day: date) -> bool:
    """Whether some node has done a day's work, so that the others need not do it again."""
    with Session(engine) as session, session.begin():
        found = select(col(Pulse.node)).where(col(getattr(Pulse, work)) == day).limit(1)
        return session.scalars(found).first() is not None


def note_done(engine: Engine, work: Work, day: date) -> None:
    """Notes for every node that a day's work is done; where no node has a pulse nobody is spared it."""
    with Session(engine.execution_options(write=True)) as session, session.begin():
        session.connection().execute(update(Pulse).values({work: day}))
