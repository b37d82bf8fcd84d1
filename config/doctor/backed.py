"""The backup: made, and not older than a day."""

from datetime import timedelta

from config.backups import last_backup
from config.doctor.signs import Fault, Found, Ground

A_DAY = timedelta(days=1)


def backup(ground: Ground) -> Found:
    """What happened since yesterday can be restored; what is invented can be built again."""
    if ground.settings.fictional:
        yield "演示数据，不必备份"
        return
    last = last_backup(ground.settings)
    if last is None:
        yield Fault("backup.none", "还没有备份过。请执行 xinyong backup，并安排每天备份。")
        return
    at = f"{last.astimezone(ground.now.tzinfo):%Y-%m-%d %H:%M}"
    if ground.now - last > A_DAY:
        yield Fault("backup.old", f"最近一次备份在 {at}，已超过一天。请检查备份任务。")
    yield f"最近一次在 {at}"
