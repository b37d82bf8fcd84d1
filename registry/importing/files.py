"""A file's cells, or one sentence why it cannot be read; nothing in it is ever executed."""

import csv
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import Struct

from registry.errors import RegistryError
from scoring.decoding import decode_words

CSV_LIMIT = 200_000_000
MEMBERS_LIMIT = 500
UNPACKED_LIMIT = 300_000_000
FORBIDDEN = ("vbaproject", "externallinks/", "embeddings/", "activex/")
ENCODINGS = ("utf-8-sig", "gb18030", "cp1252")
ALONE_AT_MOST = 0.9


class FileRefused(RegistryError):
    """A file that cannot be read; the sentence says why and what to do."""


class Row(Struct, frozen=True):
    """A row with its number in the file, counted as a spreadsheet counts."""

    number: int
    cells: tuple[str | float | bool, ...]


class Sheet(Struct, frozen=True, kw_only=True):
    """A sheet, or the whole of a CSV file under the file's name."""

    name: str
    rows: tuple[Row, ...]


def read_sheets(path: Path, encoding: str = "", sheet: str = "") -> list[Sheet]:
    """The sheets that hold anything; `encoding` and `sheet` name what the file itself does not say.

    Raises FileRefused for a file that is empty, damaged, too large, guarded or holds programs.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as wrong:
        raise FileRefused(f"打不开 {path}（{wrong.strerror}）。请检查路径和权限。") from None
    if not size:
        raise FileRefused(f"{path.name} 是空文件。请检查是否导出成功。")
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(
            f"{path.name} 是旧格式或者加了密码的表格。请在表格软件里去掉密码，另存为 .xlsx 后再导入。"
        )
    if head.startswith(b"PK"):
        found = [one for one in _workbook(path) if not sheet or one.name == sheet]
    elif path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        raise FileRefused(f"{path.name} 不是表格文件，内容已损坏。请重新导出后再导入。")
    elif path.suffix.lower() in (".json", ".jsonl"):
        found = [_objects(path, size, encoding)]
    else:
        found = [_csv(path, size, encoding)]
    if sheet and not found:
        raise FileRefused(f"{path.name} 里没有工作表“{sheet}”。请改列映射里的 sheet。")
    found = [one for one in found if one.rows]
    if not found:
        raise FileRefused(f"{path.name} 里没有内容。请检查是否导出成功。")
    return found


def _objects(path: Path, size: int, encoding: str) -> Sheet:
    """A list of objects under their keys as row 1, or one object a line: then a row has its line's number."""
    if size > CSV_LIMIT:
        raise FileRefused(f"{path.name} 有 {size / 1e6:.0f} MB，超过 200 MB。请分成几个文件导入。")
    text = _decoded(path, encoding)
    read = partial(json.loads, object_pairs_hook=partial(_once, path.name), parse_float=str)
    by_line = path.suffix.lower() == ".jsonl"
    try:
        found = dict(_lines(text, read) if by_line else _listed(read(text)))
    except (ValueError, RecursionError) as wrong:
        raise FileRefused(
            f"{path.name} 不是合法的 JSON（{decode_words(wrong)}）。请重新导出后再导入。"
        ) from None
    if not all(isinstance(one, dict) for one in found.values()):
        raise FileRefused(f"{path.name} 应是一组对象（[{{…}}, {{…}}]）。请改正后再导入。")
    titles = list(dict.fromkeys(title for one in found.values() for title in one))
    rows = [Row(0 if by_line else 1, tuple(titles))] if titles else []
    for number, one in found.items():
        rows.append(Row(number, tuple(_cell(one.get(title)) for title in titles)))
    return Sheet(name=path.name, rows=tuple(rows))


def _lines(text: str, read: Callable[[str], Any]) -> Iterator[tuple[int, Any]]:
    # JSON may hold every other sign that Python would end a line at.
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, read(line)
            except json.JSONDecodeError as wrong:
                wrong.lineno = number
                raise


def _listed(whole: Any) -> Iterator[tuple[int, Any]]:
    return enumerate(whole if isinstance(whole, list) else [None], 2)


