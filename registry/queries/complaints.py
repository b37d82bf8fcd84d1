"""How far a complaint has come, for whoever has its number and its receipt; nothing of anybody else."""

import hmac
from datetime import date

from msgspec import Struct
from sqlmodel import Session

from registry.procedure import STATES
from registry.queries.matters import matter
from registry.tables import Complaint

# What the office writes at these steps is written to whoever complained.
_TOLD = frozenset({"refer", "refuse", "answer"})
_WORDS = {"received": "已登记，等待决定是否受理", "accepted": "已受理，正在核查"}


class ComplaintStep(Struct, frozen=True, kw_only=True):
    """One step, with what is said to whoever complained."""

    on: date
    state_name: str
    said: str


class ComplaintCourse(Struct, frozen=True, kw_only=True):
    """Where a complaint stands, and until when the next step is due."""

    matter: str
    state_name: str
    due_on: date | None
    steps: tuple[ComplaintStep, ...]


def complaint_course(session: Session, number: str, receipt: str) -> ComplaintCourse | None:
    """The course of a complaint; None unless number and receipt belong together."""
    row = session.get(Complaint, number)
    right = row.receipt if row else "-"
    if not hmac.compare_digest(right.encode(), receipt.encode()) or row is None:
        return None
    sheet = matter(session, number)
    return ComplaintCourse(
        matter=number,
        state_name=_WORDS.get(sheet.line.state, STATES.get(sheet.line.state, sheet.line.state)),
        due_on=sheet.line.due_on if sheet.line.open else None,
        steps=tuple(
            ComplaintStep(
                on=one.on,
                state_name=one.state_name,
                said=f"{one.organ} {one.reason}".strip() if one.act in _TOLD else "",
            )
            for one in sheet.steps
        ),
    )
