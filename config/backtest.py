"""A policy against what an authority published: its files become facts as `authority.toml` says."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from scoring import Facts, Policy, Rating, assess, in_force, load_policy
from scoring.facts import Event, Inspection, Measure, Record, State


class BacktestError(Exception):
    """An authority's folder or data cannot be read; the sentence says what to change."""


class Outcomes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which columns hold the inspections and what the authority published for each."""

    file: str
    encoding: str = "utf-8"
    institution: str
    day: str
    day_format: str = "%Y-%m-%d"
    value: str
    kind: str = ""
    kinds: tuple[str, ...] = ()
    measures: dict[str, str] = {}


class Findings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which columns hold the findings; they join an inspection by institution and day."""

    file: str
    encoding: str = "utf-8"
    institution: str
    day: str
    day_format: str = "%Y-%m-%d"
    code: str
    statement: str = ""
    codes: dict[str, str] = {}


class Authority(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authority's published outcomes, and whether its score or its grade is compared."""

    title: str
    compare: Literal["score", "grade"]
    outcomes: Outcomes
    findings: Findings | None = None


class Difference(Struct, frozen=True, kw_only=True):
    """One row where ours is not theirs, with the derivation that led to ours."""

    row: int
    institution: str
    on: date
    published: str
    rating: Rating


class Outcome(Struct, frozen=True, kw_only=True):
    """What a backtest found."""

    authority: str
    rows: int
    matched: int
    differences: tuple[Difference, ...]


def run_backtest(authority: Path, data: Path) -> Outcome:
    """Rates every published inspection anew and compares; rows without a comparable outcome do not count."""
    try:
        scheme = msgspec.toml.decode((authority / "authority.toml").read_bytes(), type=Authority)
    except msgspec.DecodeError as wrong:
        raise BacktestError(
            f"{authority / 'authority.toml'} 不合规定：{wrong}。请改正这一项。"
        ) from None
    policies = [load_policy(path.read_bytes()) for path in sorted(authority.glob("policy*.toml"))]
    records = _records(scheme, data)
    rows, differences = 0, []
    for number, institution, on, published, inspection in _inspections(scheme, data):
        complete = len(inspection.measures) == len(scheme.outcomes.measures)
        if not complete or not _comparable(published, scheme, policies):
            continue
        facts = Facts(
            institution=institution,
            inspections=(inspection,),
            records=tuple(
                msgspec.structs.replace(one, inspection=inspection.id)
                for one in records.get((institution, on), ())
            ),
        )
        rating = assess(facts, in_force(policies, on), on)
        if rating.score is None:
            continue
        rows += 1
        if not _same(published, scheme, rating):
            differences.append(
                Difference(
                    row=number, institution=institution, on=on, published=published, rating=rating
                )
            )
    return Outcome(
        authority=scheme.title,
        rows=rows,
        matched=rows - len(differences),
        differences=tuple(differences),
    )


def _comparable(published: str, scheme: Authority, policies: list[Policy]) -> bool:
    if scheme.compare == "grade":
        return any(published == band.grade for policy in policies for band in policy.bands)
    return _number(published) is not None


def _same(published: str, scheme: Authority, rating: Rating) -> bool:
    if scheme.compare == "grade":
        return published == rating.grade
    return _number(published) == rating.score


def _inspections(scheme: Authority, data: Path) -> Iterator[tuple[int, str, date, str, Inspection]]:
    columns = scheme.outcomes
    for number, row in _rows(data, columns.file, columns.encoding):
        kind = row[columns.kind].strip() if columns.kind else ""
        if columns.kinds and kind not in columns.kinds:
            continue
        measures = {code: _number(row[column]) for code, column in columns.measures.items()}
        on = _day(row[columns.day], columns.day_format, columns.file, number)
        inspection = Inspection(
            id=str(number),
            kind=kind,
            on=on,
            measures=tuple(
                Measure(code=code, value=value)
                for code, value in measures.items()
                if value is not None
            ),
        )
        yield number, row[columns.institution], on, row[columns.value].strip(), inspection


def _records(scheme: Authority, data: Path) -> dict[tuple[str, date], list[Record]]:
    found: dict[tuple[str, date], list[Record]] = defaultdict(list)
    columns = scheme.findings
    if columns is None:
        return found
    for number, row in _rows(data, columns.file, columns.encoding):
        on = _day(row[columns.day], columns.day_format, columns.file, number)
        raw = row[columns.code].strip()
        found[row[columns.institution], on].append(
            Record(
                id=str(number),
                kind="finding",
                code=columns.codes.get(raw, raw),
                seen_on=on,
                statement=row[columns.statement].strip() if columns.statement else "",
                events=(Event(state=State.CONFIRMED, on=on),),
            )
        )
    return found


def _rows(data: Path, name: str, encoding: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file, packed or not, with their line numbers."""
    plain, packed = data / name, data / f"{name}.gz"
    if not plain.exists() and not packed.exists():
        raise BacktestError(
            f"文件夹 {data} 里没有 {name}，也没有 {name}.gz。请用 --data 指明数据所在。"
        )
    raw = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as wrong:
        raise BacktestError(
            f"{name} 不是 {encoding} 编码（第 {wrong.start} 字节）。请改 encoding。"
        ) from None
    for number, row in enumerate(csv.DictReader(text.splitlines()), 2):
        yield number, {key: value or "" for key, value in row.items() if key}


def _day(text: str, pattern: str, file: str, number: int) -> date:
    try:
        return datetime.strptime(text.strip(), pattern).replace(tzinfo=UTC).date()
    except ValueError:
        raise BacktestError(
            f"{file} 第 {number} 行：日期“{text}”不合格式 {pattern}。请改 day_format。"
        ) from None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip())
    except InvalidOperation:
        return None
