"""The index of one edition as a search reads it: few rows a query, and what was read lately is at hand."""

import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache, partial
from itertools import chain, islice
from sqlite3 import Connection

import msgspec

from publisher.filing import Layout, numbers_in
from publisher.grams import normalise
from publisher.places import city_of, forms, leading, sounded
from publisher.site.search.doc import Doc
from publisher.site.store import OpenEdition
from publisher.sounds import first_letters

# So many institutions are looked at closely; of more, the nearest by their keys.
LOOKED_AT = 120
# Beginnings of keys that so many share say too little to read them all.
BEGINNINGS = 64
# In a place that was chosen few are left under each, so that more are read.
WIDER = 8
# Of more than these, what they share with still more is not worth its while.
BROAD = 2000
# Of one edition, kept at hand: institutions, how many are under a key, and who is, unless that is a longer list.
DOCS = 4096
COUNTS = 16384
LISTS = 1024
SHORT = 2000
Numbers = Sequence[int]
_PROVINCE = re.compile(
    "(?:河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾)省?|(?:内蒙古|广西(?:壮族)?|西藏|宁夏(?:回族)?|新疆(?:维吾尔)?)(?:自治区)?"
)


class Places:
    """What the places of an edition are called: in full, in short, by sound and by initials."""

    def __init__(self, edition: OpenEdition) -> None:
        self.ids: dict[str, list[str]] = {}
        self.initials: dict[str, list[str]] = {}
        names = {one.id: normalise(one.name) for one in edition.manifest.jurisdictions}
        for id, name in names.items():
            for form in forms(name, city_of(edition.manifest)):
                for called in (form, sounded(form)):
                    self.ids.setdefault(called, []).append(id)
                for letters in first_letters(form, ways=1):
                    self.initials.setdefault(letters, []).append(id)
        # The city itself is everywhere.
        self.everywhere: set[str] = set()
        for form in leading(edition.manifest):
            if form not in self.ids:
                self.everywhere |= {form, sounded(form)}
                self.initials.setdefault(first_letters(form, ways=1)[0], [])
        self.ids.pop("", None)
        self.initials.pop("", None)
        self.words = _any_of((*self.ids, *self.everywhere))
        # In full, or the city: what begins a name otherwise may be a word of its own.
        self.full = _any_of((*(one for one in self.ids if one[-1] in "区县市旗"), *self.everywhere))

    def local(self, plain: str) -> str:
        """A text without the province that leads a place of the city, as a map or a contract writes it."""
        found = _PROVINCE.match(plain)
        return plain[found.end() :] if found and self.words.match(plain, found.end()) else plain

    def named(self, word: str) -> list[str] | None:
        """The places a word names; all for the city; None where it names none."""
        if word in self.everywhere:
            return []
        return self.ids.get(word)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    longest = sorted(filter(None, words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest)) if longest else "(?!)")


