"""Who was removed from a list or a record, for twelve months, and never for which offence."""

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from scoring.canonical import canonical
from scoring.rules import months_after

NAME = "removals.json"
MONTHS = 12
How = Literal["withdrawn", "expired", "lifted", "repaired"]
From = Literal["black", "watch", "record"]


class Removal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That an institution went from a list, or that a record of it went: how, when, and until when it is told.

    `reason` says why something was withdrawn, which the law wants public (行政处罚法 第四十八条); of the offence
    it says nothing, and the others need none.
    """

    institution: str
    name: str
    jurisdiction: str
    listed: From
    how: How
    on: date
    until: date
    reason: str = ""

    @property
    def order(self) -> tuple[str, date, str, str]:
        """By what removals follow one another."""
        return self.institution, self.on, self.listed, self.how


class Removals(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What `removals.json` holds."""

    edition: str
    digest: str
    removals: tuple[Removal, ...]


def told_until(on: date) -> date:
    """The last day on which a removal is told."""
    return months_after(on, MONTHS) - timedelta(days=1)


def read_removals(folder: Path) -> tuple[Removal, ...]:
    """The removals of a released edition; none where an earlier version wrote none."""
    file = folder / NAME
    if not file.exists():
        return ()
    return msgspec.json.decode(file.read_bytes(), type=Removals).removals


def removals_file(edition: str, digest: str, removals: tuple[Removal, ...]) -> bytes:
    """The canonical bytes of `removals.json`."""
    return canonical(Removals(edition=edition, digest=digest, removals=removals))


def in_order(found: set[Removal]) -> tuple[Removal, ...]:
    """Each once, by institution, day and list."""
    return tuple(sorted(found, key=lambda one: (one.order, one.reason)))
