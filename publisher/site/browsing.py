"""Going through the lists: by district, kind, list, grade and street; neighbours; up to four side by side."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct

from publisher.edition import Entry
from publisher.pages.sheet import NOT_MET, grade_of, sheet, unvisited
from publisher.pages.words import TAGS, grade_words, shown_status
from publisher.site.pages import page_of
from publisher.site.search import search
from publisher.site.store import OpenEdition
from scoring.words import chinese

COLUMNS = "id, name, jurisdiction, address, status, grade"
A_PAGE, COUNTED = 40, 10_000
NEAREST = 40
SIDE_BY_SIDE = 4
FIELDS = ("d", "standing", "kind", "grade", "street")


class Chosen(Struct, frozen=True, kw_only=True):
    """What somebody wants to see; empty is everything."""

    d: str = ""
    standing: str = ""
    kind: str = ""
    grade: str = ""
    street: str = ""

    def conditions(self) -> list[tuple[str, str]]:
        """As columns and values."""
        kind, _, subject = self.kind.partition("·")
        wanted = [("jurisdiction", self.d), ("status", self.standing), ("grade", self.grade)]
        wanted += [("street", self.street)]
        found = [(column, value) for column, value in wanted if value]
        return [*found, ("kind", kind), ("subject", subject)] if self.kind else found


class Line(Struct, frozen=True, kw_only=True):
    """One institution in a list."""

    id: str
    name: str
    jurisdiction: str
    address: str
    status: str
    grade: str


def browse(edition: OpenEdition, chosen: Chosen, after: str, values: dict[str, Any]) -> str:
    """A page of institutions in order of number."""
    found = chosen.conditions()
    where = "".join(f" AND {column} = ?" for column, _ in found)
    wanted = [value for _, value in found]
    query = f"SELECT {COLUMNS} FROM institution WHERE id > ?{where} ORDER BY id LIMIT ?"  # noqa: S608 our own columns
    rows = lines_of(edition, query, (after, *wanted, A_PAGE + 1))
    many = f"SELECT count(*) FROM (SELECT 1 FROM institution WHERE id > ''{where} LIMIT {COUNTED})"  # noqa: S608 our own columns
    more = ""
    if len(rows) > A_PAGE:
        given = {name: getattr(chosen, name) for name in FIELDS if getattr(chosen, name)}
        more = urlencode({**given, "after": rows[A_PAGE - 1].id})
    return page_of(
        "browse.html",
        edition,
        values,
        here="lists",
        title=_title(edition, chosen),
        chosen=chosen,
        total=edition.browse.execute(many, wanted).fetchone()[0],
        rows=rows[:A_PAGE],
        more=more,
        places=_places(edition),
        kinds=sorted(edition.groups("kind, subject"), key=lambda one: -one[2]),
        grades=[
            (grade, grade_words(grade, edition.policy.unrated), many)
            for grade, many in edition.groups("grade")
            if grade
        ],
    )


def _title(edition: OpenEdition, chosen: Chosen) -> str:
    place = edition.places.get(chosen.d)
    words = [place.name if place else "", chosen.street, chosen.kind.strip("·")]
    words += [TAGS.get(chosen.standing, ""), grade_words(chosen.grade, edition.policy.unrated)]
    return " ".join(filter(None, words)) or "全部机构"


def lines_of(edition: OpenEdition, query: str, wanted: Sequence[object]) -> list[Line]:
    """What a query for these columns finds, its status and grade in the words in which they are shown.

    Beside 黑名单 stands no grade: whoever was never licensed may have the best, and is recommended by none.
    """
    unrated = edition.policy.unrated
    return [
        Line(
            id=id,
            name=name,
            jurisdiction=place,
            address=address,
            status=shown_status(status, grade, unrated),
            grade="" if status == "black" else grade_words(grade, unrated),
        )
        for id, name, place, address, status, grade in edition.browse.execute(query, tuple(wanted))
    ]


def _places(edition: OpenEdition) -> dict[str, str]:
    return {id: one.name for id, one in edition.places.items()}


def near(edition: OpenEdition, id: str, values: dict[str, Any]) -> str | None:
    """Who else is in the same street, the nearest house first; None without the institution or a street."""
    own = edition.browse.execute(
        "SELECT name, street, house, jurisdiction FROM institution WHERE id = ?", (id,)
    ).fetchone()
    if own is None or not own[1]:
        return None
    name, street, house, place = own
    query = (
        f"SELECT {COLUMNS} FROM institution WHERE street = ? AND jurisdiction = ? "  # noqa: S608 our own columns
        "ORDER BY abs(house - ?), id <> ?, id LIMIT ?"
    )
    rows = lines_of(edition, query, (street, place, house, id, NEAREST))
    return page_of(
        "near.html",
        edition,
        values,
        here="search",
        id=id,
        whose=name,
        street=street,
        place=_places(edition).get(place, ""),
        rows=rows,
        most=NEAREST,
    )


class Column(Struct, frozen=True, kw_only=True):
    """One institution of a comparison; `without` is the query that leaves it out."""

    id: str
    name: str
    status: str
    without: str


def compare(edition: OpenEdition, ids: Sequence[str], add: str, values: dict[str, Any]) -> str:
    """Up to four institutions side by side; what is to be added is a number, or a name to choose from."""
    known = {id: edition.entry(id) for id in dict.fromkeys(ids)}
    entries = [one for one in known.values() if one is not None][:SIDE_BY_SIDE]
    gone = [id for id, one in known.items() if one is None and edition.withdrawn(id) is not None]
    missing = next((id for id, one in known.items() if one is None and id not in gone), "")
    chosen = [one.institution for one in entries]
    hits = search(edition, add).hits if add.strip() else ()
    choices = [
        (hit, urlencode([("id", id) for id in (*chosen, hit.id)]))
        for hit in hits[:10]
        if hit.id not in chosen
    ]
    columns = [
        Column(
            id=one.institution,
            name=one.name,
            status=shown_status(one.rating.status, grade_of(one), edition.policy.unrated),
            without=urlencode([("id", id) for id in chosen if id != one.institution]),
        )
        for one in entries
    ]
    rows = _rows(edition, entries, values)
    return page_of(
        "compare.html",
        edition,
        values,
        here="search",
        columns=columns,
        rows=rows,
        add=add,
        choices=choices,
        gone=gone,
        missing=missing[:40],
        places=_places(edition),
    )


def _rows(
    edition: OpenEdition, entries: Sequence[Entry], values: dict[str, Any]
) -> list[tuple[str, list[str]]]:
    """What is told of each, line by line."""
    told = [compared(edition, one, values) for one in entries]
    labels = dict.fromkeys(label for one in told for label in one)
    rows = [(label, [one.get(label, "") for one in told]) for label in labels]
    return [(label, cells) for label, cells in rows if any(cells)]


def compared(edition: OpenEdition, entry: Entry, values: dict[str, Any]) -> dict[str, str]:
    """What is told of one institution beside others, in the order in which a parent asks."""
    on, places = edition.manifest.cut_off, edition.places
    shown = sheet(entry, edition.policy, places, on, values.get("today"))
    visits = [one.on for one in entry.facts.inspections if one.on <= on]
    place = places.get(entry.jurisdiction)
    return {
        "风险提示": "；".join(one.text for one in shown.alerts if not one.over),
        "信用等级": shown.grade,
        "分数": shown.score if shown.grade else "",
        **{one.what: f"{one.word}　{one.detail}".strip() for one in shown.lights},
        "不符合的白名单条件": "；".join(
            title for word, title, *_ in shown.conditions if word == NOT_MET
        ),
        "计分的记录": f"{len(shown.lines)} 条" if shown.lines else "没有",
        "异议": "有，正在复核" if shown.disputed else "",
        "最近一次检查": chinese(max(visits)) if visits else unvisited(edition.policy),
        "设立": chinese(entry.facts.opened_on) if entry.facts.opened_on else "",
        "类别": "，".join(filter(None, (entry.facts.kind, entry.facts.subject, entry.facts.mode))),
        "区域": place.name if place else "",
        "办学地址": "；".join(entry.addresses),
        "机构编号": entry.institution,
        "信用代码": entry.code,
    }
