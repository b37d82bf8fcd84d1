"""Standing duties at the desk: recorded by form, and a page of what lapses when."""

from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Stream
from msgspec import Struct, structs
from sqlmodel import Session, SQLModel

from registry import acts, queries
from registry.access import Actor, allowed
from registry.accounts import Person
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound, Problem, read_form, refuse
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.session import Typed
from registry.faces.tables import CSV, attachment, csv_lines
from registry.forms import (
    AnnualInspectionForm,
    CoverSheet,
    CustodyForm,
    CustodyReportForm,
    LicenceForm,
    parse_day,
)
from registry.inspector.inputs import Input
from registry.money import fen_of
from registry.queries.duplicates import holders_of
from registry.queries.duty_sheet import report_days
from scoring.conditions import CLASSES

YUAN = {"sum_yuan": "sum_fen", "balance_yuan": "balance_fen"}
TICKS = {"premium_paid", "insured_matches"}
SHOWN = 30
SHOWN_ALONE = 500
WITHIN = (7, 30, 60, 90)
Save = Callable[..., Any]


class Sheet(Struct, frozen=True, kw_only=True):
    """One kind of duty: its form, the act that records it, and how it is typed."""

    title: str
    permission: str
    form: type[SQLModel]
    save: Save
    inputs: tuple[Input, ...]
    start: Mapping[str, str] = {}


def _licence(session: Session, form: LicenceForm, *, by: Actor, now: Any, institution: str) -> None:
    acts.record_licence(session, institution, form, by=by, now=now)


SINCE = Input(name="since", label="起始日期", type="date")
BANK = Input(name="bank", label="开户银行")
DOCUMENT = Input(name="document_no", label="文号", hint="没有的可以不写")
SHEETS: dict[str, Sheet] = {
    "covers": Sheet(
        title="登记保险",
        permission="record_cover",
        form=CoverSheet,
        save=acts.record_cover,
        inputs=(
            Input(name="cover_class", label="险种", options=tuple(CLASSES.items())),
            Input(name="insurer", label="保险公司"),
            Input(name="policy_no", label="保单号"),
            Input(name="since", label="保险起期", type="date"),
            Input(name="until", label="保险止期", type="date", hint="这一天二十四时止"),
            Input(name="sum_yuan", label="保额（元）"),
            Input(name="insured_name", label="被保险人", hint="照保单抄写，系统和机构名称核对"),
            Input(name="insured_code", label="被保险人代码", hint="统一社会信用代码"),
            Input(
                name="addresses",
                label="承保地址",
                type="area",
                hint="照保单抄写，一行一个；保单没有限定地址的不写",
            ),
            Input(name="premium_paid", label="保费已缴", type="tick"),
            Input(
                name="insured_matches",
                label="没有抄写被保险人时：已看过保单，被保险人是本机构",
                type="tick",
            ),
        ),
        start={"premium_paid": "yes"},
    ),
    "custody": Sheet(
        title="登记预收费监管专户",
        permission="record_custody",
        form=CustodyForm,
        save=acts.record_custody,
        inputs=(
            BANK,
            Input(name="account_no", label="账号", hint="不公开，也不进台账"),
            Input(name="since", label="开立日期", type="date"),
            Input(name="until", label="销户日期", type="date", hint="仍在使用的不写"),
        ),
    ),
    "custody-reports": Sheet(
        title="登记专户余额报告",
        permission="record_custody_report",
        form=CustodyReportForm,
        save=acts.record_custody_report,
        inputs=(
            BANK,
            Input(name="on", label="报送日期", type="date"),
            Input(name="balance_yuan", label="余额（元）", hint="不公开，也不进台账"),
        ),
    ),
    "annual-inspections": Sheet(
        title="登记年检结论",
        permission="record_annual_inspection",
        form=AnnualInspectionForm,
        save=acts.record_annual_inspection,
        inputs=(
            Input(name="year", label="年度", type="number"),
            Input(
                name="result",
                label="结论",
                options=tuple((one, one) for one in ("合格", "基本合格", "不合格")),
            ),
            Input(name="on", label="结论日期", type="date"),
            DOCUMENT,
        ),
    ),
    "licences": Sheet(
        title="登记办学许可证",
        permission="change_institution",
        form=LicenceForm,
        save=_licence,
        inputs=(
            Input(name="number", label="办学许可证号"),
            Input(name="organ", label="发证机关"),
            Input(name="scope", label="办学内容"),
            SINCE,
            Input(name="until", label="截止日期", hint="如 2029-12-31；证上写没有期限的，写“长期”"),
        ),
    ),
}


