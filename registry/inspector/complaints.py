"""What only complaints have at the desk: who complained, and which institution it turns out to be about."""

from typing import Any

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry.acts import identify, read_contact
from registry.acts.matters import matter_of
from registry.database import reading, writing
from registry.errors import FormRefused, read_form
from registry.faces.desk import Visit, by_field, office_of, person_of, up_from
from registry.faces.session import Typed
from registry.forms import IdentificationForm
from registry.identity import read_institution_id
from registry.inspector.app import Tried, matter_page


@post("/desk/matters/{id:str}/contact", opt={"reach": {"id": "matter"}}, sync_to_thread=True)
def contact(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Shows how to reach whoever complained, once, for a purpose that is kept."""
    person, office = person_of(request), office_of(request)
    purpose = data.get("purpose", "")
    try:
        with writing(office.engine) as session:
            seen = read_contact(session, id, purpose, by=person.actor, now=office.now())
    except FormRefused as refused:
        return matter_page(request, person, id, Tried("contact", data, by_field(refused.problems)))
    return matter_page(request, person, id, contact=seen or "没有留下联系方式")


@post(
    "/desk/matters/{id:str}/identify",
    opt={"needs": "identify", "reach": {"id": "matter", "institution": "institution"}},
    sync_to_thread=True,
)
def find_out(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Writes down which institution a complaint is about."""
    person, office = person_of(request), office_of(request)
    said = {key: one for key, one in data.items() if one.strip()}
    if "institution" in said:
        typed = said["institution"]
        said["institution"] = read_institution_id(office.prefix, typed) or typed
    with reading(office.engine) as session:
        matter_of(session, id, "complaint")
    try:
        form = read_form(IdentificationForm, said)
        with writing(office.engine) as session:
            identify(session, id, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return matter_page(request, person, id, Tried("identify", data, by_field(refused.problems)))
    return Redirect(f"{up_from(request)}desk/matters/{id}/", status_code=303)


COMPLAINT_ROUTES: list[HTTPRouteHandler] = [contact, find_out]
