"""One month after another: what a month costs when one institution in a hundred has changed.

`python -m tests.bench.months [SIZE …]` tells it step by step, in processor time, beside the first month's.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from msgspec import structs
from sqlalchemy import Engine

from config import month
from config.demo.build import register_all
from config.demo.generate import CUT_OFF, institutions
from config.freezing import salt_of
from config.register import open_register
from config.settings import Settings, demo_settings, load_policies, load_settings
from publisher.edition import Edition, read_edition
from publisher.freeze import Before, City, freeze
from publisher.gate import publish
from publisher.signing import create_key
from registry import acts, queries
from registry.database import reading, writing
from registry.forms import FindingSheet, StepForm
from scoring import assess, load_policy

NEXT_CUT_OFF = date(2026, 11, 30)
FROZEN = datetime(2026, 11, 10, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 1, tzinfo=UTC)
POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"


def clocked(work: Callable[[], Any]) -> float:
    """The seconds of some work."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def settings_of(home: str) -> Settings:
    """A fictional city in a folder."""
    return demo_settings(load_settings(None, {"XINYONG_DATA": home}))


def confirmed(engine: Engine, id: str, seen_on: str, on: date, now: datetime) -> None:
    """A finding recorded, heard and confirmed, each committed."""
    inspector = acts.Actor(account="bench", role="inspector")
    reviewer = acts.Actor(account="bench2", role="reviewer")
    sheet = FindingSheet(
        institution=id, code="S01", seen_on=seen_on, first_officer="甲", second_officer="乙"
    )
    with writing(engine) as session:
        matter = acts.record_finding(session, sheet, by=inspector, now=now)
    for act, by in (("hear", inspector), ("confirm", reviewer)):
        with writing(engine) as session:
            step = StepForm(on=on, reason="已听取")
            acts.take_step(session, matter, act, step, by=by, now=now)


def next_month(home: str, size: int) -> tuple[float, float]:
    """The next month's freeze with something new of one institution in a hundred, and reading everything."""
    settings = settings_of(f"{home}/city")
    engine = open_register(settings)
    with reading(engine) as session:
        ids = [one.id for one in queries.institutions(session, CUT_OFF, limit=size)]
    inspector = acts.Actor(account="bench", role="inspector")
    with writing(engine) as session:
        for id in ids[::100]:
            sheet = FindingSheet(
                institution=id,
                code="S01",
                seen_on="2026-11-10",
                first_officer="甲",
                second_officer="乙",
            )
            acts.record_finding(session, sheet, by=inspector, now=LATER)
    issue = month.issue_of(settings, "2026-12")
    city = City(id=settings.id, title=settings.title, organ=settings.organ, fictional=True)
    policies, salt = load_policies(settings), salt_of(settings)
    found: list[Edition] = []

    def quick() -> None:
        last = read_edition(settings.editions / "2026-11")
        before = Before(edition=last, recorded_by=FROZEN)
        with reading(engine) as session:
            found.append(freeze(session, city, issue, policies, salt, before))

    def whole() -> None:
        with reading(engine) as session:
            found.append(freeze(session, city, issue, policies, salt))

    seconds = clocked(quick), clocked(whole)
    assert found[0] == found[1]
    engine.dispose()
    return seconds


def steady_city(home: str, size: int) -> Settings:
    """A city in which time alone changes nothing for a month, and no bank reports."""
    settings = settings_of(f"{home}/steady")
    engine = open_register(settings)
    create_key(settings.keys)
    (settings.data / "demo").write_text("bench")
    policy = load_policy(POLICY.read_bytes())
    found = []
    for one in institutions(1, size):
        facts = structs.replace(one.facts, charges_in_advance=False)
        turn = assess(facts, policy, CUT_OFF).changes_on
        if turn is None or turn > NEXT_CUT_OFF:
            found.append(structs.replace(one, facts=facts))
    register_all(engine, settings, "0" * 64, found, lambda *_: None)
    engine.dispose()
    return settings


def month_of(settings: Settings, period: str, now: datetime) -> list[tuple[str, float]]:
    """Prepared, signed and released as by its people, everything but the papers, in processor time."""
    engine = open_register(settings)
    seconds = []
    work: dict[str, Callable[[], Any]] = {
        "prepare": lambda: month.prepare_month(engine, settings, period, by="publisher", now=now),
        "approve": lambda: month.approve_month(
            engine, settings, period, by="signer", now=now, unheard="一个月的变动，来不及逐家听取"
        ),
        "release": lambda: publish(
            engine,
            month.frozen(engine, settings, period),
            settings.data,
            month.renderers(settings, now, papers=False),
            by=month.CLOCK,
            now=now,
        ),
    }
    for name, step in work.items():
        start = time.process_time()
        step()
        seconds.append((name, time.process_time() - start))
    engine.dispose()
    return seconds


def two_months(home: str, size: int) -> tuple[float, tuple[Any, ...]]:
    """A month from nothing, and the next with a finding confirmed at one institution in a hundred."""
    settings = steady_city(home, size)
    whole = month_of(settings, "2026-11", FROZEN)
    engine = open_register(settings)
    with reading(engine) as session:
        ids = [one.id for one in queries.institutions(session, CUT_OFF, limit=size)]
    for id in ids[::100]:
        confirmed(engine, id, "2026-11-10", date(2026, 11, 12), LATER)
    engine.dispose()
    quick = month_of(settings, "2026-12", datetime(2026, 12, 2, 1, tzinfo=UTC))
    first, second = (
        set((settings.editions / name / "entries.jsonl").read_bytes().splitlines())
        for name in ("2026-11", "2026-12")
    )
    return sum(one for _, one in quick), (quick, whole, len(second - first))


def main() -> None:
    """Each step of the next month beside that of the first, and both as a whole."""
    for size in [int(one) for one in sys.argv[1:]] or [2112]:
        with tempfile.TemporaryDirectory(prefix="xymonths-") as home:
            total, (quick, whole, lines) = two_months(home, size)
        print(f"{size:,} institutions, {lines} lines changed")
        for (name, ours), (_, theirs) in zip(quick, whole, strict=True):
            print(f"{name:8} {ours:8.3f} {theirs:8.3f} {ours / theirs:6.1%}")
        full = sum(one for _, one in whole)
        print(f"{'whole':8} {total:8.3f} {full:8.3f} {total / full:6.1%}", flush=True)


if __name__ == "__main__":
    main()
