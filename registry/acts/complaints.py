"""Complaints: taken in with a receipt; whoever complained is seen only for a purpose, and that is logged.

A complaint about somebody the register does not hold lies in a jurisdiction until it is found out who it is.
"""

from datetime import datetime
from secrets import choice

from msgspec import Struct
from sqlmodel import Session

from registry.access import Actor
from registry.acts.authority import authorise, require_jurisdiction
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter
from registry.acts.readings import log_reading
from registry.calendar import Calendar
from registry.errors import FormRefused, Problem, refuse
from registry.forms import ComplaintSheet, IdentificationForm, StepForm
from registry.ledger import Act, append
from registry.queries.places import institution_of, jurisdiction_of
from registry.tables import Complaint, Identification, Institution

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
    if not form.institution:
        _require_a_door(session, form)
    receipt = "TS" + "".join(choice(_SIGNS) for _ in range(10))
    opening = Opening(
        kind="complaint",
        institution=form.institution,
        jurisdiction="" if form.institution else form.jurisdiction,
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
            named="" if form.institution else form.named,
            address="" if form.institution else form.address,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return Received(matter=id, receipt=receipt)


def read_contact(session: Session, matter: str, purpose: str, *, by: Actor, now: datetime) -> str:
    """How to reach whoever complained; who looked and what for is kept."""
    row = matter_of(session, matter, "complaint")
    log_reading(
        session,
        institution_of(session, row),
        f"投诉人联系方式 {matter}",
        purpose,
        by=by,
        now=now,
        jurisdiction=row.jurisdiction,
    )
    return session.get_one(Complaint, matter).contact


def identify(
    session: Session, matter: str, form: IdentificationForm, *, by: Actor, now: datetime
) -> None:
    """Writes down which institution a complaint is about; from then on it stands in that one's record.

    Both the place it lay in and the institution must be within reach; an earlier finding stays to be seen.
    """
    row = matter_of(session, matter, "complaint")
    if session.get(Institution, form.institution) is None:
        remedy = "登记册里没有这个编号。请查编号，或者先登记这家机构"
        raise refuse("institution", "“机构编号”", form.institution, remedy)
    before = institution_of(session, row)
    if before == form.institution:
        remedy = "这件投诉已经记为关于这一家，不必再记"
        raise refuse("institution", "“机构编号”", form.institution, remedy)
    here = jurisdiction_of(session, before) if before else row.jurisdiction
    authorise(session, by, "identify", "查明被投诉的机构", jurisdiction=here, now=now)
    authorise(session, by, "identify", "查明被投诉的机构", institution=form.institution, now=now)
    session.add(
        Identification(
            matter=matter,
            institution=form.institution,
            reason=form.reason,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    body = {"from": before, "to": form.institution, "reason": form.reason}
    entry = Act(act="identify", subject=matter, institution=form.institution, body=body)
    append(session, entry, by=by, now=now)


def _require_a_door(session: Session, form: ComplaintSheet) -> None:
    """Without an institution somebody must be able to go there: a place, and a name or an address."""
    problems = []
    if not form.jurisdiction:
        remedy = "请选择所在区域，由那里的主管部门核查"
        problems.append(Problem(field="jurisdiction", label="“所在区域”", value="", remedy=remedy))
    if not form.address:
        remedy = "没有登记的机构要靠地址才找得到，请写路名、门牌号或者楼宇、楼层"
        problems.append(Problem(field="address", label="“地址”", value="", remedy=remedy))
    if problems:
        raise FormRefused(problems)
    require_jurisdiction(session, form.jurisdiction)
