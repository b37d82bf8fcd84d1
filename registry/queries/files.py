"""Credit files in bulk: a few statements for a thousand institutions, rows in, frozen values out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET
from sqlalchemy import Row, Select
from sqlmodel import Session, SQLModel

from registry import tables
from registry.credit_file import CreditFile, NameRecord, ReplyRecord
from registry.errors import NotFound
from registry.queries.alerts import alerts_on
from registry.queries.among import among, texts_named
from registry.queries.displayed import contacts_on, staff_on
from registry.queries.facts import Held, Own, duties, inspections, listings, records
from registry.queries.lineage import MERGED, merged
from registry.queries.touched import columns_of
from scoring.facts import Facts

AT_ONCE = 1000
Rows = dict[str, list[Any]]
_OWN: tuple[type[SQLModel], ...] = (
    tables.Profile,
    tables.Name,
    tables.Premises,
    tables.Registration,
    tables.Licence,
    tables.Inspection,
    tables.VoidedVisit,
    tables.Matter,
    tables.Reply,
    tables.Cover,
    tables.Custody,
    tables.AnnualInspection,
    tables.Lineage,
    tables.Contact,
    tables.Staff,
)
# Who recorded a row and when has no part in a file, and an instant is the dearest of all values to read.
_UNREAD = ("recorded_at", "recorded_by")
# What goes with a second registration to the one that is kept.
_MOVED: tuple[type[SQLModel], ...] = (
    tables.Inspection,
    tables.VoidedVisit,
    tables.Matter,
    tables.Reply,
    tables.Cover,
    tables.CoverPremises,
    tables.Custody,
    tables.CustodyReport,
    tables.AnnualInspection,
    tables.Step,
    tables.Finding,
    tables.Decision,
    tables.Listing,
    tables.Objection,
    tables.CaseFinding,
    tables.Alert,
)
_OF_MATTERS: tuple[type[SQLModel], ...] = (
    tables.Step,
    tables.Finding,
    tables.Decision,
    tables.Listing,
    tables.Objection,
    tables.Proposal,
    tables.Repair,
    tables.Alert,
)


def credit_files(
    session: Session,
    on: date,
    known_at: datetime | None = None,
    institutions: Sequence[str] | None = None,
) -> Iterator[CreditFile]:
    """Every institution's credit file on a day, as it was known at an instant, in order of number."""
    session.flush()
    wanted: list[Sequence[str] | None] = [None]
    if institutions is not None:
        wanted = [institutions[at : at + AT_ONCE] for at in range(0, len(institutions), AT_ONCE)]
    found: dict[str, date | None] = {}
    for some in wanted:
        query = _registered(some is not None, known_at is not None)
        rows = session.connection().execute(query, {"ids": some or (), "known_at": known_at})
        found.update((row.id, row.opened_on) for row in rows)
    organs = _organs(session, on, known_at)
    into, gone = merged(session, on, known_at)
    ids = sorted(found)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        others = [other for id in some for other in into.get(id, ()) if other not in some]
        bundles = _load(session, [*some, *others], on, known_at)
        for id in some:
            own = _own(id, bundles, into.get(id, ()), gone)
            aliases = [
                one
                for other in into.get(id, ())
                for one in names_on(bundles[tables.Name].get(other, []), on)
            ]
            yield _file(id, found[id], own, organs, on, aliases)


def credit_file(
    session: Session, institution: str, on: date, known_at: datetime | None = None
) -> CreditFile:
    """One institution's credit file, or NotFound."""
    found = next(credit_files(session, on, known_at, [institution]), None)
    if found is None:
        raise NotFound("机构", institution)
    return found


def facts_of(
    session: Session, institution: str, on: date, known_at: datetime | None = None
) -> Facts:
    """What was true of an institution on a day, as it was known at an instant."""
    return credit_file(session, institution, on, known_at).facts


def _load(
    session: Session, ids: list[str], on: date, known_at: datetime | None
) -> dict[type[SQLModel], Rows]:
    """The rows of these institutions by table and institution; of banks' reports the newest by the day."""
    connection = session.connection()
    given = {"ids": ids, "on": on, "known_at": known_at}
    bundles: dict[type[SQLModel], Rows] = {}
    for table, query in _statements(known_at is not None):
        bundles[table] = defaultdict(list)
        for row in connection.execute(query, given):
            bundles[table][row.institution].append(row)
    return bundles


@cache
def _registered(named: bool, dated: bool) -> Select[Any]:
    """What reads all institutions, or those named, with the day on which each opened."""
    columns = columns_of(tables.Institution)
    query = sa.select(columns.id, columns.opened_on)
    if named:
        query = query.where(among(columns.id, texts_named("ids")))
    if dated:
        query = query.where(columns.recorded_at <= sa.bindparam("known_at"))
    return query


