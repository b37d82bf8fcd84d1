"""Writes pages: the ones that are files of an edition, and the ones the site answers with."""

import re
import shutil
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct

from publisher.changes import GONE, Change, Standings, before, told_changes
from publisher.edition import Edition, Jurisdiction, Manifest
from publisher.kept import Kept
from publisher.listed import Listed
from publisher.pages.chart import GAPS, STRIP, Frame, Past, charts, said
from publisher.pages.gone import gone_sentence, gone_word
from publisher.pages.words import TAGS, grade_words, shown_status, stood
from publisher.pages.writing import Templates, marked, spelt
from publisher.print.lines import phrases
from publisher.print.seal import Seal, grouped
from publisher.shown import as_one, each
from scoring import Policy
from scoring.policy import Unrated
from scoring.words import (
    GATES,
    chinese,
    number,
    price_words,
    reference_words,
    remedy_words,
    span_words,
)

FOLDER = Path(__file__).parent
STATIC = FOLDER.parent / "static"
# A link to a folder of this site.
_TO_FOLDER = re.compile(r'((?:href|action|src)="(?:\.\.?/)+(?:[^"?#:]*/)?)((?:[#?][^"]*)?")')
LISTS = ("white", "watch", "black")
DRESS = ("look.css", "print.css", "mark.svg")
PARTS = "parts.html"
STATUSES = (*LISTS, "none", "new")
# Of the changes of each sort so many stand on the page; all are in the files.
SHOWN = 300
UP = "../../../"  # from a list to the site


class ListRow(Struct, frozen=True, kw_only=True):
    """One line of a list page."""

    id: str
    parts: tuple[str, ...]
    address: str
    kind: str
    grade: str
    reason: str = ""
    paper: str = ""
    since: str = ""
    until: str = ""
    disputed: bool = False


@cache
def version() -> str:
    """What a link to a file of the look ends with, another after each change of any: kept for a year, none is old."""
    files = sorted(path for path in STATIC.iterdir() if path.suffix in (".css", ".js", ".svg"))
    return f"?v={sha256(b''.join(path.read_bytes() for path in files)).hexdigest()[:10]}"


@cache
def environment() -> Environment:
    """The pages' templates; everything a template shows is escaped."""
    made = Templates(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    mark = (
        (STATIC / "mark.svg").read_text("utf-8").strip().replace('fill="#b0221c"', 'class="tile"')
    )
    made.globals |= {
        "TAGS": TAGS,
        "STRIP": STRIP,
        "GAPS": GAPS,
        "chinese": chinese,
        "number": number,
        "GATES": GATES,
        "price_words": price_words,
        "reference_words": reference_words,
        "remedy_words": remedy_words,
        "span_words": span_words,
        "grade_words": grade_words,
        "phrases": phrases,
        "marked": marked,
        "spelt": spelt,
        "tag": tag,
        "framed": framed,
        "look_version": version(),
        "rows": rows,
        "stamp": stamp,
        "shapes": Markup((FOLDER / "shapes.html").read_text("utf-8").partition("#}\n")[2]),  # noqa: S704 our file
        "moved": moved,
        "stood": stood,
        "mark": Markup(mark.replace("<svg ", '<svg aria-hidden="true" focusable="false" ')),  # noqa: S704 our file
        # What only some pages know: a page that lacks it shows none.
        "big": False,
        "live": False,
        "contact": "",
        "root": "",
        "here": "",
    }
    return made


# What many pages have in common is written once: the frame of a drawing, a row, the edition's stamp.
@lru_cache(maxsize=256)
def framed(frame: Frame) -> Markup:
    """The part of a drawing that is the same for all with the same months and edges."""
    return part(PARTS, "frame", frame)


class Histories:
    """The drawings of histories last shown, in both widths with their words, which many institutions have in common."""

    def __init__(self, most: int = 2048) -> None:
        self.most = most
        self._kept: OrderedDict[tuple[str, tuple[Past, ...]], Markup] = OrderedDict()

    def of(self, past: tuple[Past, ...], policy: Policy) -> Markup:
        """The history of an institution over the grades of a policy."""
        key = (policy.digest, past)
        known = self._kept.pop(key, None)
        if known is None:
            known = part(PARTS, "figure", charts(past, policy), said(past, policy))
        self._kept[key] = known
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)
        return known


