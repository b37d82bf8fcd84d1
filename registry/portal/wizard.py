"""The way to credit repair in three steps: which record, what was done about it, the promise; then sent."""

from typing import Any
from uuid import uuid4

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from registry import acts, queries
from registry.accounts import Person
from registry.acts import Filed
from registry.acts.applications import SOURCE, Repairable, promise, repairable
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotFound, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.filled import SENT, Sent
from registry.faces.letters import letter, pdf
from registry.forms import RepairForm
from registry.numbers import row_number
from registry.portal.filing import kept, receive
from registry.portal.matters import Line, line_of
from registry.queries.receipts import receipts
from registry.uploads import WHOLE

STEPS = ("选择记录", "履行证明", "信用承诺", "核对并提交")
# Which fields each step asks for: a mistake leads back to its own.
_ASKED = {"about": 0, "proof": 1, "files": 1, "signer": 2, "promised": 2}


class Standing(Struct, frozen=True, kw_only=True):
    """What the wizard knows of the institution: what may be repaired, and what is under way."""

    name: str
    choices: tuple[Repairable, ...]
    under_way: tuple[Line, ...]


@get("/my/repair", sync_to_thread=False)
def begin(request: Visit) -> Response[Any]:
    """The first step, and how earlier applications stand."""
    person = person_of(request)
    values = {"draft": uuid4().hex, "about": request.query_params.get("about", "")}
    return _step(request, person, 0, values, ())


@post("/my/repair", dependencies=SENT, request_max_body_size=WHOLE, sync_to_thread=True)
def go_on(request: Visit, sent: NamedDependency[Sent]) -> Response[Any]:
    """One step on or back; everything typed goes along, and files stay once they have arrived."""
    person, office = person_of(request), office_of(request)
    values = sent.values
    problems: dict[str, str] = {}
    try:
        receive(office, person, values, sent.files)
    except FormRefused as refused:
        problems |= by_field(refused.problems)
    with reading(office.engine) as session:
        files = kept(session, person, values)
    at = min(row_number(values.get("step", "")), len(STEPS) - 1)
    act = values.get("act", "on")
    if act == "add" or problems:
        return _step(request, person, at, values, files, problems)
    if act == "back":
        return _step(request, person, max(at - 1, 0), values, files)
    problems = _wrong(values, at)
    if problems or act != "send":
        first = min((_ASKED[field] for field in problems), default=min(at + 1, 3))
        return _step(request, person, first, values, files, problems)
    try:
        seq = _send(request, person, values, files)
    except FormRefused as refused:
        return _step(request, person, 2, values, files, by_field(refused.problems))
    except Conflict as refused:  # sent twice, or what was open is open no more
        return _step(request, person, 0, values, files, {"about": str(refused)})
    return Redirect(f"{up_from(request)}my/receipts/{seq}/", status_code=303)


@get("/my/repair/undertaking.pdf", sync_to_thread=True)
def blank_undertaking(request: Visit) -> Response[bytes]:
    """The undertaking about a record, to be printed and signed by hand."""
    person, office = person_of(request), office_of(request)
    about = request.query_params.get("about", "")
    standing = _standing(request, person)
    found = next((one for one in standing.choices if one.matter.id == about), None)
    if found is None:
        raise NotFound("可以申请修复的记录", about)
    lines = promise(standing.name, found.title).split("\n")
    made = letter(
        office,
        "letter_undertaking.html",
        number=f"所涉记录 {about}",
        name=standing.name,
        lines=lines,
        signer="",
        on=None,
    )
    return pdf(made, f"undertaking-{about}")


REPAIR_ROUTES: list[HTTPRouteHandler] = [begin, go_on, blank_undertaking]


def _send(request: Visit, person: Person, values: dict[str, str], files: tuple[Filed, ...]) -> int:
    """Does the act; gives the number of its receipt."""
    office = office_of(request)
    now = office.now()
    sheet = read_form(RepairForm, {**_typed(values), "on": now.date()})
    with writing(office.engine) as session:
        name = queries.credit_file(session, person.institution, now.date()).name
        made = acts.apply_with_papers(
            session,
            sheet,
            (person.institution, name),
            files,
            policy=office.policy(now.date()),
            by=person.actor,
            now=now,
            calendar=office.calendar,
        )
        return receipts(session, person.institution, made)[0].seq


def _typed(values: dict[str, str]) -> dict[str, object]:
    said: dict[str, object] = {key: values.get(key, "") for key in ("about", "proof", "signer")}
    return said | {"promised": bool(values.get("promised"))}


def _wrong(values: dict[str, str], at: int) -> dict[str, str]:
    """What is wrong in the steps gone through so far."""
    try:
        sheet = read_form(RepairForm, {**_typed(values), "on": "2000-01-01"})
        found = {} if sheet.promised else {"promised": "请读过承诺书后勾选这一项。"}
    except FormRefused as refused:
        found = by_field(refused.problems)
    return {field: said for field, said in found.items() if _ASKED[field] <= at}


def _standing(request: Visit, person: Person) -> Standing:
    office = office_of(request)
    today = office.now().date()
    policy = office.policy(today)
    with reading(office.engine) as session:
        matters = queries.shown_matters(session, person.institution)
        found = [repairable(session, one, policy, today) for one in matters]
        name = queries.credit_file(session, person.institution, today).name
    return Standing(
        name=name,
        choices=tuple(one for one in found if one is not None),
        under_way=tuple(line_of(one, office) for one in matters if one.kind == "repair"),
    )


def _step(
    request: Visit,
    person: Person,
    at: int,
    values: dict[str, str],
    files: tuple[Filed, ...],
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    standing = _standing(request, person)
    chosen = next((one for one in standing.choices if one.matter.id == values.get("about")), None)
    wrong = dict(problems or {})
    if at and (chosen is None or chosen.missing):
        wrong = {"about": "".join(chosen.missing) if chosen else "请选一条可以申请修复的记录。"}
        at = 0
    return page(
        request,
        "my_repair.html",
        status=422 if wrong else 200,
        here="repair",
        person=person,
        standing=standing,
        source=SOURCE,
        names=STEPS,
        at=at,
        chosen=chosen,
        promise=promise(standing.name, chosen.title).split("\n") if chosen else [],
        values={
            "about": "",
            "proof": "",
            "signer": "",
            "draft": "",
            "out": "",
            "promised": "",
            **values,
        },
        files=files,
        problems=wrong,
    )
