"""What follows when a record is undone: what rests on it falls, and what was published is withdrawn."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.hand import Hand
from registry.acts.matters import Opening, advance, matter_of, open_matter, state_of, steps_of
from registry.acts.owners import owner_of, people_for
from registry.calendar import Calendar
from registry.errors import NotAllowed, StepRefused, refuse
from registry.forms import StepForm, StepSheet, edition_name
from registry.procedure import KINDS, UNPUBLISHED, edge
from registry.tables import (
    Alert,
    Edition,
    Finding,
    Listing,
    Matter,
    Objection,
    Retraction,
    SpotPenalty,
    Step,
    Withdrawal,
)

# What makes somebody answer for a record, so that another has to look at an objection to it.
_DECIDES = ("confirm", "review", "decide", "issue", "renew")
_UNDOES = ("annul", "dismiss", "drop", "end")
_FALLEN = ("dismissed", "annulled")
_PUBLIC = ("confirmed", "ordered", "final", "judged", "effective")


def annul(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """Annuls a record, and in the same act whatever rests on it (行政处罚法 第四十八条)."""
    published = matter.kind not in UNPUBLISHED
    public_from = _public_from(hand.session, matter.id) if published else None
    state = hand.step(matter, "annul", form)
    for other in _resting_on(hand.session, matter):
        _undo(hand, other, form, f"所依据的{KINDS[matter.kind]}已被撤销：{matter.id}")
    if public_from is not None and _editions_with(hand.session, public_from):
        _owe_withdrawal(hand, matter, form)
    return state


def decide_objection(hand: Hand, matter: Matter, form: StepSheet, act: str) -> str:
    """Upholds or rejects an objection; never by whoever recorded, confirmed or decided what it is about."""
    about = hand.session.get_one(Objection, matter.id).about
    first, *later = steps_of(hand.session, about)
    whose = {first.recorded_by, *(one.recorded_by for one in later if one.act in _DECIDES)}
    if hand.by.account in whose:
        raise NotAllowed(
            f"“{hand.by.name or hand.by.account}”记录或者认定了所异议的事项“{about}”，"
            "不能处理对它的异议。请由另一人办理。"
        )
    return hand.step(matter, act, form)


def withdraw_objection(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """Ends an objection as its applicant asks; the office does it by the applicant's paper alone."""
    if hand.by.role != "institution" and not form.document_no:
        remedy = "请填写机构书面撤回申请的文号；机构自己可以在“我的事项”里撤回"
        raise refuse("document_no", "“文书号”", "", remedy)
    return hand.step(matter, "withdraw", form)


