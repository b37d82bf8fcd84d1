"""A rating in words: each reason from its points down to its article, as lines a page can show."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from scoring.derivation import derived, grade_words
from scoring.facts import Facts
from scoring.policy import Policy
from scoring.rating import Lasting, Rating, Reason
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
