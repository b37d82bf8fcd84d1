"""双公示 of one city: decisions and licences of the register as rows for the credit platform."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from config.settings import Settings, load_policies
from publisher.credit_columns import LICENCE, PENALTY
from publisher.credit_platform import (
    WORKING_DAYS,
    Lacking,
    Licence,
    Penalty,
    Row,
    Source,
    lacking,
    licence_rows,
    penalty_rows,
)
from publisher.credit_sheet import write_rows
from registry import queries
from registry.calendar import load_calendar
from registry.database import reading
from scoring import Policy, in_force, load_policy
from scoring.rules import days_after, months_after
from scoring.terms import last_day_of_class

ENDINGS = (".xlsx", ".csv")


class Reported(Struct, frozen=True, kw_only=True):
    """What was written, what was not and why, and what is late."""

    file: str
    rows: int
    withdrawals: int
    late: tuple[str, ...]
    lacking: tuple[Lacking, ...]
    notes: tuple[str, ...]
    written: bool


def report_rows(
    engine: Engine,
    settings: Settings,
    what: Literal["penalties", "licences"],
    days: tuple[date, date],
    today: date,
) -> list[Row]:
    """The rows of a stretch of days, in order of when they became reportable."""
    calendar = load_calendar(settings.holidays)
    codes = settings.city.credit_platform.codes
    source = Source(organ=settings.organ, codes=codes)

    def due(start: date) -> date:
        return calendar.after(start, WORKING_DAYS)

    if what == "penalties":
        # Told anew after its term it would be shown anew.
        told = [
            one for one in _penalties(engine, settings) if one.ended_on or not _is_over(one, today)
        ]
        return penalty_rows(told, days, source, due)
    with reading(engine) as session:
        held = queries.licences_held(session, settings.zone)
    # Of a licence that was prolonged the newer line takes the place of the older.
    found = [
        _licence(one, today) for one in held if one.followed_on is None or today < one.followed_on
    ]
    return licence_rows(found, days, source, due)


def _penalties(engine: Engine, settings: Settings) -> list[Penalty]:
    """The final penalties that may leave the register."""
    policies = [load_policy(one) for one in load_policies(settings)]
    with reading(engine) as session:
        found = queries.penalties_final(session, settings.zone)
    return [_penalty(one, policies) for one in found if one.social_impact]


def _is_over(one: Penalty, today: date) -> bool:
    return one.shown_until is not None and one.shown_until < today


def write_report(  # noqa: PLR0913 what, of which days, to where
    engine: Engine,
    settings: Settings,
    what: Literal["penalties", "licences"],
    days: tuple[date, date],
    file: Path,
    *,
    today: date,
    accept_valid: bool,
) -> Reported:
    """Writes the rows, unless one lacks what it must have or holds personal data; with `accept_valid` without those."""
    if file.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"文件名“{file.name}”不能用。请以 .xlsx 或 .csv 结尾。")
    if days[0] > days[1]:
        raise click.UsageError(f"--since {days[0]} 晚于 --until {days[1]}。请改正其中一个。")
    rows = report_rows(engine, settings, what, days, today)
    wrong = tuple(lacking(rows, settings.gate.public_numbers))
    bad = {one.matter for one in wrong}
    good = [one for one in rows if one.matter not in bad]
    writes = not wrong or accept_valid
    if writes:
        write_rows(good, PENALTY if what == "penalties" else LICENCE, file)
    late = tuple(
        f"{one.matter}：应于 {one.due_on} 以前报送，已逾期"
        for one in rows
        if one.due_on is not None and one.due_on < today
    )
    return Reported(
        file=str(file),
        rows=len(good),
        withdrawals=sum(one.withdraws for one in good),
        late=late,
        lacking=wrong,
        notes=(*_notes(rows, what), *_left_out(engine, settings, what, days, today)),
        written=writes,
    )


def _notes(rows: Sequence[Row], what: str) -> Iterable[str]:
    """What the register does not hold, said rather than made up."""
    side = "CF" if what == "penalties" else "XK"
    pairs = ("CF_CFJG", "CF_SJLY") if side == "CF" else ("XK_XKJG", "XK_LYDW")
    lacks = {one.cells[organ] for one in rows for organ in pairs if not one.cells[f"{organ}DM"]}
    named = sorted(lacks - {""})
    if named:
        yield (
            f"机关的统一社会信用代码没有设置，该列留空：{'、'.join(named)}。"
            "请写在 city.toml 的 [credit_platform.codes]。"
        )
    if side == "XK" and rows:
        yield (
            "登记册没有许可决定的文书名称、文号和日期，各列留空；决定日期不详，无法判断是否逾期。"
        )


def _left_out(
    engine: Engine, settings: Settings, what: str, days: tuple[date, date], today: date
) -> Iterable[str]:
    """How many decisions do not leave the register, and why: their term is over, or they were made on the spot."""
    if what != "penalties":
        return
    over = [
        one
        for one in _penalties(engine, settings)
        if not one.ended_on and _is_over(one, today) and days[0] <= one.known_on <= days[1]
    ]
    if over:
        yield f"另有 {len(over)} 件公示期已满，不再报送：{'、'.join(one.matter for one in over)}。"
    with reading(engine) as session:
        many = queries.spots_made(session, *days)
    if many:
        yield (
            f"另有当场处罚 {many} 件没有报送：依照《浙江省公共信用信息管理条例》第十一条第二款，"
            "适用简易程序的行政处罚不作为不良信息。"
        )


def _penalty(row: Any, policies: Sequence[Policy]) -> Penalty:
    policy = in_force(policies, row.decided_on)
    rule = policy.by_code.get(row.code)
    titles = [policy.by_code[one].title for one in row.finding_codes if one in policy.by_code]
    # As on the public site: by the gravest class of the case, or as long as the policy counts it.
    codes = (row.code, *row.finding_codes)
    ends = [last_day_of_class(one, row.decided_on, policy) for one in codes]
    if rule and rule.months:
        ends.append(months_after(row.decided_on, rule.months) - timedelta(days=1))
    values = {name: getattr(row, name) for name in row.__struct_fields__}
    made = {**values, "conduct": "；".join(dict.fromkeys(titles)), "shown_until": max(ends)}
    return msgspec.convert(made, Penalty, from_attributes=True)


def _licence(row: Any, today: date) -> Licence:
    """A licence ends with its last day, or with the institution."""
    ends = [(days_after(row.until, 1), row.recorded_on, "许可期满")] if row.until else []
    if row.status == "closed" and row.status_since:
        ends.append((row.status_since, row.status_recorded_on, "机构已终止办学"))
    end = min((one for one in ends if one[0] <= today), default=None)
    number = row.number or f"第 {row.id} 条许可证"
    made = {
        **{name: getattr(row, name) for name in row.__struct_fields__},
        "matter": f"{row.subject.institution} {number}",
        "known_on": max(row.since, row.recorded_on),
        "ended_on": end[0] if end else None,
        "end_known_on": max(end[:2]) if end else None,
        "ended_by": end[2] if end else "",
    }
    return msgspec.convert(made, Licence, from_attributes=True)
