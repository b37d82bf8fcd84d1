"""Subscriptions: made, proven, paused and ended at the desk; what is to be pushed is queued once."""

from collections.abc import Iterable
from datetime import datetime
from secrets import token_hex
from typing import Any

from msgspec import Struct
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from registry.access import Actor
from registry.acts.authority import authorise, must_exist, require_jurisdiction
from registry.errors import Conflict, NotFound
from registry.forms import SubscriptionForm, edition_name
from registry.ledger import Act, append
from registry.tables import Edition, Push, Subscription, Withdrawal

KEEP = "keep_subscriptions"


class Message(Struct, frozen=True, kw_only=True):
    """One event as it is sent; its id is the same on every node and at every attempt."""

    event: str
    kind: str
    edition: str
    against: str
    institution: str
    happened_at: datetime
    body: str


class Queued(Struct, frozen=True, kw_only=True):
    """How far a queue has come: the last edition and the last withdrawal that are in it."""

    through: str
    withdrawn_through: int


def add_subscription(session: Session, form: SubscriptionForm, *, by: Actor, now: datetime) -> str:
    """Notes a subscriber, who is not called before it has proven itself; gives its number."""
    authorise(session, by, KEEP, "登记推送", now=now)
    if form.scope == "institution":
        must_exist(session, form.what)
    if form.scope == "jurisdiction":
        require_jurisdiction(session, form.what)
    id = f"TS-{token_hex(4)}"
    row = Subscription(
        **form.model_dump(), id=id, state="unverified", recorded_at=now, recorded_by=by.account
    )
    session.add(row)
    session.flush()
    _enter(session, "add_subscription", row, form.model_dump(mode="json"), by=by, now=now)
    return id


def activate_subscription(session: Session, id: str, *, by: Actor, now: datetime) -> None:
    """Notes that a subscriber answered its challenge: from now on it is told of what is new."""
    authorise(session, by, KEEP, "启用推送", now=now)
    row = subscription_of(session, id)
    if row.verified_at is None:
        start = _newest(session)
        row.through, row.withdrawn_through = start.through, start.withdrawn_through
    row.state, row.because, row.verified_at, row.hold_until = "active", "", now, None
    session.add(row)
    _enter(session, "activate_subscription", row, {}, by=by, now=now)


def pause_subscription(
    session: Session, id: str, because: str, *, by: Actor, now: datetime
) -> None:
    """Stops the calls; what comes meanwhile waits."""
    authorise(session, by, KEEP, "暂停推送", now=now)
    row = subscription_of(session, id)
    if row.state != "active":
        raise Conflict(f"推送“{id}”现在没有在用，不必暂停。")
    row.state, row.because = "paused", because[:300]
    session.add(row)
    _enter(session, "pause_subscription", row, {"because": row.because}, by=by, now=now)


def remove_subscription(session: Session, id: str, *, by: Actor, now: datetime) -> None:
    """Ends a subscription; what still waited is not sent, and its content is not kept."""
    authorise(session, by, KEEP, "取消推送", now=now)
    row = subscription_of(session, id)
    row.state, row.because = "removed", ""
    session.add(row)
    _drop(session, select(Push).where(Push.subscription == id))
    _enter(session, "remove_subscription", row, {}, by=by, now=now)


def renew_secret(session: Session, id: str, *, by: Actor, now: datetime) -> int:
    """Gives a subscriber another secret, with which it has to prove itself again; gives its generation."""
    authorise(session, by, KEEP, "更换推送密钥", now=now)
    row = subscription_of(session, id)
    row.generation += 1
    row.state, row.because = "unverified", "密钥已更换，等待重新核验"
    session.add(row)
    _enter(session, "renew_secret", row, {"generation": row.generation}, by=by, now=now)
    return row.generation


def queue_push(  # noqa: PLR0913 what, from where and how far
    session: Session,
    id: str,
    messages: Iterable[Message],
    done: Queued,
    *,
    since: Queued,
    by: Actor,
    now: datetime,
) -> int:
    """Puts new messages in a subscriber's queue, once, whichever node comes first; gives how many."""
    authorise(session, by, KEEP, "推送变化", now=now)
    row = subscription_of(session, id)
    if Queued(through=row.through, withdrawn_through=row.withdrawn_through) != since:
        return 0
    many = sum(_put(session, id, one, now, again=False) for one in messages)
    row.through, row.withdrawn_through = done.through, done.withdrawn_through
    session.add(row)
    if many:
        body = {"through": done.through, "messages": many}
        _enter(session, "queue_push", row, body, by=by, now=now)
    return many


