"""Which visits stand: a visit that was recorded for somebody it was not paid to never was."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from registry.tables import Inspection, VoidedVisit


def stands() -> ColumnElement[bool]:
    """That a visit was not approved to be void."""
    return col(Inspection.id).not_in(select(VoidedVisit.inspection))


def voided(session: Session, inspections: Sequence[str]) -> set[str]:
    """Which of these visits are void."""
    query = select(VoidedVisit.inspection).where(col(VoidedVisit.inspection).in_(inspections))
    return set(session.exec(query))


def voided_by(session: Session, inspection: str) -> str:
    """The matter by which a visit is void; empty where it stands."""
    row = session.get(VoidedVisit, inspection)
    return row.matter if row else ""
