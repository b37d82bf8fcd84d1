"""Reads one workbook in a process of its own, under limits, and writes its sheets as JSON lines."""

import datetime
import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

MEMORY = 1 << 30
SECONDS = 60
CELLS = 5_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def main(path: str) -> None:
    """Writes `[name, [[number, cells], …]]` per sheet; any failure is a status, never a half answer."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(path)
    errors = dict(_errors(path)) if zipfile.is_zipfile(path) else {}
    out, cells = [], 0
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet or meta.visible is not SheetVisibleEnum.Visible:
            continue
        rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
        for row, column, text in errors.get(meta.name, ()):
            if row < len(rows) and column < len(rows[row]):
                rows[row][column] = text
        cells += sum(map(len, rows))
        if cells > CELLS:
            sys.exit(1)
        kept = [
            [number, [_plain(cell) for cell in row]]
            for number, row in enumerate(rows, 1)
            if any(str(cell).strip() for cell in row)
        ]
        out.append(json.dumps([meta.name, kept], ensure_ascii=False))
    sys.stdout.buffer.write("\n".join(out).encode("utf-8", "replace"))


def _errors(path: str) -> Iterator[tuple[str, list[tuple[int, int, str]]]]:
    """By sheet the cells whose formula came to an error, which the reader gives as empty (ECMA-376, t="e")."""
    with zipfile.ZipFile(path) as book:
        parts = set(book.namelist())
        if "xl/workbook.xml" not in parts or "xl/_rels/workbook.xml.rels" not in parts:
            return
        links = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 under limits
        targets = {one.get("Id"): one.get("Target", "") for one in links}
        for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):  # noqa: S314
            target = targets.get(sheet.get(f"{_LINK}id"), "")
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            if part in parts and b't="e"' in (raw := book.read(part)):
                yield sheet.get("name", ""), list(_failed(raw))


def _failed(raw: bytes) -> Iterator[tuple[int, int, str]]:
    for _, cell in ElementTree.iterparse(io.BytesIO(raw)):  # noqa: S314 under limits
        place = re.fullmatch(r"([A-Z]{1,3})([0-9]+)", cell.get("r", ""))
        if cell.tag == f"{_MAIN}c" and cell.get("t") == "e" and place:
            column = 0
            for letter in place[1]:
                column = 26 * column + ord(letter) - 64
            yield int(place[2]) - 1, column - 1, cell.findtext(f"{_MAIN}v", "#N/A")


def _plain(cell: Any) -> object:
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return str(cell)
    return cell


if __name__ == "__main__":
    main(sys.argv[1])
