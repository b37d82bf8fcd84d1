"""What was typed, cut into words, and each word into places, trades and the rest."""

import re
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Literal, NamedTuple

from publisher.grams import is_trade, normalise, sound_of, trades_of, units
from publisher.site.search.index import Places
from publisher.sounds import cuts, syllables

MOST = 8
# A licence's number has so many digits or more.
LICENCE = 6
# A part of an address has so many units or more.
PART = 2
_AROUND = frozenset("教民办学校许可证编号字第为")
# The number of a door, and what it stands behind in an address.
_NUMBERED = re.compile(r"\d{0,5}[号弄幢栋座楼层室单元]?")
_NUMBER_FOLLOWS = frozenset("路街道巷弄号幢栋座楼层室村园城0123456789")
_SCRIPT = re.compile(r"[a-z]+|[^a-z]+")
Sort = Literal["place", "trade", "own", "latin"]


class Piece(NamedTuple):
    """A part of a word; of a place, which ones it names."""

    sort: Sort
    text: str
    places: tuple[str, ...] = ()


class Way(NamedTuple):
    """A word cut into places and the rest, of which `texts` stand as they are; `whole` is the rest in a row."""

    places: tuple[Piece, ...]
    rest: tuple[Piece, ...]
    texts: tuple[str, ...]
    whole: str

    @classmethod
    def of(cls, pieces: tuple[Piece, ...]) -> "Way":
        """The way that pieces make."""
        rest = tuple(one for one in pieces if one.sort != "place")
        return cls(
            tuple(one for one in pieces if one.sort == "place"),
            rest,
            tuple(one.text for one in rest if one.sort != "latin"),
            "".join(one.text for one in rest),
        )


class Word:
    """One word of a query."""

    def __init__(self, plain: str, places: Places, *, alone: bool = True) -> None:
        self.plain = plain
        self.city = places
        named = places.named(plain)
        if named is None and not alone:
            named = places.initials.get(plain)  # nb 新东方
        self.is_place = named is not None
        self.places = tuple(named or ())

    @cached_property
    def units(self) -> list[str]:
        """Its smallest parts."""
        return units(self.plain)

    @cached_property
    def number(self) -> str:
        """The long number in it, such as that of a licence; empty where it has none."""
        return next((one for one in self.units if len(one) >= LICENCE and one.isdigit()), "")

    @cached_property
    def is_licence(self) -> bool:
        """教民15309250000001号: a long number and what is written around one, whether the register says it or not."""
        return bool(self.number) and not set(self.plain.replace(self.number, "")) - _AROUND

    @cached_property
    def is_latin(self) -> bool:
        """Whether it may be typed by sound."""
        return self.plain.isascii() and self.plain.isalpha()

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """宁波新东方 is a place and an own word; nb新东方 is too."""
        return self._cut(self.city.words)

    @cached_property
    def somewhere(self) -> tuple[Piece, ...]:
        """The pieces that name a place which is not everywhere."""
        return tuple(one for one in self.pieces if one.sort == "place" and one.places)

    @cached_property
    def ways(self) -> tuple[tuple[Piece, ...], ...]:
        """The ways to cut it: 宁波海曙光 is of 海曙, or called 海曙光; 月湖yy is of 余姚, or teaches 音乐."""
        spelt = [self._cut(self.city.words, spelt=True)] if not self.plain.isascii() else []
        return tuple(dict.fromkeys((self.pieces, self._cut(self.city.full), *spelt)))

    @cached_property
    def gapped(self) -> tuple[Way, ...]:
        """The ways to cut it into more than one piece."""
        return tuple(Way.of(one) for one in self.ways if len(one) > 1)

    def _cut(self, places: re.Pattern[str], *, spelt: bool = False) -> tuple[Piece, ...]:
        found: list[Piece] = []
        for run in _SCRIPT.findall(self.plain):
            if run.isascii() and run.isalpha():
                found.extend(self._latin(run, alone=spelt or run == self.plain))
            else:
                found.extend(self._han(run, places))
        return tuple(found)

    @cached_property
    def cuts(self) -> list[tuple[str, ...]]:
        """The ways to read it as syllables."""
        return cuts(self.plain) if self.is_latin else []

    @cached_property
    def own(self) -> str:
        """What is left of it without places, trades and forms."""
        return "".join(one.text for one in self.pieces if one.sort == "own")

    @cached_property
    def sound(self) -> str:
        """The key of how its own word sounds."""
        return f"h{sound_of(self.own)}"

    @cached_property
    def rest(self) -> str:
        """What is left of it without the places that lead it."""
        pieces = list(self.pieces)
        while len(pieces) > 1 and pieces[0].sort == "place":
            pieces.pop(0)
        return "".join(one.text for one in pieces)

    def _latin(self, run: str, *, alone: bool) -> list[Piece]:
        """Letters: a place by sound or by initials, then what follows it."""
        named = self.city.named(run)
        if named is not None:
            return [Piece("place", run, tuple(named))]
        if not alone and run in self.city.initials:
            return [Piece("place", run, tuple(self.city.initials[run]))]
        for called in (*self.city.ids, *self.city.everywhere):
            if called.isascii() and len(called) > 3 and run.startswith(called):
                rest = run[len(called) :]
                return [
                    Piece("place", called, tuple(self.city.named(called) or ())),
                    Piece("latin", rest),
                ]
        return [Piece("latin", run)]

    def _han(self, run: str, places: re.Pattern[str]) -> list[Piece]:
        found: list[Piece] = []
        at = 0
        for place in places.finditer(run):
            found.extend(_trades(run[at : place.start()]))
            found.append(Piece("place", place[0], tuple(self.city.named(place[0]) or ())))
            at = place.end()
        found.extend(_trades(run[at:]))
        return found


@lru_cache(maxsize=4096)
def _trades(text: str) -> tuple[Piece, ...]:
    return tuple(Piece("trade" if _is_trade(one) else "own", one) for one in trades_of(text))


_is_trade = lru_cache(maxsize=4096)(is_trade)


def words_of(query: str, places: Places) -> tuple[Word, ...]:
    """The words of a query, in the form in which names are compared."""
    typed = map(places.local, filter(None, map(normalise, query.split())))
    plain = list(dict.fromkeys(_joined(typed)))[:MOST]
    return tuple(Word(one, places, alone=len(plain) == 1) for one in plain)


def _joined(words: Iterable[str]) -> list[str]:
    """What was typed apart and is one word: 新城大道 23 号, and syllables one by one."""
    found: list[str] = []
    for one in words:
        behind = found[-1] if found else ""
        if behind[-1:] in _NUMBER_FOLLOWS and _NUMBERED.fullmatch(one):
            found[-1] += one
        else:
            found.append(one)
    spoken = len(found) > 1 and all(len(one) > 1 and one in syllables() for one in found)
    return ["".join(found)] if spoken else found
