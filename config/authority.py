"""`authority.toml`: which files and columns hold what an authority published, and what its words mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, inspect

from scoring import Policy, PolicyError, Problem, load_policy
from scoring.loading.syntax import parse
from scoring.loading.values import shown

REFERENCE = "tests/scoring/authorities/README.md"
NUMBER = re.compile(r"[+-]?(\d{1,9}\.?\d{0,9}|\.\d{1,9})")
# What a field wants, in words.
_WANTED: dict[type[inspect.Type], str] = {
    inspect.StrType: "文字，加英文半角引号",
    inspect.BoolType: " true 或 false，不加引号",
    inspect.LiteralType: ' "score" 或 "grade"',
    inspect.VarTupleType: '文字的列表，如 ["A", "B"]',
    inspect.DictType: '一张由文字组成的表，如 { Pass = "A" }',
    inspect.StructType: "一张表，表头写 [outcomes]",
    inspect.UnionType: "一张表，表头写 [findings]",
}
_SOME_DAY = datetime(2013, 4, 5, tzinfo=UTC)


class BacktestError(Exception):
    """An authority's folder or data cannot be used; `problems` names every place and its remedy."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [f"{one.place}{_line(one)}：{one.sentence}" for one in problems]
        many = f"回测有 {len(lines)} 处要改：\n  " + "\n  ".join(lines)
        super().__init__(many if len(lines) > 1 else "".join(lines))


def _line(problem: Problem) -> str:
    return "" if problem.line is None else f" 第 {problem.line} 行"


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CSV file, packed with gzip or not, and how it is written."""

    file: str
    encoding: str = "utf-8"
    separator: str = ","
    day_format: str = "%Y-%m-%d"


class Outcomes(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which columns hold the inspections and what the authority published for each."""

    institution: str
    day: str
    value: str
    inspection: str = ""
    opened_on: str = ""
    kind: str = ""
    kinds: tuple[str, ...] = ()
    fixed_kind: str = ""
    measures: dict[str, str] = {}
    words: dict[str, str] = {}
    ignored: tuple[str, ...] = ()

    def columns(self) -> dict[str, str]:
        """The column of each field that has one."""
        named = {
            "value": self.value,
            "kind": self.kind,
            "institution": self.institution,
            "inspection": self.inspection,
            "day": self.day,
            "opened_on": self.opened_on,
        } | {f"measures.{code}": column for code, column in self.measures.items()}
        return {field: column for field, column in named.items() if column}


