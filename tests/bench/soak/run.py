"""The months of a soak, day by day, and what came of them."""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import httpx
from msgspec import Struct
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from config import month
from config.demo.build import BUILDER, PASSWORD, build_demo
from config.freezing import moment_of
from config.naming import following
from config.register import open_register
from config.settings import demo_settings, load_policies, load_settings
from config.withdrawing import Asked, NothingToWithdraw, withdraw
from publisher.gate import SignatureLapsed
from publisher.verify import verify
from registry import acts, queries
from registry.accounts import create_account
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.forms import AccountForm
from registry.ledger import check
from registry.pulse import nodes
from scoring import in_force, load_policy
from tests.bench.soak.machine import FAKETIME, Clock, Crowd, Node
from tests.bench.soak.people import Office, visit
from tests.conftest import Server

FIRST = "2026-11"
RATE = 5.0  # requests a second of the public
UNHEARD = "名单按期公布，不能等到期限届满"
PATIENCE = 600.0  # seconds a day may take to settle


class Wanted(Struct, frozen=True, kw_only=True):
    """How long, how large, and which dice."""

    months: int
    size: int
    inspectors: int
    seed: int


class Told(Struct):
    """What is counted on the way."""

    days: int = 0
    visits: int = 0
    again: int = 0
    lapsed: int = 0
    faults: Counter[str] = Counter()
    missed: list[str] = []
    late: list[str] = []
    wrong: list[str] = []
    memory: list[tuple[str, float, float]] = []


