"""The alarms: what somebody has to mend before it is late, told once a day until it is mended."""

import shutil
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, select
from sqlmodel import Session, col

from config.backups import OLD, last_backup
from config.bucket.clock import late as store_late
from config.certificates import endings
from config.days_off import days_off
from config.keeping.daily import late as backup_late
from config.month import alarm
from config.settings import Settings
from registry.database import reading, writing
from registry.outbox import Notice, put
from registry.pulse import SILENT, nodes, undone_since
from registry.queries import matters
from registry.queries.people import holders
from registry.tables import Delivery, Outbox
from registry.watch import Alarm

ADMINISTRATORS = ("administrator",)
PUBLISHERS = ("publisher",)
ENDS_WITHIN = timedelta(days=60)
ROOM_GB, ROOM_SHARE = 2, 0.05
HOLIDAYS_FROM = 11  # the month in which the State Council has published the next year's
NAMED = 5


def current_alarms(engine: Engine, settings: Settings, now: datetime) -> list[Alarm]:
    """Everything that is to be mended now."""
    late = alarm(engine, settings, now)
    found = [Alarm(kind="edition", about="", sentence=late, roles=PUBLISHERS)] if late else []
    with reading(engine) as session:
        found += [*_ownerless(session), *_silent(session, now)]
    return [
        *found,
        *_backup(settings, now),
        *_store(settings, now),
        *_ending(settings, now),
        *_holidays(settings, now.date()),
        *_disk(settings),
    ]


def alarms(engine: Engine, settings: Settings, now: datetime) -> int:
    """Tells today's alarms to their owners, once each, and ends what is mended; gives how many are new.

    To be called at every tick: what was told today is not told again. A mended alarm counts as read, and
    what of it had not been sent is not sent any more.
    """
    found = current_alarms(engine, settings, now)
    with writing(engine) as session:
        made = tell(session, found, now)
        _end(session, {(one.kind, one.about) for one in found}, now)
    return made


def tell(session: Session, found: Iterable[Alarm], now: datetime) -> int:
    """Tells alarms to their owners, once a day each; gives how many are new."""
    told: dict[str, Notice] = {}
    owners: dict[str, list[str]] = {}
    for one in holders(session, now):
        owners.setdefault(one.role, []).append(one.account)
    for each in found:
        for account in sorted({name for role in each.roles for name in owners.get(role, ())}):
            told[_key(each, account, now)] = _notice(each, account, now)
    return sum(put(session, notice, now) for notice in told.values())


def _key(one: Alarm, account: str, now: datetime) -> str:
    return f"alarm:{one.kind}:{one.about}:{now:%Y-%m-%d}:{account}"[:120]


def _notice(one: Alarm, account: str, now: datetime) -> Notice:
    # A publisher has no page of operations, but the board of clocks.
    link = one.link if "administrator" in one.roles else "desk/clocks/"
    return Notice(
        key=_key(one, account, now),
        kind="alarm",
        account=account,
        subject=one.sentence.split("。")[0],
        body=one.sentence,
        link=link,
    )


def _end(session: Session, current: set[tuple[str, str]], now: datetime) -> None:
    query = select(Outbox).where(col(Outbox.kind) == "alarm", col(Outbox.read_at).is_(None))
    for row in session.scalars(query).all():
        _, kind, rest = row.key.split(":", 2)
        if (kind, rest.rsplit(":", 2)[0]) in current:
            continue
        row.read_at = now
        session.add(row)
        waiting = select(Delivery).where(
            col(Delivery.notice) == row.key, col(Delivery.delivered_at).is_(None)
        )
        for delivery in session.scalars(waiting).all():
            session.delete(delivery)


def _ownerless(session: Session) -> Iterator[Alarm]:
    found = matters(session, open_only=True, ownerless=True, limit=1000)
    if found:
        named = "、".join(one.id for one in found[:NAMED])
        said = f"{len(found)} 件事项无人负责。请在期限页交接：{named}{'等' if len(found) > NAMED else ''}。"
        yield Alarm(
            kind="ownerless", about="", sentence=said, roles=ADMINISTRATORS, link="desk/clocks/"
        )


def _silent(session: Session, now: datetime) -> Iterator[Alarm]:
    """Seen by another node, or once the service runs again; a machine that is off tells nobody."""
    found = nodes(session)
    if found and now - found[0].ticked_at > SILENT:
        at = found[0].ticked_at.astimezone(now.tzinfo)
        said = f"定时任务从 {at:%Y-%m-%d %H:%M} 起没有运行。请重新启动 xinyong 服务。"
        yield Alarm(kind="schedule", about="", sentence=said, roles=ADMINISTRATORS)
    if last := undone_since(session, now):
        said = (
            f"每日办理从 {last} 以后没有办成，到期的事项可能没有人办。"
            "请看日志里“每日办理”后面写的原因，改正以后它会自己补办。"
        )
        yield Alarm(kind="daily", about="", sentence=said, roles=ADMINISTRATORS)


def _backup(settings: Settings, now: datetime) -> Iterator[Alarm]:
    last = last_backup(settings)
    if settings.city.backup:
        said = backup_late(settings, now)
        if not said:
            return
    elif settings.fictional:
        return  # what is invented can be built again
    elif last is None:
        said = "还没有备份过。请执行 xinyong backup，并安排每天备份。"
    elif now - last > OLD:
        said = f"最近一次备份在 {last.astimezone(now.tzinfo):%Y-%m-%d %H:%M}，已超过一天。请检查备份任务。"
    else:
        return
    yield Alarm(kind="backup", about="", sentence=said, roles=ADMINISTRATORS)


def _store(settings: Settings, now: datetime) -> Iterator[Alarm]:
    if said := store_late(settings, now):
        yield Alarm(kind="store", about="", sentence=said, roles=ADMINISTRATORS)


def _ending(settings: Settings, now: datetime) -> Iterator[Alarm]:
    for one in endings(settings):
        left = one.until - now
        if left <= ENDS_WITHIN:
            on = one.until.astimezone(now.tzinfo).date()
            state = "已经到期" if left < timedelta(0) else f"还有 {left.days} 天到期"
            said = f"{one.what} {one.file.name} {state}（{on}）。请换用新的。"
            yield Alarm(kind="ending", about=one.file.name, sentence=said, roles=ADMINISTRATORS)


def _holidays(settings: Settings, today: date) -> Iterator[Alarm]:
    """What is told of a year goes on when that year has begun, until its days off are there."""
    found = days_off(settings.holidays)
    if found.trouble:
        said = f"放假安排有错，现在照改坏以前的计算：{found.trouble}"
        yield Alarm(kind="holidays", about="files", sentence=said, roles=ADMINISTRATORS)
    years = {today.year: "今年"}
    if today.month >= HOLIDAYS_FROM:
        years[today.year + 1] = "明年"
    for year, named in years.items():
        if found.calendar.is_provisional(date(year, 1, 1)):
            said = (
                f"还没有 {year} 年的正式放假安排，{named}的期限只能按最短计算。"
                f"请照国务院办公厅的通知写好 {settings.holidays / f'{year}.toml'}。"
            )
            yield Alarm(kind="holidays", about=str(year), sentence=said, roles=ADMINISTRATORS)


def _disk(settings: Settings) -> Iterator[Alarm]:
    room = shutil.disk_usage(settings.data)
    if room.free < ROOM_GB * 1e9 or room.free < room.total * ROOM_SHARE:
        said = f"数据所在的磁盘只剩 {room.free / 1e9:.1f} GB。请腾出空间，或者换更大的磁盘。"
        yield Alarm(kind="disk", about="", sentence=said, roles=ADMINISTRATORS)
