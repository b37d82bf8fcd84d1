"""What is put before the second person: an edition's changes line by line, and what a machine doubts."""

from hashlib import sha256
from typing import Literal

import msgspec
from msgspec import Struct

from scoring.canonical import canonical

LISTS: dict["ListKey", str] = {
    "black": "黑名单",
    "watch": "重点关注名单",
    "white": "白名单",
    "none": "未列入和新设",
}


class Violation(Struct, frozen=True, kw_only=True):
    """One assertion of the gate that does not hold: a stable code, whom it is about, what was found, the remedy.

    What was found is masked. One that is not `acceptable` can only be mended, never let pass.
    """

    code: str
    title: str
    about: str = ""
    name: str = ""
    said: str
    remedy: str
    acceptable: bool = True

    @property
    def digest(self) -> str:
        """SHA-256 of exactly this violation."""
        return sha256(canonical(self)).hexdigest()

    @property
    def sentence(self) -> str:
        """Whom it is about, what was found and what to do, in one line."""
        whom = " ".join(filter(None, (self.about, self.name)))
        return f"[{self.code}] {whom}{'：' if whom else ''}{self.said}。{self.remedy}"


LineKind = Literal["added", "removed", "changed"]
ListKey = Literal["black", "watch", "white", "none"]


class DraftLine(Struct, frozen=True, kw_only=True):
    """One addition to a list, one removal from it, or one change on it, with its reason and the remedies open."""

    kind: LineKind
    list: ListKey
    institution: str
    name: str
    jurisdiction: str
    before: str
    after: str
    why: str
    appeal: str = ""

    @property
    def key(self) -> str:
        """By what a tick names this line."""
        return f"{self.list}:{self.institution}"


class Draft(Struct, frozen=True, kw_only=True):
    """An edition as it is prepared; `against` is the digest of the one before, `was` its counts.

    `public_numbers` are the numbers of offices that it was read with.
    """

    edition: str
    digest: str
    against: str
    counts: dict[str, int]
    was: dict[str, int]
    lines: tuple[DraftLine, ...]
    violations: tuple[Violation, ...] = ()
    passed: tuple[str, ...] = ()
    public_numbers: tuple[str, ...] = ()

    @property
    def difference(self) -> str:
        """SHA-256 of exactly these additions, removals and changes."""
        bare = msgspec.structs.replace(self, violations=(), passed=(), public_numbers=())
        return sha256(canonical(bare)).hexdigest()

    def tally(self) -> list[tuple[str, str, int, int, int]]:
        """Per list its key, its word, and how many come, go and change."""
        found: list[tuple[str, str, int, int, int]] = []
        for key, word in LISTS.items():
            kinds = [one.kind for one in self.lines if one.list == key]
            many = tuple(kinds.count(kind) for kind in ("added", "removed", "changed"))
            found.append((key, word, many[0], many[1], many[2]))
        return found


def read_draft(body: str) -> Draft:
    """A draft from the text it is kept as."""
    return msgspec.json.decode(body, type=Draft)


def signed_content(digest: str, difference: str, accepted: tuple[str, ...]) -> str:
    """What a signature covers, in one digest: the edition, its difference, and what was let pass."""
    whole = "\n".join((digest, difference, *sorted(accepted)))
    return sha256(whole.encode()).hexdigest()
