"""A city moved from one PostgreSQL server to another while it is used.

Its acts wait while the rows are copied, and go on in the new place; what waits longer than ten seconds is
told to come again, and was not written. The old place is left with a mark that every node follows.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from sqlalchemy import Connection, Engine, make_url, text

from config.cities.installation import Installation, Member
from config.keeping.alone import alone
from config.keeping.errors import KeepingError
from config.keeping.register_copy import FILES, Counted, copy_register, counted, fill_schema
from registry.database import LEDGER, leading_soon, open_database
from registry.grants import grant, owner_of, roles_of
from registry.place import MOVED, Place, mark_of, place_of

WORK = ".move"
PATIENCE = 300  # seconds for a release under way to end
LOCKS = 60  # seconds for acts under way to end


class MoveRefused(KeepingError):
    """A city cannot be moved there; nothing was changed."""


class Moved(Struct, frozen=True, kw_only=True):
    """A city that was moved: from which server to which, what it held, and how long acts waited."""

    city: str
    was: str
    now: str
    held: Counted | None
    waited: float
    left: str


def move_city(whole: Installation, id: str, to: str, now: datetime, role: str = "") -> Moved:
    """Moves a city to another server of the installation; `role` owns its schema on both.

    A move that died is ended by another: before the switch the old place serves on, after it the new one.
    Raises MoveRefused.
    """
    member = whole.member(id)
    servers = _servers(whole, member, to, role)
    schema = member.settings.schema
    engine = open_database(servers[member.server], schema, servers)
    try:
        place = place_of(engine)
        was = next(name for name, url in servers.items() if make_url(url) == place.url)
        if was == to:
            return _ended(Place(place.url, schema, {}), member, to)
        target = Place(make_url(servers[to]), schema, {})
        with (
            alone(member.settings.data, "迁移", engine),
            _nobody_publishes(engine),
            _folder(member.settings.data / WORK) as work,
        ):
            return _moved(engine, place, target, Names.of(member, was, to, now), work)
    finally:
        engine.dispose()


class Names(Struct, frozen=True, kw_only=True):
    """What the schema is called: in use, on its way, and where it was left."""

    city: str
    was: str
    now: str
    schema: str
    arriving: str
    left: str

    @classmethod
    def of(cls, member: Member, was: str, to: str, now: datetime) -> "Names":
        """The names of one move."""
        schema = member.settings.schema
        return cls(
            city=member.id,
            was=was,
            now=to,
            schema=schema,
            arriving=_arriving(schema),
            left=f"{_short(schema)}_left_{now:%Y%m%d%H%M%S}",
        )


def _servers(whole: Installation, member: Member, to: str, role: str) -> dict[str, str]:
    if not member.server:
        raise MoveRefused(
            f"{member.settings.name}的登记册是 SQLite 文件，不在数据库服务器上。"
            "只有写了 server 的市可以迁移；要换机器，请用 xinyong backup 和 restore。"
        )
    if to not in whole.common.servers:
        known = "、".join(whole.common.servers)
        raise MoveRefused(f"[servers] 里没有“{to}”。可以写的是：{known}。")
    servers = member.settings.servers
    if not role:
        return servers
    return {
        name: make_url(url).set(username=role).render_as_string(hide_password=False)
        for name, url in servers.items()
    }


def _moved(engine: Engine, source: Place, target: Place, names: Names, work: Path) -> Moved:
    with source.lone().connect() as old, target.lone().connect() as new:
        _prepare(old, new, names)
        began = _stop_acts(old, names.schema)
        held = copy_register(engine, names.schema, work)
        dump = work / FILES["postgresql"]
        address = target.url.render_as_string(hide_password=False)
        fill_schema(address, dump, names.schema, names.arriving)
        _compare(address, names.arriving, held)
        for role in roles_of(old, names.schema):
            grant(new, names.arriving, role)
        _arrive(new, names.schema, names.arriving)
        _leave(old, names)
        # From here the city lives in the new place; should we die between the two, it is ended again.
        old.commit()
        new.commit()
    waited = time.monotonic() - began
    return Moved(
        city=names.city,
        was=names.was,
        now=names.now,
        held=held,
        waited=round(waited, 2),
        left=names.left,
    )


def _prepare(old: Connection, new: Connection, names: Names) -> None:
    """Refuses what would fail half-way, and takes away what an attempt that died had copied."""
    major = text("SELECT current_setting('server_version_num')::int / 10000")
    here, there = old.execute(major).scalar_one(), new.execute(major).scalar_one()
    if there < here:
        raise MoveRefused(f"新服务器是 PostgreSQL {there}，旧的是 {here}。请先升级新服务器。")
    if owner_of(new, names.schema) and not mark_of(new, names.schema):
        raise MoveRefused(
            f"服务器“{names.now}”上已有模式 {names.schema}，不会覆盖。"
            "请换一台，或者确认不再需要以后由管理员把它改名或者删除。"
        )
    _check_rights(old, names.was, names.schema)
    _check_rights(new, names.now, "")
    known = set(new.execute(text("SELECT rolname FROM pg_roles")).scalars())
    if lacking := [one for one in roles_of(old, names.schema) if one not in known]:
        raise MoveRefused(
            f"服务器“{names.now}”上没有数据库用户 {'、'.join(lacking)}。请先由管理员建立。"
        )
    new.execute(text(f'DROP SCHEMA IF EXISTS "{names.arriving}" CASCADE'))
    new.commit()


def _check_rights(connection: Connection, server: str, schema: str) -> None:
    query = text(
        "SELECT current_user, has_database_privilege(current_database(), 'CREATE'), "
        "coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace "
        "WHERE nspname = :schema), true)"
    )
    user, may_create, owns = connection.execute(query, {"schema": schema}).one()
    if not may_create or not owns:
        what = f"不是模式 {schema} 的所有者" if may_create else "不能在库里建模式"
        raise MoveRefused(
            f"数据库用户 {user} 在服务器“{server}”上{what}，迁移不了。请用 --as 写明有这些权限的用户。"
        )


def _stop_acts(old: Connection, schema: str) -> float:
    """From now on whoever writes waits; gives the instant. Readers read on."""
    old.rollback()
    old.execute(text(f"SET LOCAL lock_timeout = '{LOCKS}s'"))
    began = time.monotonic()
    turn = text("SELECT pg_advisory_xact_lock(:key, hashtext(:city))")
    old.execute(turn, {"key": LEDGER, "city": schema})
    query = text(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
        "WHERE nspname = :schema AND relkind = 'r' ORDER BY relname"
    )
    tables = old.execute(query, {"schema": schema}).scalars()
    every = ", ".join(f'"{schema}"."{one}"' for one in tables)
    if not every:
        raise MoveRefused(f"模式 {schema} 里没有登记册。请检查 cities.toml 的 server 和 role。")
    old.execute(text(f"LOCK TABLE {every} IN EXCLUSIVE MODE"))
    return began


def _compare(address: str, schema: str, held: Counted) -> None:
    engine = open_database(address, schema)
    try:
        found = counted(engine)
    finally:
        engine.dispose()
    if found != held:
        raise MoveRefused("新处的行数或者台账末条与旧处不符，没有切换。请再迁移一次。")


def _arrive(new: Connection, schema: str, arriving: str) -> None:
    """Gives the copy its name; of an earlier stay only the mark is there, and goes."""
    if mark_of(new, schema):
        new.execute(text(f'DROP SCHEMA "{schema}" CASCADE'))
    new.execute(text(f'ALTER SCHEMA "{arriving}" RENAME TO "{schema}"'))


def _leave(old: Connection, names: Names) -> None:
    """Puts the rows aside, and in their place a mark, and a version that no program takes for its own."""
    schema, mark = names.schema, f"{MOVED}{names.now}"
    for one in (
        f'ALTER SCHEMA "{schema}" RENAME TO "{names.left}"',
        f"COMMENT ON SCHEMA \"{names.left}\" IS 'left for {names.now}'",
        f'CREATE SCHEMA "{schema}"',
        f"COMMENT ON SCHEMA \"{schema}\" IS '{mark}'",
        f'CREATE TABLE "{schema}".alembic_version (version_num varchar(64) NOT NULL)',
    ):
        old.execute(text(one))
    version = text(f'INSERT INTO "{schema}".alembic_version VALUES (:mark)')  # noqa: S608 our own
    old.execute(version, {"mark": mark})


def _ended(place: Place, member: Member, to: str) -> Moved:
    """The end of a move that died after the switch; nothing to do where it had come to its end."""
    schema = member.settings.schema
    with place.lone().begin() as new:
        if not owner_of(new, schema) and owner_of(new, _arriving(schema)):
            _arrive(new, schema, _arriving(schema))
        elif not owner_of(new, schema):
            raise MoveRefused(f"服务器“{to}”上没有模式 {schema}。请检查 cities.toml 的 server。")
    return Moved(city=member.id, was=to, now=to, held=None, waited=0.0, left="")


@contextmanager
def _nobody_publishes(engine: Engine) -> Iterator[None]:
    """Holds the lock of publishing: a release under way is finished where it began."""
    with leading_soon(engine, PATIENCE) as mine:
        if not mine:
            raise MoveRefused("名单正在发布，一直没有办完。请等它办完再迁移。")
        yield


@contextmanager
def _folder(work: Path) -> Iterator[Path]:
    shutil.rmtree(work, ignore_errors=True)  # what a crash left
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _arriving(schema: str) -> str:
    return f"{_short(schema)}_arriving"


def _short(schema: str) -> str:
    # PostgreSQL cuts names after 63 bytes, and two that are cut alike would be one.
    return f"{schema[:20]}_{sha256(schema.encode()).hexdigest()[:8]}"
