"""A draft policy over the register and its past months: as a table, as bars, as rows, as a drawing."""

import unicodedata
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from html import escape
from math import ceil
from pathlib import Path

from msgspec import Struct, structs
from sqlmodel import Session

from config.progress import Report
from config.register import opened_register
from config.settings import Settings, load_policies
from publisher.pages.words import TAGS
from registry import queries
from registry.database import reading
from scoring import Facts, Policy, PolicyError, Problem, Rating, in_force, load_policy
from scoring.replay import CONDITION, Part, Replay, Seat, Shift, Uncovered, replay
from scoring.words import number, points, score_words

HEADS = ("日期", "机构编号", "机构名称", "所属区域", "现办法", "草案", "规则的差别")
KINDS = {"list": "换名单", "grade": "换等级", "score": "只是分数变"}
BLOCKS = {"list": "█", "grade": "▒", "score": "░"}
FILLS = {"list": "#000", "grade": "url(#h)", "score": "#fff"}
ORDER = tuple(TAGS)
BAR = 40
# The drawing: its size, the edges of its plot, and the least room for the name of a month.
WIDTH, HEIGHT = 690, 316
LEFT, RIGHT, TOP, BOTTOM = 52, 664, 76, 276
TICK = 62


class Named(Struct, frozen=True, kw_only=True):
    """Who an institution is."""

    name: str
    district: str


class Replayed(Struct, frozen=True, kw_only=True):
    """One day of a replay, with the names of those who move.

    `joined` were not there on the day before in this replay; `not_open` open later and do not count.
    """

    day: Replay
    names: dict[str, Named]
    joined: int | None
    not_open: int

    @property
    def kinds(self) -> Counter[str]:
        """How many move to another list, only to another grade, only to another score."""
        return Counter(one.moves for one in self.day.moves)


def load_drafts(files: Sequence[Path]) -> list[Policy]:
    """The drafts; raises PolicyError with every problem of every file."""
    found, problems = [], []
    for file in files:
        try:
            found.append(load_policy(file.read_bytes()))
        except PolicyError as refused:
            problems += _at(refused, f"{file.name} ")
    if problems:
        raise PolicyError(problems)
    return found


def replay_policy(
    settings: Settings, drafts: Sequence[Policy], last: date, months: int, report: Report
) -> list[Replayed]:
    """The drafts on a day and at the ends of the months before it, the oldest first.

    A single draft rates every day whatever its dates, of several the one in force. Raises PolicyError
    for a day without exactly one, and Uncovered for all records of all days without a rule.
    """
    days = _days(last, months)
    olds = _each_day([load_policy(one) for one in load_policies(settings)], days, "")
    news = [drafts[0]] * len(days) if len(drafts) == 1 else _each_day(drafts, days, "草案 ")
    found: list[Replayed] = []
    refused: list[Uncovered] = []
    before: frozenset[str] | None = None
    with opened_register(settings) as engine:
        for done, (on, old, new) in enumerate(zip(days, olds, news, strict=True)):
            report("重放", done, months)
            there = _There()
            try:
                with reading(engine) as session:
                    day = replay(there.facts(session, on), old, new, on)
            except Uncovered as lacking:
                refused.append(lacking)
                continue
            found.append(there.replayed(day, before))
            before = frozenset(there.names)
    report("重放", months, months)
    if refused:
        raise _merged(refused)
    return found


class _There:
    """Who was there on a day, noted while the facts pass by."""

    def __init__(self) -> None:
        self.names: dict[str, Named] = {}
        self.not_open = 0

    def facts(self, session: Session, on: date) -> Iterator[Facts]:
        """The facts of those who had opened by the day."""
        districts = {one.id: one.name for one in queries.jurisdictions(session, on)}
        for file in queries.credit_files(session, on):
            opened = file.facts.opened_on
            if opened is not None and opened > on:
                self.not_open += 1
                continue
            district = districts.get(file.jurisdiction, file.jurisdiction)
            self.names[file.institution] = Named(name=file.name, district=district)
            yield file.facts

    def replayed(self, day: Replay, before: frozenset[str] | None) -> Replayed:
        """The day with the names of those who move."""
        return Replayed(
            day=day,
            names={one.institution: self.names[one.institution] for one in day.moves},
            joined=None if before is None else len(self.names.keys() - before),
            not_open=self.not_open,
        )


def _each_day(policies: Sequence[Policy], days: Sequence[date], whose: str) -> list[Policy]:
    """The policy of each day; raises PolicyError with every day that has not exactly one."""
    found, problems = [], []
    for on in days:
        try:
            found.append(in_force(policies, on))
        except PolicyError as refused:
            problems += _at(refused, whose)
    if problems:
        raise PolicyError(problems)
    return found


