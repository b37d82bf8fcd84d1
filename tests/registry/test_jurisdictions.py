"""What the city says of its jurisdictions is what the register holds, from the next start on, and once."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from config import register
from config.city import CityJurisdiction
from config.register import open_register, opened_register
from config.settings import Settings, load_settings
from registry import queries
from registry.database import reading, writing
from registry.tables import Jurisdiction

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = NOW.date()
PLACE = CityJurisdiction(id="330203", name="海曙区", organ="教育局", since=date(2016, 9, 14))


@pytest.fixture
def settings(empty_file: Path, tmp_path: Path) -> Settings:
    """A city of one jurisdiction, whose register has not been opened yet."""
    shutil.copyfile(empty_file, tmp_path / "register.db")
    return saying(load_settings(None, {"XINYONG_DATA": str(tmp_path)}), PLACE)


def saying(settings: Settings, *places: CityJurisdiction) -> Settings:
    city = msgspec.structs.replace(settings.city, jurisdictions=places)
    return msgspec.structs.replace(settings, city=city)


def opened(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Every record there is once the register was opened."""
    engine = open_register(settings, now)
    with reading(engine) as session:
        rows = session.exec(select(Jurisdiction).order_by(col(Jurisdiction.key))).all()
        found = [one.model_dump() for one in rows]
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "海曙新区"),
        ("organ", "海曙区教育局"),
        ("since", date(2016, 10, 1)),
        ("until", date(2026, 12, 31)),
        ("until", TODAY - DAY),
    ],
)
def test_what_is_edited_is_recorded_at_the_next_start_and_once(
    settings: Settings, field: str, value: object
) -> None:
    assert len(opened(settings, NOW)) == 1
    edited = saying(settings, msgspec.structs.replace(PLACE, **{field: value}))
    for later in (DAY, 2 * DAY):
        old, new = opened(edited, NOW + later)
        assert (new["replaces"], new["recorded_at"]) == (old["key"], NOW + DAY)
        assert new[field] == value


def test_a_square_of_the_figure_is_no_matter_of_the_register(settings: Settings) -> None:
    opened(settings, NOW)
    moved = saying(settings, msgspec.structs.replace(PLACE, tile=(1, 1)))
    assert len(opened(moved, NOW + DAY)) == 1


@pytest.mark.parametrize(
    ("since", "until"), [(TODAY + 90 * DAY, None), (date(2000, 1, 1), date(2020, 1, 1))]
)
def test_what_is_not_in_force_today_is_recorded_once(
    settings: Settings, since: date, until: date | None
) -> None:
    place = msgspec.structs.replace(PLACE, since=since, until=until)
    for later in range(3):
        assert len(opened(saying(settings, place), NOW + later * DAY)) == 1


def test_what_was_known_before_the_edit_stays_known_and_no_day_is_without_the_place(
    settings: Settings,
) -> None:
    opened(settings, NOW)
    opened(saying(settings, msgspec.structs.replace(PLACE, name="海曙新区")), NOW + DAY)
    month_before = date(2026, 8, 31)
    with opened_register(settings) as engine, reading(engine) as session:
        for known_at, name in ((NOW, "海曙区"), (NOW + DAY, "海曙新区"), (None, "海曙新区")):
            found = queries.jurisdictions(session, month_before, known_at)
            assert [one.name for one in found] == [name]


def test_nodes_that_start_together_record_it_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def after_another(engine: Engine) -> Iterator[Session]:
        monkeypatch.undo()
        open_register(settings, NOW).dispose()
        with writing(engine) as session:
            yield session

    monkeypatch.setattr(register, "writing", after_another)
    assert len(opened(settings, NOW)) == 1


def test_a_process_that_knows_the_city_as_it_was_takes_nothing_back(settings: Settings) -> None:
    opened(settings, NOW)
    edited = saying(settings, msgspec.structs.replace(PLACE, name="海曙新区"))
    opened(edited, NOW + DAY)
    with opened_register(settings):
        pass
    assert len(opened(edited, NOW + DAY)) == 2
