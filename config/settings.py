"""One city's settings: `city.toml` decoded strictly, and the addresses from the environment."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from config.city import City, CityJurisdiction, GateBounds, Publication
from config.city_file import CityRefused, read_city
from config.written import content_of, unread
from registry.alike import Words
from registry.calling import Network, read_networks
from registry.checklists import Checklist, ChecklistError, load_checklists, unknown_rules
from registry.sign_on import SignOn
from scoring import PolicyError, check_versions, load_policy

DEMO_MARK = "demo"
RESTORING = "restoring"  # lies in a data folder whose restoration was cut short
WATCHERS = "XINYONG_WATCHERS"


class SettingsError(Exception):
    """A setting is missing or wrong; the sentence names the field, the value and the remedy."""


class NoDataFolder(SettingsError):
    """The data folder that was named is not there."""

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"环境变量 XINYONG_DATA 的值“{data}”不是文件夹。请改正它；核对时也可以用 --key 指明公钥。"
        )


class Settings(Struct, frozen=True, kw_only=True):
    """Everything the composition root needs to know; made once, passed on."""

    city_folder: Path
    city: City
    zone: ZoneInfo
    data: Path
    database: str
    servers: dict[str, str] = {}
    data_is_named: bool = False
    mail_user: str = ""
    mail_password: str = ""
    webhook_secret: str = ""
    push_networks: tuple[Network, ...] = ()
    sign_on: SignOn | None = None
    watchers: str = ""
    store_key: str = ""
    store_secret: str = ""
    certificate: Path | None = None

    @property
    def id(self) -> str:
        """The city's short name in file names and schemas."""
        return self.city.id

    @property
    def prefix(self) -> str:
        """The letters every institution's number starts with."""
        return self.city.prefix

    @property
    def name(self) -> str:
        """The city's name, such as 宁波市."""
        return self.city.name

    @property
    def organ(self) -> str:
        """The bureau that keeps the register."""
        return self.city.organ

    @property
    def contact(self) -> str:
        """Where to ask, printed under every page."""
        return self.city.contact

    @property
    def title(self) -> str:
        """What the lists are called."""
        return self.city.title or f"{self.name}民办教育机构信用名单"

    @property
    def timezone(self) -> str:
        """The IANA name of the city's time zone."""
        return self.city.timezone

    @property
    def fictional(self) -> bool:
        """True when every institution of this city is invented; each page says so."""
        return self.city.fictional

    @property
    def publication(self) -> Publication:
        """The day and hour of release."""
        return self.city.publication

    @property
    def jurisdictions(self) -> tuple[CityJurisdiction, ...]:
        """Districts and functional zones."""
        return self.city.jurisdictions

    @property
    def gate(self) -> GateBounds:
        """The gate's bounds."""
        return self.city.gate

    @property
    def city_affixes(self) -> tuple[str, ...]:
        """Words of place that search leaves out."""
        return self.city.search.affixes

    @property
    def words(self) -> Words:
        """The words that the search for duplicates leaves out."""
        return Words(places=self.city.search.affixes, endings=self.city.search.endings)

    @property
    def schema(self) -> str:
        """This city's schema on PostgreSQL; empty on SQLite, where each city has its own file."""
        if not self.database.startswith("postgresql"):
            return ""
        return self.city.db_schema or f"city_{self.id.replace('-', '_')}"

    @property
    def is_misnamed(self) -> bool:
        """Whether a data folder was named that is not there."""
        return self.data_is_named and not self.data.is_dir()

    @property
    def editions(self) -> Path:
        """The folder of released editions."""
        return self.data / "editions"

    @property
    def keys(self) -> Path:
        """The folder of signing keys."""
        return self.data / "keys"

    @property
    def policies(self) -> Path:
        """The folder of scoring policies, one TOML file per version."""
        return self.city_folder / "policy"

    @property
    def checklists(self) -> Path:
        """The folder of checklists, one TOML file per version; a city may have none."""
        return self.city_folder / "checklists"

    @property
    def holidays(self) -> Path:
        """The folder of the years' holidays and make-up working days."""
        return self.city_folder / "holidays"

    @property
    def imports(self) -> Path:
        """The folder of column maps for imports."""
        return self.city_folder / "imports"