def replay_push(
    session: Session,
    id: str,
    messages: Iterable[Message],
    since: str,
    *,
    by: Actor,
    now: datetime,
) -> int:
    """Sends again under the same ids, whatever came of them before; gives how many."""
    authorise(session, by, KEEP, "重新推送", now=now)
    row = subscription_of(session, id)
    if row.state in ("unverified", "removed"):
        raise Conflict(f"推送“{id}”还没有核验或者已经取消，不能重新推送。")
    many = sum(_put(session, id, one, now, again=True) for one in messages)
    _enter(session, "replay_push", row, {"since": since, "messages": many}, by=by, now=now)
    return many


def retry_push(session: Session, id: str, event: str, *, by: Actor, now: datetime) -> int:
    """Puts a dead letter, or without an event all of them, back in the queue; gives how many."""
    authorise(session, by, KEEP, "再次推送", now=now)
    row = subscription_of(session, id)
    found = _dead(session, id, event)
    for one in found:
        one.state, one.attempts, one.next_at, one.failed_at = "waiting", 0, now, None
        session.add(one)
    _enter(session, "retry_push", row, {"event": event, "messages": len(found)}, by=by, now=now)
    return len(found)


def let_go(session: Session, id: str, event: str, *, by: Actor, now: datetime) -> None:
    """Gives up a dead letter for good, so that what came after it may go."""
    authorise(session, by, KEEP, "放弃推送", now=now)
    row = subscription_of(session, id)
    for one in _dead(session, id, event):
        one.state, one.body = "dropped", ""
        session.add(one)
    _enter(session, "let_go_push", row, {"event": event}, by=by, now=now)


def subscription_of(session: Session, id: str) -> Subscription:
    """The row of a subscription that has not been ended; raises NotFound."""
    row = session.get(Subscription, id)
    if row is None or row.state == "removed":
        raise NotFound("推送", id)
    return row


def _put(session: Session, id: str, one: Message, now: datetime, *, again: bool) -> bool:
    """One message in the queue; one that is there already stays, unless it is to go out again."""
    if one.kind == "withdrawn":
        # What was withdrawn must not reach anybody any more, waiting or given up.
        touched = (col(Push.edition) == one.edition) | (col(Push.against) == one.edition)
        about = select(Push).where(
            Push.subscription == id, Push.institution == one.institution, touched
        )
        _drop(session, about.where(Push.kind != "withdrawn"))
    row = session.get(Push, (id, one.event))
    if row is not None and not again:
        return False
    if row is None:
        row = Push(subscription=id, event=one.event, next_at=now, **_content(one))
    else:
        row.sqlmodel_update({**_content(one), "state": "waiting", "attempts": 0, "next_at": now})
        row.delivered_at, row.failed_at, row.error = None, None, ""
    session.add(row)
    session.flush()
    return True


def _content(one: Message) -> dict[str, Any]:
    return {
        "edition": one.edition,
        "against": one.against,
        "institution": one.institution,
        "kind": one.kind,
        "happened_at": one.happened_at,
        "body": one.body,
    }


def _drop(session: Session, query: SelectOfScalar[Push]) -> None:
    """Whatever of these has not arrived is not sent any more, and its content is not kept."""
    for one in session.exec(query.where(col(Push.state).in_(("waiting", "dead")))).all():
        one.state, one.body = "dropped", ""
        session.add(one)
    session.flush()


def _dead(session: Session, id: str, event: str) -> list[Push]:
    query = select(Push).where(Push.subscription == id, Push.state == "dead")
    found = list(session.exec(query.where(Push.event == event) if event else query))
    if event and not found:
        raise NotFound("没有送达的推送", event)
    return found


def _newest(session: Session) -> Queued:
    """The newest released edition and the last withdrawal: what is before them is told by a replay only."""
    query = select(Edition).where(Edition.state == "released")
    row = session.exec(
        query.order_by(col(Edition.period).desc(), col(Edition.number).desc()).limit(1)
    ).first()
    name = "" if row is None else edition_name(row.period, row.number)
    last = session.exec(select(func.max(col(Withdrawal.id)))).one()
    return Queued(through=name, withdrawn_through=last or 0)


def _enter(
    session: Session,
    act: str,
    row: Subscription,
    body: dict[str, object],
    *,
    by: Actor,
    now: datetime,
) -> None:
    session.flush()
    append(session, Act(act=act, subject=row.id, body=body), by=by, now=now)
