"""One search: gathered from strong to weak, ranked once, with the reason for each hit."""

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from msgspec import Struct

from publisher.filing import Line
from publisher.grams import normalise
from publisher.site.search.around import around
from publisher.site.search.codes import by_bare_number, by_number
from publisher.site.search.doc import Doc
from publisher.site.search.gather import erring, first_seen, foremost, kindred, loose, near
from publisher.site.search.hits import Filter, Hit, hits_of, narrowed
from publisher.site.search.index import LOOKED_AT, Look, index_of
from publisher.site.search.match import LITERAL, LOOSE, NEAR, Match
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


def search(edition: OpenEdition, query: str, place: str = "", only: Filter | None = None) -> Answer:
    """The institutions that are meant, the nearest first; any text is a query.

    The same edition and query give the same answer.
    """
    course = Course(edition, query, place)
    run([course])
    found, look = course.found, course.look
    if only is not None and only != Filter():
        kept = narrowed(look, found.ranked, only)
        found = found._replace(ranked=kept, total=len(kept))
    ranked, alike = together(found.ranked, course.own)
    return Answer(
        query=query,
        words=marks(course.words),
        total=max(found.total, len(ranked)),
        hits=hits_of(look, ranked[:SHOWN]),
        places=found.places,
        alike=min(alike, SHOWN),
        many=found.many,
        guessed=course.guessed and bool(ranked),
        near=is_near(ranked),
        around=() if ranked else course.around(),
    )


def sought(query: str) -> str:
    """The query, or nothing where no sign of it can be searched for: nobody is said to be missing then."""
    return query if normalise(query) else ""


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


def is_near(ranked: list[Ranked]) -> bool:
    """Whether nobody bears what was typed, but for a sign, or only a name with the same own word."""
    hows = {one.why.how for one in ranked}
    return bool(hows) and hows <= {*SLIPS, "namesake"}


def marks(words: Iterable[Word]) -> tuple[str, ...]:
    """What of the words is marked where it stands in a name."""
    found = [
        (one.plain, *(p.text for p in one.pieces if p.sort in ("own", "trade"))) for one in words
    ]
    return tuple(dict.fromkeys(text for texts in found for text in texts))


def _plain(number: int) -> Ranked:
    """One that is not compared."""
    return Ranked(0.0, 0, 0, 0, "", number, Match(0.0, 0, Line("N", "")), "")


class Course:
    """A search of one edition step by step, from strong to weak, so that several may go side by side.

    `is_over` says that what was found first is all there is to find.
    """

    def __init__(self, edition: OpenEdition, query: str, place: str = "") -> None:
        self.typed = query[:LONGEST].strip()
        self.look = look = Look(index_of(edition), place)
        self.words = words_of(self.typed, look.index.places)
        named = [one for word in self.words for piece in word.pieces for one in piece.places]
        look.named = [look.index.layout.span(one) for one in named]
        numbers, guessed = by_number(look.index, self.typed)
        self.guessed = guessed and bool(numbers)
        self.is_over, self.seen = True, list[int]()
        self.ranker = Ranker(self.words, self.typed, frozenset())
        self.found = self._of_numbers(numbers) if numbers else self._literal()
        # What nobody is called may be a number without the letters that all have.
        if not self.found.ranked and (bare := by_bare_number(look.index, self.typed)):
            self.found, self.is_over = self._of_numbers(bare), True

    @property
    def own(self) -> str:
        """The word that was asked for as somebody's own."""
        own = (one.own or one.plain * one.is_latin for one in self.words)
        return max(own, key=len, default="")

    def around(self) -> tuple[Hit, ...]:
        """Some who are registered where the query points."""
        return hits_of(self.look, [_plain(one) for one in around(self.look, self.words)])

    def _of_numbers(self, numbers: list[int]) -> Found:
        here = self.look.here(sorted(numbers))
        return Found([_plain(one) for one in here], _counted(self.look, numbers))

    def _literal(self) -> Found:
        look, words = self.look, self.words
        query = "SELECT number FROM institution WHERE name = ?"
        exact = [row[0] for row in look.run(query, (self.typed,))]
        if not words and not exact:
            return Found([], ())
        seen = first_seen(look, words)
        wanted = [*look.here(sorted(exact)), *seen.first]
        self.ranker = ranker = Ranker(words, self.typed, frozenset(exact))
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
        self.is_over, self.seen = False, list(seen.first)
        return Found(ranked, places)

    def go_on(self, stage: int) -> None:
        """Who sounds so, or is nearly called so, besides."""
        look, words, ranked = self.look, self.words, self.found.ranked
        gather = loose if stage == LOOSE else near
        wrong = erring(look, words)
        look.is_cut = False
        numbers = [n for word in wrong for n in gather(look, word)[:LOOKED_AT]]
        # Who is guessed at needs no count.
        many = self.found.many or (look.is_cut and stage == LOOSE)
        if stage == LOOSE:
            numbers += [n for word in wrong for n in foremost(look, word)]
        # One word may be right where another is not.
        again = self.seen if len(words) > 1 else []
        known = {one.number for one in ranked}
        fresh = [n for n in dict.fromkeys([*numbers, *again]) if n not in known]
        more = self.ranker.of(_docs(look, fresh), stage)
        self.found = self.found._replace(
            ranked=sorted([*ranked, *more]), many=many and bool(more or self.found.many)
        )

    def resemble(self) -> None:
        """Where nobody is called as was typed: who bears an own word of it."""
        look = self.look
        look.is_cut = False
        there = sorted(kindred(look, self.words))
        ranked = self.ranker.kindred(_docs(look, look.here(there)))
        self.found = Found(ranked, _counted(look, there), many=look.is_cut)

    def end(self) -> None:
        """At last the namesakes of what was found, and where all of them are."""
        look, words, ranked = self.look, self.words, self.found.ranked
        if len(words) == 1 and ranked and words[0].own != words[0].plain:
            known = {one.number for one in ranked}
            fresh = [n for n in foremost(look, words[0]) if n not in known]
            ranked = ranked + self.ranker.namesakes(_docs(look, fresh))
        places = self.found.places
        if look.within is None:
            places = _counted(look, [one.number for one in ranked])
        self.found = self.found._replace(ranked=ranked, places=places)


def run(courses: Sequence[Course]) -> None:
    """Takes searches to their end; while few are found in all of them, what sounds so is looked for too."""
    going = [one for one in courses if not one.is_over]
    for stage in (LOOSE, NEAR):
        if any(one.is_over and one.found.ranked for one in courses) or _is_enough(going, stage):
            break
        for one in going:
            one.go_on(stage)
    if not any(one.found.ranked for one in courses):
        for one in going:
            one.resemble()
    for one in going:
        one.end()


def _is_enough(courses: Sequence[Course], stage: int) -> bool:
    found = [one.found.ranked for one in courses]
    settled = any(
        ranked and (ranked[0].cost <= EXACT or (stage == NEAR and len(one.words) > 1))
        for one, ranked in zip(courses, found, strict=True)
    )
    return settled or sum(map(len, found)) >= ENOUGH


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


def _docs(look: Look, numbers: Iterable[int]) -> list[Doc]:
    return look.index.docs(dict.fromkeys(numbers))


def _counted(look: Look, numbers: Iterable[int]) -> tuple[tuple[str, int], ...]:
    counts = look.counted(sorted(numbers) if not isinstance(numbers, range) else numbers)
    return tuple(sorted(counts, key=lambda one: (-one[1], one[0])))
