"""kill -9 at every step of a withdrawal: after it each edition is old or new, and repeating it finishes it."""

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

import config.commands  # noqa: F401 registers them
from config.settings import Settings, load_settings
from registry import queries
from registry.database import migrate, open_database, reading
from registry.procedure import KINDS
from tests.flows.past_city import ANNULLED, PRINTED, Office
from tests.flows.test_withdraw import account, words
from tests.flows.withdrawals import is_old_or_new, shows

STEPS = (
    (os, "replace"),
    (os, "rename"),
    (os, "fsync"),
    (os, "rmdir"),
)


class Then(datetime):
    """The instant at which the command is run."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return ANNULLED.astimezone(tz)


def ran(office: Office, kill_at: int = 0) -> tuple[int, str]:
    """The command in a process of its own, killed before its n-th step to the disk or the database.

    Gives how the process ended and the steps it took, a letter each.
    """
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        try:
            os._exit(_command(office, kill_at, tell))
        except BaseException:
            traceback.print_exc()
            os._exit(99)
    os.close(tell)
    _, status = os.waitpid(child, 0)
    with os.fdopen(told, "rb") as pipe:
        taken = pipe.read()
    return os.waitstatus_to_exitcode(status), taken.decode()


def _command(office: Office, kill_at: int, tell: int) -> int:
    from sqlalchemy.engine.default import DefaultDialect

    from config import cli
    from config.commands import withdraw
    from publisher import release

    steps = count(1)

    def stepping(do: Callable[..., Any], letter: bytes) -> Callable[..., Any]:
        def step(*given: Any, **more: Any) -> Any:
            if next(steps) == kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            os.write(tell, letter)
            return do(*given, **more)

        return step

    for module, name in (*STEPS, (release, "exchange"), (DefaultDialect, "do_commit")):
        setattr(module, name, stepping(getattr(module, name), name[:1].encode()))
    withdraw.datetime = Then  # type: ignore[attr-defined]
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)
    os.environ["XINYONG_DATA"] = str(office.settings.data)
    os.environ["XINYONG_DATABASE"] = office.settings.database
    sys.argv = ["xinyong", *words(office)]
    try:
        cli.main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


class Cities:
    """A city as it is before the withdrawal, and copies of it to be killed."""

    def __init__(self, whole: Office, copy: Callable[[Path], Settings], home: Path) -> None:
        self.whole, self._copy, self.home = whole, copy, home

    def fresh(self) -> Office:
        """A city as it was."""
        settings = self._copy(self.home / "copy")
        made = Office.__new__(Office)
        made.settings, made.punished = settings, self.whole.punished
        made.engine = open_database(settings.database, settings.schema)
        return made


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def cities(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cities]:
    home = tmp_path_factory.mktemp("killed")
    environ = {"XINYONG_DATA": str(home / "city")}
    server = ""
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        on_server(server, "CREATE DATABASE killed")
        environ["XINYONG_DATABASE"] = in_database(server, "killed")
    (home / "city").mkdir()
    settings = load_settings(None, environ)
    engine = open_database(settings.database, settings.schema)
    migrate(engine)
    office = Office(settings, engine)
    account(office)
    office.release(*PRINTED[:2])
    office.annul()
    engine.dispose()

    def copy(folder: Path) -> Settings:
        if folder.exists():
            shutil.rmtree(folder)
        shutil.copytree(settings.data, folder, symlinks=True)
        given = {"XINYONG_DATA": str(folder)}
        if server:
            on_server(server, "DROP DATABASE IF EXISTS copy WITH (FORCE)")
            on_server(server, "CREATE DATABASE copy TEMPLATE killed")
            given["XINYONG_DATABASE"] = in_database(server, "copy")
        return load_settings(None, given)

    yield Cities(office, copy, home)
    if server:
        for name in ("copy", "killed"):
            on_server(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def on_server(address: str, statement: str) -> None:
    engine = open_database(address)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    engine.dispose()


def in_database(address: str, name: str) -> str:
    return make_url(address).set(database=name).render_as_string(hide_password=False)


def on_record(office: Office) -> tuple[int, int, int]:
    """How many withdrawals, how many entries of the ledger for them, how many duties are still open."""
    with reading(office.engine) as session:
        ledger = queries.ledger_entries(session)
        duties = queries.matters(session, kinds=["withdrawal"], open_only=True)
        assert all(one.kind in KINDS for one in duties)
        entries = sum(one.act == "withdraw_entry" for one in ledger)
        return len(queries.withdrawals(session)), entries, len(duties)


def test_a_withdrawal_killed_at_any_step_leaves_old_or_new_and_is_finished_by_repeating(
    cities: Cities, request: pytest.FixtureRequest
) -> None:
    whole = cities.fresh()
    ended, steps = ran(whole)
    assert (ended, on_record(whole)) == (0, (2, 2, 0))
    whole.engine.dispose()
    # In a row of files that go to disk, or of folders that are dropped, one is like the next: its ends.
    wanted = [n for n in range(1, len(steps) + 1) if len(set(steps[max(0, n - 2) : n + 1])) > 1]
    assert steps.count("e") == 3  # one try on empty folders, and two editions
    if request.node.callspec.params["cities"] == "postgresql":
        wanted = [n for n in wanted if steps[n - 1] in "de"]  # the commits and the exchanges
    between = set()
    for n in wanted:
        office = cities.fresh()
        ended, _ = ran(office, n)
        assert ended == -signal.SIGKILL, n
        is_old_or_new(office, PRINTED[:2])
        between.add(tuple(shows(office, name) for name in PRINTED[:2]))
        assert ran(office)[0] == 0, n
        is_old_or_new(office, PRINTED[:2])
        assert not any(shows(office, name) for name in PRINTED[:2]), n
        assert on_record(office) == (2, 2, 0), n
        assert not list(office.settings.editions.glob("0-*")), n
        office.engine.dispose()
    assert between == {(True, True), (False, True), (False, False)}
