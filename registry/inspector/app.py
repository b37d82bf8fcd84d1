"""The desk's addresses: the day's list, an institution's record, and every step a matter may take."""

import re
from decimal import Decimal
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from registry import queries
from registry.access import allowed
from registry.accounts import Person, accounts
from registry.acts import hand_over, take_step
from registry.acts.owners import OFFICE, people_for
from registry.acts.steps import ELSEWHERE
from registry.database import reading, writing
from registry.errors import FormRefused, read_form, refuse
from registry.faces.desk import (
    Visit,
    by_field,
    office_of,
    page,
    person_of,
    up_from,
)
from registry.faces.session import Typed
from registry.forms import HandoverForm, StepSheet
from registry.inspector.board import (
    GROUPS,
    SHOWN,
    WHO,
    Due,
    View,
    by_office,
    by_owner,
    dues,
    grouped,
    tally,
    view_of,
)
from registry.inspector.offers import offers
from registry.procedure import KINDS
from registry.queries.matters import about_of
from registry.queries.spot import may_be_punished, spot_paper
from scoring import assess
from scoring.telling import line_of, vetoed, why_grade

AT_MOST = 50
DUTY_KINDS = (
    ("covers", "登记保险", "record_cover"),
    ("custody", "登记专户", "record_custody"),
    ("custody-reports", "登记余额报告", "record_custody_report"),
    ("annual-inspections", "登记年检", "record_annual_inspection"),
    ("licences", "登记许可证", "change_institution"),
)
AT_MOST_OPEN = 20_000
# Which act opens a matter of a kind at the desk.
OPENING = {
    "penalty": "file",
    "listing": "propose",
    "judgment": "record",
    "alert": "propose",
    "complaint": "receive",
    "objection": "object",
    "repair": "apply",
}


def openable(role: str) -> list[tuple[str, str]]:
    """The kinds of matter a role may open for an institution, beside findings."""
    return [(kind, KINDS[kind]) for kind, act in OPENING.items() if allowed(role, f"{kind}.{act}")]


@get("/desk", sync_to_thread=False)
def today(request: Visit) -> Response[Any]:
    """What is due, the overdue first."""
    person = person_of(request)
    board = _board(request, person)
    return page(
        request,
        "desk.html",
        person=person,
        here="today",
        groups=grouped(board.rows),
        tally=tally(board.rows),
        board=board,
    )


@get("/desk/clocks", sync_to_thread=False)
def clocks(request: Visit) -> Response[Any]:
    """The whole board: by office, by person, and every matter by its clock."""
    person = person_of(request)
    board = _board(request, person)
    chosen = [one for one in board.rows if board.view.group in ("", one.group)]
    return page(
        request,
        "clocks.html",
        person=person,
        here="clocks",
        groups=grouped(chosen, 10 * SHOWN),
        offices=by_office(board.rows, board.offices),
        owners=by_owner(board.rows, board.people),
        board=board,
        all_groups=GROUPS,
        kinds=KINDS,
    )


class Board(Struct, frozen=True, kw_only=True):
    """What a board page shows besides its groups."""

    view: View
    rows: list[Due]
    offices: dict[str, str]
    people: dict[str, str]
    missing: int | None
    whose: dict[str, str]


def _board(request: Visit, person: Person) -> Board:
    office = office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        places = queries.jurisdictions(session, on)
        view = view_of(person, dict(request.query_params))
        lines = queries.matters(
            session,
            jurisdictions=view.places,
            kinds=(view.kind,) if view.kind else (),
            owner=view.owner,
            open_only=True,
            limit=AT_MOST_OPEN,
        )
        people = {one.account: one.name for one in accounts(session, office.now())}
    return Board(
        view=view,
        rows=dues(lines, person.role, on, office.calendar),
        offices={one.id: one.name for one in places},
        people=people,
        missing=office.calendar.missing(on),
        whose=WHO,
    )


@get("/desk/institutions", sync_to_thread=False)
def institutions(request: Visit) -> Response[Any]:
    """Institutions by anything they are called."""
    person, office = person_of(request), office_of(request)
    query = request.query_params.get("q", "")
    with reading(office.engine) as session:
        found = queries.institutions(
            session, office.now().date(), query, person.places, limit=AT_MOST
        )
    return page(
        request,
        "institutions.html",
        person=person,
        here="institutions",
        query=query,
        found=found,
        limit=AT_MOST,
        may_register=allowed(person.role, "register_institution"),
        may_complain=allowed(person.role, "complaint.receive"),
    )


@get("/desk/i/{id:str}", opt={"reach": {"id": "institution"}}, sync_to_thread=False)
def institution(request: Visit, id: str) -> Response[Any]:
    """An institution's record and what it comes to today."""
    person, office = person_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        file = queries.credit_file(session, id, on)
        matters = queries.matters(session, institution=id)
        visits = queries.inspections(session, id)
        policy = office.policy(on)
        duties = queries.duty_sheet(session, id, on, policy)
        lineage = queries.lineage_of(session, id)
        listings = [
            (one.open, queries.matter(session, one.id).content)
            for one in matters
            if one.kind == "listing"
        ]
    rating = assess(file.facts, policy, on)
    return page(
        request,
        "record.html",
        person=person,
        here="institutions",
        file=file,
        rating=rating,
        lines=[line_of(one, file.facts, policy, on) for one in rating.reasons],
        why=why_grade(rating, file.facts, policy),
        vetoed=vetoed(rating),
        matters=matters,
        visits=visits,
        may_record=allowed(person.role, "finding.record"),
        duties=duties,
        lineage=lineage,
        may_change=allowed(person.role, "change_institution"),
        may_cover=allowed(person.role, "record_cover"),
        duty_kinds=[(one, word) for one, word, act in DUTY_KINDS if allowed(person.role, act)],
        openable=openable(person.role),
        offers=offers(
            rating,
            file.facts,
            {told["list"] for is_open, told in listings if is_open},
            {told["decision"] for _, told in listings},
        ),
    )


