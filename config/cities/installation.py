"""An installation of several cities: each with its own settings, and what two of them may not share."""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from config.cities.file import (
    CityTable,
    Common,
    InstallationRefused,
    Wrong,
    host_of,
    read_file,
    wrong_of_common,
    wrong_of_table,
)
from config.settings import Settings, SettingsError, load_settings

CITIES = "XINYONG_CITIES"
# What the machine's environment says for all cities; everything else a city has for itself.
SHARED = ("XINYONG_WATCHERS", "XINYONG_PUSH_NETWORKS", "XINYONG_CERTIFICATE")
SECRETS = (
    "XINYONG_MAIL_USER",
    "XINYONG_MAIL_PASSWORD",
    "XINYONG_WEBHOOK_SECRET",
    "XINYONG_SIGN_ON_SECRET",
    "XINYONG_STORE_KEY",
    "XINYONG_STORE_SECRET",
)


class Member(Struct, frozen=True, kw_only=True):
    """One city of an installation: its hosts as browsers send them, its server's name, its settings."""

    id: str
    hosts: tuple[str, ...]
    server: str
    role: str
    environ: dict[str, str]
    settings: Settings


class Installation(Struct, frozen=True, kw_only=True):
    """Every city of one installation, in the order of the file."""

    file: Path
    common: Common
    members: tuple[Member, ...]

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts of the common page."""
        return tuple(map(host_of, self.common.hosts))

    def member(self, id: str) -> Member:
        """One city; raises SettingsError that names those there are."""
        for one in self.members:
            if one.id == id:
                return one
        known = "、".join(one.id for one in self.members)
        raise SettingsError(f"{self.file} 里没有市“{id}”。可以写的是：{known}。")


def load_installation(file: Path, environ: Mapping[str, str] = os.environ) -> Installation:
    """The installation a file describes; raises InstallationRefused with everything that is wrong."""
    common, tables, wrongs = read_file(file)
    wrongs += wrong_of_common(common)
    sentences: list[str] = []
    members: list[Member] = []
    for id, table in tables.items():
        own = list(wrong_of_table(id, table, common.servers))
        wrongs += own
        if own:
            continue
        try:
            members.append(_member(file.parent, id, table, common, environ))
        except SettingsError as wrong:
            sentences.append(f"[cities.{id}]：{wrong}")
    wrongs += _shared(common, tables, members)
    if wrongs or sentences:
        raise InstallationRefused(file, [*(one.sentence for one in wrongs), *sentences])
    return Installation(file=file, common=common, members=tuple(members))


def _member(
    root: Path, id: str, table: CityTable, common: Common, environ: Mapping[str, str]
) -> Member:
    own = {name: environ[name] for name in SHARED if name in environ}
    own |= _secrets(root / table.secrets, f"cities.{id}.secrets") if table.secrets else {}
    servers = {name: _as_role(url, table.role, name) for name, url in common.servers.items()}
    own |= {"XINYONG_DATA": str((root / table.data).absolute())}
    own |= {"XINYONG_DATABASE": servers.get(table.server, "")}
    settings = load_settings(root / table.folder, own, servers if table.server else {})
    if settings.id != id:
        raise SettingsError(
            f"{settings.city_folder / 'city.toml'} 的 id 是“{settings.id}”，这一节却是“{id}”。"
            "请把两处写成一样。"
        )
    hosts = tuple(map(host_of, table.hosts))
    return Member(
        id=id, hosts=hosts, server=table.server, role=table.role, environ=own, settings=settings
    )


def _as_role(url: str, role: str, name: str) -> str:
    """The address of a server for the role of a city."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        said = Wrong(f"servers.{name}", url.split("@")[-1], "请写 postgresql+psycopg://主机/库名")
        raise SettingsError(said.sentence) from None
    if role:
        read = read.set(username=role)
    return read.render_as_string(hide_password=False)


def _secrets(file: Path, field: str) -> dict[str, str]:
    """The secrets of a city, which nobody else on the machine may read."""
    try:
        if file.stat().st_mode & 0o077:
            raise _wrong(field, file, f"别的用户也能读它，请先执行 chmod 600 {file}")
        lines = file.read_text("utf-8").splitlines()
    except OSError:
        raise _wrong(field, file, "读不了这个文件，请检查路径和权限") from None
    found: dict[str, str] = {}
    for line in lines:
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals or name not in SECRETS:
            known = "、".join(SECRETS)
            raise _wrong(field, name, f"{file} 每行写 名称=值，名称可以是 {known}")
        found[name] = value
    return found


def _wrong(field: str, value: object, remedy: str) -> SettingsError:
    return SettingsError(Wrong(field, str(value), remedy).sentence)


def _shared(common: Common, tables: dict[str, CityTable], members: list[Member]) -> Iterator[Wrong]:
    """What two cities both claim, though it can be only one's."""
    hosts = [("hosts", host) for host in common.hosts]
    hosts += [(f"cities.{id}.hosts", one) for id, table in tables.items() for one in table.hosts]
    yield from _twice([(field, host, host_of(host)) for field, host in hosts if host_of(host)])
    for field, of in _ALONE.items():
        claims = [(f"cities.{one.id}.{field}", of(one), of(one)) for one in members]
        yield from _twice([one for one in claims if one[1]])


_ALONE: dict[str, Callable[[Member], str]] = {
    "data": lambda one: str(one.settings.data.resolve()),
    "folder 的 prefix": lambda one: one.settings.prefix,
    # A city that moves keeps the name of its schema, so that it must be free on every server.
    "folder 的 schema": lambda one: one.settings.schema,
}


def _twice(claims: list[tuple[str, str, str]]) -> Iterator[Wrong]:
    first: dict[str, str] = {}
    for field, value, key in claims:
        if key in first:
            yield Wrong(field, value, f"{first[key]} 已经用了它，每个只能归一处，请换一个")
        else:
            first[key] = field
