"""The two things every matter knows: it is opened, and it takes a step along the table."""

from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise, two_officers
from registry.acts.guards import Stand, out_of_order
from registry.acts.owners import give, owner_for, owner_of
from registry.calendar import Calendar
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, Problem, StepRefused
from registry.forms import StepForm
from registry.ledger import Act, append, next_number
from registry.outbox import tell_of_step
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
from registry.queries.places import institution_of, jurisdiction_of
from registry.tables import Matter, Step

WEEKENDS_ONLY = Calendar({})


class Opening(Struct, frozen=True, kw_only=True):
    """What a new matter is: its kind, its institution, the act that opens it, and who has to see to it.

    Without an institution it lies in a `jurisdiction`. Without an `owner` it is whoever opens it, or, for an
    institution, somebody of its office. `problems` are what its act finds wrong of its own, told with
    everything else.
    """

    kind: Kind
    institution: str
    act: str
    jurisdiction: str = ""
    case_no: str = ""
    owner: str = ""
    body: object = None
    problems: tuple[Problem, ...] = ()


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
    chosen = edge_of(opening.kind, "", opening.act)
    authorise(
        session,
        by,
        f"{opening.kind}.{opening.act}",
        f"{chosen.label}{KINDS[opening.kind]}",
        institution=opening.institution,
        jurisdiction=opening.jurisdiction,
        now=now,
    )
    stand = Stand(session=session, calendar=calendar, now=now)
    _check(chosen, form, stand, opening.problems)
    if opening.case_no:
        _refuse_same_number(session, opening)
    number = next_number(session)
    matter = Matter(
        id=f"{LETTERS[opening.kind]}{now.year}-{number:06d}",
        kind=opening.kind,
        institution=opening.institution,
        jurisdiction=opening.jurisdiction or jurisdiction_of(session, opening.institution),
        opened_on=form.on,
        owner=opening.owner
        or owner_for(session, opening.institution, by, now, opening.jurisdiction),
        case_no=opening.case_no,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(matter)
    session.flush()
    _add(session, matter, chosen, form, [], by=by, now=now, calendar=calendar)
    entry = {
        "to": chosen.target,
        "owner": matter.owner,
        **_said(form),
        "content": opening.body,
    }
    _enter(session, matter, chosen.act, entry, by=by, now=now)
    return matter.id


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
    """The step itself, for acts that bring content of their own; gives the new state."""
    steps = steps_of(session, matter.id)
    state = steps[-1].state
    chosen = edge_of(matter.kind, state, act)
    about = institution_of(session, matter)
    where = {"institution": about, "jurisdiction": "" if about else matter.jurisdiction}
    account = authorise(session, by, f"{matter.kind}.{act}", chosen.label, **where, now=now)
    stand = Stand(
        session=session,
        matter=matter,
        steps=tuple(steps),
        calendar=calendar,
        now=now,
    )
    _check_other_person(chosen, steps, by)
    _check(chosen, form, stand)
    _add(session, matter, chosen, form, steps, by=by, now=now, calendar=calendar)
    entry = {"from": state, "to": chosen.target, **_said(form), "content": content}
    if account is not None and by.role != "institution" and not owner_of(session, matter):
        # Whoever takes up what nobody has is its owner from then on.
        give(session, matter.id, by.account, f"办理“{chosen.label}”", by=by, now=now)
        entry["owner"] = by.account
    _enter(session, matter, act, entry, by=by, now=now)
    return chosen.target


def steps_of(session: Session, matter: str) -> list[Step]:
    """The steps of a matter in order."""
    query = select(Step).where(Step.matter == matter).order_by(col(Step.seq))
    return list(session.exec(query))


def state_of(session: Session, matter: str) -> str:
    """Where a matter stands."""
    return steps_of(session, matter)[-1].state


def matter_of(session: Session, matter: str, *kinds: Kind) -> Matter:
    """The matter, of one of these kinds if any are named, or NotFound."""
    row = session.get(Matter, matter)
    if row is None or (kinds and row.kind not in kinds):
        raise NotFound("、".join(KINDS[kind] for kind in kinds) or "事项", matter)
    return row


def edge_of(kind: str, state: str, act: str) -> Edge:
    """The step an act makes from a state, or StepRefused with what is possible there."""
    found = edge(kind, state, act)
    if found is None:
        now_at = STATES.get(state, state)
        possible = "、".join(one.label for one in edges_from(kind, state)) or "（没有）"
        labels = {one.act: one.label for one in TRANSITIONS if one.kind == kind}
        raise StepRefused(
            f"这件{KINDS.get(kind, kind)}现在是“{now_at}”，不能办理“{labels.get(act, act)}”。"
            f"现在可以办理：{possible}。"
        )
    return found


def _refuse_same_number(session: Session, opening: Opening) -> None:
    same = select(Matter.id).where(Matter.kind == opening.kind, Matter.case_no == opening.case_no)
    if (other := session.exec(same).first()) is not None:
        raise Conflict(
            f"立案号“{opening.case_no}”已用于{KINDS[opening.kind]}“{other}”。请核对后换一个号。"
        )


def _check(chosen: Edge, form: StepForm, stand: Stand, found: tuple[Problem, ...] = ()) -> None:
    """Every paper the step lacks and every day out of order, all at once."""
    problems = list(found)
    for need in chosen.needs:
        if need == "two_officers":
            problems += two_officers(form.first_officer, form.second_officer)
        elif not getattr(form, need, None):
            remedy = f"办理“{chosen.label}”必须填写这一项"
            problems.append(Problem(field=need, label=f"“{NEEDS[need]}”", value="", remedy=remedy))
    problems += out_of_order(chosen, form, stand)
    if problems:
        raise FormRefused(problems)


def _check_other_person(chosen: Edge, steps: list[Step], by: Actor) -> None:
    """Four eyes: who did one of the named steps may not do this one."""
    for step in steps:
        if step.act not in chosen.not_by:
            continue
        # Who went there with whoever typed it is named in it, and took part as well.
        if step.recorded_by == by.account or (by.name and by.name in _officers(step)):
            raise NotAllowed(
                f"“{by.name or by.account}”办理过这件事项的前面步骤，"
                f"不能再办理“{chosen.label}”。请由另一人办理。"
            )


def _officers(step: Step) -> tuple[str, str]:
    return step.first_officer, step.second_officer


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
    own = StepForm.model_fields.keys() - {"on", "due_on"}
    step = Step(
        **form.model_dump(include=own),
        matter=matter.id,
        seq=len(steps) + 1,
        act=chosen.act,
        state=chosen.target,
        on=form.on,
        due_on=_due(chosen, form, steps, calendar, now.date()),
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(step)
    session.flush()
    owner = ""
    if by.role == "institution":
        place = matter.jurisdiction
        owner = owner_of(session, matter) or owner_for(session, matter.institution, by, now, place)
    tell_of_step(session, matter, step, owner=owner, by=by, now=now)


def _due(
    chosen: Edge, form: StepForm, steps: list[Step], calendar: Calendar, today: date
) -> date | None:
    """The end of the step's own term, which nobody may set otherwise; only a step without one is given a day."""
    if chosen.clock is None:
        return form.due_on
    anchors = [step.on for step in steps if step.state in chosen.clock.anchor.split()]
    begins = form.known_on(today) if chosen.clock.from_record else form.on
    return chosen.clock.ends(anchors[0] if anchors else begins, calendar)


def _enter(
    session: Session, matter: Matter, act: str, entry: object, *, by: Actor, now: datetime
) -> None:
    said = Act(
        act=f"{matter.kind}.{act}",
        subject=matter.id,
        institution=institution_of(session, matter),
        body=entry,
    )
    append(session, said, by=by, now=now)


def _said(form: StepForm) -> dict[str, object]:
    """What the form says, without its empty fields."""
    said = form.model_dump(mode="json", include=set(StepForm.model_fields))
    return {key: value for key, value in said.items() if value not in ("", None, False)}
