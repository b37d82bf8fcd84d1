"""How names sound: syllables without tones, as they are typed, and as they are confused."""

from functools import cache, lru_cache
from itertools import islice, product

# More readings than this are of poetry and surnames.
READINGS = 2
# Of a text that can be read in more ways, the first ones are filed.
WAYS = 4
LONGEST = 6
_CONFUSED = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_FINALS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=32768)
def readings(sign: str) -> tuple[str, ...]:
    """The syllables of a character, the commonest first; a sign that has none is its own."""
    from pypinyin import Style, pinyin

    found = pinyin(sign, style=Style.NORMAL, heteronym=True, errors="ignore")
    typed = dict.fromkeys(one.replace("ü", "v") for one in (found[0] if found else ()) if one)
    return tuple(islice(typed, READINGS)) or (sign,)


@cache
def alike(syllable: str) -> str:
    """The syllable as it is confused: 心 and 星, 思 and 诗 are one."""
    for one, two in _CONFUSED:
        if syllable.startswith(one):
            syllable = two + syllable[2:]
    for one, two in _FINALS:
        if syllable.endswith(one):
            syllable = syllable.removesuffix(one) + two
    return syllable


@lru_cache(maxsize=32768)
def heard(sign: str) -> frozenset[str]:
    """The syllables of a character as they are confused."""
    return frozenset(alike(one) for one in readings(sign))


def first_letters(text: str, ways: int = WAYS) -> list[str]:
    """The initials of a text in a row, for each of the first ways to read it."""
    letters = [tuple(dict.fromkeys(one[0] for one in readings(sign))) for sign in text]
    # The first sign varies fastest: it is the one that is typed.
    return ["".join(one[::-1]) for one in islice(product(*letters[::-1]), ways)]


@cache
def syllables() -> frozenset[str]:
    """Every syllable there is."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    marked = {one for many in PINYIN_DICT.values() for one in many.split(",")}
    plain = {to_normal(one).replace("ü", "v") for one in marked}
    return frozenset(one for one in plain if one.isascii() and one.isalpha() and len(one) <= LONGEST)


@cache
def beginnings() -> frozenset[str]:
    """Every beginning of a syllable: what is there while one is being typed."""
    return frozenset(one[:end] for one in syllables() for end in range(1, len(one) + 1))


def cuts(letters: str, most: int = 8) -> list[tuple[str, ...]]:
    """The ways to read letters as syllables, the longest first; the last may be half typed."""
    found: list[tuple[str, ...]] = []
    dead: set[int] = set()

    def read(at: int, so_far: tuple[str, ...]) -> bool:
        if at == len(letters):
            found.append(so_far)
            return True
        if at in dead or len(found) >= most:
            return False
        fits = False
        for end in range(min(len(letters), at + LONGEST), at, -1):
            part = letters[at:end]
            known = part in syllables() and (len(part) > 1 or part in "aeo")
            if known or (end == len(letters) and so_far and part in beginnings()):
                fits = read(end, (*so_far, part)) or fits
        if not fits and len(found) < most:
            dead.add(at)
        return fits

    read(0, ())
    return found
