"""A rating in words: each reason from its points down to its article, as lines a page can show."""

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from scoring.derivation import derived, grade_words
from scoring.facts import Facts
from scoring.grading import lacks_visit, limits_of, violates
from scoring.policy import Band, Policy
from scoring.rating import Lasting, Rating, Reason
from scoring.rules import known
from scoring.words import number, points

# What stands in place of points where a line has none of its own.
SIGNS = {"veto": "否决", "mark": "标记", "absorbed": "不重复", "forgiven": "不计"}


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


def why_grade(rating: Rating, facts: Facts, policy: Policy) -> str:
    """Why the grade is what it is, in sentences; empty for the unrated."""
    return "".join(grade_words(rating, facts, policy)) if rating.base is not None else ""


def next_step(rating: Lasting, policy: Policy) -> str:
    """What leads into the next better grade, in a sentence; empty where there is none.

    An edge that does not belong to the better grade must be passed, by however little.
    """
    away = rating.points_to_next
    if away is None or rating.score is None:
        return ""
    better = next(one for one in policy.bands if one.grade == rating.next_grade)
    higher = policy.scale.better == "higher"
    # The edge that the better grade begins beyond, where it does not begin on it.
    beyond = better.above if higher else better.below
    if not away and rating.score != beyond:
        return f"分数已够 {better.grade} 级，等级受别的条件限制。"
    verb = "再得" if higher else "再减"
    return f"{verb}{'' if beyond is None else '多于'} {number(away)} 分，就到 {better.grade} 级。"


def also_needed(rating: Rating, facts: Facts, policy: Policy) -> str:
    """What the next better grade needs beside its points, in a sentence; empty where that is nothing."""
    if rating.points_to_next is None:
        return ""
    grades = [one.grade for one in policy.bands]
    place = grades.index(rating.next_grade)
    needs = [*_lifted(rating, grades, place), *_besides(rating, facts, policy.bands[place])]
    return f"还要：{'，'.join(needs)}。" if needs else ""


def _lifted(rating: Rating, grades: list[str], place: int) -> Iterator[str]:
    """The vetoes that hold a rating below a grade."""
    worse = grades[place + 1 :]
    titles = [one.title for one in rating.reasons if one.limits_grade_to in worse]
    if titles:
        limit = max(limits_of(rating.reasons), key=grades.index)
        yield f"“{'、'.join(titles)}”不再限制等级（现在最高为 {limit} 级）"


def _besides(rating: Rating, facts: Facts, band: Band) -> Iterator[str]:
    """The second conditions of a grade that are not met."""
    if lacks_visit(band, known(facts, rating.on), rating.on):
        yield f"{band.needs_onsite_months} 个月内有现场检查"
    if violates(band, [one.raw for one in rating.reasons if one.kind == "measure"]):
        above, below = band.no_single_above, band.no_single_below
        limit = f"低于 {number(below)}" if above is None else f"超过 {number(above)}"
        yield f"没有一个分项{limit} 分"


def vetoed(rating: Lasting) -> bool:
    """Whether the grade rests on a veto and not on the score."""
    return any(one.limits_grade_to == rating.grade for one in rating.reasons)


def line_of(
    reason: Reason,
    facts: Facts,
    policy: Policy,
    on: date,
    replies: Iterable[tuple[str, str]] = (),
) -> Line:
    """One reason told on a day, from its points to its article."""
    steps = derived(reason, facts, policy, on).steps
    # A price that nothing has cut is the points themselves, and what proved it starts the period.
    cut = abs(reason.points) != reason.raw
    chain = [
        (one.label, one.sentence)
        for one in steps
        if one.kind != "gate" and (cut or one.kind != "price")
    ]
    return Line(
        points=SIGNS.get(reason.kind) or points(reason.points),
        severity=reason.severity,
        title=reason.title,
        disputed=reason.disputed,
        chain=tuple(chain),
        record=reason.record,
        statement=reason.statement,
        replies=tuple(replies),
    )
