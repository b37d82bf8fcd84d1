"""The published domain: an Edition and its entries, their canonical bytes and their digests."""

import re
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from publisher.corrections import Correction, read_corrections
from publisher.listed import Listed
from publisher.removals import Removal, read_removals
from scoring import load_policy
from scoring.canonical import canonical
from scoring.facts import Facts, Record, State
from scoring.policy import Unrated
from scoring.rating import Lasting
from scoring.words import chinese

_NAME = re.compile(r"[0-9]{4}-[0-9]{2}(\.[0-9]{1,4})?")
_TOMBSTONE = b'{"hash":'
_WHOSE = b'"institution":"'
ContactKind = Literal["consult", "complaint", "phone", "website", "email", "wechat", "address"]


class Name(Struct, frozen=True, kw_only=True):
    """A name an institution bears or bore."""

    kind: Literal["legal", "brand", "branch"]
    text: str
    since: date | None = None
    until: date | None = None


class Reply(Struct, frozen=True, kw_only=True):
    """What the institution answered to a record, printed beside it."""

    record: str
    on: date
    text: str


class Alert(Struct, frozen=True, kw_only=True):
    """A risk alert (风险提示) that runs on the cut-off: no penalty, no points, and apart from the lists."""

    id: str
    text: str
    record: str
    document_no: str
    issued_on: date
    until: date


class Contact(Struct, frozen=True, kw_only=True):
    """A way to reach the institution that it has made public and the office has looked at."""

    kind: ContactKind
    text: str


class Member(Struct, frozen=True, kw_only=True):
    """A member of staff whom the institution displays (从业人员公示); a certificate's number is masked."""

    name: str
    post: str = ""
    subject: str = ""
    qualification: str = ""
    certificate: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One institution as it is published: an allow-list, a field not named here is not public.

    Nothing in it is of the edition alone, so that it is the same bytes in each edition until the facts,
    the policy or time itself change it; the rating is that of the edition's cut-off.
    """

    institution: str
    name: str
    names: tuple[Name, ...]
    jurisdiction: str
    code: str = ""
    licence_no: str = ""
    addresses: tuple[str, ...] = ()
    legal_representative: str = ""
    organ: str = ""
    facts: Facts
    rating: Lasting
    replies: tuple[Reply, ...] = ()
    predecessor: str = ""
    successor: str = ""
    merged: Literal[True] | UnsetType = UNSET
    alerts: tuple[Alert, ...] | UnsetType = UNSET
    contacts: tuple[Contact, ...] | UnsetType = UNSET
    staff: tuple[Member, ...] | UnsetType = UNSET
    salt: str


class Tombstone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in the place of an entry that was lawfully withdrawn: its leaf hash, why and when."""

    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    on: date
    reason: str


class Jurisdiction(Struct, frozen=True, kw_only=True):
    """A district or functional zone that publishes its own part of the lists.

    `counts` are how many of its institutions stood where when it was signed, which editions made before
    they were told do not say.
    """

    id: str
    name: str
    organ: str
    counts: dict[str, int] | UnsetType = UNSET


class LedgerHead(Struct, frozen=True, kw_only=True):
    """The last entry of the ledger (台账) of an edition's last day: its number, and the digest that seals all before it."""

    seq: int
    digest: str


