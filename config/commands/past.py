"""The past on the command line: editions checked again by what is known today, drafts tried on the register."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from config.cli import as_json, say, settings_of, xinyong

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class NewFile(click.Path):
    """A file that can be written: in a folder that is there."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path; refused at once where its folder is missing."""
        file = Path(str(super().convert(value, param, ctx)))
        if not file.parent.is_dir():
            self.fail(f"没有文件夹 {file.parent}。请先建立它，或者写到别处。", param, ctx)
        return file


NEW_FILE = NewFile(dir_okay=False)
JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


@xinyong.command()
@click.argument("institutions", nargs=-1)
@click.option("--knowing", type=DAY, help="按到哪天为止所知，不写则为今天 (as known on a day)")
@JSON
def recheck(institutions: tuple[str, ...], knowing: datetime | None, for_programs: bool) -> None:
    """按现在所知重新核对各期名单：哪一期有误，因为哪条记录，几日内更正 (past editions in hindsight)。"""
    from config.hindsight import recheck as check
    from config.hindsight_words import lines
    from config.progress import shown
    from config.register import opened_register
    from registry.database import reading
    from registry.identity import read_institution_id

    settings = settings_of()
    day: date = knowing.date() if knowing else datetime.now(settings.zone).date()
    wanted = [read_institution_id(settings.prefix, one) or one for one in institutions]
    with shown() as report, opened_register(settings) as engine, reading(engine) as session:
        found = check(session, settings, wanted or None, day, report)
    if for_programs:
        say(as_json(found))
    else:
        say("\n".join(lines(found)))
    sys.exit(0 if found.is_right else 1)


@xinyong.command()
@click.argument("drafts", nargs=-1, required=True, type=FILE)
@click.option("--on", type=DAY, help="按哪一天，不写则为今天")
@click.option(
    "--months",
    type=click.IntRange(1, 1200),
    default=1,
    show_default=True,
    help="往前再看几个月末 (months of the past)",
)
@click.option("--csv", "rows_file", type=NEW_FILE, help="逐家写成 CSV")
@click.option("--chart", type=NEW_FILE, help="各月画成 SVG (a drawing of the months)")
@JSON
def replay(
    drafts: tuple[Path, ...],
    on: datetime | None,
    months: int,
    rows_file: Path | None,
    chart: Path | None,
    for_programs: bool,
) -> None:
    """用评分办法草案重放登记和历史：谁会变，怎样变，因为哪一条 (a draft over the past)。"""
    import csv

    from config.progress import shown
    from config.replay import HEADS, drawing, load_drafts, replay_policy, rows, told
    from publisher.data import harmless

    settings = settings_of()
    day: date = on.date() if on else datetime.now(settings.zone).date()
    with shown() as report:
        found = replay_policy(settings, load_drafts(drafts), day, months, report)
    if rows_file:
        with rows_file.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADS)
            writer.writerows([harmless(cell) for cell in row] for row in rows(found))
    if chart:
        chart.write_text(drawing(found), "utf-8")
    if for_programs:
        say(as_json(found))
        return
    say("\n".join(told(found)))
    if not rows_file and months == 1:
        for row in rows(found):
            say("\t".join(row[1:]))
