"""The months of a soak, day by day."""

import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from random import Random

from sqlalchemy.exc import DBAPIError

from config import month
from config.demo.build import BUILDER, PASSWORD, build_demo
from config.freezing import moment_of
from config.naming import following
from config.register import open_register
from config.settings import demo_settings, load_policies, load_settings
from config.withdrawing import Busy
from publisher.release import ReleaseRefused
from publisher.verify import verify
from registry import queries
from registry.accounts import create_account
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.errors import RegisterBusy
from registry.forms import AccountForm
from registry.pulse import is_done, nodes
from scoring import load_policy
from tests.bench.soak.faults import Faults
from tests.bench.soak.machine import FAKETIME, PAUSE_AT_MOST, Clock, Crowd, Node
from tests.bench.soak.people import Office
from tests.bench.soak.phones import Phone, Sent
from tests.bench.soak.publishing import Publishers
from tests.bench.soak.renewals import Renewals
from tests.bench.soak.told import Memory, Told, Wanted, report
from tests.conftest import Server

FIRST = "2026-11"
RATE = 2.0  # requests a second of the public
GLANCE = 0.06  # seconds
PAUSE = 0.8  # seconds a node that may be at work is left alone between two minutes
# Of a node: each ends a whole minute at the new time but the first.
BEATS = 2
OPENS = 9  # o'clock
MINUTES = 30  # after five o'clock, for an edition that is signed and due
A_MINUTE = timedelta(seconds=61)
EACH_IN = (
    400  # an inspector on the way each day for so many institutions: each is seen about once a year
)


