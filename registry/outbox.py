"""Notices to people and institutions: made once by their key, seen here always, sent out until they arrive."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, col, select

from registry.access import Actor
from registry.database import reading, writing
from registry.procedure import KINDS, STATES, TRANSITIONS
from registry.queries.places import holds
from registry.tables import Account, Delivery, Grant, Matter, Outbox, Step

# Pauses between attempts; after the last one a delivery is dead, and stays to be seen.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1440))
AT_ONCE = 100
ASKED = 500  # keys in one statement
PLANNED_WITHIN = timedelta(days=7)
# What an institution is told of at once: (kind of matter, act).
TOLD = frozenset(
    (kind, act)
    for kind, acts in {
        "finding": "record hear confirm dismiss order extend pass fail annul",
        "spot": "file pay surcharge annul",
        "penalty": "notify hear call_hearing forgo_hearing decide serve annul",
        "listing": "notify hear decide serve expire lift repair annul",
        "white_loss": "notify notify_after hear hasten keep remove",
        "objection": "accept uphold undo correct reject withdraw",
        "repair": "accept refuse grant reject",
        "change": "apply reject",
        "alert": "issue renew end",
    }.items()
    for act in acts.split()
)

# What the day of a step is called where it ends no term.
_DAY = {"hearing_called": "听证日期"}


class Notice(Struct, frozen=True, kw_only=True):
    """What is to be known, by an account or by an institution; the link is relative to the site."""

    key: str
    kind: str
    account: str = ""
    institution: str = ""
    subject: str
    body: str
    link: str = ""
    to: str = ""


Send = Callable[[Notice], None]


class NotSent(Exception):
    """A channel could not deliver; the text says why."""


def put(session: Session, notice: Notice, now: datetime) -> bool:
    """Puts a notice where its addressee sees it; one with the same key is there already and stays."""
    session.flush()  # what it tells of stands before it
    values = {
        "key": notice.key,
        "kind": notice.kind,
        "account": notice.account,
        "institution": notice.institution,
        "subject": notice.subject[:200],
        "body": notice.body,
        "link": notice.link,
        "made_at": now,
    }
    return session.connection().execute(_put(), values).rowcount == 1


@cache
def _put() -> sa.Insert:
    """Inserts a notice unless its key is there; whoever writes is alone, so that nothing comes between."""
    table = SQLModel.metadata.tables["outbox"]
    columns = [one for one in table.c if one.name != "read_at"]
    there = sa.select(sa.literal(1)).where(
        table.c.key == sa.bindparam("key", type_=table.c.key.type)
    )
    values = (sa.bindparam(one.name, type_=one.type) for one in columns)
    insert = sa.insert(table).from_select(
        [one.name for one in columns], sa.select(*values).where(~there.exists())
    )
    return insert.execution_options(preserve_rowcount=True)


def known_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Which of these notices are there already."""
    found: set[str] = set()
    for at in range(0, len(keys), ASKED):
        some = keys[at : at + ASKED]
        found.update(session.exec(select(Outbox.key).where(col(Outbox.key).in_(some))))
    return found


def tell_of_step(
    session: Session, matter: Matter, step: Step, *, owner: str, by: Actor, now: datetime
) -> None:
    """Tells the institution of a step that concerns it, and whoever owns it of one the institution took."""
    label = next(one.label for one in TRANSITIONS if (one.kind, one.act) == (matter.kind, step.act))
    what = f"{KINDS[matter.kind]} {matter.id}：{label}，{STATES[step.state]}"
    papers = f"文号 {step.document_no}。" if step.document_no else ""
    until = f"{_DAY.get(step.state, '期限')} {step.due_on}。" if step.due_on else ""
    common: dict[str, Any] = {"kind": "step", "subject": what, "body": f"{what}。{papers}{until}"}
    key = f"step:{matter.id}:{step.seq}"
    if (matter.kind, step.act) in TOLD and by.role != "institution":
        notice = Notice(key=key, institution=matter.institution, link="my/", **common)
        put(session, notice, now)
    elif by.role == "institution" and owner:
        link = f"desk/matters/{matter.id}/"
        put(session, Notice(key=key, account=owner, link=link, **common), now)


def mark_read(
    session: Session, key: str, *, account: str = "", institution: str = "", now: datetime
) -> None:
    """Notes that an addressee has read a notice; another's stays as it is."""
    row = session.get(Outbox, key)
    mine = row is not None and (
        (account and row.account == account) or (institution and row.institution == institution)
    )
    if row is not None and mine and row.read_at is None:
        row.read_at = now
        session.add(row)


def deliver(engine: Engine, channels: Mapping[str, Send], now: datetime) -> int:
    """Sends what is due over every channel, at least once each; gives how many arrived.

    What was sent just before a crash is sent again; what fails is tried after ever longer pauses.
    """
    if not channels:
        return 0
    with writing(engine) as session:
        _plan(session, channels, now)
    with reading(engine) as session:
        due = _due(session, channels, now)
    arrived = 0
    for channel, notice in due:
        try:
            channels[channel](notice)
            error = ""
        except NotSent as wrong:
            error = str(wrong)
        with writing(engine) as session:
            _note(session, notice.key, channel, error, now)
        arrived += not error
    return arrived


def _plan(session: Session, channels: Mapping[str, Send], now: datetime) -> None:
    """One delivery per notice and channel; mail needs an address, so nobody without one waits for it."""
    for channel in channels:
        planned = select(Delivery.notice).where(Delivery.channel == channel)
        fresh = select(Outbox).where(
            col(Outbox.made_at) > now - PLANNED_WITHIN, col(Outbox.key).not_in(planned)
        )
        for row in session.exec(fresh.order_by(col(Outbox.key))).all():
            if channel != "mail" or _address(session, row, now):
                session.add(Delivery(notice=row.key, channel=channel, next_at=now))
    session.flush()


def _due(session: Session, channels: Mapping[str, Send], now: datetime) -> list[tuple[str, Notice]]:
    query = (
        select(Delivery.channel, Outbox)
        .join(Outbox, col(Outbox.key) == col(Delivery.notice))
        .where(col(Delivery.channel).in_(list(channels)), col(Delivery.next_at) <= now)
        .where(col(Delivery.delivered_at).is_(None), col(Delivery.failed_at).is_(None))
        .order_by(col(Delivery.next_at), col(Delivery.notice))
        .limit(AT_ONCE)
    )
    return [
        (
            channel,
            Notice(
                key=row.key,
                kind=row.kind,
                account=row.account,
                institution=row.institution,
                subject=row.subject,
                body=row.body,
                link=row.link,
                to=_address(session, row, now) if channel == "mail" else "",
            ),
        )
        for channel, row in session.exec(query).all()
    ]


def _address(session: Session, row: Outbox, now: datetime) -> str:
    """Where mail reaches the addressee: the account's own, or that of whoever acts for the institution today."""
    query = select(Account.email).where(col(Account.closed_at).is_(None), Account.email != "")
    if row.account:
        query = query.where(Account.id == row.account)
    else:
        acting = select(Grant.account).where(
            Grant.institution == row.institution, holds(now.date())
        )
        query = query.where(col(Account.id).in_(acting)).order_by(col(Account.id))
    return session.exec(query.limit(1)).first() or ""


def _note(session: Session, key: str, channel: str, error: str, now: datetime) -> None:
    row = session.get_one(Delivery, (key, channel))
    row.attempts, row.error = row.attempts + 1, error
    if not error:
        row.delivered_at = now
    elif row.attempts > len(PAUSES):
        row.failed_at = now
    else:
        row.next_at = now + PAUSES[row.attempts - 1]
    session.add(row)