class Manifest(Struct, frozen=True, kw_only=True):
    """`edition.json`: what is signed; a supplementary edition has a `number` above 0.

    `program` is the digest of the program that made the lines and worded them; `corrections` that of
    `corrections.json`, and unset, which stands in no canonical bytes, where nothing is corrected;
    `next_on` the day on which the next month's list is due and `ledger` where the ledger stood, which editions
    made before they were told do not name; `next_provisional` stands there where that day's year had not
    been announced.
    """

    city: str
    title: str
    organ: str
    fictional: bool
    period: str
    number: int
    cut_off: date
    released_on: date
    next_on: date | UnsetType = UNSET
    next_provisional: bool | UnsetType = UNSET
    program: str
    policy: str
    policy_digest: str
    jurisdictions: tuple[Jurisdiction, ...]
    counts: dict[str, int]
    root: str
    previous: str
    ledger: LedgerHead | UnsetType = UNSET
    corrections: str | UnsetType = UNSET

    @property
    def label(self) -> str:
        """`2026-11` → 2026年11月版; a supplementary edition says its number."""
        year, _, month = self.period.partition("-")
        label = f"{year}年{int(month)}月版"
        return f"{label}增补第{self.number}号" if self.number else label

    @property
    def name(self) -> str:
        """The edition's folder: `2026-11`, or `2026-11.1` for a supplementary one."""
        return f"{self.period}.{self.number}" if self.number else self.period

    @property
    def registered(self) -> int:
        """How many institutions were registered on the cut-off day, whoever was withdrawn since among them."""
        return sum(self.counts.values())

    @property
    def next_words(self) -> str:
        """The day of the next month's list as it is said; empty where it was not told."""
        return (
            "" if self.next_on is UNSET else due_words(self.next_on, self.next_provisional is True)
        )

    @property
    def order(self) -> tuple[str, int]:
        """By what editions follow one another."""
        return self.period, self.number


def due_words(on: date, provisional: bool) -> str:
    """A day on which a list is due; before its year's days off are announced it may still move."""
    return f"{chinese(on)}{'（暂定）' if provisional else ''}"


