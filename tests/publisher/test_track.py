"""What the last editions said of an institution: of more of them than one connection holds."""

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from publisher import browse
from publisher.pages.chart import Past
from publisher.site.track import AT_ONCE, Track, monthly

MANY = 2 * AT_ONCE + 4
PERIODS = [f"{2024 + at // 12}-{at % 12 + 1:02}" for at in range(MANY)]


def written(folder: Path, rows: list[tuple[str, str, str, str]]) -> Path:
    """An edition's folder in which some stand."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / browse.NAME)) as connection, connection:
        connection.executescript(browse.SCHEMA)
        connection.executemany(
            "INSERT INTO institution VALUES (?, '', '', '', '', '', '', '', 0, ?, ?, ?)", rows
        )
    return folder


def test_each_edition_tells_its_own_and_none_where_it_has_no_entry(tmp_path: Path) -> None:
    folders = [
        written(
            tmp_path / period,
            [("B", "new", "N", ""), *([("A", "white", "A", str(at))] if at % 3 else [])],
        )
        for at, period in enumerate(PERIODS)
    ]
    track = Track(folders)
    assert track.of("A") == [
        Past(period=period, status="white", grade="A", score=Decimal(at)) if at % 3 else None
        for at, period in enumerate(PERIODS)
    ]
    assert track.of("B") == [Past(period=one, status="new", grade="N") for one in PERIODS]
    assert track.of("' OR 1") == [None] * MANY


def test_of_a_month_with_several_editions_the_last_one_tells() -> None:
    names = ["2026-11", "2026-10.10", "2026-10.2", "2026-10", "2026-09"]
    assert monthly(names, "2026-11") == ["2026-09", "2026-10.10", "2026-11"]
    assert monthly(names, "2026-10.2") == ["2026-09", "2026-10.2"]
