"""The month on the command line: one prepares, another signs, and what was signed is released."""

from datetime import datetime

import click

from config.cli import as_json, settings_of, xinyong

BY = click.option("--by", required=True, help="经办的账户名 (the account that acts)")


@xinyong.command()
@click.argument("period")
@BY
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def prepare(period: str, by: str, for_programs: bool) -> None:
    """拟制一期名单，列出与上一期的差别 (puts a month's edition before the second person)。"""
    from config import month
    from config.register import open_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = open_register(settings)
    edition, changed = month.prepare_month(engine, settings, period, by=by, now=now)
    if for_programs:
        click.echo(as_json({"digest": edition.digest, "changes": changed}))
        return
    signs = {"added": "+", "removed": "−", "changed": "Δ"}
    for one in changed:
        moved = " → ".join(filter(None, (one.before, one.after)))
        click.echo(f"{signs[one.kind]} {one.institution} {one.name}：{moved}。{one.why}")
    click.echo(f"{edition.name} 已拟制：{len(edition.entries)} 家，{len(changed)} 家有变化。")
    click.echo(f"校验码 {edition.digest}")
    click.echo(f"请由另一人核对后签发：xinyong approve {period} --by 账户名")


@xinyong.command()
@click.argument("period")
@BY
def approve(period: str, by: str) -> None:
    """签发拟制好的一期名单，须由另一人 (signs exactly what was prepared)。"""
    from config import month
    from config.register import open_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = open_register(settings)
    edition = month.approve_month(engine, settings, period, by=by, now=now)
    on = edition.manifest.released_on
    click.echo(f"{edition.name} 已签发，校验码 {edition.digest}，定于 {on} 发布。")


@xinyong.command()
@click.argument("period")
@BY
def release(period: str, by: str) -> None:
    """发布签发过的一期名单 (releases a month's edition as it was signed)。"""
    from config import month
    from config.register import open_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = open_register(settings)
    folder = month.release_month(engine, settings, period, by=by, now=now)
    click.echo(f"{period} 已发布：{folder}")
