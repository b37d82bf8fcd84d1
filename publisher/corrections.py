"""What earlier editions said wrongly, and the edition that mends it says: before, after, why, by which paper."""

from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from scoring.canonical import canonical

NAME = "corrections.json"


class Corrected(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one earlier edition said, and what it should have said: list and grade, `black D`.

    Where they are the same the score follows: `white A 96`.
    """

    edition: str
    before: str
    after: str


class Correction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One institution's notice of correction (更正公告)."""

    institution: str
    name: str
    jurisdiction: str
    editions: tuple[Corrected, ...]
    reason: str
    document_no: str = ""


class Corrections(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `corrections.json` holds; `edition.json` names its digest, so that it is signed with it."""

    edition: str
    corrections: tuple[Correction, ...]


def corrections_file(edition: str, corrections: tuple[Correction, ...]) -> bytes:
    """The canonical bytes of `corrections.json`."""
    return canonical(Corrections(edition=edition, corrections=corrections))


def corrections_digest(edition: str, corrections: tuple[Correction, ...]) -> str:
    """SHA-256 of `corrections.json`, in hexadecimal."""
    return sha256(corrections_file(edition, corrections)).hexdigest()


def read_corrections(folder: Path) -> tuple[Correction, ...]:
    """The corrections of a released edition; none where there is no such file."""
    file = folder / NAME
    if not file.exists():
        return ()
    return msgspec.json.decode(file.read_bytes(), type=Corrections).corrections
