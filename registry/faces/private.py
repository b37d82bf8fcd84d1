"""What is not public: asked for with a purpose, kept in the record, shown once."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from registry import queries
from registry.acts import log_reading
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound
from registry.faces.desk import Visit, by_field, office_of, page, person_of
from registry.faces.session import Typed

AT_MOST = 200


@get(
    "/desk/i/{id:str}/private",
    opt={"needs": "read_register", "reach": {"id": "institution"}},
    sync_to_thread=False,
)
def private(request: Visit, id: str) -> Response[Any]:
    """What is not public about an institution, masked, with the question what for."""
    return _page(request, id, {}, {}, 200)


@post(
    "/desk/i/{id:str}/private",
    opt={"needs": "read_register", "reach": {"id": "institution"}},
    sync_to_thread=True,
)
def reveal(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Shows one thing this once, after the purpose is kept."""
    person, office = person_of(request), office_of(request)
    try:
        with writing(office.engine) as session:
            lines = queries.private_of(session, id)
            line = next((one for one in lines if one.key == data.get("key")), None)
            if line is None:
                raise NotFound("非公开信息", data.get("key", ""))
            purpose = data.get("purpose", "")
            log_reading(session, id, line.what, purpose, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _page(request, id, data, by_field(refused.problems), 422)
    return page(
        request,
        "revealed.html",
        person=person,
        here="institutions",
        id=id,
        line=line,
        purpose=purpose.strip(),
    )


@get("/desk/readings", opt={"needs": "browse_readings"}, sync_to_thread=False)
def readings(request: Visit) -> Response[Any]:
    """Who looked at what is not public, when and what for."""
    person, office, asked = person_of(request), office_of(request), request.query_params
    if person.places:
        raise NotAllowed("查看记录是全市的，只有市级审计员可以查看。")
    wanted = {
        "account": asked.get("account", "").strip().lower(),
        "institution": asked.get("institution", "").strip().upper(),
    }
    with reading(office.engine) as session:
        lines = queries.readings(session, wanted["institution"], wanted["account"], AT_MOST)
    return page(
        request,
        "readings.html",
        person=person,
        here="readings",
        lines=lines,
        wanted=wanted,
        limit=AT_MOST,
    )


PRIVATE_ROUTES: list[HTTPRouteHandler] = [private, reveal, readings]


def _page(
    request: Visit, id: str, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        file = queries.credit_file(session, id, office.now().date())
        lines = queries.private_of(session, id)
    return page(
        request,
        "private.html",
        status=status,
        person=person,
        here="institutions",
        file=file,
        lines=lines,
        values=values,
        problems=problems,
    )
