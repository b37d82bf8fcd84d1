"""A file into the register: every row checked first, then all of them recorded in one act, or none."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, structs
from sqlmodel import Session

from registry.access import Actor
from registry.acts.bulk import (
    Source,
    bulk_covers,
    bulk_duties,
    bulk_findings,
    bulk_inspections,
    bulk_register,
)
from registry.acts.updates import update_duty, update_institution
from registry.importing.columns import ColumnMap, Heading, find_heading
from registry.importing.files import FileRefused, Row, Sheet
from registry.importing.kinds import FORMS, City, Known, known_of, still_to_come
from registry.importing.rows import Reader, RowProblem
from registry.importing.standing import STANDING, Change

Report = Callable[[str, int, int], None]
STEP = 500
ALIKE_AT_MOST = 3
# An account's number is shown to nobody, whatever it was before.
_PRIVATE = {"account_no"}


class Difference(Struct, frozen=True, kw_only=True):
    """A cell that says otherwise than the register of something that is there already."""

    sheet: str
    row: int
    institution: str
    column: str
    before: str
    now: str

    @property
    def sentence(self) -> str:
        """The difference as one line."""
        place = f"{self.sheet} 第 {self.row} 行（{self.institution}）“{self.column}”"
        return f"{place}：登记册为“{self.before or '（空）'}”，文件为“{self.now}”。"


class Suspicion(Struct, frozen=True, kw_only=True):
    """A new row that may be what the register has, or what an earlier row says; it is taken in all the same."""

    sheet: str
    row: int
    name: str
    institution: str
    known_name: str
    known_row: int = 0
    why: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The suspicion as one line."""
        known = f"第 {self.known_row} 行" if self.known_row else self.institution
        return (
            f"{self.sheet} 第 {self.row} 行“{self.name}”可能和 {known} "
            f"“{self.known_name}”重复：{'；'.join(self.why)}。"
        )


class Outcome(Struct, frozen=True, kw_only=True):
    """What an import did: rows that are new, that were there already, and every wrong cell.

    `differences` are what known rows say otherwise, `updated` how many of those rows were brought up to
    the file; `suspected` are new institutions that may be known ones.
    """

    kind: str
    rows: int
    new: int
    known: int
    updated: int = 0
    problems: tuple[RowProblem, ...]
    differences: tuple[Difference, ...] = ()
    suspected: tuple[Suspicion, ...] = ()
    unread: tuple[str, ...]


def take_in(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    kind: str,
    path: Path,
    sheets: Sequence[Sheet],
    mapped: ColumnMap,
    *,
    city: City,
    by: Actor,
    now: datetime,
    accept_valid: bool = False,
    update: bool = False,
    report: Report = lambda *_: None,
) -> Outcome:
    """Checks every row, then records all, or with `accept_valid` the good ones; else nothing.

    A row that is there already is left as it is and what it says otherwise is told; with `update` rows of
    its own supersede it. A file taken in twice changes nothing the second time.
    Raises FileRefused when no sheet has a heading row with the fields a row cannot do without, or one has a
    heading of theirs twice, or money in a unit that the map does not name.
    """
    known = known_of(kind, session, mapped, city)
    headed, unread = _headed(sheets, mapped, known)
    problems: list[RowProblem] = []
    forms: list[Any] = []
    changes: list[Change] = []
    told: list[Difference] = []
    suspected: list[Suspicion] = []
    rows = same = 0
    total = sum(len(sheet.rows) for sheet, _ in headed)
    for row, reader in _rows(headed, mapped, FORMS[kind]):
        rows += 1
        if rows % STEP == 0:
            report("核对各行", rows, total)
        form, wrong = _checked(row, reader, known, kind, city.today)
        problems += wrong
        if form is None:
            continue
        if known.is_there(form):
            same += 1
            if change := known.change(form):
                changes.append(change)
                told += _told(row, reader, change)
        else:
            suspected += _suspicions(row, reader, form, known)
            forms.append(form)
    report("核对各行", total, total)
    outcome = Outcome(
        kind=kind,
        rows=rows,
        new=0,
        known=same,
        problems=tuple(problems),
        differences=tuple(told),
        suspected=tuple(suspected),
        unread=unread,
    )
    if problems and not accept_valid:
        return outcome
    source = Source(name=path.name, digest=sha256(path.read_bytes()).hexdigest())
    if forms:
        report("写入登记册", 0, len(forms))
        _record(session, kind, forms, city, source=source, by=by, now=now)
        report("写入登记册", len(forms), len(forms))
    if update:
        for change in changes:
            _bring_up(session, kind, change, by=by, now=now)
    return structs.replace(outcome, new=len(forms), updated=len(changes) if update else 0)


def _bring_up(session: Session, kind: str, change: Change, *, by: Actor, now: datetime) -> None:
    fields = {field: after for field, (_, after) in change.fields.items()}
    if kind == "institutions":
        update_institution(session, change.institution, fields, by=by, now=now)
    else:
        update_duty(session, STANDING[kind].table, change.row, fields, by=by, now=now)


def _told(row: Row, reader: Reader, change: Change) -> list[Difference]:
    return [
        Difference(
            sheet=reader.sheet,
            row=row.number,
            institution=change.institution,
            column=reader.title(field),
            before=reader.shown(field, before),
            now=reader.shown(field, after),
        )
        for field, (before, after) in change.fields.items()
        if field not in _PRIVATE
    ]


