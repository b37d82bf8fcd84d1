"""Listing cases: proposed with a ground; the rest of their course is steps of the table."""

from datetime import datetime

from sqlmodel import Session

from registry.access import Actor
from registry.acts.grounds import no_ground, no_lawful_term
from registry.acts.hand import Hand, content_of
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter
from registry.acts.proposals import keep_proposal, refuse_more
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, StepRefused, refuse
from registry.forms import ListingForm, ListingSheet, StepForm, StepSheet
from registry.queries.terms import last_listed_day, newest_proposal
from registry.tables import Listing, Matter
from scoring import Policy


def open_listing(
    session: Session,
    form: ListingSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
    policy: Policy | None = None,
) -> str:
    """Proposes a listing; a black one must name a penalty of the same institution that gives ground for it."""
    if form.list == "black" and not form.decision:
        raise refuse(
            "decision",
            "“处罚决定的事项编号”",
            None,
            "列入黑名单必须以已生效的处罚决定为依据，请填写该案件的编号",
        )
    if form.decision:
        case = matter_of(session, form.decision, "penalty")
        if case.institution != form.institution:
            raise Conflict(
                f"处罚案件“{form.decision}”是对机构“{case.institution}”的，"
                f"不是“{form.institution}”。请核对案件编号。"
            )
    if form.list == "black":
        hand = Hand(session=session, by=by, now=now, calendar=calendar, policy=policy)
        problems = list(no_ground(hand, form.decision, form.ground, form.institution, form.on))
        problems += no_lawful_term(form.on, form.months, form.until)
        if problems:
            raise FormRefused(problems)
    content = form.model_dump(mode="json", include=set(ListingForm.model_fields))
    opening = Opening(
        kind="listing",
        institution=form.institution,
        act="propose",
        body={**content, "decision": form.decision},
    )
    step = StepForm(
        on=form.on,
        first_officer=form.first_officer,
        second_officer=form.second_officer,
        reason=form.reason or form.statement,
    )
    matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    session.add(
        Listing(
            **form.model_dump(include=set(ListingForm.model_fields)),
            matter=matter,
            decision=form.decision or None,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()
    return matter


def notify_listing(hand: Hand, case: Matter, form: StepSheet) -> str:
    """Tells the institution of the listing and its term (浙江省公共信用信息管理条例 第二十八条)."""
    number = hand.number_of_next(case, "notify")
    state = hand.step(case, "notify", form, content_of(form))
    keep_proposal(hand.session, case.id, number, form, by=hand.by, now=hand.now)
    return state


def decide_listing(hand: Hand, case: Matter, form: StepSheet) -> str:
    """Decides the listing for the term that was told, or a shorter one."""
    number = hand.number_of_next(case, "decide")
    listing, told = hand.session.get_one(Listing, case.id), newest_proposal(hand.session, case.id)
    proposed = (told.months if told else 0) or listing.months
    if form.months is not None:
        refuse_more("months", "“期限（月）”", form.months, proposed)
    if listing.list == "black":
        _refuse_unlawful(hand, case, listing, form, proposed)
    state = hand.step(case, "decide", form, content_of(form))
    if form.months is not None:
        keep_proposal(hand.session, case.id, number, form, by=hand.by, now=hand.now)
    return state


def _refuse_unlawful(
    hand: Hand, case: Matter, listing: Listing, form: StepSheet, proposed: int
) -> None:
    """Raises for a black listing that was proposed on no ground, or is decided for no lawful term."""
    about = listing.decision or ""
    if wrong := list(no_ground(hand, about, listing.ground, case.institution, form.on)):
        raise StepRefused("".join(f"{one.sentence}请办理“不予列入”。" for one in wrong))
    months = form.months or (None if listing.until else proposed)
    if months and (problems := list(no_lawful_term(form.on, months, None))):
        raise FormRefused(problems)


def serve_listing(hand: Hand, case: Matter, form: StepSheet) -> str:
    """Serves the decision with the repair notice (两书同达); from now until its last day it is in force."""
    until = last_listed_day(hand.session, case.id)
    return hand.step(case, "serve", form.model_copy(update={"due_on": until}))
