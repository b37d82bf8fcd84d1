"""Facts, a policy and a day make a rating with every reason; nothing else enters."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from msgspec import structs

from scoring.conditions import condition_turns, conditions
from scoring.errors import PolicyError, Problem
from scoring.facts import Facts, Listing
from scoring.policy import Band, Policy
from scoring.rating import Rating, Reason, Status
from scoring.rules import (
    CAP_MONTHS,
    known,
    months_after,
    newest_inspection,
    of_inspection,
    of_measures,
    standing,
)

NEWLY_OPENED = "新设机构，尚未评定"
NOT_INSPECTED = "近期没有检查，尚未评定"
STOPPED = "已停办或者终止"


def assess(facts: Facts, policy: Policy, on: date) -> Rating:
    """The rating of one institution on a day, equal on every day before its `changes_on`.

    Raises PolicyError for a record whose code the policy does not know.
    """
    seen = known(facts, on)
    rating = _rating(seen, policy, on)
    for day in sorted(set(_turns(seen, policy, rating))):
        if day > on and _without_days(_rating(seen, policy, day)) != _without_days(rating):
            return structs.replace(rating, changes_on=day)
    return rating


def _rating(facts: Facts, policy: Policy, on: date) -> Rating:
    listing = _listing(facts.listings, on)
    because = _not_rated_because(facts, policy, on)
    reasons = _reasons(facts, policy, on)
    score: Decimal | None = None
    grade = policy.unrated.suspended_grade if because == STOPPED else policy.unrated.grade
    better: Band | None = None
    if not because:
        reasons, score = _sum(reasons, policy)
        band = _band(score, reasons, facts, policy, on)
        grade = band.grade
        place = policy.bands.index(band)
        better = policy.bands[place - 1] if place else None
    answers = conditions(facts, policy, grade, on)
    status: Status = "new" if because == NEWLY_OPENED else "none"
    if listing is not None:
        status = listing.list
    elif answers and not because and all(one.met for one in answers):
        status = "white"
    return Rating(
        institution=facts.institution,
        on=on,
        policy=policy.id,
        grade=grade,
        score=score,
        base=None if because else policy.scale.base,
        status=status,
        listing=listing.id if listing else "",
        not_rated_because=because,
        reasons=tuple(reasons),
        conditions=answers,
        next_grade=better.grade if better else "",
        points_to_next=_distance(score, better, policy),
    )


def _reasons(facts: Facts, policy: Policy, on: date) -> list[Reason]:
    if policy.scale.made_of == "standing":
        return standing(facts, policy, on)
    inspection = newest_inspection(facts, policy)
    if not inspection:
        return []
    if policy.scale.made_of == "measures":
        return of_measures(facts, policy, inspection)
    return of_inspection(facts, policy, inspection, on)


def _not_rated_because(facts: Facts, policy: Policy, on: date) -> str:
    rule = policy.unrated
    if facts.status != "active":
        return STOPPED
    opened = facts.opened_on
    if rule.first_days and opened and on < opened + timedelta(days=rule.first_days):
        return NEWLY_OPENED
    if policy.scale.made_of == "measures":
        return "" if _reasons(facts, policy, on) else NOT_INSPECTED
    if policy.scale.made_of == "inspection":
        return "" if newest_inspection(facts, policy) else NOT_INSPECTED
    months = rule.months_without_inspection
    if months is None or any(on < months_after(one.on, months) for one in facts.inspections):
        return ""
    return NOT_INSPECTED


def _sum(reasons: list[Reason], policy: Policy) -> tuple[list[Reason], Decimal]:
    """The score, and the reasons cut so that base plus their points is exactly that score."""
    scale = policy.scale
    score, held = scale.base, []
    bonus = Decimal(0)
    for reason in sorted(reasons, key=lambda one: one.kind == "bonus"):
        points = reason.points
        if reason.kind == "bonus":
            points = min(points, scale.bonus_at_most - bonus)
            bonus += points
        elif scale.floor is not None and score + points < scale.floor:
            points = scale.floor - score
        score += points
        cut = points != reason.points
        held.append(structs.replace(reason, points=points, capped=True) if cut else reason)
    return held, score


def _band(score: Decimal, reasons: list[Reason], facts: Facts, policy: Policy, on: date) -> Band:
    bands = policy.bands
    place = next((n for n, band in enumerate(bands) if band.holds(score)), None)
    if place is None:
        raise PolicyError(
            [Problem(place=f"{policy.id} bands", sentence=f"没有 {score} 分的等级，请补上这一段")]
        )
    single = max((one.points for one in reasons if one.kind == "measure"), default=None)
    if single is not None:
        allowed = (
            n
            for n, band in enumerate(bands)
            if band.no_single_above is None or single <= band.no_single_above
        )
        place = max(place, next(allowed, len(bands) - 1))
    place += _lacks_visit(bands[place], facts, on)
    limits = {one.limits_grade_to for one in reasons if one.limits_grade_to}
    return bands[max([place, *(n for n, band in enumerate(bands) if band.grade in limits)])]


def _lacks_visit(band: Band, facts: Facts, on: date) -> int:
    """One band down where the grade needs an on-site inspection that is not there."""
    months = band.needs_onsite_months
    if months is None:
        return 0
    return not any(one.onsite and on < months_after(one.on, months) for one in facts.inspections)


def _distance(score: Decimal | None, better: Band | None, policy: Policy) -> Decimal | None:
    """How many points lead into the next band; None where another condition holds the grade."""
    if score is None or better is None or policy.scale.better == "lower" or better.lowest is None:
        return None
    return max(better.lowest - score, Decimal(0))


def is_listed(listing: Listing, on: date) -> bool:
    """Whether a list decision counts on a day; one without its document, organ or article is none."""
    complete = bool(listing.document_no and listing.organ and listing.article)
    ended = listing.ended_on is not None and listing.ended_on <= on
    return (
        complete and not ended and listing.decided_on <= listing.effective_on <= on <= listing.until
    )


def _listing(listings: tuple[Listing, ...], on: date) -> Listing | None:
    """The listing in force; black before watch, then the earliest."""
    return min(
        (one for one in listings if is_listed(one, on)),
        key=lambda one: (one.list != "black", one.effective_on, one.id),
        default=None,
    )


def _turns(facts: Facts, policy: Policy, rating: Rating) -> Iterator[date]:
    """Every day on which time alone could change the rating."""
    for listing in facts.listings:
        yield listing.effective_on
        yield listing.until + timedelta(days=1)
    if facts.opened_on:
        yield facts.opened_on + timedelta(days=policy.unrated.first_days)
    yield from condition_turns(facts, policy)
    for band in policy.bands:
        if band.needs_onsite_months is not None:
            yield from (months_after(i.on, band.needs_onsite_months) for i in facts.inspections)
    if policy.scale.made_of != "standing":
        return
    yield from _record_turns(facts, policy)
    if (months := policy.unrated.months_without_inspection) is not None:
        yield from (months_after(one.on, months) for one in facts.inspections)
    yield from (r.counts_until + timedelta(days=1) for r in rating.reasons if r.counts_until)


def _record_turns(facts: Facts, policy: Policy) -> Iterator[date]:
    for record in facts.records:
        indicator = policy.by_code.get(record.code)
        for event in record.events:
            yield months_after(event.on, CAP_MONTHS)
            if indicator is not None and indicator.months is not None:
                yield months_after(event.on, indicator.months)


def _without_days(rating: Rating) -> Rating:
    return structs.replace(rating, on=date.min, changes_on=None)
