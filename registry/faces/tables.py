"""Tables to take away: CSV for spreadsheets, in which no cell is ever calculated."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

FORMULA = tuple("=+-@＝＋－＠\t\r\n")
MARK = "\ufeff"  # without it spreadsheets take UTF-8 for the local encoding
CSV = "text/csv; charset=utf-8"


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The lines of a CSV file, the heading first."""
    yield MARK + _line(columns)
    for row in rows:
        # A number is no formula, whatever its sign.
        yield _line([str(one) if isinstance(one, int) else harmless(str(one)) for one in row])


def attachment(name: str) -> dict[str, str]:
    """The headers of a file to save under an ASCII name."""
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}


def harmless(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(FORMULA) else cell


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
