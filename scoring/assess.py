"""Facts, a policy and a day make a rating with every reason; nothing else enters."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from msgspec import structs

from scoring.claims import Claim, claims, is_pending
from scoring.conditions import Asked, conditions, first_turn
from scoring.facts import Facts, Inspection, Listing
from scoring.grading import Graded, band_at, graded, limits_of
from scoring.policy import Band, Policy
from scoring.rating import Proposal, Rating, Reason, Status
from scoring.rules import (
    ONE_DAY,
    days_after,
    known,
    months_after,
    newest_visit,
    open_terms,
    scored_inspections,
    visited_within,
)
from scoring.weighing import bounded, reasons_of, weigh

NEVER_LICENSED = "登记库里没有办学许可，不评等级"
NEWLY_OPENED = "新设机构，尚未评定"
NOT_INSPECTED = "近期没有检查，尚未评定"
# What is published leaves out an inspection that is not settled, so nobody can say that there was none.
NO_RESULT = "没有已经认定的检查结果，尚未评定"
NOT_MEASURED = "最近一次检查没有记全各分项，尚未评定"
NOT_SETTLED = "检查发现的问题还没有认定，尚未评定"
STOPPED = "已停办或者终止"


class Tally(NamedTuple):
    """What the day's sum is: its reasons, the score, and the day on which time alone changes them."""

    reasons: tuple[Reason, ...]
    score: Decimal | None
    turns_on: date | None
    visit: Inspection | None
    terms: tuple[date, ...]


class Standing(NamedTuple):
    """Where the day puts an institution: its listing, why it has no grade and what stands instead, or its grade."""

    listing: Listing | None
    because: str
    named: str
    graded: Graded | None

    @property
    def grade(self) -> str:
        """The grade, or what stands in its place."""
        return self.graded.grade if self.graded else self.named


def assess(facts: Facts, policy: Policy, on: date) -> Rating:
    """The rating of one institution on a day, equal on every day before its `changes_on`.

    Raises PolicyError for a record whose code the policy does not know.
    """
    seen = known(facts, on)
    tally = _tally(seen, policy, on)
    standing = _standing(seen, policy, on, tally)
    asked = Asked(seen, standing.grade, tally.reasons, tally.terms)
    rating = _rating(asked, policy, on, tally, standing)
    turn = _first_turn(asked, policy, rating, tally, standing)
    return rating if turn is None else structs.replace(rating, changes_on=turn)


def rated_on(facts: Facts, policy: Policy, on: date) -> Rating:
    """The rating of a day alone, without looking for the day on which it changes."""
    seen = known(facts, on)
    tally = _tally(seen, policy, on)
    standing = _standing(seen, policy, on, tally)
    asked = Asked(seen, standing.grade, tally.reasons, tally.terms)
    return _rating(asked, policy, on, tally, standing)


def _tally(facts: Facts, policy: Policy, on: date) -> Tally:
    terms = open_terms(facts)
    if policy.scale.made_of == "standing":
        found = weigh(claims(facts, policy, on), policy)
        reasons, score = reasons_of(found, policy)
        return Tally(reasons, score, _lapses(found), None, terms)
    visits = _settled(facts, policy)
    if not visits:
        return Tally((), None, None, None, terms)
    reasons, visited = _of_visit(facts, policy, visits[-1], on)
    return Tally(reasons, visited, None, visits[-1], terms)


def _settled(facts: Facts, policy: Policy) -> list[Inspection]:
    """The inspections that count, up to the newest of which every fault is proven or undone.

    What is not known of the newest one is not shown as good: until then the one before it stands.
    """
    visits = scored_inspections(facts, policy)
    if policy.scale.made_of == "inspection":
        open_ = {one.inspection for one in facts.records if is_pending(one, facts, policy)}
        while visits and visits[-1].id in open_:
            visits.pop()
    return visits


def settled(facts: Facts, policy: Policy, on: date) -> Facts:
    """The facts without inspections whose faults are not all proven or undone by a day; else the same value.

    Only where one inspection makes the score: what is made public leaves out what is not proven, and without
    this would rate such an inspection as if nothing had been found.
    """
    if policy.scale.made_of != "inspection":
        return facts
    then = known(facts, on)
    counted = {one.id for one in _settled(then, policy)}
    gone = {one.id for one in scored_inspections(then, policy)} - counted
    if not gone:
        return facts
    kept = tuple(one for one in facts.inspections if one.id not in gone)
    return structs.replace(facts, inspections=kept)


