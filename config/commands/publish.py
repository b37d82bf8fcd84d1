"""The month on the command line: one prepares, another signs, and what was signed is released."""

from datetime import datetime
from pathlib import Path

import click

from config.cli import as_json, say, settings_of, xinyong
from registry.database import reading

BY = click.option("--by", required=True, help="经办的账户名 (the account that acts)")


@xinyong.command()
@click.argument("period")
@click.option("--by", default="", help="经办的账户名，试算时不用 (the account that acts)")
@click.option("--supplement", is_flag=True, help="拟制这一期的增补版 (a supplementary edition)")
@click.option("--dry-run", is_flag=True, help="只试算和核对，什么也不记 (keeps nothing)")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def prepare(period: str, by: str, supplement: bool, dry_run: bool, for_programs: bool) -> None:
    """拟制一期名单，列出与上一版的差别 (puts an edition, as 2026-11 or 2026-11.1, before the second person)。"""
    from config import month
    from config.gate_words import as_text, for_json
    from config.progress import shown
    from config.register import existing_register
    from registry.queries import edition_draft

    if not by and not dry_run:
        raise click.UsageError("请用 --by 写明经办的账户；只想试算请加 --dry-run。")
    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    kept = None
    with shown() as report:
        if not dry_run:
            edition, _ = month.prepare_month(
                engine, settings, period, by=by, now=now, supplement=supplement, report=report
            )
            with reading(engine) as session:
                kept = edition_draft(session, edition.manifest.period, edition.manifest.number)
        planned = (
            month.Planned(edition=edition, draft=kept)
            if kept
            else month.plan(engine, settings, period, now, supplement=supplement, report=report)
        )
    edition, draft = planned.edition, planned.draft
    if for_programs:
        say(as_json(for_json(draft)))
    else:
        say(as_text(edition, draft, prepared=not dry_run))
    if dry_run and draft.violations:
        raise SystemExit(1)


@xinyong.command()
@click.argument("period")
@click.argument("violation")
@BY
@click.option("--reason", required=True, help="放行的理由 (why it may pass)")
def accept(period: str, violation: str, by: str, reason: str) -> None:
    """放行一项核对不通过的，须由另一名发布员写明理由 (lets one violation of the gate pass)。

    VIOLATION 是 xinyong prepare 列出的那一项的校验码，写前几位即可。
    """
    from config.naming import named
    from config.register import actor_of, existing_register
    from registry import acts
    from registry.database import writing
    from registry.errors import read_form
    from registry.forms import AcceptanceForm
    from registry.queries import edition_draft

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    number = named(period)
    with reading(engine) as session:
        draft = edition_draft(session, *number)
    found = [
        one
        for one in (draft.violations if draft else ())
        if len(violation) >= 4 and one.digest.startswith(violation.lower())
    ]
    if len(found) != 1:
        many = "、".join(one.digest[:12] for one in (draft.violations if draft else ())) or "无"
        raise click.UsageError(
            f"{period} 没有唯一的核对不通过项“{violation}”。请写其中一项的校验码，至少前四位：{many}。"
        )
    form = read_form(AcceptanceForm, {"violation": found[0].digest, "reason": reason})
    actor = actor_of(engine, by, now)
    with writing(engine) as session:
        acts.accept_violation(session, *number, form, by=actor, now=now)
    say(f"{period} 已放行：{found[0].said}。记在 {actor.name} 名下。")


@xinyong.command()
@click.argument("period")
@click.option("--unheard", default="", help="有机构移出白名单而陈述申辩期限未满的，不能等的理由")
@BY
def approve(period: str, unheard: str, by: str) -> None:
    """签发拟制好的一期名单，须由另一人 (signs exactly what was prepared)。"""
    from config import month
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    edition = month.approve_month(engine, settings, period, by=by, now=now, unheard=unheard)
    manifest = edition.manifest
    when = "签发后即发布" if manifest.number else f"定于 {manifest.released_on} 发布"
    say(f"{edition.name} 已签发，校验码 {edition.digest}，{when}。")


@xinyong.command()
@click.argument("period")
@BY
def release(period: str, by: str) -> None:
    """发布签发过的一期名单 (releases an edition as it was signed)。"""
    from config import month
    from config.progress import shown
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    with shown() as report:
        folder = month.release_month(engine, settings, period, by=by, now=now, report=report)
    say(f"{period} 已发布：{folder}")


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
    say(f"{edition.name} 的网站已写出：{folder}，{files} 个文件。")
