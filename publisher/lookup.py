"""Edition → register.sqlite: the read-only database in which the public finds an institution."""

import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import msgspec

from publisher.edition import Edition, Entry, Manifest, folder_of, is_withdrawn
from publisher.grams import grams, normalise, sounds
from publisher.signing import KeyUnreadable, is_signed
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


Spelling = tuple[str, str, str]


class _Found(NamedTuple):
    """An institution's row, and its spellings by kind, text and form for comparing."""

    row: tuple[str | bytes, ...]
    spellings: list[Spelling]


def render_lookup(edition: Edition, folder: Path) -> None:
    """Writes `register.sqlite`; `entry` is the entry's canonical line, packed with zlib.

    What the database of the edition before says of an unchanged line is taken from there; the bytes are
    the same as without it.
    """
    draft = folder / f"{NAME}.draft"
    connection = sqlite3.connect(draft, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        connection.execute("BEGIN")
        meta = {
            "edition": canonical(edition.manifest).decode(),
            "digest": edition.digest,
            "sounds": _sounds_by(),
        }
        connection.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
        found = list(_found(edition, _known(edition, folder.parent)))
        connection.executemany(
            "INSERT INTO institution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (one.row for one in found),
        )
        spellings = [
            (number, id, *spelling)
            for number, (id, spelling) in enumerate(
                ((str(one.row[0]), spelling) for one in found for spelling in one.spellings), 1
            )
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


def _found(edition: Edition, known: dict[bytes, _Found]) -> Iterator[_Found]:
    """Every institution in order of number; what is known of a line need not be made again."""
    places = {one.id: one.name for one in edition.manifest.jurisdictions}
    decoder = msgspec.json.Decoder(Entry)
    for line in edition.lines:
        if is_withdrawn(line):
            continue
        one = known.get(line)
        if one is None:
            entry = decoder.decode(line)
            place = places.get(entry.jurisdiction, "")
            one = _Found(_row(entry, line), list(_plain(_spellings(entry, place))))
        yield one


def _known(edition: Edition, editions: Path) -> dict[bytes, _Found]:
    """What the database of the edition before says of each line it holds.

    Nothing, unless this program made it, the bureau signed it, and the places bear the same names.
    """
    last = folder_of(editions, edition.manifest.previous)
    if last is None or not _is_like(edition, last, editions / "bureau.pub"):
        return {}
    spellings: dict[str, list[Spelling]] = defaultdict(list)
    uri = f"file:{last / NAME}?mode=ro&immutable=1"
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        sounds_by = connection.execute("SELECT value FROM meta WHERE key = 'sounds'").fetchone()
        if sounds_by != (_sounds_by(),):
            return {}
        query = "SELECT institution, kind, text, plain FROM spelling ORDER BY number"
        for id, *spelling in connection.execute(query):
            spellings[id].append(tuple(spelling))
        rows = connection.execute("SELECT * FROM institution")
        return {zlib.decompress(row[-1]): _Found(row, spellings[row[0]]) for row in rows}


def _sounds_by() -> str:
    """The libraries that say how a name sounds and is simplified, for another version may say otherwise."""
    return " ".join(
        f"{name}=={version(name)}" for name in ("opencc-python-reimplemented", "pypinyin")
    )


def _is_like(edition: Edition, last: Path, key: Path) -> bool:
    try:
        manifest = msgspec.json.decode((last / "edition.json").read_bytes(), type=Manifest)
        raw = (last / "renderings.json").read_bytes()
        listed = msgspec.json.decode(raw, type=dict[str, str])
        signed = is_signed(raw, (last / "renderings.json.sig").read_bytes(), key)
        digest = sha256((last / NAME).read_bytes()).hexdigest()
    except (OSError, KeyUnreadable, msgspec.DecodeError):
        return False
    same = (manifest.program, manifest.jurisdictions)
    return (
        signed
        and listed.get(NAME) == digest
        and same == (edition.manifest.program, edition.manifest.jurisdictions)
    )


def _row(entry: Entry, line: bytes) -> tuple[str | bytes, ...]:
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
        zlib.compress(line, 6),
    )


def _plain(spellings: Iterator[tuple[str, str]]) -> Iterator[Spelling]:
    """Each with its form for comparing; one of which nothing is left is not searched."""
    for kind, text in spellings:
        if plain := normalise(text):
            yield kind, text, plain


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
