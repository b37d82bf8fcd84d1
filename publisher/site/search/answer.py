"""One search: gathered from strong to weak, ranked once, with the reason for each hit."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from msgspec import Struct

from publisher.filing import Line
from publisher.site.search.around import around
from publisher.site.search.codes import by_number
from publisher.site.search.gather import erring, first_seen, foremost, loose, near
from publisher.site.search.hits import Filter, Hit, hits_of, narrowed
from publisher.site.search.index import LOOKED_AT, Look, index_of
from publisher.site.search.match import LITERAL, LOOSE, NEAR, Doc, Match
from publisher.site.search.ranking import EXACT, SHOWN, Ranked, Ranker, together
from publisher.site.search.words import Word, words_of
from publisher.site.store import OpenEdition

LONGEST = 100
# With fewer than these, what sounds so and what is nearly so is looked for too.
ENOUGH = 5
SLIPS = ("homophone", "slip")


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
        kept = narrowed(look, found.ranked, only)
        found = found._replace(ranked=kept, total=len(kept))
    own = max((one.own or one.plain * one.is_latin for one in words), key=len, default="")
    ranked, alike = together(found.ranked, own)
    return Answer(
        query=query,
        words=marks(words),
        total=max(found.total, len(ranked)),
        hits=hits_of(look, ranked[:SHOWN]),
        places=found.places,
        alike=min(alike, SHOWN),
        many=found.many,
        guessed=guessed and bool(ranked),
        near=_is_near(ranked),
        around=() if ranked else hits_of(look, [_plain(one) for one in around(look, words)]),
    )


def matching(edition: OpenEdition, query: str) -> frozenset[str]:
    """The numbers of all whom a query names as it stands, for who saved it; nobody is guessed or cut off."""
    typed = query[:LONGEST].strip()
    look = Look(index_of(edition))
    words = words_of(typed, look.index.places)
    numbers, guessed = by_number(look.index, typed)
    if not numbers:
        exact = [
            row[0] for row in look.run("SELECT number FROM institution WHERE name = ?", (typed,))
        ]
        wanted = [*exact, *first_seen(look, words).everywhere]
        ranked = Ranker(words, typed, frozenset(exact)).of(_docs(look, wanted), LITERAL)
        numbers = [one.number for one in ranked]
    asked = "SELECT id FROM institution WHERE number IN (SELECT value FROM json_each(?))"
    found = look.run(asked, (json.dumps([] if guessed else numbers),))
    return frozenset(row[0] for row in found)


def _is_near(ranked: list[Ranked]) -> bool:
    """Whether nobody bears what was typed, but for a sign."""
    hows = {one.why.how for one in ranked} - {"namesake"}
    return bool(hows) and hows <= set(SLIPS)


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
    ranker = Ranker(words, typed, frozenset(exact))
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
    look: Look, words: tuple[Word, ...], ranker: Ranker, ranked: list[Ranked], seen: list[int]
) -> list[Ranked]:
    """While few are found: who sounds so, then who is nearly called so; at last their namesakes."""
    for stage, gather in ((LOOSE, loose), (NEAR, near)):
        settled = ranked and (ranked[0].cost == EXACT or (stage == NEAR and len(words) > 1))
        if len(ranked) >= ENOUGH or settled:
            break
        wrong = erring(look, words)
        numbers = [n for word in wrong for n in gather(look, word)[:LOOKED_AT]]
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


def _docs(look: Look, numbers: Iterable[int]) -> Iterable[Doc]:
    wanted = list(dict.fromkeys(numbers))
    return (Doc(number, _place(look, number), lines) for number, lines in look.wordings(wanted))


def _place(look: Look, number: int) -> str:
    return look.index.layout.place_of(number)


def _counted(look: Look, numbers: Iterable[int]) -> tuple[tuple[str, int], ...]:
    counts = look.counted(sorted(numbers) if not isinstance(numbers, range) else numbers)
    return tuple(sorted(counts, key=lambda one: (-one[1], one[0])))
