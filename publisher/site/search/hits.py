"""What is shown of an institution that was found, and the words for why it was."""

import json
from datetime import date

from msgspec import Struct

from publisher.filing import Line
from publisher.grams import normalise
from publisher.pages.words import shown_status
from publisher.site.search.index import Index, Look
from publisher.site.search.match import Match
from publisher.site.search.ranking import Ranked

WHY = {
    "F": "曾用名",
    "B": "招牌名",
    "R": "教学点",
    "A": "地址",
    "L": "办学许可证号",
    "K": "办学内容",
}
HOW = {
    "homophone": "同音字",
    "slip": "差一个字",
    "sound": "拼音",
    "initials": "拼音首字母",
    "namesake": "字号相同",
}


class Filter(Struct, frozen=True, kw_only=True):
    """What a search is narrowed to; an empty one narrows nothing."""

    kind: str = ""
    status: str = ""
    grade: str = ""


class Hit(Struct, frozen=True, kw_only=True):
    """One institution found, its status as it is and as it is shown, and why when it is not by its name."""

    id: str
    name: str
    code: str
    jurisdiction: str
    address: str
    status: str
    shown: str
    why: str = ""
    found: str = ""
    until: date | None = None


def narrowed(look: Look, ranked: list[Ranked], only: Filter) -> list[Ranked]:
    """Those of a kind, a list, a grade."""
    query = (
        "SELECT number FROM institution WHERE number IN (SELECT value FROM json_each(?))"
        " AND (? IN ('', kind, subject)) AND (? IN ('', status)) AND (? IN ('', grade))"
    )
    numbers = json.dumps([one.number for one in ranked])
    kept = {row[0] for row in look.run(query, (numbers, only.kind, only.status, only.grade))}
    return [one for one in ranked if one.number in kept]


def hits_of(look: Look, ranked: list[Ranked]) -> tuple[Hit, ...]:
    """Hits in the order in which they are given."""
    return tuple(_hit(look.index, one.number, one.why) for one in ranked)


def _hit(index: Index, number: int, why: Match) -> Hit:
    id, name, code, jurisdiction, address, status, grade = index.row(number)
    kind = why.line.kind
    reason = "同一地址" if why.how == "door" else WHY.get(kind, "")
    how = HOW.get(why.how, "")
    found = until = ""
    if kind in "FBRA":
        found, until = _spelt(index, number, why.line)
    return Hit(
        id=id,
        name=name,
        code=code,
        jurisdiction=jurisdiction,
        address=address,
        status=status,
        shown=shown_status(status, grade, index.policy.unrated),
        why=f"{reason}、{how}" if reason and how else reason or how,
        found=found,
        until=date.fromisoformat(until) if until else None,
    )


def _spelt(index: Index, number: int, line: Line) -> tuple[str, str]:
    """A name besides the present one as it is written, and until when it was borne."""
    query = "SELECT text, until FROM called WHERE number = ? AND kind = ? ORDER BY place"
    called = index.run(query, (number, line.kind))
    return next((one for one in called if normalise(one[0]) == line.plain), ("", ""))
