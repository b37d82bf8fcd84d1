"""The published domain: an Edition and its entries, their canonical bytes and their digests."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from scoring.canonical import canonical
from scoring.facts import Facts, Record, State
from scoring.rating import Rating


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


class Entry(Struct, frozen=True, kw_only=True):
    """One institution as it is published: an allow-list, a field not named here is not public."""

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
    rating: Rating
    replies: tuple[Reply, ...] = ()
    predecessor: str = ""
    successor: str = ""
    salt: str


class Jurisdiction(Struct, frozen=True, kw_only=True):
    """A district or functional zone that publishes its own part of the lists."""

    id: str
    name: str
    organ: str


class Manifest(Struct, frozen=True, kw_only=True):
    """`edition.json`: what is signed; a supplementary edition has a `number` above 0."""

    city: str
    title: str
    organ: str
    fictional: bool
    period: str
    number: int
    cut_off: date
    released_on: date
    policy: str
    policy_digest: str
    jurisdictions: tuple[Jurisdiction, ...]
    counts: dict[str, int]
    root: str
    previous: str

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


class Edition(Struct, frozen=True, kw_only=True):
    """A frozen edition: the manifest, its entries in order of institution, and the policy's bytes."""

    manifest: Manifest
    entries: tuple[Entry, ...]
    policy: bytes

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
    lines = (folder / "entries.jsonl").read_bytes().splitlines()
    if root([leaf(line) for line in lines]).hex() != manifest.root:
        raise ValueError(f"{folder}: entries.jsonl")
    decoder = msgspec.json.Decoder(Entry)
    return Edition(
        manifest=manifest,
        entries=tuple(decoder.decode(line) for line in lines),
        policy=(folder / "policy.toml").read_bytes(),
    )


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


def leaf(line: bytes) -> bytes:
    """RFC 6962 leaf hash of one entry's canonical line."""
    return sha256(b"\x00" + line).digest()


def root(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 Merkle tree hash over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return sha256(b"\x01" + root(leaves[:split]) + root(leaves[split:])).digest()
