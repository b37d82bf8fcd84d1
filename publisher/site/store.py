"""The released editions as the site reads them: folders of files and read-only databases."""

import os
import sqlite3
import time
import weakref
from collections import OrderedDict
from datetime import date
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from publisher import browse, figures
from publisher.changes import Change, Changes
from publisher.corrections import Correction, read_corrections
from publisher.edition import Entry, Jurisdiction, Manifest
from publisher.figures import Figure, Figures
from publisher.lookup import NAME
from publisher.packing import unpacked
from publisher.pages.chart import Past
from publisher.pages.render import about
from publisher.removals import Removal, read_removals
from publisher.site.track import Track, monthly, order, past
from scoring import Policy, load_policy
from scoring.policy import Unrated

MONTHS = 24
# How long what was seen of the folder is taken for granted, where the folder itself says nothing new; and
# for how long it is not looked at all: many are answered in that time.
GLANCE, MOMENT = 1.0, 0.002
# How many editions are held open at once; the least lately read is closed for another.
OPEN = 40
# How many histories, each up to another edition, are held open at once.
TRACKS = 8
# Of the current edition's index, in KiB: with less, the keys of one long name drive one another out.
KEPT = 8000
# Of an earlier edition's, which is asked for one page at a time.
LITTLE = 500
# Of the current edition's rows.
WIDE = 2000
LATE = "renderings.json"
Stamp = tuple[int, int, int]
_ENTRIES = msgspec.json.Decoder(Entry)


class NothingReleased(Exception):
    """There is no edition to serve yet."""

    def __init__(self, editions: Path) -> None:
        super().__init__(
            f"{editions} 里还没有发布过名单。请先发布一期，或者用 ./run demo 建立演示数据。"
        )


