"""Push: proven before it is used, in order, at least once, given up in the open."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine
from standardwebhooks import Webhook as Verifier

from registry import acts, queries
from registry.calling import Outcome, Target
from registry.database import reading, writing
from registry.errors import NotFound, read_form
from registry.forms import SubscriptionForm
from registry.outbox import PAUSES
from tests.registry import people as p
from tests.registry.pushing import (
    Clock,
    caller,
    line,
    message,
    pushing,
    queued,
    sender,
)
from tests.registry.receivers import Subscriber, running


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