def _of_visit(
    facts: Facts, policy: Policy, visit: Inspection, on: date
) -> tuple[tuple[Reason, ...], Decimal | None]:
    """The reasons and the score of one inspection; no score where a number was not written down."""
    if policy.scale.made_of == "measures":
        return _of_measures(policy, visit)
    mine = [one for one in claims(facts, policy, on) if one.record.inspection == visit.id]
    return reasons_of(weigh(mine, policy), policy)


def _of_measures(policy: Policy, visit: Inspection) -> tuple[tuple[Reason, ...], Decimal | None]:
    values = {one.code: one.value for one in visit.measures}
    if any(code not in values for code in policy.scale.measures):
        return (), None
    score, reasons = policy.scale.base, []
    for code in policy.scale.measures:
        after = bounded(score + values[code], policy.scale)
        reasons.append(
            Reason(
                record=visit.id,
                code=code,
                title=code,
                kind="measure",
                points=after - score,
                raw=values[code],
                left=values[code],
                held=values[code],
                seen_on=visit.on,
                reference=policy.reference,
            )
        )
        score = after
    return tuple(reasons), score


def _lapses(found: Iterable[Claim]) -> date | None:
    """The first day on which a claim ends or its price grows."""
    days = [one.until + ONE_DAY for one in found if one.until is not None]
    days += [one.grows_on for one in found if one.grows_on is not None]
    return min(days, default=None)


def _standing(facts: Facts, policy: Policy, on: date, tally: Tally) -> Standing:
    listing = _listing(facts.listings, on)
    because, named = _not_rated_because(facts, policy, on, tally)
    if because or tally.score is None:
        return Standing(listing, because, named, None)
    found = graded(tally.score, tally.reasons, facts, policy, on)
    because, named = _pending(found, policy, tally.visit)
    return Standing(listing, because, named, None if because else found)


def _rating(asked: Asked, policy: Policy, on: date, tally: Tally, standing: Standing) -> Rating:
    facts, (listing, because, _, sure) = asked.facts, standing
    answers = conditions(policy, asked, on)
    status: Status = "new" if because == NEWLY_OPENED else "none"
    if listing is not None:
        status = listing.list
    elif answers and not because and all(one.met for one in answers):
        status = "white"
    better = sure.better if sure else None
    certain = sure is not None and not policy.unknown
    since, until = _next_visit(facts, policy, on, sure)
    return Rating(
        institution=facts.institution,
        on=on,
        policy=policy.id,
        grade=asked.grade,
        score=tally.score if certain else None,
        base=policy.scale.base if sure else None,
        score_from=sure.lowest if sure and not certain else None,
        score_to=sure.highest if sure and not certain else None,
        status=status,
        listing=listing.id if listing else "",
        not_rated_because=because,
        reasons=tally.reasons,
        conditions=answers,
        proposals=tuple(_proposals(policy, tally.reasons, sure)),
        next_grade=better.grade if better else "",
        points_to_next=_distance(tally.score, better, policy) if certain else None,
        visit_from=since,
        visit_until=until,
    )


def _not_rated_because(facts: Facts, policy: Policy, on: date, tally: Tally) -> tuple[str, str]:
    """Why there is no grade, and what stands in its place; empty where there is one."""
    rule = policy.unrated
    if facts.status != "active":
        return STOPPED, rule.suspended_grade
    if tally.score is not None and rule.yields_to_veto and limits_of(tally.reasons):
        return "", ""
    if rule.needs_licence and not any(one.since <= on for one in facts.licences):
        return NEVER_LICENSED, rule.grade
    if young := _young(facts, policy, on):
        return young
    if tally.score is None:
        return _no_score_because(facts, policy, tally), rule.grade
    months = rule.months_without_inspection
    if months is not None and not visited_within(facts, months, on):
        return NOT_INSPECTED, rule.grade
    for one in rule.classes:
        counts = any(o.code == one.record and o.kind != "forgiven" for o in tally.reasons)
        if counts and (one.lowest is None or tally.score >= one.lowest):
            return one.title, one.grade
    return "", ""


def _no_score_because(facts: Facts, policy: Policy, tally: Tally) -> str:
    if tally.visit is not None:
        return NOT_MEASURED
    if scored_inspections(facts, policy):
        return NOT_SETTLED
    return NO_RESULT if policy.scale.made_of == "inspection" else NOT_INSPECTED


def _young(facts: Facts, policy: Policy, on: date) -> tuple[str, str] | None:
    """The words for the newly opened; None for the others."""
    days, opened = policy.unrated.first_days, facts.opened_on
    if not days or opened is None or on >= days_after(opened, days):
        return None
    return NEWLY_OPENED, policy.unrated.grade


