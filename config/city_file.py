"""`city.toml` as it is written: its bytes become a City, or every mistake in them is told with its line."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from config.addresses import wrong_addresses
from config.city import City
from config.limits import Wrong, wrong_numbers
from config.misfits import misfits, place_of
from config.places import wrong_places
from scoring.decoding import UNREADABLE, decode_words
from scoring.loading import lines

_NAMES = ("id", "prefix", "name", "organ")
# A number of an institution is typed and read out: its prefix is short, and its letters are on every keyboard.
_PREFIX = re.compile(r"[A-Z]{1,6}")
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class CityRefused(Exception):
    """What the file says cannot be used; every mistake has a sentence, in order of lines."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__("\n".join(sentences))


def read_city(raw: bytes) -> City:
    """The city that a file's bytes describe; raises CityRefused with every mistake in them."""
    try:
        text = raw.decode().replace("\r\n", "\n")
        tree: dict[str, object] = msgspec.toml.decode(text)
    except UNREADABLE as wrong:
        said = f"不是合法的 TOML（{decode_words(wrong)}）。请按提示的行号改正。"
        raise CityRefused([said]) from None
    strange = list(misfits(City, tree))
    found: list[Wrong] = [
        (place_of(path), value, f"{words}，请照 README 的“Settings”改正")
        for path, value, words in strange
    ]
    # What has a misfit in it is not looked at further, and the rest as if that was not written.
    unfit = {one.path[0] for one in strange}
    rest = {name: value for name, value in tree.items() if name not in unfit}
    city = msgspec.convert({**dict.fromkeys(_NAMES, ""), **rest}, City)
    found += [one for one in _wrong_values(city) if _path(one[0])[0] not in unfit]
    if found:
        raise CityRefused(_sentences(found, text))
    return city


def _sentences(found: list[Wrong], text: str) -> list[str]:
    known = lines.Lines(text)
    told = []
    for field, value, remedy in found:
        path = _path(field)
        # What is not written has a line only where the table around it has one.
        line = 0 if value is None and len(path) == 1 else known.of(path)
        place = f"第 {line} 行：" if line else ""
        told.append((line, f"{place}字段 {field} {_shown(value)}。{remedy}。"))
    return [sentence for _, sentence in sorted(told, key=lambda one: one[0])]


def _shown(value: object) -> str:
    if value is None:
        return "没有写"
    return f"的值“{value}”不能用" if isinstance(value, str | int | float | date) else "不能用"


def _path(field: str) -> lines.Path:
    """The steps to a field, as the lines are known by."""
    return tuple(int(one[1]) - 1 if one[1] else one[2] for one in _STEP.finditer(field))


def _wrong_values(city: City) -> Iterator[Wrong]:
    """What is of its kind and cannot be used all the same: the field, the value and the remedy."""
    for field in _NAMES:
        if not getattr(city, field).strip():
            yield field, "", "这一项不能为空"
    if city.prefix.strip() and not _PREFIX.fullmatch(city.prefix):
        remedy = "它是每家机构编号的开头，请写 1 到 6 个大写英文字母，如 NB"
        yield "prefix", city.prefix, remedy
    try:
        ZoneInfo(city.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        yield "timezone", city.timezone, "请写时区名称，如 Asia/Shanghai"
    yield from wrong_numbers(city)
    yield from wrong_addresses(city)
    yield from wrong_places(city)
    yield from _of_sign_on(city)
    yield from _of_codes(city)
    yield from _of_backup(city)


def _of_sign_on(city: City) -> Iterator[Wrong]:
    said = city.sign_on
    if said is None:
        return
    for field in ("issuer", "client", "name"):
        if not getattr(said, field).strip():
            yield f"sign_on.{field}", "", "这一项不能为空"
    local = said.issuer.startswith(("http://127.0.0.1", "http://localhost"))
    if said.issuer.strip() and not said.issuer.startswith("https://") and not local:
        yield "sign_on.issuer", said.issuer, "请写以 https:// 开头的地址"


def _of_codes(city: City) -> Iterator[Wrong]:
    for organ, code in city.credit_platform.codes.items():
        if not re.fullmatch(r"[0-9A-HJ-NP-RTUWXY]{18}", code):
            yield f"credit_platform.codes.{organ}", code, "请写 18 位统一社会信用代码"


def _of_backup(city: City) -> Iterator[Wrong]:
    said = city.backup
    if said is None:
        return
    if not 1 <= said.keep <= 366:
        yield "backup.keep", said.keep, "请写 1 到 366 的整数"
    if not Path(said.folder).is_absolute():
        yield "backup.folder", said.folder, "请写以 / 开头的完整路径，最好在另一块磁盘上"
