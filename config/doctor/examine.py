"""The examination: every look in turn, each fault named once, nothing changed."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from config.cities.choice import settings_at_hand
from config.doctor import (
    accounts,
    backed,
    channels,
    city,
    editions,
    files,
    keys,
    machine,
    people,
    register,
)
from config.doctor.signs import Fault, Found, Ground, Sign
from config.mistakes import sentence_of

Look = Callable[[Ground], Found]
# Looks at the machine and the city's folder.
FIRST: dict[str, Look] = {
    "数据文件夹": machine.folder,
    "生成 PDF": machine.printing,
    "评分办法": city.policies,
    "放假安排": city.holidays,
    "检查清单": city.checklists,
    "证书": city.certificates,
    "签名密钥": keys.keys,
    "邮件服务器": channels.mail,
    "消息平台": channels.webhook,
    "统一身份认证": channels.sign_on,
}
# Looks that need a register of this version.
THEN: dict[str, Look] = {
    "登记册": register.tables,
    "台账": register.ledger,
    "时钟": register.clock,
    "定时任务": register.schedule,
    "提醒": register.notices,
    "人员": people.people,
    "两步验证": people.second_factors,
    "附件": files.uploads,
    "版次": editions.editions,
    "现行版次": editions.current,
    "年度报告": accounts.accounts,
    "备份": backed.backup,
}
UNREACHED = ("data.missing", "data.readonly")
UNREAD = "没有看，登记册现在读不出来"
UNMADE = "还没有建立，第一次使用时会建立"


def examine(now: datetime | None = None) -> list[Sign]:
    """Every sign, the bad ones with a remedy; nothing is changed. `now` is the clock's unless given."""
    try:
        ZoneInfo("Asia/Shanghai")
    except ZoneInfoNotFoundError:
        said = "这台机器没有时区数据。请安装 Debian 软件包 tzdata，或者重新执行 ./run 补齐 Python 软件包。"
        return [Sign(what="时区数据", fault="machine.timezones", problem=said)]
    try:
        settings = settings_at_hand()
    except Exception as wrong:
        said = sentence_of(wrong) or repr(wrong)
        return [Sign(what="城市设置", fault="city.settings", problem=said)]
    at = now or datetime.now(settings.zone)
    ground = Ground(settings=settings, now=at)
    signs = [Sign(what="城市设置", state=f"{settings.name}，{settings.city_folder}")]
    for what, look in FIRST.items():
        signs += _looked(what, look, ground)
    # A file that cannot be written to cannot be opened either; that has been said.
    beyond = any(one.fault in UNREACHED for one in signs) and not settings.schema
    signs += (
        [Sign(what="数据库", state=UNREAD)]
        if beyond
        else _looked("数据库", register.database, ground)
    )
    engine = None if beyond or signs[-1].problem else register.opened(settings)
    if engine is None:
        state = UNREAD if beyond or signs[-1].problem else UNMADE
        return [*signs, *(Sign(what=what, state=state) for what in THEN)]
    try:
        ground = msgspec.structs.replace(ground, engine=engine)
        for what, look in THEN.items():
            signs += _looked(what, look, ground)
    finally:
        engine.dispose()
    return signs


def _looked(what: str, look: Look, ground: Ground) -> list[Sign]:
    state, faults = "", []
    try:
        for one in look(ground):
            if isinstance(one, Fault):
                faults.append(Sign(what=what, fault=one.key, problem=str(one)))
            else:
                state = one
    except Exception as wrong:  # a look that cannot be finished is a fault of its own
        key = wrong.key if isinstance(wrong, Fault) else "look.failed"
        said = sentence_of(wrong) or f"{type(wrong).__name__}：{wrong}"
        faults.append(Sign(what=what, fault=key, problem=said))
    return faults or [Sign(what=what, state=state)]
