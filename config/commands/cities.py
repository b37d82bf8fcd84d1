"""Several cities in one installation: which there are, and moving one to another database server."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import msgspec

from config.cities.choice import installation
from config.cities.installation import CITIES, Installation, Member
from config.cli import as_json, xinyong
from config.settings import SettingsError

JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


def _all() -> Installation:
    found = installation()
    if found is None:
        raise SettingsError(f"环境变量 {CITIES} 没有值。请把它设为 cities.toml 的路径。")
    return found


@xinyong.command("cities")
@click.option(
    "--hosts",
    "only_hosts",
    is_flag=True,
    help="只列域名，每行：域名、数据文件夹、市的编号、设置文件夹 (for the front server)",
)
@JSON
def list_cities(only_hosts: bool, for_programs: bool) -> None:
    """列出各市：域名、数据库服务器、数据库版本 (the cities of this installation)。"""
    if only_hosts:
        click.echo("\n".join(_hosts(_all())))
        return
    found = [_line(one) for one in _all().members]
    if for_programs:
        click.echo(as_json(found))
    for one in () if for_programs else found:
        where = f"{one['server']} 的模式 {one['schema']}" if one["server"] else "SQLite"
        hosts = "、".join(one["hosts"]) or "没有自己的域名"
        click.echo(
            f"{one['id']}  {one['name']}  {hosts}  {where}  {one['problem'] or one['revision']}"
        )
    sys.exit(1 if any(one["problem"] for one in found) else 0)


def _hosts(whole: Installation) -> Iterator[str]:
    """What a front server must know: each host, and of a city's the folders of its data and its settings."""
    yield from (f"{host}\t\t" for host in whole.hosts)
    for member in whole.members:
        said = member.settings
        yield from (
            f"{host}\t{said.data}\t{member.id}\t{said.city_folder}" for host in member.hosts
        )


def _line(member: Member) -> dict[str, Any]:
    from config.cities.hints import for_city
    from config.mistakes import sentence_of
    from config.register import NoRegister
    from registry.database import open_database, revision_of
    from registry.place import place_of

    settings = member.settings
    line = {"id": member.id, "name": settings.name, "hosts": member.hosts}
    line |= {"server": member.server, "schema": settings.schema, "data": str(settings.data)}
    line |= {"revision": "", "problem": ""}
    try:
        if not settings.schema and not (settings.data / "register.db").is_file():
            raise NoRegister(settings)
        engine = open_database(settings.database, settings.schema, settings.servers)
        line["revision"] = revision_of(engine)
        if settings.schema:
            now = place_of(engine).url.render_as_string(hide_password=False)
            line["server"] = next(key for key, url in settings.servers.items() if url == now)
            if line["server"] != member.server:
                line["problem"] = (
                    f"已迁到 {line['server']}，请把 cities.toml 的 cities.{member.id}.server 改过来"
                )
        engine.dispose()
        if not line["revision"]:
            raise NoRegister(settings)
    except Exception as wrong:  # told beside the city, so that the others are listed too
        line["problem"] = for_city(sentence_of(wrong) or repr(wrong), member.id)
    return line


@xinyong.command()
@click.argument("city")
@click.argument("server")
@click.option(
    "--as", "role", default="", help="以这个数据库用户执行：两处的模式归它所有 (the owner)"
)
@JSON
def move(city: str, server: str, role: str, for_programs: bool) -> None:
    """把一个市的登记册迁到另一台数据库服务器，网站照常开放 (moves a city while it is used)。"""
    from config.cities.moving import move_city
    from config.cities.rewriting import write_server

    whole = _all()
    done = move_city(whole, city, server, datetime.now(UTC), role)
    written = write_server(whole.file, city, server)
    if for_programs:
        click.echo(as_json({**msgspec.structs.asdict(done), "written": written}))
        sys.exit(0 if written else 1)
    if done.held is None:
        click.echo(f"{city} 已经在 {server}。")
    else:
        click.echo(
            f"{city} 已从 {done.was} 迁到 {done.now}：{sum(done.held.tables.values()):,} 行，"
            f"台账至第 {done.held.ledger.seq} 条，写入暂停了 {done.waited} 秒。"
        )
        click.echo(
            f"旧处留有模式 {done.left}，不再使用；确认无误以后可由管理员执行 "
            f"DROP SCHEMA {done.left} CASCADE。"
        )
    if written:
        click.echo(f'{whole.file} 已改。别的机器上的 cities.toml 也请改为 server = "{server}"。')
    else:
        click.echo(f'请把 {whole.file} 里 cities.{city}.server 改为 "{server}"。', err=True)
    sys.exit(0 if written else 1)
