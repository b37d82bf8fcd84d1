"""More than one machine: `python -m tests.bench.nodes [--size 200]`, as real processes under load.

Three `serve` nodes behind nginx on PostgreSQL with a synchronous standby, and two public nodes that hold only
a copy of the editions, kept by rsync. While phones send visits and the public reads, one node is killed,
another is stopped, the next edition is signed, the node that is releasing it is killed in the midst, another
releases it, and the primary is killed and its standby promoted. Counted: visits lost, doubled and refused, pages that failed, seconds until the next act was taken.
It needs nginx, rsync and PostgreSQL.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Lock, Thread

import httpx
import psycopg

from config import month
from config.demo.build import BUILDER, PASSWORD, build_demo
from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from registry import queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.forms import AccountForm
from tests.bench.soak.machine import Node, free_port
from tests.bench.soak.phones import visit
from tests.conftest import Server

PHONES, READERS = 6, 4
VANISHED = 24  # what rsync says when a file went while it looked; the next second brings the rest
SAFE = ("-c", "max_wal_senders=4", "-c", "synchronous_commit=on", "-c", "full_page_writes=on")
NGINX = """
daemon off; pid {home}/pid; error_log {home}/error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/f; uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
  upstream office {{ {office} }}
  upstream public {{ {public} }}
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://public; proxy_set_header Host $http_host; proxy_read_timeout 60; }}
    location ~ ^/(desk|my|sign-in) {{ proxy_pass http://office; proxy_set_header Host $http_host; proxy_read_timeout 60; }}
  }}
}}
"""


class Load:
    """Phones and the public; what came of each request, and when acts were taken."""

    def __init__(self, url: str, places: list[str], day: datetime) -> None:
        self.url, self.places, self.day = url, places, day.date()
        self.ended, self.lock = Event(), Lock()
        self.asked, self.kept, self.given_up = Counter[str](), set[str](), list[str]()
        self.taken: list[float] = []
        work = [(self._phone, n) for n in range(PHONES)] + [(self._read, n) for n in range(READERS)]
        self.threads = [Thread(target=one, args=(n,), daemon=True) for one, n in work]

    def begin(self) -> None:
        """Everybody begins."""
        for one in self.threads:
            one.start()

    def end(self) -> None:
        """Everybody finishes what is under way."""
        self.ended.set()
        for one in self.threads:
            one.join()

    def _count(self, what: str) -> None:
        with self.lock:
            self.asked[what] += 1

    def _phone(self, number: int) -> None:
        account = f"phone{number}"
        with httpx.Client(base_url=self.url, timeout=60) as phone:
            while not self.ended.is_set():
                place = self.places[(number + len(self.taken)) % len(self.places)]
                key, body = visit(place, account, self.day, faulty=False)
                self._send(phone, account, key, body)
                time.sleep(0.05)

    def _send(self, phone: httpx.Client, account: str, key: str, body: dict[str, object]) -> None:
        """Sent until it is answered, as a phone does that keeps what was not."""
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                answer = phone.put(
                    f"/desk/field/visits/{key}", json=body, headers={"Accept": "application/json"}
                )
                if answer.status_code == 401:
                    phone.post("/sign-in", data={"account": account, "password": PASSWORD})
                    continue
            except httpx.TransportError:
                self._count("visit: no answer, sent again")
                continue
            if answer.status_code in (200, 201):
                with self.lock:
                    self.kept.add(key)
                    self.taken.append(time.monotonic())
                self._count("visit: taken")
                return
            if answer.status_code < 500:
                self.given_up.append(f"{answer.status_code} {answer.text[:200]}")
                return
            self._count(f"visit: {answer.status_code}, sent again")
            time.sleep(0.2)
        self.given_up.append(f"{key}: not answered for 90 s")

    def _read(self, number: int) -> None:
        paths = [f"/i/{one}/" for one in self.places[number::READERS]] + ["/", "/editions/"]
        with httpx.Client(base_url=self.url, timeout=60) as reader:
            while not self.ended.is_set():
                for path in paths:
                    if self.ended.wait(0.02):
                        return
                    try:
                        status = reader.get(path).status_code
                    except httpx.TransportError as wrong:
                        self._count(f"page: {type(wrong).__name__}")
                        continue
                    self._count("page: answered" if status < 400 else f"page: {status} {path}")


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """A primary and its standby, which has every act before it is told as taken."""
    homes = [Path(tempfile.mkdtemp(prefix="xypg-", dir="/tmp")) for _ in range(2)]
    primary, standby = (Server(home, SAFE) for home in homes)
    try:
        primary.start()
        yield primary, standby
    finally:
        for one in (primary, standby):
            if one.process is not None and one.process.poll() is None:
                one.kill()
            shutil.rmtree(one.home, ignore_errors=True)


def follow(primary: Server, standby: Server) -> None:
    """The standby is copied from the primary and follows it; from then on no act is taken without it."""
    words = ["-h", primary.home, "-U", "xinyong", "-D", standby.home / "data", "-R", "-X", "stream"]
    assert standby.run("pg_basebackup", *words, "-c", "fast").wait() == 0
    standby.start()
    with psycopg.connect(
        f"host={primary.home} user=xinyong dbname=postgres", autocommit=True
    ) as db:
        db.execute("ALTER SYSTEM SET synchronous_standby_names = '*'")
        db.execute("SELECT pg_reload_conf()")


def promote(standby: Server) -> None:
    """The standby takes over."""
    with psycopg.connect(
        f"host={standby.home} user=xinyong dbname=postgres", autocommit=True
    ) as db:
        db.execute("SELECT pg_promote()")


def people(settings: Settings, now: datetime) -> list[str]:
    """The phones' accounts; gives the institutions that are at work."""
    engine = open_register(settings)
    with writing(engine) as session:
        for number in range(PHONES):
            id = f"phone{number}"
            form = AccountForm(id=id, name=f"检查员{id}", password=PASSWORD, role="inspector")
            create_account(session, form, by=BUILDER, now=now)
    with reading(engine) as session:
        lines = queries.institutions(session, now.date(), limit=100_000)
    engine.dispose()
    return [one.id for one in lines if one.status == "active"]


