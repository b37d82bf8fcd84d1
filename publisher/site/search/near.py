"""How far a query is from a name: the least cost of laying it over any part of the name."""

from functools import lru_cache
from typing import NamedTuple

from publisher.sounds import alike, heard, readings

SAME_SOUND = 0.3
CONFUSED = 0.5
OTHER = 1.0
SWAPPED = 0.9
ONE_MORE = 1.1
# Beyond this two words are not alike.
FARTHEST = 1.2
# With more signs that a name does not hold it is none of them; see `_replaced`.
STRANGE = 2
# Drawn alike, and taken for one another.
_DRAWN = (
    "未末",
    "己已巳",
    "人入八",
    "土士",
    "日曰",
    "千干于",
    "天夭",
    "大太犬",
    "王玉主",
    "木术本",
    "力刀",
)
_DRAWN_AS = {one: signs for signs in _DRAWN for one in signs}


@lru_cache(maxsize=65536)
def sign_cost(one: str, two: str) -> float:
    """The cost of one sign in the place of another."""
    if one == two:
        return 0.0
    if set(readings(one)) & set(readings(two)):
        return SAME_SOUND
    if heard(one) & heard(two) or two in _DRAWN_AS.get(one, ""):
        return CONFUSED
    return OTHER


def cost(typed: str, name: str, most: float = FARTHEST, short: int | None = None) -> float:
    """The least cost of the typed signs against any part of the name; more than `most` is no likeness.

    `short` is how many of them are strange to it, where that is known.
    """
    if typed in name:
        return 0.0
    if short is None:
        short = strange(typed, name)
    if short > STRANGE:
        return most + 1
    best = _replaced(typed, name, most)
    if best > SWAPPED and not short and any(map(name.__contains__, slips(typed).swapped)):
        return SWAPPED
    return ONE_MORE if best > ONE_MORE and short < 2 and _one_off(typed, name) else best


def strange(typed: str, name: str) -> int:
    """How many of the signs the name does not hold at all."""
    return len(typed) - sum(map(name.__contains__, typed))


def _replaced(typed: str, name: str, most: float) -> float:
    """Other signs in their places; where hardly any stands in its own, the rest is not looked at."""
    long = len(typed)
    fitting: dict[int, int] = {}
    for at, sign in enumerate(typed):
        found = name.find(sign)
        while found >= 0:
            fitting[found - at] = fitting.get(found - at, 0) + 1
            found = name.find(sign, found + 1)
    best = most + 1
    for start, many in fitting.items():
        if many >= long - 2 and 0 <= start <= len(name) - long:
            part = name[start : start + long]
            best = min(best, sum(map(sign_cost, typed, part)))
    return best


class Slips(NamedTuple):
    """What a word is but for a slip: two neighbours swapped, a sign left out, or one between two parts of it."""

    swapped: tuple[str, ...]
    fewer: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


@lru_cache(maxsize=256)
def slips(typed: str) -> Slips:
    """The slips of a word; they are the same for every name it is laid over."""
    places = range(len(typed))
    return Slips(
        tuple(f"{typed[:at]}{typed[at + 1]}{typed[at]}{typed[at + 2 :]}" for at in places[:-1]),
        tuple(typed[:at] + typed[at + 1 :] for at in places),
        tuple((typed[:at], typed[at:]) for at in places[1:]),
    )


def _one_off(typed: str, name: str) -> bool:
    """One sign too many or one too few."""
    known = slips(typed)
    for one in known.fewer:
        if one in name:
            return True
    for head, tail in known.parts:
        found = name.find(head)
        if found < 0:
            break  # nor does it hold any longer one
        while found >= 0:
            if name.startswith(tail, found + len(head) + 1):
                return True
            found = name.find(head, found + 1)
    return False


class Spelled(NamedTuple):
    """A name as it is first read: its syllables, each after a blank, as they are confused, its initials."""

    sound: str
    alike: str
    initials: str


@lru_cache(maxsize=4096)
def spelled(name: str) -> Spelled:
    """How a name is first read."""
    read = [readings(one)[0] for one in name]
    return Spelled(
        f" {' '.join(read)}", f" {' '.join(map(alike, read))}", "".join(one[0] for one in read)
    )


def by_sound(syllables: tuple[str, ...], name: str) -> float:
    """0 where the name is read so somewhere, a little where sounds are confused; the last may be half typed."""
    long = len(syllables)
    best = FARTHEST + 1
    for at in range(len(name) - long + 1):
        part = name[at : at + long]
        worst = 0.0
        for syllable, sign in zip(syllables[:-1], part, strict=False):
            if syllable not in readings(sign):
                worst = SAME_SOUND
                if alike(syllable) not in heard(sign):
                    break
        else:
            last, sign = syllables[-1], part[-1]
            if not any(one.startswith(last) for one in readings(sign)):
                worst = SAME_SOUND
                if alike(last) not in heard(sign):
                    continue
            best = min(best, worst)
    return best


def by_letters(letters: str, name: str) -> bool:
    """Whether a row of signs in the name begins with these letters."""
    long = len(letters)
    for at in range(len(name) - long + 1):
        for letter, sign in zip(letters, name[at : at + long], strict=True):
            if not any(one[0] == letter for one in readings(sign)):
                break
        else:
            return True
    return False
