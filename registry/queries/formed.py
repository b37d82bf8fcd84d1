"""Since when what is new of an institution has been there to be published: the start of the law's term."""

from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from sqlmodel import Session

from registry import tables
from registry.procedure import MEANS, UNPUBLISHED
from registry.queries.touched import BEGINS, columns_of

# Steps whose day is the day a public fact was made, changed or undone.
_TELLING = tuple({*MEANS, "effective", "ended", "granted"} - {"discovered", "decided"})
# An objection says of the record it is about that it is disputed, from its first day to its last.
_DISPUTING = ("lodged", "rejected", "withdrawn", "undone", "corrected")


def formed(
    session: Session, since: datetime, after: date, upto: date, zone: tzinfo | None
) -> dict[str, date]:
    """For each institution the first day on which something new of it was there to be published.

    New is what was recorded from the instant on, or what began after one day and not later than the
    other. What the office itself decides is there from the day it decides; what it is told, from the day
    it is told (政府信息公开条例 第二条、第二十六条).
    """
    found: dict[str, date] = {}

    def note(institution: str, day: date) -> None:
        if day <= upto:
            found[institution] = min(day, found.get(institution, day))

    connection = session.connection()
    for table, begins in BEGINS.items():
        columns = columns_of(table)
        for name in begins:
            begin = columns[name]
            fresh = sa.or_(columns.recorded_at >= since, sa.and_(begin > after, begin <= upto))
            query = sa.select(columns.institution, columns.recorded_at, begin).where(fresh)
            for institution, recorded_at, day in connection.execute(query):
                told = recorded_at.astimezone(zone).date() if recorded_at >= since else day
                note(institution, max(told, day) if day else told)
    matter, step = columns_of(tables.Matter), columns_of(tables.Step)
    fresh = sa.or_(step.recorded_at >= since, sa.and_(step.on > after, step.on <= upto))
    steps = sa.select(matter.institution, step.on).join_from(
        step.matter.table, matter.id.table, step.matter == matter.id
    )
    public = step.state.in_(_TELLING) & matter.kind.not_in(UNPUBLISHED)
    public |= step.state.in_(_DISPUTING) & (matter.kind == "objection")
    for institution, day in connection.execute(steps.where(fresh, public)):
        note(institution, day)
    found.pop("", None)  # what is about nobody of the register
    return found
