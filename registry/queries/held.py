"""What the register holds of an institution today, by the fields of the sheet that registers one."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import tables
from registry.alike import same_address
from registry.forms import InstitutionLine, NameForm, names_in, places_in
from registry.forms.ledger_line import NAMES, PLACES
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
    found["address"] = form.address if _is_among(form.address, places) else "；".join(places)
    if isinstance(form, InstitutionLine):
        cells = {field: getattr(form, field) for field in (*NAMES, PLACES)}
        found |= further_held(session, institution, cells, on)
    for table, fields in ((tables.Licence, LICENCE), (tables.Registration, REGISTRATION)):
        row = newest(session, table, institution)
        found.update({field: getattr(row, name, None) for field, name in fields.items()})
    return {field: value for field, value in found.items() if field in form.model_fields_set}


def _is_among(address: str, places: Iterable[str]) -> bool:
    return any(same_address(address, one) for one in places)


def lacking(
    session: Session, institution: str, cells: Mapping[str, str], on: date
) -> tuple[list[NameForm], list[str]]:
    """The names and places in the cells of further ones that the register does not hold."""
    names = {(one.kind, key_of(one)) for one in valid(rows_of(session, tables.Name, institution))}
    told = [one for field in NAMES for one in names_in(field, cells.get(field, ""))]
    places = [one.address for one in places_on(session, institution, on)]
    written = [one.address for one in places_in(cells.get(PLACES, ""), on)]
    return (
        [one for one in told if (one.kind, key_of(one)) not in names],
        [one for one in written if not _is_among(one, places)],
    )


def key_of(name: Any) -> tuple[str, bool]:
    """What makes two names the same: their text, and whether they are former ones."""
    return name.text.casefold(), name.until is not None


def further_held(
    session: Session, institution: str, cells: Mapping[str, str], on: date
) -> dict[str, str]:
    """What is held of each of these cells; the cell itself where nothing in it is lacking."""
    names, places = lacking(session, institution, cells, on)
    lacks = {(one.kind, one.until is not None) for one in names}
    rows = valid(rows_of(session, tables.Name, institution))
    held = dict(cells)
    for field, kind in NAMES.items():
        former = kind == "legal"
        if (kind, former) in lacks:
            own = [one for one in rows if one.kind == kind and (one.until is not None) == former]
            held[field] = "；".join(one.text for one in own)
    if places:
        held[PLACES] = "；".join(one.address for one in places_on(session, institution, on))
    return held


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
