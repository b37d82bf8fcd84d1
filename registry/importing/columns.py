"""Column maps: which heading of a ledger is which field, and what its words mean."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from registry.errors import RegistryError
from registry.importing.files import Row
from scoring.decoding import UNREADABLE, decode_words

LOOK_AT = 20


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
    """Where the fields stand in one sheet, and the headings nobody asked for."""

    row: int
    places: dict[str, int]
    titles: dict[str, str]
    unknown: tuple[str, ...]


def load_map(path: Path, fields: Sequence[str]) -> ColumnMap:
    """The map of a TOML file; raises MapRefused for a field the form does not have."""
    try:
        found = msgspec.toml.decode(path.read_bytes(), type=ColumnMap)
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
    cells: dict[str, tuple[int, str]] = {}
    for place, cell in enumerate(row.cells):
        title = str(cell).strip()
        for name in (key(title), key(re.sub(r"[(（].*?[)）]", "", title))):
            cells.setdefault(name, (place, title))
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    expected = {key(one) for one in mapped.ignored}
    for field, aliases in mapped.columns.items():
        names = [key(one) for one in aliases]
        expected.update(names)
        # The alias named first wins: a number says more than a name.
        if found := next((cells[one] for one in names if one in cells), None):
            places[field], titles[field] = found
    seen = [(key(title), title) for _, title in dict.fromkeys(cells.values()) if title]
    unknown = tuple(
        title for name, title in seen if name not in expected and title not in titles.values()
    )
    return Heading(row=row.number, places=places, titles=titles, unknown=unknown)


def key(text: str) -> str:
    """A heading or a word without width, case, blanks, what nobody sees, and marks of duty."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(one for one in plain if one.isprintable() and one not in " *:：_-")
