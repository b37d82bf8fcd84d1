"""The board of what is due: open matters by what the clock says, in words first, for a person or an office."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from registry.accounts import Person
from registry.calendar import Calendar
from registry.procedure import edges_from
from registry.queries import MatterLine

SOON = 3
SHOWN = 20
LATE, OWNERLESS, TODAY, NEAR, LATER = GROUPS = (
    "已超期",
    "无人负责",
    "今天到期",
    "三个工作日内",
    "以后",
)
WHO = {"mine": "我的", "office": "本单位", "all": "全部"}
PROVISIONAL = "（节假日安排未公布，按最短期限计）"


class Due(Struct, frozen=True, kw_only=True):
    """One matter on the list: what to do, what the clock says, and whether its day may still move."""

    line: MatterLine
    todo: str
    said: str
    late: bool
    group: str
    note: str = ""


class Tally(Struct, frozen=True, kw_only=True):
    """How much one person or one office has in each group."""

    name: str
    counts: tuple[int, ...]


class View(Struct, frozen=True, kw_only=True):
    """Which matters a board shows: whose, of which places, of which kind, in which group."""

    who: str
    owner: str = ""
    places: tuple[str, ...] = ()
    kind: str = ""
    group: str = ""


def view_of(person: Person, asked: Mapping[str, str]) -> View:
    """The view a person asks for, never wider than where their role holds."""
    who = asked.get("who", "all")
    if who not in WHO:
        who = "all"
    places = person.places
    if who == "office" and person.jurisdiction:
        places = (person.jurisdiction,)
    return View(
        who=who,
        owner=person.account if who == "mine" else "",
        places=places,
        kind=asked.get("kind", ""),
        group=asked.get("group", ""),
    )


def dues(lines: Sequence[MatterLine], role: str, today: date, calendar: Calendar) -> list[Due]:
    """Every matter with what its clock says today."""
    return [_due(line, role, today, calendar) for line in lines]


def grouped(rows: Sequence[Due], shown: int = SHOWN) -> list[tuple[str, list[Due]]]:
    """The list by urgency; a group that is cut says so."""
    groups = [(word, [row for row in rows if row.group == word]) for word in GROUPS]
    return [(_headed(word, found, shown), found[:shown]) for word, found in groups if found]


def tally(rows: Sequence[Due]) -> list[tuple[str, int]]:
    """How many are overdue, ownerless, due today and soon."""
    counts = Counter(row.group for row in rows)
    return [(word, counts[word]) for word in GROUPS[:4]]


def by_owner(rows: Sequence[Due], names: Mapping[str, str]) -> list[Tally]:
    """How much each person has, those with most overdue first; what nobody has stands last."""
    return _tallied((row, names.get(row.line.owner, row.line.owner) or OWNERLESS) for row in rows)


def by_office(rows: Sequence[Due], names: Mapping[str, str]) -> list[Tally]:
    """How much each office has, those with most overdue first."""
    return _tallied(
        (row, names.get(row.line.jurisdiction, row.line.jurisdiction) or "未定辖区") for row in rows
    )


def _tallied(named: Iterable[tuple[Due, str]]) -> list[Tally]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row, name in named:
        found[name][row.group] += 1
    made = [
        Tally(name=name, counts=tuple(counts[word] for word in GROUPS))
        for name, counts in found.items()
    ]
    return sorted(made, key=lambda one: (one.name == OWNERLESS, [-n for n in one.counts], one.name))


def _headed(word: str, found: list[Due], shown: int) -> str:
    return word if len(found) <= shown else f"{word}（共 {len(found)} 件，先列 {shown} 件）"


def _due(line: MatterLine, role: str, today: date, calendar: Calendar) -> Due:
    steps = [one for one in edges_from(line.kind, line.state) if one.owed and one.act != "drop"]
    mine = [one for one in steps if role in one.roles] or steps
    due = line.due_on
    running = line.waits and due is not None and today <= due
    # Where others' time runs out, the office's turn comes on the next working day.
    turn = calendar.after(due, 1) if due and line.waits else due
    days = calendar.left(turn, today) if turn else None
    return Due(
        line=line,
        todo="、".join(dict.fromkeys(one.label for one in mine)),
        said=f"{due} 期满后办理" if running else _said(days),
        late=days is not None and days < 0,
        group=_group(line, days),
        note=PROVISIONAL if due and calendar.is_provisional(due) else "",
    )


def _said(days: int | None) -> str:
    if days is None:
        return "没有期限"
    if days < 0:
        return f"超期 {-days} 个工作日"
    return f"还剩 {days} 个工作日" if days else "今天"


def _group(line: MatterLine, days: int | None) -> str:
    if days is not None and days < 0:
        return LATE
    if not line.owner:
        return OWNERLESS
    if days == 0:
        return TODAY
    return NEAR if days is not None and days <= SOON else LATER
