"""Another city's real register, dirty as found, goes the whole way by the commands an office types."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import msgspec
import pytest

from config.backtest import run_backtest
from publisher.edition import Entry
from publisher.verify import verify
from tests.conftest import served

ROOT = Path(__file__).parents[2]
CITY = ROOT / "tests/cities/san_francisco"
DATA = ROOT / "tests/data"
FILES = {"institutions": "businesses", "inspections": "inspections", "findings": "violations"}
Command = Callable[..., str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sf")


@pytest.fixture(scope="module")
def run(home: Path) -> Command:
    """Runs a command of xinyong in this city; what it prints."""

    def run(*words: object, status: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "config", *map(str, words)],
            env={**os.environ, "XINYONG_CITY": str(CITY), "XINYONG_DATA": str(home / "data")},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture(scope="module")
def released(home: Path, run: Command) -> Path:
    run("migrate")
    for account in ("clerk", "head"):
        who = ("--name", account, "--role", "publisher", "--password", "a long password")
        run("user", "add", account, *who)
    for kind, name in FILES.items():
        file = home / f"{name}.csv"
        file.write_bytes(gzip.decompress((DATA / f"sf_{name}.csv.gz").read_bytes()))
        told = run("import", kind, file, "--by", "clerk")
        assert "没有读取" not in told
    run("prepare", "2018-01", "--by", "clerk")
    assert "不能由您签发" in run("approve", "2018-01", "--by", "clerk", status=2)
    run("approve", "2018-01", "--by", "head")
    run("release", "2018-01", "--by", "clerk")
    return home / "data/editions/2018-01"


def entries(folder: Path) -> list[Entry]:
    lines = (folder / "entries.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Entry) for line in lines]


def test_everything_that_came_in_is_in_the_edition_and_it_verifies(
    released: Path, run: Command
) -> None:
    found = entries(released)
    assert len(found) == 3223
    assert sum(len(one.facts.inspections) for one in found) == 13227
    assert sum(len(one.facts.records) for one in found) == 19067
    assert verify(released, released.parents[1] / "keys/bureau.pub").problems == ()
    assert "核对相符" in run("verify", released)
    names = {one.name for one in found}
    assert {name for name in names if "é" in name or "ñ" in name.lower()}


def test_an_edition_gives_the_score_the_city_printed(released: Path) -> None:
    """The last routine visit of each place is one of the backtest's rows, and as exact as they are."""
    printed: dict[str, tuple[str, str]] = {}
    for line in gzip.decompress((DATA / "sf_inspections.csv.gz").read_bytes()).decode().split("\n"):
        id, day, kind, score = [*line.split(","), "", "", "", ""][:4]
        if kind == "Routine - Unscheduled" and day >= printed.get(id, ("", ""))[0]:
            printed[id] = (day, score)
    ours = {
        one.facts.registrations[0].number: (one.rating.score, one.facts.inspections)
        for one in entries(released)
    }
    rows = matched = 0
    for id, (day, score) in printed.items():
        rated, visits = ours[id]
        same_day = [one for one in visits if f"{one.on:%Y%m%d}" == day]
        if score and rated is not None and len(same_day) == 1:
            rows += 1
            matched += str(rated) == score
    assert rows > 2000
    assert matched / rows > 0.97


def test_taking_the_files_in_again_changes_nothing(
    released: Path, home: Path, run: Command
) -> None:
    for kind, name in FILES.items():
        told = run("import", kind, home / f"{name}.csv", "--by", "clerk")
        assert re.search(r"已导入 0 行，\d+ 行已在登记册", told)


def test_a_rating_of_this_city_is_told_with_its_reasons(released: Path, run: Command) -> None:
    worst = min(
        (one for one in entries(released) if one.rating.score is not None),
        key=lambda one: one.rating.score or 0,
    )
    told = run("assess", worst.institution, "--on", "2017-12-31")
    assert worst.name in told
    assert f"{worst.rating.score}  得分" in told
    rating = json.loads(run("assess", worst.institution, "--on", "2017-12-31", "--json"))[0]
    assert rating["score"] == str(worst.rating.score)
    assert len(rating["reasons"]) == len(worst.rating.reasons) > 3


def test_a_visitor_finds_a_place_by_a_fragment_of_its_name_and_reads_why(released: Path) -> None:
    worst = min(
        (one for one in entries(released) if one.rating.score is not None),
        key=lambda one: one.rating.score or 0,
    )
    with served("--public", released.parent) as url:
        html = {"Accept": "text/html"}
        fragment = max(worst.name.split(), key=len)
        found = httpx.get(f"{url}/search/", params={"q": fragment.lower()}, headers=html)
        assert f"/i/{worst.institution}/" in found.text
        text = httpx.get(f"{url}/i/{worst.institution}/", headers=html).text
    assert worst.rating.grade in text
    for reason in worst.rating.reasons:
        assert reason.statement in text.replace("&#39;", "'")
        assert reason.reference.article in text


def test_its_policy_is_the_one_the_backtest_proves() -> None:
    policy = (CITY / "policy/SF-2014.toml").read_bytes()
    authority = ROOT / "tests/scoring/authorities/san_francisco"
    assert policy == (authority / "policy-2014.toml").read_bytes()
    outcome = run_backtest(authority, DATA)
    assert (outcome.rows, outcome.matched) == (6963, 6834)
    assert all(one.on <= date(2017, 12, 31) for one in outcome.differences)
