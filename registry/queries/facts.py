"""Rows as scoring's values: what counted on the day, nothing that came later."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any, TypedDict

import msgspec
from msgspec import Struct
from sqlmodel import SQLModel

from registry import tables
from registry.credit_file import NameRecord
from registry.procedure import IN_CONTEST, MEANS, OPEN_OBJECTION
from registry.queries.insured import insured_matches, left_out
from registry.queries.terms import listed_until
from scoring.facts import (
    AnnualInspection,
    Cover,
    Custody,
    Event,
    Inspection,
    Listing,
    Measure,
    Record,
    State,
    Term,
)

Own = dict[type[SQLModel], list[Any]]


class Duties(TypedDict):
    """The parts of Facts that rest on standing duties."""

    licences: tuple[Term, ...]
    registrations: tuple[Term, ...]
    annual_inspections: tuple[AnnualInspection, ...]
    covers: tuple[Cover, ...]
    custody: tuple[Custody, ...]


def inspections(own: Own, on: date) -> tuple[Inspection, ...]:
    """The visits that had taken place, but those that are known never to have."""
    void = {one.inspection for one in own[tables.VoidedVisit]}
    return tuple(
        Inspection(
            id=one.id,
            kind=one.kind,
            on=one.on,
            onsite=one.onsite,
            measures=_measures(one.measures),
        )
        for one in sorted(own[tables.Inspection], key=lambda one: (one.on, one.id))
        if one.on <= on and one.id not in void
    )


def records(own: Own, on: date) -> tuple[Record, ...]:
    """Findings, decisions and commendations with their events; one fact seen twice is one case."""
    matters = {one.id: one for one in own[tables.Matter]}
    steps = _steps(own, on)
    disputes = _disputes(own, steps)
    # A case that was filed after the day did not yet make one fact of several findings.
    cases = {
        one.finding: matters[one.penalty].case_no or one.penalty
        for one in own[tables.CaseFinding]
        if one.penalty in matters and steps[one.penalty]
    }
    judged = {one.penalty for one in own[tables.CaseFinding]}
    gone = _repaired(own, steps)
    gone |= {one.finding for one in own[tables.CaseFinding] if one.penalty in gone}
    extents = _confirmed_extents(own, steps)
    found = []
    for row in own[tables.Finding]:
        praise = matters[row.matter].kind == "commendation"
        own_case = row.matter if row.matter in judged else ""
        found.append(
            Record(
                id=row.matter,
                kind="commendation" if praise else "finding",
                code=row.code,
                seen_on=row.seen_on,
                extent=extents.get(row.matter, row.extent),
                case=cases.get(row.matter, own_case),
                inspection=row.inspection or "",
                statement=row.statement,
                events=_events(steps[row.matter], disputes[row.matter]),
            )
        )
    for row in own[tables.Decision]:
        if any(one.state == "decided" for one in steps[row.matter]):
            found.append(
                Record(
                    id=row.matter,
                    kind="decision",
                    code=row.code,
                    seen_on=row.seen_on,
                    extent=row.extent,
                    case=matters[row.matter].case_no or row.matter,
                    statement=row.statement,
                    events=_events(steps[row.matter], disputes[row.matter]),
                )
            )
    found.sort(key=lambda one: (one.seen_on, one.id))
    return tuple(one for one in found if one.seen_on <= on and one.id not in gone)


def _repaired(own: Own, steps: dict[str, list[Any]]) -> set[str]:
    """What is no longer shown or used from the day its repair was granted (信用修复管理办法).

    It was right until then, so the days before still show it: a repair undoes nothing. One fact is one
    record, so a repaired decision takes the faults it punishes with it.
    """
    return {
        one.about
        for one in own[tables.Repair]
        if any(step.state == "granted" for step in steps[one.matter])
    }


def _confirmed_extents(own: Own, steps: dict[str, list[Any]]) -> dict[str, int]:
    """How much of a finding was confirmed, where that was less than had been recorded."""
    confirmed = {
        (matter, one.seq)
        for matter, course in steps.items()
        for one in course
        if one.act == "confirm"
    }
    return {
        one.matter: one.extent
        for one in own[tables.Proposal]
        if (one.matter, one.step) in confirmed
    }


def listings(own: Own, on: date) -> tuple[Listing, ...]:
    """List decisions that are decided, served and signed by two; nothing less is a listing."""
    steps = _steps(own, on)
    disputed = _open_objections(own, steps)
    # A later proposal takes the place of an earlier one; the last that was taken by the day is decided.
    months = {
        one.matter: one.months
        for one in sorted(own[tables.Proposal], key=lambda one: one.id)
        if any(step.seq == one.step for step in steps[one.matter])
    }
    found = []
    for row in own[tables.Listing]:
        course = {one.state: one for one in steps[row.matter]}
        decided, effective = course.get("decided"), course.get("effective")
        if decided is None or effective is None or not _signed(decided):
            continue
        ended = course.get("ended")
        ended_on = ended.on if ended else None
        because = ended.reason if ended else ""
        annulled = ended is not None and ended.act == "annul"
        if row.list == "black" and row.decision:
            behind = {one.state: one for one in steps[row.decision]}
            if "final" not in behind:
                continue
            undone = behind.get("annulled")
            annulled = annulled or undone is not None
            if undone and (ended_on is None or undone.on < ended_on):
                ended_on, because = undone.on, "所依据的处罚决定已被撤销"
        found.append(
            Listing(
                id=row.matter,
                list=row.list,
                ground=row.ground,
                reason=row.statement,
                document_no=decided.document_no,
                organ=decided.organ,
                article=row.article,
                decided_on=decided.on,
                effective_on=effective.on,
                until=listed_until(row, decided.on, months.get(row.matter, 0)),
                ended_on=ended_on,
                ended_because=because,
                annulled=annulled,
                disputed=row.matter in disputed,
            )
        )
    return tuple(sorted(found, key=lambda one: (one.decided_on, one.id)))


class Held(Struct, frozen=True, kw_only=True):
    """What an institution bore and held by the day, against which its duties are read."""

    names: Sequence[NameRecord]
    registrations: Sequence[Any]
    licences: Sequence[Any]
    places: Sequence[str]


def duties(own: Own, held: Held, on: date) -> Duties:
    """Terms, annual inspections, covers and custody accounts that had begun."""
    return Duties(
        licences=tuple(
            Term(number=one.number, since=one.since, until=one.until)
            for one in sorted(held.licences, key=lambda one: (one.since, one.id))
        ),
        registrations=tuple(
            Term(number=one.number or one.code, since=one.since, until=one.until)
            for one in sorted(held.registrations, key=lambda one: (one.since, one.id))
            if one.code or one.number
        ),
        annual_inspections=tuple(
            AnnualInspection(year=one.year, result=one.result, on=one.on)
            # A result of a later day has not yet taken the place of the one before it.
            for one in sorted(
                _valid([o for o in own[tables.AnnualInspection] if o.on <= on]),
                key=lambda one: one.year,
            )
        ),
        covers=_covers(own, held, on),
        custody=_custody(own, on),
    )


def _covers(own: Own, held: Held, on: date) -> tuple[Cover, ...]:
    begun = [one for one in _valid(own[tables.Cover]) if one.since <= on]
    protected: dict[int, list[str]] = defaultdict(list)
    for one in own[tables.CoverPremises]:
        protected[one.cover].append(one.address)
    return tuple(
        Cover(
            cover_class=one.cover_class,
            insurer=one.insurer,
            policy_no=one.policy_no,
            sum_fen=one.sum_fen,
            since=one.since,
            until=one.until,
            cancelled_on=one.cancelled_on,
            insured_matches=insured_matches(one, held.names, held.registrations, on),
            premium_paid=one.premium_paid,
            leaves_out=left_out(one, protected[one.id], held.places) or msgspec.UNSET,
        )
        for one in sorted(begun, key=lambda one: (one.since, one.id))
    )


def _custody(own: Own, on: date) -> tuple[Custody, ...]:
    reported: dict[str, date] = {}
    for one in own[tables.CustodyReport]:  # of a second registration too, from the same bank
        reported[one.bank] = max(one.on, reported.get(one.bank, one.on))
    begun = [one for one in _valid(own[tables.Custody]) if one.since <= on]
    return tuple(
        Custody(
            bank=one.bank,
            since=one.since,
            until=one.until,
            reported_on=reported.get(one.bank),
        )
        for one in sorted(begun, key=lambda one: (one.since, one.id))
    )


def _valid(rows: Sequence[Any]) -> list[Any]:
    gone = {one.replaces for one in rows}
    return [one for one in rows if one.id not in gone]


def _steps(own: Own, on: date) -> dict[str, list[Any]]:
    """The steps taken by the day, by matter, in order."""
    found: dict[str, list[Any]] = defaultdict(list)
    for one in sorted(own[tables.Step], key=lambda one: one.seq):
        if one.on <= on:
            found[one.matter].append(one)
    return found


def _events(steps: Sequence[Any], disputes: Sequence[Event]) -> tuple[Event, ...]:
    found: list[Event] = []
    contested = False
    for one in steps:
        if one.act in ("perform", "surcharge"):
            continue
        if one.act == "extend" and found:
            # A longer term replaces the end of the order it belongs to.
            found[-1] = msgspec.structs.replace(found[-1], due_on=one.due_on)
            continue
        before, contested = contested, one.state in IN_CONTEST
        if before and not contested:
            found.append(_event(State.DISPUTE_ENDED, one))
        # Contested again, or no longer: what was decided and served before is so still.
        if before and (contested or one.act == "give_up"):
            continue
        found += [_event(state, one) for state in MEANS.get(one.state, ())]
    return tuple(sorted([*found, *disputes], key=lambda one: one.on))


def _event(state: State, step: Any) -> Event:
    # Only an order's term is a matter for scoring; the office's own clocks are not.
    due = step.due_on if state == State.ORDERED else None
    return Event(state=state, on=step.on, due_on=due, document_no=step.document_no)


def _disputes(own: Own, steps: dict[str, list[Any]]) -> dict[str, list[Event]]:
    """From the day an objection is filed until it is closed, the record is disputed."""
    found: dict[str, list[Event]] = defaultdict(list)
    for one in sorted(own[tables.Objection], key=lambda one: one.matter):
        course = steps[one.matter]
        if not course:
            continue
        found[one.about].append(Event(state=State.DISPUTED, on=course[0].on))
        if course[-1].state not in OPEN_OBJECTION:
            found[one.about].append(Event(state=State.DISPUTE_ENDED, on=course[-1].on))
    return found


def _open_objections(own: Own, steps: dict[str, list[Any]]) -> set[str]:
    return {
        one.about
        for one in own[tables.Objection]
        if steps[one.matter] and steps[one.matter][-1].state in OPEN_OBJECTION
    }


def _signed(step: Any) -> bool:
    """A paper, an organ and two different officers: without them there is no decision."""
    officers = {step.first_officer, step.second_officer} - {""}
    return bool(step.document_no and step.organ) and len(officers) == 2


def _measures(text: str) -> tuple[Measure, ...]:
    return msgspec.json.decode(text, type=tuple[Measure, ...]) if text else ()
