"""The chain: a client that forges, replaces or edits is refused; what was edited behind it is found."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from registry.database import migrate, open_database, reading, writing
from registry.ledger import Act, append, check
from tests.registry import people as p


def filled(engine: Engine, count: int = 3) -> None:
    with writing(engine) as session:
        for number in range(count):
            append(session, Act(act="x", subject=str(number)), by=p.WANG, now=p.NOW)


def forced(engine: Engine, statement: str) -> None:
    """Runs a statement as somebody who can switch the guards off."""
    with engine.execution_options(write=True).begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER ledger_no_update"))
            connection.execute(text("DROP TRIGGER ledger_no_delete"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE ledger SET subject = 'y' WHERE seq = 2", "第 2 条的内容"),
        ("UPDATE ledger SET body = 'null ' WHERE seq = 1", "第 1 条的内容"),
        ("UPDATE ledger SET account = 'li' WHERE seq = 3", "第 3 条的内容"),
        ("DELETE FROM ledger WHERE seq = 2", "第 2 条缺失"),
        ("DELETE FROM ledger WHERE seq = 1", "第 1 条缺失"),
    ],
)
def test_what_was_edited_behind_the_guards_is_found(
    engine: Engine, statement: str, word: str
) -> None:
    filled(engine)
    with reading(engine) as session:
        assert check(session) == []
    forced(engine, statement)
    with reading(engine) as session:
        assert any(word in problem for problem in check(session))


def replaced(engine: Engine, table: str, column: str) -> str:
    """A statement that puts a changed copy over the first row."""
    names = "seq, previous, digest, at, account, role, act, subject, institution, body"
    if table == "step":
        names = (
            'id, matter, seq, act, state, "on", document_no, organ, first_officer, '
            "second_officer, reason, recorded_at, recorded_by"
        )
    values = names.replace(column, "'forged'")
    if engine.dialect.name == "sqlite":
        return f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table}"  # noqa: S608
    key = "seq" if table == "ledger" else "id"
    return (
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} "  # noqa: S608
        f"ON CONFLICT ({key}) DO UPDATE SET {column} = 'forged'"
    )


def run(engine: Engine, statement: str) -> None:
    with engine.execution_options(write=True).begin() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize("table", ["ledger", "step"])
def test_replacing_a_row_is_refused(engine: Engine, table: str) -> None:
    with writing(engine) as session:
        p.finding(session, p.city(session))
    statement = replaced(engine, table, "subject" if table == "ledger" else "reason")
    with pytest.raises(DBAPIError):
        run(engine, statement)
    with reading(engine) as session:
        assert check(session) == []


@pytest.mark.parametrize("statement", ["UPDATE step SET state = 'final'", "DELETE FROM step"])
def test_a_step_is_never_edited(engine: Engine, statement: str) -> None:
    with writing(engine) as session:
        p.finding(session, p.city(session))
    with pytest.raises(DBAPIError, match="append-only"):
        run(engine, statement)


def test_acts_at_once_make_one_chain(engine: Engine) -> None:
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                filled(engine, 1)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with reading(engine) as session:
        assert check(session) == []
        assert session.connection().execute(text("SELECT count(*) FROM ledger")).scalar() == 40


def test_what_is_read_cannot_write_on_postgresql(postgres: str) -> None:
    engine = open_database(postgres, "city_read")
    migrate(engine)

    def write() -> None:
        with reading(engine) as session:
            append(session, Act(act="x", subject="y"), by=p.WANG, now=p.NOW)

    with pytest.raises(DBAPIError, match="read-only"):
        write()
    engine.dispose()


def test_two_cities_on_one_server_never_meet(postgres: str) -> None:
    engines = [open_database(postgres, name) for name in ("city_one", "city_two")]
    for engine in engines:
        migrate(engine)
    with writing(engines[0]) as session:
        p.city(session)
    with Session(engines[1]) as session:
        found = session.connection().execute(text("SELECT count(*) FROM institution")).scalar()
        assert found == 0
    for engine in engines:
        engine.dispose()


def test_a_new_databases_folder_is_made(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'deep' / 'er' / 'register.db'}")
    migrate(engine)
    engine.dispose()
    assert (tmp_path / "deep" / "er" / "register.db").exists()