def _pending(found: Graded, policy: Policy, visit: Inspection | None) -> tuple[str, str]:
    """A first visit whose grade is not given at once waits for the re-inspection."""
    cycle = policy.cycle
    if cycle is None or visit is None or visit.kind in cycle.again_kinds:
        return "", ""
    if found.grade in cycle.at_once:
        return "", ""
    return "等待复查，尚未评定", cycle.pending


def _next_visit(
    facts: Facts, policy: Policy, on: date, sure: Graded | None
) -> tuple[date | None, date | None]:
    """The window of the next inspection, by the grade, or by the worse visit of a cycle."""
    if sure is None or not policy.plans_visits:
        return None, None
    visits = _settled(facts, policy)
    if not visits:
        return None, None
    band, last = sure.band, visits[-1]
    if policy.cycle is not None and last.kind in policy.cycle.again_kinds:
        opened = [one for one in visits if one.kind in policy.cycle.first_kinds]
        reasons, score = _of_visit(facts, policy, opened[-1], on) if opened else ((), None)
        if score is not None:
            before = band_at(score, reasons, policy)
            band = max(band, before, key=policy.bands.index)
    after, within = band.visit_after_months, band.visit_within_months
    return (
        None if after is None else months_after(last.on, after),
        None if within is None else months_after(last.on, within),
    )


def _proposals(
    policy: Policy, reasons: Iterable[Reason], sure: Graded | None
) -> Iterator[Proposal]:
    """Grounds for a listing case; a score alone never lists anyone."""
    for one in reasons:
        if one.code in policy.blackening and one.kind != "forgiven":
            yield Proposal(list="black", because=one.record)
    if sure is not None and sure.band.proposes and sure.grade == sure.band.grade:
        band = sure.band
        yield Proposal(list=sure.band.proposes, because=band.grade, months=band.proposes_months)


def _distance(score: Decimal | None, better: Band | None, policy: Policy) -> Decimal | None:
    """How many points lead into the next band; 0 where another condition holds the grade."""
    higher = policy.scale.better == "higher"
    edge = None if better is None else better.bottom if higher else better.top
    if score is None or edge is None:
        return None
    return max(edge - score if higher else score - edge, Decimal(0))


def is_listed(listing: Listing, on: date) -> bool:
    """Whether a list decision counts on a day; one without its document, organ or article is none."""
    complete = bool(listing.document_no and listing.organ and listing.article)
    ended = listing.ended_on is not None and listing.ended_on <= on
    return (
        complete and not ended and listing.decided_on <= listing.effective_on <= on <= listing.until
    )


def listings_on(listings: Iterable[Listing], name: str, on: date) -> tuple[Listing, ...]:
    """Those of one list that count on a day, the earliest first."""
    found = (one for one in listings if one.list == name and is_listed(one, on))
    return tuple(sorted(found, key=lambda one: (one.effective_on, one.id)))


def _listing(listings: tuple[Listing, ...], on: date) -> Listing | None:
    """The listing in force; black before watch, then the earliest."""
    found = [one for one in listings if is_listed(one, on)]
    return min(found, key=_gravity) if found else None


def _gravity(listing: Listing) -> tuple[bool, date, str]:
    return listing.list != "black", listing.effective_on, listing.id


def _first_turn(
    asked: Asked, policy: Policy, rating: Rating, tally: Tally, standing: Standing
) -> date | None:
    """The first later day on which time alone gives another rating: another sum, answer or standing."""
    on, facts = rating.on, asked.facts
    last = first_turn(policy, asked, on, rating.conditions, tally.turns_on)
    for day in _turns(facts, policy):
        if on < day and (last is None or day < last):
            then = _tally(facts, policy, day) if policy.scale.fresh_after_listing else tally
            if then.reasons != tally.reasons or _standing(facts, policy, day, then) != standing:
                last = day
    return last


def _turns(facts: Facts, policy: Policy) -> Iterator[date]:
    """Every day on which time alone could change the standing while the sum stays the same."""
    for listing in facts.listings:
        yield listing.effective_on
        yield days_after(listing.until, 1)
    if facts.opened_on:
        yield days_after(facts.opened_on, policy.unrated.first_days)
    if facts.licences and policy.unrated.needs_licence:
        yield min(one.since for one in facts.licences)
    for months, onsite in policy.visit_spans:
        newest = newest_visit(facts, onsite=onsite)
        if newest is not None:
            yield months_after(newest, months)
