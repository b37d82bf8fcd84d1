"""What is asked about one institution is found by an index: the time it takes does not grow with the register."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import SQLModel

from registry import queries
from registry.database import open_database, reading, writing
from tests.registry import people as p

ON = date(2026, 11, 24)
# Of the rest a city has some dozens, whatever the number of its institutions.
FEW = {"jurisdiction", "lineage", "account", "grant", "recusal", "campaign", "edition", "pulse"}
GROWING = SQLModel.metadata.tables.keys() - FEW
READ = ("SELECT", "WITH")


@contextmanager
def plans(engine: Engine) -> Iterator[dict[str, list[str]]]:
    """How SQLite goes about each statement that reads, by statement."""
    found: dict[str, list[str]] = {}

    def note(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
        if statement.startswith(READ):
            asked = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            found[statement] = [row[3] for row in asked]

    sa.event.listen(engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(engine, "before_cursor_execute", note)


def scanned(found: dict[str, list[str]]) -> list[tuple[str, str]]:
    """The statements that read the whole of a table that grows with the institutions, and how."""
    return [
        (step, statement)
        for statement, steps in found.items()
        for step in steps
        if step.startswith("SCAN ") and step.split()[1] in GROWING
        # In the order of an index and no further than asked is not the whole.
        if "LIMIT" not in statement or "USE TEMP B-TREE FOR ORDER BY" in steps
    ]


def register(file: Path, to: Path) -> Engine:
    """An empty register of its own."""
    return open_database(f"sqlite:///{shutil.copyfile(file, to / 'register.db')}")


def test_one_institution_costs_as_much_in_a_province_as_in_a_town(
    empty_file: Path, tmp_path: Path
) -> None:
    engine = register(empty_file, tmp_path)
    with writing(engine) as session:
        id = p.city(session)
        p.inspection(session, id)
        matter = p.penalty(session, id, p.finding(session, id))
    with plans(engine) as found:
        with writing(engine) as session:
            p.inspection(session, id, key="phone-0002")
            p.listed(session, id, p.penalty(session, id, p.finding(session, id, code="D02")))
        with reading(engine) as session:
            queries.credit_file(session, id, ON)
            queries.credit_file(session, id, ON, p.NOW)
            queries.matter(session, matter)
            queries.matters(session, institution=id)
            queries.shown_matters(session, id)
            queries.shown_matter(session, id, matter)
            queries.institution_lines(session, [id], ON)
            queries.inspections(session, institution=id)
            queries.duty_sheet(session, id, ON, p.POLICY)
            queries.lineage_of(session, id)
            queries.private_of(session, id)
            queries.unread(session, institution=id)
    assert len(found) > 50
    assert not scanned(found)
    engine.dispose()


def test_what_reads_all_is_seen(empty_file: Path, tmp_path: Path) -> None:
    engine = register(empty_file, tmp_path)
    with plans(engine) as found, reading(engine) as session:
        list(queries.credit_files(session, ON))
        queries.institutions(session, ON)
    assert scanned(found)
    engine.dispose()
