"""Names as search compares them: one spelling, cut into signs; and the keys they are filed under."""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from publisher.print.lines import phrases
from publisher.sounds import first_letters, heard

_UNIT = re.compile(r"[0-9]+|.", re.DOTALL)
# Accents that stay apart from their letter.
_ACCENTS = frozenset(map(chr, range(0x300, 0x370)))
# What ends a row of neighbours, so that a last sign is found as one that something follows.
_END = ""
_NOBODY = "甲甲"
# What a place in full ends in; 州 and 盟 alone end words too.
_RANKS = ("省", "市", "区", "县", "自治州", "旗")
_SOMEWHERE = f"某某省某某市某某区{_NOBODY}"


class Anatomy(NamedTuple):
    """Where in a name its own word begins and ends, and where its trade ends."""

    start: int
    own: int
    trade: int


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The text in one width, case and script, without blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        return "".join(one for one in plain if one.isalnum())
    return "".join(
        _simple(one)
        for one in plain
        if unicodedata.category(one)[0] in "LNM" and one not in _ACCENTS
    )


def units(plain: str) -> list[str]:
    """A normalised text in its smallest parts: a row of digits is one, any other sign is one."""
    return _UNIT.findall(plain)


def pairs(plain: str) -> list[str]:
    """Each two neighbours of a normalised text; a text of one part is that part."""
    parts = units(plain)
    return [one + two for one, two in pairwise(parts)] or parts


def anatomy(plain: str, places: tuple[str, ...] = ()) -> Anatomy:
    """宁波市海曙区|新东方|教育|培训学校: the own word decides, the rest only orders.

    A name without a place of its own form may begin with one of `places`, as 宁波新东方 does.
    """
    parts = phrases(plain)
    start = len(parts[0]) if len(parts) > 1 and parts[0].endswith(_RANKS) else 0
    # Behind a place in full another one is a place only in full: 慈溪市海曙光 is of 慈溪.
    called = tuple(one for one in places if one.endswith(_RANKS)) if start else places
    start = _led(plain, called, start)
    parts = trades_of(plain[start:])
    if not parts:
        return Anatomy(0, len(plain), len(plain))
    if len(parts) > 2 and is_trade(parts[0]) and not is_trade(parts[1]):
        parts[:2] = [parts[0] + parts[1]]  # 音乐堂 is no trade
    own = start + len(parts[0])
    trade = own + (len(parts[1]) if len(parts) > 1 else 0)
    return Anatomy(start, own, trade)


def trades_of(text: str) -> list[str]:
    """The parts of a text that is led by no place: 豌豆校区 is none, though it ends like one."""
    first, *others = phrases(f"{_SOMEWHERE}{text}")[1:]
    own = first.removeprefix(_NOBODY)
    return [own, *others] if own else others


def is_trade(part: str) -> bool:
    """Whether a part of a name is a trade or a legal form, which many share."""
    return len(trades_of(f"甲{part}")) == 2


def _led(plain: str, places: tuple[str, ...], start: int) -> int:
    """How much of a name is a place that leads it; a rest of one sign would be no name."""
    for one in places:
        if plain.startswith(one, start) and len(plain) - start - len(one) >= 2:
            start += len(one)
    return start


def name_keys(plain: str, places: tuple[str, ...]) -> Iterator[str]:
    """Everything a name is filed under.

    `n` two neighbours, `s` two with one between, `p` two syllables, `i` initials of the name and of its
    own word with what follows, `c` the own word, `h` how that sounds.
    """
    parts = units(plain)
    yield from (f"n{one}{two}" for one, two in pairwise([*parts, _END]))
    yield from (f"s{one}{two}" for one, two in zip(parts, parts[2:], strict=False))
    at = anatomy(plain, places)
    yield from sound_keys(plain[at.start : at.trade])
    (head,), (tail,) = (
        first_letters(one, ways=1) for one in (plain[: at.start], plain[at.trade :])
    )
    for one in first_letters(plain[at.start : at.trade]):
        yield from (f"i{one}{tail}", f"i{head}{one}{tail}")
    own = plain[at.start : at.own]
    yield f"c{own}"
    yield f"h{sound_of(own)}"


@lru_cache(maxsize=8192)
def sound_of(own: str) -> str:
    """How a word sounds, one way for all that sound alike."""
    return "".join(sorted(heard(one))[0] for one in own)


def sound_keys(plain: str) -> Iterator[str]:
    """The pairs of syllables of a text, for each way its signs are read."""
    read = [heard(one) for one in plain]
    for one, two in pairwise([*read, {_END}]):
        yield from (f"p{left} {right}" for left in one for right in two)


def address_keys(plain: str) -> Iterator[str]:
    """`a` two neighbours of an address."""
    yield from (f"a{one}" for one in pairs(plain))


@cache
def _converter():  # type: ignore[no-untyped-def] # a library without types
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=32768)
def _simple(sign: str) -> str:
    """One by one, so that a fragment is spelt as it is in the whole; Latin letters without their accents."""
    if sign < "\u0250" or "\u1e00" <= sign < "\u1f00":
        return unicodedata.normalize("NFD", sign)[0]
    simple: str = _converter().convert(sign)
    return simple
