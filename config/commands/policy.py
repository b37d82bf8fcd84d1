"""Policies before they are used: what is wrong in which line, and what a version says in few words."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click
from msgspec import Struct

from config.cli import as_json, xinyong
from scoring import Policy, PolicyError, Problem, check_versions, load_policy
from scoring.policy import Indicator, Scale
from scoring.words import (
    GATES,
    number,
    price_words,
    reference_words,
    remedy_words,
    score_range,
    span_words,
)

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_MADE = {
    "standing": "按当天有效的记录计分",
    "inspection": "按最近一次检查计分",
    "measures": "按最近一次检查的分项相加",
}


class Reviewed(Struct, frozen=True, kw_only=True):
    """One file: the version it holds, or every problem of it."""

    file: str
    policy: Policy | None = None
    problems: tuple[Problem, ...] = ()


class Review(Struct, frozen=True, kw_only=True):
    """Files looked at, and how their versions follow one another."""

    files: tuple[Reviewed, ...]
    versions: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.versions and not any(one.problems for one in self.files)


@xinyong.command()
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def policy(files: tuple[Path, ...], for_programs: bool) -> None:
    """检查评分办法：哪一行有什么不对，写了什么，各版是否相接 (checks policies)。"""
    found = review(files)
    if for_programs:
        click.echo(as_json(found))
    else:
        click.echo("\n".join(told(found)))
    sys.exit(0 if found.sound else 1)


def review(files: tuple[Path, ...]) -> Review:
    """Every file with its problems, and the coverage of the versions that have none."""
    read = tuple(_reviewed(one) for one in files)
    whole = [(one.file, one.policy) for one in read if one.policy is not None]
    seams = check_versions([one for _, one in whole], names=[file for file, _ in whole])
    return Review(files=read, versions=tuple(seams))


def _reviewed(file: Path) -> Reviewed:
    try:
        return Reviewed(file=str(file), policy=load_policy(file.read_bytes()))
    except PolicyError as refused:
        return Reviewed(file=str(file), problems=tuple(refused.problems))


def told(found: Review) -> Iterator[str]:
    """The review in lines."""
    for one in found.files:
        if one.policy is not None:
            yield f"{one.file}：没有问题"
            yield from (f"  {line}" for line in summary(one.policy))
        else:
            yield f"{one.file}：有 {len(one.problems)} 处要改"
            for problem in one.problems:
                place = f"{one.file}:{problem.line}"
                value = f"（现在是 {problem.value}）" if problem.value else ""
                yield f"  {place} {problem.place}{value}：{problem.sentence}"
    if found.versions:
        yield "各版的施行日期不相接："
        yield from (f"  {one}" for one in found.versions)
    elif len(found.files) > 1 and found.sound:
        yield "各版的施行日期前后相接。"


def summary(version: Policy) -> Iterator[str]:
    """What a version says, in few lines."""
    yield f"{version.id}  {version.title}"
    yield f"施行  {_span(version.since, version.until)}"
    yield f"依据  {reference_words(version.reference)}"
    scale = version.scale
    bounds = [
        f"起始 {number(scale.base)} 分" if scale.made_of != "measures" else "",
        f"最低 {number(scale.floor)} 分" if scale.floor is not None else "",
        f"最高 {number(scale.ceiling)} 分" if scale.ceiling is not None else "",
        f"加分至多 {number(scale.bonus_at_most)} 分" if scale.bonus_at_most is not None else "",
        "越少越好" if scale.better == "lower" else "",
        f"按年度，{scale.year_begins_month} 月起" if scale.counted_by == "year" else "",
    ]
    yield f"计分  {'，'.join([_MADE[scale.made_of], *(one for one in bounds if one)])}"
    for band in version.bands:
        yield f"等级  {band.grade}：{score_range(band) or '任何分数'}"
    if version.indicators:
        rules = version.by_code.values()
        bonus = sum(one.bonus for one in rules)
        vetoes = sum(bool(one.limits_grade_to) for one in rules)
        yield f"指标  {len(rules)} 项，其中加分 {bonus} 项，限制等级 {vetoes} 项"
        yield from (f"  {_rule(one, scale)}" for one in version.indicators)
    for group in version.groups:
        members = "、".join(
            dict.fromkeys(o.code for o in version.indicators if o.group == group.code)
        )
        yield f"分组  {group.title}：合计最多 {number(group.cap)} 分（{members}）"
    if version.white:
        yield f"白名单  {len(version.white)} 个条件：{'；'.join(one.title for one in version.white)}"


def _rule(one: Indicator, scale: Scale) -> str:
    """One indicator in a line: code, price, cap and veto, proof, how long, what repairs it, and what it is."""
    cap = "" if one.cap is None else f"，最多 {number(one.cap)}"
    black = "，提请列入黑名单" if one.black_proposal else ""
    dates = f"（{_variant(one)}）" if one.since or one.until else ""
    parts = [
        one.code,
        f"{price_words(one)}{cap}{black}",
        "确认" if one.bonus else GATES[one.gate],
        # What an inspection decides counts until the next one, and nothing else is to be said of it.
        span_words(one, scale) if scale.made_of == "standing" else "",
        remedy_words(one, scale) if scale.made_of == "standing" else "",
        f"{one.title}{dates}",
    ]
    return "  ".join(part for part in parts if part)


def _variant(one: Indicator) -> str:
    """From when to when a dated variant applies."""
    last = f"到 {one.until - timedelta(days=1)}" if one.until else "起"
    return f"{one.since} {last}" if one.since else last


def _span(since: date, until: date | None) -> str:
    return f"{since} 起" if until is None else f"{since} 到 {until - timedelta(days=1)}"