RECORDS = {
    # What a kind needs beyond this, its sheet says.
    "needs": "record_custody_report",
    "reach": {"id": "institution", "kind": "nothing"},
}


@get("/desk/duties", sync_to_thread=True)
def overview(request: Visit) -> Response[Any]:
    """What lapses when, the longest overdue first, by district."""
    person, office = person_of(request), office_of(request)
    within, place = _asked(request, person)
    found, places = _lapses(request, within, place)
    tally = [
        ("已到期", sum(one.days_left < 0 for one in found)),
        *(
            (f"{days} 日内", sum(0 <= one.days_left <= days for one in found))
            for days in (7, 30, 60)
        ),
    ]
    by_place = {
        id: [one for one in found if one.jurisdiction == id]
        for id in dict.fromkeys(one.jurisdiction for one in found)
    }
    shown = SHOWN_ALONE if place else SHOWN
    groups = [
        (places.get(id, id), len(some), some[:shown]) for id, some in sorted(by_place.items())
    ]
    return page(
        request,
        "duties.html",
        person=person,
        here="duties",
        tally=tally,
        groups=groups,
        places=places,
        place=place,
        fixed=len(person.places) == 1,
        within=within,
        withins=WITHIN,
        on=office.now().date(),
    )


@get("/desk/duties/export", sync_to_thread=True)
def export(request: Visit) -> Stream:
    """The same as a table to take away."""
    person = person_of(request)
    found, places = _lapses(request, *_asked(request, person))
    columns = ("区县", "机构编号", "机构名称", "事项", "最后一天", "剩余天数", "说明")
    rows = (
        (
            places.get(one.jurisdiction, one.jurisdiction),
            one.institution,
            one.name,
            one.what,
            one.last_on,
            one.days_left,
            one.sentence,
        )
        for one in found
    )
    return Stream(csv_lines(columns, rows), media_type=CSV, headers=attachment("duties.csv"))


@get("/desk/i/{id:str}/{kind:str}/new", opt=RECORDS, sync_to_thread=True)
def new_duty(request: Visit, id: str, kind: str) -> Response[Any]:
    """The empty form of one kind of duty."""
    person = person_of(request)
    sheet = _sheet(kind, person)
    return _form(request, person, id, kind, dict(sheet.start))


@post("/desk/i/{id:str}/{kind:str}", opt=RECORDS, sync_to_thread=True)
def save_duty(request: Visit, id: str, kind: str, data: Typed) -> Response[Any]:
    """Records the duty, or shows the form again with every mistake and everything typed."""
    person, office = person_of(request), office_of(request)
    sheet = _sheet(kind, person)
    try:
        form = _read(sheet, data, id)
        more = {"institution": id} if sheet.save is _licence else {}
        with writing(office.engine) as session:
            if sheet.save is _licence and not data.get("shared"):
                _refuse_held_number(session, form, id)
            sheet.save(session, form, by=person.actor, now=office.now(), **more)
    except FormRefused as refused:
        return _form(request, person, id, kind, data, _named(refused), 422)
    return Redirect(f"{up_from(request)}desk/i/{id}/#duties", status_code=303)


@post(
    "/desk/i/{id:str}/cancel-cover/{cover:int}",
    opt={"needs": "record_custody_report", "reach": {"id": "institution", "cover": "nothing"}},
    sync_to_thread=True,
)
def cancel(request: Visit, id: str, cover: int, data: Typed) -> Response[Any]:
    """Records that a cover was cancelled on a day."""
    person, office = person_of(request), office_of(request)
    try:
        on = parse_day(data.get("cancelled_on", ""))
    except ValueError as wrong:
        problem = Problem(
            field="cancelled_on",
            label="“退保日期”",
            value=data.get("cancelled_on", ""),
            remedy=str(wrong),
        )
        raise FormRefused([problem]) from None
    with writing(office.engine) as session:
        acts.cancel_cover(session, cover, on, by=person.actor, now=office.now())  # type: ignore[arg-type] # a day, or refused above
    return Redirect(f"{up_from(request)}desk/i/{id}/#duties", status_code=303)


