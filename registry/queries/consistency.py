"""What inspectors or districts did in a period: their visits, and what was confirmed at them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import Select, and_, or_, select
from sqlmodel import Session, col

from registry.procedure import MEANS
from registry.queries.files import valid
from registry.queries.voided import stands
from registry.tables import Finding, Inspection, Matter, Profile, Step
from scoring.consistency import Visited
from scoring.facts import State

By = Literal["inspector", "district"]
_PROVEN = {State.CONFIRMED, State.ORDERED}
_UNDONE = {State.DISMISSED, State.ANNULLED}
GroupsOf = Callable[[Any], tuple[str, ...]]


class Confirmed(Struct, frozen=True, kw_only=True):
    """One confirmed finding of one group; two officers' finding stands there for each of them."""

    group: str
    matter: str
    code: str
    extent: int
    seen_on: date
    institution: str


class Fieldwork(Struct, frozen=True, kw_only=True):
    """Visits and confirmed findings by group, and beside them whatever could not be counted.

    `visits` counts each visit on the spot once, however many officers made it. `nameless` of them
    belong to no group; `on_paper` are reviews of papers, which find other things. `unconfirmed` findings
    of those visits are not confirmed, or undone; `without_visit` are confirmed, but no visit's.
    """

    groups: tuple[Visited, ...]
    findings: tuple[Confirmed, ...]
    visits: int
    nameless: int
    on_paper: int
    unconfirmed: int
    without_visit: int


def fieldwork(session: Session, by: By, since: date, until: date) -> Fieldwork:
    """The visits from the first to the last day, both included, with their findings as they stand now.

    An inspector is a name on the visit, a district the institution's jurisdiction on the day of it.
    """
    visits = {row.id: row for row in session.connection().execute(_visits(since, until))}
    onsite = [row for row in visits.values() if row.onsite]
    groups_of = _officers if by == "inspector" else _jurisdictions(session, since, until)
    made = Counter(group for row in onsite for group in groups_of(row))
    tally: Counter[str] = Counter()
    found: list[Confirmed] = []
    for row, proven, visit in _placed(session, visits, since, until):
        if visit is None:
            tally["without_visit"] += proven
        elif visit.onsite and not proven:
            tally["unconfirmed"] += 1
        elif visit.onsite:
            found += [_confirmed(row, group) for group in groups_of(visit)]
    return Fieldwork(
        groups=tuple(Visited(group=group, visits=made[group]) for group in sorted(made)),
        findings=tuple(sorted(found, key=lambda one: (one.seen_on, one.matter, one.group))),
        visits=len(onsite),
        nameless=sum(not groups_of(row) for row in onsite),
        on_paper=len(visits) - len(onsite),
        unconfirmed=tally["unconfirmed"],
        without_visit=tally["without_visit"],
    )


def _visits(since: date, until: date) -> Select[str, str, date, bool, str, str]:
    return select(
        col(Inspection.id),
        col(Inspection.institution),
        col(Inspection.on),
        col(Inspection.onsite),
        col(Inspection.first_officer),
        col(Inspection.second_officer),
    ).where(col(Inspection.on).between(since, until), stands())


def _findings(since: date, until: date) -> Select[str, str, int, date, str | None, str]:
    """The findings of the visits of a period, and those of no visit that were seen in it."""
    lone = and_(col(Finding.inspection).is_(None), col(Finding.seen_on).between(since, until))
    return (
        select(
            col(Finding.matter),
            col(Finding.code),
            col(Finding.extent),
            col(Finding.seen_on),
            col(Finding.inspection),
            col(Matter.institution),
        )
        .join(Matter, col(Matter.id) == col(Finding.matter))
        .outerjoin(Inspection, col(Inspection.id) == col(Finding.inspection))
        .where(col(Matter.kind) == "finding")
        .where(or_(col(Inspection.on).between(since, until), lone))
        .order_by(col(Finding.matter))
    )


def _placed(
    session: Session, visits: dict[str, Any], since: date, until: date
) -> Iterable[tuple[Any, bool, Any]]:
    """Each finding, whether it is confirmed and not undone, and its visit; None if it has none."""
    query = _findings(since, until)
    steps = select(
        col(Step.matter), col(Step.state), col(Step.first_officer), col(Step.second_officer)
    ).where(col(Step.matter).in_(select(query.subquery().c.matter)))
    courses: dict[str, set[State]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for step in session.connection().execute(steps):
        courses[step.matter].update(MEANS.get(step.state, ()))
        if step.state == "discovered":
            names[step.matter].update(_officers(step))
    days: dict[tuple[str, date], list[Any]] = defaultdict(list)
    for visit in visits.values():
        days[visit.institution, visit.on].append(visit)
    for row in session.connection().execute(query):
        states = courses[row.matter]
        proven = bool(states & _PROVEN) and not states & _UNDONE
        same_day = days.get((row.institution, row.seen_on), [])
        visit = visits.get(row.inspection) or _likeliest(same_day, names[row.matter])
        yield row, proven, visit


def _likeliest(visits: Sequence[Any], officers: set[str]) -> Any:
    """The visit of the day a finding without a visit's number was made at, as an import takes it.

    Of several the one with the most of the officers who recorded it, then the first.
    """
    return min(
        visits, key=lambda one: (-len(officers.intersection(_officers(one))), one.id), default=None
    )


def _officers(row: Any) -> tuple[str, ...]:
    """The names under a visit or a step, each once."""
    return tuple(name for name in dict.fromkeys((row.first_officer, row.second_officer)) if name)


def _jurisdictions(session: Session, since: date, until: date) -> GroupsOf:
    """Tells the jurisdiction an institution was under on the day it was visited."""
    visited = select(_visits(since, until).subquery().c.institution)
    query = select(
        col(Profile.id),
        col(Profile.institution),
        col(Profile.jurisdiction),
        col(Profile.since),
        col(Profile.replaces),
    ).where(col(Profile.institution).in_(visited))
    own: dict[str, list[Any]] = defaultdict(list)
    for row in valid(session.connection().execute(query).all()):
        own[row.institution].append(row)
    for rows in own.values():
        rows.sort(key=lambda one: (one.since or date.min, one.id))

    def of(visit: Any) -> tuple[str, ...]:
        """The profile in force: the newest that had begun, or the first if none had."""
        rows = own[visit.institution]
        begun = [one for one in rows if one.since is None or one.since <= visit.on]
        return tuple(one.jurisdiction for one in (begun[-1:] or rows[:1]) if one.jurisdiction)

    return of


def _confirmed(row: Any, group: str) -> Confirmed:
    return Confirmed(
        group=group,
        matter=row.matter,
        code=row.code,
        extent=row.extent,
        seen_on=row.seen_on,
        institution=row.institution,
    )
