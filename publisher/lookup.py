"""Edition → register.sqlite: the read-only database in which the public finds an institution."""

import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path

from publisher.edition import Edition, Entry
from publisher.grams import grams, normalise, sounds
from scoring.canonical import canonical

NAME = "register.sqlite"
# Contentless: the words only say which rows to look at, and the rows hold the text.
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE institution (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, plain TEXT NOT NULL, code TEXT NOT NULL, licence_no TEXT NOT NULL,
  jurisdiction TEXT NOT NULL, address TEXT NOT NULL, status TEXT NOT NULL, grade TEXT NOT NULL,
  score TEXT NOT NULL, entry BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE spelling (
  number INTEGER PRIMARY KEY, institution TEXT NOT NULL, kind TEXT NOT NULL,
  text TEXT NOT NULL, plain TEXT NOT NULL
);
CREATE VIRTUAL TABLE gram USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii');
"""
AFTER = """
CREATE INDEX institution_code ON institution (code) WHERE code <> '';
CREATE INDEX institution_licence ON institution (licence_no) WHERE licence_no <> '';
CREATE INDEX institution_place ON institution (jurisdiction, status);
CREATE INDEX spelling_plain ON spelling (plain);
"""


def render_lookup(edition: Edition, folder: Path) -> None:
    """Writes `register.sqlite`; `entry` is the entry's canonical line, packed with zlib."""
    draft = folder / f"{NAME}.draft"
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        connection.execute("BEGIN")
        meta = {"edition": canonical(edition.manifest).decode(), "digest": edition.digest}
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        connection.executemany(
            "INSERT INTO institution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (_row(entry) for entry in edition.entries),
        )
        places = {one.id: one.name for one in edition.manifest.jurisdictions}
        spellings = [
            (number, entry.institution, kind, text, plain)
            for number, (entry, kind, text, plain) in enumerate(_all(edition, places), 1)
        ]
        connection.executemany("INSERT INTO spelling VALUES (?, ?, ?, ?, ?)", spellings)
        connection.executemany(
            "INSERT INTO gram (rowid, words) VALUES (?, ?)",
            ((number, " ".join(grams(plain))) for number, _, _, _, plain in spellings),
        )
        connection.execute("INSERT INTO gram(gram) VALUES ('optimize')")
        connection.execute("COMMIT")
        connection.executescript(AFTER)
        connection.execute("VACUUM INTO ?", (str(folder / NAME),))
    finally:
        connection.close()
        draft.unlink(missing_ok=True)
    (folder / NAME).chmod(0o444)


def _row(entry: Entry) -> tuple[str | bytes, ...]:
    rating = entry.rating
    return (
        entry.institution,
        entry.name,
        normalise(entry.name),
        entry.code,
        entry.licence_no,
        entry.jurisdiction,
        entry.addresses[0] if entry.addresses else "",
        rating.status,
        rating.grade,
        "" if rating.score is None else str(rating.score),
        zlib.compress(canonical(entry), 6),
    )


def _all(edition: Edition, places: dict[str, str]) -> Iterator[tuple[Entry, str, str, str]]:
    for entry in edition.entries:
        for kind, text in _spellings(entry, places.get(entry.jurisdiction, "")):
            if plain := normalise(text):
                yield entry, kind, text, plain


def _spellings(entry: Entry, place: str) -> Iterator[tuple[str, str]]:
    """Everything an institution is called or found by, and what sort of finding that is."""
    yield "name", entry.name
    for name in entry.names:
        if name.text != entry.name:
            yield "former" if name.kind == "legal" else name.kind, name.text
    for address in entry.addresses:
        yield "address", address
    if place:
        yield "place", place
    if entry.licence_no:
        yield "licence", entry.licence_no
    initials, syllables = sounds(entry.name)
    if initials:
        yield "initials", initials
        yield "sound", syllables
