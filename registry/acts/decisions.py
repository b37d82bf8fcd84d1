"""Penalty cases: filed over findings, ended by a decision that names its code, kinds and money."""

from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.matters import WEEKENDS_ONLY, Opening, advance, matter_of, open_matter
from registry.calendar import Calendar
from registry.errors import Conflict
from registry.forms import CaseSheet, DecisionForm, DecisionSheet, StepForm
from registry.tables import CaseFinding, Decision, Finding


def open_case(
    session: Session,
    form: CaseSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Files a penalty case (立案) over findings of one institution; gives its number."""
    for finding in form.findings:
        found = matter_of(session, finding, "finding")
        if found.institution != form.institution:
            raise Conflict(
                f"问题“{finding}”属于机构“{found.institution}”，"
                f"不属于“{form.institution}”。请只选同一机构的问题。"
            )
    opening = Opening(
        kind="penalty",
        institution=form.institution,
        act="file",
        case_no=form.case_no,
        body={"findings": list(form.findings), "case_no": form.case_no},
    )
    step = StepForm(**form.model_dump(include=set(StepForm.model_fields)))
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    for finding in dict.fromkeys(form.findings):
        session.add(
            CaseFinding(finding=finding, penalty=matter, recorded_at=now, recorded_by=by.account)
        )
    session.flush()
    return matter


def record_decision(
    session: Session,
    matter: str,
    form: DecisionSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Takes the step `decide` with the decision's content; gives the new state."""
    case = matter_of(session, matter, "penalty")
    content = form.model_dump(mode="json", include=set(DecisionForm.model_fields))
    step = StepForm(
        on=form.on,
        document_no=form.document_no,
        organ=form.organ,
        first_officer=form.first_officer,
        second_officer=form.second_officer,
        reason=form.reason,
    )
    state = advance(
        session, case, "decide", step, by=by, now=now, calendar=calendar, content=content
    )
    seen = session.exec(
        select(col(Finding.seen_on))
        .join(CaseFinding, col(CaseFinding.finding) == col(Finding.matter))
        .where(CaseFinding.penalty == matter)
        .order_by(col(Finding.seen_on))
    ).first()
    session.add(
        Decision(
            **form.model_dump(include=set(DecisionForm.model_fields)),
            matter=matter,
            seen_on=seen or case.opened_on,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return state