def undo_record(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """What an objection was right about is undone in the same act."""
    about = matter_of(hand.session, hand.session.get_one(Objection, matter.id).about)
    state = hand.step(matter, "undo", form, {"about": about.id})
    _undo(hand, about, form, f"异议 {matter.id} 成立：{form.reason}")
    return state


def correct_record(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """The record gives way to the one that was recorded to correct it."""
    about = matter_of(hand.session, hand.session.get_one(Objection, matter.id).about)
    correcting = select(Finding.matter).where(Finding.corrects == about.id)
    found = hand.session.exec(correcting.order_by(Finding.matter)).all()
    # What was found not to be so corrects nothing.
    standing = (one for one in found if state_of(hand.session, one) not in _FALLEN)
    if (better := next(standing, None)) is None:
        raise StepRefused(
            f"还没有更正“{about.id}”的记录。请先另行记录正确的问题，"
            f"在“更正的事项编号”里填写 {about.id}，再办理更正。"
        )
    state = hand.step(matter, "correct", form, {"about": about.id, "by": better})
    _undo(hand, about, form, f"异议 {matter.id} 成立，更正为 {better}：{form.reason}")
    return state


def close_withdrawn(
    session: Session, institution: str, printed: Collection[str], *, by: Actor, now: datetime
) -> list[str]:
    """Once no edition shows an undone record any more, the duty to withdraw it is met; the matters closed.

    `printed` are the records that some released edition still shows. What never was withdrawn is not
    closed by this: that it was never printed is for a person to find out.
    """
    gone = select(Withdrawal.recorded_at).where(Withdrawal.institution == institution)
    last = max(session.exec(gone), default=None)
    closed = []
    for matter, about in _owing(session, institution):
        if about not in printed and last is not None and last >= matter.recorded_at:
            _close(session, matter, "recall", "已从公开过的各版撤回", by=by, now=now)
            closed.append(matter.id)
    return closed


def owing_institutions(session: Session) -> list[str]:
    """The institutions of whom something undone is still to be withdrawn, in order of number."""
    return sorted({matter.institution for matter, _ in _owing(session)})


def close_replaced(session: Session, edition: Edition, *, by: Actor, now: datetime) -> None:
    """What was undone before any edition could print it is met by the first one made afterwards.

    What some edition prints is owed until it is withdrawn from each.
    """
    for matter, about in _owing(session):
        undone = steps_of(session, about)[-1]
        after = edition.prepared_at >= undone.recorded_at
        if after and edition.cut_off >= undone.on and not _was_printed(session, about, undone):
            name = edition_name(edition.period, edition.number)
            _close(session, matter, "replace", f"{name} 版不再列出", by=by, now=now)


def _was_printed(session: Session, about: str, undone: Step) -> bool:
    """Whether an edition that is out was made while a record was public."""
    public = _public_from(session, about)
    if public is None:
        return False
    made = select(Edition.id).where(
        Edition.state == "released",
        col(Edition.prepared_at) >= public.recorded_at,
        col(Edition.prepared_at) < undone.recorded_at,
        col(Edition.cut_off) >= public.on,
    )
    return session.exec(made.limit(1)).first() is not None


def _undo(hand: Hand, matter: Matter, form: StepForm, reason: str) -> None:
    """Whatever undoes a matter from where it stands; one that is over already stays as it is."""
    state = state_of(hand.session, matter.id)
    act = next((one for one in _UNDOES if edge(matter.kind, state, one)), "")
    if act == "annul":
        on = max(form.on, steps_of(hand.session, matter.id)[-1].on)
        update = {"on": on, "due_on": None, "reason": reason}
        annul(hand, matter, StepSheet(**form.model_copy(update=update).model_dump()))
    elif act:
        hand.follow(matter, act, form, reason)


def _resting_on(session: Session, matter: Matter) -> list[Matter]:
    """Listings on an annulled decision; alerts on an annulled finding, and what punished it on the spot."""
    if matter.kind == "penalty":
        query = (
            select(Matter)
            .join(Listing, col(Listing.matter) == col(Matter.id))
            .where(Listing.decision == matter.id)
        )
        return list(session.exec(query.where(Listing.list == "black").order_by(Matter.id)))
    found: list[Matter] = []
    for table in (Alert, SpotPenalty):
        resting = select(table.matter).where(table.finding == matter.id).order_by(table.matter)
        found += [matter_of(session, one) for one in session.exec(resting).all()]
    return found


def _public_from(session: Session, matter: str) -> Step | None:
    """The step from which on a record may have been printed; None if it never could."""
    steps = (one for one in steps_of(session, matter) if one.state in _PUBLIC)
    return next(steps, None)


def _editions_with(session: Session, public_from: Step) -> list[Edition]:
    """The released editions that count what stood on or after the day of the step."""
    query = select(Edition).where(
        Edition.state == "released", col(Edition.cut_off) >= public_from.on
    )
    return list(session.exec(query))


def _owe_withdrawal(hand: Hand, matter: Matter, form: StepForm) -> None:
    """Opens the three working days within which what was published is withdrawn."""
    publishers = people_for(hand.session, matter.institution, ("publisher",), hand.now)
    opening = Opening(
        kind="withdrawal",
        institution=matter.institution,
        act="open",
        owner=publishers[0] if publishers else owner_of(hand.session, matter),
        body={"about": matter.id},
    )
    step = StepForm(
        on=hand.now.date(), reason=f"{KINDS[matter.kind]} {matter.id} 已撤销：{form.reason}"
    )
    id = open_matter(hand.session, opening, step, by=hand.by, now=hand.now, calendar=hand.calendar)
    stamp: dict[str, Any] = {"recorded_at": hand.now, "recorded_by": hand.by.account}
    hand.session.add(Retraction(matter=id, about=matter.id, **stamp))
    hand.session.flush()


def _owing(session: Session, institution: str = "") -> list[tuple[Matter, str]]:
    """Every withdrawal still owed, with what it is about."""
    query = select(Matter, Retraction.about).join(
        Retraction, col(Retraction.matter) == col(Matter.id)
    )
    if institution:
        query = query.where(Matter.institution == institution)
    rows = session.exec(query.order_by(Matter.id)).all()
    return [(row, about) for row, about in rows if state_of(session, row.id) == "owing"]


def _close(
    session: Session, matter: Matter, act: str, reason: str, *, by: Actor, now: datetime
) -> None:
    on = max(now.date(), steps_of(session, matter.id)[-1].on)
    step = StepForm(on=on, reason=reason)
    advance(session, matter, act, step, by=by, now=now, calendar=Calendar({}))
