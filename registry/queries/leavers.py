"""Whose listing has ended and whose record was repaired: what the fact of a removal is told from."""

from collections import defaultdict
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel

from registry.tables import Listing, Matter, Repair, Step


class Leavers(Struct, frozen=True, kw_only=True):
    """By what act listings ended, when records were repaired, and the matters by which somebody may have left."""

    matters: dict[str, set[str]]
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
    known = sa.select(matter.institution, matter.id).join_from(
        step.matter.table, matter.id.table, step.matter == matter.id
    )
    public = sa.or_(
        sa.and_(matter.kind == "penalty", step.state == "final"),
        sa.and_(matter.kind == "listing", step.state == "effective"),
    )
    own: dict[str, set[str]] = defaultdict(set)
    for institution, id in run(known.where(step.on <= on, public)):
        own[institution].add(id)
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
    about_matters = set()
    for institution, about, day in run(granted):
        repaired[institution].append(day)
        about_matters.add(about)
    return Leavers(
        matters=dict(own),
        ended_by={row[0]: row[1] for row in run(ended)},
        repaired=dict(repaired),
        repaired_matters=frozenset(about_matters),
    )


def _columns(table: type[SQLModel]) -> Any:
    return SQLModel.metadata.tables[str(table.__tablename__)].c
