"""One city's database: an SQLite file or one PostgreSQL schema; transactions and migrations."""

import fcntl
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from registry.errors import CityMoving, NewerDatabase, RegistryError
from registry.place import Place, keep_place, mark_of, place_of

LEDGER = 0x58494E  # the advisory lock under which acts of one city follow each other
LEADER = 0x58494F  # and this one under which one process publishes
PATIENCE = 120.0  # seconds for a release under way to end
TRIES = 3
MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "trusted_schema=OFF",
)


def open_database(url: str, schema: str = "", servers: Mapping[str, str] | None = None) -> Engine:
    """The engine of one city; on PostgreSQL every connection looks only into the city's schema.

    `servers` are the addresses, by name, that the city may have moved to; it is followed there.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        if address.database:
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address)
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    if schema and not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", schema):
        raise RegistryError(f"模式名“{schema}”不能用。请只用小写字母、数字和下划线。")
    options = {"options": f"-c search_path={schema}"} if schema else {}
    place = Place(address, schema, servers or {})
    engine = create_engine(
        address, connect_args=options, execution_options={"city": schema, "place": place}
    )
    keep_place(engine, place)
    event.listen(engine, "connect", _postgres_connect)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """One act: one transaction that holds the city's write lock from the beginning.

    So an act that takes the time inside is recorded after whatever came before it.

    An act that waited while the city moved to another server is done there. Raises CityMoving or
    RegisterBusy where it cannot be done now; then nothing was written.
    """
    with ExitStack() as held:
        yield _begun(engine, held)


def _begun(engine: Engine, held: ExitStack) -> Session:
    """A session in its transaction, behind the write lock and where the city lies."""
    for _ in range(TRIES):
        with suppress(_Left), ExitStack() as trying:
            session = trying.enter_context(Session(engine.execution_options(write=True)))
            trying.enter_context(session.begin())
            if engine.dialect.name == "postgresql":
                _wait_turn(session, engine.get_execution_options()["city"])
            else:
                session.connection()
            held.enter_context(trying.pop_all())
            return session
    raise CityMoving


class _Left(Exception):
    """The city has left while an act waited for its turn."""


def _wait_turn(session: Session, city: str) -> None:
    lock = text("SELECT pg_advisory_xact_lock(:key, hashtext(:city))")
    session.execute(lock, {"key": LEDGER, "city": city or "public"})
    if mark_of(session.connection(), city):
        raise _Left


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """One consistent view of the register that can change nothing."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    with Session(engine) as session, session.begin():
        yield session


@contextmanager
def leading(engine: Engine) -> Iterator[bool]:
    """Whether this process alone, of all nodes of the city, does the publishing for now.

    The lock ends with the process: on SQLite a lock on a file beside the database, on PostgreSQL an
    advisory lock on a connection of its own.
    """
    if engine.dialect.name == "sqlite":
        file = Path(f"{engine.url.database}.leader")
        with file.open("a") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        return
    with advisory(engine, LEADER) as mine:
        yield mine


@contextmanager
def advisory(engine: Engine, key: int) -> Iterator[bool]:
    """Whether a lock of the city on PostgreSQL is this process's alone, by a connection of its own."""
    lone = place_of(engine).lone(isolation_level="AUTOCOMMIT")
    city = engine.get_execution_options().get("city", "")
    with lone.connect() as connection:
        ask = text("SELECT pg_try_advisory_lock(:key, hashtext(:city))")
        values = {"key": key, "city": city}
        mine = bool(connection.execute(ask, values).scalar())
        try:
            yield mine
        finally:
            if mine:  # the server lets go of a closed connection's lock only when it notices
                give = text("SELECT pg_advisory_unlock(:key, hashtext(:city))")
                with suppress(DBAPIError):
                    connection.execute(give, values)


@contextmanager
def leading_soon(engine: Engine, seconds: float = PATIENCE) -> Iterator[bool]:
    """Leads, once whoever publishes now is done; not where that takes longer than so many seconds."""
    until = time.monotonic() + seconds
    with ExitStack() as held:
        while not (mine := held.enter_context(leading(engine))) and time.monotonic() < until:
            held.close()
            time.sleep(0.2)
        yield mine


def migrate(engine: Engine) -> None:
    """Brings the database to this version; the city's schema is created if it is missing."""
    from alembic import command

    schema = engine.get_execution_options().get("city", "")
    if schema:
        _create_schema(engine, schema)
    config = alembic_config(engine)
    found = revision_of(engine)
    if found and found not in known_revisions(engine):
        raise NewerDatabase(found)
    command.upgrade(config, "head")


def alembic_config(engine: Engine) -> Any:
    """What alembic needs to know, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    return config


def revision_of(engine: Engine) -> str:
    """The version the database is at; empty before the first migration."""
    from alembic.runtime.migration import MigrationContext

    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def known_revisions(engine: Engine) -> set[str]:
    """Every version this software knows how to come from."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(alembic_config(engine))
    return {script.revision for script in scripts.walk_revisions()}


def head_revision(engine: Engine) -> str:
    """The version this software needs the database to be at."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config(engine)).get_current_head() or ""


def _create_schema(engine: Engine, schema: str) -> None:
    # A connection whose search_path names a missing schema has no current schema, so use a plain one.
    with place_of(engine).lone().begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LEDGER})
        known = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
        # Who serves a city need not be allowed to make one.
        if not connection.execute(known, {"schema": schema}).scalar():
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))


def _sqlite_connect(raw: Any, _: object) -> None:
    raw.isolation_level = None  # the driver must never begin by itself
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    # A deferred BEGIN that reads and then writes fails at once when another has committed between.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _postgres_connect(raw: Any, _: object) -> None:
    raw.autocommit = True
    raw.execute("SET TIME ZONE 'UTC'; SET lock_timeout='10s'")
    raw.autocommit = False
