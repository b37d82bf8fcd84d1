"""Upgrades: from every version a filled register comes to this one whole, and the running one goes on meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from config.settings import Settings
from registry.database import MIGRATIONS, alembic_config, migrate, open_database, reading
from registry.ledger import breaks

VERSIONS = [one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]
# A step that the version before it could not have worked with, and why it was taken none the less.
BROKEN = {"0002": "before the first release", "0005": "before the first release"}
Shape = dict[str, dict[str, Any]]


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database with nothing in it yet."""
    if request.param == "sqlite":
        made = open_database(f"sqlite:///{tmp_path / 'register.db'}")
        yield made
        made.dispose()
        return
    address = request.getfixturevalue("postgres")
    plain = open_database(address)
    with plain.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS city_old CASCADE"))
        connection.execute(text("CREATE SCHEMA city_old"))
    made = open_database(address, "city_old")
    yield made
    made.dispose()
    with plain.begin() as connection:
        connection.execute(text("DROP SCHEMA city_old CASCADE"))
    plain.dispose()


def known(table: sa.Table, columns: set[str]) -> Any:
    """Of a table, the columns that it had at another version."""
    kept = [sa.column(one.name, one.type) for one in table.columns if one.name in columns]
    return sa.table(table.name, *kept)


def fill(source: Engine, target: Engine) -> dict[str, int]:
    """Copies what a real city holds into every table and column that a version had; how many rows of each."""
    there = inspect(target)
    many: dict[str, int] = {}
    with source.connect() as old, target.execution_options(write=True).begin() as new:
        for table in SQLModel.metadata.sorted_tables:
            if not there.has_table(table.name):
                continue
            columns = {one["name"] for one in there.get_columns(table.name)}
            part = known(table, columns)
            query = sa.select(part).order_by(*(sa.column(one.name) for one in table.primary_key))
            if rows := [dict(row) for row in old.execute(query).mappings()]:
                new.execute(sa.insert(part), rows)
            many[table.name] = len(rows)
    return many


@pytest.mark.parametrize("version", VERSIONS)
def test_a_filled_register_of_every_version_is_upgraded_whole(
    empty: Engine, demo: Settings, version: str
) -> None:
    command.upgrade(alembic_config(empty), version)
    source = open_database(demo.database)
    before = fill(source, empty)
    source.dispose()
    assert before["ledger"] > 10
    assert before["step"] > 10
    migrate(empty)
    with reading(empty) as session:
        assert list(breaks(session)) == []
        for name, many in before.items():
            table = SQLModel.metadata.tables[name]
            found = session.scalar(sa.select(sa.func.count()).select_from(table))
            assert found == many, name
    command.check(alembic_config(empty))
    for statement in ("UPDATE ledger SET account = 'x'", "DELETE FROM step"):
        with (
            pytest.raises(DBAPIError, match="append-only"),
            empty.execution_options(write=True).begin() as connection,
        ):
            connection.execute(text(statement))


def shape(engine: Engine) -> Shape:
    """What a program that writes to the database relies on."""
    there = inspect(engine)
    return {
        name: {
            "columns": {one["name"]: one for one in there.get_columns(name)},
            "unique": {one["name"] for one in there.get_unique_constraints(name)},
            "checks": {one["name"] for one in there.get_check_constraints(name)},
        }
        for name in there.get_table_names()
    }


def hindrances(before: Shape, after: Shape) -> Iterator[str]:
    """What of a step would stop the version that still runs while it is taken."""
    for table, had in before.items():
        if table not in after:
            yield f"table {table} is dropped"
            continue
        has = after[table]
        for name, column in had["columns"].items():
            if name not in has["columns"]:
                yield f"column {table}.{name} is dropped"
                continue
            now = has["columns"][name]
            if type(now["type"]) is not type(column["type"]):
                yield f"column {table}.{name} becomes {now['type']}"
            if column["nullable"] and not now["nullable"]:
                yield f"column {table}.{name} may be empty no more"
        for name in has["columns"].keys() - had["columns"].keys():
            fresh = has["columns"][name]
            if not fresh["nullable"] and fresh["default"] is None:
                yield f"column {table}.{name} is asked of a program that does not know it"
        for kind in ("unique", "checks"):
            for name in sorted(map(str, has[kind] - had[kind])):
                yield f"{table} is held to {name}"


def test_every_step_leaves_the_version_before_it_running(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'register.db'}")
    before: Shape = {}
    wrong: dict[str, list[str]] = {}
    for version in VERSIONS:
        command.upgrade(alembic_config(engine), version)
        after = shape(engine)
        if found := list(hindrances(before, after)):
            wrong[version] = found
        before = after
    engine.dispose()
    assert wrong.keys() == BROKEN.keys(), wrong


def test_a_step_that_would_stop_the_running_version_is_seen() -> None:
    column = {"type": sa.Integer(), "nullable": True, "default": None}
    old: Shape = {
        "a": {"columns": {"x": column, "y": column}, "unique": set(), "checks": set()},
        "b": {"columns": {}, "unique": set(), "checks": set()},
    }
    fresh = {"x": {**column, "type": sa.String()}, "z": {**column, "nullable": False}}
    new: Shape = {"a": {"columns": fresh, "unique": {"uq_a_x"}, "checks": set()}}
    assert sorted(hindrances(old, new)) == [
        "a is held to uq_a_x",
        "column a.x becomes VARCHAR",
        "column a.y is dropped",
        "column a.z is asked of a program that does not know it",
        "table b is dropped",
    ]