class Findings(Source, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which columns hold the findings; they join by the inspection's id, else by institution and day."""

    code: str
    inspection: str = ""
    institution: str = ""
    day: str = ""
    extent: str = ""
    statement: str = ""
    codes: dict[str, str] = {}
    ignored: tuple[str, ...] = ()

    def columns(self) -> dict[str, str]:
        """The column of each field that has one."""
        join = {"institution": self.institution, "day": self.day}
        named = {
            "code": self.code,
            **({"inspection": self.inspection} if self.inspection else join),
            "extent": self.extent,
            "statement": self.statement,
        }
        return {field: column for field, column in named.items() if column}


class Authority(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authority's published outcomes, what is compared, and whether the past of an institution counts."""

    title: str
    compare: Literal["score", "grade"]
    history: bool = False
    outcomes: Outcomes
    findings: Findings | None = None


def load_authority(folder: Path) -> Authority:
    """The `authority.toml` of a folder; raises BacktestError with every wrong field."""
    file = folder / "authority.toml"
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        sentence = f"没有这个文件。请按 {REFERENCE} 写一份。"
        raise BacktestError([Problem(place=str(file), sentence=sentence)]) from None
    return decode_authority(raw, str(file))


def decode_authority(raw: bytes, name: str) -> Authority:
    """An authority from TOML; raises BacktestError with every wrong field."""
    try:
        found, lines = parse(raw)
    except PolicyError as wrong:
        raise BacktestError(
            [
                Problem(place=name, line=one.line, sentence=f"{one.sentence}{_shown(one)}。")
                for one in wrong.problems
            ]
        ) from None
    problems = list(_misfits(found, Authority, ""))
    if not problems:
        problems = list(_contradictions(msgspec.convert(found, Authority)))
    if problems:
        raise BacktestError(
            [
                Problem(
                    place=f"{name} {one.place}",
                    line=lines.of(tuple(one.place.split("."))),
                    sentence=one.sentence,
                )
                for one in problems
            ]
        )
    return msgspec.convert(found, Authority)


def _shown(problem: Problem) -> str:
    return f"（现在是 {problem.value}）" if problem.value else ""


def load_policies(folder: Path, scheme: Authority) -> list[Policy]:
    """The policies of a folder, all of them sound, and the authority's words and measures among theirs."""
    policies: list[Policy] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("policy*.toml")):
        try:
            policies.append(load_policy(path.read_bytes()))
        except PolicyError as wrong:
            problems += [Problem(place=str(path), sentence=f"{one}。") for one in wrong.problems]
    if not policies and not problems:
        sentence = "没有评分办法。请放入至少一份 policy*.toml。"
        problems.append(Problem(place=str(folder), sentence=sentence))
    if not problems:
        problems = [
            Problem(place=f"{folder / 'authority.toml'} {one.place}", sentence=one.sentence)
            for one in _beyond(policies, scheme)
        ]
    if problems:
        raise BacktestError(problems)
    return policies


def _beyond(policies: Sequence[Policy], scheme: Authority) -> Iterator[Problem]:
    """Where the authority and its policies do not speak of the same."""
    columns = scheme.outcomes
    known = set().union(*(grades_of(one) | unrated_of(one) for one in policies))
    for word, grade in columns.words.items():
        if scheme.compare == "grade" and grade not in known:
            sentence = f"办法里没有等级“{grade}”。请写已有的等级：{'、'.join(sorted(known))}。"
            yield Problem(place=f"outcomes.words.{word}", sentence=sentence)
        if scheme.compare == "score" and not NUMBER.fullmatch(grade):
            sentence = f"“{grade}”不是一个分数。请写一个数。"
            yield Problem(place=f"outcomes.words.{word}", sentence=sentence)
    kinds = {kind for one in policies for kind in one.scale.inspection_kinds}
    if kinds and not columns.kind and not columns.fixed_kind:
        sentence = f"办法只按这几种检查评定：{'、'.join(sorted(kinds))}。请写明检查的种类在哪一列，或者写 fixed_kind。"
        yield Problem(place="outcomes.kind", sentence=sentence)
    measured = {code for one in policies for code in one.scale.measures}
    for code in sorted(columns.measures.keys() - measured):
        words = f"请改成办法里有的：{'、'.join(sorted(measured))}" if measured else "请删去"
        yield Problem(
            place=f"outcomes.measures.{code}", sentence=f"办法没有分项“{code}”。{words}。"
        )
    rules = {code for one in policies for code in one.rules}
    for word, code in scheme.findings.codes.items() if scheme.findings else ():
        if code not in rules:
            sentence = f"各份办法里都没有编码“{code}”。请写办法里有的编码。"
            yield Problem(place=f"findings.codes.{word}", sentence=sentence)
    for code in sorted(measured):
        if code not in columns.measures:
            sentence = f"办法用到分项“{code}”。请写明它在哪一列。"
            yield Problem(place=f"outcomes.measures.{code}", sentence=sentence)


def grades_of(policy: Policy) -> set[str]:
    """The grades an inspection can lead to; an authority may publish them as they are."""
    classes = {one.grade for one in policy.unrated.classes}
    pending = {policy.cycle.pending} if policy.cycle else set()
    return {one.grade for one in policy.bands} | classes | pending


def unrated_of(policy: Policy) -> set[str]:
    """The names of having no grade; an authority's words for them are to be named in `words`."""
    return {policy.unrated.grade, policy.unrated.suspended_grade}


def _misfits(found: Mapping[str, Any], form: type[Struct], place: str) -> Iterator[Problem]:
    """Every field that is unknown, missing or of a wrong type; the decoder alone names only the first."""
    sections: dict[str, type[Struct]] = {"outcomes": Outcomes, "findings": Findings}
    fields = {one.encode_name: one for one in msgspec.structs.fields(form)}
    for name in found:
        if name not in fields:
            sentence = f"没有这一项。请改成其中之一或者删去：{'、'.join(fields)}。"
            yield Problem(place=place + name, sentence=sentence)
    for name, field in fields.items():
        section = sections.get(name)
        if name not in found:
            if field.required:
                yield Problem(place=place + name, sentence=f"缺少这一项。请按 {REFERENCE} 补上。")
        elif section and isinstance(found[name], dict):
            yield from _misfits(found[name], section, f"{name}.")
        else:
            try:
                msgspec.convert(found[name], field.type)
            except msgspec.ValidationError:
                what = _WANTED[type(inspect.type_info(field.type))]
                value = shown(found[name])
                now = f"（现在是 {value}）" if value else ""
                sentence = f"应当是{what}{now}。请按 {REFERENCE} 改正。"
                yield Problem(place=place + name, sentence=sentence)


def _contradictions(scheme: Authority) -> Iterator[Problem]:
    yield from _of_source("outcomes", scheme.outcomes)
    columns = scheme.outcomes
    if columns.kind and columns.fixed_kind:
        yield Problem(place="outcomes.fixed_kind", sentence="已经有 kind 列。两项请只留一项。")
    if columns.kinds and not columns.kind:
        yield Problem(place="outcomes.kinds", sentence="没有 kind 列，无从选择。请补上 kind。")
    for word in sorted({*columns.words} & {*columns.ignored}):
        sentence = f"“{word}”也在 words 里。请只留一处。"
        yield Problem(place="outcomes.ignored", sentence=sentence)
    findings = scheme.findings
    if findings is None:
        return
    yield from _of_source("findings", findings)
    if findings.inspection and not columns.inspection:
        sentence = "findings 按检查编号连接。请写明检查编号在哪一列。"
        yield Problem(place="outcomes.inspection", sentence=sentence)
    for field in ("institution", "day"):
        if not findings.inspection and not getattr(findings, field):
            sentence = "没有 inspection 列时，要靠 institution 和 day 连接。请补上这一项。"
            yield Problem(place=f"findings.{field}", sentence=sentence)


def _of_source(section: str, source: Source) -> Iterator[Problem]:
    for field in msgspec.structs.fields(type(source)):
        if field.required and not getattr(source, field.name).strip():
            yield Problem(place=f"{section}.{field.name}", sentence="是空的。请填写。")
    if len(source.separator) != 1 or source.separator in '"\r\n':
        sentence = f'值“{source.separator}”不能用。请写一个字符，例如 ";" 或 "\\t"。'
        yield Problem(place=f"{section}.separator", sentence=sentence)
    try:
        b" ".decode(source.encoding, "replace")
    except (LookupError, ValueError):
        sentence = f"不认识编码“{source.encoding}”。请写例如 utf-8、gb18030、cp1252。"
        yield Problem(place=f"{section}.encoding", sentence=sentence)
    pattern = source.day_format
    try:
        known = datetime.strptime(_SOME_DAY.strftime(pattern), pattern).date() == _SOME_DAY.date()  # noqa: DTZ007 a day has no zone
    except (ValueError, re.error):  # one directive written twice
        known = False
    if not known:
        sentence = f"“{pattern}”写不出一个完整的日期。请写例如 %Y-%m-%d、%Y%m%d、%m/%d/%Y。"
        yield Problem(place=f"{section}.day_format", sentence=sentence)
