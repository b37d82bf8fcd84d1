"""A rating in words: each reason from its points down to its article, as lines a page can show."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct

from scoring.facts import Facts
from scoring.policy import Band, Policy
from scoring.rating import Rating, Reason


class Line(Struct, frozen=True, kw_only=True):
    """One line of the sum, from points down to the article; `replies` are the institution's words."""

    points: str
    severity: str
    title: str
    disputed: bool
    chain: tuple[tuple[str, str], ...]
    record: str = ""
    statement: str = ""
    replies: tuple[tuple[str, str], ...] = ()


def chinese(on: date) -> str:
    """A date as text has it, without leading zeros: 2026年11月5日."""
    return f"{on.year}年{on.month}月{on.day}日"


def points(value: Decimal) -> str:
    """Points with a true minus sign, a plus for a bonus, and no empty decimals."""
    text = f"{abs(value).normalize():f}"
    return f"−{text}" if value < 0 else f"+{text}" if value > 0 else text


def number(value: Decimal | None) -> str:
    """A score without empty decimals."""
    return "" if value is None else f"{value.normalize():f}"


def score_range(band: Band) -> str:
    """A grade's half-open range of scores in words."""
    if band.lowest is None:
        return f"不到 {band.below} 分" if band.below is not None else ""
    if band.below is None:
        return f"{band.lowest} 分及以上"
    return f"{band.lowest} 分起，不到 {band.below} 分"


def band_of(rating: Rating, policy: Policy) -> str:
    """The range of scores of a rating's grade; empty for the unrated."""
    band = next((one for one in policy.bands if one.grade == rating.grade), None)
    return score_range(band) if band and rating.score is not None else ""


def vetoed(rating: Rating) -> bool:
    """Whether the grade rests on a veto and not on the score."""
    return any(one.limits_grade_to == rating.grade for one in rating.reasons)


def line_of(reason: Reason, facts: Facts, replies: Iterable[tuple[str, str]] = ()) -> Line:
    """One reason told from its points to its article."""
    record = next((one for one in facts.records if one.id == reason.record), None)
    visits = {one.id: one.kind for one in facts.inspections}
    visit = visits.get(record.inspection, "") if record else ""
    reference = reason.reference
    chain = [
        ("何时发现", f"{chinese(reason.seen_on)} {visit}".strip()),
        ("依据条文", f"《{reference.document}》{reference.article}"),
    ]
    if reason.counts_from:
        until = chinese(reason.counts_until) if reason.counts_until else "不限期"
        chain.append(("计分期间", f"{chinese(reason.counts_from)} 至 {until}"))
    if reason.raw != abs(reason.points) and reason.kind in ("deduction", "bonus"):
        why = {"half": "复查合格，已恢复一半", "full": "复查合格，已全部恢复"}
        said = why.get(reason.restored, "同类合计已到上限")
        chain.append(("原应计分", f"{number(abs(reason.raw))} 分，{said}"))
    if reason.restores:
        chain.append(("怎样恢复", reason.restores))
    return Line(
        points="否决" if reason.kind == "veto" else points(reason.points),
        severity=reason.severity,
        title=reason.title,
        disputed=reason.disputed,
        chain=tuple(chain),
        record=reason.record,
        statement=reason.statement,
        replies=tuple(replies),
    )
