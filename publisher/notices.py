"""What an edition has to tell besides its changes: mistakes it corrects, and who was removed since the last."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.corrections import Correction
from publisher.data import stood
from publisher.edition import Manifest
from publisher.pages.gone import gone_sentence, gone_word
from publisher.removals import Removal


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


def notices(
    corrections: Iterable[Correction],
    removals: Iterable[Removal],
    withdrawn: Collection[str],
    released_on: date,
    since: date,
) -> Iterator[Notice]:
    """Every correction, then every removal after the day on which the edition before came out.

    Whoever was withdrawn from this very edition is told among its changes.
    """
    for one in corrections:
        yield _correction(one, released_on)
    for gone in removals:
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


def _correction(one: Correction, on: date) -> Notice:
    wrong = "；".join(
        f"{was.edition} 版 {stood(was.before)}，更正为{stood(was.after)}" for was in one.editions
    )
    paper = f"（{one.document_no}）" if one.document_no else ""
    return Notice(
        term="correction",
        label="更正公告",
        institution=one.institution,
        jurisdiction=one.jurisdiction,
        title=f"更正：{one.name}",
        content=f"{wrong}。{one.reason}{paper}",
        on=on,
        place="corrections",
    )


def released_on(folder: Path | None) -> date:
    """When the edition of a folder came out; without one nothing is new."""
    if folder is None:
        return date.max
    raw = (folder / "edition.json").read_bytes()
    return msgspec.json.decode(raw, type=Manifest).released_on