class OpenEdition(Struct, kw_only=True, weakref=True):
    """One edition with its databases open; `tag` is another after a withdrawal, `digest` is not.

    `places` are the jurisdictions by their number.
    """

    name: str
    folder: Path
    manifest: Manifest
    digest: str
    tag: str
    policy: Policy
    lookup: sqlite3.Connection
    browse: sqlite3.Connection
    removals: tuple[Removal, ...]
    listed: dict[str, str] = {}
    counted: dict[str, list[Any]] = msgspec.field(default_factory=dict)
    dictionary: str = ""
    told: dict[str, Any] = {}
    places: dict[str, Jurisdiction] = {}
    partly: bool | None = None
    index: Any = None  # what a search has made of it

    def __post_init__(self) -> None:
        # A connection of sqlite3 refers to itself, and would lie open until somebody looks for such things.
        for one in (self.lookup, self.browse):
            weakref.finalize(self, one.close)
        self.places = {one.id: one for one in self.manifest.jurisdictions}

    def take_to_hand(self) -> None:
        """Keeps what is read of it: it is the edition that is asked from now on."""
        self.lookup.execute(f"PRAGMA cache_size = -{KEPT}")
        self.browse.execute(f"PRAGMA cache_size = -{WIDE}")

    def set_aside(self) -> None:
        """Gives back what was kept of it: another edition is asked from now on."""
        self.index = None
        for one in (self.lookup, self.browse):
            one.execute(f"PRAGMA cache_size = -{LITTLE}")
            one.execute("PRAGMA shrink_memory")

    @property
    def about(self) -> dict[str, Any]:
        """What every page says of the edition."""
        if not self.told:
            self.told = about(self.manifest, self.digest)
        return self.told

    def files(self) -> dict[str, str]:
        """The digest of every file that was signed with the edition, by its name."""
        if not self.listed:
            raw = (self.folder / "renderings.json").read_bytes()
            listed = msgspec.json.decode(raw, type=dict[str, str])
            own = ("edition.json", "edition.json.sig", "renderings.json", "renderings.json.sig")
            self.listed = listed | {name: f"{self.tag}{name}" for name in own}
        return self.listed

    def line(self, institution: str) -> bytes | None:
        """The published entry of an institution as its canonical line."""
        if not self.dictionary:
            query = "SELECT value FROM meta WHERE key = 'dictionary'"
            [(self.dictionary,)] = self.lookup.execute(query).fetchall()
        query = "SELECT entry FROM institution WHERE id = ?"
        row = self.lookup.execute(query, (institution,)).fetchone()
        return unpacked(row[0], self.dictionary) if row else None

    def entry(self, institution: str) -> Entry | None:
        """The published entry of an institution."""
        line = self.line(institution)
        return _ENTRIES.decode(line) if line else None

    def name_of(self, institution: str) -> str:
        """What an institution is called; empty where it has no entry."""
        query = "SELECT name FROM institution WHERE id = ?"
        row = self.lookup.execute(query, (institution,)).fetchone()
        return str(row[0]) if row else ""

    def numbers(self) -> list[str]:
        """Every institution's number, in order."""
        return [row[0] for row in self.lookup.execute("SELECT id FROM institution ORDER BY id")]

    @property
    def unrated(self) -> Unrated:
        """Who of the edition has no grade, and what its policy writes in place of one."""
        return self.policy.unrated

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The mistakes of earlier editions that this one corrects."""
        return read_corrections(self.folder)

    def withdrawn(self, institution: str) -> Removal | None:
        """What is told of an institution whose entry was withdrawn from this edition; None for the others."""
        own = [one for one in self.removals if one.institution == institution]
        if not own or self.entry(institution) is not None:
            return None
        return max(own, key=lambda one: one.order)

    def gone(self) -> list[Removal]:
        """What is told of each institution whose entry was withdrawn from this edition, in order of number."""
        ids = sorted({one.institution for one in self.removals})
        return [one for id in ids if (one := self.withdrawn(id)) is not None]

    def lacks(self, institution: str) -> str:
        """Why an institution has no entry: withdrawn, not known then, or nobody can tell any more."""
        if self.withdrawn(institution) is not None:
            return "gone"
        if self.partly is None:
            standing = self.lookup.execute("SELECT count(*) FROM institution").fetchone()[0]
            named = sum(
                self.withdrawn(id) is not None for id in {one.institution for one in self.removals}
            )
            self.partly = sum(self.manifest.counts.values()) > standing + named
        return "unsaid" if self.partly else "absent"

    def groups(self, columns: str) -> list[Any]:
        """How many share each value of these columns, in order of the values; counted once, for it takes a while."""
        if columns not in self.counted:
            query = (
                f"SELECT {columns}, count(*) FROM institution GROUP BY {columns} ORDER BY {columns}"  # noqa: S608 our own columns
            )
            self.counted[columns] = self.browse.execute(query).fetchall()
        return self.counted[columns]

    def counts(self) -> dict[str, dict[str, int]]:
        """How many stand where, by jurisdiction and status."""
        found: dict[str, dict[str, int]] = {one.id: {} for one in self.manifest.jurisdictions}
        for place, status, many in self.groups("jurisdiction, status"):
            found.setdefault(place, {})[status] = many
        return found

    def figures(self) -> tuple[Figure, ...]:
        """The counts that were released with the edition."""
        raw = (self.folder / figures.NAME).read_bytes()
        return msgspec.json.decode(raw, type=Figures).figures

    def changes(self) -> tuple[Change, ...]:
        """What the edition changed against the one before it."""
        raw = (self.folder / "changes.json").read_bytes()
        return msgspec.json.decode(raw, type=Changes).changes


class Store:
    """The editions folder; what is released or withdrawn there is seen at the next look."""

    def __init__(self, editions: Path) -> None:
        self.editions = editions
        self._folder, self._current = str(editions), str(editions / "current")
        self._open: OrderedDict[str, tuple[str, OpenEdition]] = OrderedDict()
        self._manifests: dict[str, tuple[Manifest, str]] = {}
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._glance: tuple[float, int] = (-GLANCE, 0)
        self._moment = -MOMENT
        self._link = ""
        self._front: OpenEdition | None = None
        self._seen: tuple[list[str], str] = ([], "")
        # The editions that tell of each month up to one, as long as they lie there as they were last seen.
        self._tracks: OrderedDict[tuple[str, int], tuple[str, list[str], Track]] = OrderedDict()

    def current(self) -> OpenEdition:
        """The edition the link `current` names, and while that is still being copied here the newest that is whole.

        Raises NothingReleased.
        """
        names = self._look()[0]
        if self._link and self._link not in names:
            # It came in the same tick of the clock as what was seen last.
            self._glance, self._moment = (-GLANCE, 0), -MOMENT
            names = self._look()[0]
        if not names or not self._link:
            raise NothingReleased(self.editions)
        edition = self._held(self._link if self._link in names else names[0])
        if edition is not self._front:
            for _, one in self._open.values():
                one.set_aside()
            edition.take_to_hand()
            self._front = edition
        return edition

    def names(self) -> list[str]:
        """The names of all released editions that lie here whole, the newest first."""
        return self._look()[0]

    def state(self) -> str:
        """Another word after each release and each withdrawal, the same on all nodes."""
        seen = self._look()[1]
        if not self._link:
            raise NothingReleased(self.editions)
        return f"{self._link}-{seen}"

    def _look(self) -> tuple[list[str], str]:
        """What lies in the folder; looked at anew when it says so itself, and else once a second."""
        now = time.monotonic()
        if now - self._moment < MOMENT:
            return self._seen
        try:
            changed = os.stat(self._folder).st_mtime_ns
        except OSError:
            self._link = ""
            return [], ""
        try:
            self._link = os.readlink(self._current)
        except OSError:
            self._link = ""
        if self._glance[1] != changed or now - self._glance[0] > GLANCE:
            # Whoever copies an edition file by file, in the order of their names, brings this one late.
            whole = self.editions.glob(f"2[0-9][0-9][0-9]-[0-9][0-9]*/{LATE}")
            found = [path.parent.name for path in whole if path.with_name(NAME).exists()]
            names = sorted(found, key=order, reverse=True)
            tags = "".join(self._renderings(name) for name in names)
            before, self._seen = self._seen, (names, sha256(tags.encode()).hexdigest()[:16])
            self._glance = now, changed
            if before != self._seen:
                self._let_go()
        self._moment = now
        return self._seen

    def _let_go(self) -> None:
        """Holds no longer what a release or a withdrawal replaced: it would lie open, though taken away, for months."""
        names, seen = self._seen
        self._open = OrderedDict(
            (name, one)
            for name, one in self._open.items()
            if name in names and one[0] == self._digests[name][1]
        )
        self._tracks = OrderedDict(one for one in self._tracks.items() if one[1][0] == seen)
        if self._front is not None and self._front.name not in self._open:
            self._front = None

    def _renderings(self, name: str) -> str:
        """The digest of an edition's list of files, read anew when another lies there."""
        file = self.editions / name / "renderings.json"
        stamp = _stamp(file)
        known = self._digests.get(name)
        if known is None or known[0] != stamp:
            known = self._digests[name] = (stamp, sha256(file.read_bytes()).hexdigest())
        return known[1]

    def tag(self, name: str) -> str:
        """The digest of an edition's list of files: another after a withdrawal."""
        return self._digests[name][1]

    def manifest(self, name: str) -> tuple[Manifest, str]:
        """An edition's manifest and its digest, without opening the rest; raises KeyError."""
        if name not in self.names():
            raise KeyError(name)
        # What an edition says of itself is signed and never changes.
        known = self._manifests.get(name)
        if known is None:
            raw = (self.editions / name / "edition.json").read_bytes()
            manifest = msgspec.json.decode(raw, type=Manifest)
            known = self._manifests[name] = (manifest, sha256(raw).hexdigest())
        return known

    def in_force(self, day: date) -> OpenEdition | None:
        """The edition that was the current one at the end of a day; None before the first."""
        for name in self.names():
            if self.manifest(name)[0].released_on <= day:
                return self.edition(name)
        return None

    def edition(self, name: str) -> OpenEdition:
        """One edition by its name; raises KeyError."""
        if name not in self.names():
            raise KeyError(name)
        return self._held(name)

    def _held(self, name: str) -> OpenEdition:
        """One of the editions last seen."""
        # A withdrawal writes the renderings anew: what is open is then of yesterday.
        listed = self._digests[name][1]
        known = self._open.get(name)
        if known is None or known[0] != listed:
            known = self._open[name] = (listed, self._opened(name))
        self._open.move_to_end(name)
        while len(self._open) > OPEN:
            self._open.popitem(last=False)
        return known[1]

    def _opened(self, name: str) -> OpenEdition:
        folder = self.editions / name
        manifest, digest = self.manifest(name)
        return OpenEdition(
            name=name,
            folder=folder,
            manifest=manifest,
            digest=digest,
            tag=f"{digest[:12]}{self._digests[name][1][:12]}",
            policy=_policy((folder / "policy.toml").read_bytes()),
            lookup=_read_only(folder / NAME),
            browse=_read_only(folder / browse.NAME),
            removals=read_removals(folder),
        )

    def past(self, institution: str, until: OpenEdition, months: int = MONTHS) -> tuple[Past, ...]:
        """What the last monthly editions up to one said of an institution, the oldest first."""
        names, track = self._track(until, months)
        found = track.of(institution)
        return tuple(
            one or Past(period=name[:7], status=self._held(name).lacks(institution))
            for name, one in zip(names, found, strict=True)
        )

    def _track(self, until: OpenEdition, months: int) -> tuple[list[str], Track]:
        names, seen = self._look()
        known = self._tracks.get((until.name, months))
        if known is None or known[0] != seen:
            asked = monthly(names, until.name)[-months:]
            known = (seen, asked, Track([self.editions / name for name in asked]))
            self._tracks[until.name, months] = known
        self._tracks.move_to_end((until.name, months))
        while len(self._tracks) > TRACKS:
            self._tracks.popitem(last=False)
        return known[1], known[2]

    def said(self, name: str, institution: str) -> Past:
        """What one edition said of an institution."""
        edition, period = self.edition(name), name[:7]
        query = (
            "SELECT status || char(9) || grade || char(9) || score FROM institution WHERE id = ?"
        )
        row = edition.browse.execute(query, (institution,)).fetchone()
        if row is None:
            return Past(period=period, status=edition.lacks(institution))
        return past(period, row[0])


# Most editions go by the policy of the one before.
_policy = lru_cache(maxsize=8)(load_policy)


def _stamp(file: Path) -> Stamp:
    found = os.stat(file)
    return found.st_ino, found.st_mtime_ns, found.st_size


def _read_only(file: Path) -> sqlite3.Connection:
    """A database that nobody changes; little of it is kept."""
    uri = f"file:{file}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
    connection.execute(f"PRAGMA cache_size = -{LITTLE}")
    return connection
