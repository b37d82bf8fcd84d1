"""Matters as the desk and the portal see them: where each stands, who has it, until when, what comes next."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from registry import tables
from registry.errors import NotFound
from registry.procedure import KINDS, STATES, TRANSITIONS, Edge, edges_from, is_open, waits
from registry.queries.desk import institution_lines, under
from registry.queries.places import has_left
from registry.queries.terms import newest_proposal
from registry.tables import Account, Handover, Identification, Matter, Step

ALL = 1_000_000  # a limit for whoever must not leave one out
_WITHHELD = {"recorded_at", "recorded_by", "contact"}
# Not as the row has them, but as they were last found or given.
_ASKED = ("owner", "institution")


class MatterLine(Struct, frozen=True, kw_only=True):
    """One matter in a list, with where it stands, who has it, and until when the next step is owed.

    Where it `waits`, the date is the end of others' time, and the office's step comes after it.
    """

    id: str
    kind: str
    kind_name: str
    institution: str
    name: str
    jurisdiction: str
    state: str
    state_name: str
    since: date
    due_on: date | None
    owner: str
    code: str
    open: bool
    waits: bool = False


class AlertLine(Struct, frozen=True, kw_only=True):
    """One risk alert in force: its words, its paper, and its last day."""

    matter: str
    institution: str
    text: str
    document_no: str
    issued_on: date
    until: date


class StepLine(Struct, frozen=True, kw_only=True):
    """One step as it was taken."""

    seq: int
    act: str
    state: str
    state_name: str
    on: date
    due_on: date | None
    document_no: str
    organ: str
    first_officer: str
    second_officer: str
    reason: str
    repair_notice_no: str
    publication_told: bool
    served_on: date | None
    service_proof: str
    recorded_at: datetime
    recorded_by: str


class MatterSheet(Struct, frozen=True, kw_only=True):
    """A matter with its steps, its content and the steps it may take next."""

    line: MatterLine
    steps: tuple[StepLine, ...]
    content: dict[str, Any]
    next: tuple[Edge, ...]


def matters(  # noqa: PLR0913 one argument per field of the filter
    session: Session,
    *,
    kinds: Sequence[str] = (),
    institution: str = "",
    jurisdictions: Sequence[str] = (),
    owner: str = "",
    ownerless: bool = False,
    open_only: bool = False,
    due_by: date | None = None,
    limit: int = 200,
) -> list[MatterLine]:
    """Matters with their last step, those due first; `due_by` gives what falls due by a day."""
    query = _matters()
    if kinds:
        query = query.where(col(Matter.kind).in_(kinds))
    if institution:
        query = query.where(meant_by(institution))
    if jurisdictions:
        here = col(Matter.jurisdiction).in_(jurisdictions)
        query = query.where(or_(_about.in_(under(jurisdictions)), _about.is_(None) & here))
    if owner:
        query = query.where(_owner() == owner)
    if ownerless:
        query = query.where(_owner() == "")
    if due_by is not None:
        query = query.where(col(Step.due_on) <= due_by)
    if open_only or due_by is not None:
        query = query.where((col(Matter.kind) + " " + col(Step.state)).in_(_open_states()))
    due = col(Step.due_on)
    query = query.order_by(due.is_(None), due, col(Step.on).desc(), col(Matter.id)).limit(limit)
    rows = session.connection().execute(query).all()
    return _matter_lines(session, rows)


def matter(session: Session, id: str, role: str = "") -> MatterSheet:
    """One matter with everything about it; `next` holds the steps this role may take."""
    row = session.connection().execute(_matters().where(col(Matter.id) == id)).first()
    if row is None:
        raise NotFound("事项", id)
    line = _matter_lines(session, [row])[0]
    taken = session.scalars(
        select(Step).where(col(Step.matter) == id).order_by(col(Step.seq))
    ).all()
    steps = tuple(
        msgspec.convert(
            {**one.model_dump(), "state_name": STATES.get(one.state, one.state)}, StepLine
        )
        for one in taken
    )
    possible = edges_from(line.kind, line.state)
    return MatterSheet(
        line=line,
        steps=steps,
        content=_content(session, line),
        next=tuple(one for one in possible if not role or role in one.roles),
    )


def matters_by_id(session: Session, ids: Sequence[str]) -> list[MatterLine]:
    """The matters of these numbers, in order of number."""
    query = _matters().where(col(Matter.id).in_(ids)).order_by(col(Matter.id))
    return _matter_lines(session, session.connection().execute(query).all())


def about_of(session: Session, sheet: MatterSheet) -> list[MatterLine]:
    """The matters a matter is about, and those about it: what it rests on and what came of it."""
    content = sheet.content
    ids = {content.get(name) for name in ("about", "decision", "finding", "corrects")}
    ids |= set(content.get("findings", ()))
    others: tuple[tuple[Any, str], ...] = (
        (tables.Objection, "about"),
        (tables.Repair, "about"),
        (tables.Retraction, "about"),
        (tables.Listing, "decision"),
        (tables.Alert, "finding"),
        (tables.SpotPenalty, "finding"),
        (tables.Finding, "corrects"),
    )
    for table, column in others:
        query = select(table.matter).where(getattr(table, column) == sheet.line.id)
        ids |= set(session.scalars(query))
    cases = select(col(tables.CaseFinding.penalty)).where(
        col(tables.CaseFinding.finding) == sheet.line.id
    )
    ids |= set(session.scalars(cases))
    wanted = sorted(one for one in ids if one)
    rows = session.connection().execute(_matters().where(col(Matter.id).in_(wanted))).all()
    return _matter_lines(session, sorted(rows, key=lambda one: one.id))


def alerts_in_force(
    session: Session, on: date, institutions: Sequence[str] | None = None
) -> list[AlertLine]:
    """The risk alerts that run on a day; one ends with its last day, whether anybody notes it or not."""
    alert = tables.Alert
    query = (
        select(Step, col(Matter.institution), col(alert.text))
        .join_from(Matter, alert, col(alert.matter) == col(Matter.id))
        .join(Step, col(Step.matter) == col(Matter.id))
        .where(col(Step.on) <= on)
        .order_by(col(Matter.id), col(Step.seq))
    )
    if institutions is not None:
        query = query.where(col(Matter.institution).in_(institutions))
    courses: dict[str, list[Any]] = {}
    for row in session.execute(query):
        courses.setdefault(row.Step.matter, []).append(row)
    return [
        AlertLine(
            matter=matter,
            institution=rows[-1].institution,
            text=rows[-1].text,
            document_no=rows[-1].Step.document_no,
            issued_on=next(one.Step.on for one in rows if one.Step.state == "issued"),
            until=rows[-1].Step.due_on,
        )
        for matter, rows in courses.items()
        if rows[-1].Step.state == "issued" and on <= rows[-1].Step.due_on
    ]


def meant_by(institution: str) -> ColumnElement[bool]:
    """That a matter, joined with the last of its identifications, is about an institution."""
    one, other = aliased(Matter), aliased(Identification)
    opened = select(col(one.id)).where(col(one.institution) == institution)
    found = select(col(other.matter)).where(col(other.institution) == institution)
    # Two columns with an index each; what of the two counts has none, and an "or" would use neither.
    return and_(col(Matter.id).in_(opened.union(found)), _about == institution)


def last_of(table: type[Identification | Handover | Step], order: str = "id") -> Any:
    """That a row is the last of its matter: looked up matter by matter, so that one costs as little among a million."""
    other = aliased(table)
    newest = select(func.max(getattr(other, order))).where(col(other.matter) == col(Matter.id))
    is_last = getattr(table, order) == newest.correlate(Matter).scalar_subquery()
    return and_(col(table.matter) == col(Matter.id), is_last)


# The institution a complaint was last found to be about, or the one any other matter was opened about.
_about = func.coalesce(col(Identification.institution), col(Matter.institution))


def _matters() -> Select[Any]:
    return (
        select(
            *(one for one in SQLModel.metadata.tables["matter"].c if one.name not in _ASKED),
            func.coalesce(_about, "").label("institution"),
            _owner().label("owner"),
            col(Step.state),
            col(Step.on).label("since"),
            col(Step.due_on),
            func.coalesce(col(tables.Finding.code), col(tables.Decision.code), "").label("code"),
        )
        .join_from(Matter, Step, last_of(Step, "seq"))
        .outerjoin(Identification, last_of(Identification))
        .outerjoin(Handover, last_of(Handover))
        .outerjoin(Account, col(Account.id) == func.coalesce(col(Handover.owner), Matter.owner))
        .outerjoin(tables.Finding, col(tables.Finding.matter) == col(Matter.id))
        .outerjoin(tables.Decision, col(tables.Decision.matter) == col(Matter.id))
    )


def _owner() -> ColumnElement[str]:
    """Who has a matter now; nobody, where they have left the office."""
    now = func.coalesce(col(Handover.owner), col(Matter.owner))
    return case((has_left(Account), ""), else_=now)


def _open_states() -> list[str]:
    """Each kind with each state in which something is owed: one comparison, not fifty."""
    ends = {(one.kind, one.target) for one in TRANSITIONS}
    return sorted(f"{kind} {state}" for kind, state in ends if is_open(kind, state))


def _matter_lines(session: Session, rows: Sequence[Any]) -> list[MatterLine]:
    ids = sorted({row.institution for row in rows if row.institution})
    names = {one.id: one.name for one in institution_lines(session, ids, date.max)}
    names |= _at_the_door(session, [row.id for row in rows if not row.institution])
    return [
        MatterLine(
            id=row.id,
            kind=row.kind,
            kind_name=KINDS[row.kind],
            institution=row.institution,
            name=names[row.institution or row.id],
            jurisdiction=row.jurisdiction,
            state=row.state,
            state_name=STATES.get(row.state, row.state),
            since=row.since,
            due_on=row.due_on,
            owner=row.owner,
            code=row.code,
            open=is_open(row.kind, row.state),
            waits=waits(row.kind, row.state),
        )
        for row in rows
    ]


def _at_the_door(session: Session, matters: Sequence[str]) -> dict[str, str]:
    """What those whom the register does not hold are called, by matter: by their sign, else by their address."""
    if not matters:
        return {}
    query = select(tables.Complaint).where(col(tables.Complaint.matter).in_(matters))
    return {one.matter: f"（未登记）{one.named or one.address}" for one in session.scalars(query)}


def _content(session: Session, line: MatterLine) -> dict[str, Any]:
    """The child row of a matter, without who recorded it, and without how to reach who complained."""
    table: Any = {
        "finding": tables.Finding,
        "commendation": tables.Finding,
        "penalty": tables.Decision,
        "spot": tables.SpotPenalty,
        "listing": tables.Listing,
        "white_loss": tables.WhiteLoss,
        "objection": tables.Objection,
        "repair": tables.Repair,
        "change": tables.Change,
        "complaint": tables.Complaint,
        "alert": tables.Alert,
        "judgment": tables.Finding,
        "withdrawal": tables.Retraction,
    }[line.kind]
    row = session.get(table, line.id)
    found: dict[str, Any] = row.model_dump(exclude=_WITHHELD) if row else {}
    told = newest_proposal(session, line.id)
    if told is not None:
        found["told"] = told.model_dump(exclude=_WITHHELD)
    if line.kind == "penalty":
        linked = select(col(tables.CaseFinding.finding)).where(
            col(tables.CaseFinding.penalty) == line.id
        )
        found["findings"] = sorted(session.scalars(linked))
    return found
