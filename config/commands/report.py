"""Reports: 双公示 for the national credit platform, and the year's account."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

import click

from config.cli import as_json, settings_of, xinyong

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
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


@report.command("year")
@click.argument("year", type=click.IntRange(2000, 2999))
@click.option("--by", default="", help="发布的账户名；不写则只看，不发布 (releases it)")
@click.option("--text", "text_file", type=FILE, help="存在的主要问题和改进情况，UTF-8 文本")
@click.option("--correct", "because", default="", help="更正已发布的报告的理由")
@click.option("--pdf", "pdf_file", type=NEW_FILE, help="另存一份 PDF")
@JSON
def year(
    year: int,
    by: str,
    text_file: Path | None,
    because: str,
    pdf_file: Path | None,
    for_programs: bool,
) -> None:
    """年度报告和成绩单：看数字，或者发布 (the year's account)。"""
    from config.register import existing_register
    from config.yearly import release_account, year_of
    from publisher.year_files import write_pdf

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    try:
        text = text_file.read_text("utf-8-sig") if text_file else ""
    except UnicodeDecodeError:
        raise click.UsageError(f"{text_file} 不是 UTF-8 文本。请另存为 UTF-8 再试。") from None
    found = year_of(engine, settings, year, now, text)
    if pdf_file:
        pdf_file.write_bytes(write_pdf(found))
    if for_programs:
        click.echo(as_json(found))
    else:
        click.echo(f"{year} 年成绩单（截至 {found.as_of}）：")
        for one in found.targets:
            click.echo(f"{one.word}\t{one.what}\t{one.measured}\t{one.basis}")
    if by:
        folder, digest = release_account(engine, settings, found, by=by, now=now, because=because)
        click.echo(f"{year} 年的报告已发布：{folder}\n校验码 {digest}", err=for_programs)


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
    engine = existing_register(settings)
    done = write_report(
        engine,
        settings,
        what,
        days,
        file,
        today=today,
        accept_valid=accept_valid,
    )
    engine.dispose()
    if for_programs:
        click.echo(as_json(done))
    else:
        for one in done.lacking:
            click.echo(one.sentence)
        for said in (*done.late, *done.notes):
            click.echo(said)
        matters = len({one.matter for one in done.lacking})
        if done.written:
            left = f"，{matters} 件因缺项或者含个人信息没有写出" if matters else ""
            click.echo(
                f"{done.file}：{done.rows} 行（其中撤回 {done.withdrawals} 行），"
                f"逾期 {len(done.late)} 行{left}。"
            )
        else:
            click.echo(
                f"没有写出：{matters} 件缺必填项或者含个人信息。补登、改正以后再报；先报其余的，请加 --accept-valid。"
            )
    sys.exit(1 if done.lacking else 0)
