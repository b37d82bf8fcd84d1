"""What a signed-in person has been told, with read marks; what could not be sent is seen by those who mend it."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import queries
from registry.access import allowed
from registry.accounts import Person
from registry.database import reading, writing
from registry.faces.desk import Visit, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.outbox import mark_read


@get("/desk/notices", sync_to_thread=False)
def desk_notices(request: Visit) -> Response[Any]:
    """The notices to an officer, the unread first."""
    return _page(request, person_of(request), "desk")


@get("/my/notices", sync_to_thread=False)
def my_notices(request: Visit) -> Response[Any]:
    """The notices to an institution, the unread first."""
    return _page(request, person_of(request), "my")


@post("/desk/notices", sync_to_thread=True)
def read_desk_notice(request: Visit, data: Typed) -> Response[Any]:
    """Marks an officer's notice as read."""
    return _read(request, person_of(request), data, "desk")


@post("/my/notices", sync_to_thread=True)
def read_my_notice(request: Visit, data: Typed) -> Response[Any]:
    """Marks an institution's notice as read."""
    return _read(request, person_of(request), data, "my")


NOTICE_ROUTES: list[HTTPRouteHandler] = [
    desk_notices,
    my_notices,
    read_desk_notice,
    read_my_notice,
]


def _page(request: Visit, person: Person, face: str) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        found = queries.notices(session, person.account, person.institution)
        mends = allowed(person.role, "browse_ledger")
        dead = queries.dead_letters(session) if mends else []
        waiting = queries.unread(session, person.account, person.institution)
    return page(
        request,
        "notices.html",
        person=person,
        here="notices",
        face=face,
        found=found,
        waiting=waiting,
        dead=dead,
    )


def _read(request: Visit, person: Person, data: dict[str, str], face: str) -> Response[Any]:
    office = office_of(request)
    with writing(office.engine) as session:
        keys = [data.get("key", "")]
        if "all" in data:
            lines = queries.notices(session, person.account, person.institution)
            keys = [one.key for one in lines if one.read_at is None]
        for key in keys:
            account = "" if person.institution else person.account
            mark_read(
                session,
                key,
                account=account,
                institution=person.institution,
                now=office.now(),
            )
    return Redirect(f"{up_from(request)}{face}/notices/", status_code=303)
