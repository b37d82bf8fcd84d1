"""Standing duties: insurance covers, custody accounts and their reports, annual inspections."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.errors import Conflict, NotFound, refuse
from registry.forms import (
    AnnualInspectionForm,
    CoverForm,
    CoverSheet,
    CustodyForm,
    CustodyReportForm,
)
from registry.ledger import Act, append
from registry.queries.files import valid
from registry.tables import AnnualInspection, Cover, CoverPremises, Custody, CustodyReport

_PRIVATE = {"account_no", "balance_fen"}


def record_cover(session: Session, form: CoverSheet, *, by: Actor, now: datetime) -> int:
    """Records an insurance cover and the places it protects, or what is otherwise of one; gives its number."""
    authorise(session, by, "record_cover", "登记保险", institution=form.institution, now=now)
    before = _told_before(session, form)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    values = form.model_dump(include=set(CoverForm.model_fields))
    row = Cover(**values, replaces=before.id if before else None, **stamp)
    session.add(row)
    session.flush()
    id = row.id or 0
    for address in dict.fromkeys(form.addresses):
        session.add(CoverPremises(cover=id, address=address, **stamp))
    _enter(session, "record_cover", form, by=by, now=now)
    return id


def _told_before(session: Session, form: CoverSheet) -> Cover | None:
    """The same cover as it was told before, which what is told now supersedes; raises Conflict for nothing new."""
    rows = session.exec(select(Cover).where(Cover.institution == form.institution)).all()
    own = ("policy_no", "cover_class", "since")
    same = (one for one in valid(rows) if all(getattr(one, o) == getattr(form, o) for o in own))
    before: Cover | None = next(same, None)
    if before is None:
        return None
    what = f"保单“{form.policy_no}”从 {form.since} 起的这项保险"
    if before.cancelled_on is not None:
        raise Conflict(
            f"{what}已在 {before.cancelled_on} 退保，没有重复登记。新的保险请写新的起期。"
        )
    places = select(CoverPremises.address).where(CoverPremises.cover == before.id)
    held = before.model_dump(include=set(CoverForm.model_fields))
    said = form.model_dump(include=set(CoverForm.model_fields))
    if held == said and set(session.exec(places)) == set(form.addresses):
        raise Conflict(f"{what}已经登记过，没有重复登记。")
    return before


def cancel_cover(session: Session, cover: int, on: date, *, by: Actor, now: datetime) -> int:
    """Records that a cover was cancelled; the row before stays as it was recorded."""
    row = session.get(Cover, cover)
    if row is None:
        raise NotFound("保险", str(cover))
    authorise(session, by, "record_cover", "登记退保", institution=row.institution, now=now)
    if session.exec(select(Cover.id).where(Cover.replaces == cover)).first() is not None:
        raise Conflict(f"保险“{cover}”已有更正，请办理更正后的那一条。")
    if not row.since <= on <= row.until:
        remedy = f"请写在 {row.since} 至 {row.until} 之间"
        raise refuse("cancelled_on", "“退保日期”", on, remedy)
    values = row.model_dump(include=set(CoverForm.model_fields)) | {"cancelled_on": on}
    stamp: dict[str, Any] = {"replaces": cover, "recorded_at": now, "recorded_by": by.account}
    ended = Cover(**values, **stamp)
    session.add(ended)
    session.flush()
    places = select(CoverPremises.address).where(CoverPremises.cover == cover)
    stamp = {"recorded_at": now, "recorded_by": by.account}
    for address in session.exec(places).all():
        session.add(CoverPremises(cover=ended.id or 0, address=address, **stamp))
    session.flush()
    _enter(session, "cancel_cover", ended, by=by, now=now)
    return ended.id or 0


def record_custody(session: Session, form: CustodyForm, *, by: Actor, now: datetime) -> int:
    """Records a custody account, or its end; gives its number."""
    authorise(session, by, "record_custody", "登记监管专户", institution=form.institution, now=now)
    before = session.exec(
        select(Custody)
        .where(
            Custody.institution == form.institution,
            Custody.bank == form.bank,
            Custody.since == form.since,
        )
        .order_by(col(Custody.id).desc())
    ).first()
    row = Custody(
        **form.model_dump(),
        replaces=before.id if before else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    _enter(session, "record_custody", form, by=by, now=now)
    return row.id or 0


def record_custody_report(
    session: Session, form: CustodyReportForm, *, by: Actor, now: datetime
) -> None:
    """Records a bank's report; the balance stays inside the registry."""
    authorise(
        session, by, "record_custody_report", "登记专户报告", institution=form.institution, now=now
    )
    known = select(Custody.id).where(
        Custody.institution == form.institution, Custody.bank == form.bank
    )
    if session.exec(known).first() is None:
        raise NotFound(f"机构“{form.institution}”的监管专户", form.bank)
    session.add(CustodyReport(**form.model_dump(), recorded_at=now, recorded_by=by.account))
    session.flush()
    _enter(session, "record_custody_report", form, by=by, now=now)


def record_annual_inspection(
    session: Session, form: AnnualInspectionForm, *, by: Actor, now: datetime
) -> int:
    """Records a year's result; a later one for the same year supersedes it."""
    authorise(
        session, by, "record_annual_inspection", "登记年检", institution=form.institution, now=now
    )
    before = session.exec(
        select(AnnualInspection)
        .where(AnnualInspection.institution == form.institution, AnnualInspection.year == form.year)
        .order_by(col(AnnualInspection.id).desc())
    ).first()
    row = AnnualInspection(
        **form.model_dump(),
        replaces=before.id if before else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    _enter(session, "record_annual_inspection", form, by=by, now=now)
    return row.id or 0


def _enter(session: Session, act: str, form: SQLModel, *, by: Actor, now: datetime) -> None:
    """The ledger entry; auditors read it, so an account's number and balance stay out of it."""
    body = form.model_dump(mode="json", exclude=_PRIVATE)
    institution = str(body.get("institution", ""))
    said = {key: value for key, value in body.items() if value not in (None, "", [])}
    entry = Act(act=act, subject=institution, institution=institution, body=said)
    append(session, entry, by=by, now=now)