DUTY_ROUTES: list[HTTPRouteHandler] = [overview, export, new_duty, save_duty, cancel]


def _refuse_held_number(session: Session, form: LicenceForm, institution: str) -> None:
    """Raises FormRefused for a number that stands for another institution, until somebody says it is right."""
    if others := holders_of(session, form.number, institution):
        remedy = (
            f"许可证号“{form.number}”已登记在机构 {'、'.join(others)} 名下，请先核对是不是重复登记；"
            "核对原件、号码没有错的，勾选以后再提交"
        )
        raise refuse("shared", "“号码与原件核对无误”", "", remedy)


def _sheet(kind: str, person: Person) -> Sheet:
    sheet = SHEETS.get(kind)
    if sheet is None:
        raise NotFound("这样的表", kind)
    if not allowed(person.role, sheet.permission):
        raise NotAllowed(f"您的角色不能{sheet.title}。请由有权限的人办理。")
    return sheet


def _read(sheet: Sheet, data: Mapping[str, str], institution: str) -> Any:
    """The form, or every wrong field at once, amounts in yuan included."""
    said: dict[str, object] = {}
    problems: list[Problem] = []
    if "institution" in sheet.form.model_fields:
        said["institution"] = institution
    for one in sheet.inputs:
        typed = data.get(one.name, "")
        if one.name == "addresses":
            said[one.name] = [line for line in typed.splitlines() if line.strip()]
        elif one.name in TICKS:
            said[one.name] = bool(typed)
        elif typed.strip():
            try:
                said[YUAN.get(one.name, one.name)] = fen_of(typed) if one.name in YUAN else typed
            except ValueError:
                remedy = "请写数字，精确到分，如 5000000 或 12.50"
                problems.append(
                    Problem(field=one.name, label=f"“{one.label}”", value=typed, remedy=remedy)
                )
    try:
        form = read_form(sheet.form, said)
    except FormRefused as refused:
        problems += refused.problems
    if problems:
        raise FormRefused(problems)
    return form


def _named(refused: FormRefused) -> dict[str, str]:
    """The sentences by the names of the fields as they are drawn."""
    drawn = {fen: yuan for yuan, fen in YUAN.items()}
    return by_field(
        tuple(
            structs.replace(one, field=drawn.get(one.field, one.field.split(".")[0]))
            for one in refused.problems
        )
    )


def _form(  # noqa: PLR0913 what a form that comes back holds
    request: Visit,
    person: Person,
    id: str,
    kind: str,
    values: Mapping[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response[Any]:
    office = office_of(request)
    with reading(office.engine) as session:
        file = queries.credit_file(session, id, office.now().date())
    return page(
        request,
        "duty_form.html",
        status=status,
        person=person,
        here="institutions",
        file=file,
        kind=kind,
        sheet=SHEETS[kind],
        values=values,
        problems=problems or {},
    )


def _asked(request: Visit, person: Person) -> tuple[int, str]:
    typed = request.query_params.get("within", "")
    within = int(typed) if typed in map(str, WITHIN) else 60
    return within, request.query_params.get("place", "")


def _lapses(request: Visit, within: int, place: str) -> tuple[list[queries.Lapse], dict[str, str]]:
    """What lapses within reach, in one place of it or in all."""
    reach, office = person_of(request).places, office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        days = report_days(office.policy(on))
        found = queries.lapses(session, on, within, report_days=days)
        places = {one.id: one.name for one in queries.jurisdictions(session, on)}
    found = [one for one in found if not reach or one.jurisdiction in reach]
    places = {id: name for id, name in places.items() if not reach or id in reach}
    return [one for one in found if not place or one.jurisdiction == place], places
