"""Policies before they are used: what is wrong in which line, and what a version says in few words."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from msgspec import Struct

from config.cli import as_json, xinyong
from config.policy_words import summary
from scoring import Policy, PolicyError, Problem, check_versions, load_policy

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