@get("/desk/matters/{id:str}", opt={"reach": {"id": "matter"}}, sync_to_thread=False)
def matter(request: Visit, id: str) -> Response[Any]:
    """A matter, its steps, and those this person may take next."""
    return matter_page(request, person_of(request), id)


@post(
    "/desk/matters/{id:str}/{act:str}",
    opt={"needs": "take_step", "reach": {"id": "matter", "act": "nothing"}},
    sync_to_thread=True,
)
def step(request: Visit, id: str, act: str, data: Typed) -> Response[Any]:
    """Takes a step; a form with mistakes comes back whole."""
    person, office = person_of(request), office_of(request)
    now = office.now()
    try:
        form = read_form(StepSheet, typed_step(data))
        with writing(office.engine) as session:
            take_step(
                session,
                id,
                act,
                form,
                by=person.actor,
                now=now,
                calendar=office.calendar,
                policy=office.policy(now.date()),
            )
    except FormRefused as refused:
        return matter_page(request, person, id, Tried(act, data, by_field(refused.problems)))
    return Redirect(f"{up_from(request)}desk/matters/{id}/", status_code=303)


@post(
    "/desk/matters/{id:str}/hand-over",
    opt={"needs": "hand_over", "reach": {"id": "matter"}},
    sync_to_thread=True,
)
def give_away(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Gives a matter to another owner."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(HandoverForm, {key: one for key, one in data.items() if one.strip()})
        with writing(office.engine) as session:
            hand_over(session, id, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        tried = Tried("hand-over", data, by_field(refused.problems))
        return matter_page(request, person, id, tried)
    return Redirect(f"{up_from(request)}desk/matters/{id}/", status_code=303)


class Tried(NamedTuple):
    """A form of a matter's page that comes back with its mistakes."""

    act: str
    values: dict[str, str]
    problems: dict[str, str]


def typed_step(data: dict[str, str]) -> dict[str, str]:
    """The fields of a step as they were typed; money is typed in yuan and kept in fen."""
    said = {key: one for key, one in data.items() if one.strip()}
    for name in ("fine", "confiscated"):
        if yuan := said.pop(f"{name}_yuan", ""):
            said[f"{name}_fen"] = fen_of(yuan, f"{name}_yuan")
    return said


def fen_of(yuan: str, field: str) -> str:
    """Yuan with at most two decimals as fen; raises FormRefused."""
    text = yuan.strip().replace(",", "").replace("，", "")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,2})?", text):
        raise refuse(field, "“金额（元）”", yuan, "请写数字，最多两位小数，如 5000 或者 5000.50")
    return str(int(Decimal(text) * 100))


def matter_page(
    request: Visit,
    person: Person,
    id: str,
    tried: Tried | None = None,
    contact: str = "",
) -> Response[Any]:
    """A matter's page, with a form that was refused, or with what was asked to be seen."""
    office = office_of(request)
    now = office.now()
    with reading(office.engine) as session:
        sheet = queries.matter(session, id, person.role)
        change = queries.change(session, id) if sheet.line.kind == "change" else None
        people = people_for(session, sheet.line.institution, OFFICE, now, sheet.line.jurisdiction)
        names = {one.account: one.name for one in accounts(session, now)}
        about = about_of(session, sheet)
        spot = spot_paper(session, id)
        said = queries.replies_of(session, sheet.line.institution, id)
        punishable = allowed(person.role, "spot.fine") and may_be_punished(session, sheet)
    policy = office.policy(now.date())
    choices = _choices(sheet, person.role)
    asked = request.query_params.get("do", "")
    first = choices[0][0] if choices else ""
    return page(
        request,
        "matter.html",
        status=422 if tried else 200,
        person=person,
        here="today",
        sheet=sheet,
        change=change,
        rows=dues([sheet.line], person.role, now.date(), office.calendar),
        indicator=policy.by_code.get(sheet.line.code),
        indicators=[one for one in policy.by_code.values() if not one.bonus],
        tried=tried.act if tried else "",
        values=tried.values if tried else {},
        problems=tried.problems if tried else {},
        contact=contact,
        people=[(one, names.get(one, one)) for one in people],
        names=names,
        about=about,
        spot=spot,
        said=said,
        punishable=punishable,
        choices=choices,
        chosen=tried.act if tried else asked if asked in dict(choices) else first,
    )


def _choices(sheet: queries.MatterSheet, role: str) -> list[tuple[str, str]]:
    """What this person may do with the matter now; a step that only follows from another is none of it."""
    found = [(one.act, one.label) for one in sheet.next if (one.kind, one.act) not in ELSEWHERE]
    if sheet.line.kind == "complaint" and allowed(role, "complaint.answer"):
        found.append(("contact", "查看投诉人联系方式"))
    if sheet.line.kind == "complaint" and allowed(role, "identify"):
        word = "改记被投诉的机构" if sheet.line.institution else "查明是哪一家"
        found.append(("identify", word))
    if sheet.line.open and allowed(role, "hand_over"):
        found.append(("hand-over", "交给别人负责"))
    return found


RECORD_ROUTES: list[HTTPRouteHandler] = [
    today,
    clocks,
    institutions,
    institution,
    matter,
    step,
    give_away,
]
