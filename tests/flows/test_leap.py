"""A machine's clock is set far ahead while the service runs: nothing that cannot be undone is done by it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, select

from config.demo.build import PASSWORD
from config.settings import Settings
from config.steady import Steady
from registry.database import reading
from registry.errors import ClockLeapt
from registry.ledger import next_number
from registry.tables import Outbox, Pulse
from tests.flows.publishing_city import Copies, copies, moment, register
from tests.flows.test_clock import environ_of, until

__all__ = ["copies"]
ROOT = Path(__file__).parents[2]
FAR = timedelta(days=400)


@pytest.fixture
def city(copies: Copies) -> Iterator[Settings]:
    with copies.copy() as made:
        yield made


@contextmanager
def node(settings: Settings, off: Path) -> Iterator[httpx.Client]:
    """A node of the city whose clock is off by what a file says."""
    words = [sys.executable, "-m", "tests.flows.leaping", off, "serve", "--port", "0"]
    with subprocess.Popen(
        words, env=environ_of(settings), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://[\d.:]+", process.stdout.readline())
            assert found
            with httpx.Client(base_url=found[0], timeout=30) as client:
                yield client
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def set_clock(off: Path, instant: datetime) -> None:
    """Sets the node's clock to an instant, at once for whoever reads it."""
    fresh = off.with_suffix(".new")
    fresh.write_text(str((instant - datetime.now(instant.tzinfo)).total_seconds()))
    os.replace(fresh, off)


def run_on(settings: Settings, day: str) -> bool:
    """Whether a day's run was done."""
    with register(settings) as engine, reading(engine) as session:
        return day in {str(one) for one in session.scalars(select(col(Pulse.run_on)))}


def told(settings: Settings) -> list[tuple[str, str]]:
    """Whom the alarm of the clock was told, and with what words."""
    with register(settings) as engine, reading(engine) as session:
        found = session.scalars(select(Outbox).where(col(Outbox.key).startswith("alarm:clock:")))
        return [(one.account, one.body) for one in found]


def recorded(settings: Settings) -> int:
    """How far the ledger goes."""
    with register(settings) as engine, reading(engine) as session:
        return next_number(session)


def sign_in(client: httpx.Client) -> httpx.Response:
    """What somebody sends who wants to work."""
    headers = {"Accept": "application/json"}
    form = {"account": "inspector", "password": PASSWORD}
    return client.post("/sign-in", data=form, headers=headers)


def test_a_running_service_whose_clock_leaps_does_nothing_until_it_is_set_right(
    city: Settings, tmp_path: Path
) -> None:
    off, at = tmp_path / "off", moment(city)
    set_clock(off, at)
    with node(city, off) as client:
        until("the day's run", lambda: run_on(city, f"{at:%Y-%m-%d}"))
        until("ready", lambda: client.get("/readyz").status_code == 200)
        set_clock(off, at + FAR)
        until("the alarm", lambda: told(city))
        before = recorded(city)
        until("not ready", lambda: client.get("/readyz").status_code == 503)
        assert "本机的钟突然走到了" in client.get("/readyz").text
        refused = sign_in(client)
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "60")
        assert "重新启动 xinyong 服务" in refused.json()["detail"]
        assert client.get("/").status_code == 200
        time.sleep(1)  # some of its minutes
        assert recorded(city) == before
        assert not run_on(city, f"{at + FAR:%Y-%m-%d}")
        assert {account for account, _ in told(city)} == {"administrator"}
        set_clock(off, at + timedelta(minutes=5))
        until("ready again", lambda: client.get("/readyz").status_code == 200)
        assert sign_in(client).status_code == 303
        assert recorded(city) > before


def test_whoever_restarts_the_service_says_that_the_clock_is_right(
    city: Settings, tmp_path: Path
) -> None:
    off, at = tmp_path / "off", moment(city)
    set_clock(off, at + FAR)
    before = recorded(city)
    with node(city, off) as client:
        until("the day's run", lambda: run_on(city, f"{at + FAR:%Y-%m-%d}"))
        assert client.get("/readyz").status_code == 200
    assert recorded(city) > before
    assert told(city) == []


@pytest.mark.parametrize(
    ("clock", "passed", "leaps"),
    [
        (timedelta(hours=20), 0, False),  # a clock that was set by hours, as at a start
        (timedelta(days=30), 30 * 86_400, False),  # a machine that slept
        (timedelta(days=2), 0, True),
        (timedelta(days=-2), 0, True),
        (timedelta(0), 2 * 86_400, True),  # a clock that stands
    ],
)
def test_a_leap_is_what_passed_time_does_not_explain(
    city: Settings, clock: timedelta, passed: float, leaps: bool
) -> None:
    at, since = [moment(city)], [0.0]
    steady = Steady(city.zone, lambda: at[0], lambda: since[0])
    at[0], since[0] = at[0] + clock, since[0] + passed
    if not leaps:
        assert steady.now() == at[0]
        return
    for _ in range(2):
        with pytest.raises(ClockLeapt):
            steady.now()
    at[0] = moment(city) + timedelta(seconds=passed)
    assert steady.leapt() == ""
