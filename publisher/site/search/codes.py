"""Found by a number: the institution's own, the code, or the last signs of the code."""

import json
import re
import unicodedata

from publisher.site.search.index import Index

CODE_LONG = 18
CODE = re.compile(r"[0-9A-Z]{18}")
END = re.compile(r"(?=.*[0-9])[0-9A-Z]{6,17}")
# The end of a code by which it is filed, and how many are shown for one that nobody bears.
ENDING = 6
GUESSED = 20
# An institution's own number: the city's letters, at least four signs, one that checks them; with a slip, one less.
OWN = re.compile(r"([A-Z]{2})([0-9A-Z]{4,})([0-9A-Z])")
SLIPPED = re.compile(r"([A-Z]{2})([0-9A-Z]{4,12})")
WRITTEN = re.compile(r"[A-Z]{2}-[0-9A-Z]{3,11}-[0-9A-Z]")
BARE = re.compile(r"[0-9A-Z]{4,13}")
OWN_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_MISREAD = str.maketrans("IOSVZL", "105U21")
_OWN_MISREAD = str.maketrans("OIL", "011")


def by_number(index: Index, query: str) -> tuple[list[int], bool]:
    """Who bears the number, however it is spaced; and whether one sign of it had to be guessed."""
    plain = _signs(query)
    if not plain.isascii() or not plain.isalnum() or not 5 <= len(plain) <= 20:
        return [], False
    if own := _own(index, plain):
        return own, False
    if own := _own_slipped(index, plain, is_written=bool(WRITTEN.fullmatch(query.strip().upper()))):
        return own, True
    if CODE.fullmatch(plain):
        found = _codes(index, [plain, plain.translate(_MISREAD)])
        return (found, False) if found else (_slipped(index, plain), True)
    if (len(plain) in (CODE_LONG - 1, CODE_LONG + 1)) and (
        found := _codes(index, _miscounted(plain))
    ):
        return found, True
    if END.fullmatch(plain):
        rows = index.run(
            "SELECT number, code FROM institution WHERE code <> '' AND substr(code, -6) = ? LIMIT 200",
            (plain[-6:],),
        )
        return [number for number, code in rows if code.endswith(plain)], False
    return [], False


def by_bare_number(index: Index, query: str) -> list[int]:
    """Who bears an own number that was typed without the city's letters, with the sign that checks it or without."""
    plain = _signs(query).translate(_OWN_MISREAD)
    if not BARE.fullmatch(plain):
        return []
    letters = [row[0] for row in index.run("SELECT substr(id, 1, 2) FROM institution LIMIT 1")]
    forms = [f"{one}-{body}" for one in letters for body in (plain, f"{plain[:-1]}-{plain[-1]}")]
    query = (
        "SELECT number FROM institution WHERE id = ? OR (id > ? || '-' AND id < ? || '.') LIMIT ?"
    )
    return sorted(row[0] for one in forms for row in index.run(query, (one, one, one, GUESSED)))


def _signs(query: str) -> str:
    """A number without what it is spaced with."""
    return re.sub(r"[\s\-—–_.]+", "", unicodedata.normalize("NFKC", query).upper())


def _own(index: Index, plain: str) -> list[int]:
    """By the institution's own number; O, I and L are no signs of one."""
    forms = {plain, OWN.sub(r"\1-\2-\3", plain)}
    if parts := OWN.fullmatch(plain):
        head, body, check = parts.groups()
        forms.add(f"{head}-{body.translate(_OWN_MISREAD)}-{check.translate(_OWN_MISREAD)}")
    query = "SELECT number FROM institution WHERE id = ?"
    return sorted(row[0] for one in forms for row in index.run(query, (one,)))


def _own_slipped(index: Index, plain: str, *, is_written: bool) -> list[int]:
    """Who bears an own number that differs in one sign, in the order of two neighbours, or in a sign too few or many.

    Letters alone are the initials of a name, and no number, unless they are written as one.
    """
    if not (parts := SLIPPED.fullmatch(plain)) or (plain.isalpha() and not is_written):
        return []
    head, signs = parts[1], parts[2].translate(_OWN_MISREAD)
    typed = [*_slips(signs, 0, OWN_ALPHABET), *_left_out(signs, OWN_ALPHABET), *_besides(signs)]
    query = (
        "SELECT number FROM institution WHERE id IN (SELECT value FROM json_each(?)) "
        "ORDER BY id LIMIT ?"
    )
    ids = json.dumps([f"{head}-{one[:-1]}-{one[-1]}" for one in typed])
    return [row[0] for row in index.run(query, (ids, GUESSED))]


def _codes(index: Index, codes: list[str]) -> list[int]:
    query = (
        "SELECT number FROM institution WHERE code <> '' AND code IN "
        "(SELECT value FROM json_each(?)) ORDER BY id LIMIT ?"
    )
    return [row[0] for row in index.run(query, (json.dumps(codes), GUESSED))]


def _slipped(index: Index, code: str) -> list[int]:
    """Who bears a code that differs in one sign, or in the order of two neighbours: behind or before its middle."""
    cut = len(code) - ENDING
    query = (
        "SELECT number, code FROM institution WHERE code <> '' AND substr(code, -6) = ? ORDER BY id"
    )
    ends = [number for number, one in index.run(query, (code[cut:],)) if _is_slip(code, one)]
    return [*ends, *_codes(index, _slips(code, cut, _ALPHABET))][:GUESSED]


def _miscounted(code: str) -> list[str]:
    """Every code of which one sign was left out, or typed besides."""
    return _besides(code) if len(code) > CODE_LONG else _left_out(code, _ALPHABET)


def _besides(code: str) -> list[str]:
    return [code[:at] + code[at + 1 :] for at in range(len(code))]


def _left_out(code: str, alphabet: str) -> list[str]:
    places = range(len(code) + 1)
    return [f"{code[:at]}{sign}{code[at:]}" for at in places for sign in alphabet]


def _is_slip(code: str, other: str) -> bool:
    at = [place for place, (one, two) in enumerate(zip(code, other, strict=False)) if one != two]
    if len(other) != len(code) or not at or len(at) > 2:
        return False
    first, last = at[0], at[-1]
    return first == last or (
        last - first == 1 and code[first : last + 1] == other[last] + other[first]
    )


def _slips(code: str, start: int, alphabet: str) -> list[str]:
    """Every code that differs from a place on, or there in its order."""
    places = range(start, len(code))
    found = [f"{code[:at]}{sign}{code[at + 1 :]}" for at in places for sign in alphabet]
    swapped = (f"{code[: at - 1]}{code[at]}{code[at - 1]}{code[at + 1 :]}" for at in places if at)
    return [*found, *swapped]
