"""Push: proven before it is used, in order, at least once, given up in the open, never to a private network."""

import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook as Verifier

from registry import acts, calling, queries
from registry.calling import Caller, Outcome, Target, read_networks
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.forms import SubscriptionForm
from registry.outbox import PAUSES
from registry.push import LEASE, Sender
from tests.registry import people as p
from tests.registry.receivers import Subscriber, closed_port, running

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


def test_a_call_is_signed_with_a_secret_that_is_stored_nowhere(engine: Engine) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))  # noqa: TID251 the verifier refuses old signatures
    with pushing(engine) as (server, id, _):
        queued(engine, id, message(1))
        found = sender(engine, lambda: now)  # type: ignore[arg-type]
        assert found.send_due() == 1
        ((headers, body),) = server.calls
    secret = caller(lambda: now).secret(id, 1)
    Verifier(secret).verify(body.decode(), headers)
    with pytest.raises(Exception, match="signature"):
        Verifier(caller(lambda: now).secret(id, 2)).verify(body.decode(), headers)
    with reading(engine) as session:
        for table in ("subscription", "push", "ledger"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608
            assert secret.removeprefix("whsec_") not in str(rows)


@pytest.mark.parametrize("echoes", [True, False])
def test_only_who_sends_the_challenge_back_is_called(engine: Engine, echoes: bool) -> None:
    with running(Subscriber(echoes=echoes)) as server:
        outcome = caller(Clock()).challenge(Target(id="TS-1", url=server.url, generation=1))
    assert (outcome.verdict == "arrived") is echoes
    assert echoes or "核验词" in outcome.error


def test_nothing_is_queued_or_sent_before_it_is_proven(engine: Engine) -> None:
    sheet = {"url": "https://example.invalid/x", "contact": "李工", "scope": "city"}
    with writing(engine) as session:
        id = acts.add_subscription(
            session, read_form(SubscriptionForm, sheet), by=p.ADMIN, now=p.NOW
        )
    queued(engine, id, message(1))
    called: list[str] = []

    def call(_: Target, event: str, __: str) -> Outcome:
        called.append(event)
        return Outcome(verdict="arrived")

    assert sender(engine, Clock(), call=call).send_due() == 0
    assert called == []
    with writing(engine) as session:
        acts.activate_subscription(session, id, by=p.ADMIN, now=p.NOW)
    assert sender(engine, Clock(), call=call).send_due() == 1
    with writing(engine) as session:
        acts.renew_secret(session, id, by=p.ADMIN, now=p.NOW)
    queued(engine, id, message(2))
    assert sender(engine, Clock(), call=call).send_due() == 0
    assert called == ["evt_1"]


def test_each_institution_is_told_in_order_and_a_failure_holds_back_only_its_own(
    engine: Engine,
) -> None:
    with pushing(engine, (422, {})) as (server, id, clock):
        queued(engine, id, message(2), message(1), message(4, "NB-2"), message(3, "NB-2"))
        assert sender(engine, clock).send_due() == 2
        assert server.ids == ["evt_3", "evt_4"]
        assert line(engine, id).waiting == 2
        clock.at += PAUSES[0]
        assert sender(engine, clock).send_due() == 2
        assert server.ids == ["evt_3", "evt_4", "evt_1", "evt_2"]
        assert sender(engine, clock).send_due() == 0


def refuses(_: Target, event: str, body: str) -> Outcome:
    """What a receiver does that takes no message."""
    return Outcome(verdict="refused", error="接收方答复 400")


def given_up(engine: Engine, clock: Clock) -> None:
    """Every message that can be sent is refused until it is dead."""
    for pause in (*PAUSES, timedelta(0)):
        sender(engine, clock, call=refuses).send_due()
        clock.at += pause


def test_what_is_always_refused_is_given_up_seen_and_sent_again_by_hand(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2), message(3, "NB-2"))
        given_up(engine, clock)
        assert sender(engine, clock).send_due() == 0
        with reading(engine) as session:
            dead = queries.pushes(session, id, "dead")
        assert [(one.event, one.held, one.attempts) for one in dead] == [
            ("evt_1", 1, len(PAUSES) + 1),
            ("evt_3", 0, len(PAUSES) + 1),
        ]
        assert {one.error for one in dead} == {"接收方答复 400"}
        with writing(engine) as session, pytest.raises(NotFound):
            acts.retry_push(session, id, "evt_none", by=p.ADMIN, now=clock.at)
        with writing(engine) as session:
            assert acts.retry_push(session, id, "", by=p.ADMIN, now=clock.at) == 2
        assert sender(engine, clock).send_due() == 3
        assert server.ids == ["evt_1", "evt_3", "evt_2"]
        assert line(engine, id).dead == line(engine, id).waiting == 0


