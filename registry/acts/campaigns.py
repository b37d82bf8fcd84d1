"""Inspection campaigns, the tasks in them, and who must keep away from whom."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from registry.access import Actor
from registry.acts.authority import authorise, require_jurisdiction, two_officers
from registry.errors import Conflict, FormRefused, NotFound, Problem, refuse
from registry.forms import CampaignForm, RecusalForm, TaskForm
from registry.ledger import Act, append, next_number
from registry.queries.voided import stands
from registry.tables import Account, Campaign, Inspection, Recusal, Task


def open_campaign(session: Session, form: CampaignForm, *, by: Actor, now: datetime) -> str:
    """Opens a campaign; gives its number."""
    where = form.jurisdiction
    authorise(session, by, "open_campaign", "安排检查", jurisdiction=where, now=now)
    if where:
        require_jurisdiction(session, where)
    id = f"RW{now.year}-{next_number(session):06d}"
    session.add(Campaign(**form.model_dump(), id=id, recorded_at=now, recorded_by=by.account))
    session.flush()
    append(
        session,
        Act(act="open_campaign", subject=id, body=form.model_dump(mode="json")),
        by=by,
        now=now,
    )
    return id


def assign_task(
    session: Session, campaign: str, form: TaskForm, *, by: Actor, now: datetime
) -> int:
    """Sends two officers to an institution, outside of any draw; gives the task's number."""
    held = campaign_of(session, campaign)
    authorise(session, by, "assign_task", "分派检查任务", institution=form.institution, now=now)
    _check_pair(session, form, now)
    same = select(Task.id).where(
        Task.campaign == campaign,
        Task.institution == form.institution,
        col(Task.id).not_in(select(Task.replaces).where(col(Task.replaces).is_not(None))),
    )
    if session.exec(same).first() is not None:
        raise Conflict(
            f"机构“{form.institution}”在这次检查里已有任务。请打开那个任务改派，不要重复分派。"
        )
    return _add(session, held, form, by=by, now=now)


def reassign_task(session: Session, task: int, form: TaskForm, *, by: Actor, now: datetime) -> int:
    """Gives a task that is still open to two other officers, for a reason; gives the new number."""
    before = session.get(Task, task)
    if before is None:
        raise NotFound("检查任务", str(task))
    authorise(session, by, "assign_task", "改派检查任务", institution=before.institution, now=now)
    if session.exec(select(Task.id).where(Task.replaces == task)).first() is not None:
        raise Conflict("这个任务已经改派过。请刷新页面，从现在的任务改派。")
    if is_done(session, before):
        raise Conflict("这个任务已有检查记录，不能再改派。")
    if not form.reason:
        raise refuse("reason", "“改派的理由”", None, "请写明为什么改派")
    _check_pair(session, form, now)
    return _add(session, campaign_of(session, before.campaign), form, by=by, now=now, before=before)


def record_recusal(session: Session, form: RecusalForm, *, by: Actor, now: datetime) -> int:
    """Records that an officer must keep away from an institution (行政处罚法 第四十三条)."""
    authorise(session, by, "record_recusal", "登记回避", institution=form.institution, now=now)
    if session.get(Account, form.officer) is None:
        raise NotFound("账户", form.officer)
    if form.officer in recused(session, form.institution, form.since):
        raise Conflict(f"“{form.officer}”对机构“{form.institution}”已登记回避，没有重复登记。")
    row = Recusal(**form.model_dump(), recorded_at=now, recorded_by=by.account)
    session.add(row)
    session.flush()
    entry = Act(
        act="record_recusal",
        subject=str(row.id),
        institution=form.institution,
        body=form.model_dump(mode="json"),
    )
    append(session, entry, by=by, now=now)
    return int(row.id or 0)


def campaign_of(session: Session, campaign: str) -> Campaign:
    """A campaign's row, or NotFound."""
    row = session.get(Campaign, campaign)
    if row is None:
        raise NotFound("检查安排", campaign)
    return row


def is_done(session: Session, task: Task) -> bool:
    """Whether a visit of the campaign to the institution is recorded."""
    query = select(Inspection.id).where(
        Inspection.campaign == task.campaign,
        Inspection.institution == task.institution,
        stands(),
    )
    return session.exec(query).first() is not None


def recused(session: Session, institution: str, on: Any) -> dict[str, str]:
    """The officers who must keep away from an institution on a day, each with the reason."""
    query = select(Recusal).where(
        Recusal.institution == institution,
        Recusal.since <= on,
        or_(col(Recusal.until).is_(None), col(Recusal.until) >= on),
    )
    return {one.officer: one.reason for one in session.exec(query)}


def _check_pair(session: Session, form: TaskForm, now: datetime) -> None:
    problems = two_officers(form.first_officer, form.second_officer)
    away = recused(session, form.institution, now.date())
    for field in ("first_officer", "second_officer"):
        name = getattr(form, field)
        if session.get(Account, name) is None:
            remedy = "没有这个账户，请从列表里选"
            problems.append(Problem(field=field, label="“检查人员”", value=name, remedy=remedy))
        elif name in away:
            remedy = f"已登记回避（{away[name]}），请换一人"
            problems.append(Problem(field=field, label="“检查人员”", value=name, remedy=remedy))
    if problems:
        raise FormRefused(problems)


def _add(
    session: Session,
    held: Campaign,
    form: TaskForm,
    *,
    by: Actor,
    now: datetime,
    before: Task | None = None,
) -> int:
    row = Task(
        campaign=held.id,
        draw=before.draw if before else None,
        institution=form.institution,
        first_officer=form.first_officer,
        second_officer=form.second_officer,
        due_on=form.due_on or (before.due_on if before else held.until),
        replaces=before.id if before else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    body = {**form.model_dump(mode="json"), "campaign": held.id, "replaces": row.replaces}
    entry = Act(
        act="reassign_task" if before else "assign_task",
        subject=str(row.id),
        institution=form.institution,
        body=body,
    )
    append(session, entry, by=by, now=now)
    return int(row.id or 0)
