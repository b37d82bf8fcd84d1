"""The portal's people: who acts for the institution, invited by one of them and ended by one of them."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry.accounts import (
    colleagues,
    invitations,
    invite,
    remove_colleague,
    revoke_invitation,
)
from registry.database import reading, writing
from registry.errors import FormRefused
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed

KEEP = {"needs": "keep_people"}


@get("/my/people", opt=KEEP, sync_to_thread=False)
def people(request: Visit) -> Response[Any]:
    """Who acts for the institution, and whom it has invited."""
    return _page(request, {}, {}, 200)


@post("/my/people", opt=KEEP, sync_to_thread=True)
def invite_person(request: Visit, data: Typed) -> Response[Any]:
    """Makes a link by which a person joins; it is shown this once."""
    person, office = person_of(request), office_of(request)
    name = data.get("name", "")
    try:
        with writing(office.engine) as session:
            token = invite(session, person.institution, name, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _page(request, data, by_field(refused.problems), 422)
    link = f"{request.base_url}join/{token}/"
    return page(request, "invited.html", person=person, here="people", link=link, name=name.strip())


@post(
    "/my/people/invitations/{key:str}/revoke",
    opt={**KEEP, "reach": {"key": "nothing"}},
    sync_to_thread=True,
)
def revoke(request: Visit, key: str) -> Response[Any]:
    """Makes a link worthless; the act looks among the own institution's links only."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        revoke_invitation(session, person.institution, key, by=person.actor, now=office.now())
    return Redirect(f"{up_from(request)}my/people/", status_code=303)


@post(
    "/my/people/{account:str}/remove",
    opt={**KEEP, "reach": {"account": "nothing"}},
    sync_to_thread=True,
)
def remove(request: Visit, account: str, data: Typed) -> Response[Any]:
    """Ends a person's part; the act looks among the own institution's people only."""
    person, office = person_of(request), office_of(request)
    try:
        with writing(office.engine) as session:
            remove_colleague(
                session,
                person.institution,
                account,
                by=person.actor,
                now=office.now(),
                confirmed=data.get("confirmed") == "yes",
            )
    except FormRefused as refused:
        return _page(request, data | {"account": account}, by_field(refused.problems), 422)
    there = "my/people/" if account != person.account else "me/"
    return Redirect(f"{up_from(request)}{there}", status_code=303)


PERSON_ROUTES: list[HTTPRouteHandler] = [people, invite_person, revoke, remove]


def _page(
    request: Visit, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        there = colleagues(session, person.institution, office.now())
        invited = invitations(session, person.institution, office.now())
    return page(
        request,
        "people.html",
        status=status,
        person=person,
        here="people",
        there=there,
        invited=invited,
        values=values,
        problems=problems,
    )