def test_a_letter_that_is_let_go_frees_what_came_after_it(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2))

        given_up(engine, clock)
        assert (line(engine, id).dead, line(engine, id).waiting) == (1, 1)
        with writing(engine) as session:
            acts.let_go(session, id, "evt_1", by=p.ADMIN, now=clock.at)
        assert sender(engine, clock).send_due() == 1
        assert server.ids == ["evt_2"]


def test_a_receiver_that_is_down_is_asked_seldom_and_paused_when_it_stays_down(
    engine: Engine,
) -> None:
    id = subscribed(engine, f"http://127.0.0.1:{closed_port()}/")
    clock = Clock()
    queued(engine, id, *[message(number, f"NB-{number}") for number in range(30)])
    calls: list[str] = []
    real = caller(clock)

    def counted(target: Target, event: str, body: str) -> Outcome:
        calls.append(event)
        return real.post(target, event, body)

    for pause in PAUSES:
        sender(engine, clock, call=counted).send_due()
        sender(engine, clock, call=counted).send_due()  # at once again: nobody is called
        clock.at += pause
    assert calls == ["evt_0"] * len(PAUSES)
    sender(engine, clock, call=counted).send_due()
    found = line(engine, id)
    assert (found.state, found.dead, found.waiting) == ("paused", 1, 29)
    assert "没有应答" in found.because
    with running(Subscriber()) as server:
        with writing(engine) as session:
            session.connection().exec_driver_sql(f"UPDATE subscription SET url = '{server.url}'")  # noqa: S608
            acts.activate_subscription(session, id, by=p.ADMIN, now=clock.at)
        assert sender(engine, clock).send_due() == 29


def test_gone_pauses_and_loses_nothing(engine: Engine) -> None:
    with pushing(engine, (410, {})) as (server, id, clock):
        queued(engine, id, message(1), message(2, "NB-2"))
        assert sender(engine, clock).send_due() == 0
        assert (line(engine, id).state, line(engine, id).waiting) == ("paused", 2)
        assert len(server.asked) == 1
        clock.at += timedelta(days=3)
        assert sender(engine, clock).send_due() == 0
        with writing(engine) as session:
            acts.activate_subscription(session, id, by=p.ADMIN, now=clock.at)
        assert sender(engine, clock).send_due() == 2
        assert server.ids == ["evt_1", "evt_2"]


WAITS = [
    ("7200", timedelta(hours=2)),
    ("Wed, 25 Nov 2026 09:00:00 GMT", timedelta(days=1)),
    ("99999999999999", timedelta(days=1)),
    ("soon", PAUSES[0]),
    ("-5", PAUSES[0]),
    ("Wed, 25 Nov 2020 09:00:00 GMT", PAUSES[0]),
]


@pytest.mark.parametrize(("said", "wait"), WAITS)
def test_too_many_requests_waits_as_long_as_it_is_asked_to(
    engine: Engine, said: str, wait: timedelta
) -> None:
    with pushing(engine, (429, {"Retry-After": said})) as (server, id, clock):
        queued(engine, id, message(1), message(2, "NB-2"))
        assert sender(engine, clock).send_due() == 0
        assert len(server.asked) == 1
        clock.at = p.NOW + wait - timedelta(seconds=1)
        assert sender(engine, clock).send_due() == 0
        assert len(server.asked) == 1
        clock.at = p.NOW + wait
        assert sender(engine, clock).send_due() == 2