def rows(name: str, items: Iterable[Any], *more: Any) -> Markup:
    """Rows as a macro writes them; what many institutions have in common is written once."""
    return Markup("".join(_common(name, one, *more) for one in items))  # noqa: S704 rows of a template


@lru_cache(maxsize=8192)
def _common(name: str, one: Any, *more: Any) -> Markup:
    return part(PARTS, name, one, *more)


@lru_cache(maxsize=64)
def stamp(seal: Seal) -> Markup:
    """The square stamp of an edition."""
    return part(PARTS, "stamp", seal)


def part(template: str, name: str, *values: Any) -> Markup:
    """What a macro of a template writes."""
    written: Markup = getattr(environment().get_template(template).module, name)(*values)
    return written


def page(template: str, **values: Any) -> str:
    """A page as text."""
    return environment().get_template(template).render(**values)


def about(manifest: Manifest, digest: str) -> dict[str, Any]:
    """What every page of an edition says of the edition."""
    label = manifest.label
    return {
        "manifest": manifest,
        "next_on": manifest.next_words,
        "organ": manifest.organ,
        "label": label,
        "edition_name": manifest.name,
        "digest": grouped(digest),
        "seal": Seal.of(manifest.organ, label, manifest.released_on, digest),
    }


@cache
def tag(status: str) -> Markup:
    """A status as it stands in a list."""
    return part(PARTS, "st", status)


def moved(change: Change, unrated: Unrated) -> str:
    """A change of list in words."""
    if change.kind == "added":
        return "新登记"
    if change.kind == "removed":
        return "不再登记"
    if change.kind == "withdrawn":
        return "本条已撤回"
    if change.before == GONE:
        return "上一版的条目已撤回"
    sides = (one.partition(" ")[::2] for one in (change.before, change.after))
    was, now = (shown_status(status, grade, unrated) for status, grade in sides)
    if now in LISTS:
        return f"原在{TAGS[was]}" if was in LISTS else f"原{TAGS[was]}"
    return f"现{TAGS[now]}"


def as_file(text: str) -> str:
    """The page with its links to folders leading to their `index.html`.

    >>> as_file('<a href="../i/A/"> <a href="./"> <a href="../editions/2026-11/list.csv">')
    '<a href="../i/A/index.html"> <a href="./index.html"> <a href="../editions/2026-11/list.csv">'
    """
    return _TO_FOLDER.sub(r"\1index.html\2", text)


class Section(NamedTuple):
    """What stands on a list of one place."""

    place: str
    heading: str
    rows: list[ListRow]


class ListPage(NamedTuple):
    """What a list page is made from, besides the edition.

    `withdrawn` are those whom it no longer lists; None where only the number of the whole city was signed.
    """

    name: str
    key: str
    sections: list[Section]
    withdrawn: int | None
    place: Jurisdiction | None = None


def render_pages(edition: Edition, folder: Path, *, kept: Kept | None = None) -> None:
    """Writes `index.html` and `lists/`: each list whole and by jurisdiction; links are relative.

    `index.html` tells of the `changes.json` that lies there.
    A list page that says the same as the one in the folder of `kept` is taken over from there, unless it
    was made for other stylesheets.
    """
    for name in DRESS:
        shutil.copyfile(STATIC / name, folder / name)
    common = about(edition.manifest, edition.digest) | {
        "here": "lists",
        "papers": (folder / "white.pdf").exists(),
    }
    (folder / "index.html").write_text(as_file(_index(edition, folder, common)), "utf-8")
    (folder / "lists").mkdir(exist_ok=True)
    old = {}
    if kept and kept.looks_alike(STATIC, DRESS):
        old = {one.name: one for one in _lists(kept.edition)}
    # A place's rows stand on its own page and on that of the whole city.
    written: dict[tuple[str, str], Markup] = {}
    for one in _lists(edition):
        name = f"lists/{one.name}"
        if kept is None or old.get(one.name) != one or not kept.take(name, folder):
            (folder / name).write_text(as_file(_list(common, one, written)), "utf-8")


