"""Risk alerts (风险提示): a confirmed fact in neutral words, for thirty days, with no points and no list."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from registry.access import Actor
from registry.acts.hand import Hand
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter, steps_of
from registry.calendar import Calendar
from registry.errors import Conflict, StepRefused
from registry.forms import AlertSheet, StepForm, StepSheet
from registry.tables import Alert, Matter

LASTS = timedelta(days=30)


def propose_alert(
    session: Session,
    form: AlertSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Proposes an alert on a confirmed finding of the institution; a suspicion warns nobody."""
    found = matter_of(session, form.finding, "finding")
    if found.institution != form.institution:
        raise Conflict(
            f"问题“{form.finding}”属于机构“{found.institution}”，"
            f"不属于“{form.institution}”。请只用同一机构的问题。"
        )
    states = [one.state for one in steps_of(session, form.finding)]
    if "confirmed" not in states or states[-1] == "annulled":
        raise StepRefused(
            f"问题“{form.finding}”没有确认或者已经撤销，不能据以提示。请在确认后办理。"
        )
    opening = Opening(
        kind="alert",
        institution=form.institution,
        act="propose",
        body={"text": form.text, "finding": form.finding},
    )
    step = StepForm(on=form.on, reason=form.reason)
    id = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    session.add(Alert(matter=id, text=form.text, finding=form.finding, **stamp))
    session.flush()
    return id


def run_alert(hand: Hand, matter: Matter, form: StepSheet, act: str) -> str:
    """Issues or renews it: it ends by itself at the end of the thirtieth day after."""
    return hand.step(matter, act, form.model_copy(update={"due_on": form.on + LASTS}))
