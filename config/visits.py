"""Rows become visits and findings, facts of scoring; every row that cannot be read is listed."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct, structs

from config.authority import NUMBER, Authority, Findings, Outcomes, grades_of
from config.published import UNREADABLE, Row, Table
from scoring import Policy
from scoring.facts import Event, Inspection, Measure, Record, State

# Days beyond stand for "unknown" in many registers, and no calendar reaches far beyond them.
YEARS = range(1800, 2200)
LONGEST = 200
EMPTY = "这一格是空的。请补上。"
# What an authority publishes has been proven, whatever proof a rule asks for.
PROVEN = (State.CONFIRMED, State.ORDERED, State.FINAL, State.JUDGED)


class Unread(Struct, frozen=True, kw_only=True):
    """One row that could not be read, or not wholly: its first wrong cell, and what to do."""

    file: str
    row: int
    field: str
    value: str
    sentence: str


class Visit(Struct, frozen=True, kw_only=True):
    """One inspection as published; `left_out` says why its outcome is not compared."""

    row: int
    institution: str
    inspection: Inspection
    opened_on: date | None
    published: str
    expected: str | Decimal | None
    left_out: str


class Seen(Struct, frozen=True, kw_only=True):
    """One finding as published, and the visits it belongs to: an inspection, or a place and a day."""

    row: int
    raw: str
    institution: str
    visit: str | tuple[str, date]
    record: Record


class Unreadable(Exception):
    """A cell that cannot be read; ends the reading of its row."""

    def __init__(self, field: str, value: str, sentence: str) -> None:
        self.field, self.value, self.sentence = field, value, sentence


class Unreads:
    """Every row that could not be read, each once."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Unread] = {}

    def add(self, table: Table, row: int, wrong: Unreadable) -> None:
        """Lists a row, unless it is listed already."""
        one = Unread(
            file=table.file,
            row=row,
            field=table.columns.get(wrong.field, ""),
            value=wrong.value[:LONGEST],
            sentence=wrong.sentence,
        )
        self._rows.setdefault((table.file, row), one)

    def listed(self) -> tuple[Unread, ...]:
        """The rows in order of file and line."""
        return tuple(one for _, one in sorted(self._rows.items()))


def read_visits(
    table: Table,
    scheme: Authority,
    policies: list[Policy],
    unread: Unreads,
    left_out: Counter[str],
) -> Iterator[Visit]:
    """Every inspection that can be read; those without a comparable outcome belong to the past only."""
    grades = set().union(*map(grades_of, policies)) | {*scheme.outcomes.words.values()}
    earlier: dict[str, Visit] = {}
    for row in table.rows():
        why = _left_out(row.cells, scheme.outcomes)
        try:
            visit = _visit(row, scheme, grades, why)
            first = earlier.setdefault(visit.inspection.id, visit)
            if first is not visit:
                if structs.replace(visit, row=first.row) != first:
                    sentence = f"第 {first.row} 行也是这次检查，内容却不同。请核对后只留一行。"
                    raise Unreadable("inspection", visit.inspection.id, sentence)
                left_out["同一次检查的重复行"] += 1
                continue
        except Unreadable as wrong:
            if scheme.history or not why:
                unread.add(table, row.line, wrong)
            else:
                left_out[why] += 1
            continue
        if why:
            left_out[why] += 1
        yield visit


def _left_out(cells: dict[str, str], columns: Outcomes) -> str:
    """Why a row has no outcome to compare; empty if it has one, or if that cannot be told."""
    if not cells:
        return ""
    if not cells["value"]:
        return "没有公布结果"
    if cells["value"] in columns.ignored:
        return "公布的不是办法的结果"
    kind = cells.get("kind", "")
    other = columns.kinds and kind and UNREADABLE not in kind and kind not in columns.kinds
    return "其他种类的检查" if other else ""


def _visit(row: Row, scheme: Authority, grades: set[str], why: str) -> Visit:
    columns = scheme.outcomes
    expected = None if why else _expected(row, scheme, grades)
    institution = _cell(row, "institution")
    on = _day(row, "day", columns.day_format)
    kind = columns.fixed_kind
    if columns.kind:
        kind = _cell(row, "kind") if columns.kinds and not why else row.cells["kind"]
    opened = columns.opened_on and row.cells["opened_on"]
    return Visit(
        row=row.line,
        institution=institution,
        inspection=Inspection(
            id=_cell(row, "inspection") if columns.inspection else str(row.line),
            kind=kind,
            on=on,
            measures=tuple(
                Measure(code=code, value=_number(row, f"measures.{code}"))
                for code in columns.measures
                if row.cells[f"measures.{code}"]
            ),
        ),
        opened_on=_day(row, "opened_on", columns.day_format) if opened else None,
        published=row.cells["value"],
        expected=expected,
        left_out=why,
    )


