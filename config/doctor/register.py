"""The register: reached, sound, at this version, guarded; its ledger, its clock, its notices."""

import sqlite3
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.engine import make_url
from sqlmodel import Session, func

from config.doctor.signs import Fault, Found, Ground
from config.mistakes import sentence_of
from config.sealed_ledger import unlike_sealed
from config.settings import Settings
from registry.agreement import differences
from registry.database import (
    LEADER,
    head_revision,
    known_revisions,
    leading,
    open_database,
    reading,
    revision_of,
)
from registry.ledger import breaks, next_number
from registry.pulse import SILENT, nodes, undone_since
from registry.queries import dead_letters, watched

SHOWN = 5
AHEAD = timedelta(minutes=2)
GUARDS = {
    "sqlite": (
        "ledger_next ledger_no_delete ledger_no_update step_next step_no_delete step_no_update",
        "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    ),
    "postgresql": (
        "ledger_append_only ledger_next step_append_only",
        "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal "
        "AND tgenabled <> 'D' AND relnamespace = current_schema()::regnamespace",
    ),
}


def opened(settings: Settings) -> Engine | None:
    """The register where there is one of this version; None before the first use."""
    if _file(settings) is not None and not _there(settings):
        return None
    engine = open_database(settings.database, settings.schema, settings.servers)
    if revision_of(engine):
        return engine
    engine.dispose()
    return None


def database(ground: Ground) -> Found:
    """The database is reached, undamaged, in its mode, and at this version."""
    settings = ground.settings
    shown = settings.database.split("@")[-1]
    file = _file(settings)
    if file is not None:
        if not _there(settings):
            yield f"{shown}，还没有建立，第一次使用时会建立"
            return
        if damage := _damage(file):
            yield Fault("database.damaged", damage)
            return
        if file.read_bytes()[18:20] != b"\x02\x02":
            yield Fault(
                "database.wal",
                f"{file} 不在 WAL 方式，读写会互相等待。可能有别的程序打开过它；请重新启动 xinyong 服务，"
                "再检查一次；仍然这样的，请把数据换到本机磁盘，不要放网络盘。",
            )
    try:
        engine = open_database(settings.database, settings.schema, settings.servers)
        with engine.connect():
            pass
    except Exception as wrong:
        yield Fault("database.away", sentence_of(wrong) or f"连不上数据库：{wrong}")
        return
    try:
        yield from _version(engine, shown)
    finally:
        engine.dispose()


def _version(engine: Engine, shown: str) -> Found:
    found, wanted = revision_of(engine), head_revision(engine)
    if found and found not in known_revisions(engine):
        said = f"数据库的版本 {found} 比本软件新。请升级本软件，或者从备份恢复旧的数据库。"
        yield Fault("database.newer", said)
    elif found and found != wanted:
        said = f"数据库的版本是 {found}，本软件要 {wanted}。请执行 xinyong migrate。"
        yield Fault("database.old", said)
    yield f"{shown}，版本 {found}" if found else f"{shown}，还没有建立，第一次使用时会建立"


def _file(settings: Settings) -> Path | None:
    address = make_url(settings.database)
    if address.get_backend_name() != "sqlite":
        return None
    return Path(address.database or "")


def _there(settings: Settings) -> bool:
    file = _file(settings)
    return file is not None and file.is_file() and file.stat().st_size > 0


def _damage(file: Path) -> str:
    """What is wrong with the file itself; read by a plain connection, so that nothing is changed."""
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    except sqlite3.Error as wrong:
        return sentence_of(wrong) or str(wrong)
    try:
        said = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as wrong:
        return sentence_of(wrong) or str(wrong)
    finally:
        connection.close()
    return "" if said == ["ok"] else f"{file} 已损坏（{'；'.join(said)}）。请停止服务，从备份恢复。"


def tables(ground: Ground) -> Found:
    """The guards of what may only grow are there, and every reference leads somewhere."""
    engine = ground.register
    wanted, query = GUARDS[engine.dialect.name]
    with engine.connect() as connection:
        there = set(connection.execute(text(query)).scalars())
        missing = sorted(set(wanted.split()) - there)
        lost: list[Any] = []
        if engine.dialect.name == "sqlite":
            lost = list(connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall())
    if missing:
        said = (
            f"数据库缺少防改动的触发器 {'、'.join(missing)}，有人动过数据库。"
            "请停止办理，从备份恢复，并查明谁动过。"
        )
        yield Fault("database.triggers", said)
    if lost:
        named = "、".join(sorted({str(one[0]) for one in lost}))
        said = f"表 {named} 有 {len(lost)} 行指向不存在的记录，有人动过数据库。请从备份恢复。"
        yield Fault("database.references", said)
    yield "各表相互对应，防改动的触发器都在"


def ledger(ground: Ground) -> Found:
    """Every entry seals the one before it, and the released editions seal them all."""
    with reading(ground.register) as session:
        broken = next(breaks(session), None)
        many = next_number(session) - 1
        parted = list(islice(differences(session), SHOWN + 1)) if broken is None else []
    unlike = list(unlike_sealed(ground.register, ground.settings.editions))
    if broken is not None:
        yield Fault("ledger.broken", broken.sentence + broken.remedy)
    elif unlike:
        more = f"，另有 {len(unlike) - 1} 版也不符" if unlike[1:] else ""
        said = (
            f"台账自身相接，却不是已发布的名单封存的那一本：{unlike[0]}{more}。"
            "有人整本改写过台账，或者恢复了另一份数据。请先停止办理和发布，原样另存数据库，"
            "用这一版发布时的备份核对第一处不同，并查明谁改过。"
        )
        yield Fault("ledger.rewritten", said)
    if parted:
        said = "；".join(f"{one.subject}：{one.sentence}" for one in parted[:SHOWN])
        more = "等" if len(parted) > SHOWN else ""
        remedy = (
            "登记册被绕过程序改动过。请先停止办理和发布，原样另存数据库，用备份核对，并查明谁改过"
        )
        yield Fault("ledger.differs", f"{said}{more}。{remedy}。")
    yield f"{many} 条，逐条相接，没有改动"


def clock(ground: Ground) -> Found:
    """The machine's clock is not behind what was recorded, nor beside the database's."""
    with reading(ground.register) as session:
        last = watched.last_instant(session)
        at = _database_clock(session)
    now = ground.now
    if last is not None and last - now > AHEAD:
        said = (
            f"台账最后一条记在 {last.astimezone(now.tzinfo):%Y-%m-%d %H:%M}，本机的钟是 {now:%Y-%m-%d %H:%M}："
            "钟慢了，或者当时快了。请对好时间（timedatectl set-ntp true），对好以前不要办理。"
        )
        yield Fault("clock.behind", said)
    elif at is not None and abs(at - now) > AHEAD:
        said = f"本机和数据库服务器的钟相差 {abs(at - now)}。请让两台机器都用 NTP 对时。"
        yield Fault("clock.database", said)
    yield f"{now:%Y-%m-%d %H:%M}，不早于台账最后一条"


def _database_clock(session: Session) -> Any:
    """The server's own clock; a file has none."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    return session.scalar(select(func.clock_timestamp()))


def schedule(ground: Ground) -> Found:
    """Somebody keeps the clock; a process that holds the lock and does nothing is named."""
    with reading(ground.register) as session:
        found = nodes(session)
        undone = undone_since(session, ground.now)
    if not found:
        yield "还没有运行过"
        return
    at = found[0].ticked_at
    said = f"{found[0].name} 最近一次在 {at.astimezone(ground.now.tzinfo):%Y-%m-%d %H:%M}"
    if ground.now - at > SILENT:
        with leading(ground.register) as free:
            pass
        if free:
            yield Fault(
                "schedule.silent", f"定时任务停了，{said}。请执行 systemctl restart xinyong。"
            )
        else:
            who, remedy = _holder(ground.register)
            said = f"发布用的锁被{who}占着，却没有在办（{said}）。请结束它（{remedy}），再重新启动服务。"
            yield Fault("lock.stale", said)
    if undone:
        yield Fault(
            "schedule.undone",
            f"每日办理从 {undone} 以后没有办成。请看日志里“每日办理”后面写的原因，改正以后它会自己补办。",
        )
    yield said


def _holder(engine: Engine) -> tuple[str, str]:
    """The process that holds the lock of publishing, and how to end it."""
    if engine.dialect.name == "postgresql":
        query = (
            "SELECT pid FROM pg_locks JOIN pg_database d ON d.oid = database "
            "WHERE datname = current_database() AND locktype = 'advisory' AND granted "
            "AND classid = :key AND objid::bigint = (hashtext(:city)::bigint & 4294967295)"
        )
        city = engine.get_execution_options().get("city", "")
        with engine.connect() as connection:
            given = {"key": LEADER, "city": city}
            pid = connection.execute(text(query), given).scalars().first()
        return f"数据库会话 {pid} ", f"SELECT pg_terminate_backend({pid})"
    inode = str(Path(f"{engine.url.database}.leader").stat().st_ino)
    with suppress(OSError):
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            words = line.split()
            if words[1] == "FLOCK" and words[5].rpartition(":")[2] == inode:
                return f"进程 {words[4]} ", f"kill {words[4]}"
    return "另一个进程", "用 fuser 找到它，再 kill"


def notices(ground: Ground) -> Found:
    """What was to be sent has arrived."""
    with reading(ground.register) as session:
        dead = dead_letters(session)
        waiting = watched.figures(session).waiting
    if dead:
        said = (
            f"{len(dead)} 条提醒多次重试都没有送到，最近一条：{dead[0].error}。"
            "请检查邮件服务器或者消息平台，并在提醒页查看。"
        )
        yield Fault("outbox.dead", said)
    yield f"{waiting} 条等待发出"
