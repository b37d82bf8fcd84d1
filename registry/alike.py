"""Names and addresses as people write them differently: one spelling, their core, their sound."""

import re
import unicodedata
from functools import cache, lru_cache

from msgspec import Struct

SHORTEST_CORE = 2
_BRACKETS = re.compile(
    r"[(\[{〔【〈《「『]([^()\[\]{}〔〕【】〈〉《》「」『』]*)[)\]}〕】〉》」』]"
)
_ADMIN = re.compile(r"(\D{2,8}?)(省|自治区|市|区|县|街道|镇|乡)(?=\D{2,}\d)")
_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十百]+(?=[号幢栋楼层室弄座单])")
_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6} | {
    "七": 7,
    "八": 8,
    "九": 9,
}
_SAME = (
    (re.compile(r"号楼|栋|座"), "幢"),
    (re.compile(r"(?<=\d)(?:层|f)"), "楼"),
    (re.compile(r"房间|房"), "室"),
)
_BUILDING = re.compile(r".*?\d+号")


class Words(Struct, frozen=True, kw_only=True):
    """A city's words that tell no institution from another: its places, and the endings of names."""

    places: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


class Address(Struct, frozen=True):
    """An address in two parts: the areas it names, and the street or village with its numbers."""

    areas: tuple[tuple[str, str], ...]
    rest: str

    @property
    def building(self) -> str:
        """The rest up to the number of the house; all of it where there is none."""
        match = _BUILDING.match(self.rest)
        return match[0] if match else self.rest


def folded(text: str) -> str:
    """The text in one width, case and script, without blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(one for one in plain if unicodedata.category(one)[0] in "LNM")
    if all(one.isascii() or _simple(one) for one in kept):
        return kept
    simplified: str = _converter().convert(kept)
    return simplified


@lru_cache(maxsize=100_000)
def core(name: str, words: Words) -> str:
    """What is left of a name without the city's place words and the endings many names share."""
    places = {folded(one) for one in words.places}
    plain = _BRACKETS.sub(
        lambda found: "" if folded(found[1]) in places else found[0],
        unicodedata.normalize("NFKC", name),
    )
    text = folded(plain)
    for front, some in ((True, places), (False, {folded(one) for one in words.endings})):
        text = _stripped(text, sorted(some - {""}, key=len, reverse=True), front=front)
    return text


@lru_cache(maxsize=100_000)
def sound(text: str) -> str:
    """The syllables of a text without tones; empty where it has no Chinese signs."""
    from pypinyin import lazy_pinyin

    chinese = "".join(one for one in text if not one.isascii())
    return " ".join(lazy_pinyin(chinese, errors="ignore"))


@lru_cache(maxsize=100_000)
def address(text: str) -> Address:
    """An address taken apart, its numbers in digits and its words for house and floor the same.

    >>> address("宁波市海曙区中山西路一号２层").rest
    '中山西路1号2楼'
    """
    rest = _NUMERAL.sub(lambda found: str(_number(found[0])), folded(text))
    areas: list[tuple[str, str]] = []
    while match := _ADMIN.match(rest):
        areas.append((match[2], match[1]))
        rest = rest[match.end() :]
    for pattern, word in _SAME:
        rest = pattern.sub(word, rest)
    return Address(tuple(areas), rest)


def may_be_one_area(one: Address, other: Address) -> bool:
    """False where both name an area of the same rank, and not the same one."""
    for kind in {kind for kind, _ in one.areas} & {kind for kind, _ in other.areas}:
        mine = [name for rank, name in one.areas if rank == kind]
        theirs = [name for rank, name in other.areas if rank == kind]
        if not any(a.endswith(b) or b.endswith(a) for a in mine for b in theirs):
            return False
    return True


def same_address(one: str, other: str) -> bool:
    """Whether two spellings may well be the same address."""
    first, second = address(one), address(other)
    return bool(first.rest) and first.rest == second.rest and may_be_one_area(first, second)


def within(place: str, whole: str) -> bool:
    """Whether a place is the address named, or a part of it: a floor or a room of the house."""
    part, all_ = address(place), address(whole)
    if not all_.rest or not part.rest.startswith(all_.rest) or not may_be_one_area(part, all_):
        return False
    following = part.rest[len(all_.rest) :]
    return not (all_.rest[-1].isdigit() and following[:1].isdigit())


def one_sign_apart(one: str, other: str) -> bool:
    """Whether one sign is changed, added or left out, or two neighbours have changed places."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    left, right = one[start:], other[start:]
    changed = left[1:] == right[1:] or left[1:] == right or left == right[1:]
    return changed or (left[:2] == right[1::-1] and left[2:] == right[2:])


def _stripped(text: str, some: list[str], *, front: bool) -> str:
    while True:
        for one in some:
            held = text.startswith(one) if front else text.endswith(one)
            if held and len(text) - len(one) >= SHORTEST_CORE:
                text = text[len(one) :] if front else text[: -len(one)]
                break
        else:
            return text


def _number(text: str) -> int:
    """A numeral below a thousand; a row of digits, as in 一〇二, is read as such."""
    if not set(text) & {"十", "百"}:
        return int("".join(str(_DIGITS[one]) for one in text))
    total = digit = 0
    for one in text:
        if one in "十百":
            total += (digit or 1) * (10 if one == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[one]
    return total + digit


@cache
def _simple(sign: str) -> bool:
    """Whether a character is no traditional one; a text without any needs no conversion."""
    return bool(_converter().convert(sign) == sign)


@cache
def _converter():  # type: ignore[no-untyped-def] # a library without types
    from opencc import OpenCC

    return OpenCC("t2s")
