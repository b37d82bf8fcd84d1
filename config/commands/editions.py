"""Editions on the command line: into an S3-compatible store, and a copy out of it."""

import sys
from datetime import datetime
from pathlib import Path

import click

from config.cli import as_json, settings_of, xinyong

JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


@xinyong.group()
def editions() -> None:
    """对象存储里的版次：送出、取回 (released editions in an S3-compatible store)。"""


@editions.command("push")
@JSON
def push_editions(for_programs: bool) -> None:
    """把发布过的版次送到 [store]，逐件比对；平时由 serve 自动办理 (sends what the store lacks)。"""
    from config.bucket.clock import send_now
    from config.register import opened_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    with opened_register(settings) as engine:
        sent = send_now(engine, settings, now, thorough=True)
    if for_programs:
        click.echo(as_json(sent))
    else:
        click.echo(f"送出 {sent.put} 件，删去 {sent.deleted} 件。")
        _tell(sent.problems)
    sys.exit(1 if sent.problems else 0)


@editions.command("pull")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="发布单位的公钥 bureau.pub，不写则认第一次取到的",
)
@JSON
def pull_editions(folder: Path, key: Path | None, for_programs: bool) -> None:
    """从 [store] 取回版次，核对以后整版换上；平时由 serve --from-store 自动办理 (a copy of the editions)。"""
    from config.bucket.clock import bring_now

    brought = bring_now(settings_of(), folder, key)
    if for_programs:
        click.echo(as_json(brought))
    else:
        names = "、".join(brought.editions) or "没有新的"
        reports = f"；年度报告：{'、'.join(brought.reports)}" if brought.reports else ""
        click.echo(
            f"取回版次：{names}{reports}；传输 {brought.got} 件；现行版次 {brought.current}。"
        )
        _tell(brought.problems)
    sys.exit(1 if brought.problems else 0)


def _tell(problems: tuple[str, ...]) -> None:
    for one in problems:
        click.echo(f"· {one}", err=True)
