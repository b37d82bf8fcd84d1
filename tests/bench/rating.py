"""Rating with every reason, beside a columnar pass over the same facts in the same run.

`python -m tests.bench.rating [SIZE …]`: microseconds an institution with about eight findings each, one by
one with `rated_on` (every reason, and the conditions of the white list), with `assess` (the same, and the
day on which it changes) and with a polars query that gives the same points for each finding: gate, validity,
restoration, rolling caps, one reason a finding. Its scores are compared with ours, and the run stops if one
differs.
"""

import gc
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from scoring import Policy, Rating, assess, load_policy
from scoring.assess import rated_on
from scoring.facts import (
    AnnualInspection,
    Cover,
    Custody,
    Event,
    Facts,
    Inspection,
    Record,
    State,
    Term,
)

POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"
ON = date(2026, 10, 31)
SIZES = (2_112, 100_000, 1_000_000)
CHUNK = 50_000
PLAIN = ("F", "O")
Rate = Callable[[Facts, Policy, date], Rating]


def facts(number: int, policy: Policy, random: Random) -> Facts:
    """An institution in order but for about eight findings of the last three years."""
    codes = [o for o in policy.indicators if not o.bonus and o.gate in PLAIN and o.points]
    codes = [o for o in codes if not o.until_next and not o.grows_by and o.months]
    many = sum(random.random() < 0.5 for _ in range(16))
    return Facts(
        institution=f"NB{number:07d}",
        opened_on=date(2015, 9, 1),
        on_platform=True,
        inspections=(Inspection(id="v", kind="daily", on=ON - timedelta(days=90)),),
        records=tuple(_record(n, random.choice(codes), random) for n in range(many)),
        licences=(Term(number="1", since=date(2024, 1, 1), until=date(2028, 12, 31)),),
        registrations=(Term(number="1", since=date(2015, 9, 1)),),
        annual_inspections=(AnnualInspection(year=2025, result="合格", on=date(2026, 5, 20)),),
        covers=(
            Cover(cover_class="premises", since=date(2026, 1, 1), until=date(2026, 12, 31)),
            Cover(cover_class="performance", since=date(2026, 1, 1), until=date(2026, 12, 31)),
        ),
        custody=(Custody(bank="b", since=date(2020, 1, 1), reported_on=date(2026, 10, 20)),),
    )


def _record(number: int, rule: Any, random: Random) -> Record:
    seen = ON - timedelta(days=random.randrange(20, 1100))
    confirmed = seen + timedelta(days=7)
    events = [Event(state=State.DISCOVERED, on=seen), Event(state=State.CONFIRMED, on=confirmed)]
    if rule.gate == "O" or random.random() < 0.7:
        ordered = seen + timedelta(days=10)
        events.append(Event(state=State.ORDERED, on=ordered, due_on=ordered + timedelta(days=30)))
        events.append(Event(state=State.PASSED, on=seen + timedelta(days=random.choice((35, 60)))))
    return Record(
        id=f"r{number:03d}",
        kind="finding",
        code=rule.code,
        seen_on=seen,
        extent=random.choice((1, 1, 1, 2)),
        events=tuple(events),
    )


def chunks(size: int, policy: Policy) -> Iterator[list[Facts]]:
    """The institutions in portions that fit into memory, the same for every engine."""
    random = Random(7)  # noqa: S311 play data
    for start in range(0, size, CHUNK):
        stop = min(size, start + CHUNK)
        yield [facts(n, policy, random) for n in range(start, stop)]


def ours(some: list[Facts], policy: Policy, rate: Rate) -> tuple[float, list[Rating]]:
    gc.collect()
    gc.freeze()
    start = time.process_time()
    found = [rate(one, policy, ON) for one in some]
    seconds = time.process_time() - start
    gc.unfreeze()
    return seconds, found


def columns(some: list[Facts]) -> Any:
    """The findings as one table, a row for each; building it is not counted."""
    import polars as pl

    rows = []
    for one in some:
        for record in one.records:
            days = {event.state: event for event in record.events}
            ordered, passed = days.get(State.ORDERED), days.get(State.PASSED)
            rows.append(
                (
                    one.institution,
                    record.id,
                    record.code,
                    record.seen_on,
                    record.extent,
                    days[State.CONFIRMED].on,
                    ordered.on if ordered else None,
                    ordered.due_on if ordered else None,
                    passed.on if passed else None,
                )
            )
    names = ("who", "id", "code", "seen", "extent", "confirmed", "ordered", "due", "passed")
    return pl.DataFrame(rows, schema=names, orient="row")


