"""A city moves from one PostgreSQL server to another while it is used: no act is lost, doubled or refused."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from config.cities import moving
from config.cities.installation import Installation, load_installation
from config.cities.moving import MoveRefused, move_city
from config.register import existing_register, open_register
from registry import queries
from registry.access import Actor
from registry.database import migrate, open_database, reading, writing
from registry.errors import CityMoved, RegisterBusy
from registry.ledger import Act, append, check
from tests.conftest import served
from tests.flows.cities import (
    at_work,
    cleared,
    complaints_of,
    filled,
    fingerprint,
    installation_file,
)

BY = Actor(account="li", role="reviewer", name="李")


@pytest.fixture
def whole(tmp_path: Path, postgres: str, second_postgres: str) -> Iterator[Installation]:
    """Two cities, both on the first of two servers."""
    file = installation_file(tmp_path, 2, {"east": postgres, "west": second_postgres})
    made = filled(file)
    yield made
    cleared(made)


def now() -> datetime:
    """The instant of a move."""
    return datetime.now(UTC)


def noted(settings: object, subject: str) -> None:
    """One act."""
    engine = existing_register(settings)  # type: ignore[arg-type]
    with writing(engine) as session:
        append(session, Act(act="note", subject=subject), by=BY, now=now())
    engine.dispose()


def test_a_city_moves_while_it_is_used_and_nothing_is_lost_or_doubled(whole: Installation) -> None:
    east, west = whole.common.servers.values()
    stays = whole.member("city1").settings
    environ = {"XINYONG_CITIES": str(whole.file)}
    with served(**environ) as url:
        with at_work(url, whole) as said:
            time.sleep(1)
            command = [sys.executable, "-m", "config", "move", "city0", "west"]
            done = subprocess.run(
                command, env={**os.environ, **environ}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            assert "city0 已从 east 迁到 west" in done.stdout
            time.sleep(1)
        fresh = load_installation(whole.file)
        assert fresh.member("city0").server == "west"
        assert "# where it lies" in whole.file.read_text("utf-8")
        for one, member in zip(said, fresh.members, strict=True):
            assert one["failed"] == []
            assert len(one["done"]) > 5
            assert sorted(one["done"]) == sorted(complaints_of(member))
    moved, left = (open_database(url, "city_city0") for url in (west, east))
    with reading(moved) as session:
        assert check(session) == []
    moved.dispose()
    with pytest.raises(CityMoved, match="west"), left.connect():
        pass
    left.dispose()
    assert fingerprint(west, stays.schema) == {}


def test_what_arrives_is_what_was_left_table_by_table(whole: Installation) -> None:
    east, west = whole.common.servers.values()
    noted(whole.member("city0").settings, "before")
    before = fingerprint(east, "city_city0")
    other = fingerprint(east, "city_city1")
    done = move_city(whole, "city0", "west", now())
    assert fingerprint(west, "city_city0") == before == fingerprint(east, done.left)
    assert fingerprint(east, "city_city1") == other
    assert done.held is not None
    assert sum(done.held.tables.values()) > 0


def test_nobody_writes_in_the_place_that_was_left(whole: Installation) -> None:
    """Not a node that knew nothing of the move, not one with the old file, not an older program."""
    settings = whole.member("city0").settings
    running = existing_register(settings)
    with reading(running) as session:
        before = session.execute(text("SELECT count(*) FROM ledger")).scalar_one()
    move_city(whole, "city0", "west", now())
    with writing(running) as session:
        append(session, Act(act="note", subject="after"), by=BY, now=now())
    running.dispose()
    noted(settings, "by a new process with the old file")
    east, west = whole.common.servers.values()
    there_now = open_database(west, settings.schema)
    with there_now.connect() as there:
        assert there.execute(text("SELECT count(*) FROM ledger")).scalar_one() == before + 2
    there_now.dispose()
    alone = open_database(east, settings.schema)
    with pytest.raises(CityMoved):
        migrate(alone)
    alone.dispose()
    with create_engine(make_url(east), poolclass=NullPool).connect() as here:
        tables = "SELECT relname FROM pg_class WHERE relnamespace = 'city_city0'::regnamespace"
        assert here.execute(text(tables)).scalars().all() == ["alembic_version"]
        version = here.execute(text("SELECT version_num FROM city_city0.alembic_version"))
        assert version.scalar_one() == "moved to west"


def test_a_city_moves_back(whole: Installation) -> None:
    settings = whole.member("city0").settings
    running = existing_register(settings)
    for at, server in enumerate(("west", "east", "west")):
        done = move_city(whole, "city0", server, now())
        assert (done.was, done.now) == (("east", "west") if server == "west" else ("west", "east"))
        with writing(running) as session:
            append(session, Act(act="note", subject=f"{at}"), by=BY, now=now())
        time.sleep(1)  # what is left is named by the second
    with reading(running) as session:
        said = [one.subject for one in queries.ledger_entries(session, act="note")]
        assert check(session) == []
    running.dispose()
    assert said == ["2", "1", "0"]


def dies(whole: Installation, where: str) -> None:
    """A move dies as it comes to a function, as if the machine were gone."""
    child = os.fork()
    if not child:
        with patch.object(moving, where, lambda *_, **__: os.kill(os.getpid(), 9)):
            move_city(whole, "city0", "west", now())
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{where} was not reached"


@pytest.mark.parametrize("where", ["_stop_acts", "fill_schema", "_leave"])
def test_a_move_that_dies_before_the_switch_changes_nothing(
    where: str, whole: Installation
) -> None:
    settings = whole.member("city0").settings
    dies(whole, where)
    noted(settings, "goes on in the old place")
    done = move_city(whole, "city0", "west", now())
    assert (done.was, done.now) == ("east", "west")
    noted(settings, "and in the new one")
    engine = existing_register(settings)
    with reading(engine) as session:
        assert len(queries.ledger_entries(session, act="note")) == 2
        assert check(session) == []
    engine.dispose()


def test_a_move_that_dies_in_the_switch_is_ended_by_another(whole: Installation) -> None:
    """The old place has been left and the new one has not its name: nobody can write in either."""
    settings = whole.member("city0").settings
    running = existing_register(settings)
    with patch.object(moving, "_arrive", lambda *_: None):
        move_city(whole, "city0", "west", now())
    with pytest.raises(RegisterBusy), writing(running) as session:
        append(session, Act(act="note", subject="in between"), by=BY, now=now())
    done = move_city(whole, "city0", "west", now())
    assert (done.now, done.held) == ("west", None)
    with writing(running) as session:
        append(session, Act(act="note", subject="after"), by=BY, now=now())
    running.dispose()
    assert move_city(whole, "city0", "west", now()).held is None


def test_a_move_is_refused_where_something_would_be_overwritten_or_lost(
    whole: Installation, tmp_path: Path
) -> None:
    west = create_engine(make_url(whole.common.servers["west"]), poolclass=NullPool)
    with west.begin() as connection:
        connection.execute(text("CREATE SCHEMA city_city0"))
    with pytest.raises(MoveRefused, match="已有模式 city_city0"):
        move_city(whole, "city0", "west", now())
    with pytest.raises(MoveRefused, match=r"\[servers\] 里没有“north”.*east、west"):
        move_city(whole, "city0", "north", now())
    lite = installation_file(tmp_path / "lite", 1, {})
    with pytest.raises(MoveRefused, match="SQLite"):
        move_city(load_installation(lite, {}), "city0", "west", now())
    noted(whole.member("city0").settings, "goes on")


def test_a_city_leaves_the_installation_with_its_digests(
    whole: Installation, tmp_path: Path, second_postgres: str
) -> None:
    """By a backup, into a place of its own that knows nothing of the others."""
    if not shutil.which("pg_dump"):
        pytest.fail("no pg_dump here: apt-get install postgresql-client")
    settings = whole.member("city0").settings
    noted(settings, "before it left")
    out = tmp_path / "out"
    out.mkdir(mode=0o700)

    def run(*words: str, **environ: str) -> str:
        command = [sys.executable, "-m", "config", *words]
        done = subprocess.run(
            command, env={**os.environ, **environ}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    file = str(out / "city0.backup")
    run("--city", "city0", "backup", file, "--verify", XINYONG_CITIES=str(whole.file))
    alone = {"XINYONG_DATA": str(tmp_path / "alone"), "XINYONG_DATABASE": second_postgres}
    run("restore", file, **alone)
    assert fingerprint(second_postgres, settings.schema) == fingerprint(
        settings.database, settings.schema
    )
    alone["XINYONG_CITY"] = str(tmp_path / "alone" / "city")
    assert "before it left" in run("ledger", **alone)
    engine = open_register(whole.member("city1").settings)
    with reading(engine) as session:
        assert queries.ledger_entries(session, act="note") == []
    engine.dispose()
