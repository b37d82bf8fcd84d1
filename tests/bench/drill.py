"""The worst day with a clock: `python -m tests.bench.drill DATA` backs a city up, loses it, and brings it back.

DATA is the data folder of a city, say of `./run demo`; it is read, and never changed. With XINYONG_DATABASE
the city lies in PostgreSQL, and its schema is restored into a database of the name in XINYONG_ELSEWHERE.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """Prints the seconds of each step, and whether every edition came out the same."""
    data = Path(sys.argv[1]).absolute()
    with tempfile.TemporaryDirectory(prefix="xydrill-") as folder:
        home = Path(folder)
        subprocess.run(["age-keygen", "-o", home / "key"], check=True, capture_output=True)
        done = subprocess.run(["age-keygen", "-y", home / "key"], check=True, capture_output=True)
        file, elsewhere = home / "city.backup.age", home / "elsewhere"
        there = {**os.environ, "XINYONG_DATA": str(data)}
        here = {
            **os.environ,
            "XINYONG_DATA": str(elsewhere),
            "XINYONG_CITY": str(elsewhere / "city"),
        }
        if database := os.environ.get("XINYONG_ELSEWHERE"):
            here["XINYONG_DATABASE"] = database
        fresh = {name: value for name, value in here.items() if name != "XINYONG_CITY"}
        public = done.stdout.decode().strip()
        total = _timed("backup, verified", there, "backup", file, "--to", public, "--verify")
        print(f"{'size':<20}{file.stat().st_size / 1e6:9.1f} MB")
        away = _timed("restore", fresh, "restore", file, "--key", home / "key")
        ill = _faults(there)
        away += _timed("doctor", here, "doctor", "--json", ill=ill)
        print(f"{'back after':<20}{away:9.1f} s = {away / 60:.1f} min")
        total += away + _timed("freeze all again", here, "rebuild")
        print(f"{'all':<20}{total:9.1f} s = {total / 60:.1f} min")


def _timed(
    what: str, environ: dict[str, str], *words: object, ill: frozenset[str] | None = None
) -> float:
    """The seconds of a command, which must succeed; a doctor must find nothing but what was `ill` before."""
    began = time.perf_counter()
    done = _ran(environ, *words)
    took = time.perf_counter() - began
    if done.returncode and (ill is None or not _named(done.stdout) <= ill):
        sys.exit(f"{what}: {done.stdout}{done.stderr}")
    print(f"{what:<20}{took:9.1f} s")
    return took


def _ran(environ: dict[str, str], *words: object) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "config", *map(str, words)]
    return subprocess.run(line, env=environ, capture_output=True, text=True, check=False)


def _faults(environ: dict[str, str]) -> frozenset[str]:
    """What the doctor finds before anything was lost, such as days off that are not yet announced."""
    return _named(_ran(environ, "doctor", "--json").stdout)


def _named(found: str) -> frozenset[str]:
    return frozenset(one["fault"] for one in json.loads(found) if one["fault"])


if __name__ == "__main__":
    main()
