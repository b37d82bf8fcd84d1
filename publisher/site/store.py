"""The released editions as the site reads them: folders of files and one read-only database each."""

import os
import sqlite3
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.corrections import Correction, read_corrections
from publisher.edition import Entry, Jurisdiction, Manifest
from publisher.lookup import NAME
from publisher.packing import unpacked
from publisher.pages.chart import Past
from publisher.removals import Removal, read_removals
from scoring import Policy, load_policy

MONTHS = 24


class NothingReleased(Exception):
    """There is no edition to serve yet."""

    def __init__(self, editions: Path) -> None:
        super().__init__(
            f"{editions} 里还没有发布过名单。请先发布一期，或者用 ./run demo 建立演示数据。"
        )


class OpenEdition(Struct, kw_only=True):
    """One edition with its database open; `issue` is the digest of its files, which a withdrawal changes."""

    name: str
    folder: Path
    manifest: Manifest
    digest: str
    policy: Policy
    lookup: sqlite3.Connection
    stamp: tuple[int, int]
    issue: str
    removals: tuple[Removal, ...]
    listed: dict[str, str] = {}

    @property
    def places(self) -> dict[str, Jurisdiction]:
        """The jurisdictions by their number."""
        return {one.id: one for one in self.manifest.jurisdictions}

    def files(self) -> dict[str, str]:
        """The digest of every file that was signed with the edition, by its name."""
        if not self.listed:
            raw = (self.folder / "renderings.json").read_bytes()
            listed = msgspec.json.decode(raw, type=dict[str, str])
            own = ("edition.json", "edition.json.sig", "renderings.json", "renderings.json.sig")
            self.listed = listed | {name: f"{self.digest}{name}" for name in own}
        return self.listed

    def entry(self, institution: str) -> Entry | None:
        """The published entry of an institution."""
        query = (
            "SELECT entry, (SELECT value FROM meta WHERE key = 'dictionary') "
            "FROM institution WHERE id = ?"
        )
        row = self.lookup.execute(query, (institution,)).fetchone()
        return msgspec.json.decode(unpacked(*row), type=Entry) if row else None

    def numbers(self) -> list[str]:
        """Every institution's number, in order."""
        return [row[0] for row in self.lookup.execute("SELECT id FROM institution ORDER BY id")]

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
        standing = self.lookup.execute("SELECT count(*) FROM institution").fetchone()[0]
        named = sum(
            self.withdrawn(id) is not None for id in {one.institution for one in self.removals}
        )
        return "unsaid" if sum(self.manifest.counts.values()) > standing + named else "absent"

    def counts(self) -> dict[str, dict[str, int]]:
        """How many stand where, by jurisdiction and status."""
        found: dict[str, dict[str, int]] = {one.id: {} for one in self.manifest.jurisdictions}
        query = "SELECT jurisdiction, status, count(*) FROM institution GROUP BY 1, 2"
        for place, status, many in self.lookup.execute(query):
            found.setdefault(place, {})[status] = many
        return found


class Store:
    """The editions folder; a newly released edition is seen at the next look."""

    def __init__(self, editions: Path) -> None:
        self.editions = editions
        self._open: dict[str, OpenEdition] = {}

    def current(self) -> OpenEdition:
        """The edition the link `current` names; raises NothingReleased."""
        try:
            name = os.readlink(self.editions / "current")
        except OSError:
            raise NothingReleased(self.editions) from None
        return self.edition(name)

    def names(self) -> list[str]:
        """The names of all released editions, the newest first."""
        whole = self.editions.glob(f"2[0-9][0-9][0-9]-[0-9][0-9]*/{NAME}")
        found = [path.parent.name for path in whole]
        return sorted(found, key=_order, reverse=True)

    def edition(self, name: str) -> OpenEdition:
        """One edition by its name; raises KeyError."""
        folder = self.editions / name
        held = self._open.get(name)
        if held is not None and _stamp(folder) != held.stamp:
            # Made anew by a withdrawal: what was withdrawn is served no longer.
            self._open.pop(name).lookup.close()
        if name not in self._open:
            if name not in self.names():
                raise KeyError(name)
            stamp = _stamp(folder)
            raw = (folder / "edition.json").read_bytes()
            uri = f"file:{folder / NAME}?mode=ro&immutable=1"
            lookup = sqlite3.connect(uri, uri=True, check_same_thread=False)
            digest = lookup.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone()[0]
            self._open[name] = OpenEdition(
                name=name,
                folder=folder,
                manifest=msgspec.json.decode(raw, type=Manifest),
                digest=digest,
                policy=load_policy((folder / "policy.toml").read_bytes()),
                lookup=lookup,
                stamp=stamp,
                issue=sha256((folder / "renderings.json").read_bytes()).hexdigest(),
                removals=read_removals(folder),
            )
        return self._open[name]

    def past(self, institution: str, until: OpenEdition) -> list[Past]:
        """What the last monthly editions up to one said of an institution, the oldest first."""
        names = [one for one in self.names() if _order(one) <= _order(until.name)]
        months: dict[str, str] = {}
        for name in names:
            months.setdefault(name[:7], name)
        query = "SELECT status, grade, score FROM institution WHERE id = ?"
        found = []
        for period, name in sorted(months.items())[-MONTHS:]:
            row = self.edition(name).lookup.execute(query, (institution,)).fetchone()
            if row is None:
                found.append(Past(period=period, status=self.edition(name).lacks(institution)))
            else:
                score = Decimal(row[2]) if row[2] else None
                found.append(Past(period=period, status=row[0], grade=row[1], score=score))
        return found


def _stamp(folder: Path) -> tuple[int, int]:
    """What another issue of the same edition has otherwise: it is a new file, wherever it was copied from."""
    try:
        found = (folder / "renderings.json").stat()
    except OSError:
        return 0, 0
    return found.st_ino, found.st_mtime_ns


def _order(name: str) -> tuple[str, int]:
    period, _, number = name.partition(".")
    return period, int(number or 0)
