"""Credit repair (信用修复): asked for with two papers, granted after the minimum term, and at once in force."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.hand import Hand
from registry.acts.matters import WEEKENDS_ONLY, Opening, matter_of, open_matter, state_of
from registry.acts.owners import owner_of
from registry.calendar import Calendar
from registry.errors import Conflict, StepRefused, refuse
from registry.forms import RepairSheet, StepForm, StepSheet
from registry.procedure import KINDS, STATES
from registry.queries.terms import first_repair_day
from registry.tables import Matter, Repair
from scoring import Policy

# The state in which a record is in force, so that it can be repaired.
IN_FORCE = {"penalty": "final", "listing": "effective"}


def apply_for_repair(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    form: RepairSheet,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
    policy: Policy | None = None,
    proven: Mapping[str, object] | None = None,
) -> str:
    """Opens an application with its two papers; refused before the minimum term is over (令36).

    `proven` is what the ledger keeps of the papers besides: their digests, and who signed.
    """
    about = matter_of(session, form.about)
    _refuse_too_early(session, about, form, policy)
    opening = Opening(
        kind="repair",
        institution=about.institution,
        act="apply",
        owner=owner_of(session, about),
        body={"about": about.id, "undertaking": form.undertaking, **(proven or {})},
    )
    step = StepForm(on=form.on, reason=form.proof)
    id = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
    row = Repair(
        **form.model_dump(exclude={"on"}), matter=id, recorded_at=now, recorded_by=by.account
    )
    session.add(row)
    session.flush()
    return id


def grant_repair(hand: Hand, matter: Matter, form: StepSheet) -> str:
    """Grants it; a listing ends in the same act, a penalty is no longer shown or used from this day."""
    about = matter_of(hand.session, hand.session.get_one(Repair, matter.id).about)
    _require_in_force(hand.session, about)
    state = hand.step(matter, "grant", form, {"about": about.id})
    if about.kind == "listing":
        hand.follow(about, "repair", form, f"信用修复 {matter.id}：{form.reason}")
    return state


def _refuse_too_early(
    session: Session, about: Matter, form: RepairSheet, policy: Policy | None
) -> None:
    _require_in_force(session, about)
    query = select(Repair.matter).where(Repair.about == about.id).order_by(col(Repair.matter))
    for other in session.exec(query):
        if (state := state_of(session, other)) in ("lodged", "accepted", "granted"):
            raise Conflict(
                f"这件事项已有修复申请“{other}”（{STATES[state]}）。请在那件申请上办理。"
            )
    first = first_repair_day(session, about.id, policy)
    if first is not None and form.on < first:
        remedy = f"最短公示期未满，最早 {first} 可以申请（信用修复管理办法）"
        raise refuse("on", "“申请日期”", form.on, remedy)


def _require_in_force(session: Session, about: Matter) -> None:
    wanted = IN_FORCE.get(about.kind)
    state = state_of(session, about.id)
    if state != wanted:
        raise StepRefused(
            f"{KINDS[about.kind]}“{about.id}”现在是“{STATES[state]}”，没有可以修复的。"
            "只有已生效的处罚决定和名单中的列入决定可以申请修复。"
        )
