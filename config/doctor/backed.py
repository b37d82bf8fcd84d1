"""The backup: made, and not older than a day; where it is made daily, what it needs."""

import os

from config.backups import OLD, last_backup
from config.doctor.signs import Fault, Found, Ground
from config.keeping.daily import newest_good, tried, tried_at, trouble_of
from config.keeping.errors import KeepingError
from config.keeping.register_copy import CLIENT
from config.keeping.sealed import check_public, tool
from config.settings import Settings


def backup(ground: Ground) -> Found:
    """What happened since yesterday can be restored; what is invented can be built again."""
    if ground.settings.city.backup is not None:
        yield from _daily(ground)
        return
    if ground.settings.fictional:
        yield "演示数据，不必备份"
        return
    last = last_backup(ground.settings)
    if last is None:
        yield Fault("backup.none", "还没有备份过。请执行 xinyong backup，并安排每天备份。")
        return
    at = f"{last.astimezone(ground.now.tzinfo):%Y-%m-%d %H:%M}"
    if ground.now - last > OLD:
        yield Fault("backup.old", f"最近一次备份在 {at}，已超过一天。请检查备份任务。")
    yield f"最近一次在 {at}"


def _daily(ground: Ground) -> Found:
    """The backup that is made every day: its folder, its key, its tools, and the last good one."""
    settings = ground.settings
    wanted = settings.city.backup
    folder = wanted.folder if wanted else ""
    if not os.access(folder, os.W_OK):
        said = f"备份文件夹 {folder} 不存在或者不能写入。请挂上磁盘、改它的权限。"
        yield Fault("backup.folder", said)
        return
    last = newest_good(settings)
    if (last or tried_at(settings)) and (trouble := trouble_of(settings, last, ground.now)):
        said = f"{trouble}{tried(settings)}请检查这个文件夹和磁盘空间。"
        yield Fault("backup.old", said)
    yield from _needs(settings, wanted.key if wanted else "")
    yield f"最近一份 {last.file}，已恢复核对" if last else "第一份还没有做，每天两点以后做"


def _needs(settings: Settings, key: str) -> Found:
    try:
        if key:
            check_public(key)
        if settings.schema:
            for name in ("pg_dump", "psql"):
                tool(name, CLIENT)
    except KeepingError as missing:
        yield Fault("backup.needs", str(missing))
