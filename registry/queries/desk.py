"""What the desk and the portal show: lists with their clocks, one matter, one institution's record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import Session, SQLModel, col

from registry import tables
from registry.errors import NotFound
from registry.procedure import KINDS, STATES, TRANSITIONS, Edge, edges_from, is_open
from registry.queries.files import jurisdiction_rows, valid
from registry.tables import Institution, Matter, Name, Premises, Profile, Registration, Step


class InstitutionLine(Struct, frozen=True, kw_only=True):
    """One institution in a list."""

    id: str
    name: str
    jurisdiction: str
    status: str
    code: str = ""
    address: str = ""


class JurisdictionLine(Struct, frozen=True, kw_only=True):
    """A jurisdiction in force."""

    id: str
    name: str
    organ: str
    parent: str


class MatterLine(Struct, frozen=True, kw_only=True):
    """One matter in a list, with where it stands and until when the office owes the next step."""

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
    recorded_at: datetime
    recorded_by: str


class MatterSheet(Struct, frozen=True, kw_only=True):
    """A matter with its steps, its content and the steps it may take next."""

    line: MatterLine
    steps: tuple[StepLine, ...]
    content: dict[str, Any]
    next: tuple[Edge, ...]


class InspectionLine(Struct, frozen=True, kw_only=True):
    """One visit."""

    id: str
    institution: str
    kind: str
    on: date
    onsite: bool
    first_officer: str
    second_officer: str
    place: str
    note: str


class CoverLine(Struct, frozen=True, kw_only=True):
    """One cover with its number, for reminders and cancellation."""

    id: int
    institution: str
    cover_class: str
    insurer: str
    policy_no: str
    since: date
    until: date
    cancelled_on: date | None


def jurisdictions(session: Session, on: date) -> list[JurisdictionLine]:
    """The jurisdictions in force on a day."""
    return [_value(row, JurisdictionLine) for row in jurisdiction_rows(session, on)]


def institutions(
    session: Session,
    on: date,
    text: str = "",
    jurisdictions: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> list[InstitutionLine]:
    """Institutions by any of their names, number, code or address, in order of number."""
    query = select(col(Institution.id)).order_by(col(Institution.id))
    if text := text.strip():
        query = query.where(col(Institution.id).in_(_matching(text)))
    if jurisdictions:
        query = query.where(col(Institution.id).in_(_under(jurisdictions)))
    ids = list(session.scalars(query.limit(limit).offset(offset)))
    return institution_lines(session, ids, on)


def matters(  # noqa: PLR0913 one argument per field of the filter
    session: Session,
    *,
    kinds: Sequence[str] = (),
    institution: str = "",
    jurisdictions: Sequence[str] = (),
    owner: str = "",
    open_only: bool = False,
    due_by: date | None = None,
    limit: int = 200,
) -> list[MatterLine]:
    """Matters with their last step, those due first; `due_by` gives what falls due by a day."""
    query = _matters()
    if kinds:
        query = query.where(col(Matter.kind).in_(kinds))
    if institution:
        query = query.where(col(Matter.institution) == institution)
    if jurisdictions:
        query = query.where(col(Matter.institution).in_(_under(jurisdictions)))
    if owner:
        query = query.where(col(Matter.owner) == owner)
    if due_by is not None:
        query = query.where(col(Step.due_on) <= due_by)
    if open_only or due_by is not None:
        query = query.where(or_(*(_at(kind, state) for kind, state in _open_states())))
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


def inspections(
    session: Session,
    institution: str = "",
    jurisdictions: Sequence[str] = (),
    limit: int = 100,
) -> list[InspectionLine]:
    """Visits, the newest first."""
    inspection = tables.Inspection
    query = select(inspection).order_by(col(inspection.on).desc(), col(inspection.id).desc())
    if institution:
        query = query.where(col(inspection.institution) == institution)
    if jurisdictions:
        query = query.where(col(inspection.institution).in_(_under(jurisdictions)))
    return [_value(row, InspectionLine) for row in session.scalars(query.limit(limit))]


def findings_of(session: Session, inspection: str) -> list[str]:
    """The numbers of what was found at a visit."""
    query = select(col(tables.Finding.matter)).where(col(tables.Finding.inspection) == inspection)
    return sorted(session.scalars(query))


def covers(
    session: Session, institution: str = "", ending_by: date | None = None
) -> list[CoverLine]:
    """Covers nobody has superseded; `ending_by` gives those that end by a day."""
    cover = tables.Cover
    gone = select(col(cover.replaces)).where(col(cover.replaces).is_not(None))
    query = select(cover).where(col(cover.id).not_in(gone)).order_by(col(cover.until))
    if institution:
        query = query.where(col(cover.institution) == institution)
    if ending_by is not None:
        query = query.where(col(cover.until) <= ending_by)
    return [_value(row, CoverLine) for row in session.scalars(query)]


def _value(row: Any, kind: type[Any]) -> Any:
    return msgspec.convert(row, kind, from_attributes=True)


def _matching(text: str) -> Select[Any]:
    """The numbers of institutions whose name, number, code or address holds the text."""
    places = [
        (col(Name.institution), col(Name.text)),
        (col(Premises.institution), col(Premises.address)),
        (col(Registration.institution), col(Registration.code)),
        (col(Institution.id), col(Institution.id)),
    ]
    queries = [
        select(key).where(column.contains(word, autoescape=True))
        for key, column in places
        for word in dict.fromkeys((text, text.upper()))
    ]
    return select(queries[0].union(*queries[1:]).subquery().c[0])


def _under(jurisdictions: Sequence[str]) -> Select[Any]:
    """The numbers of institutions whose newest profile is under one of the jurisdictions."""
    newest = _newest_profiles()
    return select(col(Profile.institution)).where(
        col(Profile.id).in_(newest), col(Profile.jurisdiction).in_(jurisdictions)
    )


def _newest_profiles() -> Select[Any]:
    rank = (
        func.row_number()
        .over(
            partition_by=col(Profile.institution),
            order_by=(col(Profile.since).desc(), col(Profile.id).desc()),
        )
        .label("rank")
    )
    ranked = select(col(Profile.id), rank).subquery()
    return select(ranked.c.id).where(ranked.c.rank == 1)


def institution_lines(session: Session, ids: Sequence[str], on: date) -> list[InstitutionLine]:
    """The institutions of these numbers as they stand on a day, in the order asked for."""
    profiles = _by_institution(session, Profile, ids)
    names = _by_institution(session, Name, ids)
    places = _by_institution(session, Premises, ids)
    codes = _by_institution(session, Registration, ids)
    found = []
    for id in ids:
        profile = max(profiles[id], key=lambda one: (one.since or date.min, one.id), default=None)
        legal = [one for one in names[id] if one.kind == "legal"] or names[id]
        current = [one for one in legal if one.until is None or one.until >= on] or legal
        address = [one.address for one in places[id] if one.until is None or one.until >= on]
        code = [one.code for one in codes[id] if one.code]
        found.append(
            InstitutionLine(
                id=id,
                name=current[-1].text if current else "",
                jurisdiction=profile.jurisdiction if profile else "",
                status=profile.status if profile else "active",
                code=code[-1] if code else "",
                address=address[0] if address else "",
            )
        )
    return found


def _by_institution(session: Session, table: Any, ids: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {id: [] for id in ids}
    for row in session.scalars(select(table).where(table.institution.in_(ids))):
        found[row.institution].append(row)
    return {id: valid(rows) for id, rows in found.items()}


def _matters() -> Select[Any]:
    last = (
        select(col(Step.matter), func.max(col(Step.seq)).label("seq"))
        .group_by(col(Step.matter))
        .subquery()
    )
    return (
        select(
            *SQLModel.metadata.tables["matter"].c,
            col(Step.state),
            col(Step.on).label("since"),
            col(Step.due_on),
            func.coalesce(col(tables.Finding.code), col(tables.Decision.code), "").label("code"),
        )
        .join_from(Matter, last, last.c.matter == col(Matter.id))
        .join(Step, (col(Step.matter) == last.c.matter) & (col(Step.seq) == last.c.seq))
        .outerjoin(tables.Finding, col(tables.Finding.matter) == col(Matter.id))
        .outerjoin(tables.Decision, col(tables.Decision.matter) == col(Matter.id))
    )


def _open_states() -> list[tuple[str, str]]:
    ends = {(one.kind, one.target) for one in TRANSITIONS}
    return sorted((kind, state) for kind, state in ends if is_open(kind, state))


def _at(kind: str, state: str) -> ColumnElement[bool]:
    return (col(Matter.kind) == kind) & (col(Step.state) == state)


def _matter_lines(session: Session, rows: Sequence[Any]) -> list[MatterLine]:
    ids = sorted({row.institution for row in rows})
    names = {one.id: one.name for one in institution_lines(session, ids, date.max)}
    return [
        MatterLine(
            id=row.id,
            kind=row.kind,
            kind_name=KINDS[row.kind],
            institution=row.institution,
            name=names[row.institution],
            jurisdiction=row.jurisdiction,
            state=row.state,
            state_name=STATES.get(row.state, row.state),
            since=row.since,
            due_on=row.due_on,
            owner=row.owner,
            code=row.code,
            open=is_open(row.kind, row.state),
        )
        for row in rows
    ]


def _content(session: Session, line: MatterLine) -> dict[str, Any]:
    """The child row of a matter, without who recorded it."""
    table: Any = {
        "finding": tables.Finding,
        "commendation": tables.Finding,
        "penalty": tables.Decision,
        "listing": tables.Listing,
        "objection": tables.Objection,
        "repair": tables.Repair,
        "change": tables.Change,
        "complaint": tables.Complaint,
        "alert": tables.Alert,
    }[line.kind]
    row = session.get(table, line.id)
    found: dict[str, Any] = row.model_dump(exclude={"recorded_at", "recorded_by"}) if row else {}
    if line.kind == "penalty":
        linked = select(col(tables.CaseFinding.finding)).where(
            col(tables.CaseFinding.penalty) == line.id
        )
        found["findings"] = sorted(session.scalars(linked))
    return found
