"""Inspections: recorded once, however often the phone sends them, with all that was seen in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlmodel import Session, col, or_, select

from registry.access import Actor
from registry.acts.authority import authorise, two_officers
from registry.acts.findings import finding_problems, record_finding
from registry.acts.matters import WEEKENDS_ONLY
from registry.acts.owners import people_for
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, Problem
from registry.forms import FindingSheet, InspectionForm, InspectionSheet, SeenForm, VisitSheet
from registry.ledger import Act, append, next_number
from registry.outbox import Notice, put
from registry.queries.visits import same_day
from registry.tables import Account, Answer, Finding, Inspection, LedgerEntry, Recusal


class Recorded(Struct, frozen=True, kw_only=True):
    """A visit that is recorded; `fresh` is false when it had been already."""

    id: str
    matters: tuple[str, ...] = ()
    fresh: bool = True


class SameKey(Conflict):
    """The key is another visit's, or this visit's with another content; `visit` is the recorded one."""

    def __init__(self, key: str, visit: str) -> None:
        self.visit = visit
        super().__init__(
            f"幂等键“{key}”已用于检查“{visit}”，内容却不同。"
            "请打开那次检查核对；若确是另一次检查，请重新新建。"
        )


def record_visit(
    session: Session,
    sheet: VisitSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> Recorded:
    """Records a visit with its answers and opens a finding for each fault, all or nothing, once per key."""
    findings = [_finding(sheet, one) for one in sheet.findings]
    wrong = [
        msgspec.structs.replace(problem, field=f"findings.{at}.{problem.field}")
        for at, one in enumerate(findings)
        for problem in finding_problems(session, one)
    ]
    id, fresh = _record(session, sheet, wrong, by=by, now=now)
    if not fresh:
        return Recorded(id=id, matters=findings_at(session, id), fresh=False)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    for one in sheet.answers:
        session.add(Answer(inspection=id, **one.model_dump(), **stamp))
    session.flush()
    matters = []
    for finding in findings:
        finding.inspection = id
        matters.append(record_finding(session, finding, by=by, now=now, calendar=calendar))
    _tell_of_twins(session, id, sheet, now)
    return Recorded(id=id, matters=tuple(matters))


def record_inspection(session: Session, form: InspectionSheet, *, by: Actor, now: datetime) -> str:
    """Records a visit; the same key with the same content gives the same number again."""
    return _record(session, form, by=by, now=now)[0]


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


def findings_at(session: Session, inspection: str) -> tuple[str, ...]:
    """The matters a visit opened, in the order they were written down."""
    query = select(Finding.matter).where(Finding.inspection == inspection)
    return tuple(sorted(session.exec(query)))


def _finding(sheet: VisitSheet, seen: SeenForm) -> FindingSheet:
    """A fault of the visit as a finding of its officers."""
    return FindingSheet(
        **seen.model_dump(exclude={"item"}),
        institution=sheet.institution,
        first_officer=sheet.first_officer,
        second_officer=sheet.second_officer,
    )


def _record(
    session: Session,
    form: InspectionSheet,
    wrong: Sequence[Problem] = (),
    *,
    by: Actor,
    now: datetime,
) -> tuple[str, bool]:
    authorise(session, by, "record_inspection", "记录检查", institution=form.institution, now=now)
    before = session.exec(select(Inspection).where(Inspection.key == form.key)).first()
    if before is not None:
        if _same(session, before, form):
            return before.id, False
        raise SameKey(form.key, before.id)
    if problems := [*visit_problems(form, now.date()), *_barred(session, form, by), *wrong]:
        raise FormRefused(problems)
    id = f"JC{now.year}-{next_number(session):06d}"
    values = inspection_values(form)
    session.add(Inspection(**values, id=id, recorded_at=now, recorded_by=by.account))
    session.flush()
    entry = Act(act="record_inspection", subject=id, institution=form.institution, body=_said(form))
    append(session, entry, by=by, now=now)
    return id, True


def _tell_of_twins(session: Session, id: str, form: InspectionSheet, now: datetime) -> None:
    """A visit beside another of its day and its officer is recorded all the same; the reviewers look."""
    officers = (form.first_officer, form.second_officer)
    others = same_day(session, form.institution, form.on, officers, but=id)
    if not others:
        return
    told = "、".join(others)
    subject = f"检查 {id} 可能和 {told} 重复"
    body = (
        f"{form.on} 对 {form.institution} 已有检查 {told}，检查人员相同，又收到检查 {id}。"
        "请核对是不是同一次；重复的，里面的问题请认定不成立。"
    )
    for account in people_for(session, form.institution, ("reviewer",), now):
        notice = Notice(
            key=f"same-day:{id}:{account}"[:120],
            kind="visit",
            account=account,
            subject=subject,
            body=body,
            link=f"desk/visits/{id}/",
        )
        put(session, notice, now)


def _said(form: InspectionSheet) -> dict[str, Any]:
    """The sheet without its empty fields, as the ledger keeps it."""
    said = {key: value for key, value in form.model_dump(mode="json").items() if value}
    # A fault that corrects none is entered as before there was such a field, and known when it is sent again.
    for fault in said.get("findings", ()):
        if not fault["corrects"]:
            del fault["corrects"]
    return said


def _same(session: Session, before: Inspection, form: InspectionSheet) -> bool:
    """Whether a visit was recorded with exactly this content, its answers, faults and files included."""
    entry = session.exec(
        select(LedgerEntry.body).where(
            LedgerEntry.act == "record_inspection", LedgerEntry.subject == before.id
        )
    ).first()
    if entry is None:  # taken in with a ledger of old, which says it in its own words
        values = inspection_values(form)
        return before.model_dump(include=set(values)) == values
    return bool(msgspec.json.decode(entry) == _said(form))


def _barred(session: Session, form: InspectionSheet, by: Actor) -> list[Problem]:
    """Officers who must keep away from this institution (行政处罚法 第四十三条)."""
    names = {form.first_officer: "first_officer", form.second_officer: "second_officer"}
    query = select(Recusal.officer, Account.name).where(
        Recusal.institution == form.institution,
        Recusal.officer == Account.id,
        Recusal.since <= form.on,
        or_(col(Recusal.until).is_(None), col(Recusal.until) >= form.on),
        or_(Account.id == by.account, col(Account.name).in_(names)),
    )
    return [
        Problem(
            field=names.get(name, "first_officer"),
            label="“检查人员”",
            value=name,
            remedy="此人对这家机构登记了回避，请换一名检查人员，由其本人记录",
        )
        for _, name in session.exec(query).all()
    ]
