"""Opening a matter at the desk: cases, listings, judgments, alerts, complaints, what came on paper: one form for all."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct
from sqlmodel import Session

from registry import acts, queries
from registry.access import allowed
from registry.accounts import Person
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
    PaperObjectionSheet,
    PaperRepairSheet,
)
from registry.inspector.app import OPENING, openable
from registry.inspector.paper import apply_on_paper, matters_to_choose, object_on_paper
from registry.procedure import KINDS

Open = Callable[..., Any]


class Opened(Struct, frozen=True, kw_only=True):
    """One kind of matter as it is opened: its form, its act, and the fields a person fills in.

    An act that `reckons` needs the policy in force as well.
    """

    form: type[Form]
    open: Open
    fields: tuple[str, ...]
    long: tuple[str, ...] = ()
    reckons: bool = False
    hints: dict[str, str] = {}


def _received(session: Session, form: Any, **hand: Any) -> str:
    return acts.receive_complaint(session, form, **hand).matter


OPENED: dict[str, Opened] = {
    "penalty": Opened(
        form=CaseSheet,
        open=acts.open_case,
        fields=("on", "case_no", "findings", "first_officer", "second_officer", "reason"),
        long=("reason",),
        hints={"reason": "违法行为发生二年以后才发现的必须写，其余可以不写"},
    ),
    "listing": Opened(
        form=ListingSheet,
        open=acts.open_listing,
        fields=("on", "list", "ground", "decision", "months", "article", "statement", "reason"),
        long=("statement", "reason"),
        reckons=True,
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
    "objection": Opened(
        form=PaperObjectionSheet,
        open=object_on_paper,
        fields=("on", "about", "text"),
        long=("text",),
    ),
    "repair": Opened(
        form=PaperRepairSheet,
        open=apply_on_paper,
        fields=("on", "about", "proof", "undertaking"),
        long=("proof", "undertaking"),
        reckons=True,
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
    "about": "按机构交来的书面材料选；办理期限从收到日期起算",
    "undertaking": "照录承诺书，写明签署人",
}


# An institution hands in its own at the portal: what it may do opens nothing at the desk.
OPENS = {
    "needs": tuple(
        need
        for need in (f"{kind}.{act}" for kind, act in OPENING.items())
        if not allowed("institution", need)
    ),
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
        "about": request.query_params.get("about", "")[:40],
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
    now = office.now()
    hand = {"by": person.actor, "now": now, "calendar": office.calendar}
    if one.reckons:
        hand["policy"] = office.policy(now.date())
    try:
        form = read_form(one.form, said)
        with writing(office.engine) as session:
            matter = one.open(session, form, **hand)
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
        known = matters_to_choose(session, id, kind) if "about" in one.fields else []
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
        known=known,
        values=values,
        problems=problems or {},
        hints={**HINTS, **one.hints},
        indicators=list(office.policy(on).by_code.values()),
    )


def _type(name: str, one: Opened) -> str:
    if name in one.long:
        return "long"
    own = {"on": "date", "months": "number", "list": "list", "code": "code", "about": "about"}
    return {**own, "jurisdiction": "place"}.get(name, "text")
