"""Twelve cities as twelve schemas on two PostgreSQL servers, at work, while one moves: what was lost, doubled, refused.

`python -m tests.bench.cities [CITIES] [ROWS]`: so many cities, and so many more rows in the one that moves.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Any

from config.cities.installation import Installation, load_installation
from config.register import OPERATOR, existing_register
from registry.database import reading, writing
from registry.ledger import Act, append, check
from tests.conftest import postgres_server, served
from tests.flows.cities import at_work, complaints_of, filled, installation_file, with_roles

SECONDS = 10
USUAL = (12, 20_000)


def grown(whole: Installation, rows: int) -> None:
    """So many more entries in the ledger of the city that moves."""
    engine = existing_register(whole.members[0].settings)
    for start in range(0, rows, 1000):
        with writing(engine) as session:
            for at in range(start, min(rows, start + 1000)):
                append(
                    session, Act(act="note", subject=f"{at}"), by=OPERATOR, now=datetime.now(UTC)
                )
    engine.dispose()


def broken(whole: Installation) -> int:
    """How many ledgers do not hold."""
    many = 0
    for member in whole.members:
        engine = existing_register(member.settings)
        with reading(engine) as session:
            many += bool(check(session))
        engine.dispose()
    return many


def main() -> None:
    """Builds, serves, moves, counts."""
    many, rows = (
        int(given) if given else usual for given, usual in zip_longest(sys.argv[1:3], USUAL)
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        postgres_server() as east,
        postgres_server() as west,
    ):
        on = dict.fromkeys(range(many // 2, many), "west")
        servers = {"east": east, "west": west}
        file = installation_file(Path(folder), many, servers, on=on, roles=True)
        with_roles(file)
        whole = filled(file)
        grown(whole, rows)
        environ = {"XINYONG_CITIES": str(file)}
        began = time.monotonic()
        with served(**environ) as url:
            tell("seconds until all are served", round(time.monotonic() - began, 1))
            with at_work(url, whole) as said:
                time.sleep(SECONDS)
                done = moved(environ)
                time.sleep(SECONDS)
        counted(load_installation(file), said)
        tell("move", done)
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        tell("memory of the largest process, MB", used)


def moved(environ: dict[str, str]) -> str:
    """The first city goes to the other server; the command's own words."""
    command = [sys.executable, "-m", "config", "move", "city0", "west", "--as", "city0_owner"]
    done = subprocess.run(
        command, env={**os.environ, **environ}, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()[0]


def counted(whole: Installation, said: list[dict[str, Any]]) -> None:
    """What the people were answered, against what the registers hold."""
    lost = doubled = done = 0
    for one, member in zip(said, whole.members, strict=True):
        held = complaints_of(member)
        lost += len(set(one["done"]) - set(held))
        doubled += len(held) - len(set(held))
        done += len(one["done"])
    tell("acts done", done)
    tell("lost", lost)
    tell("doubled", doubled)
    tell("told to come again (503)", sum(one["again"] + one["reread"] for one in said))
    tell("failed otherwise", sum(len(one["failed"]) for one in said))
    tell("pages read", sum(one["read"] for one in said))
    tell("longest wait of an act in the city that moved, s", said[0]["longest"])
    tell("longest wait of an act in the others, s", max(one["longest"] for one in said[1:]))
    tell("ledgers that do not hold", broken(whole))


def tell(what: str, value: object) -> None:
    """One line."""
    print(f"{what:52} {value}", flush=True)


if __name__ == "__main__":
    main()
