"""Column maps: which heading of a ledger is which field, and what its words mean."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from registry.errors import RegistryError
from registry.importing.files import Row
from scoring.decoding import UNREADABLE, decode_words

LOOK_AT = 20
_IN_BRACKETS = re.compile(r"[(（].*?[)）]")
# What a heading says of money that is not counted in yuan.
_OTHER_UNIT = re.compile(r"[(（][^)）]*(?:[万千百亿]|[角分]\b|美元|港元|港币|欧元)[^)）]*[)）]")
Column = tuple[int, str]


class MapRefused(RegistryError):
    """A column map that cannot be used; the sentence says which entry to change."""


class ColumnMap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One map: a field's possible headings, its words, its unit, and values that hold for all rows.

    `encoding` and `sheet` win over what the file seems to be; `days` are additional ways dates are
    written (strptime); `ignored` headings are known and not wanted; `kinds_first` says which kind of
    inspection a finding belongs to when a place was visited twice on its day.
    """

    columns: dict[str, tuple[str, ...]]
    values: dict[str, dict[str, str]] = {}
    fixed: dict[str, str] = {}
    factors: dict[str, int] = {}
    days: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    encoding: str = ""
    sheet: str = ""
    kinds_first: tuple[str, ...] = ()


class Heading(Struct, frozen=True, kw_only=True):
    """Where the fields stand in one sheet, and the headings nobody asked for.

    `twice` names the columns of which nobody can tell which one a field is read from, `units` those of
    money in a unit that the map does not name.
    """

    row: int
    places: dict[str, int]
    titles: dict[str, str]
    unknown: tuple[str, ...]
    twice: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


def load_map(path: Path, fields: Sequence[str]) -> ColumnMap:
    """The map of a TOML file; raises MapRefused for a field the form does not have."""
    try:
        found = msgspec.toml.decode(path.read_bytes().decode("utf-8-sig"), type=ColumnMap)
    except OSError:
        raise MapRefused(f"找不到列映射 {path}。请用 --map 指明。") from None
    except UNREADABLE as wrong:
        raise MapRefused(f"列映射 {path} 不合规定：{decode_words(wrong)}。请改正这一项。") from None
    named = {*found.columns, *found.values, *found.fixed, *found.factors}
    if strange := sorted(named - set(fields)):
        raise MapRefused(
            f"列映射 {path}：没有字段“{'、'.join(strange)}”。可用的字段：{'、'.join(fields)}。"
        )
    return found


def find_heading(rows: Sequence[Row], mapped: ColumnMap) -> Heading | None:
    """The row among the first that names most fields; None when none names any."""
    best: Heading | None = None
    for row in rows[:LOOK_AT]:
        heading = _heading(row, mapped)
        if heading.places and (best is None or len(heading.places) > len(best.places)):
            best = heading
    return best


def _heading(row: Row, mapped: ColumnMap) -> Heading:
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    twice: list[str] = []
    units: list[str] = []
    aliases = {field: [key(one) for one in names] for field, names in mapped.columns.items()}
    expected = {key(one) for one in mapped.ignored}.union(*aliases.values())
    columns = _columns(row, expected)
    for field, names in aliases.items():
        # The alias named first wins: a number says more than a name.
        if found := next((columns[one] for one in names if one in columns), None):
            places[field], titles[field] = found[0]
            _, title = found[0]
            if field in mapped.factors and key(title) not in names and _OTHER_UNIT.search(title):
                units.append(f"“{title}”")
            if len(found) > 1:
                twice.append("、".join(f"第 {place + 1} 列“{title}”" for place, title in found))
    seen = dict.fromkeys(title for found in columns.values() for _, title in found)
    unknown = tuple(
        title for title in seen if key(title) not in expected and title not in titles.values()
    )
    return Heading(
        row=row.number,
        places=places,
        titles=titles,
        unknown=unknown,
        twice=tuple(dict.fromkeys(twice)),
        units=tuple(dict.fromkeys(units)),
    )


def _columns(row: Row, expected: Container[str]) -> dict[str, list[Column]]:
    """The columns by their headings; what a heading says in brackets counts only where the map knows it."""
    found: dict[str, list[Column]] = defaultdict(list)
    for place, cell in enumerate(row.cells):
        title = str(cell).strip()
        name = key(title)
        if title:
            bare = name if name in expected else key(_IN_BRACKETS.sub("", title))
            found[bare].append((place, title))
    return dict(found)


def key(text: str) -> str:
    """A heading or a word without width, case, blanks, what nobody sees, and marks of duty."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if one.isprintable() and one not in " *:：_-")
