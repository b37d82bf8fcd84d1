"""A random draw drawn again, from the register or from the paper that was handed out."""

import sys
from pathlib import Path

import click

from config.cli import as_json, settings_of, xinyong


@xinyong.command()
@click.argument("draw")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def draw(draw: str, for_programs: bool) -> None:
    """把一次双随机抽取照公告的种子和名录重抽一遍；写编号或者抽取文件 (draws the lots again and compares)。"""
    import msgspec

    from config.register import opened_register
    from registry import queries
    from registry.database import reading
    from registry.drawing import Paper, faults
    from scoring.decoding import UNREADABLE, decode_words

    file = Path(draw)
    try:
        is_paper = file.is_file()
    except OSError:  # longer than any file's name
        is_paper = False
    if is_paper:
        try:
            paper = msgspec.json.decode(file.read_bytes(), type=Paper)
        except UNREADABLE as wrong:
            raise click.UsageError(
                f"{file} 不是抽取文件（{decode_words(wrong)}）。请从抽取页重新下载。"
            ) from None
    else:
        with opened_register(settings_of()) as engine, reading(engine) as session:
            paper = queries.draw(session, draw).paper
    found = faults(paper)
    if for_programs:
        click.echo(as_json({"draw": paper.id, "pool_hash": paper.pool_hash, "faults": found}))
    else:
        for sentence in found:
            click.echo(sentence)
        if not found:
            click.echo(
                f"抽取 {paper.id}：{len(paper.pool.targets)} 家中抽 {len(paper.result)} 家，重抽结果完全相同。"
            )
    if found:
        sys.exit(1)
