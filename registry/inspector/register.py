"""A new institution at the desk, after a look at who may be the same; and the lines between institutions."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlmodel import Session

from registry import acts, queries
from registry.accounts import Person
from registry.credit_file import CreditFile
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.forms import InstitutionForm, LineageForm
from registry.identity import read_institution_id
from registry.inspector.inputs import Input, table_of
from registry.queries.duplicates import Alikes, Candidate, described

AT_MOST = 8
STATUS = (("active", "在办"), ("suspended", "停办"), ("closed", "终止"))
TICKS = ("charges_in_advance", "confirmed_as_on_original")
LISTS = {
    "names": ("former", "brands"),
    "premises": ("other_places",),
}
GROUPS: tuple[tuple[str, tuple[Input, ...]], ...] = (
    (
        "名称和地址",
        (
            Input(name="name", label="机构名称"),
            Input(
                name="former",
                label="曾用名",
                type="area",
                hint="一行一个：名称 | 启用日期 | 停用日期",
            ),
            Input(name="brands", label="招牌名", type="area", hint="一行一个：名称 | 启用日期"),
            Input(name="jurisdiction", label="主管区县"),
            Input(name="address", label="办学地址"),
            Input(
                name="other_places",
                label="其他教学点",
                type="area",
                hint="一行一个：地址 | 起始日期 | 截止日期",
            ),
        ),
    ),
    (
        "登记和许可",
        (
            Input(name="code", label="统一社会信用代码"),
            Input(name="confirmed_as_on_original", label="已与证照原件核对", type="tick"),
            Input(name="registration_no", label="登记证号"),
            Input(name="registrar", label="登记机关"),
            Input(name="legal_representative", label="法定代表人"),
            Input(name="registered_on", label="登记日期", type="date"),
            Input(name="registered_until", label="登记有效期至", type="date"),
            Input(name="licence_no", label="办学许可证号"),
            Input(name="licence_since", label="许可证有效期自", type="date"),
            Input(name="licence_until", label="许可证有效期至", type="date"),
        ),
    ),
    (
        "办学情况",
        (
            Input(name="kind", label="机构类别"),
            Input(name="legal_form", label="法人类型"),
            Input(name="subject", label="培训类别"),
            Input(name="mode", label="线上线下"),
            Input(name="stage", label="学段"),
            Input(name="status", label="存续状态", options=STATUS),
            Input(
                name="on_platform",
                label="纳入全国监管平台",
                options=(("true", "是"), ("false", "否")),
                hint="不清楚的不选",
            ),
            Input(name="charges_in_advance", label="预收费", type="tick"),
            Input(name="opened_on", label="设立日期", type="date"),
            Input(name="since", label="以上情况从哪天起", type="date", hint="不写的从设立起"),
            Input(name="predecessor", label="前身机构编号"),
        ),
    ),
)
START = {"kind": "培训机构", "status": "active", "charges_in_advance": "yes"}
LINEAGE = (
    Input(
        name="what",
        label="办理什么",
        options=(
            ("lineage", "另一家是本机构的前身"),
            ("merge", "另一家是本机构的重复登记，并入本机构"),
        ),
    ),
    Input(name="other", label="另一家的机构编号"),
    Input(
        name="how",
        label="怎样来的",
        options=tuple((one, one) for one in ("更名重组", "分立", "合并", "承继", "重复登记")),
    ),
    Input(name="on", label="发生日期", type="date", hint="并入从核准那天起算，以前的名单不改"),
    Input(name="reason", label="理由和依据", type="area"),
)


class MayBeKnown(Exception):
    """A new institution may be one of the register's, and nobody has said why it is not."""

    def __init__(self, found: list[Candidate]) -> None:
        super().__init__("登记册里有相近的机构，请先核对是不是同一家。")
        self.found = found


REGISTERS = {"needs": "register_institution", "reach": {"jurisdiction": "jurisdiction"}}
LINKS = {"needs": "register_institution", "reach": {"id": "institution"}}


@get("/desk/institutions/new", opt=REGISTERS, sync_to_thread=True)
def new_institution(request: Visit) -> Response[Any]:
    """The empty sheet, with what a complaint says of somebody who is not registered yet."""
    person = person_of(request)
    said = {key: request.query_params.get(key, "")[:300] for key in ("name", "address")}
    place = request.query_params.get("jurisdiction", "") or person.jurisdiction
    return _form(request, person, {**START, **said, "jurisdiction": place})


@post("/desk/institutions", opt=REGISTERS, sync_to_thread=True)
def save_institution(request: Visit, data: Typed) -> Response[Any]:
    """Registers an institution nobody is alike to, or of which somebody says why it is another."""
    person, office = person_of(request), office_of(request)
    try:
        form = _read(data)
        with writing(office.engine) as session:
            reason = _compared(session, request, form, data)
            id = acts.register_institution(
                session,
                form,
                by=person.actor,
                now=office.now(),
                prefix=office.prefix,
                not_the_same=reason,
            )
    except FormRefused as refused:
        return _form(request, person, data, _named(refused), 422)
    except MayBeKnown as stopped:
        return _form(request, person, data, {}, 409, stopped.found)
    return Redirect(f"{up_from(request)}desk/i/{id}/", status_code=303)