def load_settings(
    city: Path | None = None,
    environ: Mapping[str, str] = os.environ,
    servers: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of one city, or a SettingsError that says which fields to change.

    `servers` are the database servers it may have moved to, of an installation of several cities.
    """
    folder = city or Path(environ.get("XINYONG_CITY", "") or Path(__file__).parent)
    file = folder / "city.toml"
    read = _city(file)
    named = environ.get("XINYONG_DATA", "")
    data = _data(named or "var")
    database = _database(environ.get("XINYONG_DATABASE", "") or f"sqlite:///{data / 'register.db'}")
    made = Settings(
        city_folder=folder,
        city=read,
        zone=ZoneInfo(read.timezone),
        data=data,
        database=database,
        servers=dict(servers or {}),
        data_is_named=bool(named),
        mail_user=environ.get("XINYONG_MAIL_USER", ""),
        mail_password=environ.get("XINYONG_MAIL_PASSWORD", ""),
        webhook_secret=environ.get("XINYONG_WEBHOOK_SECRET", ""),
        push_networks=_networks(environ.get("XINYONG_PUSH_NETWORKS", "")),
        sign_on=_sign_on(read, environ),
        watchers=environ.get(WATCHERS, ""),
        store_key=environ.get("XINYONG_STORE_KEY", ""),
        store_secret=environ.get("XINYONG_STORE_SECRET", ""),
        certificate=Path(crt) if (crt := environ.get("XINYONG_CERTIFICATE", "")) else None,
    )
    networks_of(made.watchers)
    if read.webhook is not None and not made.webhook_secret.removeprefix("whsec_"):
        raise SettingsError(
            f"{file} 写了 [webhook]，环境变量 XINYONG_WEBHOOK_SECRET 却没有值。"
            "请填写签名密钥，或者删去 [webhook]。"
        )
    # Invented institutions stay marked as such, whoever publishes them later.
    return demo_settings(made) if (data / DEMO_MARK).exists() else made


def _city(file: Path) -> City:
    try:
        return read_city(content_of(file))
    except OSError as wrong:
        remedy = "请把环境变量 XINYONG_CITY 设为含有 city.toml 的文件夹"
        raise SettingsError(unread("城市设置文件", file, wrong, remedy)) from None
    except CityRefused as refused:
        raise SettingsError("\n".join(f"{file} {one}" for one in refused.sentences)) from None


def _data(named: str) -> Path:
    """The data folder, there or yet to be made; refused where a file stands in its way."""
    data = Path(named).absolute()
    try:
        there = next(one for one in (data, *data.parents) if one.exists())
        wrong = "" if there.is_dir() else f"{there} 是文件，不是文件夹"
    except OSError as refused:
        wrong = refused.strerror or "这个路径不能用"
    if wrong:
        raise SettingsError(
            f"环境变量 XINYONG_DATA 的值“{named[:200]}”不能用：{wrong}。请写一个文件夹的路径。"
        )
    return data


def _database(said: str) -> str:
    """The address of the register; a SettingsError names it without its password."""
    fits = said.startswith(("sqlite:///", "postgresql+psycopg://"))
    try:
        fits = fits and 0 < (make_url(said).port or 1) < 65536
    except (ArgumentError, ValueError):
        fits = False
    if not fits:
        shown = said.split("@")[-1]
        raise SettingsError(
            f"环境变量 XINYONG_DATABASE 的值“{shown}”不能用。"
            "请写 sqlite:///文件路径 或 postgresql+psycopg://用户@主机:端口/库名。"
        )
    return said


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return read_networks(text)
    except ValueError as wrong:
        raise SettingsError(
            f"环境变量 XINYONG_PUSH_NETWORKS 的值“{wrong}”不是网段。"
            "请写如 10.0.0.0/8 的网段，几个的以逗号隔开。"
        ) from None


def networks_of(watchers: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """The networks that may read the figures of this machine; a SettingsError names the one that is none."""
    found = []
    for word in watchers.replace(",", " ").split():
        try:
            found.append(ip_network(word))
        except ValueError:
            raise SettingsError(
                f"环境变量 {WATCHERS} 的值“{word}”不是网段。请写如 10.2.0.0/16，几个之间用逗号隔开。"
            ) from None
    return tuple(found)


def _sign_on(city: City, environ: Mapping[str, str]) -> SignOn | None:
    """The identity provider; its secret comes from the environment, never from a file of the city."""
    said = city.sign_on
    if said is None:
        return None
    secret = environ.get("XINYONG_SIGN_ON_SECRET", "")
    return SignOn(issuer=said.issuer, client=said.client, name=said.name, secret=secret)


def demo_settings(settings: Settings) -> Settings:
    """The same city, marked fictional; every edition changes much, so its bounds are wide."""
    bounds = GateBounds(max_change_percent=100, max_place_loss_percent=100, max_new_black=1_000_000)
    city = msgspec.structs.replace(settings.city, fictional=True, gate=bounds)
    return msgspec.structs.replace(settings, city=city)


def load_policies(settings: Settings) -> list[bytes]:
    """The bytes of every policy version of the city, in order of file name.

    Refused with the files named: a version with a problem, a day with two versions, a day between
    two versions with none.
    """
    found = {path: path.read_bytes() for path in sorted(settings.policies.glob("*.toml"))}
    if not found:
        raise SettingsError(
            f"文件夹 {settings.policies} 里没有评分办法。请放入至少一份 .toml 评分办法。"
        )
    policies, wrong = [], []
    for path, raw in found.items():
        try:
            policies.append(load_policy(raw))
        except PolicyError as refused:
            wrong.append(f"{path}：{refused}")
    if not wrong:
        seams = check_versions(policies, names=[path.name for path in found])
        wrong = [f"{settings.policies} 各版不相接，{one}" for one in seams]
    if wrong:
        raise SettingsError("\n".join(wrong))
    return list(found.values())


def load_checks(settings: Settings) -> tuple[Checklist, ...]:
    """The city's checklists, each item under a rule of its policies; a SettingsError names what is not."""
    files = {str(one): content_of(one) for one in sorted(settings.checklists.glob("*.toml"))}
    try:
        found = load_checklists(files)
    except ChecklistError as refused:
        raise SettingsError(str(refused)) from None
    wrong = unknown_rules(found, [load_policy(one) for one in load_policies(settings)])
    if wrong:
        raise SettingsError("\n".join(wrong))
    return found
