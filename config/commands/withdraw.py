"""Withdrawing what may be shown no longer, from every edition that prints it."""

import sys
from datetime import datetime

import click

from config.cli import as_json, settings_of, xinyong


@xinyong.command()
@click.argument("institution")
@click.option(
    "--reason", required=True, help="公开的撤回理由，不写原来的违法事实 (why, made public)"
)
@click.option("--document", "document_no", required=True, help="据以撤回的文号 (the paper)")
@click.option(
    "--edition", "editions", multiple=True, help="只从这一版撤回，可以写几次；不写则从列出它的各版"
)
@click.option("--by", required=True, help="经办的账户名 (the account that acts)")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def withdraw(
    institution: str,
    reason: str,
    document_no: str,
    editions: tuple[str, ...],
    by: str,
    for_programs: bool,
) -> None:
    """从已发布的各版依法撤回一家机构的条目 (tombstones in every edition that prints what is undone)。"""
    from config import withdrawing
    from config.progress import shown
    from config.register import actor_of, existing_register
    from registry.identity import read_institution_id

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    asked = withdrawing.Asked(
        institution=read_institution_id(settings.prefix, institution) or institution,
        reason=reason.strip(),
        document_no=document_no.strip(),
        editions=tuple(dict.fromkeys(editions)),
    )
    if not asked.reason or not asked.document_no:
        raise click.UsageError("--reason 和 --document 不能为空。请写明撤回的理由和文号。")
    actor = actor_of(engine, by, now)
    with shown() as report:
        found = withdrawing.withdraw(engine, settings, asked, by=actor, now=now, report=report)
    if for_programs:
        click.echo(as_json(found))
    else:
        for one in found.done:
            whose = "、".join(one.institutions) or "上一版撤下的条目"
            click.echo(f"{one.edition} 已重新生成，不再列出 {whose}。")
        for failed in found.failed:
            click.echo(f"{failed.edition} 没有办成：{failed.why}", err=True)
        for matter in found.closed:
            click.echo(f"撤回公开 {matter} 已办结。")
        if not found.done and not found.failed:
            click.echo("这些条目早已撤下，没有要做的。")
    sys.exit(1 if found.failed else 0)
