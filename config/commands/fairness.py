"""Whether the office itself is even-handed: for the office, never for the public site."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config.cli import as_json, settings_of, xinyong

if TYPE_CHECKING:
    from registry.queries.consistency import By

DAY = click.DateTime(["%Y-%m-%d"])


@xinyong.command()
@click.option(
    "--by",
    type=click.Choice(["inspector", "district"]),
    default="district",
    show_default=True,
    help="按检查员或者按区县 (between whom)",
)
@click.option("--from", "first", type=DAY, help="从哪一天的检查起，不写则为截止日之前的 12 个月")
@click.option("--to", "last", type=DAY, help="到哪一天的检查止，不写则为今天")
@click.option(
    "--csv", "table", type=click.Path(dir_okay=False, path_type=Path), help="逐行写成 CSV"
)
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def consistency(
    by: "By",
    first: datetime | None,
    last: datetime | None,
    table: Path | None,
    for_programs: bool,
) -> None:
    """同一指标，各检查员、各区县查实的问题和分值差多少；仅供内部 (spread between inspectors or districts)。"""
    import csv

    from config.consistency import HEADS, compare_register, period, rows, tell
    from publisher.data import harmless

    settings = settings_of()
    today: date = datetime.now(settings.zone).date()
    since, until = period(first and first.date(), last and last.date(), today)
    if since > until:
        raise click.UsageError(f"起始日期 {since} 晚于截止日期 {until}，请改正其中一个。")
    found = compare_register(settings, by, since, until)
    if table:
        with table.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADS)
            writer.writerows([harmless(cell) for cell in row] for row in rows(found))
    if for_programs:
        click.echo(as_json(found))
    else:
        tell(found)
