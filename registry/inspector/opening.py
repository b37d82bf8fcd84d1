"""Opening a matter at the desk: penalty cases, listings, judgments, alerts and complaints, one form for all."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import Person
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import (
    AlertSheet,
    CaseSheet,
    ComplaintSheet,
    Form,
    JudgmentSheet,
    ListingSheet,
)
from registry.inspector.app import OPENING, openable
from registry.procedure import KINDS

Open = Callable[..., Any]


class Opened(Struct, frozen=True, kw_only=True):
    """One kind of matter as it is opened: its form, its act, and the fields a person fills in."""

    form: type[Form]
    open: Open
    fields: tuple[str, ...]
    long: tuple[str, ...] = ()


def _received(session: Session, form: Any, **hand: Any) -> str:
    return acts.receive_complaint(session, form, **hand).matter


OPENED: dict[str, Opened] = {
    "penalty": Opened(
        form=CaseSheet,
        open=acts.open_case,
        fields=("on", "case_no", "findings", "first_officer", "second_officer"),
    ),
    "listing": Opened(
        form=ListingSheet,
        open=acts.open_listing,
        fields=("on", "list", "ground", "decision", "months", "article", "statement", "reason"),
        long=("statement", "reason"),
    ),
    "judgment": Opened(
        form=JudgmentSheet,
        open=acts.record_judgment,
        fields=("on", "document_no", "organ", "code", "findings", "article", "statement"),
        long=("statement",),
    ),
    "alert": Opened(
        form=AlertSheet,
        open=acts.propose_alert,
        fields=("on", "finding", "text", "reason"),
        long=("text", "reason"),
    ),
    "complaint": Opened(
        form=ComplaintSheet,
        open=_received,
        fields=("on", "channel", "text", "contact"),
        long=("text",),
    ),
}
HINTS = {
    "findings": "问题的编号，几个之间用逗号隔开",
    "decision": "列入黑名单必须填写已生效的处罚案件编号",
    "statement": "会公开。不写学生、家长的姓名，不写电话、证件和账号。",
    "text": "不写学生、家长的姓名。",
    "contact": "不公开；查看要写明目的，并留下记录",
    "named": "没有招牌的可以不写",
    "address": "路名、门牌号，楼宇、楼层、房间",
    "article": "如：《校外培训行政处罚暂行办法》第十七条",
}


OPENS = {
    "needs": tuple(f"{kind}.{act}" for kind, act in OPENING.items()),
    "reach": {"kind": "nothing", "institution": "institution", "jurisdiction": "jurisdiction"},
}
# What is asked of somebody the register does not hold, in the place of an institution's number.
DOOR = ("jurisdiction", "named", "address")


@get("/desk/open/{kind:str}", opt=OPENS, sync_to_thread=False)
def new_matter(request: Visit, kind: str) -> Response[Any]:
    """The empty form of a kind of matter, today's date and the officer's own name filled in."""
    person = _opener(request, kind)
    values = {
        "institution": request.query_params.get("institution", ""),
        "on": office_of(request).now().date().isoformat(),
        "first_officer": person.name,
        "months": request.query_params.get("months", "12")[:3],
        "jurisdiction": person.jurisdiction,
        "named": request.query_params.get("named", "")[:200],
        "list": request.query_params.get("list", "black"),
        "ground": request.query_params.get("ground", "")[:60],
        "decision": request.query_params.get("decision", "")[:40],
    }
    return _form(request, person, kind, values)


@post("/desk/open/{kind:str}", opt=OPENS, sync_to_thread=True)
def open_new(request: Visit, kind: str, data: Typed) -> Response[Any]:
    """Opens the matter, or shows the form again with everything that is wrong."""
    person, office = _opener(request, kind, data), office_of(request)
    one = OPENED[kind]
    said: dict[str, Any] = {key: value for key, value in data.items() if value.strip()}
    if "findings" in said:
        said["findings"] = [part for part in _split(said["findings"]) if part]
    calendar: Calendar = office.calendar
    try:
        form = read_form(one.form, said)
        with writing(office.engine) as session:
            matter = one.open(session, form, by=person.actor, now=office.now(), calendar=calendar)
    except FormRefused as refused:
        return _form(request, person, kind, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/matters/{matter}/", status_code=303)


OPENING_ROUTES: list[HTTPRouteHandler] = [new_matter, open_new]


def _opener(request: Visit, kind: str, kept: dict[str, str] | None = None) -> Person:
    person = person_of(request)
    if kind not in OPENED:
        raise NotFound("事项种类", kind)
    if kind not in dict(openable(person.role)):
        raise NotAllowed(f"您的角色不能办理这一种{KINDS[kind]}。请由有权限的人办理。")
    return person


def _split(text: str) -> list[str]:
    for sign in "，、；;\n":
        text = text.replace(sign, ",")
    return [part.strip() for part in text.split(",")]


def _form(
    request: Visit,
    person: Person,
    kind: str,
    values: dict[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    office, one = office_of(request), OPENED[kind]
    on = office.now().date()
    id = values.get("institution", "")
    at_a_door = kind == "complaint" and not id
    with reading(office.engine) as session:
        file = None if at_a_door else queries.credit_file(session, id, on)
        places = {place.id: place.name for place in queries.jurisdictions(session, on)}
    names = (*DOOR, *one.fields) if at_a_door else one.fields
    titles = {name: one.form.model_fields[name].title or name for name in names}
    return page(
        request,
        "opening.html",
        status=status,
        person=person,
        here="institutions",
        file=file,
        kind=kind,
        kind_name=KINDS[kind],
        fields=[(name, titles[name], _type(name, one)) for name in names],
        places=places,
        values=values,
        problems=problems or {},
        hints=HINTS,
        indicators=list(office.policy(on).by_code.values()),
    )


def _type(name: str, one: Opened) -> str:
    if name in one.long:
        return "long"
    own = {"on": "date", "months": "number", "list": "list", "code": "code"}
    return {**own, "jurisdiction": "place"}.get(name, "text")
