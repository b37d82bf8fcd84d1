"""Edition → register.sqlite: the read-only database in which the public finds an institution."""

import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from publisher.edition import Edition, Manifest, Name, folder_of, is_withdrawn, leaf
from publisher.filing import Filing, Layout, Line, keys_of, line_of, read, written
from publisher.grams import normalise
from publisher.kept import Kept
from publisher.packing import dictionary_of, packed
from publisher.places import leading
from publisher.program import program
from publisher.shown import Licensed, shown_grade
from publisher.signing import KeyUnreadable, is_signed
from scoring.canonical import canonical

NAME = "register.sqlite"
# More of an edition than this is made anew sooner than it is carried on.
MOST_CHANGED = 0.3
SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE institution (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, code TEXT NOT NULL, licence_no TEXT NOT NULL,
  jurisdiction TEXT NOT NULL, address TEXT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
  status TEXT NOT NULL, grade TEXT NOT NULL, score TEXT NOT NULL, leaf BLOB NOT NULL, entry BLOB NOT NULL
);
CREATE TABLE wording (number INTEGER PRIMARY KEY, lines TEXT NOT NULL);
CREATE TABLE called (
  number INTEGER NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, until TEXT NOT NULL,
  PRIMARY KEY (number, place)
) WITHOUT ROWID;
CREATE TABLE filed (key TEXT PRIMARY KEY, many INTEGER NOT NULL, numbers BLOB NOT NULL) WITHOUT ROWID;
"""
AFTER = """
CREATE UNIQUE INDEX institution_id ON institution (id);
CREATE INDEX institution_code ON institution (code) WHERE code <> '';
CREATE INDEX institution_code_end ON institution (substr(code, -6)) WHERE code <> '';
CREATE INDEX institution_place ON institution (jurisdiction, status);
CREATE INDEX institution_name ON institution (name);
"""
# What the database says of one edition alone.
OWN = ("counts", "digest", "edition")
KINDS = {"former": "F", "brand": "B", "branch": "R"}


class _Rated(Struct, frozen=True, gc=False):
    """Of a rating, where it puts the institution."""

    status: str
    grade: str
    score: str | None


class _Taught(Struct, frozen=True, gc=False):
    """Of the facts, what sort of institution it is."""

    kind: str
    subject: str
    mode: str
    stage: str
    licences: tuple[Licensed, ...] = ()


class _Found(Struct, frozen=True, gc=False):
    """Of an entry, what it is found by, read without the rest, which is most of it."""

    institution: str
    name: str
    names: tuple[Name, ...]
    jurisdiction: str
    code: str
    licence_no: str
    addresses: tuple[str, ...]
    facts: _Taught
    rating: _Rated
    merged: bool = False

    @property
    def grade(self) -> str:
        """The grade as it is shown."""
        licensed, merged = bool(self.facts.licences), self.merged
        return shown_grade(self.rating.status, self.rating.grade, licensed=licensed, merged=merged)


class _Where(Struct, frozen=True, gc=False):
    """Of an entry, what its number follows from."""

    institution: str
    jurisdiction: str


class _Old(NamedTuple):
    """What the database before holds of an institution."""

    number: int
    id: str
    place: str
    leaf: bytes


def render_lookup(edition: Edition, folder: Path, *, kept: Kept | None = None) -> None:
    """Writes `register.sqlite`; `entry` is the entry's canonical line, packed (see publisher/packing.py).

    The database of the edition before, or the one that is made anew, is carried on where it can be, and only
    what changed is written; the bytes are the same as of one made from nothing.
    """
    draft = folder / f"{NAME}.draft"
    last = kept.folder if kept else folder_of(folder.parent, edition.manifest.previous)
    try:
        if last is None or not _carried(edition, last, draft, folder.parent / "bureau.pub"):
            draft.unlink(missing_ok=True)
            _made(edition, draft)
        with closing(_opened(draft)) as connection:
            # So that a copy of a copy is no other file.
            connection.execute("PRAGMA schema_version = 1")
            connection.execute("VACUUM INTO ?", (str(folder / NAME),))
    finally:
        draft.unlink(missing_ok=True)
    (folder / NAME).chmod(0o444)


def _opened(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;")
    return connection


def _meta(edition: Edition, layout: Layout, counts: dict[str, int]) -> dict[str, str]:
    """What the database says of itself; what is read with it must have been made with it."""
    return {
        "edition": canonical(edition.manifest).decode(),
        "digest": edition.digest,
        "counts": msgspec.json.encode(counts, order="sorted").decode(),
        "dictionary": dictionary_of(edition.policy),
        "places": msgspec.json.encode(layout).decode(),
        "leading": "\n".join(leading(edition.manifest)),
        "sounds": _sounds_by(),
        "program": program(),
    }


def _sounds_by() -> str:
    """The libraries that say how a name sounds and is simplified, for another version may say otherwise."""
    return " ".join(
        f"{name}=={version(name)}" for name in ("opencc-python-reimplemented", "pypinyin")
    )


def _made(edition: Edition, draft: Path) -> None:
    """A database made from nothing but the edition."""
    where = msgspec.json.Decoder(_Where)
    places: dict[str, list[str]] = {}
    lines: dict[str, bytes] = {}
    for line in edition.lines:
        if not is_withdrawn(line):
            one = where.decode(line)
            places.setdefault(one.jurisdiction, []).append(one.institution)
            lines[one.institution] = line
    counts = {place: len(ids) for place, ids in places.items()}
    layout = Layout.of(counts)
    numbers = layout.numbers(places)
    with closing(_opened(draft)) as connection:
        connection.executescript(SCHEMA)
        connection.execute("BEGIN")
        meta = _meta(edition, layout, counts)
        writing = _Writing(connection, edition, meta)
        for id, number in sorted(numbers.items(), key=lambda one: one[1]):
            writing.add(number, lines[id], leaf(lines[id]))
        connection.executemany("INSERT INTO filed VALUES (?, ?, ?)", writing.filing.lists())
        connection.execute("COMMIT")
        connection.executescript(AFTER)


def _carried(edition: Edition, last: Path, draft: Path, key: Path) -> bool:
    """The database before with what changed; False where it cannot be gone on from."""
    if not _is_like(edition, last, key):
        return False
    shutil.copyfile(last / NAME, draft)
    draft.chmod(0o644)
    with closing(_opened(draft)) as connection:
        connection.execute("BEGIN")
        was = dict(connection.execute("SELECT key, value FROM meta"))
        layout = msgspec.json.decode(was["places"], type=Layout)
        change = _change(edition, connection, layout)
        if change is None:
            return False
        meta = _meta(edition, layout, change.counts)
        if meta | {key: was[key] for key in OWN} != was:
            return False
        writing = _Writing(connection, edition, meta)
        for number in change.out:
            writing.remove(number)
        for number, line, hashed in change.into:
            writing.add(number, line, hashed)
        writing.refile()
        connection.execute("COMMIT")
    return True


class _Change(NamedTuple):
    """The numbers that are no longer said of an institution, and what is said of whom instead."""

    out: list[int]
    into: list[tuple[int, bytes, bytes]]
    counts: dict[str, int]


def _change(edition: Edition, connection: sqlite3.Connection, layout: Layout) -> _Change | None:
    """What changed since the database was made; None where most did, or numbers begin elsewhere."""
    rows = connection.execute("SELECT number, id, jurisdiction, leaf FROM institution")
    old = {row[3]: _Old(*row) for row in rows}
    where = msgspec.json.Decoder(_Where)
    places: dict[str, list[str]] = {}
    lines: dict[str, tuple[bytes, bytes]] = {}
    for line, hashed in zip(edition.lines, edition.leaves, strict=True):
        if is_withdrawn(line):
            continue
        one = old.get(hashed)
        new = where.decode(line) if one is None else _Where(one.id, one.place)
        places.setdefault(new.jurisdiction, []).append(new.institution)
        lines[new.institution] = (line, hashed)
    counts = {place: len(ids) for place, ids in places.items()}
    if layout != Layout.of(counts):
        return None
    numbers = layout.numbers(places)
    stay = {
        one.number
        for one in old.values()
        if numbers.get(one.id) == one.number and lines[one.id][1] == one.leaf
    }
    into = [
        (number, *lines[id])
        for id, number in sorted(numbers.items(), key=lambda one: one[1])
        if number not in stay
    ]
    if len(into) > MOST_CHANGED * len(numbers):
        return None
    out = [one.number for one in old.values() if one.number not in stay]
    return _Change(out, into, counts)


def _is_like(edition: Edition, last: Path, key: Path) -> bool:
    """Whether this program made the database before, and the bureau signed it as it lies there."""
    try:
        manifest = msgspec.json.decode((last / "edition.json").read_bytes(), type=Manifest)
        raw = (last / "renderings.json").read_bytes()
        listed = msgspec.json.decode(raw, type=dict[str, str])
        signed = is_signed(raw, (last / "renderings.json.sig").read_bytes(), key)
        with (last / NAME).open("rb") as file:
            digest = _digest(file)
    except (OSError, KeyUnreadable, msgspec.DecodeError):
        return False
    return (
        signed
        and listed.get(NAME) == digest
        and manifest.program == edition.manifest.program
        and manifest.jurisdictions == edition.manifest.jurisdictions
    )


def _digest(file: Iterable[bytes]) -> str:
    from hashlib import file_digest

    return file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


class _Writing:
    """Rows and lists of a database being written."""

    def __init__(
        self, connection: sqlite3.Connection, edition: Edition, meta: dict[str, str]
    ) -> None:
        self.run = connection.execute
        self.filing = Filing()
        self.was: dict[int, str] = {}
        self.places = {one.id: one.name for one in edition.manifest.jurisdictions}
        self.leading = leading(edition.manifest)
        self.decoder = msgspec.json.Decoder(_Found)
        self.dictionary = meta["dictionary"]
        for pair in meta.items():
            self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", pair)

    def add(self, number: int, line: bytes, hashed: bytes) -> None:
        """Everything of an institution."""
        one = self.decoder.decode(line)
        self.run(
            "INSERT INTO institution VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                one.institution,
                one.name,
                one.code,
                one.licence_no,
                one.jurisdiction,
                one.addresses[0] if one.addresses else "",
                one.facts.kind,
                one.facts.subject,
                one.rating.status,
                one.grade,
                one.rating.score or "",
                hashed,
                packed(line, self.dictionary),
            ),
        )
        called = list(_called(one))
        for place, row in enumerate(called):
            self.run("INSERT INTO called VALUES (?, ?, ?, ?, ?)", (number, place, *row))
        lines = list(self._lines(one, called))
        text = written(lines)
        if self.was.get(number) == text:
            del self.was[number]  # another rating, the same words: the lists stay as they are
            return
        self._forget(number)
        self.run("INSERT INTO wording VALUES (?, ?)", (number, text))
        self.filing.add(number, keys_of(lines, self.leading))

    def remove(self, number: int) -> None:
        """Everything of an institution; its words not before it is known that nobody says them again."""
        query = "SELECT lines FROM wording WHERE number = ?"
        [(self.was[number],)] = self.run(query, (number,)).fetchall()
        self.run("DELETE FROM institution WHERE number = ?", (number,))
        self.run("DELETE FROM called WHERE number = ?", (number,))

    def _forget(self, number: int) -> None:
        """The words of an institution that was removed."""
        text = self.was.pop(number, None)
        if text:
            self.filing.remove(number, keys_of(map(read, text.split("\n")), self.leading))
        if text is not None:
            self.run("DELETE FROM wording WHERE number = ?", (number,))

    def refile(self) -> None:
        """Writes the lists that changed."""
        for number in list(self.was):
            self._forget(number)
        for key in self.filing.changed():
            row = self.run("SELECT numbers FROM filed WHERE key = ?", (key,)).fetchone()
            numbers = self.filing.merged(key, row[0] if row else b"")
            if numbers:
                made = (key, len(numbers) // 4, numbers)
                self.run("INSERT OR REPLACE INTO filed VALUES (?, ?, ?)", made)
            else:
                self.run("DELETE FROM filed WHERE key = ?", (key,))

    def _lines(self, one: _Found, called: list[tuple[str, str, str]]) -> Iterator[Line]:
        """What an institution is found by, in the form in which it is compared."""
        names = [("N", one.name), *((kind, text) for kind, text, _ in called)]
        for kind, text in names:
            if plain := normalise(text):
                yield line_of(kind, plain, self.leading)
        for kind, text in (("A", one.addresses[0] if one.addresses else ""), ("L", one.licence_no)):
            if plain := normalise(text):
                yield Line(kind, plain)
        place = normalise(self.places.get(one.jurisdiction, ""))
        if place:
            yield Line("D", place)
        for word in dict.fromkeys((one.facts.subject, one.facts.kind, one.facts.mode)):
            if plain := normalise(word):
                yield Line("K", plain)


def _called(one: _Found) -> Iterator[tuple[str, str, str]]:
    """What an institution is or was called besides its name, and where else it teaches."""
    for name in one.names:
        if name.text != one.name:
            kind = "former" if name.kind == "legal" else name.kind
            until = name.until.isoformat() if name.until else ""
            yield KINDS[kind], name.text, until
    for address in one.addresses[1:]:
        yield "A", address, ""