@cache
def _statements(dated: bool) -> Sequence[tuple[type[SQLModel], Select[Any]]]:
    """What reads the rows, made once: to make a statement for one file costs as much as to run it."""
    found = []
    for name, table, query, institution in [*_of_institutions(), *_of_matters(), *_of_others()]:
        where = [among(institution, texts_named("ids"))]
        if dated:
            where.append(columns_of(table).recorded_at <= sa.bindparam("known_at"))
        found.append((name, query.where(*where)))
    return found


# What the rows are known by, the table they are of, the statement, and its column of institutions.
_Reading = tuple[type[SQLModel], type[SQLModel], Select[Any], Any]


def _of_institutions() -> Iterator[_Reading]:
    for table in _OWN:
        yield table, table, sa.select(*read_of(table)), columns_of(table).institution
    reports = newest_reports(sa.bindparam("on", type_=sa.Date()))
    institution = columns_of(tables.CustodyReport).institution
    yield tables.CustodyReport, tables.CustodyReport, reports, institution


def _of_matters() -> Iterator[_Reading]:
    matter, case = columns_of(tables.Matter), columns_of(tables.CaseFinding)
    for table in _OF_MATTERS:
        columns = columns_of(table)
        query = sa.select(*read_of(table), matter.institution)
        query = query.join_from(columns.matter.table, matter.id.table, columns.matter == matter.id)
        yield table, table, query, matter.institution
    query = sa.select(case.finding, case.penalty, matter.institution)
    query = query.join_from(case.finding.table, matter.id.table, case.finding == matter.id)
    yield tables.CaseFinding, tables.CaseFinding, query, matter.institution


def _of_others() -> Iterator[_Reading]:
    cover, premises = columns_of(tables.Cover), columns_of(tables.CoverPremises)
    query = sa.select(premises.cover, premises.address, cover.institution)
    query = query.join_from(premises.cover.table, cover.id.table, premises.cover == cover.id)
    yield (
        tables.CoverPremises,
        tables.CoverPremises,
        query.order_by(premises.address),
        cover.institution,
    )
    lineage = columns_of(tables.Lineage)
    query = sa.select(
        lineage.predecessor.label("institution"),
        lineage.institution.label("successor"),
        lineage.how,
        lineage.on,
    )
    yield tables.Institution, tables.Lineage, query, lineage.predecessor


def read_of(table: type[SQLModel]) -> list[Any]:
    """The columns of a table that are read to make files of its rows."""
    columns = columns_of(table)
    return [one for one in columns if one.name not in _UNREAD]


def newest_reports(on: date | sa.BindParameter[date]) -> Select[Any]:
    """Of each bank's reports on an institution's account the newest by a day."""
    columns = columns_of(tables.CustodyReport)
    query = sa.select(columns.institution, columns.bank, sa.func.max(columns.on).label("on"))
    return query.where(columns.on <= on).group_by(columns.institution, columns.bank)


def valid(rows: Sequence[Any]) -> list[Any]:
    """The rows that no other one of them supersedes, in the order they were recorded."""
    gone = {row.replaces for row in rows}
    return sorted((row for row in rows if row.id not in gone), key=lambda row: row.id)


def _own(
    id: str, bundles: dict[type[SQLModel], Rows], others: Sequence[str], gone: set[str]
) -> Own:
    """An institution's rows; what was recorded under a second registration counts under the one kept.

    The second registration itself keeps its name, its places and its terms, and no record, so that no fact
    counts twice.
    """
    own = {table: list(rows.get(id, [])) for table, rows in bundles.items()}
    for table in _MOVED:
        own[table] = [] if id in gone else own[table]
        for other in others:
            own[table] += bundles[table].get(other, [])
    return own


