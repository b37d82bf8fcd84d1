"""Which institution follows which, and which is a second registration of another."""

from collections import defaultdict
from datetime import date, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel, col, or_, select

from registry.tables import Lineage

MERGED = "重复登记"


class LineageLine(Struct, frozen=True, kw_only=True):
    """One line of an institution's history, seen from it: `other` came before it or after it."""

    other: str
    before: bool
    how: str
    on: date | None


def lineage_of(session: Session, institution: str) -> list[LineageLine]:
    """Whom an institution follows and who follows it, in the order of the days."""
    query = select(Lineage).where(
        or_(col(Lineage.institution) == institution, col(Lineage.predecessor) == institution)
    )
    found = [
        LineageLine(
            other=one.predecessor if one.institution == institution else one.institution,
            before=one.institution == institution,
            how=one.how,
            on=one.on,
        )
        for one in session.exec(query)
    ]
    return sorted(found, key=lambda one: (one.on or date.min, one.other))


def merged(
    session: Session, on: date, known_at: datetime | None = None
) -> tuple[dict[str, list[str]], set[str]]:
    """By institution kept the ones merged into it by a day, through any number of mergings; and all those."""
    query = _mergings(known_at is not None)
    rows = session.connection().execute(query, {"by": on, "known_at": known_at})
    into = {row[0]: row[1] for row in rows}
    found: dict[str, list[str]] = defaultdict(list)
    for one in sorted(into):
        kept = into[one]
        while kept in into:
            kept = into[kept]
        found[kept].append(one)
    return dict(found), set(into)


def kept_of(session: Session, on: date) -> dict[str, str]:
    """By institution that was merged into another by a day the one that is kept, which holds its records."""
    found, _ = merged(session, on)
    return {one: kept for kept, others in found.items() for one in others}


@cache
def _mergings(dated: bool) -> sa.Select[Any]:
    """What reads who was merged into whom by a day, in the order in which it was recorded."""
    columns = SQLModel.metadata.tables["lineage"].c
    query = sa.select(columns.predecessor, columns.institution).order_by(columns.id)
    query = query.where(columns.how == MERGED, columns.on <= sa.bindparam("by"))
    return query.where(columns.recorded_at <= sa.bindparam("known_at")) if dated else query
