"""The index of register.sqlite: which institutions are filed under a key, and by what numbers they go.

A list is a row of 32-bit numbers in order. A number follows from the institutions' own numbers alone, not
from the order in which they came, so that an index that was carried on is the same as one made anew.
"""

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple
from zlib import crc32

from msgspec import Struct

from publisher.grams import address_keys, anatomy, name_keys, units

NAMES = "NFBR"
# Eight places for each institution: a new one seldom finds its own taken, and moves hardly any other.
ROOM = 8


class Line(NamedTuple):
    """One thing an institution is found by; `own` is the own word of a name.

    Kinds are capitals: N name, F former, B brand, R branch, A address, L licence, D district, K kind. What
    is compared has none, so that a written line holds a word exactly where its text does.
    """

    kind: str
    plain: str
    own: str = ""


class Layout(Struct, frozen=True):
    """Where the numbers of each place begin; they end with the last."""

    places: tuple[str, ...]
    starts: tuple[int, ...]

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "Layout":
        """The layout for so many institutions of each place."""
        places = tuple(sorted(counts))
        rooms = (_room(counts[one]) * (ROOM + 1) // ROOM for one in places)
        return cls(places, tuple(accumulate(rooms, initial=0)))

    def span(self, place: str) -> tuple[int, int]:
        """The first number of a place, and the first behind its last; nothing for an unknown one."""
        if place not in self.places:
            return 0, 0
        at = self.places.index(place)
        return self.starts[at], self.starts[at + 1]

    def place_of(self, number: int) -> str:
        """The place a number is of."""
        return self.places[bisect_right(self.starts, number) - 1]

    def numbers(self, ids: Mapping[str, Iterable[str]]) -> dict[str, int]:
        """The number of every institution, given those of each place."""
        found: dict[str, int] = {}
        for place, some in ids.items():
            start, _ = self.span(place)
            listed = list(some)
            room = _room(len(listed))
            last = -1
            for hashed, id in sorted((crc32(one.encode()) % room, one) for one in listed):
                last = max(hashed, last + 1)
                found[id] = start + last
        return found


def _room(many: int) -> int:
    """A power of two, which seldom changes."""
    return 1 << (ROOM * max(many, 1) - 1).bit_length()


def written(lines: Iterable[Line]) -> str:
    """Lines as one text; see `read`."""
    return "\n".join(
        f"{one.kind}{one.own}\t{one.plain}" if one.own else f"{one.kind}{one.plain}"
        for one in lines
    )


def read(line: str) -> Line:
    """A line as it was written."""
    own, tab, plain = line[1:].partition("\t")
    return Line(line[0], plain, own) if tab else Line(line[0], own)


def line_of(kind: str, plain: str, places: tuple[str, ...]) -> Line:
    """A line of a kind."""
    if kind not in NAMES:
        return Line(kind, plain)
    at = anatomy(plain, places)
    return Line(kind, plain, plain[at.start : at.own])


def keys_of(lines: Iterable[Line], places: tuple[str, ...]) -> set[str]:
    """Everything an institution is filed under."""
    found: set[str] = set()
    for one in lines:
        if one.kind in NAMES:
            found.update(name_keys(one.plain, places))
        elif one.kind == "A":
            found.update(address_keys(one.plain))
        elif one.kind == "L":
            # By its long numbers, and as it is written: of 云教民0012 each number is short.
            found.update(f"l{part}" for part in units(one.plain) if len(part) > 5)
            found.add(f"l{one.plain}")
        else:
            found.add(f"{one.kind.lower()}{one.plain}")
    return found


class Filing:
    """Lists in the making."""

    def __init__(self) -> None:
        self.added: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        self.gone: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, number: int, keys: Iterable[str]) -> None:
        """Files an institution."""
        for key in keys:
            self.added[key].append(number)

    def remove(self, number: int, keys: Iterable[str]) -> None:
        """Takes an institution out."""
        for key in keys:
            self.gone[key].append(number)

    def changed(self) -> list[str]:
        """Every key under which something changed, in order."""
        return sorted(self.added.keys() | self.gone.keys())

    def merged(self, key: str, before: bytes) -> bytes:
        """The list of a key as it is now."""
        kept = numbers_in(before)
        for number in self.gone.get(key, ()):
            del kept[bisect_left(kept, number)]
        for number in self.added.get(key, ()):
            kept.insert(bisect_left(kept, number), number)
        return _bytes(kept)

    def lists(self) -> Iterator[tuple[str, int, bytes]]:
        """Each key that was added to, in order, how many are under it, and their list."""
        for key in sorted(self.added):
            numbers = self.added[key]
            yield key, len(numbers), _bytes(numbers)


def numbers_in(raw: bytes) -> "array[int]":
    """The numbers of a list."""
    found = array("I", raw)
    if sys.byteorder == "big":
        found.byteswap()
    return found


def _bytes(numbers: "array[int]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
