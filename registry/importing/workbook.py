"""Reads one workbook in a process of its own, under limits, and writes its sheets as JSON lines."""

import datetime
import json
import resource
import sys
from typing import Any

MEMORY = 1 << 30
SECONDS = 60
CELLS = 5_000_000


def main(path: str) -> None:
    """Writes `[name, [[number, cells], …]]` per sheet; any failure is a status, never a half answer."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book = CalamineWorkbook.from_path(path)
    out, cells = [], 0
    for meta in book.sheets_metadata:
        if meta.typ is not SheetTypeEnum.WorkSheet or meta.visible is not SheetVisibleEnum.Visible:
            continue
        rows = book.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
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


def _plain(cell: Any) -> object:
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return cell.date().isoformat() if midnight else cell.isoformat(sep=" ")
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
        return str(cell)
    return cell


if __name__ == "__main__":
    main(sys.argv[1])
