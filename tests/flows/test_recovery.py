"""The worst day: a machine lost in the middle of a release, and a PostgreSQL brought back to an instant."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from sqlalchemy import Engine, text

from config import month
from config.keeping.errors import BackupDamaged
from config.keeping.rebuild import freeze_again, make_missing
from config.register import existing_register, open_register
from config.settings import Settings
from config.yearly import release_account, year_of
from publisher.edition import read_edition
from publisher.verify import verify
from publisher.year_check import check_year
from registry import queries
from registry.access import Actor
from registry.database import migrate, open_database, reading, writing
from registry.ledger import Act, append, check
from tests.conftest import binaries
from tests.flows.kept_city import backed_up, brought_back, kept_city, lose, quiet

PERIOD = "2026-12"


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with (
        kept_city(request, tmp_path / "data") as settings,
        patch.object(month, "renderers", lambda city, at: REAL(city, at, papers=False)),
    ):
        yield settings


REAL = month.renderers


def signed(settings: Settings) -> str:
    """The next edition is prepared and signed; its digest."""
    engine = open_register(settings)
    now = month.moment_of(settings, PERIOD)
    edition, _ = month.prepare_month(engine, settings, PERIOD, by="publisher", now=now)
    month.approve_month(
        engine, settings, PERIOD, by="signer", now=now, unheard="一个月的变动，来不及逐家听取"
    )
    engine.dispose()
    return edition.digest


def killed_at(where: str, settings: Settings) -> None:
    """The release dies as it comes to a function."""
    child = os.fork()
    if not child:
        with (
            contextlib.suppress(BaseException),
            patch(where, lambda *_, **__: os.kill(os.getpid(), 9)),
        ):
            engine = existing_register(settings)
            now = month.moment_of(settings, PERIOD)
            month.release_month(engine, settings, PERIOD, by="publisher", now=now)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"{where} was not reached"


def before_the_folder(settings: Settings) -> None:
    """The edition lies staged, and neither folder nor register has it."""
    killed_at("publisher.release.os.rename", settings)
    assert not (settings.editions / PERIOD).exists()


def between_folder_and_link(settings: Settings) -> None:
    """The folder is there; the link still names the one before, and the register does not know."""
    killed_at("publisher.release.switch", settings)
    assert (settings.editions / PERIOD).exists()


def between_folder_and_register(settings: Settings) -> None:
    """Folder and link are switched; the register does not know."""
    killed_at("registry.acts.release_edition", settings)
    assert (settings.editions / "current").resolve().name == PERIOD


def register_without_folder(settings: Settings) -> None:
    """The register knows, and the disk that had the folder is gone: the other order."""
    engine = existing_register(settings)
    now = month.moment_of(settings, PERIOD)
    month.release_month(engine, settings, PERIOD, by="publisher", now=now)
    engine.dispose()
    shutil.rmtree(settings.editions / PERIOD)
    (settings.editions / "current").unlink()
    (settings.editions / "current").symlink_to("2026-11")


STEPS: tuple[Callable[[Settings], None], ...] = (
    before_the_folder,
    between_folder_and_link,
    between_folder_and_register,
    register_without_folder,
)


@pytest.mark.parametrize("lost", STEPS, ids=[one.__name__ for one in STEPS])
def test_a_machine_lost_in_a_release_goes_on_elsewhere_and_publishes_once(
    lost: Callable[[Settings], None], city: Settings, tmp_path: Path
) -> None:
    digest = signed(city)
    lost(city)
    file = backed_up(city, tmp_path / "out/a.backup").file
    lose(city)
    brought_back(city, file)
    engine = existing_register(city)
    now = month.moment_of(city, PERIOD)
    month.release_due(engine, city, now)
    made = make_missing(engine, city, (), now)
    assert made == ([PERIOD] if lost is register_without_folder else [])
    # The clock ticks on, on this node and on another, and nothing more happens.
    assert month.release_due(engine, city, now) == []
    assert make_missing(engine, city, (), now) == []
    folder = city.editions / PERIOD
    assert (city.editions / "current").resolve() == folder
    assert read_edition(folder).digest == digest
    assert verify(folder, city.keys / "bureau.pub").problems == ()
    with reading(engine) as session:
        assert len(queries.ledger_entries(session, act="release_edition")) == 3
        rows = [one for one in queries.editions(session) if one.period == PERIOD]
        assert [(one.state, one.digest) for one in rows] == [("released", digest)]
        assert check(session) == []
    assert all(one.same and one.lies for one in freeze_again(engine, city, (), quiet))
    engine.dispose()


def test_what_the_public_has_since_is_taken_over_and_not_published_again(
    city: Settings, tmp_path: Path
) -> None:
    signed(city)
    file = backed_up(city, tmp_path / "out/a.backup").file
    engine = existing_register(city)
    now = month.moment_of(city, PERIOD)
    month.release_month(engine, city, PERIOD, by="publisher", now=now)
    engine.dispose()
    shutil.copytree(city.editions, tmp_path / "public", symlinks=True)
    lose(city)
    done = brought_back(city, file, published=tmp_path / "public")
    assert done.added == (PERIOD,)
    before = {one: one.stat().st_mtime_ns for one in (city.editions / PERIOD).rglob("*")}
    engine = existing_register(city)
    assert month.release_due(engine, city, now) == [PERIOD]
    engine.dispose()
    assert {one: one.stat().st_mtime_ns for one in before} == before
    assert (city.editions / "current").resolve().name == PERIOD


def supplemented(engine: Engine, city: Settings, many: int) -> list[str]:
    """So many supplementary editions of the last month, one each day."""
    for day in range(1, many + 1):
        now = month.moment_of(city, "2026-11") + timedelta(days=day)
        edition, _ = month.prepare_month(
            engine, city, "2026-11", by="publisher", now=now, supplement=True
        )
        month.approve_month(engine, city, edition.name, by="signer", now=now)
        month.release_month(engine, city, edition.name, by="publisher", now=now)
    return [f"2026-11.{one}" for one in range(1, many + 1)]


def test_more_than_nine_supplements_and_two_accounts_are_taken_over_in_their_order(
    city: Settings, tmp_path: Path
) -> None:
    file = backed_up(city, tmp_path / "out/a.backup").file
    engine = existing_register(city)
    names = supplemented(engine, city, 11)
    over = datetime(2027, 1, 15, 10, tzinfo=city.zone)
    said = year_of(engine, city, 2026, over, "登记较晚。")
    first, _ = release_account(engine, city, said, by="publisher", now=over)
    other = msgspec.structs.replace(said, problems=("原来写错了。",))
    second, _ = release_account(engine, city, other, by="publisher", now=over, because="原文有误")
    engine.dispose()
    shutil.copytree(city.editions, tmp_path / "public/editions", symlinks=True)
    shutil.copytree(city.data / "reports", tmp_path / "public/reports", symlinks=True)
    lose(city)
    done = brought_back(city, file, published=tmp_path / "public/editions")
    accounts = sorted(f"reports/{one.name}" for one in (first, second))
    assert done.added == (*names, *accounts)
    assert (city.editions / "current").readlink() == Path("2026-11.11")
    assert (city.data / "reports/2026").readlink() == Path(second.name)
    for one in (first, second):
        assert check_year(one, city.keys / "bureau.pub").problems == ()


def test_what_was_changed_in_the_publics_copy_is_refused_by_name(
    city: Settings, tmp_path: Path
) -> None:
    file = backed_up(city, tmp_path / "out/a.backup").file
    engine = existing_register(city)
    over = datetime(2027, 1, 15, 10, tzinfo=city.zone)
    said = year_of(engine, city, 2026, over, "登记较晚。")
    account, _ = release_account(engine, city, said, by="publisher", now=over)
    engine.dispose()
    (account / "index.html").write_text("<p>all is well")
    shutil.copytree(city.data, tmp_path / "public", symlinks=True)
    lose(city)
    with pytest.raises(BackupDamaged, match=r"index\.html 被改动"):
        brought_back(city, file, published=tmp_path / "public/editions")
    assert not city.data.exists()


class Server:
    """A PostgreSQL of its own that archives its log, as `README` says."""

    def __init__(self, home: Path) -> None:
        self.home, self.programs = home, binaries()
        user = pwd.getpwnam("nobody")
        self.become = (
            ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
            if os.getuid() == 0
            else []
        )
        if self.become:
            os.chown(home, user.pw_uid, user.pw_gid)
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, name: str, *words: object) -> None:
        """Runs one of PostgreSQL's programs as its owner."""
        line = [*self.become, str(self.programs / name), *map(str, words)]
        done = subprocess.run(line, cwd=self.home, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def start(self, data: Path, *more: str) -> str:
        """Starts it on a data folder; gives the address."""
        said = (self.home / "log").open("ab")
        words = ["-D", data, "-k", self.home, "-c", "listen_addresses=", "-c", "fsync=off", *more]
        line = [*self.become, str(self.programs / "postgres"), *map(str, words)]
        self.process = subprocess.Popen(line, cwd=self.home, stdout=said, stderr=said)
        said.close()
        ready = [self.programs / "pg_isready", "-q", "-h", self.home, "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            assert self.process.poll() is None, (self.home / "log").read_text()
            time.sleep(0.05)
        return f"postgresql+psycopg://xinyong@/postgres?host={self.home}"

    def kill(self) -> None:
        """The machine is gone, at once."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait()


@pytest.fixture
def server() -> Iterator[Server]:
    home = Path(tempfile.mkdtemp(prefix="xypitr-", dir="/tmp"))
    made = Server(home)
    yield made
    made.kill()
    shutil.rmtree(home)


def wrote(engine: Engine, subject: str) -> datetime:
    """An act, and an instant after it and before the next."""
    by = Actor(account="li", role="reviewer", name="李")
    with writing(engine) as session:
        append(session, Act(act="note", subject=subject), by=by, now=datetime.now(UTC))
    with engine.connect() as connection:
        at: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    time.sleep(0.01)
    return at


def test_postgresql_comes_back_to_an_instant_with_register_and_ledger_whole(
    server: Server,
) -> None:
    home, data = server.home, server.home / "data"
    words = ["-U", "xinyong", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    server.run("initdb", "-D", data, *words)
    (home / "archive").mkdir()
    shutil.chown(home / "archive", home.stat().st_uid, home.stat().st_gid)
    archiving = ("-c", "archive_mode=on", "-c", f"archive_command=cp %p {home}/archive/%f")
    engine = open_database(server.start(data, *archiving), "city_test")
    migrate(engine)
    wrote(engine, "before the base backup")
    server.run("pg_basebackup", "-h", home, "-U", "xinyong", "-D", home / "base", "-X", "none")
    wrote(engine, "after it")
    wanted = wrote(engine, "the last that was right")
    wrote(engine, "what should not have been")
    with engine.connect() as connection:
        file = connection.execute(text("SELECT pg_walfile_name(pg_current_wal_lsn())")).scalar_one()
        connection.execute(text("SELECT pg_switch_wal()"))
    await_archived(engine, file)
    engine.dispose()
    server.kill()
    shutil.rmtree(data)

    os.rename(home / "base", data)
    (data / "recovery.signal").touch()
    shutil.chown(data / "recovery.signal", home.stat().st_uid, home.stat().st_gid)
    recovering = (
        f"restore_command=cp {home}/archive/%f %p",
        f"recovery_target_time={wanted.isoformat()}",
        "recovery_target_action=promote",
    )
    address = server.start(data, *(word for one in recovering for word in ("-c", one)))
    engine = open_database(address, "city_test")
    await_promoted(engine)
    with reading(engine) as session:
        assert check(session) == []
        said = [one.subject for one in queries.ledger_entries(session)]
    assert said == ["the last that was right", "after it", "before the base backup"]
    wrote(engine, "life goes on")
    with reading(engine) as session:
        assert check(session) == []
    engine.dispose()


def await_archived(engine: Engine, file: str) -> None:
    """Until a file of the log, and with it all before it, lies in the archive."""
    assert file.isalnum()
    until(engine, f"SELECT last_archived_wal >= '{file}' FROM pg_stat_archiver")  # noqa: S608


def await_promoted(engine: Engine) -> None:
    """Until it takes writes again."""
    until(engine, "SELECT NOT pg_is_in_recovery()")


def until(engine: Engine, question: str) -> None:
    """Asks until the answer is yes; a server that dies ends the test by its own error."""
    while True:
        with engine.connect() as connection:
            if connection.execute(text(question)).scalar():
                return
        time.sleep(0.05)
