"""A penalty on the spot at the desk: the form right after a finding, and the decision as it is handed over."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import acts, queries
from registry.accounts import Person
from registry.acts.limitation import lapsed
from registry.acts.spot import KINDS
from registry.database import reading, writing
from registry.errors import FormRefused, NotFound, Problem, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.letters import pdf, spot_letter
from registry.faces.session import Typed
from registry.forms import SpotSheet
from registry.inspector.app import fen_of
from registry.queries.spot import known_articles, may_be_punished, spot_limit, spot_paper
from scoring import Policy

PUNISH = {"needs": ("spot.warn", "spot.fine"), "reach": {"id": "matter"}}


@get("/desk/matters/{id:str}/spot", opt=PUNISH, sync_to_thread=False)
def spot_form(request: Visit, id: str) -> Response[Any]:
    """The empty form over a finding, with what the office knows already."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        sheet = queries.matter(session, id)
        file = queries.credit_file(session, sheet.line.institution, office.now().date())
    policy = office.policy(office.now().date())
    rule = policy.by_code.get(sheet.line.code)
    values = {
        "on": office.now().date().isoformat(),
        "place": file.addresses[0] if file.addresses else "",
        "statement": sheet.content.get("statement", ""),
        "article": f"《{rule.reference.document}》{rule.reference.article}" if rule else "",
        "organ": file.organ,
        "first_officer": sheet.steps[0].first_officer or person.name,
        "second_officer": sheet.steps[0].second_officer,
    }
    return _form(request, person, id, values)


@post("/desk/matters/{id:str}/spot", opt=PUNISH, sync_to_thread=True)
def punish(request: Visit, id: str, data: Typed) -> Response[Any]:
    """Records the decision; a form with mistakes comes back whole, with all of them."""
    person, office = person_of(request), office_of(request)
    now = office.now()
    try:
        form = _read(id, data)
        with writing(office.engine) as session:
            matter = acts.punish_on_the_spot(
                session,
                form,
                by=person.actor,
                now=now,
                policy=office.policy(now.date()),
                calendar=office.calendar,
            )
    except FormRefused as refused:
        return _form(request, person, id, data, by_field(refused.problems))
    return Redirect(f"{up_from(request)}desk/matters/{matter}/", status_code=303)


@get("/desk/matters/{id:str}/decision.pdf", opt={"reach": {"id": "matter"}}, sync_to_thread=True)
def decision(request: Visit, id: str) -> Response[bytes]:
    """The decision on paper, to be signed and handed over."""
    office = office_of(request)
    with reading(office.engine) as session:
        paper = spot_paper(session, id)
        if paper is None:
            raise NotFound("当场处罚", id)
        file = queries.credit_file(session, paper.institution, paper.on)
    return pdf(spot_letter(office, paper, file), id)


SPOT_ROUTES: list[HTTPRouteHandler] = [spot_form, punish, decision]


def _read(id: str, data: dict[str, str]) -> SpotSheet:
    """The form as it was typed, money in yuan; raises FormRefused with every wrong field."""
    said: dict[str, object] = {key: one for key, one in data.items() if one.strip()}
    said["finding"] = id
    problems: list[Problem] = []
    if yuan := str(said.pop("fine_yuan", "")):
        try:
            said["fine_fen"] = fen_of(yuan, "fine_yuan")
        except FormRefused as refused:
            problems += refused.problems
    try:
        form = read_form(SpotSheet, said)
    except FormRefused as refused:
        problems += refused.problems
    if problems:
        raise FormRefused(problems)
    return form


def _form(
    request: Visit,
    person: Person,
    id: str,
    values: dict[str, str],
    problems: dict[str, str] | None = None,
) -> Response[Any]:
    office = office_of(request)
    on = office.now().date()
    with reading(office.engine) as session:
        sheet = queries.matter(session, id)
        limit = spot_limit(session, sheet.line.institution, on)
        possible = may_be_punished(session, sheet)
        late = possible and any(lapsed(session, [id], ""))
    wrong = dict(problems or {})
    if said := wrong.pop("fine_fen", ""):
        wrong["fine_yuan"] = said
    return page(
        request,
        "spot.html",
        status=422 if wrong else 200,
        person=person,
        here="institutions",
        sheet=sheet,
        possible=possible,
        late=late,
        rule=office.policy(on).by_code.get(sheet.line.code),
        limit=limit.words,
        kinds=[("", "请选择"), *((one, one) for one in KINDS)],
        articles=_articles(office.policy(on), values.get("article", "")),
        values=values,
        problems=wrong,
    )


def _articles(policy: Policy, chosen: str) -> list[tuple[str, str]]:
    """The articles to choose from, that of the finding first."""
    known = known_articles(policy)
    first = [one for one in known if one == chosen]
    return [("", "请选择"), *((one, one) for one in [*first, *known] if one)]
