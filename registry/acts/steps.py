"""Every step of every matter from one door: plain ones, and those that bring content or consequences."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlmodel import Session

from registry.access import Actor
from registry.acts.alerts import run_alert
from registry.acts.changes import apply_change
from registry.acts.decisions import decide_penalty, notify_penalty
from registry.acts.findings import confirm_finding
from registry.acts.hand import Hand
from registry.acts.listings import decide_listing, notify_listing, serve_listing
from registry.acts.matters import WEEKENDS_ONLY, matter_of
from registry.acts.repairs import grant_repair
from registry.acts.undoing import (
    annul,
    correct_record,
    decide_objection,
    undo_record,
    withdraw_objection,
)
from registry.calendar import Calendar
from registry.errors import StepRefused, refuse
from registry.forms import StepForm, StepSheet
from registry.resident_number import plain_of, resident_numbers
from registry.tables import Matter
from scoring import Policy

Special = Callable[[Hand, Matter, StepSheet], str]
SPECIAL: dict[tuple[str, str], Special] = {
    ("finding", "confirm"): confirm_finding,
    ("penalty", "notify"): notify_penalty,
    ("penalty", "decide"): decide_penalty,
    ("listing", "notify"): notify_listing,
    ("listing", "decide"): decide_listing,
    ("listing", "serve"): serve_listing,
    ("repair", "grant"): grant_repair,
    ("change", "apply"): apply_change,
    ("objection", "uphold"): partial(decide_objection, act="uphold"),
    ("objection", "reject"): partial(decide_objection, act="reject"),
    ("objection", "withdraw"): withdraw_objection,
    ("objection", "undo"): undo_record,
    ("objection", "correct"): correct_record,
    ("alert", "issue"): partial(run_alert, act="issue"),
    ("alert", "renew"): partial(run_alert, act="renew"),
    **{
        (kind, "annul"): annul
        for kind in ("finding", "commendation", "penalty", "spot", "listing", "judgment")
    },
}
# These only follow from another act, so that neither is ever without the other.
ELSEWHERE = {
    ("listing", "repair"): "信用修复移出由准予修复申请时一并办理",
    ("white_loss", "retell"): "原因增加的，由每日检查或者拟制的版次另行告知，这一步随之办结",
    ("white_loss", "keep"): "名单只看登记的事实：请更正登记，条件符合以后，这一步由每日检查办结",
    ("white_loss", "remove"): "不再列入白名单的版次发布时，这一步随之办结",
    ("withdrawal", "recall"): "请在发布的版次上撤回条目，这一步随之办结",
    ("withdrawal", "replace"): "请发布不再列出它的版次，这一步随之办结",
}

# Whose reason is printed, as what a listing ended by.
PUBLISHED = {("repair", "grant"), *(("listing", act) for act in ("expire", "lift", "annul"))}


def take_step(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: str,
    act: str,
    form: StepForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
    policy: Policy | None = None,
) -> str:
    """Takes one step along the transition table with all that follows from it; gives the new state."""
    row = matter_of(session, matter)
    if said := ELSEWHERE.get((row.kind, act)):
        raise StepRefused(f"{said}。")
    if (row.kind, act) in PUBLISHED and any(resident_numbers(plain_of(form.reason))):
        problem = "移出的原因会公开，里面却有身份证号码，请删去"
        raise refuse("reason", "“理由”", form.reason, problem)
    hand = Hand(session=session, by=by, now=now, calendar=calendar, policy=policy)
    special = SPECIAL.get((row.kind, act))
    if special is None:
        return hand.step(row, act, form)
    return special(hand, row, StepSheet(**form.model_dump()))
