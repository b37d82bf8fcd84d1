"""The clock of several nodes: exactly one edition, whatever stops, jumps, fills up, hangs or goes away."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from config import month
from config.bounded import TookTooLong, WorkFailed, within
from config.clock import Clock
from config.mistakes import sentence_of
from config.settings import Settings
from publisher.edition import Edition
from registry.access import Actor
from registry.database import leading
from tests.flows.publishing_city import (
    LAST,
    PERIOD,
    Copies,
    acts_of,
    approve,
    arm,
    copies,
    moment,
    prepare,
    register,
    release,
    release_at,
    served_now,
    states,
)

__all__ = ["copies"]
ROOT = Path(__file__).parents[2]
KEEPER = Actor(account="keeper", role="administrator", name="登记员")


@pytest.fixture(scope="module")
def signed(copies: Copies) -> Iterator[Settings]:
    """The city whose next edition is signed and waits for its hour."""
    with copies.copy() as made:
        prepare(made)
        approve(made)
        yield made


@pytest.fixture
def city(copies: Copies, signed: Settings) -> Iterator[Settings]:
    with copies.copy(signed) as made:
        yield made


def environ_of(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "XINYONG_DATA": str(settings.data),
        "XINYONG_DATABASE": settings.database,
    }


def until(what: str, seen: object) -> None:
    """Waits for another process."""
    for _ in range(900):
        if seen():  # type: ignore[operator]
            return
        time.sleep(0.1)
    raise AssertionError(f"{what}: never")


@contextmanager
def node(settings: Settings) -> Iterator["subprocess.Popen[str]"]:
    """A node of the city, as it is run."""
    words = [sys.executable, "-m", "config", "serve", "--port", "0"]
    with subprocess.Popen(
        words, env=environ_of(settings), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def test_two_nodes_that_start_together_catch_up_one_edition(city: Settings) -> None:
    with node(city), node(city):
        until("released", lambda: states(city)[PERIOD] == "released")
    assert acts_of(city).count("release_edition") == 1
    assert served_now(city) == PERIOD


def test_while_a_paused_leader_holds_the_lock_others_wait_and_go_on_when_it_is_gone(
    city: Settings,
) -> None:
    ours, theirs = os.pipe()

    def lead() -> None:
        with register(city) as engine, leading(engine) as mine:
            os.write(theirs, b"1" if mine else b"0")
            os.kill(os.getpid(), signal.SIGSTOP)

    leader = os.fork()
    if leader == 0:
        lead()
        os._exit(0)
    assert os.read(ours, 1) == b"1"
    os.waitpid(leader, os.WUNTRACED)
    try:
        with register(city) as engine:
            assert month.release_due(engine, city, moment(city)) == []
            assert served_now(city) == LAST
            os.kill(leader, signal.SIGKILL)
            os.waitpid(leader, 0)
            release(city)
        assert served_now(city) == PERIOD
    finally:
        os.close(ours)
        os.close(theirs)


@pytest.mark.parametrize("step", range(2, 20, 3))
def test_a_leader_that_lost_its_lock_while_it_was_paused_breaks_nothing_when_it_wakes(
    city: Settings, step: int
) -> None:
    """It is stopped somewhere in its release; another node, to which the lock has passed, releases."""

    def pause(at: int) -> None:
        if at == step:
            os.kill(os.getpid(), signal.SIGSTOP)

    paused = os.fork()
    if paused == 0:
        arm(pause)
        try:
            release(city)
        finally:
            os._exit(0)
    _, status = os.waitpid(paused, os.WUNTRACED)
    if os.WIFEXITED(status):
        assert served_now(city) == PERIOD
        return
    lose_the_lock(city)
    release(city)
    assert served_now(city) == PERIOD
    os.kill(paused, signal.SIGCONT)
    os.waitpid(paused, 0)
    assert served_now(city) == PERIOD
    assert acts_of(city).count("release_edition") == 1
    assert states(city)[PERIOD] == "released"


def lose_the_lock(settings: Settings) -> None:
    """What a server does to a client that answers no more; a file's lock is lost by another file."""
    address = make_url(settings.database)
    if address.get_backend_name() == "sqlite":
        file = Path(f"{address.database}.leader")
        if file.exists():  # it had not come so far
            file.rename(f"{file}.lost")
        return
    engine = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        gone = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(gone), {"name": address.database})
    engine.dispose()


def test_a_clock_that_jumps_releases_what_is_signed_once_and_nothing_else(city: Settings) -> None:
    at = moment(city)
    jumps = [at - timedelta(days=1), at + timedelta(days=400), at - timedelta(days=400), at]
    with register(city) as engine:
        clock = Clock(engine, city, lambda: jumps[0])
        clock._release()
        assert served_now(city) == LAST
    for now in jumps[1:]:
        release_at(city, now)
    assert served_now(city) == PERIOD
    assert acts_of(city).count("release_edition") == 1
    assert set(states(city)) == {LAST, PERIOD}


