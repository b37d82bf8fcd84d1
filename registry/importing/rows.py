"""A row of a sheet becomes the values of a form, or the problems of all its cells with their places."""

import re
from collections.abc import Iterator, Mapping
from copy import copy
from datetime import UTC, date, datetime
from decimal import Decimal, DecimalException
from functools import cache
from typing import Any, cast

from msgspec import Struct
from pydantic import BaseModel, ValidationError, create_model
from pydantic.fields import FieldInfo

from registry.errors import WHOLE, problems_of
from registry.forms.fields import Form
from registry.forms.ledger_line import NAMES, PLACES
from registry.importing.columns import ColumnMap, Heading, key
from registry.importing.files import Row

EXACT = 1e15
# So much of the smallest unit a column of the register holds, as on the desk.
LARGEST = 10**17
YES = {"是", "有", "√", "✓", "y", "yes", "true", "1", "已"}
NO = {"否", "无", "×", "n", "no", "false", "0", "未"}
# What may be written in several lines; everything else is one, however it was fitted into its cell.
LONG = {"statement", "note", *NAMES, PLACES}
_BREAK = re.compile(r"(.)\s*[\r\n]+\s*(.)")
# How a spreadsheet saves a long number as text, its last digits gone.
_ROUNDED = re.compile(r"[+-]?\d(\.\d+)?E\+\d{2,}", re.IGNORECASE)
_LOST = "数字太长，后几位已经丢失，请把这一列的格式设为文本后重新填写"
Values = dict[str, Any]


