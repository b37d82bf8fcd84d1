"""Recording a finding: one form, one visit, one record, however often it is sent."""

from typing import Any
from uuid import uuid4

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from msgspec import Struct

from registry import queries
from registry.accounts import Person
from registry.acts import record_finding, record_inspection
from registry.acts.inspections import visit_problems
from registry.credit_file import CreditFile
from registry.database import reading, writing
from registry.errors import FormRefused, Problem, read_form
from registry.faces.desk import Office, Visit, by_field, office_of, page, up_from
from registry.faces.session import Typed
from registry.forms import FindingSheet, InspectionSheet
from registry.inspector.app import officer_of
from scoring import Policy, Rating, assess
from scoring.facts import Event, Record, State
from scoring.words import score_words

KINDS = ("日常检查", "双随机检查", "专项治理", "投诉核查", "年度检查")
GATES = {
    "F": "陈述申辩、确认后才计分。",
    "O": "责令改正后才计分。",
    "P": "这一项要处罚决定生效后才计分。",
    "J": "这一项要法院判决后才计分。",
}


class Preview(Struct, frozen=True, kw_only=True):
    """What a finding would do once its proof is there."""

    before: str
    after: str
    said: str


RECORDS = {"needs": "finding.record", "reach": {"institution": "institution"}}


@get("/desk/findings/new", opt=RECORDS, sync_to_thread=False)
def new_finding(request: Visit) -> Response[Any]:
    """The empty form, today's date and the inspector's own name filled in."""
    person, office = officer_of(request), office_of(request)
    values = {
        "institution": request.query_params.get("institution", ""),
        "key": f"desk:{uuid4()}",
        "seen_on": office.now().date().isoformat(),
        "kind": KINDS[0],
        "first_officer": person.name,
        "extent": "1",
        "signed": "yes",
    }
    return _form(request, person, values)


@post("/desk/findings", opt=RECORDS, sync_to_thread=True)
def save_finding(request: Visit, data: Typed) -> Response[Any]:
    """Records the visit and the finding in one act each and one transaction, or shows the form again."""
    person, office = officer_of(request, data), office_of(request)
    try:
        visit, sheet = _sheets(data, office)
    except FormRefused as refused:
        return _form(request, person, data, by_field(refused.problems), 422)
    if data.get("act") == "preview":
        return _form(request, person, data, preview=_preview(office, sheet))
    try:
        with writing(office.engine) as session:
            by, now = person.actor, office.now()
            inspection = record_inspection(session, visit, by=by, now=now)
            matter = next(iter(queries.findings_of(session, inspection)), "")
            if not matter:
                sheet = sheet.model_copy(update={"inspection": inspection})
                matter = record_finding(session, sheet, by=by, now=now, calendar=office.calendar)
    except FormRefused as refused:
        return _form(request, person, data, by_field(refused.problems), 422)
    return Redirect(f"{up_from(request)}desk/matters/{matter}/", status_code=303)


ENTRY_ROUTES: list[HTTPRouteHandler] = [new_finding, save_finding]


def _sheets(data: dict[str, str], office: Office) -> tuple[InspectionSheet, FindingSheet]:
    """The visit and the finding, or every wrong field of both at once."""
    said = {key: one for key, one in data.items() if one.strip() and key != "act"}
    both = ("institution", "first_officer", "second_officer")
    visit: dict[str, object] = {
        key: said[key] for key in (*both, "key", "kind", "refusal") if key in said
    }
    visit |= {"on": said.get("seen_on", ""), "signed": "signed" in said}
    own = (*both, "code", "extent", "seen_on", "statement", "note")
    finding = {key: said[key] for key in own if key in said}
    problems: list[Problem] = []
    forms: list[Any] = []
    for kind, values in ((InspectionSheet, visit), (FindingSheet, finding)):
        try:
            forms.append(read_form(kind, values))
        except FormRefused as refused:
            problems += [
                msgspec.structs.replace(one, field="seen_on" if one.field == "on" else one.field)
                for one in refused.problems
            ]
    if forms and isinstance(forms[0], InspectionSheet):
        problems += [
            msgspec.structs.replace(one, field="seen_on" if one.field == "on" else one.field)
            for one in visit_problems(forms[0], office.now().date())
        ]
    code = said.get("code", "")
    rule = office.policy(office.now().date()).by_code.get(code)
    if code and (rule is None or rule.bonus):
        remedy = "评分办法里没有这个编码，请从列表里选"
        problems.append(Problem(field="code", label="“指标”", value=code, remedy=remedy))
    if problems:
        raise FormRefused(problems)
    return forms[0], forms[1]


def _preview(office: Office, sheet: FindingSheet) -> Preview:
    on = office.now().date()
    with reading(office.engine) as session:
        file = queries.credit_file(session, sheet.institution, on)
    policy = office.policy(on)
    record = Record(
        id="preview",
        kind="finding",
        code=sheet.code,
        seen_on=sheet.seen_on,
        extent=sheet.extent,
        events=(
            Event(state=State.CONFIRMED, on=on),
            Event(state=State.ORDERED, on=on),
        ),
    )
    facts = msgspec.structs.replace(file.facts, records=(*file.facts.records, record))
    return Preview(
        before=_said(assess(file.facts, policy, on)),
        after=_said(assess(facts, policy, on)),
        said=GATES[policy.by_code[sheet.code].gate],
    )


def _said(rating: Rating) -> str:
    return f"{score_words(rating)} 分 {rating.grade}" if rating.base is not None else rating.grade


def _form(
    request: Visit,
    person: Person,
    values: dict[str, str],
    problems: dict[str, str] | None = None,
    status: int = 200,
    preview: Preview | None = None,
) -> Response[Any]:
    office = office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        file: CreditFile = queries.credit_file(session, values.get("institution", ""), on)
    policy: Policy = office.policy(on)
    known = {"key": f"desk:{uuid4()}", "kind": "", "code": "", "signed": ""}
    return page(
        request,
        "finding.html",
        status=status,
        person=person,
        here="institutions",
        file=file,
        values={**known, **values},
        problems=problems or {},
        kinds=KINDS,
        indicators=[one for one in policy.by_code.values() if not one.bonus],
        preview=preview,
    )
