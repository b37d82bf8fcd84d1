"""Recording a visit: one form with its checklist, one record, however often it is sent."""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import Person
from registry.checklists import checklist_for
from registry.database import reading, writing
from registry.errors import FormRefused, refuse
from registry.faces.desk import Visit, by_field, environment, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import VisitSheet
from registry.inspector.history import Preview, history_of, preview_of
from registry.inspector.posted import Held, Posted, hold, posted
from registry.inspector.sheet import (
    KINDS,
    OF_OTHERS,
    OTHERS,
    as_typed,
    reference_of,
    sheet_of,
)
from registry.uploads import WHOLE

SCRIPTS = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a form that is shown holds besides the institution."""

    values: dict[str, str]
    problems: dict[str, str] = {}
    status: int = 200
    preview: Preview | None = None
    held: Held = Held()


RECORDS = {"needs": "record_inspection", "reach": {"institution": "institution"}}


@get("/desk/visits/new", opt=RECORDS, sync_to_thread=False)
def new_visit(request: Visit) -> Response[Any]:
    """The form for one institution, its history first, today's date and the own name filled in."""
    person, office = person_of(request), office_of(request)
    asked = request.query_params
    values = {
        "institution": asked.get("institution", ""),
        "campaign": asked.get("campaign", ""),
        "kind": asked.get("kind", ""),
        "second_officer": asked.get("second", ""),
        "key": f"desk:{uuid4()}",
        "seen_on": office.now().date().isoformat(),
        "first_officer": person.name,
    }
    return _form(request, person, Shown(values=values))


@post("/desk/visits", opt=RECORDS, request_max_body_size=WHOLE)
async def save_visit(request: Visit) -> Response[Any]:
    """Records the visit, its faults and its files in one transaction, or shows the form again."""
    sent = await posted(request)
    return await to_thread.run_sync(_save, request, sent)


@post("/desk/visits/preview", opt=RECORDS, status_code=200, sync_to_thread=True)
def preview(request: Visit, data: Typed) -> Response[Any]:
    """What the visit would do to the rating, as a part of the page; nothing is recorded."""
    person, office = person_of(request), office_of(request)
    problem, found = "", None
    try:
        with reading(office.engine) as session:
            file = queries.credit_file(session, data.get("institution", ""), office.now().date())
        found = preview_of(file, sheet_of(data, (), office), office)
    except FormRefused as refused:
        problem = refused.problems[0].sentence
    text = environment().get_template("preview.html").render(preview=found, problem=problem)
    headers = {"Cache-Control": "no-store", "X-Account": person.account}
    return Response(text, media_type=MediaType.HTML, headers=headers)


ENTRY_ROUTES: list[HTTPRouteHandler] = [new_visit, save_visit, preview]


def _save(request: Visit, sent: Posted) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    by, now, values = person.actor, office.now(), sent.values
    with reading(office.engine) as session:
        file = queries.credit_file(session, values.get("institution", ""), now.date())
        held = hold(session, office, sent, by)
    try:
        sheet = sheet_of(values, held.said, office)
        if held.problems:
            raise FormRefused(held.problems)
        if values.get("act") == "preview":
            found = preview_of(file, sheet, office)
            return _form(request, person, Shown(values=values, preview=found, held=held))
        with writing(office.engine) as session, as_typed(values, office):
            _refuse_unseen_twin(session, sheet, values)
            done = acts.record_visit(session, sheet, by=by, now=now, calendar=office.calendar)
            for one in held.kept:
                acts.attach_to_visit(session, done.id, one, by=by, now=now)
    except FormRefused as refused:
        problems = {**by_field(held.problems), **by_field(refused.problems)}
        again = Shown(values=values, problems=problems, status=422, held=held)
        return _form(request, person, again)
    return Redirect(f"{up_from(request)}desk/visits/{done.id}/", status_code=303)


def _refuse_unseen_twin(session: Session, sheet: VisitSheet, values: Mapping[str, str]) -> None:
    """Raises FormRefused for a visit that may be recorded already, until somebody says it is another."""
    if values.get("another") or queries.visit_of_key(session, sheet.key):
        return
    officers = (sheet.first_officer, sheet.second_officer)
    if others := queries.same_day(session, sheet.institution, sheet.on, officers):
        remedy = (
            f"这家机构这一天已有检查 {'、'.join(others)}，检查人员相同，请先打开核对；"
            "确是另一次检查的，勾选以后再提交"
        )
        raise refuse("another", "“确是另一次检查”", "", remedy)


def _form(request: Visit, person: Person, shown: Shown) -> Response[Any]:
    office = office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        history = history_of(session, office, shown.values.get("institution", ""))
    kind = history.file.facts.kind
    known = shown.values.get("checklist", "")
    current = checklist_for(office.checklists, kind, on)
    checklist = next((one for one in office.checklists if one.id == known), current)
    policy = office.policy(on)
    empty = {"key": f"desk:{uuid4()}", "kind": "", "signed": "", "campaign": "", "policy": ""}
    others = [f"x{one}" for one in range(1, OTHERS + 1) if _filled(shown.values, f"x{one}")]
    answer = page(
        request,
        "visit.html",
        status=shown.status,
        person=person,
        here="institutions",
        history=history,
        values={**empty, "checklist": checklist.id if checklist else "", **shown.values},
        problems=shown.problems,
        kinds=KINDS,
        checklist=checklist,
        domains=checklist.of(kind) if checklist else (),
        rules=policy.by_code,
        reference=lambda item: reference_of(policy, item),
        indicators=[one for one in policy.by_code.values() if not one.bonus],
        others=[*others, f"x{len(others) + 1}"][:OTHERS],
        preview=shown.preview,
        held=shown.held,
        policy=policy,
    )
    answer.headers["Content-Security-Policy"] = SCRIPTS
    return answer


def _filled(values: dict[str, str], suffix: str) -> bool:
    return any(values.get(f"{part}-{suffix}", "").strip() for part in OF_OTHERS)
