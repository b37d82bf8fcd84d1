"""Complaints: taken in with a receipt; whoever complained is seen only for a purpose, and that is logged."""

from datetime import datetime
from secrets import choice

from msgspec import Struct
from sqlmodel import Session

from registry.access import Actor
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter
from registry.acts.readings import log_reading
from registry.calendar import Calendar
from registry.forms import ComplaintSheet, StepForm
from registry.tables import Complaint

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like another sign


class Received(Struct, frozen=True, kw_only=True):
    """A complaint's number here, and the receipt its sender asks with."""

    matter: str
    receipt: str


def receive_complaint(
    session: Session,
    form: ComplaintSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
    owner: str = "",
) -> Received:
    """Takes in a complaint; its text and its sender stay out of the ledger.

    Who has to see to it is whoever takes it in, or `owner`.
    """
    receipt = "TS" + "".join(choice(_SIGNS) for _ in range(10))
    opening = Opening(
        kind="complaint",
        institution=form.institution,
        act="receive",
        owner=owner,
        body={"receipt": receipt, "channel": form.channel},
    )
    step = StepForm(on=form.on)
    id = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Complaint(
            matter=id,
            receipt=receipt,
            channel=form.channel,
            text=form.text,
            contact=form.contact,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return Received(matter=id, receipt=receipt)


def read_contact(session: Session, matter: str, purpose: str, *, by: Actor, now: datetime) -> str:
    """How to reach whoever complained; who looked and what for is kept."""
    row = matter_of(session, matter, "complaint")
    log_reading(session, row.institution, f"投诉人联系方式 {matter}", purpose, by=by, now=now)
    return session.get_one(Complaint, matter).contact
