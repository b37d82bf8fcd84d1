"""A small city that publishes, copied afresh for every way in which something may go wrong."""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from config import month
from config.demo.build import build_demo
from config.doctor import editions
from config.doctor.signs import Fault, Ground
from config.settings import Settings, demo_settings, load_settings
from publisher.verify import verify
from registry import queries
from registry.database import open_database, reading

LAST, PERIOD = "2026-10", "2026-11"
RENDERERS = month.renderers


@contextmanager
def without_papers() -> Iterator[None]:
    """Papers are files like others, and slow: here editions come out without them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            month, "renderers", lambda city, at, *, papers=True: RENDERERS(city, at, papers=False)
        )
        yield


def disagreements(settings: Settings, engine: Engine) -> list[str]:
    """What the doctor finds of the editions: rows, folders, the one that is shown."""
    ground = Ground(settings=settings, now=datetime.now(settings.zone), engine=engine)
    looks = (editions.editions, editions.current)
    return [str(one) for look in looks for one in look(ground) if isinstance(one, Fault)]


class Copies:
    """A city built once, and copies of it: its folder, and on PostgreSQL its database."""

    def __init__(self, folder: Path, postgres: str) -> None:
        self.folder, self.postgres, self.many = folder, postgres, 0
        self.base = self._settings(folder / "base", "copies_base")
        self._sql('CREATE DATABASE "copies_base"')
        with without_papers():
            build_demo(self.base, 5, lambda *_: None, size=12, periods=(LAST,))

    @contextmanager
    def copy(self, of: Settings | None = None) -> Iterator[Settings]:
        """A copy of the city, or of a copy of it."""
        self.many += 1
        source, name = of or self.base, f"copies_{self.many}"
        made = self._settings(self.folder / name, name)
        shutil.copytree(source.data, made.data, symlinks=True)
        if self.postgres:
            self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{make_url(source.database).database}"')
        try:
            yield made
        finally:
            self._sql(f'DROP DATABASE "{name}" WITH (FORCE)')
            shutil.rmtree(made.data, ignore_errors=True)

    def end(self) -> None:
        self._sql('DROP DATABASE "copies_base" WITH (FORCE)')

    def _settings(self, data: Path, name: str) -> Settings:
        environ = {"XINYONG_DATA": str(data)}
        if self.postgres:
            url = make_url(self.postgres).set(database=name)
            environ["XINYONG_DATABASE"] = url.render_as_string(hide_password=False)
        return demo_settings(load_settings(None, environ))

    def _sql(self, said: str) -> None:
        if self.postgres:
            engine = create_engine(self.postgres, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(said))
            engine.dispose()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Copies]:
    """The city on each engine."""
    on = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    made = Copies(tmp_path_factory.mktemp("copies"), on)
    yield made
    made.end()


@contextmanager
def register(settings: Settings) -> Iterator[Engine]:
    """The city's register, closed at the end."""
    engine = open_database(settings.database, settings.schema)
    try:
        yield engine
    finally:
        engine.dispose()


def moment(settings: Settings) -> datetime:
    """The hour of the next edition."""
    return month.moment_of(settings, PERIOD)


def prepare(settings: Settings) -> None:
    """What the publisher does."""
    with register(settings) as engine:
        month.prepare_month(engine, settings, PERIOD, by="publisher", now=moment(settings))


def approve(settings: Settings) -> None:
    """What the signer does."""
    with register(settings) as engine:
        month.approve_month(engine, settings, PERIOD, by="signer", now=moment(settings))


def release(settings: Settings) -> None:
    """What the clock does at the hour."""
    release_at(settings, moment(settings))


def release_at(settings: Settings, now: datetime) -> None:
    """What the clock does at an instant."""
    with without_papers(), register(settings) as engine:
        month.release_due(engine, settings, now)


def in_a_child(work: Callable[[], None], stop: Callable[[int], None] | None = None) -> int:
    """How a process ended that did the work: 0, or minus the signal that killed it."""
    child = os.fork()
    if child == 0:
        try:
            if stop:
                arm(stop)
            work()
            os._exit(0)
        except BaseException:
            traceback.print_exc(file=sys.stderr)
            os._exit(7)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(number: int) -> Callable[[int], None]:
    """Kills this process when it comes to a step."""

    def stop(step: int) -> None:
        if step == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return stop


def arm(stop: Callable[[int], None]) -> None:
    """Calls before every commit, rename, link, sync and every eighth file: in a child, for it never ends."""
    steps, files = [0], [0]

    def step() -> None:
        steps[0] += 1
        stop(steps[0])

    def before(name: str) -> None:
        real = getattr(os, name)

        def call(*words: object, **more: object) -> object:
            step()
            return real(*words, **more)

        setattr(os, name, call)

    for name in ("rename", "replace", "fsync", "symlink", "link"):
        before(name)
    import io

    real_open = io.open

    def opened(file: object, mode: str = "r", *words: object, **more: object) -> object:
        if set(mode) & set("wxa"):
            files[0] += 1
            if files[0] % 8 == 1:
                step()
        return real_open(file, mode, *words, **more)  # type: ignore[call-overload]

    io.open = opened  # type: ignore[assignment]
    event.listen(Engine, "commit", lambda _: step())


def served_now(settings: Settings) -> str:
    """The edition that is shown, which is whole."""
    folder = (settings.editions / "current").resolve()
    problems = verify(folder, settings.keys / "bureau.pub").problems
    # Killed before the switch, the new one lies there and the old one is shown.
    assert [one for one in problems if not one.startswith("现行版次 current")] == []
    return folder.name


def acts_of(settings: Settings, name: str = PERIOD) -> list[str]:
    """What the ledger holds of an edition, in order."""
    with register(settings) as engine, reading(engine) as session:
        wanted = queries.LedgerFilter(subject=name)
        return [one.act for one in queries.ledger_entries(session, wanted, limit=99)][::-1]


def states(settings: Settings) -> dict[str, str]:
    """Where each edition stands."""
    with register(settings) as engine, reading(engine) as session:
        return {one.name: one.state for one in queries.editions(session)}
