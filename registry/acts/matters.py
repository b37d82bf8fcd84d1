"""The two things every matter knows: it is opened, and it takes a step along the table."""

from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise, two_officers
from registry.acts.lineage_rows import carry_out
from registry.calendar import Calendar
from registry.errors import FormRefused, NotAllowed, NotFound, Problem, StepRefused
from registry.forms import StepForm
from registry.ledger import Act, append, next_number
from registry.procedure import (
    KINDS,
    LETTERS,
    NEEDS,
    STATES,
    TRANSITIONS,
    Edge,
    Kind,
    edge,
    edges_from,
)
from registry.queries.places import jurisdiction_of
from registry.tables import Listing, Matter, Step

WEEKENDS_ONLY = Calendar({})
# These need a content of their own, so only their own act may take them.
_OWN_ACTS = {("penalty", "decide"): "处罚决定要填写处罚种类和金额，请用处罚决定表办理"}


class Opening(Struct, frozen=True, kw_only=True):
    """What a new matter is: its kind, its institution, the act that opens it."""

    kind: Kind
    institution: str
    act: str
    case_no: str = ""
    body: object = None


def open_matter(
    session: Session,
    opening: Opening,
    form: StepForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Opens a matter with its first step and enters it; gives its number."""
    chosen = _edge(opening.kind, "", opening.act)
    authorise(
        session,
        by,
        f"{opening.kind}.{opening.act}",
        f"{chosen.label}{KINDS[opening.kind]}",
        institution=opening.institution,
        now=now,
    )
    _check(chosen, form, None, now)
    number = next_number(session)
    matter = Matter(
        id=f"{LETTERS[opening.kind]}{now.year}-{number:06d}",
        kind=opening.kind,
        institution=opening.institution,
        jurisdiction=jurisdiction_of(session, opening.institution),
        opened_on=form.on,
        owner=by.account,
        case_no=opening.case_no,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(matter)
    session.flush()
    _add(session, matter, chosen, form, [], by=by, now=now, calendar=calendar)
    entry = {"to": chosen.target, **_said(form), "content": opening.body}
    append(
        session,
        Act(
            act=f"{matter.kind}.{chosen.act}",
            subject=matter.id,
            institution=matter.institution,
            body=entry,
        ),
        by=by,
        now=now,
    )
    return matter.id


def take_step(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: str,
    act: str,
    form: StepForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> str:
    """Takes one step along the transition table; gives the new state."""
    row = session.get(Matter, matter)
    if row is None:
        raise NotFound("事项", matter)
    if (row.kind, act) in _OWN_ACTS:
        raise StepRefused(_OWN_ACTS[row.kind, act] + "。")
    state = advance(session, row, act, form, by=by, now=now, calendar=calendar)
    if (row.kind, act) == ("change", "apply"):
        carry_out(session, row, by=by, now=now)
    return state


def advance(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: Matter,
    act: str,
    form: StepForm,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar,
    content: object = None,
) -> str:
    """The step itself, for acts that bring content of their own."""
    steps = steps_of(session, matter.id)
    state = steps[-1].state
    chosen = _edge(matter.kind, state, act)
    authorise(
        session, by, f"{matter.kind}.{act}", chosen.label, institution=matter.institution, now=now
    )
    _check(chosen, form, steps[-1], now)
    _check_other_person(chosen, steps, by)
    if matter.kind == "listing" and chosen.target in ("decided", "effective"):
        _require_final_decision(session, matter.id)
    _add(session, matter, chosen, form, steps, by=by, now=now, calendar=calendar)
    entry = {"from": state, "to": chosen.target, **_said(form), "content": content}
    append(
        session,
        Act(
            act=f"{matter.kind}.{act}",
            subject=matter.id,
            institution=matter.institution,
            body=entry,
        ),
        by=by,
        now=now,
    )
    return chosen.target


def steps_of(session: Session, matter: str) -> list[Step]:
    """The steps of a matter in order."""
    query = select(Step).where(Step.matter == matter).order_by(col(Step.seq))
    return list(session.exec(query))


def matter_of(session: Session, matter: str, kind: Kind) -> Matter:
    """The matter of this kind, or NotFound."""
    row = session.get(Matter, matter)
    if row is None or row.kind != kind:
        raise NotFound(KINDS[kind], matter)
    return row


def _edge(kind: str, state: str, act: str) -> Edge:
    found = edge(kind, state, act)
    if found is None:
        now_at = STATES.get(state, state)
        possible = "、".join(one.label for one in edges_from(kind, state)) or "（没有）"
        labels = {one.act: one.label for one in TRANSITIONS if one.kind == kind}
        raise StepRefused(
            f"这件{KINDS[kind]}现在是“{now_at}”，不能办理“{labels.get(act, act)}”。"
            f"现在可以办理：{possible}。"
        )
    return found


def _check(chosen: Edge, form: StepForm, last: Step | None, now: datetime) -> None:
    """Every paper the step lacks and every day out of order, all at once."""
    problems = []
    for need in chosen.needs:
        if need == "two_officers":
            problems += two_officers(form.first_officer, form.second_officer)
        elif not getattr(form, need):
            problems.append(_problem(need, NEEDS[need], "", f"办理“{chosen.label}”必须填写这一项"))
    if form.on > now.date():
        problems.append(_problem("on", "日期", form.on, f"不能晚于今天 {now.date()}"))
    if last is not None and form.on < last.on:
        problems.append(_problem("on", "日期", form.on, f"不能早于上一步的日期 {last.on}"))
    if form.due_on is not None and form.due_on < form.on:
        problems.append(_problem("due_on", "期限", form.due_on, f"不能早于办理日期 {form.on}"))
    if chosen.act == "finalise" and last is not None and last.due_on and form.on <= last.due_on:
        remedy = f"起诉期限到 {last.due_on} 才满，请在期满后办理"
        problems.append(_problem("on", "日期", form.on, remedy))
    if problems:
        raise FormRefused(problems)


def _problem(field: str, label: str, value: object, remedy: str) -> Problem:
    return Problem(field=field, label=f"“{label}”", value=str(value), remedy=remedy)


def _check_other_person(chosen: Edge, steps: list[Step], by: Actor) -> None:
    """Four eyes: who did one of the named steps may not do this one."""
    for step in steps:
        if step.act in chosen.not_by and step.recorded_by == by.account:
            raise NotAllowed(
                f"“{by.name or by.account}”办理过这件事项的前面步骤，"
                f"不能再办理“{chosen.label}”。请由另一人办理。"
            )


def _require_final_decision(session: Session, matter: str) -> None:
    """No black list without a penalty decision in force behind it."""
    listing = session.get_one(Listing, matter)
    if listing.list != "black":
        return
    steps = steps_of(session, listing.decision or "")
    if not steps or steps[-1].state != "final":
        raise StepRefused(
            f"所依据的处罚案件“{listing.decision}”没有生效，不能列入黑名单。"
            "请在处罚决定生效后办理。"
        )


def _add(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: Matter,
    chosen: Edge,
    form: StepForm,
    steps: list[Step],
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar,
) -> None:
    session.add(
        Step(
            matter=matter.id,
            seq=len(steps) + 1,
            act=chosen.act,
            state=chosen.target,
            on=form.on,
            due_on=form.due_on or _due(chosen, form.on, steps, calendar),
            document_no=form.document_no,
            organ=form.organ,
            first_officer=form.first_officer,
            second_officer=form.second_officer,
            reason=form.reason,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    session.flush()


def _due(chosen: Edge, on: date, steps: list[Step], calendar: Calendar) -> date | None:
    if chosen.clock is None:
        return None
    anchors = [step.on for step in steps if step.state == chosen.clock.anchor]
    return chosen.clock.ends(anchors[0] if anchors else on, calendar)


def _said(form: StepForm) -> dict[str, object]:
    """What the form says, without its empty fields."""
    said = form.model_dump(mode="json", include=set(StepForm.model_fields))
    return {key: value for key, value in said.items() if value not in ("", None)}
