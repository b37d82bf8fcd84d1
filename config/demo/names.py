"""Invented names, places and numbers of the demo city: real streets, no real institution."""

import csv
from functools import cache
from pathlib import Path
from random import Random

from msgspec import Struct

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGAN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# Characters outside the common sets, which a thin font or an old encoding loses.
RARE = ("㙦", "𠮷", "䶮", "堃")
STEMS = (
    "启航",
    "新知",
    "明德",
    "博雅",
    "育才",
    "青禾",
    "星河",
    "求索",
    "文澜",
    "致远",
    "晨曦",
    "乐学",
    "思齐",
    "知行",
    "弘毅",
    "卓然",
    "小橡树",
    "金色阳光",
    "墨香",
    "蓝鲸",
    "百川",
    "雏鹰",
    "天一",
    "月湖",
    "三江",
    "海曙光",
    "和丰",
    "甬上",
    "东海",
    "童画",
    "飞扬",
    "智慧树",
)
SUBJECTS = {
    "学科类": ("文化", "外语", "教育"),
    "文化艺术": ("艺术", "书画", "音乐", "舞蹈"),
    "体育": ("体育", "篮球", "游泳"),
    "科技": ("科技", "编程", "机器人"),
}
SURNAMES = "程沈陆邵史虞柴应戴乐邬竺俞励忻傅贺庄翁"
ROADS = ("中山路", "文化路", "人民路", "学院路", "解放路", "环城路", "府前路", "新城大道")
ZONES = {
    "大榭街道": "3302A1",
    "东钱湖镇": "3302A2",
    "梅墟街道": "3302A3",
    "新明街道": "3302A3",
    "聚贤街道": "3302A3",
    "庵东镇": "3302A4",
    "环杭州湾创新中心": "3302A4",
}


class Street(Struct, frozen=True, kw_only=True):
    """A township or subdistrict, its statistical area and who is in charge there."""

    name: str
    area: str
    jurisdiction: str


@cache
def streets() -> tuple[Street, ...]:
    """Every township and subdistrict of Ningbo, in order of code."""
    text = Path(__file__).with_name("streets.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Street(
            name=row["name"],
            area=row["area_code"],
            jurisdiction=ZONES.get(row["name"], row["area_code"]),
        )
        for row in rows
    )


@cache
def area_names() -> dict[str, str]:
    """The districts' names by statistical code, for addresses."""
    return {
        "330203": "海曙区",
        "330205": "江北区",
        "330206": "北仑区",
        "330211": "镇海区",
        "330212": "鄞州区",
        "330213": "奉化区",
        "330225": "象山县",
        "330226": "宁海县",
        "330281": "余姚市",
        "330282": "慈溪市",
    }


def organisation_code(body: str) -> str:
    """Eight characters with their own check character (GB 11714)."""
    total = sum(int(c, 36) * w for c, w in zip(body, ORGAN_WEIGHTS, strict=True))
    return body + "0123456789X0"[11 - total % 11]


def social_credit_code(head: str, area: str, serial: int) -> str:
    """An 18-character code whose both check characters are right; `serial` keeps it unique."""
    mark = "MJ" if head == "52" else "MA"
    body = head + area + organisation_code(f"{mark}{serial:06d}")
    total = sum(ALPHABET.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + ALPHABET[(31 - total % 31) % 31]


def licence_number(area: str, serial: int) -> str:
    """A licence number of a training institution: level 7, then the area's sequence."""
    return f"教民1{area}7{serial:06d}0号"


def person(random: Random) -> str:
    """A person who cannot be mistaken for a real one, such as 程某某."""
    return random.choice(SURNAMES) + "某某"


def address(random: Random, street: Street) -> str:
    """A door on a plausible road of a real street."""
    road, number = random.choice(ROADS), random.randint(1, 998)
    district = area_names()[street.area]
    return f"宁波市{district}{street.name}{road}{number}号{random.randint(1, 6)}层"


def legal_name(random: Random, *, index: int, street: Street, subject: str, profit: bool) -> str:
    """A name; every 40th bears a rare character, stems recur so that alike names appear."""
    stem = random.choice(STEMS)
    if index % 40 == 7:
        stem = RARE[index // 40 % len(RARE)] + stem[-1]
    word = random.choice(SUBJECTS[subject])
    district = area_names()[street.area]
    tail = f"{word}培训有限公司" if profit else f"{word}培训学校"
    return f"宁波市{district}{stem}{tail}"
