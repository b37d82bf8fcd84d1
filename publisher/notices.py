"""What an edition has to tell besides its changes: mistakes it corrects, and who was removed since the last."""

from collections.abc import Collection, Iterator
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from publisher.corrections import Correction
from publisher.edition import Manifest
from publisher.pages.gone import gone_sentence, gone_word
from publisher.pages.words import stood
from publisher.removals import Removal
from scoring.policy import Unrated


class Notice(Struct, frozen=True, kw_only=True):
    """One thing to tell, as a feed's entry: its category, the day, and where on the edition's page it stands."""

    term: str
    label: str
    institution: str
    jurisdiction: str
    title: str
    content: str
    on: date
    place: str


class Says(Protocol):
    """What an edition says besides its entries: which it is, what it corrects, who was removed, who has no grade."""

    @property
    def manifest(self) -> Manifest:
        """Which it is."""

    @property
    def digest(self) -> str:
        """Its digest."""

    @property
    def unrated(self) -> Unrated:
        """What its policy writes in place of a grade."""

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The mistakes it corrects."""

    @property
    def removals(self) -> tuple[Removal, ...]:
        """Who was removed within a year."""


def notices(
    says: Says,
    withdrawn: Collection[str],
    since: date,
) -> Iterator[Notice]:
    """Every correction, then every removal after the day on which the edition before came out.

    Whoever was withdrawn from this very edition is told among its changes.
    """
    for one in says.corrections:
        yield _correction(one, says)
    for gone in says.removals:
        if gone.on > since and gone.institution not in withdrawn:
            yield Notice(
                term="removal",
                label="撤回和移出",
                institution=gone.institution,
                jurisdiction=gone.jurisdiction,
                title=f"{gone.name}：{gone_word(gone)}",
                content=gone_sentence(gone),
                on=gone.on,
                place="removals",
            )


def _correction(one: Correction, says: Says) -> Notice:
    wrong = "；".join(
        f"{was.edition} 版 {stood(was.before, says.unrated)}，更正为{stood(was.after, says.unrated)}"
        for was in one.editions
    )
    paper = f"（{one.document_no}）" if one.document_no else ""
    return Notice(
        term="correction",
        label="更正公告",
        institution=one.institution,
        jurisdiction=one.jurisdiction,
        title=f"更正：{one.name}",
        content=f"{wrong}。{one.reason}{paper}",
        on=says.manifest.released_on,
        place="corrections",
    )


def released_on(folder: Path | None) -> date:
    """When the edition of a folder came out; without one nothing is new."""
    if folder is None:
        return date.max
    raw = (folder / "edition.json").read_bytes()
    return msgspec.json.decode(raw, type=Manifest).released_on
