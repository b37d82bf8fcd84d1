"""What is wrong with a file that cannot be decoded, in Chinese: JSON, TOML, and values of another kind."""

import re
from json import JSONDecodeError

import msgspec

from scoring.loading.slips import remedy

# What a reader of files catches; the standard library's readers raise the other two.
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

_NAMES = {
    ">=": "不小于",
    "<=": "不大于",
    ">": "大于",
    "<": "小于",
    "int": "整数",
    "float": "数",
    "decimal": "数",
    "str": "文字",
    "bool": "是或否（true、false）",
    "array": "列表",
    "object": "一组名称和值",
    "date": "日期",
    "datetime": "时刻",
    "null": "空",
}
_OF_VALUE: tuple[tuple[str, str], ...] = (
    (r"Expected `(.*?)`, got `(.*?)`", "应当是{0}，现在是{1}"),
    (r"Object missing required field `(.*?)`", "缺少 {0}"),
    (r"Object contains unknown field `(.*?)`", "没有名称是 {0} 的项"),
    (r"Invalid enum value '?(.*?)'?", "不能写 {0}"),
    (r"Expected `(\w+)` matching regex .*", "{0}的写法不对"),
    (r"Expected `(\w+)` of length (>=|<=) (\S+)", "{0}的长度要{1} {2}"),
    (r"Expected `(\w+)` (>=|<=|>|<) (\S+)", "{0}要{1} {2}"),
    (r"Invalid (?:RFC3339 encoded )?(\w+)", "不是{0}"),
)
_LINE = re.compile(r"\(at (?:line (\d+)|end of document)")
_BYTE = re.compile(r"\(byte (\d+)\)")


def decode_words(wrong: Exception) -> str:
    """What is wrong and where, without a full stop."""
    if isinstance(wrong, UnicodeDecodeError):
        return "不是 UTF-8 编码的文字"
    if isinstance(wrong, RecursionError):
        return "括号套得太深"
    if isinstance(wrong, JSONDecodeError):
        return f"第 {wrong.lineno} 行第 {wrong.colno} 个字起不合写法"
    said = str(wrong)
    if isinstance(wrong, msgspec.ValidationError):
        return _of_value(said)
    if line := _LINE.search(said):
        return f"{f'第 {line[1]} 行' if line[1] else '末尾'}：{remedy(said, '')}"
    if said.startswith("Exceeds the limit"):
        return "数字太长"
    byte = _BYTE.search(said)
    return f"第 {int(byte[1]) + 1} 个字节起不合写法" if byte else "内容不完整"


def _of_value(said: str) -> str:
    what, _, place = said.removesuffix("`").partition(" - at `")
    what = what if place else said
    for pattern, words in _OF_VALUE:
        if match := re.fullmatch(pattern, what):
            what = words.format(*map(_named, match.groups()))
            break
    else:
        what = "的值不合规定"
    return f"{place.lstrip('$.')} {what}".strip()


def _named(said: str) -> str:
    """Kinds of values and comparisons by their Chinese names; every other word as it is."""
    return "或者".join(_NAMES.get(one, one) for one in said.split(" | "))
