"""Edition → figures: the counts a journalist asks for, each a table with its CSV, from the edition alone."""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Literal

from msgspec import Struct

from publisher.data import OF_EDITION, harmless
from publisher.edition import Edition
from publisher.pages.sheet import MET, NOT_MET, UNSURE
from publisher.pages.words import grade_word
from publisher.seen import Asked, Judged, Noted, Seen, seen
from scoring.canonical import canonical
from scoring.facts import State
from scoring.policy import Unrated

STATUSES = ("white", "watch", "black", "none", "new")
LISTS = ("白名单", "重点关注", "黑名单", "未列入", "新设未评")
ANSWERS = (NOT_MET, MET, UNSURE)
NAME = "figures.json"
Cell = str | int
Row = tuple[Cell, ...]


class Figure(Struct, frozen=True, kw_only=True):
    """A table that is also drawn; `note` says what is counted and what is not."""

    name: str
    title: str
    note: str
    shape: Literal["stack", "bars"]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


class Figures(Struct, frozen=True, kw_only=True):
    """What `figures.json` holds."""

    edition: str
    digest: str
    figures: tuple[Figure, ...]


def render_figures(edition: Edition, folder: Path) -> None:
    """Writes `figures.json`, and every figure as `figures/<name>.csv`."""
    whole = Figures(edition=edition.name, digest=edition.digest, figures=tuple(figures_of(edition)))
    (folder / NAME).write_bytes(canonical(whole))
    (folder / "figures").mkdir()
    for one in whole.figures:
        raw = as_csv(one, edition.name, edition.digest)
        (folder / "figures" / f"{one.name}.csv").write_bytes(raw)


def as_csv(figure: Figure, edition: str, digest: str) -> bytes:
    """A figure as CSV; every line says from which edition it was counted."""
    columns = (*figure.columns, *OF_EDITION.values())
    return written(columns, ((*row, edition, digest) for row in figure.rows))


