"""One search: gathered from strong to weak, ranked once, with the reason for each hit."""

import json
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from msgspec import Struct

from publisher.filing import read
from publisher.grams import normalise
from publisher.site.search.around import around
from publisher.site.search.codes import by_number
from publisher.site.search.gather import erring, first_seen, foremost, loose, near
from publisher.site.search.index import LOOKED_AT, Look, index_of
from publisher.site.search.match import (
    LITERAL,
    LOOSE,
    NAMESAKE,
    NEAR,
    Doc,
    Line,
    Match,
    namesake,
    of_word,
)
from publisher.site.search.near import cost
from publisher.site.search.words import Word, words_of
from publisher.site.store import OpenEdition

SHOWN = 20
LONGEST = 100
# With fewer than these, what sounds so and what is nearly so is looked for too.
ENOUGH = 5
# Namesakes of what was found, so that it is not taken for them.
NAMESAKES = 5
WHY = {
    "F": "曾用名",
    "B": "招牌名",
    "R": "教学点",
    "A": "地址",
    "L": "办学许可证号",
    "K": "办学内容",
}
HOW = {"homophone": "同音字", "slip": "差一个字", "sound": "拼音", "initials": "拼音首字母"}
SLIPS = ("homophone", "slip")
EXACT = -1.0


class Filter(Struct, frozen=True, kw_only=True):
    """What a search is narrowed to; an empty one narrows nothing."""

    kind: str = ""
    status: str = ""
    grade: str = ""


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
    until: date | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """The first hits, how many there are in all, and where, so that nothing is cut silently.

    The first `alike` hits bear names that are taken for one another. `many` says that there are more than
    were counted, `guessed` that nobody bears the number as it was typed, `near` that nobody is called quite
    as was typed. Where there are no hits, `around` are some who are registered where the query points.
    """

    query: str
    words: tuple[str, ...]
    total: int
    hits: tuple[Hit, ...]
    places: tuple[tuple[str, int], ...]
    alike: int = 0
    many: bool = False
    guessed: bool = False
    near: bool = False
    around: tuple[Hit, ...] = ()


class Ranked(NamedTuple):
    """An institution that may be meant; the least is the best."""

    cost: float
    weight: int
    apart: int
    long: int
    name: str
    number: int
    why: Match
    own: str


class Found(NamedTuple):
    """What was looked at and fits; `total` and `places` where not all were looked at."""

    ranked: list[Ranked]
    places: tuple[tuple[str, int], ...]
    total: int = 0
    many: bool = False
    guessed: bool = False


def search(edition: OpenEdition, query: str, place: str = "", only: Filter | None = None) -> Answer:
    """The institutions that are meant, the nearest first; any text is a query.

    The same edition and query give the same answer.
    """
    typed = query[:LONGEST].strip()
    look = Look(index_of(edition), place)
    words = words_of(typed, look.index.places)
    named = [one for word in words for piece in word.pieces for one in piece.places]
    look.named = [look.index.layout.span(one) for one in named]
    numbers, guessed = by_number(look.index, typed)
    found = _by_number(look, numbers, guessed=guessed) if numbers else _by_words(look, words, typed)
    if only is not None and only != Filter():
        kept = _narrowed(look, found.ranked, only)
        found = found._replace(ranked=kept, total=len(kept))
    own = max((one.own or one.plain * one.is_latin for one in words), key=len, default="")
    ranked, alike = together(found.ranked, own)
    return Answer(
        query=query,
        words=marks(words),
        total=max(found.total, len(ranked)),
        hits=_hits(look, ranked[:SHOWN]),
        places=found.places,
        alike=min(alike, SHOWN),
        many=found.many,
        guessed=guessed and bool(ranked),
        near=bool(ranked) and all(one.why.how in SLIPS for one in ranked),
        around=() if ranked else _hits(look, [_plain(one) for one in around(look, words)]),
    )


def marks(words: Iterable[Word]) -> tuple[str, ...]:
    """What of the words is marked where it stands in a name."""
    found = [
        (one.plain, *(p.text for p in one.pieces if p.sort in ("own", "trade"))) for one in words
    ]
    return tuple(dict.fromkeys(text for texts in found for text in texts))


def _by_number(look: Look, numbers: list[int], *, guessed: bool) -> Found:
    here = look.here(sorted(numbers))
    return Found([_plain(one) for one in here], _counted(look, numbers), guessed=guessed)


