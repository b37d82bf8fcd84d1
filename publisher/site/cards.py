"""The institutions a search found, as they stand on a page: all but the marked words is written once for each."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from markupsafe import Markup

from publisher.pages.render import part
from publisher.pages.writing import named
from publisher.site.search import Hit

CUT = "\0"  # no text of an edition holds it


def cards(
    shape: str, hits: Iterable[Hit], up: str, names: Mapping[str, str], words: tuple[str, ...]
) -> Markup:
    """Hits in a `row` below one another, or in a `column` side by side, with the words marked in their names."""
    written = []
    for one in hits:
        before, behind, end = _card(
            shape, up, one.id, one.code[-6:], one.shown, names[one.jurisdiction], one.address
        )
        why = _why(shape, one, words) if one.why else ""
        written.append(f"{before}{named(one.name, words)}{behind}{why}{end}")
    return Markup("".join(written))  # noqa: S704 parts of templates


def _why(shape: str, hit: Hit, words: tuple[str, ...]) -> Markup:
    """Why it was found, which many have in common."""
    if hit.found:
        return part("hits.html", "why", shape, hit, words)
    return _plain_why(shape, hit.why)


@lru_cache(maxsize=64)
def _plain_why(shape: str, why: str) -> Markup:
    return part("hits.html", "reason", shape, why)


@lru_cache(maxsize=4096)
def _card(shape: str, *said: str) -> tuple[str, str, str]:
    """What stands before the name, what behind it, and what ends the card."""
    before, behind, end = part("hits.html", shape, CUT, *said).split(CUT)
    return before, behind, end
