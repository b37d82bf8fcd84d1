"""What a court decided against an institution: recorded from its paper, then checked by another person."""

from datetime import datetime
from typing import Any

from sqlmodel import Session

from registry.access import Actor
from registry.acts.decisions import bind, require_of_one
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter
from registry.calendar import Calendar
from registry.forms import JudgmentSheet, StepForm
from registry.tables import Finding


def record_judgment(
    session: Session,
    form: JudgmentSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Records a judgment or a court's listing; faults it speaks of are one case with it."""
    require_of_one(session, form.findings, form.institution)
    opening = Opening(
        kind="judgment",
        institution=form.institution,
        act="record",
        body={"code": form.code, "statement": form.statement, "findings": list(form.findings)},
    )
    step = StepForm(**form.model_dump(include=set(StepForm.model_fields)))
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    session.add(
        Finding(
            matter=matter,
            code=form.code,
            seen_on=form.on,
            article=form.article,
            statement=form.statement,
            **stamp,
        )
    )
    bind(session, form.findings, matter, by=by, now=now)
    return matter
