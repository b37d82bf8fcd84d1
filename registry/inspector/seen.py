"""A recorded visit, and the files that prove it: only for those who may see what they belong to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import acts, queries
from registry.access import allowed
from registry.acts.attachments import files_said, said_at
from registry.acts.authority import authorise
from registry.checklists import Item
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, read_form
from registry.faces.desk import (
    Office,
    Visit,
    by_field,
    moment,
    office_of,
    page,
    person_of,
    up_from,
)
from registry.faces.session import Typed
from registry.forms import VoidForm
from registry.uploads import SUFFIXES, clean_of, place_of


@get("/desk/visits/{id:str}", opt={"reach": {"id": "inspection"}}, sync_to_thread=False)
def visit(request: Visit, id: str) -> Response[Any]:
    """A visit as it was recorded: answers, findings, files with hash and time."""
    return _page(request, id)


@post(
    "/desk/visits/{id:str}/void",
    opt={"needs": "record_inspection", "reach": {"id": "inspection"}},
    sync_to_thread=True,
)
def void(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Asks that a visit that never was be void; another person's approval carries it out."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(VoidForm, {"reason": data.get("reason", "")})
        with writing(office.engine) as session:
            matter = acts.ask_void(
                session, id, form, by=person.actor, now=office.now(), calendar=office.calendar
            )
    except FormRefused as refused:
        return _page(request, id, data, by_field(refused.problems))
    return Redirect(f"{up_from(request)}desk/matters/{matter}/", status_code=303)


def _page(
    request: Visit,
    id: str,
    values: Mapping[str, str] | None = None,
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        seen = queries.visit(session, id)
        authorise(  # a visit holds what is not public yet
            session,
            person.actor,
            "read_register",
            "查看检查记录",
            institution=seen.institution,
            now=office.now(),
        )
        file = queries.credit_file(session, seen.institution, office.now().date())
        said = files_said(said_at(session, id))
        officers = (seen.first_officer, seen.second_officer)
        twins = queries.same_day(session, seen.institution, seen.on, officers, but=id)
    arrived = {one.sha256 for one in seen.files}
    return page(
        request,
        "seen.html",
        person=person,
        here="institutions",
        seen=seen,
        at=lambda instant: moment(office, instant),
        file=file,
        twins=twins,
        missing=[one for one in said if one.sha256 not in arrived],
        items=items_of(office, seen.checklist),
        rules=office.policy(seen.on).by_code,
        may_punish=allowed(person.role, "spot.fine"),
        may_void=not seen.voided_by and allowed(person.role, "record_inspection"),
        values=values or {},
        problems=problems or {},
        status=422 if problems else 200,
    )


@get("/desk/files/{id:int}", opt={"reach": {"id": "attachment"}}, sync_to_thread=True)
def download(request: Visit, id: int) -> Response[bytes]:
    """The original, as a download and never as a page."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        row = acts.attachment_for(session, id, by=person.actor, now=office.now())
        digest, media, name = row.sha256, row.media, row.name
    place = place_of(office.uploads, digest)
    if not place.exists():
        raise NotFound("附件的内容", digest)
    plain = f"{digest[:16]}{SUFFIXES[media]}"
    return Response(place.read_bytes(), media_type=media, headers=_as_download(plain, name))


@get("/desk/files/{id:int}/view", opt={"reach": {"id": "attachment"}}, sync_to_thread=True)
def look(request: Visit, id: int) -> Response[bytes]:
    """The cleaned copy of a picture, for the page of those who may see it."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        row = acts.attachment_for(session, id, by=person.actor, now=office.now())
        place = clean_of(office.uploads, row.sha256)
    if not place.exists():
        raise NotFound("附件的缩略图", str(id))
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return Response(place.read_bytes(), media_type="image/jpeg", headers=headers)


SEEN_ROUTES: list[HTTPRouteHandler] = [visit, void, download, look]


def items_of(office: Office, checklist: str) -> dict[str, Item]:
    """The items of a version of the checklist by code."""
    found = next((one for one in office.checklists if one.id == checklist), None)
    return {one.code: one for one in found.items()} if found else {}


def _as_download(plain: str, name: str) -> dict[str, str]:
    """Headers that keep a browser from showing what it is given, whatever the file is called."""
    fancy = quote(name.encode("utf-8", "replace"), safe="") or plain
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{fancy}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
