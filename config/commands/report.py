"""Reports: 双公示 for the national credit platform, and the year's account."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import click

from config.cli import as_json, settings_of, xinyong

DAY = click.DateTime(["%Y-%m-%d"])
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


@xinyong.group()
def report() -> None:
    """报告：双公示、年度报告和成绩单 (reports)。"""


def _days(command: Any) -> Any:
    """The options that both sides of 双公示 share."""
    for option in (
        JSON,
        click.option("--accept-valid", is_flag=True, help="不缺的行先写出，缺的列出"),
        click.option("--until", type=DAY, help="到哪一天，不写则到今天"),
        click.option("--since", type=DAY, help="从哪一天起，不写则从头"),
        click.argument("file", type=NEW_FILE),
    ):
        command = option(command)
    return command


@report.command("penalties")
@_days
def penalties(**values: Any) -> None:
    """行政处罚双公示：生效的决定和撤回，写成 XLSX 或 CSV (final penalties and withdrawals)。"""
    _report("penalties", **values)


@report.command("licences")
@_days
def licences(**values: Any) -> None:
    """行政许可双公示：办学许可证及其失效，写成 XLSX 或 CSV (licences and their end)。"""
    _report("licences", **values)


def _report(
    what: Literal["penalties", "licences"],
    file: Path,
    since: datetime | None,
    until: datetime | None,
    accept_valid: bool,
    for_programs: bool,
) -> None:
    from config.credit_platform import write_report
    from config.register import existing_register

    settings = settings_of()
    today = datetime.now(settings.zone).date()
    first = since.date() if since else date.min
    days = (first, until.date() if until else today)
    done = write_report(
        existing_register(settings),
        settings,
        what,
        days,
        file,
        today=today,
        accept_valid=accept_valid,
    )
    if for_programs:
        click.echo(as_json(done))
    else:
        for one in done.lacking:
            click.echo(one.sentence)
        for said in (*done.late, *done.notes):
            click.echo(said)
        matters = len({one.matter for one in done.lacking})
        if done.written:
            left = f"，{matters} 件因缺项没有写出" if matters else ""
            click.echo(
                f"{done.file}：{done.rows} 行（其中撤回 {done.withdrawals} 行），"
                f"逾期 {len(done.late)} 行{left}。"
            )
        else:
            click.echo(
                f"没有写出：{matters} 件缺必填项。补登以后再报；先报其余的，请加 --accept-valid。"
            )
    sys.exit(1 if done.lacking else 0)