class Months:
    """One run."""

    def __init__(self, wanted: Wanted, folder: Path) -> None:
        self.wanted, self.folder = wanted, folder
        self.dice = Random(wanted.seed)  # noqa: S311 play
        self.clock = Clock(folder / "clock")
        self.server = Server(Path(tempfile.mkdtemp(prefix="xypg-", dir="/tmp")))
        self.told, self.sent = Told(), Sent()
        self.ended = False

    def prepare(self) -> None:
        """The city with its people and its first edition, two nodes, and the public before them."""
        self.server.start()
        environ = {"XINYONG_DATA": str(self.folder / "data"), "XINYONG_DATABASE": self.server.url}
        self.settings = demo_settings(load_settings(None, environ))
        build_demo(self.settings, self.wanted.seed, _unseen, self.wanted.size, (FIRST,))
        self.calendar = load_calendar(self.settings.holidays)
        self.engine = open_register(self.settings)
        first, seed = moment_of(self.settings, FIRST), self.wanted.seed
        self.began = first.date()
        policies = [load_policy(one) for one in load_policies(self.settings)]
        self.office = Office(self.engine, self.calendar, policies, seed)
        self.publishers = Publishers(self.engine, self.settings, self.calendar)
        self._people(first)
        self.clock.begin(first + timedelta(hours=2))
        words = ("tests.bench.soak.node", "serve")
        environ |= self.clock.environ()
        self.nodes = [Node(self.folder / f"{one}.log", environ, *words) for one in ("A", "B")]
        for one in self.nodes:
            one.start()
        self.faults = Faults(self.nodes, self.server, seed)
        self.crowd = Crowd(RATE, [one.url for one in self.nodes])

    def _people(self, at: datetime) -> None:
        """The inspectors over the districts; each goes through the places of its own."""
        with reading(self.engine) as session:
            lines = queries.institutions(session, at.date(), limit=100_000)
        active = [one for one in lines if one.status == "active"]
        self.dice.shuffle(active)
        places = defaultdict(list)
        for one in active:
            places[one.jurisdiction].append(one.id)
        ids = [one.id for one in active]
        self.renewals = Renewals(self.engine, self.calendar, ids, self.wanted.seed, at.date())
        numbers = range(self.wanted.inspectors)
        most = sorted(places, key=lambda one: -len(places[one]))
        self.phones = []
        with writing(self.engine) as session:
            for number, place in zip(numbers, cycle(most), strict=False):
                values = {"id": f"inspector{number}", "name": f"检查员{number}"}
                form = AccountForm(
                    **values, password=PASSWORD, role="inspector", jurisdiction=place
                )
                create_account(session, form, by=BUILDER, now=at)
                turn = number // len(most) * 7 % len(places[place])
                own = places[place][turn:] + places[place][:turn]
                self.phones.append(Phone(form.id, own))
        self.a_day = min(-(-len(active) // EACH_IN), len(self.phones))

    def days(self) -> Iterator[date]:
        """Every day from the first edition's release to the last month's end."""
        day, period = moment_of(self.settings, FIRST).date(), FIRST
        for _ in range(self.wanted.months):
            period = following(period)
        last = moment_of(self.settings, period).date()
        while day < last and not self.ended:
            day += timedelta(days=1)
            yield day

    def live(self, day: date) -> None:
        """One day: the clock's own work, the office's hours with the hour of release, and the evening."""
        self.told.days += 1
        if not self.calendar.is_working_day(day):
            self._at(day, 6, 5)
            self.faults.perhaps(release=False)
            self._settle()
            return
        release = day == moment_of(self.settings, f"{day:%Y-%m}").date()
        night = self.dice.random() < 0.5 and not release
        self._at(day, 6, 5)
        if night:
            self.faults.perhaps(release=False)
        self._settle()
        self._at(day, 9, 1)
        if not night:
            self.faults.perhaps(release=release)
        with self.told.timed("renewals"):
            self._retry("renewals", lambda: self.renewals.work(self._now()))
        with self.told.timed("publishers"):
            self._retry("publishers", lambda: self.publishers.work(self._now()))
        with self.told.timed("visits"):
            for phone in self.dice.sample(self.phones, self.a_day):
                phone.day(day, self.nodes, self.dice, self.sent)
        with self.told.timed("office"):
            self._retry("office", lambda: self.office.work(self._now()))
        self._at(day, 17, 0)
        if self._under_way():
            self._settle()
            self._let_out()
        self._missed(day)

    def _at(self, day: date, hour: int, minute: int) -> None:
        zone = self.settings.zone
        self.clock.forward_to(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone))

    def _now(self) -> datetime:
        return self.clock.now(self.settings)

    def _settle(self) -> None:
        """Waits until every node has begun a further minute after a whole one at the new time.

        And, as who comes in the morning finds it, until the day's run is done.
        """
        with self.told.timed("settling"):
            since, seen = self._now(), dict[str, set[datetime]]()
            pause, passed = 0.2, 0.0
            while passed < PAUSE_AT_MOST:
                self.clock.forward_by(A_MINUTE)
                before, waited = self._beats(since, seen), 0.0
                while waited < pause:
                    time.sleep(GLANCE)
                    waited += GLANCE
                    beats = self._beats(since, seen)
                    if min(beats) >= BEATS and self._is_run(since):
                        return
                    if all(now > was for now, was in zip(beats, before, strict=True)):
                        break
                # A node that is at work leaves out its minutes, and is not hurried.
                pause = 0.2 if waited < pause else min(pause * 1.5, PAUSE)
                passed += waited
            raise AssertionError(f"no minute since {since}: {seen.keys()}")

    def _is_run(self, day: datetime) -> bool:
        """Whether the day's run is done, or the office begins without it."""
        with suppress(DBAPIError):
            return self._now().hour >= OPENS or is_done(self.engine, "run_on", day.date())
        return False

    def _under_way(self) -> bool:
        """Whether the clock has an edition in hand; else what it does in the evening it does in the morning."""
        with suppress(DBAPIError), reading(self.engine) as session:
            return any(one.state in ("prepared", "approved") for one in queries.editions(session))
        return True

    def _let_out(self) -> None:
        """What is signed and due has a working day of minutes to come out, as it has in life."""
        for _ in range(MINUTES):
            with suppress(DBAPIError):
                # The process of a node that was killed ends what it began, in its own time.
                while not month.can_lead(self.engine):
                    time.sleep(GLANCE)
                if not month.names_due(self.engine, self.settings, self._now()):
                    return
            self._settle()

    def _beats(self, since: datetime, seen: dict[str, set[datetime]]) -> list[int]:
        """How many minutes each node has begun since, as far as was seen."""
        with suppress(DBAPIError), reading(self.engine) as session:
            for one in nodes(session):
                if one.ticked_at > since:
                    seen.setdefault(one.name, set()).add(one.ticked_at)
        ends = [f":{one.pid}" for one in self.nodes]
        return [
            max((len(found) for name, found in seen.items() if name.endswith(end)), default=0)
            for end in ends
        ]

    def _retry(self, what: str, act: Callable[[], None]) -> None:
        """People try again when the database was away, or another was at it; anything else is wrong.

        What is wrong is told at the end, and the months go on.
        """
        for _ in range(60):
            try:
                act()
            except (DBAPIError, RegisterBusy, Busy, ReleaseRefused):
                time.sleep(1)
                continue
            except Exception as wrong:
                traceback.print_exc()
                self.told.wrong.append(f"{self._now():%Y-%m-%d} {what}: {wrong!r}"[:300])
            return
        self.told.wrong.append(f"{what}: the database never came back, or a node never ended")

    def _missed(self, day: date) -> None:
        """Which terms of the office are over, and whether the month's edition is out."""
        with reading(self.engine) as session:
            over = queries.matters(session, due_by=day - timedelta(days=1), limit=1000)
            rows = {one.name: one for one in queries.editions(session)}
        for one in over:
            # What the fictional city had let pass before the run is not of it.
            if not one.waits and one.due_on is not None and one.due_on > self.began:
                self.told.missed.add(f"{one.kind} {one.id} {one.state} due {one.due_on}")
        period = f"{day:%Y-%m}"
        due = moment_of(self.settings, period).date()
        if day >= due and (period not in rows or rows[period].state != "released"):
            self.told.late.add(f"{period} was not out on {due}")
        for row in rows.values():
            if row.number and row.due_on and row.due_on < day and row.state != "released":
                self.told.late.add(f"{row.name} was not out on {row.due_on}")

    def month_over(self, period: str) -> None:
        """The editions of a month are checked, and the nodes' memory read."""
        key = self.settings.keys / "bureau.pub"
        with self.told.timed("verifying"):
            for folder in sorted(self.settings.editions.glob(f"{period}*")):
                verdict = verify(folder, key)
                self.told.verified += 1
                if verdict.problems:
                    self.told.wrong.append(f"{folder.name}: {verdict.problems[:3]}")
        a, b = ((one.memory, one.files) for one in self.nodes)
        self.told.memory.append(Memory(period, *a, *b))
        done, missed = sum(self.office.done.values()), len(self.told.missed) + len(self.told.late)
        print(
            f"{period}  day {self.told.days}  acts {done}  visits {self.sent.visits}"
            f"  A {a[0]:.0f} MB {a[1]} files  B {b[0]:.0f} MB {b[1]} files"
            f"  missed {missed}  wrong {len(self.told.wrong) + len(self.sent.wrong)}"
            f"  faults {sum(self.faults.told.values())}  {self.told.seconds_said()}",
            flush=True,
        )

    def end(self) -> dict[str, dict[str, int]]:
        """Everything is stopped; what the public saw."""
        seen = self.crowd.end()
        self.told.trimmed = [one.trimmed() for one in self.nodes]
        for one in self.nodes:
            one.stop()
        return seen


def _unseen(*_: object) -> None:
    """Nobody looks at the progress of the building."""


@contextmanager
def _ending(run: Months) -> Iterator[None]:
    """Told to end, the run lives the day it is in, and says what came of the days until then."""

    def end(*_: object) -> None:
        run.ended = True

    before = {one: signal.signal(one, end) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, was in before.items():
            signal.signal(one, was)


def soak(wanted: Wanted, folder: Path) -> int:
    """Runs the months and prints what came of them; 1 when anything was lost, late, doubled or wrong."""
    if not FAKETIME.exists():
        sys.exit("no libfaketime here: apt-get install faketime")
    began, run = time.monotonic(), Months(wanted, folder)
    try:
        run.prepare()
        print(f"prepared in {time.monotonic() - began:.0f} s", flush=True)
        with _ending(run):
            for day in run.days():
                run.live(day)
                if (day + timedelta(days=1)).month != day.month:
                    run.month_over(f"{day:%Y-%m}")
        return report(run, run.end(), time.monotonic() - began)
    finally:
        for one in getattr(run, "nodes", []):
            one.stop()
        if run.server.process is not None:
            run.server.kill()
        shutil.rmtree(run.server.home, ignore_errors=True)
