"""What a parent types → institutions: a number, a code, or any fragments of what it is called."""

import re
from collections import Counter
from heapq import nsmallest

from msgspec import Struct

from publisher.grams import normalise, wanted
from publisher.site.store import OpenEdition

SHOWN = 20
# A word that stands in more places than this says nothing; the page asks for another.
MANY = 5000
CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")
WHY = {
    "name": "",
    "former": "曾用名",
    "brand": "招牌名",
    "branch": "教学点",
    "address": "地址",
    "licence": "办学许可证号",
    "place": "所在区域",
    "initials": "拼音首字母",
    "sound": "拼音",
}
# What a fragment was found in, the most telling first.
WEIGHT = {kind: place for place, kind in enumerate(WHY)}


class Hit(Struct, frozen=True, kw_only=True):
    """One institution found, and why when it is not by its name."""

    id: str
    name: str
    code: str
    jurisdiction: str
    address: str
    status: str
    why: str = ""
    found: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """The first hits, how many there are in all, and where, so that nothing is cut silently."""

    query: str
    words: tuple[str, ...]
    total: int
    hits: tuple[Hit, ...]
    places: tuple[tuple[str, int], ...]
    alike: int = 0
    many: bool = False


def search(edition: OpenEdition, query: str, place: str = "") -> Answer:
    """The institutions that hold every word of the query, the nearest first."""
    words = _words(query)
    found = _found(edition, query)
    if not found:
        return Answer(query=query, words=words, total=0, hits=(), places=())
    known = _known(edition, list(found))
    places = tuple(Counter(where for where, _ in known.values()).most_common())
    kept = {id: why for id, why in found.items() if not place or known[id][0] == place}
    hits = _ranked(edition, kept, known, words)
    return Answer(
        query=query,
        words=words,
        total=len(kept),
        hits=hits[:SHOWN],
        places=places,
        alike=sum(not one.why for one in hits[:SHOWN]),
        many=len(found) >= MANY // 2,
    )


def matching(edition: OpenEdition, query: str) -> frozenset[str]:
    """Everyone a search finds, for those who are told of changes by a saved search."""
    return frozenset(_found(edition, query))


Found = dict[str, tuple[str, str]]


def _words(query: str) -> tuple[str, ...]:
    return tuple(filter(None, (normalise(one) for one in query.split())))


def _found(edition: OpenEdition, query: str) -> Found:
    words = _words(query)
    found = _by_number(edition, query) or _by_words(edition, words)
    if not found and len(words) == 1:
        found = _by_two_parts(edition, words[0])
    return found


def _by_number(edition: OpenEdition, query: str) -> Found:
    """By institution number, code or licence number, however they are spaced."""
    plain = re.sub(r"[\s—-]+", "", query.upper())
    look = edition.lookup.execute
    if CODE.fullmatch(plain):
        rows = look("SELECT id FROM institution WHERE code = ?", (plain,)).fetchall()
    else:
        own = re.sub(r"^([A-Z]{2})([0-9A-Z]{4,})([0-9A-Z])$", r"\1-\2-\3", plain)
        rows = look("SELECT id FROM institution WHERE id = ?", (own,)).fetchall()
    return {row[0]: ("name", "") for row in rows}


def _by_words(edition: OpenEdition, words: tuple[str, ...]) -> Found:
    """Every word somewhere; the least telling place of a word is what the hit is explained by."""
    kept: Found | None = None
    for word in words:
        here = _holding(edition, word)
        if kept is None:
            kept = here
        else:
            both = kept.keys() & here.keys()
            kept = {id: max(kept[id], here[id], key=lambda one: _weight(one[0])) for id in both}
        if not kept:
            return {}
    return kept or {}


def _weight(kind: str) -> int:
    # A district beside a name explains nothing: the name does.
    return -1 if kind in ("place", "address") else WEIGHT[kind]


def _holding(edition: OpenEdition, word: str) -> Found:
    match = " AND ".join(wanted(word))
    rows = edition.lookup.execute(
        "SELECT institution, kind, text FROM gram JOIN spelling ON number = gram.rowid "
        "WHERE gram MATCH ? AND instr(plain, ?) LIMIT ?",
        (match, word, MANY),
    )
    found: Found = {}
    for institution, kind, text in rows:
        # A single letter says nothing of how a name sounds.
        if kind in ("initials", "sound") and len(word) == 1:
            continue
        held = found.get(institution)
        if held is None or WEIGHT[kind] < WEIGHT[held[0]]:
            found[institution] = (kind, text)
    return found


def _by_two_parts(edition: OpenEdition, word: str) -> Found:
    """宁波新东方: a word that stands nowhere as a whole may be two that do."""
    found: Found = {}
    for cut in range(len(word) - 1, 0, -1):
        for id, why in _by_words(edition, (word[:cut], word[cut:])).items():
            found.setdefault(id, why)
    return found


Known = dict[str, tuple[str, str]]


def _known(edition: OpenEdition, ids: list[str]) -> Known:
    """Jurisdiction and plain name of institutions."""
    found: Known = {}
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        marks = ",".join("?" * len(some))
        query = f"SELECT id, jurisdiction, plain FROM institution WHERE id IN ({marks})"  # noqa: S608 marks
        found.update(
            (id, (place, plain)) for id, place, plain in edition.lookup.execute(query, some)
        )
    return found


def _ranked(
    edition: OpenEdition, found: Found, known: Known, words: tuple[str, ...]
) -> tuple[Hit, ...]:
    longest = max(words, key=len, default="")

    def order(id: str) -> tuple[int, bool, int, str]:
        plain = known[id][1]
        return (max(0, _weight(found[id][0])), longest not in plain, len(plain), id)

    first = nsmallest(SHOWN, found, key=order)
    return tuple(_hit(edition, id, found[id], words) for id in first)


def _hit(edition: OpenEdition, id: str, why: tuple[str, str], words: tuple[str, ...]) -> Hit:
    columns = "id, name, code, jurisdiction, address, status"
    query = f"SELECT {columns} FROM institution WHERE id = ?"  # noqa: S608 our own columns
    row = edition.lookup.execute(query, (id,)).fetchone()
    kind, text = why
    shown = WHY[kind] if kind not in ("place",) else ""
    if kind == "address" and any(one in normalise(row[1]) for one in words):
        shown = ""
    return Hit(
        id=row[0],
        name=row[1],
        code=row[2],
        jurisdiction=row[3],
        address=row[4],
        status=row[5],
        why=shown,
        found=text if kind in ("former", "brand", "branch") else "",
    )
