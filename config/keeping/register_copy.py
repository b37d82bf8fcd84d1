"""The register out of a running database into one file, and back into an empty one."""

import os
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from msgspec import Struct
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.engine import URL

from config.keeping.errors import BackupDamaged, ToolFailed
from config.keeping.packed import Head
from config.keeping.sealed import tool
from registry.database import open_database, reading, revision_of
from registry.place import place_of

CLIENT = "postgresql-client"
FILES = {"sqlite": "register.db", "postgresql": "register.sql"}
# What psql itself would act upon; of pg_dump's own making are only these two.
_OWN_WORDS = re.compile(rb"\\(un)?restrict [A-Za-z0-9]+\s*")
_MAY_BEGIN = re.compile(rb"\\")


class Counted(Struct, frozen=True, kw_only=True):
    """What a register held at the instant of its copy."""

    revision: str
    ledger: Head
    tables: dict[str, int]


def copy_register(engine: Engine, schema: str, into: Path) -> Counted:
    """Writes the register to a file in a folder while others go on writing; gives what the copy holds."""
    if engine.dialect.name == "sqlite":
        return _copy_sqlite(engine, into / FILES["sqlite"])
    return _copy_postgres(engine, schema, into / FILES["postgresql"])


def _copy_sqlite(engine: Engine, file: Path) -> Counted:
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as raw:
        raw.execute("PRAGMA busy_timeout=60000")
        raw.execute("VACUUM INTO ?", (str(file),))
    file.chmod(0o600)
    copied = open_database(f"sqlite:///{file}")
    try:
        return counted(copied)
    finally:
        copied.dispose()
        # The copy goes into the backup as one file, so nothing of it may wait in a log beside it.
        with closing(sqlite3.connect(file, isolation_level=None)) as raw:
            raw.execute("PRAGMA journal_mode=DELETE")


def _copy_postgres(engine: Engine, schema: str, file: Path) -> Counted:
    with reading(engine) as session:
        connection = session.connection()
        url = place_of(engine).url
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        words = [
            tool("pg_dump", CLIENT),
            f"--schema={schema}",
            f"--snapshot={snapshot}",
            "--no-owner",
            "--no-privileges",
            "--encoding=UTF8",
            f"--file={file}",
            "--dbname",
            _address(url),
        ]
        done = subprocess.run(  # noqa: S603
            words, capture_output=True, check=False, env=_environ(url)
        )
        if done.returncode:
            raise ToolFailed("pg_dump", done.stderr.decode("utf-8", "replace"))
        file.chmod(0o600)
        return _counted(connection, revision_of(engine))


def counted(engine: Engine) -> Counted:
    """What a register holds."""
    with reading(engine) as session:
        return _counted(session.connection(), revision_of(engine))


def _counted(connection: Connection, revision: str) -> Counted:
    tables = sorted(sa.inspect(connection).get_table_names())
    many = {
        one: connection.execute(sa.select(sa.func.count()).select_from(sa.table(one))).scalar_one()
        for one in tables
    }
    last = connection.execute(
        text("SELECT seq, digest FROM ledger ORDER BY seq DESC LIMIT 1")
    ).first()
    head = Head(seq=last.seq, digest=last.digest) if last else Head(seq=0, digest="")
    return Counted(revision=revision, ledger=head, tables=many)


def fill_schema(database: str, sql: Path, was: str, schema: str) -> None:
    """Fills a new schema from a dump, whole or not at all; `was` is the schema's name in the dump."""
    url = make_url(database)
    words = [
        tool("psql", CLIENT),
        *["--no-psqlrc", "--quiet", "--single-transaction", "--output=/dev/null"],
        "--set=ON_ERROR_STOP=1",
        "--file=-",
        "--dbname",
        _address(url),
    ]
    with tempfile.TemporaryFile() as said, sql.open("rb") as dump:
        process = subprocess.Popen(  # noqa: S603
            words, stdin=subprocess.PIPE, stderr=said, env=_environ(url)
        )
        try:
            _feed(process, _renamed(dump, was, schema))
        except BaseException:
            # Before the end of its input nothing is committed.
            process.kill()
            raise
        finally:
            status = process.wait()
        if status:
            said.seek(0)
            raise ToolFailed("psql", said.read().decode("utf-8", "replace"))


def _feed(process: "subprocess.Popen[bytes]", lines: Iterable[bytes]) -> None:
    stdin: Any = process.stdin
    with suppress(BrokenPipeError):  # psql has stopped, and says why
        for line in lines:
            stdin.write(line)
    with suppress(BrokenPipeError):
        stdin.close()


def _renamed(dump: IO[bytes], was: str, schema: str) -> Iterator[bytes]:
    """The dump's lines for another schema; rows are left as they are, and no line gives psql an order."""
    name = re.compile(rb'(?<![\w."])"?%s"?(?=[.;])' % re.escape(was.encode()))
    fresh = schema.encode()
    in_rows = False
    for line in dump:
        if in_rows:
            in_rows = line != b"\\.\n"
        elif _MAY_BEGIN.match(line):
            if not _OWN_WORDS.fullmatch(line):
                raise BackupDamaged(["成员 register/register.sql 里有不属于登记册的命令"])
        else:
            line = name.sub(fresh, line)
            in_rows = line.startswith(b"COPY ") and line.rstrip().endswith(b"FROM stdin;")
        yield line


def _address(url: URL) -> str:
    """The address as PostgreSQL's own programs write it, without the password."""
    shown = url.set(drivername="postgresql", password=None)
    return shown.render_as_string(hide_password=False)


def _environ(url: URL) -> dict[str, str]:
    # What stands on a command line, every user of the machine can read.
    more = {"PGPASSWORD": url.password} if url.password else {}
    return {**os.environ, "PGCONNECT_TIMEOUT": "10", **more}
