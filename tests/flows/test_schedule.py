"""The clock releases what is signed when its hour has come: never earlier, never unsigned, never twice."""

import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from config import month
from config.demo.build import build_demo
from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from registry.database import leading
from tests.conftest import served

PERIOD = "2026-11"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = demo_settings(load_settings(None, {"XINYONG_DATA": str(tmp_path)}))
    build_demo(made, 3, lambda *_: None, size=20, periods=("2026-10",))
    return made


def signed(settings: Settings, now: datetime) -> None:
    engine = open_register(settings)
    month.prepare_month(engine, settings, PERIOD, by="publisher", now=now)
    month.approve_month(engine, settings, PERIOD, by="signer", now=now)
    engine.dispose()


def test_a_signed_edition_is_released_at_its_hour_and_once(settings: Settings) -> None:
    engine = open_register(settings)
    moment = month.moment_of(settings, PERIOD)
    before, after = moment - timedelta(seconds=1), moment + timedelta(days=3)
    assert month.release_due(engine, settings, after) == []
    assert "还没有拟制" in month.alarm(engine, settings, after)
    month.prepare_month(engine, settings, PERIOD, by="publisher", now=before)
    assert month.release_due(engine, settings, after) == []
    assert "还没有第二人签发" in month.alarm(engine, settings, after)
    month.approve_month(engine, settings, PERIOD, by="signer", now=before)
    assert month.release_due(engine, settings, before) == []
    assert (settings.editions / "current").resolve().name == "2026-10"
    assert month.release_due(engine, settings, after) == [PERIOD]
    assert (settings.editions / "current").resolve().name == PERIOD
    assert month.release_due(engine, settings, after) == []
    assert month.alarm(engine, settings, after) == ""
    engine.dispose()


def test_a_month_that_never_came_out_is_late_into_the_next(settings: Settings) -> None:
    """On 1 December, before December's own hour, November's list is still owed."""
    engine = open_register(settings)
    first = datetime(2026, 12, 1, 0, 1, tzinfo=settings.zone)
    assert "2026-11 版应于" in month.alarm(engine, settings, first)
    hour = month.moment_of(settings, "2026-12")
    both = month.alarm(engine, settings, hour)
    assert "2026-11 版应于" in both
    assert "2026-12 版应于" in both
    signed(settings, month.moment_of(settings, PERIOD))
    assert month.alarm(engine, settings, first) == ""
    engine.dispose()


def test_while_one_node_publishes_another_leaves_it_to_it(settings: Settings) -> None:
    engine = open_register(settings)
    moment = month.moment_of(settings, PERIOD)
    signed(settings, moment)
    with leading(engine) as mine:
        assert mine
        with leading(engine) as other:
            assert not other
        assert month.release_due(engine, settings, moment) == []
    assert month.release_due(engine, settings, moment) == [PERIOD]
    engine.dispose()


def test_a_server_catches_up_what_it_missed_by_itself(settings: Settings) -> None:
    signed(settings, month.moment_of(settings, PERIOD))
    with served(XINYONG_DATA=str(settings.data)) as url:
        for _ in range(600):
            text = httpx.get(url, headers={"Accept": "text/html"}).text
            if "2026年11月版" in text:
                break
            time.sleep(0.1)
        assert "2026年11月版" in text
