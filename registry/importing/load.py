"""A file into the register: every row checked first, then all of them recorded in one act, or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, structs
from sqlmodel import Session

from registry.access import Actor
from registry.acts.bulk import (
    Source,
    bulk_covers,
    bulk_findings,
    bulk_inspections,
    bulk_register,
)
from registry.importing.columns import ColumnMap, Heading, find_heading
from registry.importing.files import FileRefused, Row, Sheet
from registry.importing.kinds import FORMS, Known, known_of
from registry.importing.rows import Reader, RowProblem

Report = Callable[[str, int, int], None]
STEP = 500
_ANY: Mapping[str, bool] = {}


class Outcome(Struct, frozen=True, kw_only=True):
    """What an import did: rows that are new, that were there already, and every wrong cell."""

    kind: str
    rows: int
    new: int
    known: int
    problems: tuple[RowProblem, ...]
    unread: tuple[str, ...]


def take_in(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    kind: str,
    path: Path,
    sheets: Sequence[Sheet],
    mapped: ColumnMap,
    *,
    prefix: str,
    by: Actor,
    now: datetime,
    codes: Mapping[str, bool] = _ANY,
    accept_valid: bool = False,
    report: Report = lambda *_: None,
) -> Outcome:
    """Checks every row, then records all, or with `accept_valid` the good ones; else nothing.

    A row that is there already is left as it is, so that a file taken in twice changes nothing.
    `codes` are those a finding may have, and whether each is a commendation's; with none given, any.
    Raises FileRefused when no sheet has a heading row with the fields a row cannot do without.
    """
    known = known_of(kind, session, prefix, mapped, codes)
    headed, unread = _headed(sheets, mapped, known)
    problems: list[RowProblem] = []
    forms: list[Any] = []
    rows = same = 0
    total = sum(len(sheet.rows) for sheet, _ in headed)
    for row, reader in _rows(headed, mapped, FORMS[kind]):
        rows += 1
        if rows % STEP == 0:
            report("核对各行", rows, total)
        form, wrong = _checked(row, reader, known)
        problems += wrong
        if form is None:
            continue
        if known.is_there(form):
            same += 1
        else:
            forms.append(form)
    report("核对各行", total, total)
    outcome = Outcome(
        kind=kind, rows=rows, new=0, known=same, problems=tuple(problems), unread=unread
    )
    if problems and not accept_valid:
        return outcome
    source = Source(name=path.name, digest=sha256(path.read_bytes()).hexdigest())
    if forms:
        report("写入登记册", 0, len(forms))
        _record(session, kind, forms, source=source, by=by, now=now, prefix=prefix)
        report("写入登记册", len(forms), len(forms))
    return structs.replace(outcome, new=len(forms))


def _record(session: Session, kind: str, forms: list[Any], *, prefix: str, **who: Any) -> None:
    if kind == "institutions":
        bulk_register(session, forms, prefix=prefix, **who)
    elif kind == "inspections":
        bulk_inspections(session, forms, **who)
    elif kind == "findings":
        bulk_findings(session, forms, **who)
    else:
        bulk_covers(session, forms, **who)


def _checked(row: Row, reader: Reader, known: Known) -> tuple[Any, list[RowProblem]]:
    values, problems = reader.values(row)
    for field, remedy in known.complete(values, row.number):
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


def _says_something(row: Row, heading: Heading) -> bool:
    """A footnote or a sum under the table fills none but the first column, or no column we know."""
    filled = [place for place in heading.places.values() if _text(row, place)]
    return len(set(filled)) > 1 or len(set(heading.places.values())) == 1


def _text(row: Row, place: int) -> str:
    return str(row.cells[place]).strip() if place < len(row.cells) else ""


def _headed(
    sheets: Sequence[Sheet], mapped: ColumnMap, known: Known
) -> tuple[list[tuple[Sheet, Heading]], tuple[str, ...]]:
    """The sheets that have the columns a row cannot do without, and the headings nobody reads."""
    found, lacking = [], []
    for sheet in sheets:
        heading = find_heading(sheet.rows, mapped)
        missing = [one for one in known.required if heading is None or one not in heading.places]
        if heading is None or missing:
            lacking.append((sheet.name, missing))
        else:
            found.append((sheet, heading))
    if not found:
        name, missing = min(lacking, key=lambda one: len(one[1]))
        words = "；".join(_wanted(one, mapped.columns) for one in missing)
        raise FileRefused(f"{name} 缺少必需的列：{words}。请改列名，或者用 --map 另写列映射。")
    unread = dict.fromkeys(title for _, heading in found for title in heading.unknown)
    return found, tuple(unread)


def _wanted(field: str, columns: Mapping[str, tuple[str, ...]]) -> str:
    aliases = columns.get(field, ())
    return f"{aliases[0]}（认得的写法：{'、'.join(aliases)}）" if aliases else field
