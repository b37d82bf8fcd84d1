"""What this machine and these settings need before the office can rely on them."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime

from msgspec import Struct

from config.mistakes import sentence_of
from config.settings import Settings, load_policies, load_settings
from publisher.paper_key import CERTIFICATE, paper_key
from publisher.pdf import check_printing
from registry.calendar import load_calendar
from registry.database import open_database, reading, revision_of
from registry.ledger import breaks, next_number
from scoring import check_versions, in_force, load_policy

ROOM_GB = 2
NOTICE_DAYS = 60


class Sign(Struct, frozen=True, kw_only=True):
    """One thing looked at: how it is, or what is wrong and what to do."""

    what: str
    state: str = ""
    problem: str = ""


def examine() -> list[Sign]:
    """Every sign, the bad ones with a remedy; nothing is changed."""
    try:
        settings = load_settings()
    except Exception as wrong:
        return [Sign(what="城市设置", problem=sentence_of(wrong) or repr(wrong))]
    today = datetime.now(settings.zone).date()
    signs = [Sign(what="城市设置", state=f"{settings.name}，{settings.city_folder}")]
    signs += [_tried(what, look, settings, today) for what, look in LOOKS.items()]
    return [*signs, *_printing()]


def _tried(
    what: str, look: Callable[[Settings, date], str], settings: Settings, today: date
) -> Sign:
    try:
        return Sign(what=what, state=look(settings, today))
    except Exception as wrong:
        return Sign(what=what, problem=sentence_of(wrong) or str(wrong))


class Unfit(Exception):
    """Something is not as the office needs it."""


def _policy(settings: Settings, today: date) -> str:
    policies = [load_policy(one) for one in load_policies(settings)]
    policy = in_force(policies, today)
    # What is to come is no fault of today, so it is said and stops nothing.
    coming = "".join(f"。注意 {one}" for one in check_versions(policies, today))
    return f"今天施行 {policy.id}，{len(policy.indicators)} 项指标{coming}"


def _holidays(settings: Settings, today: date) -> str:
    calendar = load_calendar(settings.holidays)
    if year := calendar.missing(today):
        raise Unfit(
            f"{settings.holidays} 里没有 {year} 年的正式放假安排，期限暂按最短计算。请补上 {year}.toml。"
        )
    return f"有 {min(calendar.years)}—{max(calendar.years)} 年的放假安排"


def _database(settings: Settings, _: date) -> str:
    engine = open_database(settings.database, settings.schema)
    try:
        revision = revision_of(engine)
    finally:
        engine.dispose()
    shown = settings.database.split("@")[-1]
    return f"{shown}，版本 {revision}" if revision else f"{shown}，还没有建立，第一次使用时会建立"


def _ledger(settings: Settings, _: date) -> str:
    engine = open_database(settings.database, settings.schema)
    try:
        if not revision_of(engine):
            return "还没有建立，第一次使用时会建立"
        with reading(engine) as session:
            broken = next(breaks(session), None)
            many = next_number(session) - 1
    finally:
        engine.dispose()
    if broken is not None:
        raise Unfit(broken.sentence + broken.remedy)
    return f"{many} 条，逐条相接，没有改动"


def _folder(settings: Settings, _: date) -> str:
    settings.data.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.data, os.W_OK):
        raise Unfit(f"{settings.data} 不能写入。请换一个用户，或者用 XINYONG_DATA 换一个文件夹。")
    free = shutil.disk_usage(settings.data).free / 1e9
    if free < ROOM_GB:
        raise Unfit(f"{settings.data} 只剩 {free:.1f} GB。请腾出至少 {ROOM_GB} GB。")
    return f"{settings.data}，剩余 {free:.0f} GB"


def _keys(settings: Settings, _: date) -> str:
    key = settings.keys / "bureau.key"
    if not key.exists():
        return "还没有签名密钥，第一次发布时会生成"
    if key.stat().st_mode & 0o077:
        raise Unfit(f"{key} 别的用户也能读。请执行 chmod 600 {key}。")
    return f"{key}"


def _certificate(settings: Settings, today: date) -> str:
    file = settings.keys / CERTIFICATE
    if not file.exists():
        return "还没有签 PDF 的证书，第一次发布时会生成"
    noon = datetime(today.year, today.month, today.day, 12, tzinfo=settings.zone)
    last = paper_key(settings.keys, noon).certificate.not_valid_after_utc.date()
    if (last - today).days < NOTICE_DAYS:
        raise Unfit(f"{file} 到 {last} 就过期。请在那以前换用新证书，否则不能发布。")
    return f"{file}，有效至 {last}"


def _printing() -> Iterator[Sign]:
    problems = check_printing()
    if not problems:
        yield Sign(what="生成 PDF", state="排版库和字体齐全")
    for problem in problems:
        yield Sign(what="生成 PDF", problem=problem)


LOOKS: dict[str, Callable[[Settings, date], str]] = {
    "评分办法": _policy,
    "放假安排": _holidays,
    "数据文件夹": _folder,
    "数据库": _database,
    "台账": _ledger,
    "签名密钥": _keys,
    "签 PDF 的证书": _certificate,
}