def _once(file: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object as it is written; of two values under one key neither is the right one."""
    found: dict[str, Any] = {}
    for title, value in pairs:
        if title in found:
            raise FileRefused(
                f"{file} 的一个对象里“{title}”写了两次，看不出该用哪一个。请给其中一个改名，或者删去一个。"
            )
        found[title] = value
    return found


def _cell(value: object) -> str | bool:
    """A number keeps every digit it was written with; what is no single value stays JSON."""
    if value is None:
        return ""
    if isinstance(value, bool | str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _csv(path: Path, size: int, encoding: str) -> Sheet:
    if size > CSV_LIMIT:
        raise FileRefused(f"{path.name} 有 {size / 1e6:.0f} MB，超过 200 MB。请分成几个文件导入。")
    text = _decoded(path, encoding)
    if "\0" in text:
        raise FileRefused(f"{path.name} 不是文本文件。请另存为 CSV 或 .xlsx 后再导入。")
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    try:
        # Lines end as a spreadsheet ends them; a cell may hold every other sign Python would end one at.
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = tuple(_numbered(lines))
    except csv.Error as wrong:
        raise FileRefused(
            f"{path.name} 第 {lines.line_num} 行引号不成对或者太长（{wrong}）。请改正这一行。"
        ) from None
    return Sheet(name=path.name, rows=rows)


def _numbered(lines: Any) -> Iterator[Row]:
    start = 1
    for cells in lines:
        if any(cell.strip() for cell in cells):
            yield Row(start, tuple(cells))
        start = lines.line_num + 1


def _decoded(path: Path, encoding: str) -> str:
    raw = path.read_bytes()
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    tried = ("utf-16",) if marked else (encoding,) if encoding else ENCODINGS
    for one in tried:
        try:
            text = raw.decode(one)
        except LookupError:
            raise FileRefused(f"没有编码“{one}”。请在列映射里写 utf-8、gb18030 等。") from None
        except UnicodeDecodeError:
            continue
        if one == "gb18030" and not encoding and _mostly_alone(text):
            raise FileRefused(
                f"{path.name} 的编码看不准：按 GB18030 读出的汉字大多单个出现，多半是西文 Windows-1252。"
                '请在列映射里写明 encoding = "cp1252" 或 "gb18030"。'
            )
        return text.removeprefix("\ufeff")
    raise FileRefused(f"{path.name} 的编码不是 {'、'.join(tried)}。请另存为 UTF-8 后再导入。")


def _mostly_alone(text: str) -> bool:
    """Western text read as GB18030 has Chinese characters one by one; Chinese text has them in runs."""
    alone = total = 0
    for index, character in enumerate(text):
        if character >= "\u3400":
            total += 1
            before, after = text[index - 1 : index], text[index + 1 : index + 2]
            alone += before < "\u3400" and after < "\u3400"
    return total > 0 and alone >= ALONE_AT_MOST * total


def _workbook(path: Path) -> Iterator[Sheet]:
    _guard(path)
    # A file of 5 kB can ask for 550 GB: it is read in a process with limits, which may die alone.
    words = [sys.executable, "-m", "registry.importing.workbook", str(path)]
    root = Path(__file__).parents[2]
    child = subprocess.run(words, capture_output=True, cwd=root, check=False)  # noqa: S603 our own
    if child.returncode:
        raise FileRefused(
            f"{path.name} 读不出来：内容已损坏，或者大得不合理。请把数据复制到新的工作簿，另存为 .xlsx 后再导入。"
        )
    for line in child.stdout.splitlines():
        name, rows = json.loads(line)
        yield Sheet(name=name, rows=tuple(Row(number, tuple(cells)) for number, cells in rows))


def _guard(path: Path) -> None:
    try:
        members = zipfile.ZipFile(path).infolist()
    except (zipfile.BadZipFile, OSError):
        raise FileRefused(f"{path.name} 已损坏，打不开。请重新导出后再导入。") from None
    names = [one.filename.lower() for one in members]
    if not any(name.endswith("workbook.xml") for name in names):
        raise FileRefused(f"{path.name} 不是表格。请另存为 .xlsx 或 CSV 后再导入。")
    if any(part in name for name in names for part in FORBIDDEN):
        raise FileRefused(
            f"{path.name} 含有宏、外部链接或嵌入对象。请另存为不含宏的 .xlsx 后再导入。"
        )
    if len(members) > MEMBERS_LIMIT or sum(one.file_size for one in members) > UNPACKED_LIMIT:
        raise FileRefused(
            f"{path.name} 解开后大得不合理。请把数据复制到新的工作簿，另存为 .xlsx 后再导入。"
        )
