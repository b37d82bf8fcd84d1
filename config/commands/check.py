"""Checks: a policy against published outcomes, an edition offline, this machine."""

import sys
from pathlib import Path
from typing import NoReturn

import click

from config.cli import as_json, say, settings_of, xinyong
from config.settings import NoDataFolder

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@xinyong.command()
@click.argument("authority", type=FOLDER)
@click.option("--data", type=FOLDER, required=True, help="数据所在的文件夹 (folder of the rows)")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def backtest(authority: Path, data: Path, for_programs: bool) -> None:
    """用别处公布的结果检验评分办法 (a policy against published outcomes)。"""
    from config.backtest import run_backtest, told

    outcome = run_backtest(authority, data)
    if for_programs:
        say(as_json(outcome))
    else:
        for line in told(outcome):
            say(line)


@xinyong.command()
@click.argument("folder", type=FOLDER)
@click.option(
    "--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="公钥文件"
)
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def verify(folder: Path, key: Path | None, for_programs: bool) -> None:
    """离线核对一个版次或者一份年度报告：签名、校验码、链条、每个等级 (checks an edition offline)。"""
    from publisher.verify import verify as check
    from publisher.year_check import is_account

    if is_account(folder):
        _verify_account(folder, key, for_programs)
    verdict = check(folder, key or _public_key(folder.resolve().parent))
    if for_programs:
        say(as_json(verdict))
        sys.exit(1 if verdict.problems else 0)
    if verdict.problems:
        say(f"{verdict.edition} 核对不符，{len(verdict.problems)} 处：")
        for problem in verdict.problems:
            say(f"  {problem}")
    else:
        gone = f"（其中 {verdict.withdrawn} 条已依法撤回）" if verdict.withdrawn else ""
        say(f"{verdict.edition} 核对相符：{verdict.entries} 条{gone}，校验码 {verdict.digest}")
    for one in verdict.tombstones:
        say(f"  撤回于 {one.on}：{one.reason}（原条目的校验码 {one.hash}）")
    if verdict.corrected:
        say(f"  本版更正以前版次的错误：{verdict.corrected} 家，见 corrections.json")
    for note in verdict.notes:
        say(f"  {note}")
    sys.exit(1 if verdict.problems else 0)


def _verify_account(folder: Path, key: Path | None, for_programs: bool) -> NoReturn:
    from publisher.year_check import check_year

    above = folder.resolve().parents[1]
    known = (above, above / "editions")
    beside = next((one for one in known if (one / "bureau.pub").exists()), above)
    verdict = check_year(folder, key or _public_key(beside))
    if for_programs:
        say(as_json(verdict))
    elif verdict.problems:
        say(f"{verdict.report} 核对不符，{len(verdict.problems)} 处：")
    else:
        say(f"{verdict.year} 年度报告核对相符，校验码 {verdict.digest}")
    for one in () if for_programs else (*verdict.problems, *verdict.notes):
        say(f"  {one}")
    sys.exit(1 if verdict.problems else 0)


def _public_key(beside: Path) -> Path:
    """The bureau's own key; on a machine without it, the one that lies beside what is checked."""
    settings = settings_of()
    if settings.is_misnamed:
        raise NoDataFolder(settings.data)
    own = settings.keys / "bureau.pub"
    return own if own.exists() else beside / "bureau.pub"


@xinyong.command()
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def doctor(for_programs: bool) -> None:
    """检查这台机器和设置能不能办理各项工作 (checks this machine and the settings)。"""
    from config.doctor import examine

    found = examine()
    if for_programs:
        say(as_json(found))
    else:
        for one in found:
            say(f"{'不行' if one.problem else '正常'}  {one.what}：{one.problem or one.state}")
    sys.exit(1 if any(one.problem for one in found) else 0)


@xinyong.command()
def openapi() -> None:
    """输出公开 API 的说明 (the OpenAPI 3.1 document of /api/v1)。"""
    from publisher.site.openapi import document

    say(as_json(document()))
