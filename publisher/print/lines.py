"""Where a line may break: names at 区划|字号|行业|形式, addresses never inside a number."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from publisher.print.fonts import Face

Cut = Callable[[str], list[str]]

_OPENING = "（《〔〈“‘「【(\\["
_CLOSING = "，。、；：！？）》〕〉”’」】…—～)\\],.;:!?"
# A number keeps the word that counts it, a document number stays whole.
_TOKEN = re.compile(
    rf"[{_OPENING}]*"
    r"(?:[^\s，。；、（）〔〕]{1,8}〔\d{4}〕\d+号"
    r"|第[一二三四五六七八九十百零〇0-9]+[条款项章节目]"
    r"|[0-9A-Za-z][0-9A-Za-z#./+&'~-]* ?(?:[号幢室楼层弄座栋期组年月日]|单元)?"
    rf"|.)[{_CLOSING}]* *",
    re.DOTALL,
)
# Where nothing else helps, between any two characters, but no line begins with what closes.
_SIGN = re.compile(rf".[{_CLOSING}]*", re.DOTALL)
_PREFECTURE = (
    "[^市区县]{2,4}市|[^市区县]{2,10}?自治州|(?:兴安|锡林郭勒|阿拉善)盟"
    "|(?:大兴安岭|阿克苏|喀什|和田|塔城|阿勒泰|阿里)地区"
)
_REGION = re.compile(
    r"(?:[^省]{2,3}省|(?:内蒙古|广西壮族|西藏|宁夏回族|新疆维吾尔)自治区)?"
    rf"(?:{_PREFECTURE})?"
    r"(?:[^市区县镇]{2,16}?自治[县旗]|[^市区县镇旗]{2,8}?(?:[左右前后中]|联合)旗"
    r"|[^市区县镇]{1,8}?(?:区|县|市)(?![\u4e00-\u9fff]?学))?"
)
# What belongs to the part before it or after it, wherever a part ends.
_ENDS = re.compile(rf"\0([{_CLOSING}·]+)")
_BEGINS = re.compile(rf"([{_OPENING}]+)\0")
_BRACKETS = re.compile(rf"[{_OPENING}{_CLOSING}·]")
_FORMS = (
    "有限责任公司|股份有限公司|有限公司|分公司|公司|集团|培训学校|培训中心|培训机构|培训点"
    "|学校|学院|中心|幼儿园|托儿所|小学|初中|高中|中学|服务部|俱乐部|工作室|研究院|分校|校区"
)
_TRADES = (
    "文化艺术|文化|艺术|外国语|外语|英语|教育咨询|教育|科技|信息|体育|少儿|编程|机器人|创新|实践"
    "|托管|早教|美术|书画|书法|音乐|舞蹈|戏剧|棋院|围棋|篮球|足球|游泳|职业技能|职业|技能|培训|咨询"
)
_PHRASE = re.compile(rf"[与和及]?(?:{_FORMS}|{_TRADES})")


def legible(text: str) -> str:
    """What can be seen of a text, on one line."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """A text without control, direction or zero-width marks and towers of accents; its lines stay."""
    if text.isprintable() and not any(map(_is_mark, text)):
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if character == "\n":
            kept.append(character)
        elif character.isspace() or kind in ("Zl", "Zp"):
            kept.append(" ")
        elif marks <= 3 and not _unseen(character, kind):
            kept.append(character)
    return "".join(kept)


@cache
def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Me")


def _unseen(character: str, kind: str) -> bool:
    if kind in ("Cc", "Cs"):
        return True
    if kind == "Cf":  # the two joiners change the shape of what they join
        return character not in "\u200c\u200d"
    return ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF


def tokens(text: str) -> list[str]:
    """The smallest parts of running text between which a line may break."""
    return _TOKEN.findall(text)


def phrases(name: str) -> list[str]:
    """The parts of an institution's name: its place, its own word, its trade, its legal form.

    >>> phrases("宁波市海曙区一步堂少儿编程培训学校有限责任公司")
    ['宁波市海曙区', '一步堂', '少儿', '编程', '培训学校', '有限责任公司']
    >>> phrases("双江拉祜族佤族布朗族傣族自治县星河书画（东大街校区）")
    ['双江拉祜族佤族布朗族傣族自治县', '星河', '书画', '（东大街', '校区）']
    """
    region = _REGION.match(name)
    start = region.end() if region else 0
    parts = [name[:start]] if start else []
    for found in _PHRASE.finditer(name, start):
        if found.start() > start:
            parts.append(name[start : found.start()])
        parts.append(found[0])
        start = found.end()
    parts.append(name[start:])
    if _BRACKETS.search(name):
        parts = _BEGINS.sub(r"\0\1", _ENDS.sub(r"\1\0", "\0".join(parts))).split("\0")
    return [one for one in parts if one]


def broken(text: str, face: Face, width: float, cut: Cut) -> tuple[str, ...]:
    """The text in lines of at most the width, broken at the best places that fit."""
    if face.width(text) <= width:
        return (text,)
    lines: list[str] = []
    line, used = "", 0.0
    for part in _parts(text, face, width, cut):
        wide = face.width(part)
        if line and used + face.width(part.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line, used = line + part, used + wide
    return (*lines, line.rstrip())


def _parts(text: str, face: Face, width: float, cut: Cut) -> list[str]:
    """The parts of the text, each cut further until it fits on a line of its own."""
    found = []
    for part in cut(text):
        if face.width(part.rstrip()) <= width:
            found.append(part)
        elif cut is tokens:
            found.extend(_SIGN.findall(part))
        else:
            found.extend(_parts(part, face, width, tokens))
    return found


def whole(text: str) -> list[str]:
    """A text that breaks only where it does not fit at all."""
    return [text]


CUTS: dict[str, Cut] = {"name": phrases, "text": tokens, "none": whole}
