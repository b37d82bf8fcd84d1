"""The resident identity number (公民身份号码, GB 11643-1999) in a text, however it is hidden there.

It is never public (个人信息保护法 第二十八条): forms refuse it where a text is published, and the gate once more.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
SPOKEN = {"〇": "0", "零": "0", "幺": "1"} | {
    word: str(digit)
    for words in ("一二三四五六七八九", "壹贰叁肆伍陆柒捌玖")
    for digit, word in enumerate(words, 1)
}
_SPOKEN = str.maketrans(SPOKEN)
_SPOKEN_RUN = re.compile(f"[{''.join(SPOKEN)}]{{11,}}")
GAP = r"[-\s.·—–_]?"
# A letter may stand before it, as of ID; a digit makes it another number.
RESIDENT = re.compile(rf"(?<![0-9])[1-8]\d(?:{GAP}\d){{15}}{GAP}[\dXx](?![0-9A-Za-z])")
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SIGNS = "10X98765432"


def resident_numbers(plain: str) -> Iterator[str]:
    """Every resident number in a plain text, as it is written there."""
    for match in RESIDENT.finditer(plain):
        if is_resident_number(digits_of(match[0])):
            yield match[0]


def is_resident_number(number: str) -> bool:
    """Whether 18 signs are a resident number: a province, a day of birth, and the check sign (GB 11643-1999)."""
    if len(number) != 18 or number[:2] not in PROVINCES or not is_day(number[6:14]):
        return False
    total = sum(int(sign) * weight for sign, weight in zip(number, WEIGHTS, strict=False))
    return CHECK_SIGNS[total % 11] == number[17].upper()


def plain_of(text: str) -> str:
    """The text without what hides: signs of other widths, unseen signs, digits written as words."""
    plain = UNSEEN.sub("", unicodedata.normalize("NFKC", UNSEEN.sub("", text)))
    plain = "".join(str(unicodedata.digit(one)) if one.isdigit() else one for one in plain)
    return _SPOKEN_RUN.sub(lambda run: run[0].translate(_SPOKEN), plain)


def digits_of(said: str) -> str:
    """The number without what stands between its signs."""
    return "".join(one for one in said if one.isalnum())


def is_day(text: str) -> bool:
    """Whether eight digits are a day on which somebody living may have been born."""
    try:
        return 1900 <= date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}").year < 2100
    except ValueError:
        return False