def _file(
    id: str,
    opened_on: date | None,
    own: Own,
    organs: dict[str, str],
    on: date,
    aliases: Sequence[NameRecord],
) -> CreditFile:
    profile = profile_on(own[tables.Profile], on)
    names = names_on(own[tables.Name], on)
    registrations = [one for one in valid(own[tables.Registration]) if one.since <= on]
    licences = [one for one in valid(own[tables.Licence]) if one.since <= on]
    registration = _latest(registrations)
    # Somebody teaching without any registration is not named by default (个人信息保护法 第二十五条).
    registered = registration is not None and bool(registration.code or registration.number)
    licence = _latest(licences)
    closed = profile is not None and profile.status == "closed"
    places = [one for one in valid(own[tables.Premises]) if _current(one, on)]
    held = Held(
        names=[*names, *aliases],
        registrations=registrations,
        licences=licences,
        places=[one.address for one in places],
    )
    facts = Facts(
        institution=id,
        kind=profile.kind if profile else "",
        subject=profile.subject if profile else "",
        mode=profile.mode if profile else "",
        stage=profile.stage if profile else "",
        legal_form=profile.legal_form if profile else "",
        status=profile.status if profile else "active",
        opened_on=opened_on,
        charges_in_advance=profile.charges_in_advance if profile else True,
        on_platform=profile.on_platform if profile else None,
        inspections=inspections(own, on),
        records=records(own, on),
        listings=listings(own, on),
        **duties(own, held, on),
    )
    jurisdiction = profile.jurisdiction if profile else ""
    before = [one.predecessor for one in own[tables.Lineage] if one.on is None or one.on <= on]
    after = [one for one in own[tables.Institution] if one.on is None or one.on <= on]
    # Whoever was merged is nobody else's predecessor, whatever else was linked before.
    after.sort(key=lambda one: one.how == MERGED)
    return CreditFile(
        institution=id,
        name=name_on(names, on),
        names=names,
        jurisdiction=jurisdiction,
        code=registration.code if registration else "",
        licence_no=licence.number if licence else "",
        addresses=tuple(held.places),
        legal_representative=registration.legal_representative if registered else "",
        organ=organs.get(jurisdiction, ""),
        facts=facts,
        replies=_replies(own[tables.Reply], on),
        predecessor=before[-1] if before else "",
        successor=after[-1].successor if after else "",
        merged=True if after and after[-1].how == MERGED else UNSET,
        alerts=alerts_on(own[tables.Alert], own[tables.Step], on) or UNSET,
        contacts=(contacts_on(own[tables.Contact], on) if registered else ()) or UNSET,
        staff=(staff_on(own[tables.Staff], on) if registered and not closed else ()) or UNSET,
    )


def _replies(rows: Sequence[Any], on: date) -> tuple[ReplyRecord, ...]:
    """What is published beside the records; a defence belongs to the case file (信息公开条例 第十六条)."""
    said = [one for one in valid([one for one in rows if one.on <= on]) if one.kind == "reply"]
    return tuple(ReplyRecord(record=one.about, on=one.on, text=one.text) for one in said)


def profile_on(rows: Sequence[Any], on: date) -> Any:
    """The profile in force: the newest that has begun, or the first if none has."""
    begun = [one for one in valid(rows) if one.since is None or one.since <= on]
    if begun:
        return max(begun, key=lambda one: (one.since or date.min, one.id))
    return min(rows, key=lambda one: (one.since, one.id), default=None)


def names_on(rows: Sequence[Any], on: date) -> tuple[NameRecord, ...]:
    """The names borne by a day, former ones included; the first ones if none had begun."""
    begun = [one for one in valid(rows) if one.since is None or one.since <= on]
    begun = begun or valid(rows)
    return tuple(
        NameRecord(kind=one.kind, text=one.text, since=one.since, until=one.until)
        for one in sorted(begun, key=lambda one: (one.since or date.min, one.id))
    )


def name_on(names: Sequence[NameRecord], on: date) -> str:
    """The legal name on the day; else the last one it had; else any name."""
    legal = [one for one in names if one.kind == "legal"] or list(names)
    current = [one for one in legal if one.until is None or one.until >= on]
    chosen = (current or legal)[-1:]
    return chosen[0].text if chosen else ""


def _current(row: Any, on: date) -> bool:
    return row.since <= on and (row.until is None or row.until >= on)


def _latest(rows: Sequence[Any]) -> Any:
    return max(rows, key=lambda one: (one.since, one.id), default=None)


def _organs(session: Session, on: date, known_at: datetime | None) -> dict[str, str]:
    return {one.id: one.organ for one in jurisdiction_rows(session, on, known_at)}


def jurisdiction_rows(
    session: Session, on: date, known_at: datetime | None = None
) -> list[Row[Any]]:
    """The jurisdictions in force on a day, in order of number."""
    query = _jurisdictions(known_at is not None)
    rows = session.connection().execute(query, {"known_at": known_at}).all()
    gone = {row.replaces for row in rows}
    return [row for row in rows if row.key not in gone and _current(row, on)]


@cache
def _jurisdictions(dated: bool) -> Select[Any]:
    columns = columns_of(tables.Jurisdiction)
    query = sa.select(*columns).order_by(columns.id, columns.key)
    return query.where(columns.recorded_at <= sa.bindparam("known_at")) if dated else query
