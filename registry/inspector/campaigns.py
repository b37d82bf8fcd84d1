"""Campaigns at the desk: what is to be visited, by whom, how far it has come, and who keeps away."""

from secrets import token_hex
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlmodel import Session

from registry import acts, drawing, queries
from registry.access import allowed
from registry.acts.authority import must_exist
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, read_form, refuse
from registry.faces.desk import Office, Visit, by_field, moment, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import CampaignForm, DrawForm, RecusalForm, TaskForm
from registry.inspector.sheet import KINDS
from registry.numbers import row_number
from registry.queries import CampaignLine
from registry.queries.places import within
from scoring import assess

Values = dict[str, str]


CAMPAIGN = {"needs": "read_register", "reach": {"id": "campaign"}}
DRAW = {"needs": "read_register", "reach": {"id": "draw"}}


@get("/desk/tasks", sync_to_thread=False)
def my_tasks(request: Visit) -> Response[Any]:
    """What the person who is signed in is to visit, those due first."""
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        tasks = queries.tasks(session, on, officer=person.account, open_only=True)
    late = [one for one in tasks if one.due_on and one.due_on < on]
    now = [one for one in tasks if one not in late]
    groups = [(word, some) for word, some in (("已超期", late), ("要去的", now)) if some]
    return page(request, "tasks.html", person=person, here="tasks", groups=groups, tasks=tasks)


@get("/desk/campaigns", sync_to_thread=False)
def campaigns(request: Visit) -> Response[Any]:
    """The campaigns with their progress, and the form of a new one."""
    return _campaigns(request, {})


