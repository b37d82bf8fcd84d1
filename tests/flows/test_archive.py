"""A year for the city's archive: a BagIt bag that sha256sum alone checks, and that names what was touched."""

import json
import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from config.keeping.bag import archive_year
from config.keeping.errors import KeepingError, NotEmpty
from config.register import open_register
from config.settings import Settings
from publisher.verify import verify
from registry import queries
from registry.database import reading
from tests.flows.kept_city import PERIODS, kept_city, quiet


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    with kept_city(request, tmp_path / "data") as settings:
        yield settings


def summed(bag: Path) -> "subprocess.CompletedProcess[str]":
    """What coreutils says of the bag."""
    words = ["sha256sum", "--strict", "-c", "manifest-sha256.txt", "tagmanifest-sha256.txt"]
    return subprocess.run(words, cwd=bag, capture_output=True, text=True, check=False)


def test_a_bag_holds_the_year_and_is_checked_without_this_program(
    city: Settings, tmp_path: Path
) -> None:
    engine = open_register(city)
    bag, now = tmp_path / "bag", datetime(2027, 1, 8, tzinfo=city.zone)
    many = archive_year(engine, city, 2026, bag, now, quiet)
    assert summed(bag).returncode == 0
    listed = (bag / "manifest-sha256.txt").read_text("utf-8").splitlines()
    payload = {one for one in (bag / "data").rglob("*") if one.is_file()}
    assert len(listed) == len(payload) == many
    assert (bag / "bagit.txt").read_bytes() == (
        b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    )
    info = dict(
        line.split(": ", 1) for line in (bag / "bag-info.txt").read_text("utf-8").splitlines()
    )
    size = sum(one.stat().st_size for one in payload)
    assert info["Payload-Oxum"] == f"{size}.{many}"
    assert info["Bagging-Date"] == "2027-01-08"
    for period in PERIODS:
        folder = bag / "data/editions" / period
        assert verify(folder, bag / "data/editions/bureau.pub").problems == ()
    with reading(engine) as session:
        entries = queries.ledger_entries(session, limit=10_000)
    lines = [json.loads(one) for one in (bag / "data/ledger-2026.jsonl").read_text().splitlines()]
    of_year = [one for one in reversed(entries) if one.at.astimezone(city.zone).year == 2026]
    assert [one["digest"] for one in lines] == [one.digest for one in of_year]
    assert lines
    with pytest.raises(NotEmpty):
        archive_year(engine, city, 2026, bag, now, quiet)
    with pytest.raises(KeepingError, match="1999"):
        archive_year(engine, city, 1999, tmp_path / "other", now, quiet)
    assert not (tmp_path / "other").exists()
    (bag / "data/editions/2026-11/list.csv").write_text("touched")
    assert "data/editions/2026-11/list.csv: FAILED" in summed(bag).stdout
    engine.dispose()