def written(columns: Iterable[str], rows: Iterable[Row]) -> bytes:
    """A table as CSV: UTF-8 with a mark for spreadsheets, no cell a spreadsheet would calculate."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([harmless(str(cell)) for cell in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def figures_of(edition: Edition) -> Iterator[Figure]:
    """Every figure of an edition, in the order in which they are read."""
    counts = _Counts(edition.manifest.cut_off)
    for one in seen(edition):
        counts.add(one)
    places = [(one.id, one.name) for one in edition.manifest.jurisdictions]
    yield counts.by_place(places)
    yield counts.by_kind()
    yield counts.by_grade(edition.unrated)
    yield counts.by_score()
    yield counts.by_finding()
    yield counts.by_condition()
    yield counts.by_visit()
    yield counts.by_order()


class _Counts:
    """What is counted of the institutions as they pass by; of them themselves nothing is kept."""

    def __init__(self, on: date) -> None:
        self.on = on
        self.place: dict[str, Counter[str]] = defaultdict(Counter)
        self.kind: dict[str, Counter[str]] = defaultdict(Counter)
        self.grade = Counter[str]()
        self.score = Counter[int]()
        self.finding: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        # By title: a policy may ask for several things of one kind.
        self.condition: dict[str, Counter[str]] = defaultdict(Counter)
        self.visit = Counter[str]()
        self.order = Counter[str]()
        self.days = Counter[int]()

    def add(self, one: Seen) -> None:
        """Counts an institution."""
        rating = one.rating
        self.place[one.jurisdiction][rating.status] += 1
        subject = "·".join(filter(None, (one.facts.kind, one.facts.subject))) or "没有写明"
        self.kind[subject][rating.status] += 1
        if one.grade:
            self.grade[one.grade] += 1
        if rating.base is not None and rating.score is not None:
            self.score[int(rating.score // Decimal(10)) * 10] += 1
        own = set()
        for reason in rating.reasons:
            key = (reason.code, reason.title)
            self.finding[key]["records"] += 1
            self.finding[key]["disputed"] += reason.disputed
            own.add(key)
        for key in own:
            self.finding[key]["institutions"] += 1
        if one.facts.status == "active":
            for condition in rating.conditions:
                self.condition[condition.title][_answer(condition, rating)] += 1
            self.visit[self._since([visit.on for visit in one.facts.inspections])] += 1
        for record in one.facts.records:
            self._course(record)

    def _since(self, visits: Sequence[date]) -> str:
        last = max((on for on in visits if on <= self.on), default=None)
        if last is None:
            return _VISITS[-1]
        months = (self.on - last).days / 30.4375
        return next(
            word for edge, word in zip((6, 12, 24, 10**6), _VISITS, strict=False) if months <= edge
        )

    def _course(self, record: Noted) -> None:
        ordered = [one.on for one in record.events if one.state == State.ORDERED]
        if not ordered or (self.on - min(ordered)).days > 365:
            return
        passed = [one.on for one in record.events if one.state == State.PASSED]
        failed = any(one.state == State.FAILED for one in record.events)
        self.order["passed" if passed else "failed" if failed else "open"] += 1
        if passed:
            self.days[(min(passed) - min(ordered)).days] += 1

    def by_place(self, places: Iterable[tuple[str, str]]) -> Figure:
        """The lists by district and zone."""
        named = dict(places)
        ids = [*named, *sorted(set(self.place) - set(named))]
        rows = [
            (named.get(id, id or "没有写明"), self.place[id])
            for id in ids
            if id in named or self.place[id]
        ]
        return Figure(
            name="districts",
            title="各区域的名单",
            note="按主管区域，功能区单列。",
            shape="stack",
            columns=("区域", *LISTS, "合计"),
            rows=tuple(_spread(name, counts) for name, counts in rows),
        )

    def by_kind(self) -> Figure:
        """The lists by what is taught."""
        found = sorted(self.kind.items(), key=lambda one: (-sum(one[1].values()), one[0]))
        return Figure(
            name="kinds",
            title="各类机构的名单",
            note="按登记的类别和科目。",
            shape="stack",
            columns=("类别", *LISTS, "合计"),
            rows=tuple(_spread(name, counts) for name, counts in found),
        )

    def by_grade(self, unrated: Unrated) -> Figure:
        """How many have which grade."""
        return Figure(
            name="grades",
            title="信用等级",
            note="等级由公布的事实和评分办法推出；未评和停办的也列出；列入黑名单而从未取得许可的不写等级，不在其中。",
            shape="bars",
            columns=("等级", "家数"),
            rows=tuple(
                (grade_word(one, unrated), many) for one, many in sorted(self.grade.items())
            ),
        )

    def by_score(self) -> Figure:
        """How the scores lie, ten points at a time."""
        return Figure(
            name="scores",
            title="分数的分布",
            note="只计已经评出分数的；每段从所写的分数起，不到下一段。",
            shape="bars",
            columns=("分数段", "家数"),
            rows=tuple((f"{at} 分起", self.score[at]) for at in sorted(self.score)),
        )

    def by_finding(self) -> Figure:
        """What is found most often, of what counts today."""
        found = sorted(self.finding.items(), key=lambda one: (-one[1]["institutions"], one[0]))
        return Figure(
            name="findings",
            title="现在计分的记录",
            note="只计截止日仍在计分或者标记的记录；一家有几条的，机构只计一次。",
            shape="bars",
            columns=("事项", "机构", "记录", "其中异议中", "编码"),
            rows=tuple(
                (title, many["institutions"], many["records"], many["disputed"], code)
                for (code, title), many in found
            ),
        )

    def by_condition(self) -> Figure:
        """Which conditions of the white list are not met, and how often."""
        found = sorted(self.condition.items(), key=lambda one: (-one[1][NOT_MET], one[0]))
        return Figure(
            name="conditions",
            title="白名单条件不符合的",
            note="只计没有停办的机构；一家可能有几项不符合。还没有评定等级的，等级一项不能判断。",
            shape="bars",
            columns=("条件", *ANSWERS),
            rows=tuple((title, *(many[one] for one in ANSWERS)) for title, many in found),
        )

    def by_visit(self) -> Figure:
        """How long ago somebody was there."""
        return Figure(
            name="visits",
            title="距最近一次检查多久",
            note="只计没有停办的机构，算到截止日。",
            shape="bars",
            columns=("最近一次检查", "家数"),
            rows=tuple((word, self.visit[word]) for word in _VISITS),
        )

    def by_order(self) -> Figure:
        """What became of the orders of the last year."""
        typical = int(median(self.days.elements())) if self.days else 0
        words = {"passed": "复查合格", "failed": "复查不合格", "open": "还在整改"}
        note = "截止日以前一年内责令改正的问题。"
        return Figure(
            name="orders",
            title="一年来责令改正的问题",
            note=note + (f"从责令到合格，一半在 {typical} 天以内。" if self.days else ""),
            shape="bars",
            columns=("结果", "问题"),
            rows=tuple((word, self.order[key]) for key, word in words.items()),
        )


def _answer(condition: Asked, rating: Judged) -> str:
    """How a condition stands, as on the institution's own page: of a grade nobody gave nothing is said."""
    if condition.met:
        return MET
    return UNSURE if condition.code == "grade" and rating.not_rated_because else NOT_MET


_VISITS = ("半年以内", "半年到一年", "一年到两年", "两年以上", "没有检查过")


def _spread(name: str, counts: Counter[str]) -> Row:
    return (name, *(counts[key] for key in STATUSES), sum(counts.values()))