def _expected(row: Row, scheme: Authority, grades: set[str]) -> str | Decimal:
    published = _cell(row, "value")
    ours = scheme.outcomes.words.get(published, published)
    if scheme.compare == "grade" and ours in grades:
        return ours
    if scheme.compare == "score" and NUMBER.fullmatch(ours):
        return Decimal(ours)
    what = "办法里没有这个等级" if scheme.compare == "grade" else "这不是一个分数"
    remedy = "请在 outcomes.words 里写明它是什么，或者写进 outcomes.ignored。"
    raise Unreadable("value", published, f"{what}。{remedy}")


def read_findings(
    table: Table, columns: Findings, visits: list[Visit], codes: set[str], unread: Unreads
) -> Iterator[Seen]:
    """Every finding that can be read and whose code some version of the policy knows."""
    visited = {one.inspection.id: one for one in visits} if columns.inspection else {}
    for row in table.rows():
        if row.cells and row.cells["code"] in columns.ignored:
            continue
        try:
            one = _finding(row, columns, visited)
            if one.record.code not in codes:
                raise unknown(one.raw, "（各版本）")
        except Unreadable as wrong:
            unread.add(table, row.line, wrong)
            continue
        if UNREADABLE in one.record.statement:
            sentence = "有解不开的字节；这条问题已计入，只是说明不全。请改正这一格。"
            unread.add(table, row.line, Unreadable("statement", one.record.statement, sentence))
        if one.record.extent:
            yield one


def _finding(row: Row, columns: Findings, visited: dict[str, Visit]) -> Seen:
    raw = _cell(row, "code")
    if columns.inspection:
        place = _cell(row, "inspection")
        visit = visited.get(place)
        institution, on = (visit.institution, visit.inspection.on) if visit else ("", date.min)
    else:
        institution = _cell(row, "institution")
        on = _day(row, "day", columns.day_format)
    extent = _number(row, "extent") if columns.extent else Decimal(1)
    if extent < 0 or extent != int(extent):
        raise Unreadable("extent", row.cells["extent"], "次数必须是不小于 0 的整数。请改正。")
    return Seen(
        row=row.line,
        raw=raw,
        institution=institution,
        visit=place if columns.inspection else (institution, on),
        record=Record(
            id=str(row.line),
            kind="finding",
            code=columns.codes.get(raw, raw),
            seen_on=on,
            extent=int(extent),
            statement=row.cells.get("statement", ""),
            events=tuple(Event(state=state, on=on) for state in PROVEN),
        ),
    )


def _cell(row: Row, field: str) -> str:
    """What stands in a cell that must not be empty."""
    if row.trouble:
        raise Unreadable("", "", row.trouble)
    text = row.cells[field]
    if not text:
        raise Unreadable(field, "", EMPTY)
    if UNREADABLE in text:
        raise Unreadable(field, text, "有解不开的字节。请改正这一格，或者改 encoding。")
    return text


def _number(row: Row, field: str) -> Decimal:
    text = _cell(row, field)
    if not NUMBER.fullmatch(text):
        raise Unreadable(field, text, "这不是一个数。请改正。")
    return Decimal(text)


def _day(row: Row, field: str, pattern: str) -> date:
    text = _cell(row, field)
    day = _day_of(text, pattern)
    if day is None:
        raise Unreadable(field, text, f"不是 {pattern} 格式的日期。请改正，或者改 day_format。")
    return day


@lru_cache(maxsize=100_000)
def _day_of(text: str, pattern: str) -> date | None:
    """The day; the same few days stand in thousands of rows."""
    try:
        day = datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
    except ValueError:
        return None
    return day if day.year in YEARS else None


def unknown(raw: str, policy: str) -> Unreadable:
    """What is said of a code a policy has no rule for."""
    return Unreadable(
        "code",
        raw,
        f"办法 {policy} 里没有这个编码，评分时没有计入。请在 findings.codes 里写明它是哪一项，"
        "或者写进 findings.ignored。",
    )
