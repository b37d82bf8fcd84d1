"""Sends what waits to each subscriber: signed, in order for each institution, at least once, by one node."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Engine, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from registry.calling import Outcome, Target
from registry.database import reading, writing
from registry.outbox import PAUSES
from registry.tables import Push, Subscription

# A node that dies leaves its lease behind; another one goes on once it has run out.
LEASE = timedelta(minutes=5)
AT_ONCE = 100
EACH = 1000  # messages to one subscriber in one pass
AT_A_TIME = 8  # subscribers, so that a slow one holds up few others
OPEN = ("waiting", "dead")

Call = Callable[[Target, str, str], Outcome]


class Sender(Struct, frozen=True, kw_only=True):
    """One node that sends: its name in leases, its clock, and how it calls."""

    engine: Engine
    call: Call
    now: Callable[[], datetime]
    node: str

    def send_due(self) -> int:
        """Sends what is due; gives how many messages arrived."""
        with reading(self.engine) as session:
            ids = _with_work(session, self.now())
        if not ids:
            return 0
        with ThreadPoolExecutor(max_workers=min(AT_A_TIME, len(ids))) as pool:
            return sum(pool.map(self._serve, ids))

    def _serve(self, id: str) -> int:
        """Everything due to one subscriber, for as long as it answers; 0 while another node is at it."""
        arrived = 0
        while self._lease(id) and arrived < EACH:
            with reading(self.engine) as session:
                found = due(session, id, self.now())
            if not found:
                break
            for event in found:
                # Nothing is sent on a lease that another node may have taken over meanwhile.
                taken = self._take(id, event) if self._lease(id) else None
                if taken is None:
                    continue
                outcome = self.call(taken[0], event, taken[1])
                with writing(self.engine) as session:
                    goes_on = note(session, id, event, outcome, self.now())
                arrived += outcome.verdict == "arrived"
                if not goes_on:
                    self._give_back(id)
                    return arrived
        self._give_back(id)
        return arrived

    def _lease(self, id: str) -> bool:
        now = self.now()
        mine = or_(
            col(Subscription.leased_until).is_(None),
            col(Subscription.leased_until) < now,
            col(Subscription.leased_by) == self.node,
        )
        taken = (
            update(Subscription)
            .where(col(Subscription.id) == id, col(Subscription.state) == "active", mine)
            .values(leased_until=now + LEASE, leased_by=self.node)
        )
        with writing(self.engine) as session:
            return session.connection().execute(taken).rowcount == 1

    def _take(self, id: str, event: str) -> tuple[Target, str] | None:
        """Whom to call with what, as it stands at this moment; None when it is no longer to be sent."""
        with reading(self.engine) as session:
            row, message = session.get_one(Subscription, id), session.get_one(Push, (id, event))
            if message.state != "waiting":
                return None
            return Target(id=row.id, url=row.url, generation=row.generation), message.body

    def _give_back(self, id: str) -> None:
        given = (
            update(Subscription)
            .where(col(Subscription.id) == id, col(Subscription.leased_by) == self.node)
            .values(leased_until=None, leased_by="")
        )
        with writing(self.engine) as session:
            session.connection().execute(given)


def due(session: Session, id: str, now: datetime) -> list[str]:
    """The ids of what may be sent now: of each institution the first that has not arrived.

    What was given up holds back what came after it, until somebody sends it again or lets it go.
    """
    earlier: Any = aliased(Push)
    before = (earlier.happened_at < Push.happened_at) | (
        (earlier.happened_at == Push.happened_at) & (earlier.event < Push.event)
    )
    held = exists().where(
        earlier.subscription == Push.subscription,
        earlier.institution == Push.institution,
        earlier.state.in_(OPEN),
        before,
    )
    query = (
        select(Push.event)
        .where(Push.subscription == id, Push.state == "waiting", col(Push.next_at) <= now, ~held)
        .order_by(col(Push.happened_at), col(Push.event))
        .limit(AT_ONCE)
    )
    return list(session.exec(query).all())


def note(session: Session, id: str, event: str, outcome: Outcome, now: datetime) -> bool:
    """Notes what came of a call; whether the subscriber may be called again in this pass."""
    row = session.get_one(Push, (id, event))
    subscriber = session.get_one(Subscription, id)
    if outcome.verdict == "gone":
        subscriber.state, subscriber.because = "paused", outcome.error
        session.add(subscriber)
        return False
    if row.state != "waiting" and outcome.verdict != "arrived":
        return True  # it was let go while it was under way
    row.attempts, row.error = row.attempts + 1, outcome.error[:500]
    if outcome.verdict == "arrived":
        # Once it has arrived nothing of it is kept here: what is withdrawn later must not linger.
        row.state, row.delivered_at, row.body = "delivered", now, ""
        session.add(row)
        return True
    gives_up = row.attempts > len(PAUSES)
    if gives_up:
        row.state, row.failed_at = "dead", now
    else:
        row.next_at = now + max(PAUSES[row.attempts - 1], outcome.wait)
    if outcome.verdict == "unreachable":
        subscriber.hold_until = None if gives_up else row.next_at
        if gives_up:
            said = f"连续 {row.attempts} 次没有送达，最后一次：{outcome.error}"
            subscriber.state, subscriber.because = "paused", said[:300]
        session.add(subscriber)
    session.add(row)
    return outcome.verdict == "refused"


def _with_work(session: Session, now: datetime) -> list[str]:
    """The subscribers to whom something is due."""
    work = exists().where(
        col(Push.subscription) == col(Subscription.id),
        col(Push.state) == "waiting",
        col(Push.next_at) <= now,
    )
    free = or_(col(Subscription.hold_until).is_(None), col(Subscription.hold_until) <= now)
    query = select(Subscription.id).where(Subscription.state == "active", free, work)
    return list(session.exec(query.order_by(Subscription.id)))
