"""Rows of 双公示 as XLSX or CSV: whole or not at all, and nothing in them that a spreadsheet calculates."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from publisher.credit_columns import AMOUNTS
from publisher.credit_platform import Row
from publisher.data import harmless


def write_rows(rows: Sequence[Row], columns: Mapping[str, str], file: Path) -> None:
    """Writes headings, keys and rows, whole or not at all; no cell is one a spreadsheet would calculate."""
    draft = file.with_name(f".{file.name}.new")
    try:
        if file.suffix.lower() == ".xlsx":
            _xlsx(rows, columns, draft)
        else:
            _csv(rows, columns, draft)
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def _csv(rows: Sequence[Row], columns: Mapping[str, str], file: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns.values())
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(row.cells[key]) for key in columns])
    file.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())


def _xlsx(rows: Sequence[Row], columns: Mapping[str, str], file: Path) -> None:
    """Texts are texts whatever they begin with; amounts are numbers of six decimals."""
    from xlsxwriter import Workbook

    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(str(file), options) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 the same rows, the same bytes
        sheet = book.add_worksheet("双公示")
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        plain = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        amount = book.add_format({"num_format": "0.000000", "valign": "top"})
        sheet.freeze_panes(2, 1)
        sheet.set_column(0, len(columns) - 1, 18)
        for place, (key, label) in enumerate(columns.items()):
            sheet.write_string(0, place, label, head)
            sheet.write_string(1, place, key, head)
        for line, row in enumerate(rows, 2):
            for place, key in enumerate(columns):
                cell = row.cells[key]
                if key in AMOUNTS and cell:
                    sheet.write_number(line, place, float(cell), amount)
                elif cell:
                    sheet.write_string(line, place, cell, plain)
