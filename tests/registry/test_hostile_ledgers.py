"""Every kind of import takes every hostile string in every column of words, or names the cell; nothing by halves."""

from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from registry import acts
from registry.database import migrate, open_database, writing
from registry.errors import read_form
from registry.forms import CustodyForm
from registry.importing import FORMS, City, FileRefused, Outcome, read_sheets, take_in
from tests.registry import people as p
from tests.registry.ledgers import (
    FORMATS,
    Cell,
    kept_in_parts,
    map_of,
    rows_of,
    sound,
    text_fields,
    written,
)

TABLES = {
    "institutions": "profile",
    "inspections": "inspection",
    "findings": "finding",
    "covers": "cover",
    "licences": "licence",
    "custody-accounts": "custody",
    "custody-reports": "custody_report",
    "annual-inspections": "annual_inspection",
}
HOMES = {
    ("institutions", "name"): ("name", "text"),
    ("institutions", "address"): ("premises", "address"),
    ("institutions", "brand_names"): ("name", "text"),
    ("institutions", "branch_names"): ("name", "text"),
    ("institutions", "former_names"): ("name", "text"),
    ("institutions", "other_addresses"): ("premises", "address"),
    ("institutions", "code"): ("registration", "code"),
    ("institutions", "registrar"): ("registration", "registrar"),
    ("institutions", "registration_no"): ("registration", "number"),
    ("institutions", "legal_representative"): ("registration", "legal_representative"),
    ("institutions", "licence_no"): ("licence", "number"),
    ("findings", "id"): ("matter", "id"),
    ("findings", "document_no"): ("step", "document_no"),
    ("findings", "first_officer"): ("step", "first_officer"),
    ("findings", "second_officer"): ("step", "second_officer"),
}
CITY = City(prefix="NB", today=p.NOW.date(), codes={})


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, list[str]]:
    """A register in which nothing stays, and its institutions, each with an account in custody."""
    made = open_database(f"sqlite:///{tmp_path_factory.mktemp('ledgers') / 'register.db'}")
    migrate(made)
    with writing(made) as session:
        ids = [p.city(session)]
        ids += [p.institution(session, name=f"另一家{n}", address=f"{n}") for n in range(19)]
        for id in ids:
            form = read_form(CustodyForm, sound("custody-accounts", 0, id))
            acts.record_custody(session, form, by=p.QIAN, now=p.NOW)
    return made, ids


class _Over(Exception):
    """Ends the act, and takes back what it wrote."""


def taken(session: Session, kind: str, path: Path, *, accept: bool) -> Outcome:
    mapped = map_of(kind)
    sheets = read_sheets(path, mapped.encoding, mapped.sheet)
    return take_in(
        session, kind, path, sheets, mapped, city=CITY, by=p.QIAN, now=p.NOW, accept_valid=accept
    )


def column(session: Session, table: str, field: str) -> set[object]:
    """Everything that stands in a column."""
    found = SQLModel.metadata.tables[table].c[field]
    return set(session.connection().execute(sa.select(found)).scalars())


def count(session: Session) -> list[int]:
    """How many rows each table has."""
    tables = [
        sa.select(sa.func.count()).select_from(one) for one in SQLModel.metadata.sorted_tables
    ]
    return [session.connection().execute(one).scalar_one() for one in tables]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", FORMS)
def test_a_hostile_cell_is_taken_in_as_it_is_or_named(
    school: tuple[Engine, list[str]], tmp_path: Path, kind: str, form: str
) -> None:
    engine, ids = school
    found = list(rows_of(kind, ids))
    if form == "csv":
        found = [(row, cell) for row, cell in found if "\0" not in cell.text]
    path = written(tmp_path / f"ledger.{form}", kind, [row for row, _ in found])
    with suppress(_Over), writing(engine) as session:
        before = count(session)
        outcome = taken(session, kind, path, accept=False)
        assert outcome.problems, "a column that takes one of our own words takes nothing else"
        assert count(session) == before, "nothing is written by halves"
        whole = taken(session, kind, path, accept=True)
        assert whole.problems == outcome.problems
        _accounted(whole, [cell for _, cell in found])
        _kept(session, kind, whole, [cell for _, cell in found])
        raise _Over


def _accounted(outcome: Outcome, cells: list[Cell]) -> None:
    """Every row is in, there already, or named; by its heading, its value and what to do."""
    bad = {one.row for one in outcome.problems}
    assert outcome.rows == len(cells)
    assert outcome.new + outcome.known + len(bad) == len(cells)
    # A report names an institution and a bank, and both must be registered already.
    assert bool(outcome.new) == (outcome.kind != "custody-reports")
    headings = {cell.heading for cell in cells}
    for one in outcome.problems:
        assert one.column in headings | {"整行"}
        assert one.remedy
        assert one.column in one.sentence
        assert one.value in one.sentence
        assert f"第 {one.row} 行" in one.sentence


def _kept(session: Session, kind: str, outcome: Outcome, cells: list[Cell]) -> None:
    """What was taken in stands in the register as it was written."""
    bad = {one.row for one in outcome.problems}
    for field in text_fields(kind):
        home = HOMES.get((kind, field), (TABLES[kind], field))
        if field in ("institution", "jurisdiction", "predecessor"):
            continue
        held = column(session, *home)
        for number, cell in enumerate(cells, 2):
            if cell.field == field and number not in bad:
                for said in filter(None, kept_in_parts(cell.text, field)):
                    assert said in held, (field, said)


def test_a_file_with_a_nul_is_refused_whole(
    school: tuple[Engine, list[str]], tmp_path: Path
) -> None:
    path = tmp_path / "ledger.csv"
    path.write_bytes("机构名称,区县\n甲\0校,330203\n".encode())
    with pytest.raises(FileRefused, match="不是文本文件"):
        read_sheets(path)
