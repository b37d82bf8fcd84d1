"""A draft policy beside the one in force: who would move, from what to what, by which rule."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from msgspec import Struct

from scoring.assess import assess
from scoring.facts import Facts
from scoring.policy import Policy
from scoring.rating import Rating


class Shift(Struct, frozen=True, kw_only=True):
    """One rule that makes the difference: its points before and after, a condition met or not."""

    code: str
    before: str
    after: str


class Move(Struct, frozen=True, kw_only=True):
    """One institution whose list, grade or score would be another."""

    institution: str
    on: date
    before: Rating
    after: Rating
    shifts: tuple[Shift, ...]


def replay(facts: Iterable[Facts], old: Policy, new: Policy, on: date) -> tuple[Move, ...]:
    """Everyone who would move on a day; raises PolicyError for a record a policy has no rule for."""
    found = []
    for one in facts:
        before, after = assess(one, old, on), assess(one, new, on)
        if _place(before) != _place(after):
            found.append(
                Move(
                    institution=one.institution,
                    on=on,
                    before=before,
                    after=after,
                    shifts=_shifts(before, after),
                )
            )
    return tuple(found)


def _place(rating: Rating) -> tuple[str, str, Decimal | None]:
    return rating.status, rating.grade, rating.score


def _shifts(before: Rating, after: Rating) -> tuple[Shift, ...]:
    """Every rule whose part in the two ratings differs, in order of code."""
    sides = [_parts(before), _parts(after)]
    codes = sorted(sides[0].keys() | sides[1].keys())
    return tuple(
        Shift(code=code, before=sides[0].get(code, ""), after=sides[1].get(code, ""))
        for code in codes
        if sides[0].get(code) != sides[1].get(code)
    )


def _parts(rating: Rating) -> dict[str, str]:
    points: Counter[str] = Counter()
    limits: dict[str, str] = {}
    for one in rating.reasons:
        points[one.code] += one.points  # type: ignore[assignment] # a sum of decimals
        if one.limits_grade_to:
            limits[one.code] = f"，最高 {one.limits_grade_to}"
    parts = {code: f"{value:+}{limits.get(code, '')}" for code, value in points.items()}
    parts |= {f"条件 {one.code}": "符合" if one.met else "不符合" for one in rating.conditions}
    if rating.not_rated_because:
        parts["未评"] = rating.not_rated_because
    return parts