class Months:
    """One run."""

    def __init__(self, wanted: Wanted, folder: Path) -> None:
        self.wanted, self.folder = wanted, folder
        self.dice = Random(wanted.seed)  # noqa: S311 play
        self.clock = Clock(folder / "clock")
        self.server = Server(Path(tempfile.mkdtemp(prefix="xypg-", dir="/tmp")))
        self.told = Told()

    def prepare(self) -> None:
        """The city with its people and its first edition, two nodes, and the public before them."""
        self.server.start()
        environ = {"XINYONG_DATA": str(self.folder / "data"), "XINYONG_DATABASE": self.server.url}
        self.settings = demo_settings(load_settings(None, environ))
        build_demo(self.settings, self.wanted.seed, _unseen, self.wanted.size, (FIRST,))
        self.calendar = load_calendar(self.settings.holidays)
        self.engine = open_register(self.settings)
        first = moment_of(self.settings, FIRST)
        policies = [load_policy(one) for one in load_policies(self.settings)]
        policy = in_force(policies, first.date())
        self.office = Office(self.engine, self.calendar, policy, self.wanted.seed)
        self._people(first)
        with reading(self.engine) as session:
            lines = queries.institutions(session, first.date(), limit=100_000)
        self.places = [one.id for one in lines if one.status == "active"]
        self.clock.begin(first + timedelta(hours=2))
        words = ("tests.bench.soak.node", "serve")
        environ |= self.clock.environ()
        self.nodes = [Node(self.folder / f"{one}.log", environ, *words) for one in ("A", "B")]
        for one in self.nodes:
            one.start()
        self.crowd = Crowd(RATE, [one.url for one in self.nodes])

    def _people(self, at: datetime) -> None:
        self.phones = [f"inspector{n}" for n in range(self.wanted.inspectors)]
        with writing(self.engine) as session:
            for id in self.phones:
                form = AccountForm(id=id, name=f"检查员{id}", password=PASSWORD, role="inspector")
                create_account(session, form, by=BUILDER, now=at)

    def days(self) -> Iterator[date]:
        """Every day from the first edition's release to the last month's end."""
        day, period = moment_of(self.settings, FIRST).date(), FIRST
        for _ in range(self.wanted.months):
            period = following(period)
        last = moment_of(self.settings, period).date()
        while day < last:
            day += timedelta(days=1)
            yield day

    def live(self, day: date) -> None:
        """One day: midnight, the office's hours, and the hour of release."""
        self.told.days += 1
        self._at(day, 0, 5)
        self._settle()
        if self.dice.random() < 1 / 7:
            self._fault()
        if self.calendar.is_working_day(day):
            self._at(day, 9, 1)
            self._retry("publishers", self._publish)
            self._visit(day)
            self._retry("office", lambda: self.office.work(self._now()))
            self._at(day, 17, 0)
            self._settle()
            self._missed(day)

    def _at(self, day: date, hour: int, minute: int) -> None:
        zone = self.settings.zone
        self.clock.forward_to(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))

    def _now(self) -> datetime:
        return self.clock.now(self.settings)

    def _settle(self) -> None:
        """Waits until every node has begun a further minute after a whole one at the new time."""
        since, seen = self._now(), dict[str, set[datetime]]()
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with reading(self.engine) as session:
                    beats = [one for one in nodes(session) if one.ticked_at > since]
            except DBAPIError:
                beats = []
            for one in beats:
                seen.setdefault(one.name, set()).add(one.ticked_at)
            pids = {str(one.pid) for one in self.nodes}
            done = [name for name, ticks in seen.items() if len(ticks) > 2]
            if sum(any(pid in name for pid in pids) for name in done) == len(self.nodes):
                return
            assert time.monotonic() < until, f"no minute since {since}: {seen.keys()}"
            time.sleep(0.05)

    def _visit(self, day: date) -> None:
        """A fifth of the inspectors send a visit each, some of them twice, some to a node that dies."""
        for account in self.dice.sample(self.phones, max(1, len(self.phones) // 5)):
            place = self.dice.choice(self.places)
            key, body = visit(place, account, day, faulty=self.dice.random() < 0.4)
            codes = [self._send(account, key, body)]
            while codes[-1] >= 500 and len(codes) < 20:
                time.sleep(0.2)
                codes.append(self._send(account, key, body))
            if self.dice.random() < 0.2:
                codes.append(self._send(account, key, body))
            kept = [one for one in codes if one in (200, 201)]
            self.told.visits += bool(kept)
            self.told.again += max(0, len(kept) - 1)
            if not kept:
                self.told.wrong.append(f"{day} visit {codes}")

    def _send(self, account: str, key: str, body: dict[str, object]) -> int:
        url = self.dice.choice(self.nodes).url
        try:
            with httpx.Client(base_url=url, timeout=60) as phone:
                phone.post("/sign-in", data={"account": account, "password": PASSWORD})
                headers = {"Accept": "application/json"}
                answer = phone.put(f"/desk/field/visits/{key}", json=body, headers=headers)
        except httpx.TransportError:
            return 599
        if answer.status_code == 401:
            return 598  # the database was away when the phone signed in
        if 400 <= answer.status_code < 500:
            self.told.wrong.append(answer.text[:300])
        return answer.status_code

    def _publish(self) -> None:
        """The month's edition is prepared the day before and signed; what the clock prepared is signed."""
        now = self._now()
        period = f"{now:%Y-%m}"
        moment = moment_of(self.settings, period)
        with reading(self.engine) as session:
            rows = {one.name: one.state for one in queries.editions(session)}
        state = rows.get(period, "")
        near = self.calendar.after(now.date(), 1) >= moment.date()
        if near and state not in ("prepared", "approved", "released"):
            month.prepare_month(self.engine, self.settings, period, by="publisher", now=now)
            state = "prepared"
        for name in sorted({*(one for one, was in rows.items() if was == "prepared"), period}):
            if (rows | {period: state}).get(name) == "prepared":
                self._sign(name, now)
        self._withdraw(now)

    def _sign(self, name: str, now: datetime) -> None:
        """What changed since it was prepared lapses, and is prepared anew: a month's by its publisher."""
        try:
            month.approve_month(
                self.engine, self.settings, name, by="signer", now=now, unheard=UNHEARD
            )
        except SignatureLapsed:
            self.told.lapsed += 1

    def _withdraw(self, now: datetime) -> None:
        with reading(self.engine) as session:
            owed = queries.matters(session, kinds=["withdrawal"], open_only=True, limit=1000)
        by = acts.Actor(account="publisher", role="publisher", name="拟稿人")
        for number, one in enumerate(owed):
            paper = f"甬教撤公〔{now.year}〕{now:%m%d}{number}号"
            asked = Asked(institution=one.institution, reason="决定已撤销", document_no=paper)
            try:
                withdraw(self.engine, self.settings, asked, by=by, now=now)
            except NothingToWithdraw:
                continue

    def _fault(self) -> None:
        """Something fails, at the next midnight or at once, and comes back."""
        node = self.dice.choice(self.nodes)
        faults = {
            "node killed": node.kill,
            "node stopped for 3 s": lambda: node.stall(3),
            "database killed": self._kill_database,
        }
        name = self.dice.choice(list(faults))
        self.told.faults[name] += 1
        # Somewhere within what the clock does next.
        self.clock.forward_to(self._now() + timedelta(hours=1))
        time.sleep(self.dice.random() * 2)
        faults[name]()

    def _kill_database(self) -> None:
        self.server.kill()
        self.server.start()

    def _retry(self, what: str, act: Callable[[], None]) -> None:
        """People try again when the database was away; anything else is wrong."""
        for _ in range(20):
            try:
                act()
            except DBAPIError:
                time.sleep(0.3)
                continue
            return
        self.told.wrong.append(f"{what}: the database never came back")

    def _missed(self, day: date) -> None:
        """Which terms of the office are over, and whether the month's edition is out."""
        with reading(self.engine) as session:
            over = queries.matters(session, due_by=day - timedelta(days=1), limit=1000)
            rows = {one.name: one for one in queries.editions(session)}
        began = moment_of(self.settings, FIRST).date()
        for one in over:
            # What the fictional city had let pass before the run is not of it.
            if not one.waits and one.due_on is not None and one.due_on > began:
                self.told.missed.append(f"{day} {one.kind} {one.state} due {one.due_on}")
        period = f"{day:%Y-%m}"
        if day >= moment_of(self.settings, period).date():
            row = rows.get(period)
            if row is None or row.state != "released":
                self.told.late.append(f"{day}: {period} is {row.state if row else 'not there'}")

    def month_over(self, period: str) -> None:
        """The editions of a month are checked, and the nodes' memory read."""
        key = self.settings.keys / "bureau.pub"
        for folder in sorted(self.settings.editions.glob(f"{period}*")):
            verdict = verify(folder, key)
            if verdict.problems:
                self.told.wrong.append(f"{folder.name}: {verdict.problems[:3]}")
        a, b = (one.memory for one in self.nodes)
        self.told.memory.append((period, a, b))
        done = sum(self.office.done.values())
        said = f"{period}  acts {done}  visits {self.told.visits}  A {a:.0f} MB  B {b:.0f} MB"
        print(said, f" faults {dict(self.told.faults)}", flush=True)

    def end(self) -> dict[str, dict[str, int]]:
        """Everything is stopped; what the public saw."""
        seen = self.crowd.end()
        for one in self.nodes:
            one.stop()
        return seen


def _unseen(*_: object) -> None:
    """Nobody looks at the progress of the building."""


def soak(wanted: Wanted, folder: Path) -> int:
    """Runs the months and prints what came of them; 1 when anything was lost, late, doubled or wrong."""
    if not FAKETIME.exists():
        sys.exit("no libfaketime here: apt-get install faketime")
    began, run = time.monotonic(), Months(wanted, folder)
    try:
        run.prepare()
        print(f"prepared in {time.monotonic() - began:.0f} s", flush=True)
        for day in run.days():
            run.live(day)
            if (day + timedelta(days=1)).month != day.month:
                run.month_over(f"{day:%Y-%m}")
        seen = run.end()
        return _report(run, seen, time.monotonic() - began)
    finally:
        for one in getattr(run, "nodes", []):
            one.stop()
        if run.server.process is not None:
            run.server.kill()
        shutil.rmtree(run.server.home, ignore_errors=True)


def _report(run: Months, seen: dict[str, dict[str, int]], seconds: float) -> int:
    told, engine = run.told, run.engine
    editions = sorted(one.name for one in run.settings.editions.glob("20*"))
    broken, doubled = _kept(engine, run)
    print(f"{told.days} days in {seconds / 60:.0f} min, faults {dict(told.faults)}")
    print(f"editions {len(editions)}, of them supplementary {sum('.' in one for one in editions)}")
    print(f"acts {dict(run.office.done)}\ntold to wait {dict(run.office.refused.most_common(5))}")
    print(
        f"signatures lapsed {told.lapsed}, visits sent {told.visits}, again {told.again}, doubled {doubled}"
    )
    print(f"the public {seen['asked']} wrong {seen['wrong']}")
    wrong = [*told.missed, *told.late, *told.wrong, *broken, *seen["wrong"]]
    wrong += ["a visit is doubled or lost"] * bool(doubled)
    for one in wrong[:40]:
        print("WRONG", one)
    print(f"terms missed {len(told.missed)}, editions late {len(told.late)}, wrong {len(wrong)}")
    engine.dispose()
    return 1 if wrong else 0


def _kept(engine: Engine, run: Months) -> tuple[list[str], int]:
    """What is wrong with the ledger, and how many visits more or fewer than were sent are there."""
    with reading(engine) as session:
        broken = [str(one) for one in check(session)]
        sent = queries.ledger_entries(session, act="record_inspection", limit=10**6)
    mine = [
        one for one in sent if one.account.startswith("inspector") and one.account[9:].isdigit()
    ]
    return broken, len(mine) - run.told.visits
