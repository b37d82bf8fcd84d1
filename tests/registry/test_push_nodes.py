"""Push by several nodes: queued once, sent by one, again under the same id after a kill."""

import os
import signal
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine

from registry import acts
from registry.calling import Outcome, Target
from registry.database import writing
from registry.push import LEASE
from tests.registry import people as p
from tests.registry.pushing import START, caller, line, message, pushing, queued, sender


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
