"""The city's register at hand: at this version, with the city's jurisdictions, and who acts in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select

from config.places import form_of
from config.settings import RESTORING, Settings
from registry import acts
from registry.access import Actor
from registry.accounts import accounts
from registry.database import migrate, open_database, reading, revision_of, writing
from registry.forms import JurisdictionForm
from registry.grants import grant, roles_of
from registry.tables import Jurisdiction

OPERATOR = Actor(account="system", role="administrator", name="命令行")


class NoSuchAccount(Exception):
    """An account that acts is not there."""

    def __init__(self, account: str) -> None:
        super().__init__(
            f"没有账户“{account}”。请用 xinyong user list 查看，或者用 user add 开立。"
        )


class NoRegister(Exception):
    """There is no register where the settings say; the sentence names the place and what makes one."""

    def __init__(self, settings: Settings) -> None:
        where = settings.database.split("@")[-1]
        if not settings.data.is_dir():
            where = f"数据文件夹 {settings.data} 不存在，{where}"
        super().__init__(
            f"{where} 没有登记册。请检查环境变量 XINYONG_DATA 和 XINYONG_DATABASE 是否写对；"
            "第一次使用请先执行 xinyong migrate。"
        )


class HalfRestored(Exception):
    """A restoration was cut short; using what is there would make a second register beside it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            f"{settings.data} 的恢复没有做完，现在不能使用。请用同一份备份再执行一次 xinyong restore。"
        )


class NoRoles(Exception):
    """A database role was named where there are none."""

    def __init__(self) -> None:
        super().__init__("SQLite 没有数据库用户。--as 和 --grant 只用于 PostgreSQL，请去掉。")


def existing_register(settings: Settings) -> Engine:
    """The city's register, where there is one; raises NoRegister and makes nothing where there is none."""
    _require(settings)
    return open_register(settings)


@contextmanager
def opened_register(settings: Settings) -> Iterator[Engine]:
    """The register to read in or to finish something in, with nothing left open after it; raises NoRegister.

    Nothing of `city.toml` is registered: a process of a node knows it as it was when the node began.
    """
    _require(settings)
    engine = _opened(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _require(settings: Settings) -> None:
    address = make_url(settings.database)
    if address.get_backend_name() == "sqlite":
        found = Path(address.database or "").is_file()
    else:
        engine = open_database(settings.database, settings.schema, settings.servers)
        found = bool(revision_of(engine))
        engine.dispose()
    if not found:
        raise NoRegister(settings)


def open_register(settings: Settings, now: datetime | None = None) -> Engine:
    """The city's register at this version, made if it is missing, with every jurisdiction as `city.toml` has it.

    What is registered is recorded now, or, in a city of play data, when its story begins.
    """
    engine = _opened(settings)
    with reading(engine) as session:
        unlike = _unlike(session, settings)
    if unlike:
        with writing(engine) as session:
            # Another node may have been first while this one waited for its turn.
            for form in _unlike(session, settings):
                at = now or datetime.now(UTC)
                acts.register_jurisdiction(session, form, by=OPERATOR, now=at)
    return engine


def _opened(settings: Settings) -> Engine:
    if (settings.data / RESTORING).exists():
        raise HalfRestored(settings)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database, settings.schema, settings.servers)
    migrate(engine)
    return engine


def _unlike(session: Session, settings: Settings) -> list[JurisdictionForm]:
    """The city's jurisdictions that the newest record of each does not say as the city does.

    The record to come takes the place of that one on every day, and holds on the days the city names; what was
    known before is still known as of before.
    """
    rows = session.exec(select(Jurisdiction).order_by(col(Jurisdiction.key))).all()
    newest = {row.id: row for row in rows}
    said = [form_of(one) for one in settings.jurisdictions]
    fields = set(JurisdictionForm.model_fields)
    return [
        form
        for form in said
        if form.id not in newest or newest[form.id].model_dump(include=fields) != form.model_dump()
    ]


def owned_by(settings: Settings, role: str) -> Settings:
    """The same city, reached as another database role; raises NoRoles on SQLite, which has none."""
    if not role:
        return settings
    if not settings.schema:
        raise NoRoles

    def of(url: str) -> str:
        return make_url(url).set(username=role).render_as_string(hide_password=False)

    servers = {name: of(url) for name, url in settings.servers.items()}
    return msgspec.structs.replace(settings, database=of(settings.database), servers=servers)


def grant_to(engine: Engine, settings: Settings, role: str = "") -> list[str]:
    """Gives the program's role its rights in the city's schema, and anew those that had some; raises NoSuchRole."""
    if not settings.schema:
        raise NoRoles
    with engine.begin() as connection:
        roles = sorted({*roles_of(connection, settings.schema), *filter(None, (role,))})
        for one in roles:
            grant(connection, settings.schema, one)
    return roles


def actor_of(engine: Engine, account: str, now: datetime) -> Actor:
    """The person of an account, as the ledger names them; raises NoSuchAccount."""
    with reading(engine) as session:
        found = [one for one in accounts(session, now) if one.account == account]
    if not found:
        raise NoSuchAccount(account)
    # Whoever commands this machine has its keys at hand, and needs no second factor beside.
    return msgspec.structs.replace(found[0].actor, strong=True)
