"""Whose file may be another than it was: what was recorded since, and what a date has brought into force."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel

from registry import tables
from registry.queries.lineage import merged

# For each table the dates from which a row counts, and those after which it no longer does.
BEGINS: dict[type[SQLModel], tuple[str, ...]] = {
    tables.Profile: ("since",),
    tables.Name: ("since",),
    tables.Premises: ("since",),
    tables.Registration: ("since",),
    tables.Licence: ("since",),
    tables.Inspection: ("on",),
    tables.VoidedVisit: ("on",),
    tables.Reply: ("on",),
    tables.Cover: ("since",),
    tables.Custody: ("since",),
    tables.CustodyReport: ("on",),
    tables.AnnualInspection: ("on",),
    tables.Lineage: ("on",),
    tables.Matter: (),
    tables.Contact: ("since",),
    tables.Staff: ("since",),
}
_ENDS: dict[type[SQLModel], str] = {
    tables.Name: "until",
    tables.Premises: "until",
    tables.Contact: "until",
    tables.Staff: "until",
}
# What is shown beside the rating and has no part in it.
_BESIDE = (tables.Contact, tables.Staff)
_UNDOING = ("annul", "dismiss", "drop", "undo", "correct")
_OF_MATTERS: dict[type[SQLModel], tuple[str, ...]] = {
    tables.Step: ("on",),
    tables.Finding: ("seen_on",),
    tables.Decision: ("seen_on",),
    tables.Listing: (),
    tables.Objection: (),
    tables.Alert: (),
}


def touched(session: Session, recorded_since: datetime, after: date, upto: date) -> set[str]:
    """The institutions whose credit file of day `upto` may differ from that of day `after`.

    It differs only by rows recorded at or after the instant, by rows whose own dates lie between the two
    days, and by the organ of its jurisdiction, which is not looked at here.
    """
    connection = session.connection()
    found: set[str] = set()
    # A set tells each once; told by the database, it goes through the index of institutions, row by row.
    for query in _queries(recorded_since, after, upto):
        found.update(row[0] for row in connection.execute(query))
    # What is recorded under a second registration counts under the one kept.
    into, _ = merged(session, upto)
    found.discard("")  # what is about nobody of the register
    return found | {kept for kept, others in into.items() if found.intersection(others)}


def undone_after(session: Session, on: date, known_at: datetime | None = None) -> dict[str, date]:
    """The institutions of whom something was undone on a later day, with the last of these days.

    With `known_at` what was recorded later is left out.
    """
    step, matter = columns_of(tables.Step), columns_of(tables.Matter)
    query = sa.select(matter.institution, sa.func.max(step.on)).join_from(
        step.matter.table, matter.id.table, step.matter == matter.id
    )
    query = query.where(step.on > on, step.act.in_(_UNDOING)).group_by(matter.institution)
    if known_at is not None:
        query = query.where(step.recorded_at <= known_at)
    found: dict[str, date] = {row[0]: row[1] for row in session.connection().execute(query)}
    into, _ = merged(session, on)
    for kept, others in into.items():
        days = [found[one] for one in (kept, *others) if one in found]
        if days:
            found[kept] = max(days)
    return found


def belated(session: Session, recorded_since: datetime, upto: date) -> set[str]:
    """The institutions of whom something was recorded since an instant that tells of a day before it.

    Either it is of the day or earlier, or it undoes what was recorded.
    """
    connection = session.connection()
    found: set[str] = set()
    matter = columns_of(tables.Matter)
    for table, begins in BEGINS.items():
        columns = columns_of(table)
        if begins and table not in _BESIDE:
            early = [sa.or_(columns[name].is_(None), columns[name] <= upto) for name in begins]
            query = sa.select(columns.institution).where(
                columns.recorded_at >= recorded_since, sa.or_(*early)
            )
            found.update(connection.execute(query).scalars())
    step = columns_of(tables.Step)
    query = sa.select(matter.institution).join_from(
        step.matter.table, matter.id.table, step.matter == matter.id
    )
    query = query.where(
        step.recorded_at >= recorded_since, sa.or_(step.on <= upto, step.act.in_(_UNDOING))
    )
    found.update(connection.execute(query).scalars())
    found.discard("")
    into, _ = merged(session, upto)
    return found | {kept for kept, others in into.items() if found.intersection(others)}


def profiled(session: Session, known_at: datetime) -> dict[str, datetime]:
    """When the newest profile of each institution was recorded, of those known at an instant."""
    columns = columns_of(tables.Profile)
    query = sa.select(columns.institution, sa.func.max(columns.recorded_at))
    query = query.where(columns.recorded_at <= known_at).group_by(columns.institution)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def registered(session: Session) -> set[str]:
    """The number of every institution, whenever it opens."""
    return set(session.connection().execute(sa.select(columns_of(tables.Institution).id)).scalars())


def _queries(since: datetime, after: date, upto: date) -> list[sa.Select[Any]]:
    institution = columns_of(tables.Institution)
    matter, lineage = columns_of(tables.Matter), columns_of(tables.Lineage)
    opened = _between(institution.opened_on, after, upto)
    queries = [
        sa.select(institution.id).where(sa.or_(institution.recorded_at >= since, opened)),
        # A successor changes what is printed of its predecessor.
        sa.select(lineage.predecessor).where(
            sa.or_(lineage.recorded_at >= since, _between(lineage.on, after, upto))
        ),
    ]
    for table, begins in BEGINS.items():
        columns = columns_of(table)
        fresh = [columns.recorded_at >= since]
        fresh += [_between(columns[name], after, upto) for name in begins]
        if table in _ENDS:
            end = columns[_ENDS[table]]
            fresh.append(sa.and_(end >= after, end <= upto))
        queries.append(sa.select(columns.institution).where(sa.or_(*fresh)))
    for table, begins in _OF_MATTERS.items():
        columns = columns_of(table)
        fresh = [columns.recorded_at >= since]
        fresh += [_between(columns[name], after, upto) for name in begins]
        query = sa.select(matter.institution).join_from(
            columns.matter.table, matter.id.table, columns.matter == matter.id
        )
        queries.append(query.where(sa.or_(*fresh)))
    case = columns_of(tables.CaseFinding)
    joined = sa.select(matter.institution).join_from(
        case.finding.table, matter.id.table, case.finding == matter.id
    )
    queries.append(joined.where(case.recorded_at >= since))
    return queries


def _between(column: Any, after: date, upto: date) -> Any:
    return sa.and_(column > after, column <= upto)


def columns_of(table: type[SQLModel]) -> Any:
    """The columns of a table, by name."""
    return SQLModel.metadata.tables[str(table.__tablename__)].c
