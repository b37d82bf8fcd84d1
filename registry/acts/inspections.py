"""Inspections: recorded once, however often the phone sends them."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.authority import authorise, two_officers
from registry.errors import Conflict, FormRefused, Problem
from registry.forms import InspectionForm, InspectionSheet
from registry.ledger import Act, append, next_number
from registry.tables import Inspection


def record_inspection(session: Session, form: InspectionSheet, *, by: Actor, now: datetime) -> str:
    """Records a visit; the same key with the same content gives the same number again."""
    authorise(session, by, "record_inspection", "记录检查", institution=form.institution, now=now)
    values = inspection_values(form)
    before = session.exec(select(Inspection).where(Inspection.key == form.key)).first()
    if before is not None:
        if before.model_dump(include=set(values)) == values:
            return before.id
        raise Conflict(
            f"幂等键“{form.key}”已用于检查“{before.id}”，内容却不同。"
            "请打开那次检查核对；若确是另一次检查，请重新新建。"
        )
    if problems := visit_problems(form, now.date()):
        raise FormRefused(problems)
    id = f"JC{now.year}-{next_number(session):06d}"
    session.add(Inspection(**values, id=id, recorded_at=now, recorded_by=by.account))
    session.flush()
    body = {key: value for key, value in form.model_dump(mode="json").items() if value}
    entry = Act(act="record_inspection", subject=id, institution=form.institution, body=body)
    append(session, entry, by=by, now=now)
    return id


def inspection_values(form: InspectionSheet) -> dict[str, Any]:
    """The sheet as values of a row, its measures as JSON."""
    values = form.model_dump(include=set(InspectionForm.model_fields))
    measures = [{"code": one.code, "value": str(one.value)} for one in form.measures]
    return {**values, "measures": msgspec.json.encode(measures).decode() if measures else ""}


def visit_problems(form: InspectionSheet, today: date) -> list[Problem]:
    """Every field of a visit that cannot stand, beyond what the form itself checks."""
    problems = two_officers(form.first_officer, form.second_officer)
    if form.on > today:
        remedy = f"不能晚于今天 {today}"
        problems.append(Problem(field="on", label="“检查日期”", value=str(form.on), remedy=remedy))
    if not form.signed and not form.refusal:
        remedy = "被检查单位没有签字的，请写明拒签或无法签字的情况"
        problems.append(Problem(field="refusal", label="“拒签情况”", value="", remedy=remedy))
    return problems
