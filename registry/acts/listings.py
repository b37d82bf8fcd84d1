"""Listing cases: proposed with a ground; the rest of their course is steps of the table."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter
from registry.calendar import Calendar
from registry.errors import Conflict, refuse
from registry.forms import ListingForm, ListingSheet, StepForm
from registry.tables import Listing


def open_listing(
    session: Session,
    form: ListingSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Proposes a listing; a black one must name a penalty decision of the same institution."""
    if form.list == "black" and not form.decision:
        raise refuse(
            "decision",
            "“处罚决定的事项编号”",
            None,
            "列入黑名单必须以已生效的处罚决定为依据，请填写该案件的编号",
        )
    if form.decision:
        case = matter_of(session, form.decision, "penalty")
        if case.institution != form.institution:
            raise Conflict(
                f"处罚案件“{form.decision}”是对机构“{case.institution}”的，"
                f"不是“{form.institution}”。请核对案件编号。"
            )
    content = form.model_dump(mode="json", include=set(ListingForm.model_fields))
    opening = Opening(
        kind="listing",
        institution=form.institution,
        act="propose",
        body={**content, "decision": form.decision},
    )
    step = StepForm(
        on=form.on,
        first_officer=form.first_officer,
        second_officer=form.second_officer,
        reason=form.reason or form.statement,
    )
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Listing(
            **form.model_dump(include=set(ListingForm.model_fields)),
            matter=matter,
            decision=form.decision or None,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return matter
