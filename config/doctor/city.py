"""The city's folder: policies, days off, checklists; and the certificates."""

from datetime import date
from pathlib import Path

from config.certificates import CertificateUnreadable, files_of, public_in, until_of
from config.doctor.keys import public_of
from config.doctor.signs import Fault, Found, Ground
from config.settings import SettingsError, load_checks
from registry.calendar import CalendarError, load_calendar
from scoring import Policy, PolicyError, check_versions, load_policy

HOLIDAYS_FROM = 11
SOON_DAYS = 60


def policies(ground: Ground) -> Found:
    """On today exactly one policy is in force, and the versions follow one another."""
    folder, today = ground.settings.policies, ground.today
    read: dict[Path, Policy] = {}
    for file in sorted(folder.glob("*.toml")):
        try:
            read[file] = load_policy(file.read_bytes())
        except PolicyError as refused:
            yield Fault("policy.broken", f"{file}：{refused}")
    covering = [
        file.name
        for file, one in read.items()
        if one.since <= today and (one.until is None or today < one.until)
    ]
    if len(covering) > 1:
        named = "、".join(covering)
        said = f"今天有 {len(covering)} 份评分办法同时施行：{named}。请在旧的一份写明 until，只留一份施行。"
        yield Fault("policy.two", said)
        return
    if not covering:
        said = f"{folder} 里没有今天施行的评分办法。请放入施行日期包括 {today} 的一份。"
        yield Fault("policy.none", said)
        return
    names = [one.name for one in read]
    for seam in check_versions(list(read.values()), names=names):
        yield Fault("policy.seam", f"{folder} 各版不相接，{seam}")
    # What is to come is no fault of today, so it is said and stops nothing.
    coming = "".join(f"。注意 {one}" for one in check_versions(list(read.values()), today))
    current = next(one for file, one in read.items() if file.name == covering[0])
    yield f"今天施行 {current.id}，{len(current.indicators)} 项指标{coming}"


def holidays(ground: Ground) -> Found:
    """This year's days off are known, and from November on the next year's."""
    folder, today = ground.settings.holidays, ground.today
    try:
        calendar = load_calendar(folder)
    except CalendarError as wrong:
        yield Fault("holidays.broken", str(wrong))
        return
    if calendar.is_provisional(today.replace(month=1, day=1)):
        said = f"{folder} 里没有 {today.year} 年的正式放假安排，期限暂按最短计算。请补上 {today.year}.toml。"
        yield Fault("holidays.missing", said)
    elif today.month >= HOLIDAYS_FROM and calendar.is_provisional(date(today.year + 1, 1, 1)):
        year = today.year + 1
        said = (
            f"{folder} 里没有 {year} 年的正式放假安排，明年的期限暂按最短计算。请补上 {year}.toml。"
        )
        yield Fault("holidays.next", said)
    if calendar.years:
        yield f"有 {min(calendar.years)}—{max(calendar.years)} 年的放假安排"


def checklists(ground: Ground) -> Found:
    """Every checklist can be read and stands on rules of the policies."""
    try:
        found = load_checks(ground.settings)
    except SettingsError as refused:
        # A policy that is broken has been named; a checklist names its own file.
        if str(ground.settings.checklists) in str(refused) or "policy" not in str(refused):
            yield Fault("checklist.broken", str(refused))
        yield "没有看，评分办法现在读不出来"
        return
    yield f"{len(found)} 份检查清单"


def certificates(ground: Ground) -> Found:
    """Every certificate can be read and holds for longer than two months."""
    many = 0
    for what, file in files_of(ground.settings):
        many += 1
        try:
            until = until_of(file)
        except CertificateUnreadable as wrong:
            yield Fault("certificate.broken", f"{what}：{wrong}")
            continue
        own = public_of(file.with_suffix(".key"))
        if own is not None and public_in(file) != own:
            said = f"{what} {file} 不是旁边 {file.stem}.key 的证书。请换上配成一对的证书和私钥。"
            yield Fault("certificate.mismatch", said)
        left = (until - ground.now).days
        if left <= SOON_DAYS:
            on = until.astimezone(ground.now.tzinfo).date()
            state = f"还有 {left} 天到期" if left >= 0 else "已经到期"
            said = f"{what} {file} {state}（{on}）。请申请并换上新的。"
            yield Fault("certificate.ending", said)
    yield f"{many} 份证书，都在有效期内" if many else "没有证书"
