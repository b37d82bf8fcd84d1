"""The day's list: open matters by what the clock says, in words first."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct

from registry.calendar import Calendar
from registry.procedure import edges_from
from registry.queries import MatterLine

SOON = 3
SHOWN = 20
GROUPS = ("已超期", "无人负责", "今天到期", "三个工作日内", "以后")


class Due(Struct, frozen=True, kw_only=True):
    """One matter on the list: what to do, and what the clock says."""

    line: MatterLine
    todo: str
    said: str
    late: bool
    group: str


def grouped(
    lines: Sequence[MatterLine], role: str, today: date, calendar: Calendar
) -> tuple[list[tuple[str, list[Due]]], list[tuple[str, int]]]:
    """The list by urgency, and how many stand in each group."""
    rows = [_due(line, role, today, calendar) for line in lines]
    groups = [(word, [row for row in rows if row.group == word]) for word in GROUPS]
    tally = [(word, len(found)) for word, found in groups[:4]]
    return [(_headed(word, found), found[:SHOWN]) for word, found in groups if found], tally


def _headed(word: str, found: list[Due]) -> str:
    """The group's name; a list that is cut says so."""
    return word if len(found) <= SHOWN else f"{word}（共 {len(found)} 件，先列 {SHOWN} 件）"


def _due(line: MatterLine, role: str, today: date, calendar: Calendar) -> Due:
    steps = [one for one in edges_from(line.kind, line.state) if one.act not in ("annul", "drop")]
    mine = [one for one in steps if role in one.roles] or steps
    days = _days(line.due_on, today, calendar) if line.due_on else None
    return Due(
        line=line,
        todo="、".join(dict.fromkeys(one.label for one in mine)),
        said=_said(days),
        late=days is not None and days < 0,
        group=_group(line, days),
    )


def _days(due: date, today: date, calendar: Calendar) -> int:
    """Working days left, or, negative, those gone by since the last day."""
    first, last = sorted((due, today))
    day, many = first, 0
    while day < last:
        day += timedelta(days=1)
        many += calendar.is_working_day(day)
    return -max(many, 1) if due < today else many


def _said(days: int | None) -> str:
    if days is None:
        return "没有法定期限"
    if days < 0:
        return f"超期 {-days} 天"
    return f"还剩 {days} 天" if days else "今天"


def _group(line: MatterLine, days: int | None) -> str:
    if days is not None and days < 0:
        return "已超期"
    if not line.owner:
        return "无人负责"
    if days == 0:
        return "今天到期"
    return "三个工作日内" if days is not None and days <= SOON else "以后"