class Index:
    """One edition's index, with what was read of it last; it goes with the edition."""

    def __init__(self, edition: OpenEdition) -> None:
        self.connection: Connection = edition.lookup
        self.run = edition.lookup.execute
        self.places = Places(edition)
        self.policy = edition.policy
        self._docs: dict[int, Doc] = {}
        # Of the connection and not of this: so nothing refers to itself, and what is replaced is closed at once.
        self.many = lru_cache(maxsize=COUNTS)(partial(_many, self.connection))
        self.row = lru_cache(maxsize=DOCS)(partial(_row, self.connection))
        self._short = lru_cache(maxsize=LISTS)(partial(_filed, self.connection))

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many institutions are of each place."""
        [(raw,)] = self.run("SELECT value FROM meta WHERE key = 'counts'").fetchall()
        return msgspec.json.decode(raw, type=dict[str, int])

    @cached_property
    def layout(self) -> Layout:
        """Where the numbers of each place begin."""
        [(raw,)] = self.run("SELECT value FROM meta WHERE key = 'places'").fetchall()
        return msgspec.json.decode(raw, type=Layout)

    def under(self, key: str) -> "array[int]":
        """Who is filed under a key."""
        many = self.many(key)
        if not many:
            return _NOBODY
        return self._short(key) if many <= SHORT else _filed(self.connection, key)

    def docs(self, numbers: Iterable[int]) -> list[Doc]:
        """What institutions are found by, in their order, of those there are; what was read last is at hand."""
        wanted, known = list(numbers), self._docs
        unknown = [one for one in wanted if one not in known]
        if unknown:
            query = (
                "SELECT number, lines FROM wording WHERE number IN (SELECT value FROM json_each(?))"
            )
            place_of = self.layout.place_of
            for number, text in self.run(query, (json.dumps(unknown),)):
                known[number] = Doc(number, place_of(number), text)
        found = [known[one] for one in wanted if one in known]
        for gone in list(islice(known, max(0, len(known) - DOCS))):
            del known[gone]
        return found


_NOBODY = array("I")


def _many(connection: Connection, key: str) -> int:
    """How many are filed under a key."""
    row = connection.execute("SELECT many FROM filed WHERE key = ?", (key,)).fetchone()
    return row[0] if row else 0


def _filed(connection: Connection, key: str) -> "array[int]":
    """Who is filed under a key that is there."""
    [(raw,)] = connection.execute("SELECT numbers FROM filed WHERE key = ?", (key,)).fetchall()
    return numbers_in(raw)


def _row(connection: Connection, number: int) -> tuple[str, ...]:
    """What is shown of an institution."""
    query = "SELECT id, name, code, jurisdiction, address, status, grade FROM institution WHERE number = ?"
    [row] = connection.execute(query, (number,)).fetchall()
    return tuple(row)


def index_of(edition: OpenEdition) -> Index:
    """The index of an edition, made when it is first searched."""
    known: Index | None = edition.index
    if known is None:
        known = edition.index = Index(edition)
    return known


class Look:
    """The index as one query reads it, within one place if that was chosen."""

    def __init__(self, index: Index, place: str = "") -> None:
        self.index = index
        self.run = index.run
        self.within = index.layout.span(place) if place else None
        self.named: list[tuple[int, int]] = []
        # Whether there may be more than were looked at.
        self.is_cut = False
        self._lists: dict[str, array[int]] = {}

    def under(self, key: str) -> "array[int]":
        """Who is filed under a key."""
        if key not in self._lists:
            self._lists[key] = self.index.under(key)
        return self._lists[key]

    def all_of(self, keys: Iterable[str]) -> Numbers:
        """Who is filed under every key, at least; when few are left, the others need not be read."""
        many = {one: self.index.many(one) for one in keys}
        rarest = sorted(many, key=many.__getitem__)
        if not rarest or not many[rarest[0]]:
            return ()
        found: Numbers = self.under(rarest[0])
        for key in rarest[1:]:
            if len(found) <= LOOKED_AT // 2 or many[key] > 8 * max(len(found), BROAD):
                break
            found = common(found, self.under(key))
        return found

    def beginning(self, start: str) -> Numbers:
        """Who is filed under a key that begins so."""
        return self._beginning(start, BEGINNINGS, None)

    def beginning_here(self, start: str) -> Numbers:
        """The same of the place that was chosen."""
        most = BEGINNINGS if self.within is None else WIDER * BEGINNINGS
        return self._beginning(start, most, self.within)

    def _beginning(self, start: str, most: int, span: tuple[int, int] | None) -> Numbers:
        query = "SELECT numbers FROM filed WHERE key >= ? AND key < ? ORDER BY key LIMIT ?"
        rows = self.run(query, (start, f"{start}\U0010ffff", most + 1)).fetchall()
        self.is_cut |= len(rows) > most
        found: set[int] = set()
        for (raw,) in rows[:most]:
            numbers = numbers_in(raw)
            found.update(self.inside(numbers, [span]) if span else numbers)
            if len(found) > 50 * LOOKED_AT:
                self.is_cut = True
                break
        return sorted(found)

    def of_place(self, place: str) -> Numbers:
        """The first of a place."""
        query = "SELECT number FROM wording WHERE number >= ? AND number < ? LIMIT ?"
        span = self.index.layout.span(place)
        return [row[0] for row in self.run(query, (*span, LOOKED_AT))]

    def inside(self, numbers: Numbers, spans: Iterable[tuple[int, int]]) -> Numbers:
        """Those of some places."""
        found: list[int] = []
        for start, end in spans:
            found += numbers[bisect_left(numbers, start) : bisect_left(numbers, end)]
        return found

    def here(self, numbers: Numbers) -> Numbers:
        """Those of the place that was chosen."""
        return numbers if self.within is None else self.inside(numbers, [self.within])

    def front(self, numbers: Numbers, most: int = LOOKED_AT) -> list[int]:
        """The first of a list, those of the places that were named in front."""
        here = self.here(numbers)
        if len(here) <= most:
            return list(here)
        self.is_cut = True
        named = self.inside(here, self.named)[:most] if self.named else ()
        return list(islice(dict.fromkeys(chain(named, here[:most])), most))

    def first(self, found: Iterable[int]) -> list[int]:
        """So many of a row as are looked at, each once."""
        once = list(islice(dict.fromkeys(found), LOOKED_AT + 1))
        self.is_cut |= len(once) > LOOKED_AT
        return once[:LOOKED_AT]

    def counted(self, numbers: Numbers) -> Iterator[tuple[str, int]]:
        """How many are of each place."""
        layout = self.index.layout
        cuts = [bisect_left(numbers, start) for start in layout.starts]
        for place, start, end in zip(layout.places, cuts, cuts[1:], strict=False):
            if end > start:
                yield place, end - start


def common(few: Numbers, many: Numbers) -> Numbers:
    """What two lists share, in order."""
    if len(many) > 16 * len(few):
        found = []
        at = 0
        for one in few:
            at = bisect_left(many, one, at)
            if at < len(many) and many[at] == one:
                found.append(one)
        return found
    return sorted(set(few).intersection(many))
