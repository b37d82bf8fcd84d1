"""Findings and commendations: recorded here, then taken along their course step by step."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.hand import Hand, content_of
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter
from registry.acts.proposals import keep_proposal, refuse_more
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, Problem
from registry.forms import FindingForm, FindingSheet, StepForm, StepSheet
from registry.queries.visits import visit_row
from registry.queries.voided import voided_by
from registry.tables import Finding, Matter


def record_finding(
    session: Session,
    form: FindingSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Records what two officers found, or a commendation; gives the matter's number."""
    _check(session, form)
    opening = Opening(
        kind="commendation" if form.commendation else "finding",
        institution=form.institution,
        act="record",
        body={"code": form.code, "extent": form.extent, "statement": form.statement},
    )
    step = StepForm(
        on=form.seen_on,
        first_officer=form.first_officer,
        second_officer=form.second_officer,
        reason=form.statement or form.note,
    )
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Finding(
            **form.model_dump(include=set(FindingForm.model_fields)),
            matter=matter,
            inspection=form.inspection or None,
            corrects=form.corrects or None,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return matter


def confirm_finding(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """Confirms a finding; after the statement its extent may fall, and never rise."""
    if form.extent is None:
        return hand.step(matter, "confirm", form, content_of(form))
    number = hand.number_of_next(matter, "confirm")
    found = hand.session.get_one(Finding, matter.id)
    refuse_more("extent", "“次数或人数”", form.extent, found.extent)
    state = hand.step(matter, "confirm", form, content_of(form))
    keep_proposal(hand.session, matter.id, number, form, by=hand.by, now=hand.now)
    return state


def finding_problems(session: Session, form: FindingSheet) -> list[Problem]:
    """Every field of a finding that cannot stand, beyond what the form itself checks."""
    problems = []
    if form.occurred_on and form.occurred_on > form.seen_on:
        value, remedy = str(form.occurred_on), f"不能晚于发现日期 {form.seen_on}"
        wrong = Problem(field="occurred_on", label="“发生日期”", value=value, remedy=remedy)
        problems.append(wrong)
    corrected = session.get(Matter, form.corrects) if form.corrects else None
    if form.corrects and (corrected is None or corrected.institution != form.institution):
        whose = "这件事项不是这家机构的" if corrected else "登记册里没有这件事项"
        label, remedy = "“更正的事项编号”", f"{whose}，请核对事项编号"
        wrong = Problem(field="corrects", label=label, value=form.corrects, remedy=remedy)
        problems.append(wrong)
    return problems


def _check(session: Session, form: FindingSheet) -> None:
    if problems := finding_problems(session, form):
        raise FormRefused(problems)
    if form.inspection:
        seen = visit_row(session, form.inspection)
        if seen.institution != form.institution:
            raise Conflict(
                f"检查“{form.inspection}”是对机构“{seen.institution}”的，"
                f"不是“{form.institution}”。请核对检查编号。"
            )
        if matter := voided_by(session, form.inspection):
            raise Conflict(f"检查“{form.inspection}”已由“{matter}”作废。请记到实际的那次检查。")
