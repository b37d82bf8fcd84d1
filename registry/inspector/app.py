"""The desk's addresses: the day's list, an institution's record, and every step a matter may take."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import queries
from registry.access import allowed
from registry.accounts import Person
from registry.acts import take_step
from registry.database import reading, writing
from registry.errors import FormRefused, read_form
from registry.faces.desk import (
    Visit,
    by_field,
    office_of,
    page,
    person_of,
    up_from,
)
from registry.faces.session import Typed
from registry.forms import StepForm
from registry.inspector.board import grouped
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


def officer_of(request: Visit, kept: object = None) -> Person:
    """The office's person who came through the door."""
    return person_of(request)


@get("/desk", sync_to_thread=False)
def today(request: Visit) -> Response[Any]:
    """What is due, the overdue first."""
    person, office = officer_of(request), office_of(request)
    with reading(office.engine) as session:
        lines = queries.matters(
            session, jurisdictions=person.places, open_only=True, limit=10 * AT_MOST
        )
    groups, tally = grouped(lines, person.role, office.now().date(), office.calendar)
    return page(request, "desk.html", person=person, here="today", groups=groups, tally=tally)


@get("/desk/institutions", sync_to_thread=False)
def institutions(request: Visit) -> Response[Any]:
    """Institutions by anything they are called."""
    person, office = officer_of(request), office_of(request)
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
    )


@get("/desk/i/{id:str}", opt={"reach": {"id": "institution"}}, sync_to_thread=False)
def institution(request: Visit, id: str) -> Response[Any]:
    """An institution's record and what it comes to today."""
    person, office = officer_of(request), office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        file = queries.credit_file(session, id, on)
        matters = queries.matters(session, institution=id)
        visits = queries.inspections(session, id)
        policy = office.policy(on)
        duties = queries.duty_sheet(session, id, on, policy)
        lineage = queries.lineage_of(session, id)
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
    )


@get("/desk/matters/{id:str}", opt={"reach": {"id": "matter"}}, sync_to_thread=False)
def matter(request: Visit, id: str) -> Response[Any]:
    """A matter, its steps, and those this person may take next."""
    return _matter(request, officer_of(request), id)


@post(
    "/desk/matters/{id:str}/{act:str}",
    opt={"needs": "take_step", "reach": {"id": "matter", "act": "nothing"}},
    sync_to_thread=True,
)
def step(request: Visit, id: str, act: str, data: Typed) -> Response[Any]:
    """Takes a step; a form with mistakes comes back whole."""
    person, office = officer_of(request, data), office_of(request)
    try:
        form = read_form(StepForm, {key: one for key, one in data.items() if one.strip()})
        with writing(office.engine) as session:
            take_step(
                session,
                id,
                act,
                form,
                by=person.actor,
                now=office.now(),
                calendar=office.calendar,
            )
    except FormRefused as refused:
        return _matter(request, person, id, act, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/matters/{id}/", status_code=303)


def _matter(  # noqa: PLR0913 what a form that comes back holds
    request: Visit,
    person: Person,
    id: str,
    tried: str = "",
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        sheet = queries.matter(session, id, person.role)
    policy = office.policy(office.now().date())
    return page(
        request,
        "matter.html",
        status=status,
        person=person,
        here="today",
        sheet=sheet,
        indicator=policy.by_code.get(sheet.line.code),
        tried=tried,
        values=values or {},
        problems=problems or {},
    )


RECORD_ROUTES: list[HTTPRouteHandler] = [today, institutions, institution, matter, step]
