"""One TOML value becomes text, a number, a day or a word of a policy, or a sentence says why not."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from msgspec import inspect

# Beyond these a day could not be reckoned from a month, and a sum would not be exact.
_MONTHS = (1, 1200)
_DAYS = (1, 36500)
_BETWEEN = {
    "months": _MONTHS,
    "months_without_inspection": _MONTHS,
    "needs_onsite_months": _MONTHS,
    "proposes_months": _MONTHS,
    "visit_after_months": _MONTHS,
    "visit_within_months": _MONTHS,
    "days": _DAYS,
    "grows_every_days": _DAYS,
    "first_days": (0, _DAYS[1]),
    "year_begins_month": (1, 12),
    "sum_at_least": (1, 10**15),
}
_WHOLE_AT_MOST = 10**15
_AT_MOST = Decimal(10**9)
_DECIMALS = 6
_DIGITS = 20
_ABOVE_ZERO = ("cap", "grows_by", "bonus_at_most")
_NOT_NEGATIVE = ("points",)
_MAY_BE_EMPTY = ("label", "url", "group", "limits_grade_to")
# Fillers that pass for letters, and are drawn as nothing.
_UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]")
# Mongolian, Persian and others join or part their letters by signs of no width, as composed pictures do.
_JOINED = re.compile(
    "(?<=[^\u0000-\u024f\u2e80-\uffef])[\u180e\u200c\u200d](?=[^\u0000-\u024f\u2e80-\uffef])"
)
_CITED = ("document", "article")
# What stands in a table where nothing is known yet.
_NONE_NAMED = re.compile(
    "无|略|空|暂[无缺]|不详|未知|待[定查补]|待补充|NULL|NONE|N/A|TBD", re.IGNORECASE
)
_TO_READ = ("title", "label", "document", "article", "url")
# Control signs, line ends, and signs that turn the direction of what is shown after them.
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SHOWN = 40
# No day of a scheme lies beyond, and a slip of the pen mostly does.
_YEARS = (1900, 2199)
_LONGEST = 1000


class Unfit(Exception):
    """A value does not fit; the sentence says what to write instead."""


def value_of(kind: inspect.Type, raw: object, name: str) -> object:
    """The value of a field of this name and kind; raises Unfit with the remedy."""
    if isinstance(kind, inspect.LiteralType):
        return _word(kind, raw)
    return _READERS[type(kind)](raw, name)


def shown(value: object) -> str:
    """A TOML value in a line of text: short, in quotes if it is text, and without hidden signs."""
    if isinstance(value, str):
        text = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        return f"“{''.join(one if one.isprintable() else ascii(one)[1:-1] for one in text)}”"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) > _WHOLE_AT_MOST:
        return "很长的整数"
    if isinstance(value, list):
        return f"{len(value)} 项的列表" if value else "空的列表"
    if isinstance(value, dict):
        return ""
    text = str(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _word(kind: inspect.LiteralType, raw: object) -> object:
    if isinstance(raw, str) and raw in kind.values:
        return raw
    allowed = "、".join(f'"{one}"' for one in kind.values if one)
    raise Unfit(f"只能写 {allowed} 之一，请改正" + ("或删去" if "" in kind.values else ""))


def _text(raw: object, name: str) -> str:
    if not isinstance(raw, str):
        raise Unfit("应当是文字，请加英文半角引号")
    if len(raw) > _LONGEST:
        raise Unfit(f"太长：至多 {_LONGEST} 个字，请缩短")
    if _HIDDEN.search(raw):
        raise Unfit("含有换行或者看不见的控制字符，请删去")
    if raw == "" and name in _MAY_BE_EMPTY:
        return raw
    if not any(one.isprintable() and not one.isspace() for one in raw):
        raise Unfit("没有内容，请写明")
    if name in _CITED and (not any(map(str.isalnum, raw)) or _NONE_NAMED.fullmatch(raw.strip())):
        raise Unfit("没有指明是哪个文件、哪一条，请写明")
    if name == "url" and not raw.startswith(("https://", "http://")):
        raise Unfit("网址请以 https:// 或 http:// 开头")
    if name not in _TO_READ and (raw != raw.strip() or not raw.isprintable()):
        # Such a name equals no other that looks the same.
        raise Unfit("首尾有空格，或者中间有看不见的字符，请删去")
    if _UNSEEN.search(raw) or any(
        not one.isprintable() and not one.isspace() for one in _JOINED.sub("", raw)
    ):
        raise Unfit("中间有看不见的字符，请删去")
    return raw


def _number(raw: object, name: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise Unfit("应当是数，如 5 或者 0.5，不加引号，请改正")
    number = _exact(raw)
    if name in _ABOVE_ZERO and number <= 0:
        raise Unfit("应当大于 0，请改正或删去这一项")
    if name in _NOT_NEGATIVE and number < 0:
        raise Unfit("不能是负数：请写正数，加分的指标另写 bonus = true")
    return number


def _exact(raw: int | Decimal) -> Decimal:
    """The number as written, of a size with which every sum is exact."""
    if isinstance(raw, int) and abs(raw) > _AT_MOST:
        raise Unfit("这个数太大，请改正")
    number = Decimal(raw)
    if not number.is_finite():
        raise Unfit("应当是一个确定的数，nan 和 inf 不能用，请改正")
    if number.adjusted() > 9 or abs(number) > _AT_MOST:
        raise Unfit("这个数太大，请改正")
    if len(number.as_tuple().digits) > _DIGITS or number != round(number, _DECIMALS):
        raise Unfit(f"小数点后至多 {_DECIMALS} 位，请改正")
    # One number has one spelling: 1e2 and 100.0 are 100, 0.10 is 0.1, and a negative zero is zero.
    whole = number == number.to_integral_value()
    return number.quantize(Decimal(1)) + 0 if whole else number.normalize()


def _whole(raw: object, name: str) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Unfit("应当是整数，不加引号，请改正")
    least, most = _BETWEEN[name]
    if not least <= raw <= most:
        raise Unfit(f"请写 {least} 到 {most} 的整数")
    return raw


def _truth(raw: object, _: str) -> bool:
    if not isinstance(raw, bool):
        raise Unfit("请写 true 或 false，不加引号")
    return raw


def _day(raw: object, _: str) -> date:
    if isinstance(raw, datetime) or not isinstance(raw, date):
        raise Unfit("应当是日期，请写成 2026-01-31，不带时间，不加引号")
    if not _YEARS[0] <= raw.year <= _YEARS[1]:
        raise Unfit(f"年份请写 {_YEARS[0]} 到 {_YEARS[1]}；没有终止日的不写 until")
    return raw


_READERS: dict[type[inspect.Type], Callable[[object, str], object]] = {
    inspect.StrType: _text,
    inspect.DecimalType: _number,
    inspect.IntType: _whole,
    inspect.BoolType: _truth,
    inspect.DateType: _day,
}
