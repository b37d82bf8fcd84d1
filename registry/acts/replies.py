"""What an institution answers, how it defends itself, and what it objects to."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.filing import Filed, hand_in, receipted
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter, steps_of
from registry.acts.owners import owner_of
from registry.calendar import Calendar
from registry.errors import Conflict, NotFound, StepRefused
from registry.forms import DefenceSheet, ObjectionSheet, ReplyForm, StepForm
from registry.ledger import Act, append
from registry.procedure import KINDS, OPEN_OBJECTION
from registry.queries.portal import shown_matter
from registry.tables import Matter, Objection, Reply

# What an institution may object to: what is recorded against it, or for it.
RECORDS = ("finding", "commendation", "penalty", "spot", "listing", "judgment", "alert")


def reply_to(session: Session, form: ReplyForm, *, by: Actor, now: datetime) -> int:
    """Records the institution's answer to a matter, published beside it in place of an earlier one."""
    matter = _about(session, form.about, by)
    authorise(session, by, "reply_to", "答复", institution=matter.institution, now=now)
    before = _current(session, matter)
    row = Reply(
        institution=matter.institution,
        about=form.about,
        on=form.on,
        text=form.text,
        replaces=before.id if before else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    body = {"text": form.text, "on": form.on, "replaces": row.replaces, **receipted(form.text, ())}
    return _record(session, row, "reply_to", body, by=by, now=now)


def withdraw_reply(session: Session, about: str, *, by: Actor, now: datetime) -> int:
    """Takes the institution's answer back; from the next edition on it stands beside the record no more."""
    matter = _about(session, about, by)
    authorise(session, by, "withdraw_reply", "撤回答复", institution=matter.institution, now=now)
    before = _current(session, matter)
    if before is None:
        raise Conflict(f"事项“{about}”没有可以撤回的答复。")
    row = Reply(
        kind="withdrawn",
        institution=matter.institution,
        about=about,
        on=now.date(),
        text="",
        replaces=before.id,
        recorded_at=now,
        recorded_by=by.account,
    )
    return _record(session, row, "withdraw_reply", {"replaces": before.id}, by=by, now=now)


def defend(
    session: Session, form: DefenceSheet, files: Sequence[Filed] = (), *, by: Actor, now: datetime
) -> int:
    """Records a statement and defence with its evidence; it stays in the case file."""
    matter = _about(session, form.about, by)
    authorise(session, by, "defend", "陈述申辩", institution=matter.institution, now=now)
    row = Reply(
        kind="defence",
        institution=matter.institution,
        about=form.about,
        on=form.on,
        text=form.text,
        recorded_at=now,
        recorded_by=by.account,
    )
    hand_in(session, matter.institution, matter.id, "defence", files, by=by, now=now)
    body = {"text": form.text, "on": form.on, **receipted(form.text, files)}
    return _record(session, row, "defend", body, by=by, now=now)


def object_to(
    session: Session,
    form: ObjectionSheet,
    files: Sequence[Filed] = (),
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens an objection; the record counts as disputed from this moment on."""
    matter = _about(session, form.about, by)
    if matter.kind not in RECORDS:
        raise StepRefused(
            f"对{KINDS[matter.kind]}的处理不能提出异议。请依法申请行政复议或者提起诉讼。"
        )
    pending = select(Objection.matter).where(Objection.about == matter.id)
    for id in session.exec(pending).all():
        if steps_of(session, id)[-1].state in OPEN_OBJECTION:
            raise Conflict(f"对事项“{matter.id}”的异议“{id}”还在办理。请等它办结，或者先撤回。")
    opening = Opening(
        kind="objection",
        institution=matter.institution,
        act="object",
        owner=owner_of(session, matter),
        body={"about": form.about, **receipted(form.text, files)},
    )
    step = StepForm(on=form.on, reason=form.text)
    id = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Objection(
            matter=id,
            about=form.about,
            text=form.text,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    hand_in(session, matter.institution, id, "objection", files, by=by, now=now)
    return id


def _about(session: Session, matter: str, by: Actor) -> Matter:
    """The matter, of which an institution knows only what has been notified to it."""
    row = session.get(Matter, matter)
    if row is None:
        raise NotFound("事项", matter)
    if by.role == "institution":
        shown_matter(session, row.institution, matter)
    return row


def _current(session: Session, matter: Matter) -> Reply | None:
    """The reply in force beside a record."""
    query = select(Reply).where(
        Reply.about == matter.id, Reply.institution == matter.institution, Reply.kind != "defence"
    )
    rows = session.exec(query).all()
    gone = {one.replaces for one in rows}
    found = [one for one in rows if one.id not in gone and one.kind == "reply"]
    return max(found, key=lambda one: one.id or 0, default=None)


def _record(
    session: Session,
    row: Reply,
    act: str,
    body: dict[str, object],
    *,
    by: Actor,
    now: datetime,
) -> int:
    session.add(row)
    session.flush()
    entry = Act(act=act, subject=row.about, institution=row.institution, body=body)
    append(session, entry, by=by, now=now)
    return row.id or 0