def test_a_redirect_is_not_followed(engine: Engine) -> None:
    with running(Subscriber()) as elsewhere:
        to = {"Location": elsewhere.url}
        with pushing(engine, (302, to), (307, to), (308, to)) as (_, id, clock):
            queued(engine, id, message(1))
            for pause in PAUSES[:3]:
                assert sender(engine, clock).send_due() == 0
                clock.at += pause
            assert line(engine, id).waiting == 1
        assert elsewhere.asked == []


def test_a_receiver_that_answers_for_ever_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "SECONDS", 0.4)
    with running(Subscriber()) as server:
        server.drip = 0.05
        outcome = caller(Clock()).challenge(Target(id="TS-1", url=server.url, generation=1))
        server.drip = 0.0
    assert (outcome.verdict, "没有答完" in outcome.error) == ("unreachable", True)


def test_a_receiver_that_takes_the_call_and_says_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        outcome = caller(Clock()).post(Target(id="TS-1", url=url, generation=1), "e", BODY)
    assert outcome.verdict == "unreachable"


PRIVATE = [
    "https://127.0.0.1/",
    "https://10.1.2.3/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://localhost/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://224.0.0.1/",
]


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_network_is_never_called(url: str) -> None:
    outcome = caller(Clock(), ()).post(Target(id="TS-1", url=url, generation=1), "e", "{}")
    assert outcome.verdict == "unreachable"
    assert "没有呼叫" in outcome.error


def test_an_allowed_network_is_called_and_a_public_one_only_by_https() -> None:
    with running(Subscriber()) as server:
        target = Target(id="TS-1", url=server.url.replace("127.0.0.1", "localhost"), generation=1)
        both = read_networks("127.0.0.0/8, ::1/128")
        assert caller(Clock(), both).post(target, "e", '{"type":"x"}').verdict == "arrived"
    plain = Target(id="TS-1", url="http://93.184.215.14/", generation=1)
    assert "https://" in caller(Clock(), ()).post(plain, "e", "{}").error
    with pytest.raises(ValueError, match="10/8x"):
        read_networks("10.0.0.0/8,10/8x")


