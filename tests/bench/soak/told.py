"""What is counted on the way of a soak, and what is said of it at the end."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Engine

from publisher.verify import verify
from registry import queries
from registry.database import reading
from registry.ledger import check

if TYPE_CHECKING:
    from tests.bench.soak.run import Months

WARM = 3  # after so many months a node is warm
SOME = 3  # so many month's ends are looked at together
GROWS = 1.25  # by so much a warm node's memory may grow at the most
SHOWN = 40


class Wanted(Struct, frozen=True, kw_only=True):
    """How long, how large, and which dice."""

    months: int
    size: int
    inspectors: int
    seed: int


class Memory(NamedTuple):
    """What the nodes hold at a month's end: MB, open files."""

    period: str
    a: float
    a_files: int
    b: float
    b_files: int


class Told(Struct):
    """What is counted on the way."""

    days: int = 0
    verified: int = 0
    missed: set[str] = set()
    late: set[str] = set()
    wrong: list[str] = []
    memory: list[Memory] = []
    trimmed: list[float] = []
    seconds: Counter[str] = Counter()

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Notes where a day's time goes."""
        began = time.monotonic()
        yield
        self.seconds[what] += time.monotonic() - began  # type: ignore[assignment]

    def seconds_said(self) -> str:
        """Where it went, in whole seconds."""
        return " ".join(f"{name} {many:.0f} s" for name, many in self.seconds.most_common())


def grown(memory: list[Memory]) -> list[str]:
    """Which node keeps more at the end than it may: the middle of the last month's ends against that of the first warm ones.

    A pool's connections and the public's come and go, and a node that was just started holds little; what leaks is
    never given back.
    """
    if len(memory) < WARM + SOME:
        return []
    return [
        f"{held} grew from {before:.0f} to {after:.0f} after {memory[WARM - 1].period}"
        for held in ("a", "a_files", "b", "b_files")
        for before in [middle(memory[WARM - 1 :][:SOME], held)]
        for after in [middle(memory[-SOME:], held)]
        if after > before * GROWS
    ]


def middle(ends: list[Memory], held: str) -> float:
    """What was held at these month's ends, without the one that held most and the one that held least."""
    return median(float(getattr(one, held)) for one in ends)


def report(run: "Months", seen: dict[str, Any], seconds: float) -> int:
    """Prints what came of the months; 1 when anything was lost, late, doubled, wrong, or grew."""
    told, sent, engine = run.told, run.sent, run.engine
    editions = sorted(one.name for one in run.settings.editions.glob("20*"))
    broken, doubled = _kept(engine, run)
    # What was withdrawn since has made some of them anew.
    broken += list(_unverified(run, editions))
    months = len(told.memory)
    print(
        f"{told.days} days, {months} months' ends in {seconds / 60:.0f} min: {told.seconds_said()}"
    )
    print(f"faults {dict(run.faults.told)}")
    print(
        f"editions {len(editions)}, of them supplementary {sum('.' in one for one in editions)}, ",
        end="",
    )
    print(f"verified at a month's end {told.verified}, and all of them now")
    print(f"acts {dict(run.office.done)}\ntold to wait {dict(run.office.refused.most_common(5))}")
    print(f"renewed or reported {run.renewals.done}, {run.publishers.signed}")
    print(
        f"visits {sent.visits}, sent again {sent.again}, put off {sent.told_to_wait}, doubled {doubled}"
    )
    print(f"the public {seen['asked']} slowest {seen['slowest']} s, wrong {seen['wrong']}")
    for one in told.memory[:1] + told.memory[WARM - 1 : WARM] + told.memory[-1:]:
        print(f"memory at the end of {one.period}: A {one.a:.0f} MB, {one.a_files} files; ", end="")
        print(f"B {one.b:.0f} MB, {one.b_files} files")
    print(
        f"after giving back what is free: {' and '.join(f'{one:.0f} MB' for one in told.trimmed)}"
    )
    wrong = [
        *sorted(told.missed),
        *sorted(told.late),
        *told.wrong,
        *sent.wrong,
        *broken,
        *seen["wrong"],
    ]
    wrong += [*grown(told.memory), *["a visit is doubled or lost"] * bool(doubled)]
    for said in wrong[:SHOWN]:
        print("WRONG", said)
    print(f"terms missed {len(told.missed)}, editions late {len(told.late)}, wrong {len(wrong)}")
    engine.dispose()
    return 1 if wrong else 0


def _unverified(run: "Months", editions: list[str]) -> Iterator[str]:
    """What is wrong with an edition as it lies there at the end."""
    for name in editions:
        verdict = verify(run.settings.editions / name, run.settings.keys / "bureau.pub")
        if verdict.problems:
            yield f"{name}: {verdict.problems[:3]}"


def _kept(engine: Engine, run: "Months") -> tuple[list[str], int]:
    """What is wrong with the ledger, and how many visits more or fewer than were sent are there."""
    with reading(engine) as session:
        broken = [str(one) for one in check(session)]
        made = queries.ledger_entries(session, act="record_inspection", limit=10**6)
    accounts = {one.account for one in run.phones}
    return broken, sum(one.account in accounts for one in made) - run.sent.visits
