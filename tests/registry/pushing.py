"""What the tests of pushing share: a clock, a sender, a subscription in use, messages in its queue."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Engine

from registry import acts, queries
from registry.calling import Caller, read_networks
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import SubscriptionForm
from registry.push import Sender
from tests.registry import people as p
from tests.registry.receivers import Subscriber, running

LOCAL = read_networks("127.0.0.0/8")
MASTER = b"m" * 32
BODY = '{"type":"standing.changed"}'
START = acts.Queued(through="", withdrawn_through=0)


class Clock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.at = p.NOW

    def __call__(self) -> datetime:
        return self.at


def caller(clock: Any, networks: Any = LOCAL) -> Caller:
    return Caller(master=MASTER, now=clock, networks=networks)


def sender(engine: Engine, clock: Clock, node: str = "one", call: Any = None) -> Sender:
    return Sender(engine=engine, call=call or caller(clock).post, now=clock, node=node)


def subscribed(engine: Engine, url: str, scope: str = "city", what: str = "") -> str:
    """A subscription in use."""
    sheet = {"url": url, "contact": "李工 0574-1", "scope": scope, "what": what}
    form = read_form(SubscriptionForm, sheet)
    with writing(engine) as session:
        id = acts.add_subscription(session, form, by=p.ADMIN, now=p.NOW)
        acts.activate_subscription(session, id, by=p.ADMIN, now=p.NOW)
    return id


def message(number: int, institution: str = "NB-1", **changed: Any) -> acts.Message:
    made = acts.Message(
        event=f"evt_{number}",
        kind="changed",
        edition="2026-11",
        against="2026-10",
        institution=institution,
        happened_at=p.NOW + timedelta(seconds=number),
        body=json.dumps({"type": "standing.changed", "data": {"number": number}}),
    )
    return msgspec.structs.replace(made, **changed)


def queued(engine: Engine, id: str, *messages: acts.Message) -> int:
    """Puts messages in a queue, as the first of any number of nodes does."""
    with writing(engine) as session:
        line = queries.subscription(session, id)
        since = acts.Queued(through=line.through, withdrawn_through=line.withdrawn_through)
        done = acts.Queued(through=line.through + "x", withdrawn_through=line.withdrawn_through)
        return acts.queue_push(session, id, messages, done, since=since, by=p.QIAN, now=p.NOW)


def line(engine: Engine, id: str) -> queries.SubscriptionLine:
    with reading(engine) as session:
        return queries.subscription(session, id)


@contextmanager
def pushing(engine: Engine, *answers: Any) -> Iterator[tuple[Subscriber, str, Clock]]:
    """A receiver, its subscription, and a clock."""
    with running(Subscriber(*answers)) as server:
        yield server, subscribed(engine, server.url), Clock()
