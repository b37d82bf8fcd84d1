"""What lies in the store, in one small object that is written last and says what is whole."""

import os
import re
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.site.store import LATE
from publisher.site.track import order

NAME = "editions.json"
KEY = "bureau.pub"
EDITION = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])(\.[1-9][0-9]{0,2})?")


class Catalogue(Struct, frozen=True, kw_only=True):
    """The current edition, and of each edition the digest of its list of files."""

    current: str
    editions: dict[str, str]

    @property
    def names(self) -> list[str]:
        """The editions, the oldest first: each is checked against those before it."""
        return sorted(self.editions, key=order)

    @property
    def wrong_name(self) -> str:
        """A name no edition can have; empty where there is none."""
        return next((one for one in self.editions if not EDITION.fullmatch(one)), "")

    def encoded(self) -> bytes:
        """The same bytes for the same editions."""
        return msgspec.json.encode(self, order="sorted")


def catalogue_of(editions: Path) -> Catalogue | None:
    """What is released in a folder of editions; None before the first release."""
    try:
        current = os.readlink(editions / "current")
    except OSError:
        return None
    found = {
        path.parent.name: sha256(path.read_bytes()).hexdigest()
        for path in editions.glob(f"2*/{LATE}")
        if EDITION.fullmatch(path.parent.name)
    }
    return Catalogue(current=current, editions=found)