class RowProblem(Struct, frozen=True, kw_only=True):
    """One wrong cell: sheet, row, column, value and what to write instead."""

    sheet: str
    row: int
    column: str
    value: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The problem as one line."""
        value = f"的值“{self.value}”不能用" if self.value else "没有填写或不合规定"
        return f"{self.sheet} 第 {self.row} 行“{self.column}”{value}：{self.remedy}。"


# What a spreadsheet writes in a cell whose formula came to nothing.
FORMULA_ERRORS = frozenset(
    ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")
)


class Wrong(Exception):
    """A value that cannot be taken; the text is the remedy."""


class Reader:
    """Reads the rows of one sheet into the values of one kind of form."""

    def __init__(self, form: type[Form], mapped: ColumnMap, heading: Heading, sheet: str) -> None:
        self.form, self.map, self.heading, self.sheet = form, mapped, heading, sheet
        self.partial = _partial(form)
        fields = form.model_fields.items()
        self.days = {name for name, field in fields if "date" in str(field.annotation)}
        self.words = {
            field: {key(one): meaning for one, meaning in words.items()}
            for field, words in mapped.values.items()
        }
        self.flags = {name for name, field in fields if "bool" in str(field.annotation)}

    def values(self, row: Row) -> tuple[Values, list[RowProblem]]:
        """What the row says, by field; a cell that says nothing leaves its field to the form."""
        values: Values = {}
        problems = []
        cells: dict[str, Any] = dict(self.map.fixed)
        for field, place in self.heading.places.items():
            cell = row.cells[place] if place < len(row.cells) else ""
            # What holds for all rows holds where a row says nothing itself.
            cells[field] = cells.get(field, cell) if cell == "" else cell
        for field, cell in cells.items():
            try:
                value = self._value(field, cell)
            except Wrong as wrong:
                problems.append(self.problem(row, field, cell, str(wrong)))
                continue
            if value != "":
                values[field] = value
        return values, problems

    def form_of(
        self, row: Row, values: Mapping[str, Any], problems: list[RowProblem]
    ) -> BaseModel | None:
        """The form, unless something is wrong: then every wrong field joins the problems."""
        columns = {one.column for one in problems}
        bad = {
            field for field in self.form.model_fields if columns and self.title(field) in columns
        }
        try:
            form = self.form.model_validate(dict(values))
        except ValidationError as wrong:
            for one in problems_of(wrong, self.form):
                if one.field in bad or one.label == WHOLE:
                    continue
                bad.add(one.field)
                shown = values.get(one.field, one.value)
                problems.append(self.problem(row, one.field, shown, one.remedy))
        else:
            if not problems:
                return form
        problems += self._crossed(row, values, bad)
        return None

    def _crossed(self, row: Row, values: Mapping[str, Any], bad: set[str]) -> Iterator[RowProblem]:
        """What cells make wrong only together, of those that are right by themselves."""
        sound = {field: value for field, value in values.items() if field not in bad}
        try:
            read = self.partial.model_validate(sound)
        except ValidationError:
            return  # a field nobody knows, which is told
        for one in self.form.crossed(cast("Form", read)):
            if not bad.intersection(one.fields):
                yield self.problem(row, self.form.__name__, "", one.said)

    def title(self, field: str) -> str:
        """The heading the file itself has for a field, else the form's own."""
        known = self.form.model_fields.get(field)
        return self.heading.titles.get(field) or (known.title if known else "") or "整行"

    def shown(self, field: str, value: object) -> str:
        """A value of the register as the file writes it."""
        if isinstance(value, bool):
            return "是" if value else "否"
        if value == date.max:
            return "长期"
        written = self.map.values.get(field, {}).items()
        plain = "" if value is None else str(value)
        # What is a word of ours already, such as 合格, needs none of the file's.
        words = (word for word, meaning in written if meaning == value and plain.isascii())
        return next(words, plain)

    def problem(self, row: Row, field: str, value: object, remedy: str) -> RowProblem:
        """A problem at a field of a row, under the heading the file itself uses."""
        text, column = str(value).strip(), self.title(field)
        return RowProblem(
            sheet=self.sheet, row=row.number, column=column, value=text[:60], remedy=remedy
        )

    def _value(self, field: str, cell: str | float | bool) -> object:
        if cell in FORMULA_ERRORS:
            raise Wrong("这一格是公式算错的结果，请改正公式，或者填写它应有的值")
        if isinstance(cell, float):
            if not abs(cell) < EXACT:  # nor is what is no number at all
                raise Wrong(_LOST)
            if field in self.days and not self.map.days:
                raise Wrong("这一格是数字，请把格式设为日期，如 2026-03-01")
            cell = str(int(cell)) if cell == int(cell) else str(cell)
        text = str(cell).strip()
        if _ROUNDED.fullmatch(text):
            raise Wrong(_LOST)
        if field not in LONG:
            text = _BREAK.sub(_joined, text)
        if words := self.words.get(field):
            text = words.get(key(text), text)
        if field in self.flags:
            return _flag(text)
        if field in self.days:
            return self._day(text)
        # A column that names no unit of its own is in the register's.
        factor = self.map.factors.get(field, 1 if field.endswith("_fen") else 0)
        if text and factor:
            return _scaled(text, factor)
        return text

    def _day(self, text: str) -> object:
        for pattern in self.map.days:
            try:
                return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
            except ValueError:
                continue
        return text


@cache
def _partial(form: type[Form]) -> type[BaseModel]:
    """The form without what it must have: what of a row is right can be read by itself."""
    fields: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        optional = copy(field)
        optional.default, optional.default_factory = _nothing(field), None
        fields[name] = (field.annotation, optional)
    return create_model(form.__name__, **fields)


def _nothing(field: FieldInfo) -> object:
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _joined(lines: re.Match[str]) -> str:
    """Western words are apart by a blank, Chinese ones are not."""
    before, after = lines.groups()
    return f"{before} {after}" if before.isascii() and after.isascii() else before + after


def _flag(text: str) -> object:
    plain = key(text)
    return True if plain in YES else False if plain in NO else text


def _scaled(text: str, factor: int) -> int:
    try:
        number = Decimal(text.replace(",", "").replace("，", "")) * factor
    except DecimalException:
        raise Wrong("请写数字，不带单位") from None
    if not number.is_finite():
        raise Wrong("请写数字，不带单位")
    if abs(number) >= LARGEST:
        raise Wrong("金额太大，请核对位数和单位")
    if number != int(number):
        raise Wrong("金额请精确到分")
    return int(number)