def _suspicions(row: Row, reader: Reader, form: Any, known: Known) -> list[Suspicion]:
    return [
        Suspicion(
            sheet=reader.sheet,
            row=row.number,
            name=known.called(form),
            institution=one.id,
            known_name=one.name,
            known_row=one.row,
            why=one.why,
        )
        for one in known.alike(form, row.number)[:ALIKE_AT_MOST]
    ]


def _record(session: Session, kind: str, forms: list[Any], city: City, **who: Any) -> None:
    if kind == "institutions":
        bulk_register(session, forms, prefix=city.prefix, **who)
    elif kind == "inspections":
        bulk_inspections(session, forms, **who)
    elif kind == "findings":
        bulk_findings(session, forms, calendar=city.calendar, **who)
    elif kind == "covers":
        bulk_covers(session, forms, **who)
    else:
        bulk_duties(session, kind, STANDING[kind].table, forms, **who)


def _checked(
    row: Row, reader: Reader, known: Known, kind: str, today: date
) -> tuple[Any, list[RowProblem]]:
    values, problems = reader.values(row)
    found = [*known.complete(values, row.number), *still_to_come(kind, values, today)]
    for field, remedy in found:
        problems.append(reader.problem(row, field, values.pop(field, ""), remedy))
    return reader.form_of(row, values, problems), problems


def _rows(
    headed: Sequence[tuple[Sheet, Heading]], mapped: ColumnMap, form: type[Any]
) -> Iterator[tuple[Row, Reader]]:
    for sheet, heading in headed:
        reader = Reader(form, mapped, heading, sheet.name)
        for row in sheet.rows:
            if row.number > heading.row and _says_something(row, heading):
                yield row, reader


# What people write under a table: a sum, a note, who made it and when.
_FOOTNOTE = re.compile(
    r"(合\s*计|总\s*计|小\s*计|共\s*\d|备?注\s*[:：]|说明\s*[:：]|填[表报]|制表|审核|单位|负责人|联系|日期|数据来源|[*※（(]|\d{4}\s*年)"
)


def _says_something(row: Row, heading: Heading) -> bool:
    """Everything in a column we know is a row, but for a footnote or a sum under the table."""
    filled = {place for place in heading.places.values() if _text(row, place)}
    if len(filled) != 1 or len(set(heading.places.values())) == 1:
        return bool(filled)
    return not _FOOTNOTE.match("".join(str(cell) for cell in row.cells).strip())


def _text(row: Row, place: int) -> str:
    return str(row.cells[place]).strip() if place < len(row.cells) else ""


def _headed(
    sheets: Sequence[Sheet], mapped: ColumnMap, known: Known
) -> tuple[list[tuple[Sheet, Heading]], tuple[str, ...]]:
    """The sheets that have the columns a row cannot do without, and the headings and sheets nobody reads.

    A sheet with rows under several headings that we know is one of the table's too, and not passed over.
    """
    found, lacking = [], []
    for sheet in sheets:
        heading = find_heading(sheet.rows, mapped)
        there = {*mapped.fixed, *(heading.places if heading else ())}
        missing = [one for one in known.required if heading is None or one not in there]
        if heading is None or missing:
            lacking.append((sheet, heading, missing))
        else:
            found.append((sheet, heading))
    _refuse_unclear(found)
    for sheet, heading, missing in lacking:
        if found and heading is not None and _is_table(sheet, heading):
            raise FileRefused(
                f"{sheet.name} 也是一张表，却缺少必需的列：{_lacking(missing, mapped)}。"
                "请改列名，或者删去这张工作表；只读一张的，在列映射里用 sheet 写明它的名字。"
            )
    if not found:
        sheet, _, missing = min(lacking, key=lambda one: len(one[2]))
        wanted = _lacking(missing, mapped)
        raise FileRefused(
            f"{sheet.name} 缺少必需的列：{wanted}。请改列名，或者用 --map 另写列映射。"
        )
    unread = dict.fromkeys(title for _, heading in found for title in heading.unknown)
    return found, (*unread, *(f"工作表 {sheet.name} 的全部" for sheet, _, _ in lacking))


def _is_table(sheet: Sheet, heading: Heading) -> bool:
    """Whether a sheet has several columns we know and a row that fills one of them."""
    below = (row for row in sheet.rows if row.number > heading.row)
    return len(heading.places) > 1 and any(_says_something(row, heading) for row in below)


def _refuse_unclear(found: Sequence[tuple[Sheet, Heading]]) -> None:
    twice = [f"{sheet.name} 的{columns}" for sheet, heading in found for columns in heading.twice]
    if twice:
        raise FileRefused(
            f"{'；'.join(twice)}：列名相同（括号里的说明不算），看不出该读哪一列。"
            "请给其中一列改名，或者删去一列。"
        )
    units = [f"{sheet.name} 的列{title}" for sheet, heading in found for title in heading.units]
    if units:
        raise FileRefused(
            f"{'、'.join(units)}：写的单位不是元，列映射没有写怎样换算。请换算成元，列名写“（元）”，"
            "或者用 --map 另写列映射，把这个列名和它的换算（factors，一个单位等于多少分）写进去。"
        )


def _lacking(missing: Sequence[str], mapped: ColumnMap) -> str:
    return "；".join(_wanted(one, mapped.columns) for one in missing)


def _wanted(field: str, columns: Mapping[str, tuple[str, ...]]) -> str:
    aliases = columns.get(field, ())
    return f"{aliases[0]}（认得的写法：{'、'.join(aliases)}）" if aliases else field
