"""A visit that never was, as where the wrong institution was chosen: asked by one, approved by another.

What was seen there is undone first, each matter by its own act, so that no record is left without its visit.
"""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.inspections import findings_at
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter, steps_of
from registry.calendar import Calendar
from registry.errors import Conflict
from registry.forms import StepForm, VoidForm
from registry.ledger import Act, append
from registry.procedure import is_open
from registry.queries.changes import VOIDING
from registry.queries.visits import visit_row
from registry.queries.voided import voided_by
from registry.tables import Change, Inspection, Matter, VoidedVisit

_UNDONE = ("dismissed", "annulled")


def ask_void(
    session: Session,
    inspection: str,
    form: VoidForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens a change that voids a visit; another person's approval carries it out.

    Raises Conflict where it is void, where that waits, or where something seen there still stands.
    """
    seen = visit_row(session, inspection)
    authorise(session, by, "record_inspection", "作废检查", institution=seen.institution, now=now)
    _refuse_standing(session, inspection)
    _refuse_waiting(session, seen)
    said = {"what": VOIDING, "inspection": inspection, "on": seen.on}
    opening = Opening(kind="change", institution=seen.institution, act="ask", body=said)
    step = StepForm(on=now.date(), reason=form.reason)
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    officers = "、".join(one for one in (seen.first_officer, seen.second_officer) if one)
    row = Change(
        matter=matter,
        what=VOIDING,
        before=inspection,
        after=f"{seen.on} {seen.kind} {officers}".rstrip(),
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    return matter


def void_visit(session: Session, matter: Matter, *, by: Actor, now: datetime) -> None:
    """Voids the visit an approved change names: from now on no file of any day holds it."""
    seen = visit_row(session, session.get_one(Change, matter.id).before)
    _refuse_standing(session, seen.id)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    own: dict[str, Any] = {
        "inspection": seen.id,
        "institution": seen.institution,
        "matter": matter.id,
    }
    session.add(VoidedVisit(**own, on=seen.on, **stamp))
    session.flush()
    body: dict[str, str | date] = {"matter": matter.id, "on": seen.on}
    entry = Act(act="void_inspection", subject=seen.id, institution=seen.institution, body=body)
    append(session, entry, by=by, now=now)


def _refuse_standing(session: Session, inspection: str) -> None:
    if matter := voided_by(session, inspection):
        raise Conflict(f"检查“{inspection}”已由“{matter}”作废，不必再提。")
    left = [
        one
        for one in findings_at(session, inspection)
        if steps_of(session, one)[-1].state not in _UNDONE
    ]
    if left:
        raise Conflict(
            f"这次检查记录的 {'、'.join(left)} 还没有撤销。请先逐件认定不成立或者撤销，再提请作废检查。"
        )


def _refuse_waiting(session: Session, seen: Inspection) -> None:
    query = select(Change.matter).where(Change.what == VOIDING, col(Change.before) == seen.id)
    for one in session.exec(query):
        if is_open("change", steps_of(session, one)[-1].state):
            raise Conflict(f"这次检查已由“{one}”提请作废，在等核准，不必重复提请。")
