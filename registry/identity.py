"""Numbers: an institution's own typo-safe number, and the unified social credit code (GB 32100)."""

import unicodedata

from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, ValidationError

from registry.errors import FormRefused, refuse

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: they are misread
_LETTERS = {"O": "0", "I": "1", "L": "1"}
_BITS = 5
_SHORTEST = 4
_STRIDE = 0x9E375  # odd, so that serials never meet; neighbours differ in more than one sign
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)
_LABEL = "“统一社会信用代码”"


def institution_id(prefix: str, serial: int) -> str:
    """The number of the city's n-th institution, such as NB-4H7K-2; its last sign checks the others.

    Any single wrong sign and any swap of neighbours changes the check sign.
    """
    length = _SHORTEST
    while serial >= 1 << (_BITS * length):
        length += 1
    mixed = serial * _STRIDE % (1 << (_BITS * length))
    body = "".join(ALPHABET[mixed >> (_BITS * place) & 31] for place in reversed(range(length)))
    return f"{prefix}-{body}-{_check(body)}"


def read_institution_id(prefix: str, typed: str) -> str | None:
    """The number somebody typed in any spelling; None if its check sign shows a mistake."""
    text = "".join(unicodedata.normalize("NFKC", typed).upper().split()).replace("—", "-")
    text = text.removeprefix(prefix.upper()).replace("-", "")
    signs = "".join(_LETTERS.get(sign, sign) for sign in text)
    body, check = signs[:-1], signs[-1:]
    if len(body) < _SHORTEST or any(sign not in ALPHABET for sign in body):
        return None
    return f"{prefix}-{body}-{check}" if _check(body) == check else None


def _check(body: str) -> str:
    """A weighted sum in the field of 32 elements, each place with its own weight."""
    total, weight = 0, 2
    for sign in body:
        total ^= _times(ALPHABET.index(sign), weight)
        weight = _times(weight, 2)
    return ALPHABET[total]


def _times(left: int, right: int) -> int:
    """The product in GF(32) modulo x⁵ + x² + 1."""
    product = 0
    while right:
        product ^= left if right & 1 else 0
        left = left << 1 ^ (0b100101 if left & 16 else 0)
        right >>= 1
    return product


def read_code(typed: str, *, confirmed: bool) -> tuple[str, bool]:
    """The code without blanks, and whether only a person's look at the original vouches for it.

    Wrong signs and a wrong length are always refused; a wrong check sign is refused until it is
    confirmed, for codes that were issued wrongly do exist.
    """
    code = uscc.compact(unicodedata.normalize("NFKC", typed)).upper()
    if not code:
        return "", False
    try:
        uscc.validate(code)
        sound = _organisation_is_sound(code)
    except InvalidChecksum:
        sound = False
    except ValidationError:
        raise refuse("code", _LABEL, typed, _strange(code)) from None
    if not sound and not confirmed:
        raise _unconfirmed(typed)
    return code, not sound


def _organisation_is_sound(code: str) -> bool:
    """The check sign of the inner organisation code (GB 11714), which the outer one leaves unseen."""
    values = (int(sign, 36) for sign in code[8:16])
    rest = (
        11 - sum(value * weight for value, weight in zip(values, _ORGANISATION, strict=True)) % 11
    )
    return code[16] == {10: "X", 11: "0"}.get(rest, str(rest))


def _unconfirmed(typed: str) -> FormRefused:
    return refuse(
        "code",
        _LABEL,
        typed,
        "校验位不符，多半是抄错了。请与证照原件逐位核对；原件确是如此的，勾选“已与证照原件核对”再提交",
    )


def _strange(code: str) -> str:
    if len(code) != 18:
        return f"应为 18 位，现为 {len(code)} 位，请照证照改正"
    return "含有代码中不会出现的字符，前八位应为登记管理部门、机构类别和区划，字母没有 I、O、S、V、Z，请照证照改正"