@get("/desk/i/{id:str}/lineage/new", opt=LINKS, sync_to_thread=True)
def new_lineage(request: Visit, id: str) -> Response[Any]:
    """The form that links or merges two institutions, both shown beside each other once named."""
    person = person_of(request)
    other = request.query_params.get("other", "")
    return _lineage(request, person, id, {"other": other, "what": "", "how": ""})


@post("/desk/i/{id:str}/lineage", opt=LINKS, sync_to_thread=True)
def save_lineage(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Asks for the change; another person's approval carries it out."""
    person, office = person_of(request), office_of(request)
    said = {one.name: data[one.name] for one in LINEAGE if data.get(one.name, "").strip()}
    if "other" in said:
        said["other"] = read_institution_id(office.prefix, said["other"]) or said["other"]
    try:
        form = read_form(LineageForm, {**said, "institution": id})
        if data.get("act") == "compare":
            return _lineage(request, person, id, data)
        with writing(office.engine) as session:
            matter = acts.ask_lineage(
                session, form, by=person.actor, now=office.now(), calendar=office.calendar
            )
    except FormRefused as refused:
        return _lineage(request, person, id, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/matters/{matter}/", status_code=303)


REGISTER_ROUTES: list[HTTPRouteHandler] = [
    new_institution,
    save_institution,
    new_lineage,
    save_lineage,
]


def _compared(
    session: Session, request: Visit, form: InstitutionForm, data: Mapping[str, str]
) -> dict[str, Any] | None:
    """Why this is none of those alike, for the ledger; raises MayBeKnown for any that was not seen."""
    office = office_of(request)
    found = Alikes(session, office.now().date(), office.words).find(described(form))[:AT_MOST]
    seen = set(data.get("seen", "").split())
    reason = data.get("not_the_same", "").strip()
    if found and (not reason or {one.id for one in found} - seen):
        raise MayBeKnown(found)
    return {"reason": reason, "alike": [one.id for one in found]} if found else None


def _read(data: Mapping[str, str]) -> InstitutionForm:
    said: dict[str, Any] = {}
    for one in (one for _, inputs in GROUPS for one in inputs):
        typed = data.get(one.name, "")
        if one.name in TICKS:
            said[one.name] = bool(typed)
        elif typed.strip() and one.type != "area":
            said[one.name] = typed
    former = table_of(data.get("former", ""), ("text", "since", "until"))
    brands = table_of(data.get("brands", ""), ("text", "since"))
    said["names"] = [{"kind": "legal", **one} for one in former]
    said["names"] += [{"kind": "brand", **one} for one in brands]
    said["premises"] = table_of(data.get("other_places", ""), ("address", "since", "until"))
    return read_form(InstitutionForm, said)


def _named(refused: FormRefused) -> dict[str, str]:
    """The sentences by the fields as drawn; what is wrong in a list stands at the list."""
    found: dict[str, str] = {}
    for one in refused.problems:
        first = one.field.split(".")[0]
        found.setdefault(LISTS.get(first, (first,))[0], one.sentence)
    return found


def _form(
    request: Visit,
    person: Person,
    values: Mapping[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
    found: list[Candidate] | None = None,
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        places = {one.id: one.name for one in queries.jurisdictions(session, office.now().date())}
    groups = [(title, [_with_places(one, places) for one in inputs]) for title, inputs in GROUPS]
    return page(
        request,
        "register.html",
        status=status,
        person=person,
        here="institutions",
        groups=groups,
        values=values,
        problems=problems or {},
        found=found or [],
        places=places,
        states=dict(STATUS),
    )


def _with_places(one: Input, places: Mapping[str, str]) -> Input:
    if one.name != "jurisdiction":
        return one
    return Input(name=one.name, label=one.label, options=tuple(places.items()))


def _lineage(
    request: Visit,
    person: Person,
    id: str,
    values: Mapping[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    office = office_of(request)
    on = office.now().date()
    other = read_institution_id(office.prefix, values.get("other", "")) or values.get("other", "")
    files: list[CreditFile] = []
    with reading(office.engine) as session:
        files.append(queries.credit_file(session, id, on))
        if other and other != id:
            try:
                files.append(queries.credit_file(session, other, on))
            except NotFound as wrong:
                problems = {"other": str(wrong), **(problems or {})}
    return page(
        request,
        "lineage.html",
        status=status,
        person=person,
        here="institutions",
        file=files[0],
        files=files,
        inputs=LINEAGE,
        values=values,
        problems=problems or {},
    )