def test_a_database_that_goes_away_and_comes_back_is_waited_for(city: Settings) -> None:
    address = make_url(city.database)
    with register(city) as engine:
        clock = Clock(engine, city, lambda: moment(city) + timedelta(hours=1))
        clock._try("查验签字", clock._watch)
        with away(address):
            engine.dispose()  # an open file would not be missed
            clock._try("查验签字", clock._watch)
            clock._try("每日办理", clock._daily)
            assert "数据库" in clock.said["每日办理"]
        clock.watched = None
        clock._try("每日办理", clock._daily)
        clock._try("查验签字", clock._watch)
        assert clock.said["每日办理"] == clock.said["查验签字"] == ""
        release(city)
    assert served_now(city) == PERIOD


@contextmanager
def away(url: URL) -> Iterator[None]:
    """The database is not there for a while: its connections are cut and no new one is let in."""
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        engine_files = [one for one in file.parent.iterdir() if one.name.startswith(file.name)]
        hidden = file.parent / "away"
        hidden.mkdir()
        for one in engine_files:
            one.rename(hidden / one.name)
        file.mkdir()
        try:
            yield
        finally:
            file.rmdir()
            for one in hidden.iterdir():
                one.rename(file.parent / one.name)
            hidden.rmdir()
        return
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    allow = f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS {{}}'
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    with engine.connect() as connection:
        connection.execute(text(allow.format("false")))
        connection.execute(text(cut), {"name": url.database})
        try:
            yield
        finally:
            connection.execute(text(allow.format("true")))
    engine.dispose()


def hang_in_a_renderer(settings: Settings) -> None:
    """A release whose renderer never ends, nor does a process that it has begun."""

    def hang(_: Edition, folder: Path) -> None:
        (folder / "half.html").write_text("<p>")
        lone = get_context("spawn").Process(target=time.sleep, args=(600,))  # as printers are
        lone.start()
        (settings.data / "hangs").write_text(str(lone.pid))
        lone.join()

    month.renderers = lambda *_, **__: (hang,)  # type: ignore[assignment]
    with register(settings) as engine:
        month.release_due(engine, settings, moment(settings))


def fail_as_a_user_would(_: Settings) -> None:
    raise month.WrongPeriod("never")


def give_back(settings: Settings) -> str:
    return settings.id


def test_a_renderer_that_hangs_is_stopped_and_the_lock_is_free(city: Settings) -> None:
    begun = city.data / "hangs"
    for seconds in (6, 30, 150):  # until it has come so far, on however busy a machine
        with pytest.raises(TookTooLong, match="已经停止"):
            within(seconds, "发布名单", hang_in_a_renderer, city)
        if begun.exists():
            break
    with register(city) as engine, leading(engine) as mine:
        assert mine
    until("its worker ended", lambda: not is_alive(int(begun.read_text())))
    assert served_now(city) == LAST
    assert states(city)[PERIOD] == "approved"
    release(city)
    assert served_now(city) == PERIOD
    assert not list(city.editions.glob("0-staging-*"))


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def test_work_in_a_process_of_its_own_gives_its_answer_or_its_sentence(city: Settings) -> None:
    assert within(60, "试", give_back, city) == "ningbo"
    with pytest.raises(WorkFailed, match="不合写法"):
        within(60, "试", fail_as_a_user_would, city)


def test_a_full_disk_is_said_the_old_edition_stays_and_the_release_is_repeated(
    city: Settings, tmp_path: Path
) -> None:
    assert os.getuid() == 0, "a small disk is mounted as root"
    kept = tmp_path / "kept"
    shutil.copytree(city.editions, kept, symlinks=True)
    used = sum(one.stat().st_size for one in kept.rglob("*") if one.is_file())
    words = ["mount", "-t", "tmpfs", "-o", f"size={used + 400_000}", "tmpfs", str(city.editions)]
    subprocess.run(words, check=True)
    try:
        shutil.copytree(kept, city.editions, symlinks=True, dirs_exist_ok=True)
        with pytest.raises((OSError, sqlite3.Error)) as full:
            release(city)
        assert "磁盘已满" in (sentence_of(full.value) or "")
        assert served_now(city) == LAST
        assert [one.name for one in city.editions.iterdir() if "staging" in one.name] == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(city.editions)], check=True)
        release(city)
        assert served_now(city) == PERIOD
    finally:
        subprocess.run(["umount", "-l", str(city.editions)], check=True)
