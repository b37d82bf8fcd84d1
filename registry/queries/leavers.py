"""Whose listing has ended and whose record was repaired: what the fact of a removal is told from."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel

from registry.tables import Listing, Matter, Repair, Step


class Leavers(Struct, frozen=True, kw_only=True):
    """By what act listings ended, when records were repaired, and whoever may have left something."""

    institutions: set[str]
    ended_by: dict[str, str]
    repaired: dict[str, list[date]]
    repaired_matters: frozenset[str]


def leavers(session: Session, on: date) -> Leavers:
    """Everyone of whom a penalty was decided or a listing was in force by a day, and what ended since."""
    matter, step, listing, repair = (
        _columns(Matter),
        _columns(Step),
        _columns(Listing),
        _columns(Repair),
    )
    run = session.connection().execute
    known = sa.select(matter.institution).join_from(
        step.matter.table, matter.id.table, step.matter == matter.id
    )
    public = sa.or_(
        sa.and_(matter.kind == "penalty", step.state == "final"),
        sa.and_(matter.kind == "listing", step.state == "effective"),
    )
    institutions = set(run(known.where(step.on <= on, public).distinct()).scalars())
    ended = sa.select(listing.matter, step.act).join_from(
        listing.matter.table, step.matter.table, step.matter == listing.matter
    )
    ended = ended.where(step.state == "ended", step.on <= on)
    granted = (
        sa.select(matter.institution, matter.id, step.on)
        .join_from(repair.about.table, matter.id.table, repair.about == matter.id)
        .join(step.matter.table, step.matter == repair.matter)
        .where(step.state == "granted", step.on <= on, matter.kind == "penalty")
    )
    repaired: dict[str, list[date]] = defaultdict(list)
    matters = set()
    for institution, about, day in run(granted):
        repaired[institution].append(day)
        matters.add(about)
    return Leavers(
        institutions=institutions | repaired.keys(),
        ended_by={row[0]: row[1] for row in run(ended)},
        repaired=dict(repaired),
        repaired_matters=frozenset(matters),
    )


def _columns(table: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(table.__tablename__)].c
