"""Changes of own data that wait for the office: what is there beside what shall be."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import queries
from registry.access import allowed
from registry.acts import take_step
from registry.database import reading, writing
from registry.errors import FormRefused, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import StepSheet


@get("/desk/changes", opt={"needs": ("change.apply", "change.reject")}, sync_to_thread=False)
def changes(request: Visit) -> Response[Any]:
    """Every change that waits in the places this person is for."""
    return _page(request)


@post(
    "/desk/changes/{id:str}/{act:str}",
    opt={"needs": ("change.apply", "change.reject"), "reach": {"id": "matter", "act": "nothing"}},
    sync_to_thread=True,
)
def decide(request: Visit, id: str, act: str, data: Typed) -> Response[Any]:
    """Approves and writes, or rejects with the reason, in one transaction."""
    person, office = person_of(request), office_of(request)
    now = office.now()
    try:
        said = {"on": now.date(), "reason": data.get("reason", "")}
        form = read_form(StepSheet, {**said, "policy_checked": "policy_checked" in data})
        with writing(office.engine) as session:
            take_step(session, id, act, form, by=person.actor, now=now, calendar=office.calendar)
    except FormRefused as refused:
        return _page(request, id, data, by_field(refused.problems))
    return Redirect(f"{up_from(request)}desk/changes/", status_code=303)


CHANGE_ROUTES: list[HTTPRouteHandler] = [changes, decide]


def _page(
    request: Visit,
    tried: str = "",
    values: dict[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        found = queries.changes(session, jurisdictions=person.places)
    return page(
        request,
        "changes.html",
        status=422 if problems else 200,
        here="changes",
        person=person,
        found=found,
        may_decide=allowed(person.role, "change.apply"),
        tried=tried,
        values=values or {},
        problems=problems or {},
    )
