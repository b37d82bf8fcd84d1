"""The month on the command line: one prepares, another signs, and what was signed is released."""

from datetime import datetime
from pathlib import Path

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
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    edition, changed = month.prepare_month(engine, settings, period, by=by, now=now)
    if for_programs:
        click.echo(as_json({"digest": edition.digest, "changes": changed}))
        return
    signs = {"added": "+", "removed": "−", "changed": "Δ"}
    for one in changed:
        moved = " → ".join(filter(None, (one.before, one.after)))
        click.echo(f"{signs[one.kind]} {one.institution} {one.name}：{moved}。{one.why}")
    click.echo(f"{edition.name} 已拟制：{len(edition.lines)} 家，{len(changed)} 家有变化。")
    click.echo(f"校验码 {edition.digest}")
    click.echo(f"请由另一人核对后签发：xinyong approve {period} --by 账户名")


@xinyong.command()
@click.argument("period")
@BY
def approve(period: str, by: str) -> None:
    """签发拟制好的一期名单，须由另一人 (signs exactly what was prepared)。"""
    from config import month
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    edition = month.approve_month(engine, settings, period, by=by, now=now)
    on = edition.manifest.released_on
    click.echo(f"{edition.name} 已签发，校验码 {edition.digest}，定于 {on} 发布。")


@xinyong.command()
@click.argument("period")
@BY
def release(period: str, by: str) -> None:
    """发布签发过的一期名单 (releases a month's edition as it was signed)。"""
    from config import month
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    folder = month.release_month(engine, settings, period, by=by, now=now)
    click.echo(f"{period} 已发布：{folder}")


@xinyong.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--edition", "name", default="", help="以哪一版为现行版，不写则为最新")
def export(folder: Path, name: str) -> None:
    """把公众网站写成静态文件 (the public site as static files)。"""
    from config.app import places_of
    from config.progress import shown
    from publisher.site.export import export as write
    from publisher.site.store import Store

    store = Store(settings_of().editions)
    try:
        edition = store.edition(name) if name else store.current()
    except KeyError:
        raise click.UsageError(
            f"没有版次“{name}”。现有：{'、'.join(store.names()) or '无'}。"
        ) from None
    settings = settings_of()
    with shown() as report:
        files = write(store, edition, folder.absolute(), report, places_of(settings), settings.name)
    click.echo(f"{edition.name} 的网站已写出：{folder}，{files} 个文件。")
