"""Spreadsheets and CSV files into the register: read, mapped, checked row by row, recorded in one act."""

from registry.importing.columns import ColumnMap, MapRefused, load_map
from registry.importing.files import FileRefused, Sheet, read_sheets
from registry.importing.kinds import FORMS, City
from registry.importing.load import Outcome, take_in
from registry.importing.rows import RowProblem

__all__ = [
    "FORMS",
    "City",
    "ColumnMap",
    "FileRefused",
    "MapRefused",
    "Outcome",
    "RowProblem",
    "Sheet",
    "load_map",
    "read_sheets",
    "take_in",
]