def _plain(number: int) -> Ranked:
    """One that is not compared."""
    return Ranked(0.0, 0, 0, 0, "", number, Match(0.0, 0, Line("N", "")), "")


def _by_words(look: Look, words: tuple[Word, ...], typed: str) -> Found:
    exact = [row[0] for row in look.run("SELECT number FROM institution WHERE name = ?", (typed,))]
    if not words and not exact:
        return Found([], ())
    seen = first_seen(look, words)
    wanted = [*look.here(sorted(exact)), *seen.first]
    ranker = _Ranker(words, typed, frozenset(exact))
    ranked = ranker.of(_docs(look, wanted), LITERAL)
    places = _counted(look, seen.everywhere)
    if all(one.is_place for one in words):
        return _of_places(look, words, ranked, places)
    if seen.total > LOOKED_AT:
        total = seen.total if seen.is_exact else len(ranked)
        return Found(ranked, places, total, many=not seen.is_exact)
    if look.within is not None and seen.everywhere:
        sample = ranker.of(_docs(look, seen.everywhere[:LOOKED_AT]), LITERAL)
        places = _counted(look, [one.number for one in sample])
    ranked = _more(look, words, ranker, ranked, list(seen.first))
    if look.within is None:
        places = _counted(look, [one.number for one in ranked])
    return Found(ranked, places)


def _of_places(
    look: Look, words: tuple[Word, ...], ranked: list[Ranked], places: tuple[tuple[str, int], ...]
) -> Found:
    """A district alone: everyone there, of whom the first are shown."""
    counts = look.index.counts
    named = {one for word in words for one in word.places} or set(counts)
    there = {one: counts.get(one, 0) for one in named} | {
        one: many for one, many in places if one not in named
    }
    told = tuple(sorted(there.items(), key=lambda one: (-one[1], one[0])))
    within = [many for one, many in told if look.within in (None, look.index.layout.span(one))]
    return Found(ranked, told, sum(within))


def _more(
    look: Look, words: tuple[Word, ...], ranker: "_Ranker", ranked: list[Ranked], seen: list[int]
) -> list[Ranked]:
    """While few are found: who sounds so, then who is nearly called so; at last their namesakes."""
    for stage, gather in ((LOOSE, loose), (NEAR, near)):
        settled = ranked and (ranked[0].cost == EXACT or (stage == NEAR and len(words) > 1))
        if len(ranked) >= ENOUGH or settled:
            break
        wrong = erring(look, words)
        numbers = [n for word in wrong for n in look.here(gather(look, word))[:LOOKED_AT]]
        if stage == LOOSE:
            numbers += [n for word in wrong for n in foremost(look, word)]
        # One word may be right where another is not.
        again = seen if len(words) > 1 else []
        known = {one.number for one in ranked}
        fresh = [n for n in dict.fromkeys([*numbers, *again]) if n not in known]
        ranked = sorted([*ranked, *ranker.of(_docs(look, fresh), stage)])
    if len(words) == 1 and ranked and words[0].own != words[0].plain:
        known = {one.number for one in ranked}
        fresh = [n for n in foremost(look, words[0]) if n not in known]
        ranked += ranker.namesakes(_docs(look, fresh))
    return ranked


class _Ranker:
    """Puts institutions in order for the words of one query."""

    def __init__(self, words: tuple[Word, ...], typed: str, exact: frozenset[int]) -> None:
        self.words, self.exact = words, exact
        self.whole = normalise(typed)
        self.own = max((one.own for one in words), key=len, default="")

    def of(self, docs: Iterable[Doc], stage: int) -> list[Ranked]:
        """Those that fit, the best first."""
        found = []
        for doc in docs:
            matches = [of_word(word, doc, stage) for word in self.words]
            fitting = [one for one in matches if one is not None]
            if len(fitting) == len(matches) and (fitting or doc.number in self.exact):
                found.append(self._ranked(doc, fitting))
        return sorted(found)

    def namesakes(self, docs: Iterable[Doc]) -> list[Ranked]:
        """The first of those who bear the same own word."""
        found = [(doc, namesake(self.words[0], doc)) for doc in docs]
        return sorted(self._ranked(doc, [match]) for doc, match in found if match)[:NAMESAKES]

    def _ranked(self, doc: Doc, matches: list[Match]) -> Ranked:
        # A district beside a name explains nothing: the name does.
        first = read(doc.lines[0])
        why = max(matches, key=_telling) if matches else Match(0.0, 0, first)
        total = round(sum(one.cost for one in matches), 2)
        if doc.number in self.exact or why.line.plain == self.whole:
            total = EXACT
        own = why.line.own
        apart = 1 + abs(len(own) - len(self.own)) if own and self.own and own != self.own else 0
        plain = first.plain
        weight = sum(max(0, _telling(one)) for one in matches)
        return Ranked(total, weight, apart, len(plain), plain, doc.number, why, own)


