"""What an institution hands in on paper: an objection, or an application for repair, as the desk enters it."""

from datetime import datetime

from sqlmodel import Session

from registry import acts, queries
from registry.access import Actor
from registry.acts.filing import receipted
from registry.acts.repairs import IN_FORCE
from registry.acts.replies import RECORDS
from registry.calendar import Calendar
from registry.errors import refuse
from registry.forms import ObjectionSheet, PaperObjectionSheet, PaperRepairSheet, RepairSheet
from scoring import Policy


def object_on_paper(
    session: Session, form: PaperObjectionSheet, *, by: Actor, now: datetime, calendar: Calendar
) -> str:
    """Opens an objection as of the day its paper came in; raises FormRefused for another's matter."""
    _require_known(session, form, "objection")
    sheet = ObjectionSheet(**form.model_dump(exclude={"institution"}))
    return acts.object_to(session, sheet, by=by, now=now, calendar=calendar)


def apply_on_paper(
    session: Session,
    form: PaperRepairSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar,
    policy: Policy,
) -> str:
    """Opens an application as of the day its papers came in; raises FormRefused for another's matter."""
    _require_known(session, form, "repair")
    sheet = RepairSheet(**form.model_dump(exclude={"institution"}))
    return acts.apply_for_repair(
        session,
        sheet,
        by=by,
        now=now,
        calendar=calendar,
        policy=policy,
        proven=receipted(form.proof, ()),
    )


def matters_to_choose(session: Session, institution: str, kind: str) -> list[tuple[str, str]]:
    """What an objection or an application of an institution may be about, as it is told in a list."""
    return [
        (one.id, f"{one.kind_name} {one.id}（{one.state_name}，{one.since}）")
        for one in queries.shown_matters(session, institution)
        if (IN_FORCE.get(one.kind) == one.state if kind == "repair" else one.kind in RECORDS)
    ]


def _require_known(
    session: Session, form: PaperObjectionSheet | PaperRepairSheet, kind: str
) -> None:
    """Raises FormRefused for what the institution cannot know of, or what is not its own."""
    if form.about not in dict(matters_to_choose(session, form.institution, kind)):
        label = f"“{type(form).model_fields['about'].title}”"
        remedy = "请从列表里选。列表里是已经告知这家机构、可以办理的事项"
        raise refuse("about", label, form.about, remedy)