@post("/desk/campaigns", opt={"needs": "open_campaign"}, sync_to_thread=True)
def open_one(request: Visit, data: Typed) -> Response[Any]:
    """Opens a campaign, or shows the form again."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(CampaignForm, _filled(data))
        with writing(office.engine) as session:
            id = acts.open_campaign(session, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _campaigns(request, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/campaigns/{id}/", status_code=303)


@get("/desk/campaigns/{id:str}", opt=CAMPAIGN, sync_to_thread=False)
def campaign(request: Visit, id: str) -> Response[Any]:
    """One campaign: draws, tasks, who has been visited."""
    return _campaign(request, id, {})


@post("/desk/campaigns/{id:str}/draws", opt={**CAMPAIGN, "needs": "draw_lots"}, sync_to_thread=True)
def announce(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Fixes the pool, the weights and a seed nobody chose."""
    person, office = person_of(request), office_of(request)
    staff = sorted(key.removeprefix("officer-") for key in data if key.startswith("officer-"))
    said = {key: one for key, one in _filled(data).items() if not key.startswith("officer-")}
    try:
        form = read_form(DrawForm, {**said, "officers": staff})
        with reading(office.engine) as session:
            pool = pool_of(session, office, queries.campaign(session, id), form.officers)
        with writing(office.engine) as session:
            draw = acts.announce_draw(
                session, id, form, pool, nonce=token_hex(16), by=person.actor, now=office.now()
            )
    except FormRefused as refused:
        return _campaign(request, id, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/draws/{draw}/", status_code=303)


@post(
    "/desk/campaigns/{id:str}/tasks",
    opt={"needs": "assign_task", "reach": {"id": "campaign", "institution": "institution"}},
    sync_to_thread=True,
)
def assign(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Sends two officers to an institution, or gives a task to two others for a reason."""
    person, office = person_of(request), office_of(request)
    said = _filled(data)
    before = said.pop("task", "")
    try:
        form = read_form(TaskForm, said)
        _known(office, form.institution)
        with writing(office.engine) as session:
            by, now = person.actor, office.now()
            if before:
                acts.reassign_task(session, row_number(before), form, by=by, now=now)
            else:
                acts.assign_task(session, id, form, by=by, now=now)
    except FormRefused as refused:
        return _campaign(request, id, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/campaigns/{id}/", status_code=303)


@get("/desk/draws/{id:str}", opt=DRAW, sync_to_thread=False)
def draw(request: Visit, id: str) -> Response[Any]:
    """A draw: what was announced, what came out, and how anybody draws it again."""
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        line = queries.draw(session, id)
        held = queries.campaign(session, line.paper.campaign)
        places = queries.institution_lines(session, [o.institution for o in line.paper.result], on)
        barred = sorted({one.institution for one in line.excluded})
        away = queries.institution_lines(session, barred, on)
        staff = queries.officers(session, on)
    return page(
        request,
        "draw.html",
        person=person,
        here="campaigns",
        line=line,
        announced=moment(office, line.announced_at),
        paper=line.paper,
        held=held,
        names={one.id: one.name for one in (*places, *away)},
        people={one.account: one.name for one in staff},
        faults=drawing.faults(line.paper) if line.paper.result else [],
        may_draw=allowed(person.role, "draw_lots"),
    )


@post("/desk/draws/{id:str}", opt={**DRAW, "needs": "draw_lots"}, sync_to_thread=True)
def hold(request: Visit, id: str) -> Response[Any]:
    """Draws the lots."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        acts.hold_draw(session, id, by=person.actor, now=office.now())
    return Redirect(f"{up_from(request)}desk/draws/{id}/", status_code=303)


@get("/desk/draws/{id:str}/draw.json", opt=DRAW, sync_to_thread=False)
def paper(request: Visit, id: str) -> Response[bytes]:
    """The draw as a paper to hand out; `xinyong draw FILE` draws it again."""
    person_of(request)
    with reading(office_of(request).engine) as session:
        found = queries.draw(session, id).paper
    raw = msgspec.json.format(msgspec.json.encode(found), indent=1)
    name = f'attachment; filename="{id}.json"'
    return Response(raw, media_type="application/json", headers={"Content-Disposition": name})


@get("/desk/recusals", sync_to_thread=False)
def recusals(request: Visit) -> Response[Any]:
    """Who keeps away from whom."""
    return _recusals(request, {})


@post(
    "/desk/recusals",
    opt={"needs": "record_recusal", "reach": {"institution": "institution"}},
    sync_to_thread=True,
)
def recuse(request: Visit, data: Typed) -> Response[Any]:
    """Records a recusal, or shows the form again."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(RecusalForm, _filled(data))
        _known(office, form.institution)
        with writing(office.engine) as session:
            acts.record_recusal(session, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _recusals(request, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/recusals/", status_code=303)


CAMPAIGN_ROUTES: list[HTTPRouteHandler] = [
    my_tasks,
    campaigns,
    open_one,
    campaign,
    announce,
    assign,
    draw,
    hold,
    paper,
    recusals,
    recuse,
]


def places_of(session: Session, jurisdiction: str) -> tuple[str, ...]:
    """A jurisdiction and those below it; empty for the whole city."""
    return within(session, jurisdiction) if jurisdiction else ()


def pool_of(
    session: Session, office: Office, held: CampaignLine, officers: list[str]
) -> drawing.Pool:
    """Every active institution a campaign covers, weighed by its grade today, and who keeps away."""
    on = office.now().date()
    where = places_of(session, held.jurisdiction)
    lines = queries.institutions(session, on, jurisdictions=where, limit=100_000)
    ids = [one.id for one in lines if one.status == "active"]
    policy = office.policy(on)
    targets = []
    for file in queries.credit_files(session, on, institutions=ids):
        grade = assess(file.facts, policy, on).grade
        weight = office.draw_weight(grade)
        targets.append(drawing.Target(id=file.institution, grade=grade, weight=weight))
    staff = {one.account for one in queries.officers(session, on, where)} & set(officers)
    pooled = {one.id for one in targets}
    away = tuple(
        drawing.Excluded(officer=one.officer, institution=one.institution, reason=one.reason)
        for one in queries.recusals(session, on)
        if one.officer in staff and one.institution in pooled
    )
    return drawing.Pool(targets=tuple(targets), officers=tuple(sorted(staff)), recusals=away)


def _campaigns(
    request: Visit, values: Values, problems: Values | None = None, status: int = 200
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        lines = queries.campaigns(session, person.places)
        places = queries.jurisdictions(session, on)
    return page(
        request,
        "campaigns.html",
        status=status,
        person=person,
        here="campaigns",
        lines=lines,
        places=places,
        kinds=KINDS,
        values={"since": on.isoformat(), "jurisdiction": person.jurisdiction, **values},
        problems=problems or {},
        may_open=allowed(person.role, "open_campaign"),
    )


def _campaign(
    request: Visit, id: str, values: Values, problems: Values | None = None, status: int = 200
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        held = queries.campaign(session, id)
        tasks = [
            one
            for one in queries.tasks(session, on, campaign=id)
            if not person.places or one.institution.jurisdiction in person.places
        ]
        draws = queries.draws(session, id)
        staff = queries.officers(session, on, places_of(session, held.jurisdiction))
    return page(
        request,
        "campaign.html",
        status=status,
        person=person,
        here="campaigns",
        held=held,
        tasks=tasks,
        draws=draws,
        staff=staff,
        values={"on": on.isoformat(), **values},
        problems=problems or {},
        may_assign=allowed(person.role, "assign_task"),
        may_visit=allowed(person.role, "record_inspection"),
    )


def _recusals(
    request: Visit, values: Values, problems: Values | None = None, status: int = 200
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        lines = queries.recusals(session, on)
        staff = queries.officers(session, on)
    return page(
        request,
        "recusals.html",
        status=status,
        person=person,
        here="campaigns",
        lines=lines,
        staff=staff,
        values={"since": on.isoformat(), "officer": person.account, **values},
        problems=problems or {},
        may_record=allowed(person.role, "record_recusal"),
    )


def _known(office: Office, institution: str) -> None:
    """Refuses the field, and not the whole page, when there is no such institution."""
    with reading(office.engine) as session:
        try:
            must_exist(session, institution)
        except NotFound as missing:
            remedy = "请核对编号，可以从机构页复制"
            raise refuse("institution", "“机构编号”", missing.id, remedy) from None


def _filled(data: Values) -> Values:
    return {key: one for key, one in data.items() if one.strip()}
