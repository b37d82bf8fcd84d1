"""A policy against what an authority published: rows become facts, and each rating is compared."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from config.authority import Authority, BacktestError, load_authority, load_policies
from config.published import UNREADABLE, Table, open_tables
from config.visits import (
    EMPTY,
    Seen,
    Unread,
    Unreadable,
    Unreads,
    Visit,
    read_findings,
    read_visits,
    unknown,
)
from scoring import Facts, Policy, PolicyError, Rating, assess, in_force
from scoring.claims import rule_of
from scoring.derivation import grade_words
from scoring.facts import Inspection, Record
from scoring.words import score_words

__all__ = ["BacktestError", "Difference", "Outcome", "Unread", "run_backtest", "told"]

SHOWN = 20


class Difference(Struct, frozen=True, kw_only=True):
    """One row where ours is not theirs, with the derivation that led to ours; `of_grade` says why it is that grade."""

    row: int
    institution: str
    on: date
    published: str
    rating: Rating
    of_grade: tuple[str, ...] = ()


class _Compared(Struct, frozen=True):
    """A row with what it was rated from."""

    visit: Visit
    rating: Rating
    facts: Facts
    policy: Policy

    @property
    def same(self) -> bool:
        expected = self.visit.expected
        ours = self.rating.score if isinstance(expected, Decimal) else self.rating.grade
        return expected == ours

    def difference(self) -> Difference:
        """The row told as one where ours is not theirs."""
        return Difference(
            row=self.visit.row,
            institution=self.visit.institution,
            on=self.visit.inspection.on,
            published=self.visit.published,
            rating=self.rating,
            of_grade=tuple(grade_words(self.rating, self.facts, self.policy)),
        )


class Pair(Struct, frozen=True, kw_only=True):
    """How often this grade of ours stands beside that published one."""

    published: str
    ours: str
    rows: int


class Gap(Struct, frozen=True, kw_only=True):
    """How often our score lies this far above the published one; None: we give no score."""

    points: Decimal | None
    rows: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What a backtest found.

    Every row of the outcomes is in `rows`, in `left_out` with its reason, or in `unread`; `strays`
    are the findings that belong to no inspection of the file.
    """

    authority: str
    rows: int
    matched: int
    differences: tuple[Difference, ...]
    unread: tuple[Unread, ...] = ()
    left_out: dict[str, int] = {}
    grades: tuple[Pair, ...] = ()
    gaps: tuple[Gap, ...] = ()
    strays: int = 0


def run_backtest(authority: Path, data: Path) -> Outcome:
    """Rates every published inspection anew and compares; raises BacktestError for what is to be mended."""
    scheme = load_authority(authority)
    policies = load_policies(authority, scheme)
    table, findings = open_tables(scheme, data)
    unread, left_out = Unreads(), Counter[str]()
    visits = list(read_visits(table, scheme, policies, unread, left_out))
    seen: list[Seen] = []
    if findings is not None and scheme.findings is not None:
        codes = {code for one in policies for code in one.by_code}
        seen = list(read_findings(findings, scheme.findings, visits, codes, unread))
    past = _Past(scheme, visits, seen)
    compared: list[_Compared] = []
    for visit in visits:
        if not visit.left_out:
            try:
                policy = _policy(policies, visit)
                inspections, found = past.until(visit)
                records = list(_known(found, policy, findings, unread))
                compared.append(_compared(visit, inspections, records, policy))
            except Unreadable as wrong:
                unread.add(table, visit.row, wrong)
    strays = sum(one.visit not in past.places for one in seen)
    return _outcome(scheme, compared, unread.listed(), left_out, strays)


def _outcome(
    scheme: Authority,
    compared: list[_Compared],
    unread: tuple[Unread, ...],
    left_out: dict[str, int],
    strays: int,
) -> Outcome:
    grades, gaps = Counter[tuple[str, str]](), Counter[Decimal | None]()
    for one in compared:
        published, rating = one.visit.expected, one.rating
        if isinstance(published, Decimal):
            gaps[None if rating.score is None else rating.score - published] += 1
        else:
            grades[one.visit.published, rating.grade] += 1
    differences = [one.difference() for one in compared if not one.same]
    return Outcome(
        authority=scheme.title,
        rows=len(compared),
        matched=len(compared) - len(differences),
        differences=tuple(differences),
        unread=unread,
        left_out=dict(left_out),
        grades=tuple(Pair(published=p, ours=o, rows=n) for (p, o), n in sorted(grades.items())),
        gaps=tuple(
            Gap(points=points, rows=n)
            for points, n in sorted(gaps.items(), key=lambda one: (one[0] is None, one[0] or 0))
        ),
        strays=strays,
    )


def _policy(policies: list[Policy], visit: Visit) -> Policy:
    """The policy of the day; every measure it adds up was written down."""
    try:
        policy = in_force(policies, visit.inspection.on)
    except PolicyError as wrong:
        raise Unreadable("day", str(visit.inspection.on), _sentence(wrong)) from None
    written = {one.code for one in visit.inspection.measures}
    for code in policy.scale.measures:
        if code not in written:
            raise Unreadable(f"measures.{code}", "", EMPTY)
    return policy


