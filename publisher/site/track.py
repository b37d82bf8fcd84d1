"""What the last editions said of an institution, asked of all of them at once."""

import sqlite3
import weakref
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from publisher import browse
from publisher.pages.chart import Past

# As many databases as one connection of SQLite holds (SQLITE_MAX_ATTACHED).
AT_ONCE = 10
# What a connection keeps of each database, in KiB: a lookup needs the way to a leaf.
KEPT = 200


class Track:
    """A row of editions, each of which says one thing of an institution."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self.periods = tuple(one.name[:7] for one in folders)
        groups = [folders[at : at + AT_ONCE] for at in range(0, len(folders), AT_ONCE)]
        self._groups = [_joined(one) for one in groups]
        for connection, _ in self._groups:
            weakref.finalize(self, connection.close)

    def of(self, institution: str) -> list[Past | None]:
        """What each edition says, in order; None where it has no entry."""
        said: list[str | None] = []
        for connection, query in self._groups:
            said += connection.execute(query, (institution,)).fetchone()
        return [
            None if one is None else past(period, one)
            for period, one in zip(self.periods, said, strict=True)
        ]


def order(name: str) -> tuple[str, int]:
    """By what the names of editions follow one another."""
    period, _, number = name.partition(".")
    return period, int(number or 0)


def monthly(names: Sequence[str], until: str) -> list[str]:
    """Of each month up to an edition's the last edition, the oldest first, of names from the newest on."""
    last: dict[str, str] = {}
    for name in names:
        if order(name) <= order(until):
            last.setdefault(name[:7], name)
    return sorted(last.values(), key=order)


@lru_cache(maxsize=4096)
def past(period: str, said: str) -> Past:
    """What an edition said, from its status, grade and score in one line."""
    status, grade, score = said.split("\t")
    return Past(period=period, status=status, grade=grade, score=Decimal(score) if score else None)


def _joined(folders: Sequence[Path]) -> tuple[sqlite3.Connection, str]:
    """The databases of some editions behind one connection, and what asks them all of one institution."""
    connection = sqlite3.connect(":memory:", uri=True, check_same_thread=False)
    columns = []
    for at, folder in enumerate(folders):
        connection.execute(
            f"ATTACH ? AS e{at}", (f"file:{folder / browse.NAME}?mode=ro&immutable=1",)
        )
        connection.execute(f"PRAGMA e{at}.cache_size = -{KEPT}")
        columns.append(
            f"(SELECT status || char(9) || grade || char(9) || score FROM e{at}.institution WHERE id = ?1)"  # noqa: S608
        )
    return connection, f"SELECT {', '.join(columns)}"