def sign(settings: Settings, now: datetime) -> None:
    """The next supplementary edition, prepared by one and signed by another; a node releases it."""
    engine = open_register(settings)
    edition, _ = month.prepare_month(
        engine, settings, f"{now:%Y-%m}", by="publisher", now=now, supplement=True
    )
    month.approve_month(engine, settings, edition.name, by="signer", now=now, unheard="不能等")
    engine.dispose()


def kill_the_leader(nodes: list[Node]) -> Node:
    """Kills the node that has begun to release, with the process in which it does; gives it."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        for one in nodes:
            words = ["pgrep", "-P", str(one.pid), "-f", "spawn_main"]
            found = subprocess.run(words, capture_output=True, text=True, check=False)
            for child in found.stdout.split():
                one.end_at_once()
                with suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)
                return one
        time.sleep(0.05)
    raise AssertionError("no node released what was signed")


class Copies:
    """The public nodes' copy of the editions, brought up to date every second."""

    def __init__(self, source: Path, target: Path) -> None:
        self.source, self.target, self.ended = source, target, Event()
        self.bring()
        self.thread = Thread(target=self._run)
        self.thread.start()

    def bring(self) -> None:
        """The editions first and `current` last: its name comes after theirs."""
        words = ["rsync", "-a", "--delete-delay", "--exclude=0-staging-*"]
        done = subprocess.run([*words, f"{self.source}/", f"{self.target}/"], check=False)
        assert done.returncode in (0, VANISHED)

    def _run(self) -> None:
        while not self.ended.wait(1):
            self.bring()

    def end(self) -> None:
        """The copy stays as it is."""
        self.ended.set()
        self.thread.join()