HOSTILE = [
    "ftp://example.com/",
    "https://user:secret@example.com/",
    "https://example.com/#x",
    "https://例.com/",
    "https://exa mple.com/",
    "https://example.com:99999/",
    "https:///path",
    "javascript:alert(1)//",
    "https://[::1/",
    "https://example.com:0/",
    "https://" + "a" * 600,
    "https://example.com/\r\nX: y",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_is_none_is_refused_with_its_reason(url: str) -> None:
    with pytest.raises(FormRefused) as refused:
        read_form(SubscriptionForm, {"url": url, "contact": "李工", "scope": "city"})
    assert "接收地址" in str(refused.value) or "控制字符" in str(refused.value)


def test_a_scope_says_what_it_is_for(engine: Engine) -> None:
    base = {"url": "https://example.com/", "contact": "李工"}
    for sheet in ({"scope": "city", "what": "330203"}, {"scope": "search"}, {"scope": "all"}):
        with pytest.raises(FormRefused):
            read_form(SubscriptionForm, base | sheet)
    for scope in ("institution", "jurisdiction"):
        form = read_form(SubscriptionForm, base | {"scope": scope, "what": "none"})
        with writing(engine) as session, pytest.raises(NotFound):
            acts.add_subscription(session, form, by=p.ADMIN, now=p.NOW)
    form = read_form(SubscriptionForm, base | {"scope": "city"})
    with writing(engine) as session, pytest.raises(NotAllowed):
        acts.add_subscription(session, form, by=p.WANG, now=p.NOW)


def test_two_nodes_queue_once_and_only_one_sends(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        with writing(engine) as session:
            done = acts.Queued(through="2026-11", withdrawn_through=0)
            for many in (1, 0):
                assert many == acts.queue_push(
                    session, id, [message(1)], done, since=START, by=p.QIAN, now=p.NOW
                )
        real, other = caller(clock), sender(engine, clock, "two")
        seen: list[int] = []

        def call(target: Target, event: str, body: str) -> Outcome:
            seen.append(other.send_due())  # the other node, while this one is at it
            return real.post(target, event, body)

        assert sender(engine, clock, "one", call).send_due() == 1
        assert (seen, server.ids) == ([0], ["evt_1"])
        assert other.send_due() == 0


def test_a_node_that_lost_its_lease_sends_nothing_more(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2, "NB-2"))
        real, other = caller(clock), sender(engine, clock, "two")

        def paused(target: Target, event: str, body: str) -> Outcome:
            clock.at += LEASE + timedelta(seconds=1)  # it slept, and another one took over
            assert other.send_due() == 2
            return real.post(target, event, body)

        assert sender(engine, clock, "one", paused).send_due() == 1
        assert server.ids == ["evt_1", "evt_2", "evt_1"]  # the same id: the receiver knows it
        assert line(engine, id).delivered == 2


CHILD = """
    import os, signal, sys
    from datetime import datetime, timedelta
    from registry.calling import Caller, read_networks
    from registry.database import open_database
    from registry.push import Sender

    url, schema, at = sys.argv[1:]
    now = lambda: datetime.fromisoformat(at)
    caller = Caller(master=b"m" * 32, now=now, networks=read_networks("127.0.0.0/8"))

    def call(target, event, body):
        outcome = caller.post(target, event, body)
        assert outcome.verdict == "arrived"
        os.kill(os.getpid(), signal.SIGKILL)

    Sender(engine=open_database(url, schema), call=call, now=now, node="child").send_due()
"""


def test_a_sender_killed_between_sending_and_noting_sends_again_under_the_same_id(
    engine: Engine,
) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2))
        url = engine.url.render_as_string(hide_password=False)
        schema = engine.get_execution_options().get("city", "")
        words = [sys.executable, "-c", textwrap.dedent(CHILD), url, schema, clock().isoformat()]
        root = Path(__file__).parents[2]
        done = subprocess.run(words, cwd=root, env={**os.environ, "PYTHONPATH": str(root)})
        assert done.returncode == -signal.SIGKILL
        assert server.ids == ["evt_1"]
        assert sender(engine, clock).send_due() == 0  # its lease still runs
        clock.at += LEASE + timedelta(seconds=1)
        assert sender(engine, clock).send_due() == 2
        assert server.ids == ["evt_1", "evt_1", "evt_2"]
        assert server.calls[0][1] == server.calls[1][1]


def test_a_replay_sends_the_same_ids_again(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2))
        assert sender(engine, clock).send_due() == 2
        with writing(engine) as session:
            rows = session.connection().exec_driver_sql("SELECT body FROM push").all()
            assert {row[0] for row in rows} == {""}  # nothing lingers once it has arrived
            again = [message(1), message(2), message(0)]
            assert acts.replay_push(session, id, again, "2026-10", by=p.QIAN, now=clock()) == 3
        assert sender(engine, clock).send_due() == 3
        assert server.ids == ["evt_1", "evt_2", "evt_0", "evt_1", "evt_2"]


def test_what_is_withdrawn_is_not_sent_any_more_but_its_withdrawal_is(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1), message(2, "NB-2"), message(3, against="2026-11"))
        gone = message(9, kind="withdrawn", body='{"type":"entry.withdrawn"}', against="")
        queued(engine, id, gone)
        assert sender(engine, clock).send_due() == 2
        assert server.ids == ["evt_2", "evt_9"]


def test_an_ended_subscription_keeps_no_content_and_sends_nothing(engine: Engine) -> None:
    with pushing(engine) as (server, id, clock):
        queued(engine, id, message(1))
        with writing(engine) as session:
            acts.remove_subscription(session, id, by=p.ADMIN, now=p.NOW)
            rows = session.connection().exec_driver_sql("SELECT body, state FROM push").all()
            assert [tuple(row) for row in rows] == [("", "dropped")]
        assert sender(engine, clock).send_due() == 0
        with reading(engine) as session, pytest.raises(NotFound):
            queries.subscription(session, id)
        assert server.asked == []
