"""Ledgers of every kind in which one cell of each row is hostile, as CSV, as a workbook and as JSON."""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from functools import reduce
from pathlib import Path
from typing import Any

import xlsxwriter
from msgspec import Struct
from pydantic import TypeAdapter, ValidationError

from registry.forms.fields import CalledText, Text
from registry.importing import FORMS, ColumnMap, load_map

MAPS = Path(__file__).parents[2] / "config/imports"
HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"
FORMATS = ("csv", "xlsx", "json")
FIRST = date(2001, 1, 1)


class Cell(Struct, frozen=True, kw_only=True):
    """The hostile cell of a row: its field, its heading, what is written there."""

    field: str
    heading: str
    text: str


def strings() -> list[str]:
    """Every hostile string as a file can hold it: no lone half of a pair."""
    found = [one for part in json.loads(HOSTILE.read_text("ascii")) for one in part["strings"]]
    return [one.encode("utf-8", "replace").decode() for one in found]


def map_of(kind: str) -> ColumnMap:
    return load_map(MAPS / f"{kind}.toml", tuple(FORMS[kind].model_fields))


def text_fields(kind: str) -> list[str]:
    """The columns of a kind in which a person writes words."""
    forms = FORMS[kind].model_fields
    return [field for field in map_of(kind).columns if forms[field].annotation is str]


def sound(kind: str, number: int, institution: str) -> dict[str, str]:
    """A row of a kind with nothing wrong in it, another one for each number."""
    day = FIRST + timedelta(days=number)
    until = day + timedelta(days=300)
    rows: dict[str, dict[str, Any]] = {
        "institutions": {
            "name": f"第{number}号学校",
            "jurisdiction": "330203",
            "address": f"长路{number}号",
            "registration_no": f"民证{number}",
            "opened_on": day,
        },
        "inspections": {"on": day, "kind": "双随机"},
        "findings": {
            "code": "F02",
            "seen_on": day,
            "id": f"T-{number}",
            "first_officer": "甲",
            "second_officer": "乙",
            "heard_on": day,
            "confirmed_on": day,
            "ordered_on": day,
            "due_on": until,
        },
        "covers": {
            "cover_class": "premises",
            "insurer": "甬保险",
            "policy_no": f"P{number}",
            "since": day,
            "until": until,
        },
        "licences": {"number": f"教民{number}", "since": day, "until": until},
        "custody-accounts": {"bank": "甬银行", "since": day, "until": until},
        "custody-reports": {"bank": "甬银行", "on": day, "balance_fen": "1.00"},
        "annual-inspections": {"year": 2000 + number % 100, "result": "合格", "on": day},
    }
    values = {key: str(one) for key, one in rows[kind].items()}
    return values if kind == "institutions" else {"institution": institution, **values}


def rows_of(kind: str, institutions: list[str]) -> Iterator[tuple[dict[str, str], Cell]]:
    """A row for each text column and each hostile string, with what is hostile in it."""
    columns, number = map_of(kind).columns, 0
    for field in text_fields(kind):
        for text in strings():
            owner = institutions[number // 100 % len(institutions)]
            row = {**sound(kind, number, owner), field: text}
            yield row, Cell(field=field, heading=columns[field][0], text=text)
            number += 1


def written(path: Path, kind: str, rows: list[dict[str, str]]) -> Path:
    """The rows as a file of the kind its name ends in."""
    columns = map_of(kind).columns
    fields = list(dict.fromkeys(field for row in rows for field in row))
    heads = [columns[field][0] for field in fields]
    cells = [[row.get(field, "") for field in fields] for row in rows]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, quoting=csv.QUOTE_ALL).writerows([heads, *cells])
    elif path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("台账")
            for number, line in enumerate([heads, *cells]):
                for place, cell in enumerate(line):
                    sheet.write_string(number, place, cell)
    else:
        found = [dict(zip(heads, line, strict=True)) for line in cells]
        path.write_text(json.dumps(found, ensure_ascii=False), "utf-8")
    return path


def kept_as(text: str, field: str) -> str:
    """What the register keeps of a cell: no blanks at its ends, and one line of most."""
    if field not in ("statement", "note"):
        lines = [one.strip() for one in text.replace("\r", "\n").split("\n")]
        text = reduce(_joined, filter(None, lines), "")
    with suppress(ValidationError):  # what is refused is kept nowhere
        return (_CALLED if field in ("name", "address") else _TEXT).validate_python(text)
    return ""


# What divides a cell that holds several: of a name, and of an address.
APART = {
    "brand_names": "；;、\n",
    "branch_names": "；;、\n",
    "former_names": "；;、\n",
    "other_addresses": "；;\n",
}


def kept_in_parts(text: str, field: str) -> list[str]:
    """The same of a cell that may hold several."""
    if field not in APART:
        return [kept_as(text, field)]
    plain = text.replace("\r\n", "\n").strip()
    return [kept_as(one, "name") for one in re.split(f"[{APART[field]}]", plain)]


def _joined(before: str, after: str) -> str:
    apart = before and before[-1].isascii() and after[0].isascii()
    return f"{before} {after}" if apart else before + after


_CALLED, _TEXT = TypeAdapter[str](CalledText), TypeAdapter[str](Text)
