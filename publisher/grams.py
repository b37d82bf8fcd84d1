"""Names as search compares them: one spelling, cut into single signs and pairs; and their sound."""

import unicodedata
from functools import cache
from itertools import pairwise


def normalise(text: str) -> str:
    """The text in one width, case and script, without blanks and punctuation."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(one for one in plain if unicodedata.category(one)[0] in "LNM")
    if all(one.isascii() or _simple(one) for one in kept):
        return kept
    simplified: str = _converter().convert(kept)
    return simplified


def grams(text: str) -> list[str]:
    """Each sign and each pair of neighbours of a normalised text, as words of plain ASCII."""
    signs = [_word(one) for one in text]
    pairs = [f"{one}z{two}" for one, two in pairwise(signs)]
    return list(dict.fromkeys([*signs, *pairs]))


def wanted(text: str) -> list[str]:
    """The words a document must hold to contain the text: its pairs, or its only sign."""
    return [one for one in grams(text) if "z" in one] or grams(text)


def sounds(name: str) -> tuple[str, str]:
    """A name's initials and its syllables in a row, as it is typed by sound; Latin names have none."""
    from pypinyin import lazy_pinyin

    plain = "".join(one for one in normalise(name) if not one.isascii())
    syllables = [one.replace("ü", "v") for one in lazy_pinyin(plain, errors="ignore") if one]
    return "".join(one[0] for one in syllables), "".join(syllables)


@cache
def _word(sign: str) -> str:
    return f"{ord(sign):x}"


@cache
def _simple(sign: str) -> bool:
    """Whether a character is no traditional one; a text without any needs no conversion."""
    return bool(_converter().convert(sign) == sign)


@cache
def _converter():  # type: ignore[no-untyped-def] # a library without types
    from opencc import OpenCC

    return OpenCC("t2s")