class Edition(Struct, frozen=True, kw_only=True, dict=True):
    """A frozen edition: the manifest, its lines in order of institution, and the policy's bytes.

    Beside them who was removed within a year, which changes with each withdrawal, and what is corrected.
    """

    manifest: Manifest
    lines: tuple[bytes, ...]
    policy: bytes
    removals: tuple[Removal, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @classmethod
    def of(cls, manifest: Manifest, entries: Sequence[Entry], policy: bytes) -> Self:
        """An edition of entries."""
        return cls(manifest=manifest, lines=tuple(map(canonical, entries)), policy=policy)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries that stand, in order of institution; a withdrawn one has no place among them."""
        decoder = msgspec.json.Decoder(Entry)
        return tuple(decoder.decode(one) for one in self.lines if not is_withdrawn(one))

    @cached_property
    def listed(self) -> tuple[Listed, ...]:
        """The same entries with what lists are made of, at a fraction of the price."""
        decoder = msgspec.json.Decoder(Listed)
        return tuple(decoder.decode(one) for one in self.lines if not is_withdrawn(one))

    @cached_property
    def by_line(self) -> dict[bytes, Listed]:
        """The same by their lines, so that a line that stands in another edition too is read once."""
        standing = (one for one in self.lines if not is_withdrawn(one))
        return dict(zip(standing, self.listed, strict=True))

    def entries_on(self, status: str) -> tuple[Entry, ...]:
        """The entries that stand so, without reading the others."""
        decoder = msgspec.json.Decoder(Entry)
        return tuple(decoder.decode(one) for one in self.lines_on(status))

    def lines_on(self, status: str) -> tuple[bytes, ...]:
        """The lines of those."""
        return tuple(line for line, one in self.by_line.items() if one.rating.status == status)

    @cached_property
    def leaves(self) -> tuple[bytes, ...]:
        """The leaf hash of each line."""
        return tuple(map(leaf, self.lines))

    @cached_property
    def withdrawn(self) -> dict[str, Removal]:
        """Whose lines are tombstones, as far as it is still told: the removed who have no entry here."""
        if not self.tombstones:
            return {}
        standing = {one.institution for one in self.listed}
        return {one.institution: one for one in self.removals if one.institution not in standing}

    def withdrawn_from(self, status: str) -> int:
        """How many stood so when it was signed and have been withdrawn since."""
        return self.manifest.counts.get(status, 0) - len(self.lines_on(status))

    @cached_property
    def unrated(self) -> Unrated:
        """Who of the edition has no grade, and what its policy writes in place of one."""
        return load_policy(self.policy).unrated

    @property
    def tombstones(self) -> int:
        """How many lines are tombstones."""
        return sum(map(is_withdrawn, self.lines))

    @property
    def name(self) -> str:
        """The folder's name: `2026-11`, or `2026-11.1` for a supplementary edition."""
        return self.manifest.name

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical manifest, in hexadecimal."""
        return sha256(canonical(self.manifest)).hexdigest()


def read_edition(folder: Path) -> Edition:
    """A released edition from its folder; raises ValueError unless its entries have its root."""
    manifest = msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)
    lines = tuple((folder / "entries.jsonl").read_bytes().splitlines())
    edition = Edition(
        manifest=manifest,
        lines=lines,
        policy=(folder / "policy.toml").read_bytes(),
        removals=read_removals(folder),
        corrections=read_corrections(folder),
    )
    if root(edition.leaves).hex() != manifest.root:
        raise ValueError(f"{folder}: entries.jsonl")
    return edition


def is_name(text: str) -> bool:
    """Whether a text has the form of an edition's name: 2026-11, or 2026-11.1 for a supplement."""
    return _NAME.fullmatch(text) is not None


def folder_of(editions: Path, digest: str) -> Path | None:
    """The released edition with a digest; None where it does not lie here."""
    for path in sorted(editions.glob("2[0-9][0-9][0-9]-*/edition.json")):
        if sha256(path.read_bytes()).hexdigest() == digest:
            return path.parent
    return None


def is_public(record: Record) -> bool:
    """Whether a record may be printed: found proven, and not undone.

    A finding that nobody has confirmed, or that was dismissed, and a penalty that is not final or was
    annulled are the office's own business (政府信息公开条例 第十六条；行政处罚法 第四十八条).
    """
    states = {one.state for one in record.events}
    if states & {State.DISMISSED, State.ANNULLED}:
        return False
    if record.kind == "decision":
        return bool(states & {State.FINAL, State.JUDGED})
    return bool(states & {State.CONFIRMED, State.ORDERED, State.FINAL, State.JUDGED})


def printable(facts: Facts) -> Facts:
    """The facts without what was not found proven or was undone; the same value where there is none."""
    records = tuple(one for one in facts.records if is_public(one))
    listings = tuple(one for one in facts.listings if not one.annulled)
    if len(records) == len(facts.records) and len(listings) == len(facts.listings):
        return facts
    return msgspec.structs.replace(facts, records=records, listings=listings)


def is_withdrawn(line: bytes) -> bool:
    """Whether a line is a tombstone; no entry's first field is a hash."""
    return line.startswith(_TOMBSTONE)


def read_manifest(folder: Path) -> Manifest:
    """What an edition's folder claims; raises OSError or msgspec.DecodeError where it cannot be read."""
    return msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)


def tombstones_in(folder: Path) -> int:
    """How many entries were withdrawn from a released edition."""
    content = (folder / "entries.jsonl").read_bytes()
    return content.startswith(_TOMBSTONE) + content.count(b"\n" + _TOMBSTONE)


def whose(line: bytes) -> str:
    """The institution an entry's canonical line is of, without reading the rest; none of a tombstone's."""
    # In a text the quotation marks would be escaped, and the facts come first and are the same one's.
    _, _, rest = line.partition(_WHOSE)
    return rest[: rest.find(b'"')].decode()


def leaf(line: bytes) -> bytes:
    """RFC 6962 leaf hash of one entry's canonical line; a tombstone keeps the one of the line it replaced."""
    if is_withdrawn(line):
        return bytes.fromhex(msgspec.json.decode(line, type=Tombstone).hash)
    return sha256(b"\x00" + line).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1 Merkle tree hash over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()
