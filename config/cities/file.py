"""`cities.toml` as it is written: servers, hosts, and a table for each city."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from config.misfits import misfits, place_of
from config.settings import SettingsError
from config.written import content_of, unread
from publisher.site.cities import TAKEN
from scoring.decoding import UNREADABLE, decode_words

ID = re.compile(r"[a-z][a-z0-9_-]{0,39}")
ROLE = re.compile(r"[a-z_][a-z0-9_$-]{0,62}")
HOST = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)


class CityTable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One city: its folder, where its data lies, its hosts, its server and the database role it uses there.

    Without a server its register is an SQLite file in the data folder. `secrets` is a file of lines
    NAME=value, what the environment holds where there is one city.
    """

    folder: str
    data: str
    hosts: tuple[str, ...] = ()
    server: str = ""
    role: str = ""
    secrets: str = ""


class Common(Struct, frozen=True, kw_only=True):
    """What all cities share: the hosts of the common page, its title, its address, the servers by name."""

    title: str = "民办教育机构信用名单"
    organ: str = ""
    site: str = ""
    hosts: tuple[str, ...] = ()
    servers: dict[str, str] = {}


class Wrong(Struct, frozen=True):
    """One mistake: the field, what stands there, and what to write instead."""

    field: str
    value: str
    remedy: str

    @property
    def sentence(self) -> str:
        """The mistake in one sentence."""
        shown = f"的值“{self.value}”不能用" if self.value else "没有写或者不能用"
        return f"字段 {self.field} {shown}。{self.remedy}。"


class InstallationRefused(SettingsError):
    """The file of an installation has mistakes; all of them are told at once."""

    def __init__(self, file: Path, sentences: list[str]) -> None:
        self.sentences = tuple(sentences)
        super().__init__(
            "\n".join([f"{file} 有 {len(sentences)} 处要改：", *(f"  {s}" for s in sentences)])
        )


def read_file(file: Path) -> tuple[Common, dict[str, CityTable], list[Wrong]]:
    """What the file says, and its mistakes; raises SettingsError where it cannot be read at all."""
    try:
        raw: dict[str, Any] = msgspec.toml.decode(content_of(file))
    except OSError as wrong:
        remedy = "请把环境变量 XINYONG_CITIES 设为 cities.toml 的路径"
        raise SettingsError(unread("各市的设置文件", file, wrong, remedy)) from None
    except UNREADABLE as wrong:
        raise SettingsError(
            f"{file} 不是合法的 TOML（{decode_words(wrong)}）。请按提示的行号改正。"
        ) from None
    cities, wrongs = raw.pop("cities", None), list[Wrong]()
    for field in sorted(set(raw) - set(Common.__struct_fields__)):
        known = "、".join((*Common.__struct_fields__, "cities"))
        wrongs.append(Wrong(field, str(raw.pop(field)), f"没有这个字段，可以写的是 {known}"))
    common = _converted(raw, Common, "", wrongs) or Common()
    tables: dict[str, CityTable] = {}
    if not isinstance(cities, dict) or not cities:
        wrongs.append(Wrong("cities", "", "请给每个市写一节，如 [cities.ningbo]"))
        cities = {}
    for id, said in cities.items():
        if not ID.fullmatch(id) or id in TAKEN:
            remedy = "市的编号以小写字母开头，只用小写字母、数字、- 和 _，不能是 "
            wrongs.append(Wrong("cities", id, f"{remedy}{'、'.join(sorted(TAKEN))}"))
        elif (table := _converted(said, CityTable, f"cities.{id}.", wrongs)) is not None:
            tables[id] = table
    return common, tables, wrongs


def _converted(said: Any, kind: Any, before: str, wrongs: list[Wrong]) -> Any:
    found = list(misfits(kind, said))
    for path, value, words in found:
        shown = "" if value is None or isinstance(value, dict | list) else str(value)
        field = f"{before}{place_of(path)}".rstrip(".")
        # Of the address of a server, no password is shown.
        wrongs.append(Wrong(field, shown.split("@")[-1], f"请照 README 改正（{words}）"))
    return None if found else msgspec.convert(said, kind)


def host_of(said: str) -> str:
    """A host as browsers send it, lower case and in letters (IDNA); empty where it is none."""
    try:
        plain = said.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return plain if HOST.fullmatch(plain) else ""


def wrong_of_table(id: str, table: CityTable, servers: dict[str, str]) -> Iterator[Wrong]:
    """What is wrong with the table of a city by itself."""
    before = f"cities.{id}."
    for host in table.hosts:
        if not host_of(host):
            yield Wrong(f"{before}hosts", host, "请写域名，不带 https://、端口和路径")
    if table.server and table.server not in servers:
        known = "、".join(servers) or "现在一个也没有"
        yield Wrong(f"{before}server", table.server, f"请写 [servers] 里的名称（{known}）")
    if table.role and not table.server:
        yield Wrong(
            f"{before}role", table.role, "没有写 server 的市用 SQLite，没有数据库用户，请删去"
        )
    if table.role and not ROLE.fullmatch(table.role):
        yield Wrong(f"{before}role", table.role, "请写数据库用户名：小写字母、数字和下划线")


def wrong_of_common(common: Common) -> Iterator[Wrong]:
    """What is wrong with what all cities share."""
    for host in common.hosts:
        if not host_of(host):
            yield Wrong("hosts", host, "请写域名，不带 https://、端口和路径")
    for name, url in common.servers.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", name):
            yield Wrong("servers", name, "服务器的名称只用字母、数字、- 和 _")
        if not url.startswith("postgresql+psycopg://"):
            yield Wrong(
                f"servers.{name}", url.split("@")[-1], "请写 postgresql+psycopg://主机/库名"
            )
    if common.site and not re.fullmatch(r"https?://\S+/", common.site):
        yield Wrong("site", common.site, "请写完整的网址，以 https:// 开头、以 / 结尾，或者空着")
