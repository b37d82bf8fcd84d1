"""What an institution answers, and what it objects to."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.matters import WEEKENDS_ONLY, Opening, open_matter
from registry.acts.owners import owner_of
from registry.calendar import Calendar
from registry.errors import NotFound, StepRefused
from registry.forms import ObjectionSheet, ReplyForm, StepForm
from registry.ledger import Act, append
from registry.procedure import KINDS
from registry.tables import Matter, Objection, Reply

# What an institution may object to: what is recorded against it, or for it.
RECORDS = ("finding", "commendation", "penalty", "listing", "judgment", "alert")


def reply_to(session: Session, form: ReplyForm, *, by: Actor, now: datetime) -> int:
    """Records the institution's answer to a matter; it is published beside the record."""
    matter = _about(session, form.about)
    authorise(session, by, "reply_to", "答复", institution=matter.institution, now=now)
    row = Reply(
        institution=matter.institution,
        about=form.about,
        on=form.on,
        text=form.text,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    entry = Act(
        act="reply_to",
        subject=form.about,
        institution=matter.institution,
        body={"text": form.text, "on": form.on},
    )
    append(session, entry, by=by, now=now)
    return row.id or 0


def object_to(
    session: Session,
    form: ObjectionSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens an objection; the record counts as disputed from this moment on."""
    matter = _about(session, form.about)
    if matter.kind not in RECORDS:
        raise StepRefused(
            f"对{KINDS[matter.kind]}的处理不能提出异议。请依法申请行政复议或者提起诉讼。"
        )
    opening = Opening(
        kind="objection",
        institution=matter.institution,
        act="object",
        owner=owner_of(session, matter),
        body={"about": form.about},
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
    return id


def _about(session: Session, matter: str) -> Matter:
    row = session.get(Matter, matter)
    if row is None:
        raise NotFound("事项", matter)
    return row
