"""Who is registered where a query points that nobody answers to."""

from collections.abc import Iterable

from publisher.grams import pairs
from publisher.site.search.index import Look
from publisher.site.search.words import Word

AROUND = 5
LONGEST = 12


def around(look: Look, words: Iterable[Word]) -> list[int]:
    """The first institutions at the longest beginning of a word that is an address; a whole district is none."""
    for word in words:
        signs = word.rest
        for end in range(min(len(signs), LONGEST), 1, -1):
            part = signs[:end]
            if word.is_place or part.isascii():
                break
            near = look.here(look.all_of([f"a{one}" for one in pairs(part)]))[: 8 * AROUND]
            there = [one.number for one in look.index.docs(near) if _is_at(part, one.lines)]
            if there:
                return there[:AROUND]
    return []


def _is_at(part: str, lines: Iterable[str]) -> bool:
    return any(one[0] == "A" and part in one for one in lines)
