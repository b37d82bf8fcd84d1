"""Taking up an invitation: with a new account, or with the one somebody has."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import queries
from registry.accounts import enter, invitation_of, join_new, join_signed_in, sign_out
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, read_form
from registry.faces.desk import (
    Kept,
    Visit,
    by_field,
    may_be,
    office_of,
    page,
    token_of,
    up_from,
    visitor_of,
)
from registry.faces.door import ANYONE, OPEN
from registry.faces.session import Typed, give_token, onward
from registry.forms import JoinForm

LINK = {"reach": {"token": "nothing"}}


@get("/join/{token:str}", opt={"needs": OPEN, **LINK}, sync_to_thread=False)
def invitation(request: Visit, token: str) -> Response[Any]:
    """What the link invites to."""
    return _page(request, token, {}, {}, 200)


@post("/join/{token:str}", opt={"needs": OPEN, **LINK}, sync_to_thread=True)
def join(request: Visit, token: str, data: Typed) -> Response[Any]:
    """Opens an account of one's own and signs in with it."""
    office = office_of(request)
    fields = {key: one for key, one in data.items() if key in JoinForm.model_fields}
    try:
        form = read_form(JoinForm, fields)
        with writing(office.engine) as session:
            account = join_new(session, token, form, now=office.now())
            sign_out(session, token_of(request), office.now())
            done = enter(
                session,
                account,
                office.now(),
                visitor_of(request),
                how="ok",
                strong=False,
                lenient=office.fictional,
            )
    except FormRefused as refused:
        return _page(request, token, data, by_field(refused.problems), 422)
    if done.person is None:
        raise NotAllowed(done.refused)
    return give_token(request, onward(request, done.person, "/my/", Kept()), done.token)


@post("/join/{token:str}/mine", opt={"needs": ANYONE, **LINK}, sync_to_thread=True)
def join_mine(request: Visit, token: str) -> Response[Any]:
    """Adds the institution to the account that is signed in."""
    office, person = office_of(request), request.state.person
    with writing(office.engine) as session:
        join_signed_in(session, token, person.account, now=office.now())
    return Redirect(f"{up_from(request)}me/", status_code=303)


JOIN_ROUTES: list[HTTPRouteHandler] = [invitation, join, join_mine]


def _page(
    request: Visit, token: str, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        invited = invitation_of(session, token, office.now())
        file = queries.credit_file(session, invited.institution, office.now().date())
    return page(
        request,
        "join.html",
        status=status,
        invited=invited,
        name=file.name,
        token=token,
        who=may_be(request),
        values={"name": invited.name, **values},
        problems=problems,
    )
