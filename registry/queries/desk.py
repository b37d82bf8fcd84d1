"""What the desk and the portal show: lists with their clocks, one matter, one institution's record."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from registry import tables
from registry.queries.files import jurisdiction_rows, valid
from registry.queries.voided import voided
from registry.tables import Institution, Name, Premises, Profile, Registration


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
    voided: bool = False


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


def jurisdictions(
    session: Session, on: date, known_at: datetime | None = None
) -> list[JurisdictionLine]:
    """The jurisdictions in force on a day, as they were known at an instant."""
    rows = jurisdiction_rows(session, on, known_at)
    return [_value(row, JurisdictionLine) for row in rows]


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
        query = query.where(col(Institution.id).in_(under(jurisdictions)))
    ids = list(session.scalars(query.limit(limit).offset(offset)))
    return institution_lines(session, ids, on)


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
        query = query.where(col(inspection.institution).in_(under(jurisdictions)))
    lines = [_value(row, InspectionLine) for row in session.scalars(query.limit(limit))]
    void = voided(session, [one.id for one in lines])
    return [msgspec.structs.replace(one, voided=one.id in void) for one in lines]


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


def under(jurisdictions: Sequence[str]) -> Select[Any]:
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
