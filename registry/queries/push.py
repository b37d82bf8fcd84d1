"""Subscriptions as the desk sees them, what waits for each, and what was given up."""

from datetime import datetime

import msgspec
from msgspec import Struct
from sqlalchemy import func, select
from sqlmodel import Session, col

from registry.errors import NotFound
from registry.forms import edition_name
from registry.queries.desk import institution_lines
from registry.tables import Edition, Profile, Push, Subscription, Withdrawal

SCOPES = {"city": "全市", "jurisdiction": "区县", "institution": "机构", "search": "查询词"}
SUBSCRIPTION_STATES = {
    "unverified": "待核验",
    "active": "在用",
    "paused": "已暂停",
    "removed": "已取消",
}


class SubscriptionLine(Struct, frozen=True, kw_only=True):
    """One subscription, with how many messages wait, arrived and were given up."""

    id: str
    url: str
    contact: str
    scope: str
    what: str
    state: str
    because: str
    generation: int
    verified_at: datetime | None
    through: str
    withdrawn_through: int
    hold_until: datetime | None
    waiting: int = 0
    dead: int = 0
    delivered: int = 0

    @property
    def scope_name(self) -> str:
        """What it is for, in words."""
        return f"{SCOPES[self.scope]}{'：' if self.what else ''}{self.what}"

    @property
    def state_name(self) -> str:
        """Where it stands, in a word."""
        return SUBSCRIPTION_STATES[self.state]


class PushLine(Struct, frozen=True, kw_only=True):
    """One message: about whom, where it stands, and why it did not arrive."""

    event: str
    edition: str
    institution: str
    kind: str
    state: str
    attempts: int
    next_at: datetime
    delivered_at: datetime | None
    failed_at: datetime | None
    error: str
    held: int = 0


class WithdrawnLine(Struct, frozen=True, kw_only=True):
    """One withdrawal as it is told: from which edition, of whom, why and when."""

    id: int
    edition: str
    digest: str
    institution: str
    name: str
    legal_form: str
    jurisdiction: str
    reason: str
    document_no: str
    on: str
    recorded_at: datetime


def subscriptions(session: Session, *, ended: bool = False) -> list[SubscriptionLine]:
    """Every subscription, the newest first; those that were ended only when asked for."""
    query = select(Subscription).order_by(
        col(Subscription.recorded_at).desc(), col(Subscription.id)
    )
    if not ended:
        query = query.where(col(Subscription.state) != "removed")
    counts = select(Push.subscription, Push.state, func.count()).group_by(  # type: ignore[call-overload] # columns
        col(Push.subscription), col(Push.state)
    )
    many = {(id, state): number for id, state, number in session.execute(counts)}
    return [
        msgspec.structs.replace(
            msgspec.convert(row, SubscriptionLine, from_attributes=True),
            **{name: many.get((row.id, name), 0) for name in ("waiting", "dead", "delivered")},
        )
        for row in session.scalars(query)
    ]


def subscription(session: Session, id: str) -> SubscriptionLine:
    """One subscription that has not been ended; raises NotFound."""
    found = [one for one in subscriptions(session) if one.id == id]
    if not found:
        raise NotFound("推送", id)
    return found[0]


def pushes(session: Session, id: str, state: str, limit: int = 50) -> list[PushLine]:
    """The messages of a subscription in one state, the oldest first; a dead one says how many it holds back."""
    query = (
        select(Push)
        .where(col(Push.subscription) == id, col(Push.state) == state)
        .order_by(col(Push.happened_at), col(Push.event))
        .limit(limit)
    )
    found = []
    for row in session.scalars(query):
        line = msgspec.convert(row, PushLine, from_attributes=True)
        later = select(func.count()).where(
            col(Push.subscription) == id,
            col(Push.institution) == row.institution,
            col(Push.state) == "waiting",
            col(Push.happened_at) > row.happened_at,
        )
        held = (session.scalar(later) or 0) if state == "dead" else 0
        found.append(msgspec.structs.replace(line, held=held))
    return found


def told_of(session: Session, id: str) -> frozenset[str]:
    """The institutions a subscriber has been told of, or is about to be."""
    query = select(Push.institution).where(col(Push.subscription) == id).distinct()  # type: ignore[call-overload] # a column
    return frozenset(session.scalars(query))


def last_withdrawal(session: Session) -> int:
    """The number of the withdrawal recorded last; 0 before the first."""
    return session.scalar(select(func.max(col(Withdrawal.id)))) or 0


def withdrawn_since(session: Session, id: int = 0) -> list[WithdrawnLine]:
    """The withdrawals recorded after one, in order."""
    query = (
        select(Withdrawal, Edition)
        .join(Edition, col(Withdrawal.edition) == col(Edition.id))
        .where(col(Withdrawal.id) > id)
        .order_by(col(Withdrawal.id))
    )
    rows = session.execute(query).all()
    ids = sorted({row.institution for row, _ in rows})
    places = select(Profile).where(col(Profile.institution).in_(ids)).order_by(col(Profile.id))
    profiles = {one.institution: one for one in session.scalars(places)}
    last = max((row.on for row, _ in rows), default=None)
    names = {one.id: one.name for one in institution_lines(session, ids, last)} if last else {}
    return [
        WithdrawnLine(
            id=row.id,
            edition=edition_name(edition.period, edition.number),
            digest=edition.digest,
            institution=row.institution,
            name=names.get(row.institution, ""),
            legal_form=getattr(profiles.get(row.institution), "legal_form", ""),
            jurisdiction=getattr(profiles.get(row.institution), "jurisdiction", ""),
            reason=row.reason,
            document_no=row.document_no,
            on=row.on.isoformat(),
            recorded_at=row.recorded_at,
        )
        for row, edition in rows
    ]