def polars_pass(table: Any, rules: Any) -> Any:
    """The same sums by columns: a list of reasons and a score for each institution."""
    import polars as pl

    on = pl.lit(ON)
    valid = (
        table.lazy()
        .filter((pl.col("seen") <= on) & (pl.col("confirmed") <= on))
        .join(rules.lazy(), on="code")
        .with_columns(
            since=pl.when(pl.col("gate") == "F").then("confirmed").otherwise("ordered"),
            passed=pl.when(pl.col("passed") <= on).then("passed"),
        )
        .filter(pl.col("since") <= on)
        .with_columns(
            until=pl.col("since").dt.offset_by(pl.format("{}mo", "months")),
            raw=pl.col("points") * pl.col("extent"),
            in_time=pl.col("passed").is_not_null()
            & (pl.col("due").is_null() | (pl.col("passed") <= pl.col("due"))),
        )
        .filter(on < pl.col("until"))
        .with_columns(
            left=pl.when(pl.col("in_time") & (pl.col("restore") == "full"))
            .then(0)
            .when(pl.col("in_time") & (pl.col("restore") == "half"))
            .then(pl.col("raw") // 2)
            .otherwise("raw")
        )
        .sort("who", "since", "seen", "id")
        .with_columns(spent=pl.col("left").cum_sum().over("who", "code") - pl.col("left"))
        .with_columns(
            held=pl.min_horizontal(
                "left", pl.max_horizontal(pl.col("cap") - pl.col("spent"), pl.lit(0))
            )
        )
    )
    return (
        valid.group_by("who", maintain_order=True)
        .agg(
            score=100 - pl.col("held").sum(),
            reasons=pl.struct(
                "id", "code", "title", "held", "raw", "left", "since", "until", "article"
            ),
        )
        .with_columns(score=pl.max_horizontal("score", pl.lit(0)))
        .with_columns(
            grade=pl.when(pl.col("score") >= 90)
            .then(pl.lit("A"))
            .when(pl.col("score") >= 75)
            .then(pl.lit("B"))
            .when(pl.col("score") >= 60)
            .then(pl.lit("C"))
            .otherwise(pl.lit("D"))
        )
        .collect()
    )


def rules_of(policy: Policy) -> Any:
    import polars as pl

    rows = [
        (
            one.code,
            one.title,
            one.gate,
            int(one.points),
            int(one.cap) if one.cap is not None else 10**6,
            one.months or 1200,
            one.restore,
            f"{one.reference.document}{one.reference.article}",
        )
        for one in policy.indicators
    ]
    names = ("code", "title", "gate", "points", "cap", "months", "restore", "article")
    return pl.DataFrame(rows, schema=names, orient="row")


def compare(size: int, policy: Policy) -> tuple[float, float, float | None]:
    """Seconds of `rated_on`, `assess` and polars over the same facts; None where polars is not installed."""
    try:
        rules = rules_of(policy)
    except ImportError:
        rules = None
    alone = mine = theirs = 0.0
    for some in chunks(size, policy):
        alone += ours(some, policy, rated_on)[0]
        seconds, found = ours(some, policy, assess)
        mine += seconds
        if rules is None:
            continue
        table = columns(some)
        start = time.process_time()
        answer = polars_pass(table, rules)
        theirs += time.process_time() - start
        scores = dict(zip(answer["who"], answer["score"], strict=True))
        for one in found:
            assert one.score == scores.get(one.institution, 100), one.institution
    return alone, mine, None if rules is None else theirs


def main() -> None:
    policy = load_policy(POLICY.read_bytes())
    for size in [int(one) for one in sys.argv[1:]] or SIZES:
        alone, mine, theirs = compare(size, policy)
        line = f"{size:>9,} institutions: rated {alone / size * 1e6:.1f} µs each"
        line += f", with the day it changes {mine / size * 1e6:.1f} µs"
        if theirs is not None:
            line += f"; polars {theirs / size * 1e6:.2f} µs"
            line += f"; ratios {alone / theirs:.1f} and {mine / theirs:.1f}"
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{line}; at most {most:,.0f} MiB for facts, table and answers of {CHUNK:,}", flush=True
        )


if __name__ == "__main__":
    main()
