"""`python -m tests.bench [SIZE …]`: one table of seconds, each beside its reference of the same run.

A reference that needs a library of its own (polars, reportlab) is left out where that is not installed.
"""

import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from random import Random
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook
from rich.console import Console
from rich.table import Table

from config import month
from config.demo.build import register_all
from config.demo.generate import CUT_OFF, institutions
from config.intake import take_in_file
from config.register import OPERATOR, open_register
from publisher.edition import Edition
from publisher.paper_key import create_paper_key
from publisher.release import stage
from publisher.signing import create_key
from publisher.site.search import search
from publisher.site.store import Store
from publisher.verify import verify
from registry import queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.forms import AccountForm
from scoring import assess, load_policy
from tests.bench.months import POLICY, clocked, confirmed, next_month, settings_of, two_months

SIZES = (2112, 100_000)
QUERIES = 300
NOW = datetime(2026, 11, 2, 1, tzinfo=UTC)
Row = tuple[str, float | None, str, float | None, float | None]


def measured(work: Callable[..., Any], *words: Any) -> tuple[float, float, Any]:
    """Seconds, peak megabytes and the answer of some work, done in a process of its own."""
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_child, args=(theirs, work, words))
    process.start()
    theirs.close()
    try:
        found = mine.recv()
    except EOFError:
        process.join()
        raise SystemExit(f"{work.__name__} failed") from None
    process.join()
    return found  # type: ignore[no-any-return]


def _child(pipe: Any, work: Callable[..., Any], words: tuple[Any, ...]) -> None:
    answer = work(*words)
    peak = max(getrusage(RUSAGE_SELF).ru_maxrss, getrusage(RUSAGE_CHILDREN).ru_maxrss) / 1024
    seconds, answer = answer if isinstance(answer, tuple) else (answer, None)
    pipe.send((seconds, peak, answer))


