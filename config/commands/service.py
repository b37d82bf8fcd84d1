"""What runs for long: the demo city."""

import click

from config.cli import settings_of, xinyong


@xinyong.command()
@click.option(
    "--seed", default=1, show_default=True, help="同一个数得到同样的数据 (the same bytes)"
)
@click.option("--no-serve", is_flag=True, help="只建立，不打开网页")
def demo(seed: int, no_serve: bool) -> None:
    """建立演示城市：2,112 家虚构机构、两年的名单 (builds a fictional city)。"""
    from config.demo.build import PASSWORD, ROLES, build_demo
    from config.progress import shown
    from config.settings import demo_settings

    settings = demo_settings(settings_of())
    with shown() as progress:
        build_demo(settings, seed, progress)
    current = settings.editions / "current"
    click.echo("演示城市已建好，机构、人员、文号均为虚构。")
    click.echo(f"名单 PDF：{current / 'white.pdf'}、{current / 'black.pdf'}")
    click.echo(f"数据：{current / 'list.csv'}、{current / 'list.json'}")
    click.echo(f"核对：./run verify {current}")
    click.echo(f"账户：{'、'.join(ROLES)}，密码都是 {PASSWORD}")