def _telling(match: Match) -> int:
    return -1 if match.line.kind == "D" else match.weight


def together(ranked: list[Ranked], own: str) -> tuple[list[Ranked], int]:
    """Those whose names are taken for that of the first stand behind it, as far as they fit as well.

    Where nothing was asked for by its own word, as with a street, no name is taken for another.
    """
    if not ranked or not ranked[0].own or not own:
        return ranked, 0
    first = ranked[0]
    beside, rest = [first], []
    for one in ranked[1:]:
        same = max(one.cost, 0.0) == max(first.cost, 0.0) or first.cost <= 0 <= NAMESAKE <= one.cost
        is_alike = bool(one.own) and same and _are_alike(first.own, one.own)
        (beside if is_alike and len(beside) < SHOWN else rest).append(one)
    return [*beside, *rest], len(beside) if len(beside) > 1 else 0


def _are_alike(one: str, two: str) -> bool:
    """Whether two own words are easily taken for one another."""
    few, more = sorted((one, two), key=len)
    if few in more and len(few) > 1:
        return True
    return len(few) > 1 and cost(few, more) <= (1.1 if len(few) > 2 else 0.6)


def _docs(look: Look, numbers: Iterable[int]) -> Iterable[Doc]:
    wanted = list(dict.fromkeys(numbers))
    return (Doc(number, _place(look, number), lines) for number, lines in look.wordings(wanted))


def _place(look: Look, number: int) -> str:
    return look.index.layout.place_of(number)


def _counted(look: Look, numbers: Iterable[int]) -> tuple[tuple[str, int], ...]:
    counts = look.counted(sorted(numbers) if not isinstance(numbers, range) else numbers)
    return tuple(sorted(counts, key=lambda one: (-one[1], one[0])))


def _narrowed(look: Look, ranked: list[Ranked], only: Filter) -> list[Ranked]:
    query = (
        "SELECT number FROM institution WHERE number IN (SELECT value FROM json_each(?))"
        " AND (? IN ('', kind, subject)) AND (? IN ('', status)) AND (? IN ('', grade))"
    )
    numbers = json.dumps([one.number for one in ranked])
    kept = {row[0] for row in look.run(query, (numbers, only.kind, only.status, only.grade))}
    return [one for one in ranked if one.number in kept]


def _hits(look: Look, ranked: list[Ranked]) -> tuple[Hit, ...]:
    numbers = json.dumps([one.number for one in ranked])
    columns = "number, id, name, code, jurisdiction, address, status"
    chosen = "WHERE number IN (SELECT value FROM json_each(?))"
    rows = {
        row[0]: row[1:]
        for row in look.run(f"SELECT {columns} FROM institution {chosen}", (numbers,))  # noqa: S608
    }
    called: dict[int, list[tuple[str, str, str]]] = {}
    query = f"SELECT number, kind, text, until FROM called {chosen}"  # noqa: S608 our own words
    for number, kind, text, until in look.run(query, (numbers,)):
        called.setdefault(number, []).append((kind, text, until))
    return tuple(_hit(rows[one.number], one.why, called.get(one.number, [])) for one in ranked)


def _hit(row: tuple[str, ...], why: Match, called: list[tuple[str, str, str]]) -> Hit:
    kind, plain, _ = why.line
    reasons = ["同一地址" if why.how == "door" else WHY.get(kind, ""), HOW.get(why.how, "")]
    found = until = ""
    if kind in "FBR":
        spelt = (
            (text, end) for one, text, end in called if one == kind and normalise(text) == plain
        )
        found, until = next(spelt, ("", ""))
    id, name, code, jurisdiction, address, status = row
    return Hit(
        id=id,
        name=name,
        code=code,
        jurisdiction=jurisdiction,
        address=address,
        status=status,
        why="、".join(filter(None, reasons)),
        found=found,
        until=date.fromisoformat(until) if until else None,
    )
