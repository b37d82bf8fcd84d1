"""What a later ledger says otherwise: rows that supersede or follow, and one entry with before and after."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, SQLModel, select

from registry import tables
from registry.access import Actor
from registry.acts.authority import authorise, require_jurisdiction
from registry.errors import NotFound
from registry.forms.ledger_line import NAMES, PLACES
from registry.ledger import Act, append
from registry.queries.files import name_on, names_on, profile_on, valid
from registry.queries.held import (
    LICENCE,
    PROFILE,
    REGISTRATION,
    further_held,
    lacking,
    newest,
    places_on,
    rows_of,
)

_OWN = {"id", "replaces", "recorded_at", "recorded_by"}
_PRIVATE = {"account_no", "balance_fen"}
Values = Mapping[str, Any]


def update_duty(
    session: Session,
    table: type[SQLModel],
    row: int,
    fields: Values,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Supersedes a cover, licence, account or yearly result by one that says otherwise."""
    held: Any = session.get(table, row)
    if held is None:
        raise NotFound("记录", str(row))
    authorise(session, by, "change_institution", "更新", institution=held.institution, now=now)
    before = {field: getattr(held, field) for field in fields}
    made = _follow(session, held, fields, replaces=True, by=by, now=now)
    if table is tables.Cover:
        places = select(tables.CoverPremises.address).where(tables.CoverPremises.cover == row)
        for address in session.exec(places).all():
            stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
            session.add(tables.CoverPremises(cover=made, address=address, **stamp))
        session.flush()
    act = f"update_{table.__tablename__!s}"
    _enter(session, act, held.institution, before, fields, by=by, now=now)


def update_institution(
    session: Session, institution: str, fields: Values, *, by: Actor, now: datetime
) -> None:
    """Records from today on what an institution's sheet says otherwise; the days before stay."""
    authorise(session, by, "change_institution", "变更机构", institution=institution, now=now)
    on = now.date()
    before: dict[str, Any] = {}
    profile = {field: fields[field] for field in PROFILE if field in fields}
    if profile:
        if "jurisdiction" in profile:
            require_jurisdiction(session, profile["jurisdiction"])
        held = profile_on(rows_of(session, tables.Profile, institution), on)
        before |= {field: getattr(held, field) for field in profile}
        row = session.get(tables.Profile, held.id)
        _follow(session, row, {**profile, "since": on}, replaces=held.since == on, by=by, now=now)
    if "name" in fields:
        before["name"] = _rename(session, institution, fields["name"], on, by=by, now=now)
    if "address" in fields:
        before["address"] = _move(session, institution, fields["address"], on, by=by, now=now)
    before |= _join(session, institution, fields, on, by=by, now=now)
    for table, names in ((tables.Licence, LICENCE), (tables.Registration, REGISTRATION)):
        changed = {name: fields[field] for field, name in names.items() if field in fields}
        if changed:
            row = newest(session, table, institution)
            before |= {
                field: getattr(row, name, None) for field, name in names.items() if field in fields
            }
            _renew(session, table, institution, row, changed, on, by=by, now=now)
    _enter(session, "update_institution", institution, before, fields, by=by, now=now)


def _rename(
    session: Session, institution: str, name: str, on: date, *, by: Actor, now: datetime
) -> str:
    rows = rows_of(session, tables.Name, institution)
    held = name_on(names_on(rows, on), on)
    for one in valid(rows):
        if one.kind == "legal" and one.text == held and one.until is None:
            row = session.get(tables.Name, one.id)
            begun = one.since is None or one.since < on
            ended = {"until": on - timedelta(days=1)} if begun else {"text": name}
            _follow(session, row, ended, replaces=True, by=by, now=now)
            if not begun:
                return held
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    session.add(tables.Name(institution=institution, kind="legal", text=name, since=on, **stamp))
    session.flush()
    return held


def _join(
    session: Session, institution: str, fields: Values, on: date, *, by: Actor, now: datetime
) -> dict[str, str]:
    """Adds the further names and places that the register lacks; it gives up none that a ledger leaves out."""
    cells = {field: fields[field] for field in (*NAMES, PLACES) if field in fields}
    if not cells:
        return {}
    before = further_held(session, institution, cells, on)
    names, places = lacking(session, institution, cells, on)
    stamp: dict[str, Any] = {
        "institution": institution,
        "recorded_at": now,
        "recorded_by": by.account,
    }
    for one in names:
        since = None if one.until else on
        session.add(tables.Name(**one.model_dump(exclude={"since"}), since=since, **stamp))
    for address in places:
        session.add(tables.Premises(address=address, since=on, **stamp))
    session.flush()
    return before


def _move(
    session: Session, institution: str, address: str, on: date, *, by: Actor, now: datetime
) -> str:
    """The only place of teaching is left for the new one; beside several the new one is a further one."""
    places = places_on(session, institution, on)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    if len(places) == 1:
        row = session.get(tables.Premises, places[0].id)
        begun = places[0].since < on
        ended = {"until": on - timedelta(days=1)} if begun else {"address": address}
        _follow(session, row, ended, replaces=True, by=by, now=now)
        if not begun:
            return str(places[0].address)
    session.add(tables.Premises(institution=institution, address=address, since=on, **stamp))
    session.flush()
    return "；".join(one.address for one in places)


def _renew(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    table: Any,
    institution: str,
    held: Any,
    changed: Values,
    on: date,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """A term that begins on another day is a new one; else what is held was told otherwise."""
    if held is None:
        stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
        session.add(table(institution=institution, **{"since": on, **changed}, **stamp))
        session.flush()
        return
    row = session.get(table, held.id)
    fresh = changed.get("since", held.since) > held.since
    if fresh and "until" not in changed:
        changed = {**changed, "until": None}
    _follow(session, row, changed, replaces=not fresh, by=by, now=now)


def _follow(
    session: Session, row: Any, changed: Values, *, replaces: bool, by: Actor, now: datetime
) -> int:
    """A copy of a row with what changed, in its place or after it; gives the copy's number."""
    values = {**row.model_dump(exclude=_OWN), **changed}
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    made = type(row)(**values, replaces=row.id if replaces else None, **stamp)
    session.add(made)
    session.flush()
    return int(made.id)


def _enter(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    act: str,
    institution: str,
    before: Values,
    after: Values,
    *,
    by: Actor,
    now: datetime,
) -> None:
    body = {
        "before": {key: one for key, one in before.items() if key not in _PRIVATE},
        "after": {key: one for key, one in after.items() if key not in _PRIVATE},
    }
    entry = Act(act=act, subject=institution, institution=institution, body=body)
    append(session, entry, by=by, now=now)
