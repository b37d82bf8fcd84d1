"""`python -m tests.bench.papers [ROWS …]`: one list of so many rows beside reportlab's raw canvas in the same run, each
a process of its own from its start to its end; and every paper of an edition of 2,112, printed and signed.

The canvas gets the cells as they are broken into lines by no one: nine strings a row, a rule below it, a head and a
number on each page; no tags, no outline, no font inside. It is left out where reportlab is not installed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import NamedTuple

import msgspec
from rich.console import Console
from rich.table import Table

from config import month
from config.demo.build import register_all
from config.demo.generate import DemoInstitution, institutions
from config.register import open_register
from config.settings import load_settings
from publisher.announcement import render_announcement
from publisher.edition import Edition
from publisher.paper_key import create_paper_key
from publisher.paper_signing import Signing, paper_signer
from publisher.pdf import Paper, edition_pdfs
from publisher.print.rows import Row, Section
from publisher.signing import create_key
from tests.bench.months import settings_of

SIZES = (2112, 10_000, 100_000)
CITY = 2112
AT = datetime(2026, 11, 4, 1, tzinfo=UTC)


def white_list(size: int) -> Paper:
    """A white list of so many rows."""
    names = {one.id: one.name for one in load_settings().jurisdictions}
    found = sorted(institutions(1, size), key=lambda one: one.jurisdiction)
    sections = (
        Section(heading=names.get(place, place), rows=tuple(map(_row, group)))
        for place, group in groupby(found, key=lambda one: one.jurisdiction)
    )
    return Paper(
        title="宁波市民办学校和校外培训机构白名单",
        list_name="white",
        organ="宁波市教育局",
        edition_label="2026年11月版",
        digest="7f3a91c2" * 8,
        cut_off=date(2026, 10, 31),
        released_on=date(2026, 11, 4),
        fictional=True,
        sections=tuple(sections),
        institutions=size,
    )


def _row(one: DemoInstitution) -> Row:
    return Row(
        number=f"NB-{one.number:06d}",
        name=one.name,
        code=one.code or "",
        address=one.address,
        kind=one.facts.subject,
        grade="A",
        licensed_until="2029-12-31",
        insured_until="2027-06-30",
    )


class Cost(NamedTuple):
    """What a process took: seconds by the wall and of the processors, and its peak in megabytes."""

    wall: float
    cpu: float
    peak: float


def whole_process(work: str, source: Path, target: Path) -> Cost:
    """A process that prints one list, from its start to its end."""
    words = [sys.executable, "-m", "tests.bench.one_paper", work, str(source), str(target)]
    start = time.perf_counter()
    process = subprocess.Popen(words)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{work} failed")
    wall = time.perf_counter() - start
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def spent(work: Callable[[], object]) -> Cost:
    """The same of work done here and in processes of its own."""
    before, start = _cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - start
    return Cost(wall, _cpu() - before, getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024)


def _cpu() -> float:
    found = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in found)


def edition_of(home: Path) -> tuple[Edition, Path]:
    """An edition of a city of 2,112, and where its keys lie."""
    settings = settings_of(str(home))
    engine = open_register(settings)
    create_key(settings.keys)
    create_paper_key(settings.keys, settings.organ, date(2026, 1, 1))
    (settings.data / "demo").write_text("bench")
    register_all(engine, settings, "0" * 64, list(institutions(1, CITY)), lambda *_: None)
    edition = month.frozen(engine, settings, "2026-11")
    engine.dispose()
    return edition, settings.keys


def main() -> None:
    """Prints the table; where the machine is busy, the seconds of the processors are the ones to compare."""
    table = Table(title="papers")
    for head in (
        "step",
        "seconds",
        "cpu",
        "MB",
        "raw canvas",
        "cpu",
        "MB",
        "cpu ratio",
        "bytes a row",
    ):
        table.add_column(head, justify="left" if head == "step" else "right")
    with tempfile.TemporaryDirectory(prefix="xypapers-") as name:
        home = Path(name)
        for size in [int(one) for one in sys.argv[1:]] or SIZES:
            table.add_row(*one_list(home, size))
        for step, cost in whole_edition(home):
            table.add_row(step, *_told(cost))
    Console(width=130).print(table)


def one_list(home: Path, size: int) -> list[str]:
    """One line of the table."""
    source, target = home / "paper.json", home / "paper.pdf"
    source.write_bytes(msgspec.json.encode(white_list(size)))
    ours = whole_process("ours", source, target)
    each = f"{target.stat().st_size / size:.0f}"
    line = [f"one list of {size:,}", *_told(ours)]
    if not find_spec("reportlab"):
        return [*line, "", "", "", "", each]
    raw = whole_process("raw", source, target)
    return [*line, *_told(raw), f"{ours.cpu / raw.cpu:.1f}", each]


def whole_edition(home: Path) -> Iterator[tuple[str, Cost]]:
    """Every paper of an edition, step by step."""
    edition, keys = edition_of(home / "city")
    folder = home / "city/editions/2026-11"
    folder.mkdir(parents=True)
    steps: dict[str, Callable[[], object]] = {
        f"an edition of {CITY:,}: lists printed": lambda: edition_pdfs(edition, folder),
        "… the announcement": lambda: render_announcement(edition, folder),
        "… all signed": lambda: paper_signer(Signing(keys=keys, at=AT))(edition, folder),
    }
    costs = []
    for step, work in steps.items():
        costs.append(spent(work))
        yield step, costs[-1]
    many = len(list(folder.rglob("*.pdf")))
    wall, cpu = sum(one.wall for one in costs), sum(one.cpu for one in costs)
    yield f"… together, {many} papers", Cost(wall, cpu, costs[-1].peak)


def _told(cost: Cost) -> tuple[str, str, str]:
    return f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{cost.peak:.0f}"


if __name__ == "__main__":
    main()