def write_ledger(home: str, size: int) -> float:
    """An office's workbook of institutions."""
    start = time.perf_counter()
    with xlsxwriter.Workbook(f"{home}/ledger.xlsx", {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        heads = ("机构名称", "统一社会信用代码", "区县", "办学地址", "许可证号", "设立日期")
        sheet.write_row(0, 0, heads)
        for at, one in enumerate(institutions(1, size), 1):
            opened = (one.facts.opened_on or CUT_OFF).isoformat()
            cells = (one.name, one.code, one.jurisdiction, one.address, one.licence_no, opened)
            sheet.write_row(at, 0, cells)
    return time.perf_counter() - start


def import_ours(home: str) -> float:
    settings = settings_of(f"{home}/import")
    engine = open_register(settings)
    with writing(engine) as session:
        form = AccountForm(id="clerk", name="x", password="x" * 12, role="publisher")
        create_account(session, form, by=OPERATOR, now=NOW)
    engine.dispose()
    file = Path(f"{home}/ledger.xlsx")

    def work() -> None:
        outcome = take_in_file(settings, "institutions", file, by="clerk", report=lambda *_: None)
        assert not outcome.problems

    return clocked(work)


def import_reference(home: str) -> float:
    """calamine, and one insert of the same cells."""

    def work() -> None:
        rows = CalamineWorkbook.from_path(f"{home}/ledger.xlsx").get_sheet_by_index(0).to_python()
        connection = sqlite3.connect(f"{home}/reference.db")
        connection.execute("CREATE TABLE t (a, b, c, d, e, f)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
        connection.close()

    return clocked(work)


def fill(home: str, size: int) -> float:
    settings = settings_of(f"{home}/city")
    engine = open_register(settings)
    settings.keys.mkdir(parents=True, exist_ok=True)
    create_key(settings.keys)
    (settings.data / "demo").write_text("bench")
    found = list(institutions(1, size))
    seconds = clocked(lambda: register_all(engine, settings, "0" * 64, found, lambda *_: None))
    engine.dispose()
    return seconds


def assess_all(size: int) -> float:
    policy = load_policy(POLICY.read_bytes())
    facts = [one.facts for one in institutions(1, size)]
    return clocked(lambda: [assess(one, policy, CUT_OFF) for one in facts])


def assess_reference(size: int) -> float:
    """polars: what counts, summed per institution; no reasons."""
    import polars as pl

    policy = load_policy(POLICY.read_bytes())
    rows = [
        (one.number, policy.by_code[record.code].points, event.on)
        for one in institutions(1, size)
        for record in one.facts.records
        for event in record.events
        if event.state == "confirmed"
    ]
    ids, points, days = zip(*rows, strict=True)
    frame = pl.DataFrame({"id": ids, "points": [float(p) for p in points], "on": days})

    def work() -> None:
        counting = frame.filter((pl.col("on") <= CUT_OFF) & (pl.col("on") > date(2025, 10, 31)))
        counting.group_by("id").agg((100 - pl.col("points").sum()).alias("score")).sort("id")

    return clocked(work)


def one_finding(home: str) -> float:
    """A finding recorded, heard, confirmed, each committed, and its institution rated again."""
    settings = settings_of(f"{home}/city")
    engine = open_register(settings)
    policy = load_policy(POLICY.read_bytes())
    with reading(engine) as session:
        ids = [one.id for one in queries.institutions(session, CUT_OFF, limit=20)]
    times = []
    for id in ids:
        start = time.perf_counter()
        confirmed(engine, id, "2026-10-20", date(2026, 10, 25), NOW)
        with reading(engine) as session:
            assess(queries.facts_of(session, id, CUT_OFF), policy, CUT_OFF)
        times.append(time.perf_counter() - start)
    engine.dispose()
    return statistics.median(times)


def sync_reference(home: str) -> float:
    """A block of 4 KiB written and synced, once for each of the three commits."""
    times = []
    with open(f"{home}/block", "wb") as file:
        for _ in range(20):
            start = time.perf_counter()
            for _ in range(3):
                file.write(bytes(4096))
                file.flush()
                os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    return statistics.median(times)


def release_steps(home: str) -> tuple[float, list[tuple[str, float]]]:
    """Freeze, then each renderer, then the staging as a whole with its check."""
    settings = settings_of(f"{home}/city")
    create_paper_key(settings.keys, settings.organ, datetime.now(settings.zone).date())
    engine = open_register(settings)
    edition: list[Edition] = []
    steps = [("freeze", clocked(lambda: edition.append(month.frozen(engine, settings, "2026-11"))))]
    engine.dispose()
    one = edition[0]
    folder = Path(home) / "steps"
    folder.mkdir()
    steps.append(("entries decoded", clocked(lambda: one.entries)))
    renderers = month.renderers(settings, datetime.now(settings.zone))
    for render in renderers:
        name = render.__name__  # type: ignore[attr-defined]
        steps.append((name, clocked(lambda render=render: render(one, folder))))
    plain = month.renderers(settings, datetime.now(settings.zone), papers=False)
    steps.append(
        ("stage, all but PDF", clocked(lambda: stage(one, settings.editions, settings.keys, plain)))
    )
    staged = next(settings.editions.glob("0-staging-2026-11-*"))
    staged.rename(settings.editions / "2026-11")
    (settings.editions / "current").symlink_to("2026-11")
    return sum(seconds for _, seconds in steps), steps


def verify_ours(home: str) -> float:
    settings = settings_of(f"{home}/city")
    key = settings.keys / "bureau.pub"

    def work() -> None:
        assert not verify(settings.editions / "2026-11", key).problems

    return clocked(work)


def paper_reference(size: int) -> float:
    """reportlab's raw canvas: nine strings a row, no tags, no outline."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    rows = [(one.name, one.code, one.address, one.licence_no) for one in institutions(1, size)]

    def work() -> None:
        canvas = Canvas(os.devnull, pagesize=landscape(A4))
        for start in range(0, len(rows), 30):
            canvas.setFont("STSong-Light", 8)
            for at, row in enumerate(rows[start : start + 30]):
                for place, text in enumerate((*row, *"ABCDE")):
                    canvas.drawString(40 + place * 80, 540 - at * 16, text)
            canvas.showPage()
        canvas.save()

    return clocked(work)


def wanted(size: int) -> Iterator[str]:
    random = Random(4)  # noqa: S311 play data
    found = [random.randrange(size) for _ in range(QUERIES)]
    names = {one.number - 1: one for one in institutions(1, size) if one.number - 1 in set(found)}
    for at in found:
        name = names[at].name
        start = random.randrange(max(1, len(name) - 4))
        yield random.choice((name, names[at].code or name, name[start : start + 3], name[6:9]))


def search_times(home: str, size: int) -> tuple[float, tuple[float, float, float, float]]:
    edition = Store(settings_of(f"{home}/city").editions).current()
    ours, scans = [], []
    sql = "SELECT id FROM institution WHERE name LIKE ? OR code = ? LIMIT 20"
    for query in wanted(size):
        ours.append(clocked(lambda query=query: search(edition, query)))
        words = (f"%{query}%", query)
        scans.append(clocked(lambda words=words: edition.lookup.execute(sql, words).fetchall()))
    cuts = [statistics.quantiles(times, n=100) for times in (ours, scans)]
    return sum(ours), (cuts[0][49], cuts[0][98], cuts[1][49], cuts[1][98])


def rows_of(size: int, home: str) -> Iterator[Row]:
    """Every line of the table for one size."""
    measured(write_ledger, home, size)
    seconds, peak, _ = measured(import_ours, home)
    yield "import xlsx", seconds, "calamine + insert", measured(import_reference, home)[0], peak
    seconds, peak, _ = measured(fill, home, size)
    yield "take in credit files with history", seconds, "", None, peak
    rated, peak, _ = measured(assess_all, size)
    yield "assess all", rated, "polars sum, no reasons", optional(assess_reference, size), peak
    seconds, peak, _ = measured(one_finding, home)
    yield (
        "one finding, confirmed and re-rated",
        seconds,
        "3 × fdatasync 4 KiB",
        measured(sync_reference, home)[0],
        peak,
    )
    total, peak, steps = measured(release_steps, home)
    for name, step in steps:
        paper = name == "render_pdf"
        reference = optional(paper_reference, size) if paper else None
        yield f"release: {name}", step, "reportlab raw, once" if paper else "", reference, None
    yield "release: sum of steps", total, "", None, peak
    quick, peak, whole = measured(next_month, home, size)
    yield "next month's freeze, 1 % new", quick, "the same, reading all", whole, peak
    total, peak, (quick_steps, whole_steps, lines) = measured(two_months, home, size)
    for (name, step), (_, reference) in zip(quick_steps, whole_steps, strict=True):
        yield f"next month: {name}", step, "the same, from nothing", reference, None
    whole = sum(one for _, one in whole_steps)
    yield f"month, 1 % changed / full ({lines} lines)", total, "all but the papers", whole, peak
    seconds, peak, _ = measured(verify_ours, home)
    yield "verify", seconds, "assess all", rated, peak
    _, peak, cuts = measured(search_times, home, size)
    yield "search p50", cuts[0], "LIKE scan", cuts[2], peak
    yield "search p99", cuts[1], "LIKE scan", cuts[3], None


def optional(work: Callable[..., float], *words: Any) -> float | None:
    module = {"assess_reference": "polars", "paper_reference": "reportlab"}[work.__name__]
    try:
        __import__(module)
    except ImportError:
        return None
    return float(measured(work, *words)[0])


def main() -> None:
    """Prints the table."""
    console = Console(width=120)
    for size in [int(one) for one in sys.argv[1:]] or SIZES:
        table = Table(title=f"{size:,} institutions")
        for head in ("step", "seconds", "reference", "seconds", "ratio", "peak MB"):
            table.add_column(head, justify="left" if head in ("step", "reference") else "right")
        with tempfile.TemporaryDirectory(prefix="xybench-") as home:
            for step, ours, reference, theirs, peak in rows_of(size, home):
                table.add_row(
                    step,
                    f"{ours:.5f}" if ours is not None and ours < 0.1 else f"{ours:.2f}",
                    reference,
                    "" if theirs is None else f"{theirs:.5f}" if theirs < 0.1 else f"{theirs:.2f}",
                    "" if not theirs or ours is None else f"{ours / theirs:.1f}",
                    "" if peak is None else f"{peak:.0f}",
                )
        console.print(table)
