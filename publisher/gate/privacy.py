"""Personal data in a text that is to be published: numbers of persons, and the names of pupils and parents.

Never public: resident numbers, telephones, accounts, addresses of homes, pupils, parents, complainants
(个人信息保护法 第二十八条、第三十一条; 未成年人保护法). Numbers of papers, days and codes of organisations are none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from msgspec import Struct

from publisher.gate.names import named
from registry.resident_number import (
    GAP,
    PROVINCES,
    SPOKEN,
    UNSEEN,
    digits_of,
    is_day,
    plain_of,
    resident_numbers,
)

KINDS = {
    "resident": "居民身份证号码",
    "resident15": "十五位的旧身份证号码",
    "misread": "像身份证号码的数字（校验码不符）",
    "mobile": "手机号码",
    "telephone": "固定电话号码",
    "card": "银行卡号",
    "account": "银行账号",
    "mail": "电子邮箱",
    "handle": "QQ 或者微信号",
    "home": "家庭住址",
    "minor": "学生或者家长的姓名",
}
# What was declared public to reach an institution: its telephones and addresses of mail, no mobile of a person.
OF_CONTACTS = tuple(kind for kind in KINDS if kind not in ("telephone", "mail", "handle"))
# The numbers of papers are read for these alone: a number of a policy may be made of any digits.
OF_NUMBERS = ("resident",)


class Personal(Struct, frozen=True, kw_only=True):
    """Personal data that was found: which kind, and itself, masked."""

    kind: str
    masked: str


# Without any of these signs a text holds nothing that is looked for; most hold none.
_WORTH = re.compile(
    rf"(?:\d[^\d]{{0,3}}){{5}}|@|[{''.join(SPOKEN)}]{{11}}|[QqVvWw]|扣扣|微信|薇信|威信号|住|户籍地|家庭地址"
    r"|学生|学员|幼儿|儿童|婴儿|孩|朋友|童|[男女考]生|未成年|家长|监护人|[投举信证][诉报访]?人|[受被]害|[伤死]者"
    r"|母|父|妈|爸|爷|奶|外公|外婆|其子|其女|儿子|女儿|同学|年级|班|岁"
)
# What is made of digits and is no person's: codes of organisations with a letter, licences, papers, days.
_OFFICIAL = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9A-Z]{2}\d{6})(?=\d*[A-Z][0-9A-Z]*[0-9A-Z](?![0-9A-Za-z]))[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])"
    r"|教民\d{13,15}号?"
    r"|[\[({〔【]\d{4}[\])}〕】]第?\d{1,9}号"
    r"|(?<!\d)(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?!\d)"
)
# One sign too few, too many or wrong, and it is a person's all the same.
_MISREAD = re.compile(
    rf"(?:身份证|身份号码)(?:件|号码|号|为|是|[:\s(“\"])*((?<![0-9A-Za-z])\d(?>(?:{GAP}\d){{13,17}})(?:{GAP}[\dXx])?)(?![0-9A-Za-z])"
)
_RESIDENT_OLD = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{14}(?![0-9A-Za-z])")
_MOBILE = re.compile(rf"(?<![\d.])(?:\+?(?:00)?86{GAP})?1[3-9]\d(?:{GAP}\d){{8}}(?![\d])")
_TELEPHONE = re.compile(
    r"(?<![\d.])(?:\(0(?:10|2\d|[3-9]\d{2})\)|0(?:10|2\d|[3-9]\d{2}))[-\s—–]{0,2}[2-9]\d{2,3}[-\s]?\d{4}(?!\d)"
)
_LOCAL = re.compile(
    r"(?:电话|座机|联系方式|致电|拨打|Tel|tel|TEL)[^\d\n]{0,6}([2-9]\d{2,3}[-\s]?\d{4})(?!\d)"
)
_CARD = re.compile(rf"(?<![0-9A-Za-z])[3-69]\d(?:{GAP}\d){{12,17}}(?![0-9A-Za-z])")
# Of accounts each bank has its own numbers, without a check sign in common: what is called one is one.
_ACCOUNT = re.compile(
    rf"(?:账号|帐号|账户|帐户)(?:号码|号|为|是|[:\s(“\"])*((?<![0-9A-Za-z.])\d(?>(?:{GAP}\d){{8,29}}))(?![0-9A-Za-z]|\s?[元万])"
)
# Told with the bank and without that word, it is one where it is long enough.
_ACCOUNT_AT = re.compile(
    rf"(?:户名|开户银?行)(?:(?!代码|编号|许可证|电话)[^。;\n]){{0,40}}?((?<![0-9A-Za-z.])[1-9](?>(?:{GAP}\d){{11,29}}))(?![0-9A-Za-z]|\s?[元万])"
)
_CARD_HEADS = ("62", "4", "51", "52", "53", "54", "55", "35", "34", "37", "9558")
_MAIL = re.compile(r"[0-9A-Za-z._%+-]{1,64}\s?@\s?[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)+")
_HANDLE = re.compile(
    r"(?:[Qq]{2}|扣扣)(?:号码|号|群|:|\s|是|为)*[1-9]\d{4,10}"
    r"|(?:微信|[Ww]e[Cc]hat|[Vv][Xx]|[Vv]信|薇信|威信号)(?:号码|账号|号|ID|id|:|\s|是|为)*(?:[A-Za-z][0-9A-Za-z_-]{5,19}|\d{6,11})"
)
_HOME = re.compile(
    r"(?:家住|住址|家庭住址|居住在|居住于|现住|户籍地|住在|住于|家庭地址)[^，。；;\n]{0,40}?\d+\s?(?:号|室|幢|栋|单元|弄)"
)


def personal(
    text: str, public: tuple[str, ...] = (), kinds: tuple[str, ...] = ()
) -> list[Personal]:
    """Everything personal in a text, masked; `public` are numbers of offices, `kinds` what alone is looked for."""
    plainly = unicodedata.is_normalized("NFKC", text) and not UNSEEN.search(text)
    if plainly and not _WORTH.search(text):
        return []
    plain = plain_of(text)
    for number in public:
        plain = plain.replace(plain_of(number), "\u25a1")
    plain = _OFFICIAL.sub("\u25a1", plain)
    found = []
    for kind, looked in _LOOKS.items():
        if kinds and kind not in kinds:
            continue
        for said in looked(plain):
            if said not in plain:
                continue
            found.append(Personal(kind=kind, masked=masked(said)))
            # One number is one thing: a resident number is no card beside.
            plain = plain.replace(said, "\u25a1")
    return found


def masked(said: str) -> str:
    """What was found, with all but its first two signs hidden: a warning must not publish it."""
    plain = "".join(said.split())
    return plain[: 2 if len(plain) > 4 else 1] + "*" * min(len(plain) - 1, 12)


def is_card_number(number: str) -> bool:
    """Whether digits are a bank card's: a known head, 14 to 19 of them, and the check digit (GB/T 15694, Luhn)."""
    if not number.startswith(_CARD_HEADS) or len(set(number)) == 1:
        return False
    if not (
        16 <= len(number) <= 19 if number.startswith(("62", "9558")) else len(number) in (15, 16)
    ):
        return False
    total = 0
    for place, sign in enumerate(reversed(number)):
        digit = int(sign) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _old_residents(text: str) -> Iterator[str]:
    """Without a check sign: a number of a paper may look like one, so a person may let it pass."""
    for match in _RESIDENT_OLD.finditer(text):
        if match[0][:2] in PROVINCES and is_day("19" + match[0][6:12]):
            yield match[0]


def _cards(text: str) -> Iterator[str]:
    for match in _CARD.finditer(text):
        if is_card_number(digits_of(match[0])):
            yield match[0]


def _accounts(text: str) -> Iterator[str]:
    yield from (match[1] for match in _ACCOUNT.finditer(text))
    yield from (match[1] for match in _ACCOUNT_AT.finditer(text))


def _telephones(text: str) -> Iterator[str]:
    yield from (match[0] for match in _TELEPHONE.finditer(text))
    yield from (match[1] for match in _LOCAL.finditer(text))


_LOOKS: dict[str, Callable[[str], Iterator[str]]] = {
    "resident": resident_numbers,
    "resident15": _old_residents,
    "misread": lambda text: (match[1] for match in _MISREAD.finditer(text)),
    "card": _cards,
    "account": _accounts,
    "handle": lambda text: (match[0] for match in _HANDLE.finditer(text)),
    "mobile": lambda text: (match[0] for match in _MOBILE.finditer(text)),
    "telephone": _telephones,
    "mail": lambda text: (match[0] for match in _MAIL.finditer(text)),
    "home": lambda text: (match[0] for match in _HOME.finditer(text)),
    "minor": named,
}