def _compared(
    visit: Visit, inspections: tuple[Inspection, ...], records: list[Record], policy: Policy
) -> _Compared:
    facts = Facts(
        institution=visit.institution,
        opened_on=visit.opened_on,
        inspections=inspections,
        records=tuple(records),
    )
    return _Compared(visit, assess(facts, policy, visit.inspection.on), facts, policy)


def _sentence(wrong: PolicyError) -> str:
    return "；".join(one.sentence for one in wrong.problems) + "。请改评分办法，或者改这一行。"


def _known(
    found: Iterable[Seen], policy: Policy, findings: Table | None, unread: Unreads
) -> Iterator[Record]:
    """The records the policy in force has a rule for; the others are listed."""
    for one in found:
        known = one.record.code in policy.rules
        rule = rule_of(one.record, [one.record], policy) if known else None
        if rule is not None:
            kind: Literal["commendation", "finding"] = "commendation" if rule.bonus else "finding"
            yield structs.replace(one.record, kind=kind)
        elif findings is not None:
            unread.add(findings, one.row, unknown(one.raw, policy.id))


class _Past:
    """The inspections and findings by the place they belong to, and by institution in order of time."""

    def __init__(self, scheme: Authority, visits: list[Visit], seen: list[Seen]) -> None:
        self._history = scheme.history
        self._by_id = scheme.findings is not None and bool(scheme.findings.inspection)
        # Where a place was visited twice on a day, its findings belong to the visit that is compared.
        self.places: dict[str | tuple[str, date], str] = {}
        for visit in sorted(visits, key=lambda one: (bool(one.left_out), one.row)):
            self.places.setdefault(self._place(visit), visit.inspection.id)
        self._findings: dict[str | tuple[str, date], list[Seen]] = defaultdict(list)
        self._visits: dict[str, list[Visit]] = defaultdict(list)
        self._seen: dict[str, list[Seen]] = defaultdict(list)
        for one in seen:
            self._findings[one.visit].append(one)
        if self._history:
            for visit in sorted(visits, key=lambda one: one.inspection.on):
                self._visits[visit.institution].append(visit)
            for one in sorted(seen, key=lambda one: one.record.seen_on):
                self._seen[one.institution].append(_at(one, self.places.get(one.visit, "")))

    def until(self, visit: Visit) -> tuple[tuple[Inspection, ...], list[Seen]]:
        """This visit with its findings, after those of earlier days where the past counts."""
        own = [_at(one, visit.inspection.id) for one in self._findings.get(self._place(visit), ())]
        if not self._history:
            return (visit.inspection,), own
        on = visit.inspection.on
        visits, seen = self._visits[visit.institution], self._seen.get(visit.institution, [])
        earlier = visits[: bisect_left(visits, on, key=lambda one: one.inspection.on)]
        before = seen[: bisect_left(seen, on, key=lambda one: one.record.seen_on)]
        return (*(one.inspection for one in earlier), visit.inspection), before + own

    def _place(self, visit: Visit) -> str | tuple[str, date]:
        return visit.inspection.id if self._by_id else (visit.institution, visit.inspection.on)


def _at(one: Seen, inspection: str) -> Seen:
    return structs.replace(one, record=structs.replace(one.record, inspection=inspection))


def told(outcome: Outcome) -> Iterator[str]:
    """What a backtest found, in lines for people; signs that steer a terminal are made harmless."""
    yield _plain(outcome.authority)
    yield f"rows {outcome.rows}, matched {outcome.matched}"
    yield f"differences {len(outcome.differences)}"
    for one in outcome.differences:
        yield from _told_difference(one)
    if outcome.grades:
        yield "公布 → 我们：行数"
        yield from (f"  {_plain(one.published)} → {one.ours}: {one.rows}" for one in outcome.grades)
    if outcome.gaps:
        yield "我们的得分减公布的得分：行数"
        for gap in outcome.gaps:
            yield f"  {'没有得分' if gap.points is None else f'{gap.points:+}'}: {gap.rows}"
    if outcome.left_out:
        yield "没有比对：" + "；".join(f"{why} {n} 行" for why, n in outcome.left_out.items())
    if outcome.strays:
        yield f"不属于任何一次检查的问题 {outcome.strays} 条"
    if outcome.unread:
        yield f"没有读懂 {len(outcome.unread)} 行（unread）"
    for lost in outcome.unread[:SHOWN]:
        cell = f"{lost.field}“{_plain(lost.value)}”：" if lost.field else ""
        yield f"  {_plain(lost.file)} 第 {lost.row} 行：{cell}{lost.sentence}"
    if (more := len(outcome.unread) - SHOWN) > 0:
        yield f"  另有 {more} 行，用 --json 全部列出 (and {more} more)"


def _told_difference(one: Difference) -> Iterator[str]:
    rating = one.rating
    score = rating.not_rated_because or score_words(rating)
    yield (
        f"  row {one.row} {_plain(one.institution)} {one.on}: published {_plain(one.published)}, "
        f"ours {score} {rating.grade}"
    )
    if rating.base is not None:
        yield f"    {rating.base:>7}  基础分"
    for reason in rating.reasons:
        points = "否决" if reason.kind == "veto" else f"{reason.points:+}"
        yield (
            f"    {points:>7}  {reason.code}，{reason.seen_on}，"
            f"{reason.reference.document} {reason.reference.article}"
        )
    yield from (f"    {said}" for said in one.of_grade)


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else UNREADABLE for sign in text[:80])
