"""From a score and its reasons to a grade: bands, second conditions, vetoes, and what is not known."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from scoring.facts import Facts
from scoring.policy import Band, Policy
from scoring.rating import Reason
from scoring.rules import visited_within
from scoring.weighing import bounded


class Graded(NamedTuple):
    """The band a score leads to; where parts are unknown, `grade` names both ends of what may be."""

    grade: str
    band: Band
    better: Band | None
    lowest: Decimal
    highest: Decimal


def graded(
    score: Decimal, reasons: Iterable[Reason], facts: Facts, policy: Policy, on: date
) -> Graded:
    """The grade on a day."""
    bands, reasons = policy.bands, tuple(reasons)
    place = _place(score, reasons, facts, policy, on)
    ends = (score, score)
    grade = bands[place].grade
    if policy.unknown:
        costs = policy.unknown_points if policy.scale.better == "higher" else -policy.unknown_points
        far = bounded(score - costs, policy.scale)
        worst = _place(far, reasons, facts, policy, on)
        grade = grade if worst == place else f"{grade}–{bands[worst].grade}"
        ends = (min(score, far), max(score, far))
    return Graded(grade, bands[place], bands[place - 1] if place else None, *ends)


def band_at(score: Decimal, reasons: Iterable[Reason], policy: Policy) -> Band:
    """The band of a score by its edges and by its single measures alone."""
    return policy.bands[_by_score(score, tuple(reasons), policy)]


def limits_of(reasons: Iterable[Reason]) -> set[str]:
    """The grades beyond which vetoes in force let nothing rise."""
    return {one.limits_grade_to for one in reasons if one.limits_grade_to}


def _place(
    score: Decimal, reasons: tuple[Reason, ...], facts: Facts, policy: Policy, on: date
) -> int:
    bands = policy.bands
    place = _by_score(score, reasons, policy)
    while lacks_visit(bands[place], facts, on):
        place += 1
    limits = limits_of(reasons)
    if not limits:
        return place
    return max([place, *(n for n, band in enumerate(bands) if band.grade in limits)])


def _by_score(score: Decimal, reasons: tuple[Reason, ...], policy: Policy) -> int:
    bands = policy.bands
    # A loaded policy has exactly one band for every score that can be reached.
    place = next(n for n, band in enumerate(bands) if band.holds(score))
    if policy.scale.made_of != "measures":
        return place
    singles = [one.raw for one in reasons]
    allowed = (n for n, band in enumerate(bands) if not violates(band, singles))
    return max(place, next(allowed))


def violates(band: Band, singles: list[Decimal]) -> bool:
    """Whether a single measure lies beyond what a band allows."""
    above, below = band.no_single_above, band.no_single_below
    return any(
        (above is not None and one > above) or (below is not None and one < below)
        for one in singles
    )


def lacks_visit(band: Band, facts: Facts, on: date) -> bool:
    """Whether a grade needs an on-site inspection that is not there; one grade lower holds then."""
    months = band.needs_onsite_months
    return months is not None and not visited_within(facts, months, on, onsite=True)