def _index(edition: Edition, folder: Path, common: dict[str, Any]) -> str:
    old = before(edition, folder.parent)
    changed = told_changes(folder) if old else ()
    return page(
        "edition.html",
        **common,
        up="../../",
        sheets="",
        first=not old,
        total=len(edition.listed),
        was_total=sum(one.rating.status != GONE for one in old.values()),
        many=len(changed),
        moves=list(_moves(edition, old, changed)),
        counts=Counter(one.rating.status for one in edition.listed),
        corrections=edition.corrections,
        unrated=edition.unrated,
        tombstones=edition.tombstones,
        removed=[(one, gone_word(one), gone_sentence(one)) for one in edition.removals],
        listed={key: list(_listed(key, changed)) for key in ("black", "watch", "white")},
        graded=[one for one in changed if _regraded(one)][:SHOWN],
        shown=SHOWN,
    )


def _moves(
    edition: Edition, old: Standings, changed: tuple[Change, ...]
) -> Iterator[tuple[str, int, int, int, int]]:
    """Per list: how many there were, came, went and are."""
    counts = Counter[str](one.rating.status for one in edition.listed)
    for key in STATUSES:
        was = sum(one.rating.status == key for one in old.values())
        added = sum(_enters(key, one) for one in changed)
        gone = sum(_leaves(key, one) for one in changed)
        yield key, was, added, gone, counts[key]


def _enters(key: str, change: Change) -> bool:
    return change.after.split(" ")[0] == key and change.before.split(" ")[0] != key


def _leaves(key: str, change: Change) -> bool:
    return change.before.split(" ")[0] == key and change.after.split(" ")[0] != key


def _regraded(change: Change) -> bool:
    """Whether somebody's grade is another and the list the same."""
    was, now = change.before.split(" "), change.after.split(" ")
    return len(was) == len(now) == 2 and was[0] == now[0] and was[1] != now[1]


def _listed(key: str, changed: tuple[Change, ...]) -> Iterator[tuple[bool, Change]]:
    yield from ((True, one) for one in changed if _enters(key, one))
    yield from ((False, one) for one in changed if _leaves(key, one))


def _lists(edition: Edition) -> Iterator[ListPage]:
    places = {one.id: one for one in edition.manifest.jurisdictions}
    for key in LISTS:
        rows: dict[str, list[ListRow]] = {id: [] for id in places}
        for entry in edition.listed:
            if entry.rating.status == key:
                rows.setdefault(entry.jurisdiction, []).append(
                    _row(entry, edition.manifest.cut_off)
                )
        whole = [Section(id, _heading(id, places), found) for id, found in rows.items()]
        yield ListPage(f"{key}.html", key, whole, edition.withdrawn_from(key))
        for one in whole:
            if place := places.get(one.place):
                yield ListPage(f"{key}-{one.place}.html", key, [one], None, place)


def _heading(id: str, places: dict[str, Jurisdiction]) -> str:
    return places[id].name if id in places else f"区域 {id}"


def _list(common: dict[str, Any], one: ListPage, written: dict[tuple[str, str], Markup]) -> str:
    place = one.place
    for section in one.sections:
        at = one.key, section.place
        if at not in written:
            written[at] = part(PARTS, "listed", one.key, section.rows, UP)
    return page(
        "list.html",
        **common,
        up=UP,
        sheets="../",
        key=one.key,
        sections=[(at, len(at.rows), written[one.key, at.place]) for at in one.sections],
        place=place.name if place else "",
        place_id=place.id if place else "",
        total=sum(len(section.rows) for section in one.sections),
        withdrawn=one.withdrawn,
    )


def _row(entry: Listed, on: date) -> ListRow:
    found = entry.listings_on(on)
    listing = as_one(found)
    return ListRow(
        id=entry.institution,
        parts=tuple(phrases(entry.name)),
        address="；".join(entry.addresses),
        kind=entry.facts.subject or entry.facts.kind,
        grade=entry.rating.grade,
        reason=f"{listing.reason.rstrip('。')}。" if listing else "",
        paper=each(f"{one.organ} {one.document_no}，{one.article}" for one in found),
        since=listing.effective_on.isoformat() if listing else "",
        until=listing.until.isoformat() if listing else "",
        disputed=listing.disputed if listing else False,
    )
