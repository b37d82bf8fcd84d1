"""The files an authority published, row by row, whatever their dirt."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from msgspec import Struct

from config.authority import Authority, BacktestError, Findings, Outcomes, Source
from scoring import Problem

# What a decoder puts where bytes have no meaning.
UNREADABLE = "\N{REPLACEMENT CHARACTER}"


class Row(Struct, frozen=True, kw_only=True):
    """One row of a file: its line, and its cells by field; `trouble` says why there are none."""

    line: int
    cells: dict[str, str] = {}
    trouble: str = ""


class Table(Struct, frozen=True, kw_only=True):
    """A file whose columns were found."""

    file: str
    columns: dict[str, str]
    places: dict[str, int]
    width: int
    separator: str
    lines: list[str]
    begins: int

    def rows(self) -> Iterator[Row]:
        """Every row that is not blank; a row that cannot be taken apart does not take others with it."""
        at = self.begins
        while at < len(self.lines):
            start = at
            reader = csv.reader(
                (self.lines[n] for n in range(start, len(self.lines))), delimiter=self.separator
            )
            while at < len(self.lines):
                cells = _next(reader)
                after = start + reader.line_num
                if cells is None or self._swallows(cells, at, after):
                    # What it has taken is given back: reading goes on with the very next line.
                    yield Row(line=at + 1, trouble="引号没有配对。请在这一行补上或者删去引号。")
                    at += 1
                    break
                if any(cell.strip() for cell in cells):
                    yield self._row(at + 1, cells)
                at = after

    def _swallows(self, cells: list[str], at: int, after: int) -> bool:
        """Whether a quotation mark that is never closed has taken other cells or rows into its own."""
        first, *more = self.lines[at:after]
        if len(cells) != self.width and (more or first.count('"') % 2):
            return True
        return bool(more) and (
            any('"' not in one and one.count(self.separator) >= self.width - 1 for one in more)
            or _next(csv.reader([first, *more], delimiter=self.separator, strict=True)) is None
        )

    def _row(self, line: int, cells: list[str]) -> Row:
        if any(cell.strip() for cell in cells[self.width :]):
            trouble = f"有 {len(cells)} 格，表头只有 {self.width} 列。请给含有分隔符的格加上引号。"
            return Row(line=line, trouble=trouble)
        found = {
            field: cells[place].strip() if place < len(cells) else ""
            for field, place in self.places.items()
        }
        return Row(line=line, cells=found)


def _next(reader: Iterator[list[str]]) -> list[str] | None:
    """The next row; None where the file cannot be taken apart."""
    try:
        return next(reader, [])
    except csv.Error:
        return None


def open_tables(scheme: Authority, data: Path) -> tuple[Table, Table | None]:
    """The files of an authority; raises BacktestError with every missing file and column of both."""
    sources: dict[str, Outcomes | Findings] = {"outcomes": scheme.outcomes}
    if scheme.findings is not None:
        sources["findings"] = scheme.findings
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for section, source in sources.items():
        try:
            tables[section] = _open(section, source, data)
        except BacktestError as wrong:
            problems += wrong.problems
    if problems:
        raise BacktestError(problems)
    return tables["outcomes"], tables.get("findings")


def _open(section: str, source: Outcomes | Findings, data: Path) -> Table:
    lines = list(StringIO(_text(section, source, data), newline=""))
    reader = csv.reader(lines, delimiter=source.separator)
    header: list[str] = []
    while reader.line_num < len(lines) and not any(header):
        header = [cell.strip() for cell in _next(reader) or []]
    if not any(header):
        sentence = "文件是空的，连表头也没有。请换成完整的文件。"
        raise BacktestError([Problem(place=source.file, sentence=sentence)])
    columns = source.columns()
    problems = []
    for field, column in columns.items():
        if header.count(column) != 1:
            what = f"列“{column}”出现了两次" if column in header else f"没有列“{column}”"
            sentence = (
                f"{what}（authority.toml 的 {section}.{field}）。文件里的列：{'、'.join(header)[:400]}。"
                f"请改 {section}.{field} 或者改文件；列名挤在一起时请改 {section}.separator，"
                f"像乱码时请改 {section}.encoding。"
            )
            problems.append(Problem(place=source.file, sentence=sentence))
    if problems:
        raise BacktestError(problems)
    return Table(
        file=source.file,
        columns=columns,
        places={field: header.index(column) for field, column in columns.items()},
        width=len(header),
        separator=source.separator,
        lines=lines,
        begins=reader.line_num,
    )


def _text(section: str, source: Source, data: Path) -> str:
    """The file's text, single wrong bytes marked as unreadable; a file of another encoding is refused."""
    path = next((p for p in (data / source.file, data / f"{source.file}.gz") if p.is_file()), None)
    if path is None:
        sentence = f"文件夹 {data} 里没有它，也没有 {source.file}.gz。请用 --data 指明数据所在。"
        raise BacktestError([Problem(place=source.file, sentence=sentence)])
    raw = path.read_bytes()
    if path.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            sentence = "不是完好的 gzip 文件。请重新取得这个文件。"
            raise BacktestError([Problem(place=path.name, sentence=sentence)]) from None
    text = raw.decode(source.encoding, "replace").removeprefix("\ufeff")
    lines = text.splitlines()
    unreadable = sum(UNREADABLE in line for line in lines)
    if lines and ("\0" in lines[0] or unreadable * 2 > len(lines)):
        sentence = (
            f"不是 {source.encoding} 编码（authority.toml 的 {section}.encoding），"
            f"{len(lines)} 行里有 {unreadable} 行解不开。请改 encoding，例如 gb18030、cp1252、utf-16。"
        )
        raise BacktestError([Problem(place=source.file, sentence=sentence)])
    return text
