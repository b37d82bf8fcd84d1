"""Found by a number: the institution's own, the code, or the last signs of the code."""

import json
import re

from publisher.site.search.index import Index

CODE = re.compile(r"[0-9A-Z]{18}")
END = re.compile(r"(?=.*[0-9])[0-9A-Z]{6,17}")
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_MISREAD = str.maketrans("IOSVZL", "105U21")
_OWN_MISREAD = str.maketrans("OIL", "011")


def by_number(index: Index, query: str) -> tuple[list[int], bool]:
    """Who bears the number, however it is spaced; and whether one sign of it had to be guessed."""
    plain = re.sub(r"[\s\-—–_.]+", "", query.upper())
    if not plain.isascii() or not plain.isalnum() or not 5 <= len(plain) <= 20:
        return [], False
    if own := _own(index, plain):
        return own, False
    if CODE.fullmatch(plain):
        found = _codes(index, [plain, plain.translate(_MISREAD)])
        return (found, False) if found else (_codes(index, _slips(plain)), True)
    if END.fullmatch(plain):
        rows = index.run(
            "SELECT number, code FROM institution WHERE code <> '' AND substr(code, -6) = ? LIMIT 200",
            (plain[-6:],),
        )
        return [number for number, code in rows if code.endswith(plain)], False
    return [], False


def _own(index: Index, plain: str) -> list[int]:
    """By the institution's own number; O, I and L are no signs of one."""
    forms = {plain, re.sub(r"^([A-Z]{2})([0-9A-Z]{4,})([0-9A-Z])$", r"\1-\2-\3", plain)}
    if parts := re.fullmatch(r"([A-Z]{2})([0-9A-Z]{4,})([0-9A-Z])", plain):
        head, body, check = parts.groups()
        forms.add(f"{head}-{body.translate(_OWN_MISREAD)}-{check.translate(_OWN_MISREAD)}")
    query = "SELECT number FROM institution WHERE id IN (SELECT value FROM json_each(?))"
    return [row[0] for row in index.run(query, (json.dumps(sorted(forms)),))]


def _codes(index: Index, codes: list[str]) -> list[int]:
    query = (
        "SELECT number FROM institution WHERE code <> '' AND code IN "
        "(SELECT value FROM json_each(?)) ORDER BY id LIMIT 20"
    )
    return [row[0] for row in index.run(query, (json.dumps(codes),))]


def _slips(code: str) -> list[str]:
    """Every code that differs in one sign, or in the order of two neighbours."""
    found = [f"{code[:at]}{sign}{code[at + 1 :]}" for at in range(len(code)) for sign in _ALPHABET]
    swapped = (
        f"{code[:at]}{code[at + 1]}{code[at]}{code[at + 2 :]}" for at in range(len(code) - 1)
    )
    return [*found, *swapped]