def main() -> int:
    """Prints what came of it; 1 when anything was lost, doubled or failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.nodes")
    parser.add_argument("--size", type=int, default=200)
    size = parser.parse_args().size
    with tempfile.TemporaryDirectory(prefix="xynodes-", dir="/tmp") as folder, ExitStack() as held:
        primary, standby = held.enter_context(servers())
        return run(Path(folder), primary, standby, size, held)


def run(folder: Path, primary: Server, standby: Server, size: int, held: ExitStack) -> int:
    """The whole course."""
    hosts = f"host={primary.home}&host={standby.home}&target_session_attrs=read-write"
    url = f"postgresql+psycopg://xinyong@/postgres?{hosts}"
    environ = {"XINYONG_DATA": str(folder / "data"), "XINYONG_DATABASE": url}
    settings = demo_settings(load_settings(None, environ))
    now = datetime.now(settings.zone)
    build_demo(settings, 1, lambda *_: None, size, (f"{now:%Y-%m}",))
    places = people(settings, now)
    follow(primary, standby)
    copies = Copies(settings.editions, folder / "copy")
    held.callback(copies.end)
    nodes = [Node(folder / f"node{n}.log", environ, "config", "serve") for n in range(3)]
    public = [
        Node(folder / f"public{n}.log", {}, "config", "serve", "--public", folder / "copy")
        for n in range(2)
    ]
    for one in (*nodes, *public):
        one.start()
        held.callback(one.stop)
    load = Load(front(folder, nodes, public, held), places, now)
    load.begin()
    held.callback(load.ended.set)
    moments = list(_course(settings, nodes, public, (primary, standby), load))
    load.end()
    return report(settings, load, moments)


def front(folder: Path, nodes: list[Node], public: list[Node], held: ExitStack) -> str:
    """nginx before them all."""
    port, home = free_port(), folder / "nginx"
    home.mkdir()
    lines = [
        " ".join(f"server 127.0.0.1:{one.port} fail_timeout=1s;" for one in some)
        for some in (nodes, public)
    ]
    file = home / "nginx.conf"
    file.write_text(NGINX.format(home=home, port=port, office=lines[0], public=lines[1]))
    process = subprocess.Popen(["nginx", "-c", str(file), "-e", str(home / "error.log")])
    held.callback(process.wait)
    held.callback(process.terminate)
    time.sleep(1)
    return f"http://127.0.0.1:{port}"


def _course(
    settings: Settings,
    nodes: list[Node],
    public: list[Node],
    databases: tuple[Server, Server],
    load: Load,
) -> Iterator[tuple[str, float]]:
    """What befalls them, and how long it took until the next visit was taken."""
    primary, standby = databases

    def after(what: str, act: Callable[[], None], rest: float = 6) -> tuple[str, float]:
        began = time.monotonic()
        act()
        while not any(one > began for one in load.taken) and time.monotonic() < began + 90:
            time.sleep(0.01)
        found = min((one for one in load.taken if one > began), default=began + 90) - began
        time.sleep(rest)
        return what, found

    time.sleep(5)
    yield after("a node is killed", nodes[1].end_at_once)
    yield after("… and comes back", nodes[1].start)
    yield after("another is stopped for 5 s", lambda: nodes[0].stall(5))
    yield after("a public node is killed", public[0].end_at_once)
    yield after("… and comes back", public[0].start)
    was = _newest(settings)
    yield after("an edition is signed", lambda: sign(settings, datetime.now(settings.zone)))
    dead: list[Node] = []
    yield after("its leader is killed at it", lambda: dead.append(kill_the_leader(nodes)), 0)
    assert _newest(settings) == was
    until = time.monotonic() + 180
    while _newest(settings) == was and time.monotonic() < until:
        time.sleep(0.2)
    yield f"{_newest(settings)} in the place of {was} after", time.monotonic() - until + 180

    yield after("… and comes back", dead[0].start)

    def over() -> None:
        primary.kill()
        promote(standby)

    yield after("the primary is killed, the standby promoted", over, 10)


def _newest(settings: Settings) -> str:
    return (settings.editions / "current").resolve().name


def report(settings: Settings, load: Load, moments: list[tuple[str, float]]) -> int:
    """Counts what is there against what was told as taken."""
    engine = open_register(settings)
    with reading(engine) as session:
        entries = queries.ledger_entries(session, act="record_inspection", limit=10**6)
    engine.dispose()
    mine = Counter(one.subject for one in entries if one.account.startswith("phone"))
    there = sum(mine.values())
    lost, more = max(0, len(load.kept) - there), max(0, there - len(load.kept))
    failed = sum(
        many
        for what, many in load.asked.items()
        if what.startswith("page: ") and what != "page: answered"
    )
    for what, seconds in moments:
        print(f"{what:<46}{seconds:7.2f} s")
    for what, many in sorted(load.asked.items()):
        print(f"{what:<46}{many:7}")
    print(f"visits taken {len(load.kept)}, there {there}: lost {lost}, doubled {more}")
    print(f"pages failed {failed}, visits given up {len(load.given_up)}")
    for one in load.given_up[:5]:
        print("WRONG", one)
    return 1 if lost or more or failed or load.given_up else 0


if __name__ == "__main__":
    sys.exit(main())
