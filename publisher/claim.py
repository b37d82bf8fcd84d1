"""What a paper claims of an institution, as a short signed code that openssl alone can check."""

import re
import unicodedata
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from publisher.signing import is_signed

Kind = Literal["certificate", "notice"]
KINDS: dict[Kind, str] = {"certificate": "信用状况证明", "notice": "信用公示牌"}
# One letter each keeps the picture coarse enough to be read from a bad copy.
LETTERS: dict[Kind, Literal["C", "D"]] = {"certificate": "C", "notice": "D"}
# Only a text that begins so is a claim: the same key signs editions and other papers.
MARK: Literal["XY1"] = "XY1"
SIGNATURE = 64
LONGEST = 1000
# What people read for the letters that base32 has.
_READ_AS = str.maketrans("018", "OIB")


class Claim(Struct, frozen=True, kw_only=True):
    """What the paper says: which institution stood where in which edition, and when it was made."""

    kind: Kind
    institution: str
    edition: str
    grade: str
    status: str
    on: date


class CodeUnreadable(Exception):
    """A code is cut off or mistyped, so that nothing can be said of the paper."""


class CodeForged(Exception):
    """The code is whole, but the bureau's key did not sign it as a claim."""


class _Signed(Struct, frozen=True, array_like=True):
    mark: Literal["XY1"]
    letter: Literal["C", "D"]
    institution: str
    edition: str
    grade: str
    status: str
    on: date


def code_of(claim: Claim, sign: Callable[[bytes], bytes]) -> str:
    """The claim as base32 of its text and its signature: letters and digits that a QR code packs well."""
    values = msgspec.structs.asdict(claim)
    letter = LETTERS[values.pop("kind")]
    said = msgspec.json.encode(_Signed(MARK, letter, **values))
    return b32encode(said + sign(said)).decode("ascii").rstrip("=")


def read_code(typed: str, public: Path) -> Claim:
    """The claim of a code typed or scanned in any spelling; raises CodeUnreadable or CodeForged."""
    raw = _raw(typed)
    said, signature = raw[:-SIGNATURE], raw[-SIGNATURE:]
    if not said:
        raise CodeUnreadable
    if not is_signed(said, signature, public):
        raise CodeForged
    try:
        found = msgspec.json.decode(said, type=_Signed)
    except msgspec.DecodeError:
        raise CodeForged from None
    values = msgspec.structs.asdict(found)
    values.pop("mark")
    letter = values.pop("letter")
    kind = next(kind for kind, one in LETTERS.items() if one == letter)
    return Claim(kind=kind, **values)


def grouped_code(code: str) -> str:
    """The code in fours, as it is printed to be typed."""
    return " ".join(re.findall(".{1,4}", code))


def _raw(typed: str) -> bytes:
    text = unicodedata.normalize("NFKC", typed).rpartition("p=")[2].upper()
    text = "".join(text.replace("-", "").split()).translate(_READ_AS)
    if not text.isascii() or len(text) > LONGEST:
        raise CodeUnreadable
    try:
        return b32decode(text + "=" * (-len(text) % 8))
    except Error:
        raise CodeUnreadable from None
