"""In what order institutions are shown, and which names stand side by side."""

from collections.abc import Iterable
from typing import NamedTuple

from publisher.grams import normalise
from publisher.site.search.doc import Doc
from publisher.site.search.match import NAMESAKE, Match, kindred, namesake, of_word
from publisher.site.search.near import cost
from publisher.site.search.words import Word

SHOWN = 20
# Namesakes of what was found, so that it is not taken for them.
NAMESAKES = 5
# Who is called just so, to the sign, and who is but for signs that nobody hears.
TO_THE_SIGN, EXACT = -2.0, -1.0
# Own words of two signs are alike only by sound.
ALIKE, ALIKE_SHORT = 1.1, 0.6


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


class Ranker:
    """Puts institutions in order for the words of one query."""

    def __init__(self, words: tuple[Word, ...], typed: str, exact: frozenset[int]) -> None:
        self.words, self.exact = words, exact
        self.whole = words[0].city.local(normalise(typed)) if words else ""
        self.own = max((one.own for one in words), key=len, default="")

    def of(self, docs: Iterable[Doc], stage: int) -> list[Ranked]:
        """Those that fit, the best first."""
        found = []
        for doc in docs:
            matches = []
            for word in self.words:
                match = of_word(word, doc, stage)
                if match is None:
                    break
                matches.append(match)
            else:
                if matches or doc.number in self.exact:
                    found.append(self._ranked(doc, matches))
        found.sort()
        return found

    def namesakes(self, docs: Iterable[Doc]) -> list[Ranked]:
        """The first of those who bear the same own word."""
        found = [(doc, namesake(self.words[0], doc)) for doc in docs]
        return sorted(self._ranked(doc, [match]) for doc, match in found if match)[:NAMESAKES]

    def kindred(self, docs: Iterable[Doc]) -> list[Ranked]:
        """All of those who bear an own word that was typed, who share more with the query first."""
        return sorted(self._ranked(doc, [kindred(self.whole, doc)]) for doc in docs)

    def _ranked(self, doc: Doc, matches: list[Match]) -> Ranked:
        # A district beside a name explains nothing: the name does.
        why = max(matches, key=_telling) if matches else Match(0.0, 0, doc.first)
        total = why.cost if len(matches) == 1 else sum(one.cost for one in matches)
        if doc.number in self.exact:
            total = TO_THE_SIGN
        elif why.line.plain == self.whole:
            total = EXACT
        own = why.line.own
        apart = 1 + abs(len(own) - len(self.own)) if own and self.own and own != self.own else 0
        weight = 0
        for one in matches:
            weight += max(0, _telling(one))
        plain = why.line.plain if why.line.kind == "N" else doc.first.plain
        return Ranked(round(total, 2), weight, apart, len(plain), plain, doc.number, why, own)


def _telling(match: Match) -> int:
    return -1 if match.line.kind == "D" else match.weight


def together(ranked: list[Ranked], own: str) -> tuple[list[Ranked], int]:
    """Those whose names are taken for that of the first stand behind it, as far as they fit as well.

    Where nothing was asked for by its own word, as with a street, no name is taken for another.
    """
    if not ranked or not ranked[0].own or not own:
        return ranked, 0
    first = ranked[0]
    beside, rest = [first], list[Ranked]()
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
    return len(few) > 1 and cost(few, more) <= (ALIKE if len(few) > 2 else ALIKE_SHORT)