def _at(refused: PolicyError, where: str) -> list[Problem]:
    return [structs.replace(one, place=f"{where}{one.place}") for one in refused.problems]


def _merged(refused: Sequence[Uncovered]) -> Uncovered:
    """What several days lack, as one."""
    records: dict[tuple[str, str], set[str]] = {}
    for one in refused:
        for key, ids in one.records.items():
            records.setdefault(key, set()).update(ids)
    others = dict.fromkeys(problem for one in refused for problem in one.others)
    return Uncovered(records, others)


def seat(place: Seat) -> str:
    """A list and a grade in words."""
    status, grade = place
    return f"{TAGS[status]} {grade}"


def rows(found: Sequence[Replayed]) -> Iterator[tuple[str, ...]]:
    """Every move as a row of text."""
    for one in found:
        for move in one.day.moves:
            shifts = "；".join(_shifts(move.shifts))
            who = one.names[move.institution]
            sides = _said(move.before), _said(move.after)
            yield str(one.day.on), move.institution, who.name, who.district, *sides, shifts


def _shifts(shifts: Iterable[Shift]) -> Iterator[str]:
    """Each rule with its two sides; the white list's conditions that turn alike are told together."""
    turns: dict[str, list[str]] = {}
    for one in shifts:
        turn = f"{one.before or '无'} → {one.after or '无'}"
        if one.counts == "met":
            turns.setdefault(turn, []).append(one.code.removeprefix(CONDITION))
        else:
            yield f"{one.code}：{turn}"
    for turn, titles in turns.items():
        yield f"白名单条件“{'”“'.join(titles)}”：{turn}"


def _said(rating: Rating) -> str:
    score = score_words(rating)
    return seat((rating.status, rating.grade)) + (f" {score} 分" if score else "")


def told(found: Sequence[Replayed]) -> Iterator[str]:
    """The replay for people: a bar for each day, then the newest day's table and its rules."""
    yield from bars(found)
    newest = found[-1].day
    yield ""
    yield f"{newest.on}，{newest.old}（行）→ {newest.new}（列），单位：家"
    yield from table(newest)
    if newest.parts:
        yield ""
        yield "因为哪一条（只算会变的机构）："
        titles = {
            reason.code: reason.title
            for move in newest.moves
            for rating in (move.before, move.after)
            for reason in rating.reasons
        }
        yield from _of_parts(newest.parts, titles)


