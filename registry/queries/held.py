"""What the register holds of an institution today, by the fields of the sheet that registers one."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import tables
from registry.alike import same_address
from registry.queries.files import name_on, names_on, profile_on, valid

PROFILE = (
    "kind",
    "legal_form",
    "subject",
    "mode",
    "stage",
    "jurisdiction",
    "status",
    "on_platform",
    "charges_in_advance",
)
LICENCE = {"licence_no": "number", "licence_since": "since", "licence_until": "until"}
REGISTRATION = {
    "code": "code",
    "registration_no": "number",
    "registrar": "registrar",
    "legal_representative": "legal_representative",
    "registered_on": "since",
    "registered_until": "until",
}


def held_now(session: Session, institution: str, form: Any, on: date) -> dict[str, Any]:
    """The value held of each field the form fills; an address that is known in any spelling is held."""
    found: dict[str, Any] = {}
    profile = profile_on(rows_of(session, tables.Profile, institution), on)
    found.update({field: getattr(profile, field) for field in PROFILE})
    found["name"] = name_on(names_on(rows_of(session, tables.Name, institution), on), on)
    places = [one.address for one in places_on(session, institution, on)]
    spelled = form.address if any(same_address(form.address, one) for one in places) else ""
    found["address"] = spelled or "；".join(places)
    for table, fields in ((tables.Licence, LICENCE), (tables.Registration, REGISTRATION)):
        row = newest(session, table, institution)
        found.update({field: getattr(row, name, None) for field, name in fields.items()})
    return {field: value for field, value in found.items() if field in form.model_fields_set}


def places_on(session: Session, institution: str, on: date) -> list[Any]:
    """The rows of the places of teaching in use on a day."""
    rows = valid(rows_of(session, tables.Premises, institution))
    return [one for one in rows if one.since <= on and (one.until is None or one.until >= on)]


def newest(session: Session, table: type[SQLModel], institution: str) -> Any:
    """The newest row of a dated table that nothing supersedes; None if there is none."""
    rows = valid(rows_of(session, table, institution))
    return max(rows, key=lambda one: (one.since, one.id), default=None)


def rows_of(session: Session, table: type[SQLModel], institution: str) -> list[Any]:
    """Every row of an institution in a table."""
    columns = SQLModel.metadata.tables[str(table.__tablename__)].c
    query = sa.select(*columns).where(columns.institution == institution)
    return list(session.connection().execute(query))
