"""Personal data in a text that is to be published: numbers of persons, and the names of pupils and parents.

Never public: resident numbers, telephones, accounts, addresses of homes, pupils, parents, complainants
(个人信息保护法 第二十八条、第三十一条; 未成年人保护法). Numbers of papers, days and codes of organisations are none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator

from msgspec import Struct

from registry.resident_number import (
    GAP,
    PROVINCES,
    UNSEEN,
    digits_of,
    is_day,
    plain_of,
    resident_numbers,
)

KINDS = {
    "resident": "居民身份证号码",
    "resident15": "十五位的旧身份证号码",
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
    r"(?:\d[^\d]{0,3}){5}|@|[〇零一二三四五六七八九幺]{11}|[QqVvWw]|扣扣|微信|薇信|威信号|住|户籍地|家庭地址"
    r"|学生|学员|幼儿|儿童|孩子|朋友|童|男生|女生|未成年|家长|监护人|投诉人|举报人|证人|母|父|妈|爸|爷|奶|外公|外婆"
    r"|其子|其女|儿子|女儿|同学|年级|班"
)
# What is made of digits and is no person's: codes of organisations with a letter, licences, papers, days.
_OFFICIAL = re.compile(
    r"(?<![0-9A-Za-z])(?=[0-9A-Z]{2}\d{6})(?=\d*[A-Z][0-9A-Z]*[0-9A-Z](?![0-9A-Za-z]))[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])"
    r"|教民\d{13,15}号?"
    r"|[\[({〔【]\d{4}[\])}〕】]第?\d{1,9}号"
    r"|(?<!\d)(?:19|20)\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?!\d)"
)
_RESIDENT_OLD = re.compile(r"(?<![0-9A-Za-z])[1-8]\d{14}(?![0-9A-Za-z])")
_MOBILE = re.compile(rf"(?<![\d.])(?:\+?(?:00)?86{GAP})?1[3-9]\d(?:{GAP}\d){{8}}(?![\d])")
_TELEPHONE = re.compile(
    r"(?<![\d.])(?:\(0(?:10|2\d|[3-9]\d{2})\)|0(?:10|2\d|[3-9]\d{2}))[-\s—–]{0,2}[2-9]\d{2,3}[-\s]?\d{4}(?!\d)"
)
_LOCAL = re.compile(
    r"(?:电话|座机|联系方式|致电|拨打|Tel|tel|TEL)[^\d\n]{0,6}([2-9]\d{2,3}-?\d{4})(?!\d)"
)
_CARD = re.compile(rf"(?<![0-9A-Za-z])[3-69]\d(?:{GAP}\d){{12,17}}(?![0-9A-Za-z])")
# Of accounts each bank has its own numbers, without a check sign in common: what is called one is one.
_ACCOUNT = re.compile(
    rf"(?:账号|帐号|账户|帐户)(?:号码|号|为|是|[:\s(“\"])*((?<![0-9A-Za-z.])\d(?>(?:{GAP}\d){{8,29}}))(?![0-9A-Za-z]|\s?[元万])"
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
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范廖石韦贾夏邹侯孟秦尹薛阎段雷龙陶贺毛郝龚邵钱严赖洪武戴莫欧孔柯裘励竺"
)
_NAME = rf"(?:[{_SURNAMES}](?:某{{1,2}}|[xX×*＊]{{1,2}}|[一-鿿]{{1,2}}))"
_HIDDEN = r"(?:[一-鿿](?:某{1,2}|[xX×*＊]{1,2}))"
_WHO = (
    "学生|学员|幼儿|儿童|孩子|小朋友|男童|女童|男生|女生|未成年人|家长|监护人|投诉人|举报人|证人"
    "|其母|其父|母亲|父亲|妈妈|爸爸|其子|其女|儿子|女儿"
)
# What may stand between who it is and how they are called.
_CALLED = r"(?:[（(:：“\"\s]|名叫|叫|名为|姓名)*"
_END = r"(?=$|[，。、；;:,.()的被在反称说因受遭和与等至到报参于投陈向也已未曾表诉发家母父之及姓\s])"
_MINOR = (
    # 学生张某、家长王某某: whoever is half hidden is still a person.
    re.compile(rf"(?:{_WHO}){_CALLED}{_HIDDEN}"),
    re.compile(rf"(?:{_WHO}){_CALLED}{_NAME}[”\"）)]?{_END}"),
    # 王小明同学、李同学、陈某家长
    re.compile(rf"(?:{_HIDDEN}|{_NAME})(?:小)?(?:同学|小朋友|学员|家长)(?!们|会|群|委员)"),
    # 王小明的妈妈
    re.compile(rf"(?:{_HIDDEN}|{_NAME})的?(?:妈妈|爸爸|母亲|父亲|爷爷|奶奶|外公|外婆)"),
    re.compile(rf"(?<![其剩])[{_SURNAMES}](?:同学|小朋友)(?!们|会|群)"),
    # 三年级2班王小明
    re.compile(rf"(?:年级|[0-9一二三四五六七八九十()]班|[大中小]班)(?:的)?(?:学生)?{_NAME}{_END}"),
)
_ORDINARY = re.compile("(?:全体|各位|部分|多名|个别|该班|每位|所有)$")
# Words that begin like a surname and are none: 学生 and 田径, 学生 and 石头.
_WORDS = frozenset(
    [
        "任何",
        "任课",
        "任教",
        "任务",
        "任意",
        "余下",
        "余额",
        "余名",
        "许可",
        "许多",
        "田径",
        "石膏",
        "马上",
        "段落",
        "程度",
        "程序",
        "夏令",
        "夏季",
        "曾经",
        "曾在",
        "曾被",
        "严重",
        "严格",
        "严禁",
        "武术",
        "龙舟",
        "雷同",
        "高中",
        "林区",
        "黄色",
        "叶子",
        "严肃",
        "范围",
        "唐诗",
        "宋词",
        "毛笔",
        "洪水",
        "钟点",
        "钱款",
        "钱财",
        "钱物",
        "莫名",
        "方便",
        "胡乱",
        "陆续",
        "谢绝",
        "谢师",
        "梁柱",
        "丁类",
        "杨梅",
        "贺卡",
        "孔子",
        "欧洲",
        "姜茶",
        "周末",
        "周一",
        "周二",
        "周三",
        "周四",
        "周五",
        "周六",
        "周日",
        "周边",
        "周岁",
        "周围",
        "周期",
        "余人",
        "曾多",
        "戴口",
        "戴帽",
        "严防",
        "张贴",
        "陈述",
        "陈旧",
        "余名",
        "武装",
    ]
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


def _minors(text: str) -> Iterator[str]:
    for pattern in _MINOR:
        for match in pattern.finditer(text):
            name = re.sub(rf"^(?:{_WHO}){_CALLED}", "", match[0])
            if name[:2] not in _WORDS and not _ORDINARY.search(text[: match.start()]):
                yield match[0]


def _telephones(text: str) -> Iterator[str]:
    yield from (match[0] for match in _TELEPHONE.finditer(text))
    yield from (match[1] for match in _LOCAL.finditer(text))


_LOOKS: dict[str, Callable[[str], Iterator[str]]] = {
    "resident": resident_numbers,
    "resident15": _old_residents,
    "card": _cards,
    "account": lambda text: (match[1] for match in _ACCOUNT.finditer(text)),
    "handle": lambda text: (match[0] for match in _HANDLE.finditer(text)),
    "mobile": lambda text: (match[0] for match in _MOBILE.finditer(text)),
    "telephone": _telephones,
    "mail": lambda text: (match[0] for match in _MAIL.finditer(text)),
    "home": lambda text: (match[0] for match in _HOME.finditer(text)),
    "minor": _minors,
}
