"""The same migrations on both engines, and a ledger nobody can edit."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from config.keeping.alone import DAY, alone
from registry import tables
from registry.database import LEDGER, alembic_config, leading, migrate, revision_of, writing
from registry.errors import NewerDatabase


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    command.check(alembic_config(engine))
    made = set(inspect(engine).get_table_names()) - {"alembic_version"}
    assert made == set(SQLModel.metadata.tables)
    assert tables.__name__ == "registry.tables"


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before = revision_of(engine)
    migrate(engine)
    assert revision_of(engine) == before != ""


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabase, match="9999"):
        migrate(engine)


def append(engine: Engine, seq: int, previous: str, digest: str) -> None:
    ledger = SQLModel.metadata.tables["ledger"]
    words = ("account", "role", "act", "subject", "institution", "body")
    values: dict[str, object] = dict.fromkeys(words, "x")
    values |= {"seq": seq, "previous": previous, "digest": digest}
    values["at"] = datetime(2026, 11, 1, tzinfo=UTC)
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(ledger.insert().values(values))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET digest = 'c'",
        "DELETE FROM ledger",
        "DELETE FROM ledger WHERE seq = 2",
    ],
)
def test_the_ledger_is_append_only(engine: Engine, statement: str) -> None:
    append(engine, 1, "", "a" * 64)
    append(engine, 2, "a" * 64, "b" * 64)
    with (
        pytest.raises(DBAPIError, match="append-only"),
        engine.execution_options(write=True).begin() as connection,
    ):
        connection.execute(text(statement))


@pytest.mark.parametrize(("seq", "previous"), [(3, "a" * 64), (2, "x" * 64), (1, "")])
def test_an_entry_that_does_not_follow_is_refused(engine: Engine, seq: int, previous: str) -> None:
    append(engine, 1, "", "a" * 64)
    with pytest.raises(DBAPIError):
        append(engine, seq, previous, "b" * 64)


def test_of_all_processes_of_a_city_one_leads_until_it_lets_go(engine: Engine) -> None:
    with leading(engine) as first:
        assert first
        with leading(engine) as second:
            assert not second
    with leading(engine) as again:
        assert again


def test_a_work_that_is_done_may_be_begun_anew_at_once(engine: Engine, tmp_path: Path) -> None:
    """A connection that closes keeps its lock until the server notices, so it is given back before."""
    held = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    with engine.connect() as other:
        for _ in range(40):
            with alone(tmp_path, "每日办理", engine, DAY):
                pass
            if engine.dialect.name == "postgresql":
                assert other.execute(held).scalar() == 0


def test_an_act_has_the_write_lock_before_it_looks_at_the_clock(engine: Engine) -> None:
    """Else what waited for its turn would be recorded before what overtook it."""
    city = engine.get_execution_options().get("city")
    lock = f"SELECT pg_try_advisory_xact_lock({LEDGER}, hashtext('{city}'))"
    with writing(engine), engine.connect() as other:
        raw = other.connection.driver_connection
        assert raw is not None
        if city:
            assert raw.execute(lock).fetchone() == (False,)
            return
        raw.execute("PRAGMA busy_timeout=0")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            raw.execute("BEGIN IMMEDIATE")
