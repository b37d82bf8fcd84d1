"""What runs for long: the site, and the demo city."""

import os
from pathlib import Path

import click

from config.cities.choice import installation, named_city
from config.cli import settings_of, xinyong
from config.settings import WATCHERS

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
HOST = click.option("--host", default="127.0.0.1", show_default=True, help="监听的地址")
LOG = click.option("--log", default="", help="日志写到这个文件，- 为标准输出 (JSON lines)")
PORT = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="监听的端口"
)


@xinyong.command()
@click.option(
    "--public",
    type=FOLDER,
    help="只公开这个文件夹里的版次，不接触登记册；几个市的，各在以编号为名的文件夹里",
)
@click.option(
    "--from-store", is_flag=True, help="由本进程每分钟从 [store] 取回版次，和 --public 一起写"
)
@click.option("--no-schedule", is_flag=True, help="不由这个进程定时发布 (on further nodes)")
@HOST
@PORT
@LOG
def serve(
    public: Path | None, from_store: bool, no_schedule: bool, host: str, port: int, log: str
) -> None:
    """打开网站，并按时发布签发过的名单 (the web faces and the monthly clock)。"""
    from config.app import public_app, settings_app
    from config.bucket.bucket import require_store
    from config.web import listen, run

    if from_store and public is None:
        raise click.UsageError("写了 --from-store，请用 --public 指明取回到哪个文件夹。")
    whole = None if named_city() else installation()
    if whole is not None:
        from config.cities.hosting import houses_of, several

        houses = houses_of(whole, schedule=not no_schedule, public=public, from_store=from_store)
        listen(several(whole, houses, os.environ.get(WATCHERS, "")), host, port, log)
        return
    settings = settings_of()
    if public:
        if from_store:
            require_store(settings)
        app = public_app(public, settings, from_store=from_store)
    else:
        app = settings_app(settings, schedule=not no_schedule)
    # A copy of the editions alone has no data folder: its proxy keeps the log of addresses.
    run(app, host, port, log, settings.data / "logs" if settings.data.is_dir() else None)


@xinyong.command()
@click.option(
    "--seed", default=1, show_default=True, help="同一个数得到同样的数据 (the same bytes)"
)
@click.option("--no-serve", is_flag=True, help="只建立，不打开网页")
@HOST
@PORT
def demo(seed: int, no_serve: bool, host: str, port: int) -> None:
    """建立演示城市：2,112 家虚构机构、两年的名单 (builds a fictional city)。"""
    from config.demo.build import PASSWORD, ROLES, build_demo
    from config.progress import shown
    from config.settings import demo_settings

    settings = demo_settings(settings_of())
    with shown() as progress:
        build_demo(settings, seed, progress)
    current = settings.editions / "current"
    click.echo("演示城市已建好，机构、人员、文号均为虚构。")
    click.echo(f"名单网页：{current / 'index.html'}，各张名单在 {current / 'lists'}")
    click.echo(f"名单 PDF：{current / 'white.pdf'}、{current / 'black.pdf'}")
    click.echo(f"数据：{current / 'list.csv'}、{current / 'list.json'}")
    click.echo(f"核对：./run verify {current}")
    click.echo("网站在 /，检查工作台在 /desk/，机构服务在 /my/。")
    click.echo(f"账户：{'、'.join(ROLES)}，密码都是 {PASSWORD}")
    if not no_serve:
        from config.app import settings_app
        from config.web import run

        run(settings_app(settings, schedule=False), host, port)
