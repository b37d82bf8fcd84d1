"""Whom an institution follows, and a double registration merged: asked by one, approved by another."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.authority import authorise, must_exist
from registry.acts.lineage_rows import refuse_impossible
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter
from registry.calendar import Calendar
from registry.forms import LineageForm, StepForm
from registry.tables import Change


def ask_lineage(
    session: Session,
    form: LineageForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens a change that links or merges two institutions; another person's approval carries it out."""
    for institution in (form.institution, form.other):
        authorise(session, by, "change_institution", "变更沿革", institution=institution, now=now)
    must_exist(session, form.other)
    refuse_impossible(session, form.institution, form.other)
    content = form.model_dump(mode="json")
    opening = Opening(kind="change", institution=form.institution, act="ask", body=content)
    step = StepForm(on=now.date(), reason=form.reason)
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    row = Change(
        matter=matter,
        what=form.what,
        before=form.other,
        after=f"{form.how} {form.on}",
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    return matter
