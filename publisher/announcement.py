"""Edition → `notice.pdf`: the announcement of what a month changes, a page or two to put up or send on."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from publisher.changes import GONE, Change, told_changes
from publisher.edition import Edition, Manifest, folder_of, read_manifest, tombstones_in
from publisher.kept import Kept
from publisher.listed import Listed
from publisher.print.engine import require_printing, typeset
from publisher.print.lines import legible, phrases
from publisher.print.rows import WORDS, ListName
from publisher.print.seal import Seal, grouped
from scoring.words import chinese

NAME = "notice.pdf"
# What two pages hold; a part that no longer fits is told by district.
ROOM = 30
ORDER: tuple[tuple[ListName, bool], ...] = (
    ("black", True),
    ("black", False),
    ("watch", True),
    ("watch", False),
    ("white", False),
    ("white", True),
)
NOW: dict[str, str] = {
    **{str(key): word for key, word in WORDS.items()},
    "none": "未列入任何名单",
    "new": "新设未评",
    "": "不再登记",
}


class Count(Struct, frozen=True, kw_only=True):
    """How many stood on a list, came to it, left it and stand there now."""

    word: str
    was: str
    came: str
    went: str
    now: str


class Mover(Struct, frozen=True, kw_only=True):
    """One that came to a list or left it: what for and by which paper, or where it stands now."""

    number: str
    name: tuple[str, ...]
    place: str
    why: str
    paper: str = ""


class Group(Struct, frozen=True, kw_only=True):
    """Those who came to one list or left it: each by name, or how many by district."""

    heading: str
    came: bool
    movers: tuple[Mover, ...]
    places: str


def render_announcement(edition: Edition, folder: Path, *, kept: Kept | None = None) -> None:
    """Writes `notice.pdf`, which tells of the `changes.json` that lies there; raises PrintingUnavailable.

    Its numbers are those that were signed at the release. Of a withdrawn entry it says neither that it came
    nor that it left. It is taken over from `kept` where it says the same there.
    """
    require_printing()
    values = _said(edition, folder)
    if kept is None or not _is_said(kept, values) or not kept.take_paper(NAME, folder):
        typeset(folder / NAME, "announcement.html", values)


def _is_said(kept: Kept, values: dict[str, object]) -> bool:
    """Whether the announcement that lies there says just this.

    What one with tombstones says hangs no more on what is withdrawn of the edition before.
    """
    return kept.edition.tombstones > 0 and _said(kept.edition, kept.folder) == values


def _said(edition: Edition, folder: Path) -> dict[str, object]:
    """What an edition's announcement says."""
    manifest = edition.manifest
    old = folder_of(folder.parent, manifest.previous)
    was = read_manifest(old).counts if old else None
    told = told_changes(folder) if old else ()
    changed = tuple(one for one in told if GONE not in (_list(one.before), _list(one.after)))
    return {
        "title": manifest.title,
        "manifest": manifest,
        "label": manifest.label,
        "cut_off": chinese(manifest.cut_off),
        "released_on": chinese(manifest.released_on),
        "total": f"{manifest.registered:,}",
        "first": old is None,
        "withdrawn": bool(edition.tombstones or (old and tombstones_in(old))),
        "counts": tuple(_count(name, was, manifest.counts, changed) for name in WORDS),
        "groups": tuple(_groups(edition, changed)),
        "digest": grouped(edition.digest),
        "seal": Seal.of(manifest.organ, manifest.label, manifest.released_on, edition.digest),
    }


def _count(
    name: ListName, was: Mapping[str, int] | None, now: Mapping[str, int], changed: Iterable[Change]
) -> Count:
    """One list's line; of the first edition there is nothing to compare."""
    moves = Counter(came for came in (_came(one, name) for one in changed) if came is not None)
    return Count(
        word=WORDS[name],
        was="—" if was is None else f"{was.get(name, 0):,}",
        came="—" if was is None else f"{moves[True]:,}",
        went="—" if was is None else f"{moves[False]:,}",
        now=f"{now.get(name, 0):,}",
    )


def _list(said: str) -> str:
    """The list of one side of a change, which names the grade too."""
    return said.split(" ")[0]


def _came(change: Change, name: ListName) -> bool | None:
    """Whether a change leads onto a list or off it; None when it does neither."""
    was, now = (_list(said) == name for said in (change.before, change.after))
    return None if was == now else now


def _groups(edition: Edition, changed: tuple[Change, ...]) -> Iterator[Group]:
    places = {one.id: one.name for one in edition.manifest.jurisdictions}
    listed = {one.institution: one for one in edition.listed}
    room = ROOM
    for name, came in ORDER:
        found = [one for one in changed if _came(one, name) is came]
        if not found:
            continue
        fits = len(found) <= room
        room -= len(found) if fits else 1
        movers = (_mover(one, listed.get(one.institution), edition.manifest, came) for one in found)
        yield Group(
            heading=f"{'列入' if came else '移出'}{WORDS[name]}的 {len(found):,} 家",
            came=came,
            movers=tuple(movers) if fits else (),
            places="" if fits else _by_place(found, places),
        )


def _mover(change: Change, now: Listed | None, manifest: Manifest, came: bool) -> Mover:
    """What a removal was for is told no more; where the institution stands now is."""
    places = {one.id: one.name for one in manifest.jurisdictions}
    why = "白名单条件都符合" if came else NOW.get(_list(change.after), "")
    paper = ""
    if came and now and now.listing:
        one = now.listing
        organ = "" if one.organ == manifest.organ else one.organ  # it stands at the head
        why, paper = f"{one.reason.rstrip('。')}。", f"{organ}{one.document_no}"
    return Mover(
        number=change.institution,
        name=tuple(phrases(legible(change.name))),
        place=places.get(change.jurisdiction, change.jurisdiction),
        why=legible(why),
        paper=legible(paper),
    )


def _by_place(found: Iterable[Change], places: dict[str, str]) -> str:
    many = Counter(one.jurisdiction for one in found)
    order = [*places, *sorted(many.keys() - places.keys())]
    return "、".join(f"{places.get(id, id)} {many[id]:,} 家" for id in order if many[id])
