"""Edition → browse.sqlite: the read-only database by which people go through districts, kinds and streets."""

import sqlite3
from contextlib import closing
from pathlib import Path

from publisher.edition import Edition
from publisher.seen import Seen, seen
from publisher.streets import street_of

NAME = "browse.sqlite"
SCHEMA = """
CREATE TABLE institution (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL, jurisdiction TEXT NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, address TEXT NOT NULL, street TEXT NOT NULL, house INTEGER NOT NULL,
  status TEXT NOT NULL, grade TEXT NOT NULL, score TEXT NOT NULL
) WITHOUT ROWID;
"""
AFTER = """
CREATE INDEX by_status ON institution (status, id);
CREATE INDEX by_place ON institution (jurisdiction, status, id);
CREATE INDEX by_kind ON institution (kind, subject, id);
CREATE INDEX by_grade ON institution (grade, id);
CREATE INDEX by_street ON institution (street, jurisdiction, house, id) WHERE street <> '';
"""


def render_browse(edition: Edition, folder: Path) -> None:
    """Writes `browse.sqlite`; the same edition gives the same bytes under one SQLite library."""
    draft = folder / f"{NAME}.draft"
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO institution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            map(_row, seen(edition)),
        )
        connection.execute("COMMIT")
        connection.executescript(AFTER)
        connection.execute("VACUUM INTO ?", (str(folder / NAME),))
    draft.unlink()
    (folder / NAME).chmod(0o444)


def _row(one: Seen) -> tuple[str | int, ...]:
    rating = one.rating
    address = one.addresses[0] if one.addresses else ""
    return (
        one.institution,
        one.name,
        one.code,
        one.jurisdiction,
        one.facts.kind,
        one.facts.subject,
        address,
        *street_of(address),
        rating.status,
        one.grade,
        "" if rating.score is None else str(rating.score),
    )
