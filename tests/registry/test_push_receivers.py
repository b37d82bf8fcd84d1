"""Receivers that are down, gone, busy, endless or silent: asked seldom, paused, left; nothing is lost."""

import socket
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from registry import acts, calling
from registry.calling import Outcome, Target
from registry.database import writing
from registry.outbox import PAUSES
from tests.registry import people as p
from tests.registry.pushing import (
    BODY,
    Clock,
    caller,
    line,
    message,
    pushing,
    queued,
    sender,
    subscribed,
)
from tests.registry.receivers import Subscriber, closed_port, running


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