def bars(found: Sequence[Replayed]) -> Iterator[str]:
    """One bar a day, as long as the number of those who move, and the figures beside it."""
    most = max((len(one.day.moves) for one in found), default=0)
    yield "  ".join(f"{block} {KINDS[kind]}" for kind, block in BLOCKS.items())
    for one in found:
        bar, end, sofar = "", 0, 0
        for kind, block in BLOCKS.items():
            sofar += one.kinds[kind]
            # Rounded by its end, so that the parts of a bar add up to its length.
            length = -(-BAR * sofar // most) if most else 0
            bar, end = bar + block * (length - end), length
        yield f"{one.day.on} {bar:<{BAR}} {_figures(one)}"


def _figures(one: Replayed) -> str:
    day, kinds = one.day, one.kinds
    share = f"{100 * len(day.moves) / day.institutions:.1f}%" if day.institutions else "0%"
    parts = "、".join(f"{word} {kinds[kind]}" for kind, word in KINDS.items())
    said = f"{day.institutions} 家中 {len(day.moves)} 家会变（{share}）：{parts}"
    if day.ungraded or day.graded:
        said += f"；失去等级 {day.ungraded} 家，得到等级 {day.graded} 家"
    if one.joined:
        said += f"；比前一日新增 {one.joined} 家"
    if one.not_open:
        said += f"；{one.not_open} 家当日未设立，不计"
    return said


def table(day: Replay) -> Iterator[str]:
    """From what (down) to what (across), with the sums; what stays lies where row and column meet."""
    cells = {(one.before, one.after): one.institutions for one in day.table}
    down = sorted({before for before, _ in cells}, key=_order)
    across = sorted({after for _, after in cells}, key=_order)
    wide = max((_columns(seat(one)) for one in down), default=0)
    heads = [*((TAGS[status], grade) for status, grade in across), ("合计", "")]
    for line in range(2):
        yield _padded("", wide) + "".join(_padded(head[line], 9, left=True) for head in heads)
    for before in down:
        counts = [cells.get((before, after), 0) for after in across]
        yield _padded(seat(before), wide) + _counts([*counts, sum(counts)])
    sums = [sum(n for (_, to), n in cells.items() if to == after) for after in across]
    yield _padded("合计", wide) + _counts([*sums, day.institutions])


def _order(place: Seat) -> tuple[int, str]:
    return ORDER.index(place[0]), place[1]


def _counts(counts: Iterable[int]) -> str:
    return "".join(_padded(str(one) if one else "·", 9, left=True) for one in counts)


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _padded(text: str, wide: int, *, left: bool = False) -> str:
    space = " " * (wide - _columns(text))
    return space + text if left else text + space


def _of_parts(parts: Sequence[Part], titles: Mapping[str, str]) -> Iterator[str]:
    """The rules one by one; what they do to the white list's conditions in one line after them."""
    conditions = [one for one in parts if one.counts == "met"]
    yield from (_of_part(one, titles.get(one.code, "")) for one in parts if one not in conditions)
    if conditions:
        said = "；".join(
            f"{one.code.removeprefix(CONDITION)} {number(one.before)} → {number(one.after)} 家"
            for one in conditions
        )
        yield f"  白名单条件，符合的家数：{said}"


def _of_part(part: Part, title: str) -> str:
    head = f"  {_padded(f'{part.code} {title}', 38)}{part.institutions:>6} 家"
    if part.counts == "points":
        words = points if part.code != "基础分" else number
        return f"{head}  合计 {words(part.before)} → {words(part.after)} 分"
    return head


def _days(last: date, months: int) -> list[date]:
    """The ends of the months before a day, and the day itself."""
    days = [last]
    year, month = last.year, last.month
    for _ in range(months - 1):
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        days.append(date(year, month, monthrange(year, month)[1]))
    return days[::-1]


def drawing(found: Sequence[Replayed]) -> str:
    """The bars as a self-contained SVG that reads in black and white, its figures in `<desc>`."""
    drafts = "、".join(dict.fromkeys(one.day.new for one in found))
    title = escape(f"重放草案 {drafts}：会变的机构")
    figures = escape("；".join(f"{one.day.on}：{_figures(one)}" for one in found))
    most = max((len(one.day.moves) for one in found), default=0)
    step = _step(most)
    high = step * max(1, -(-most // step))

    def y(value: int) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * value / high, 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d" font-size="13" '
        'font-family="Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, sans-serif">',
        f'<title id="t">{title}</title>',
        f'<desc id="d">{figures}。</desc>',
        '<defs><pattern id="h" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<rect width="6" height="6" fill="#fff"/>'
        '<path d="M-1 1L1 -1M-1 7L7 -1M5 7L7 5" stroke="#000" stroke-width="1.2"/></pattern></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="12" y="24" font-size="15" font-weight="bold">{title}</text>',
        *_key(),
    ]
    for value in range(0, high + 1, step):
        lines.append(
            f'<path d="M{LEFT} {y(value)}H{RIGHT}" stroke="{"#bbb" if value else "#000"}"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 4.5}" text-anchor="end">{value}</text>'
        )
    room = (RIGHT - LEFT) / max(1, len(found))
    every = ceil(TICK / room)
    for place, one in enumerate(found):
        middle = round(LEFT + room * (place + 0.5), 1)
        lines += _column(one, middle, min(room * 0.7, 56), y)
        # The newest month is always named, the others as far as there is room.
        if (len(found) - 1 - place) % every == 0:
            lines.append(_text(middle, BOTTOM + 20, f"{one.day.on:%Y-%m}"))
    return "\n".join([*lines, "</svg>", ""])


def _key() -> Iterator[str]:
    """What each filling means; the unit stands above the scale."""
    yield _text(LEFT - 8, TOP - 16, "家", "end")
    x = LEFT + 60
    for kind, word in KINDS.items():
        yield _box(x, TOP - 28, 18, 13, kind)
        yield _text(x + 26, TOP - 16, word, "start")
        x += 46 + 14 * len(word)


def _column(one: Replayed, middle: float, wide: float, y: Callable[[int], float]) -> Iterator[str]:
    """One day's column, from another list at its foot to another score at its top."""
    sofar = 0
    for kind in KINDS:
        count = one.kinds[kind]
        if count:
            top = y(sofar + count)
            yield _box(middle - wide / 2, top, wide, y(sofar) - top, kind)
        sofar += count
    if wide > 20:
        yield _text(middle, y(sofar) - 6, str(sofar))


def _box(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{FILLS[kind]}" stroke="#000"/>'
    )


def _text(x: float, y: float, words: str, anchor: str = "middle") -> str:
    # The white edge keeps a line of the scale from running through the words.
    edge = 'stroke="#fff" stroke-width="4" paint-order="stroke"'
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {edge}>{words}</text>'


def _step(most: int) -> int:
    """The distance of the lines of the scale: 1, 2 or 5 times a power of ten, at most five lines."""
    power = 1
    while True:
        for times in (1, 2, 5):
            if most <= 5 * times * power:
                return times * power
        power *= 10
