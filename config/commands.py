"""Every command of `xinyong`; each reads what it needs, does one thing and says what came of it."""

from pathlib import Path

import click

from config.cli import as_json, xinyong

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@xinyong.command()
@click.argument("authority", type=FOLDER)
@click.option("--data", type=FOLDER, required=True, help="数据所在的文件夹 (folder of the rows)")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def backtest(authority: Path, data: Path, for_programs: bool) -> None:
    """用别处公布的结果检验评分办法 (a policy against published outcomes)。"""
    from config.backtest import run_backtest

    outcome = run_backtest(authority, data)
    if for_programs:
        click.echo(as_json(outcome))
    else:
        click.echo(f"{outcome.authority}\nrows {outcome.rows}, matched {outcome.matched}")
        click.echo(f"differences {len(outcome.differences)}")
        for one in outcome.differences:
            ours = f"{one.rating.score} {one.rating.grade}"
            sums = " ".join(f"{r.code}{r.points:+}" for r in one.rating.reasons)
            click.echo(
                f"  row {one.row} {one.institution} {one.on}: "
                f"published {one.published}, ours {ours} = {one.rating.base} {sums}"
            )
