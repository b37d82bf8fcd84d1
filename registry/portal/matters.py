"""The institution's matters: where each stands, what was served, what may be done until when."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from registry import queries
from registry.database import reading
from registry.errors import NotFound
from registry.faces.desk import Office, Visit, office_of, page, person_of
from registry.faces.letters import pdf, spot_letter
from registry.portal.own import FILINGS, title_of
from registry.portal.rights import Right, is_repairable, may, rights
from registry.queries import ShownMatter
from registry.queries.receipts import receipts
from registry.queries.spot import NOT_PUBLISHED, spot_paper


class Line(Struct, frozen=True, kw_only=True):
    """One matter in the list: what it is about, where it stands, and the clock that runs first."""

    matter: ShownMatter
    title: str
    right: Right | None


@get("/my/matters", sync_to_thread=False)
def my_matters(request: Visit) -> Response[Any]:
    """Every matter the institution may know of, the open ones first."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        found = queries.shown_matters(session, person.institution)
        handed_in = receipts(session, person.institution)[:20]
    lines = [line_of(one, office) for one in found]
    return page(
        request,
        "my_matters.html",
        here="matters",
        person=person,
        waiting=[one for one in lines if one.matter.open],
        over=[one for one in lines if not one.matter.open],
        receipts=handed_in,
    )


@get("/my/matters/{id:str}/decision.pdf", opt={"reach": {"id": "nothing"}}, sync_to_thread=True)
def my_decision(request: Visit, id: str) -> Response[bytes]:
    """The decision that was made on the spot, as it was handed over."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        queries.shown_matter(session, person.institution, id)
        paper = spot_paper(session, id)
        if paper is None:
            raise NotFound("当场处罚", id)
        file = queries.credit_file(session, paper.institution, paper.on)
    return pdf(spot_letter(office, paper, file), id)


@get("/my/matters/{id:str}", opt={"reach": {"id": "nothing"}}, sync_to_thread=False)
def my_matter(request: Visit, id: str) -> Response[Any]:
    """One matter, its papers and clocks, and what the institution has said to it."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        matter = queries.shown_matter(session, person.institution, id)
        said = queries.replies_of(session, person.institution, id)
        handed_in = receipts(session, person.institution, id)
        change = queries.change(session, id) if matter.kind == "change" else None
    policy = office.policy(office.now().date())
    return page(
        request,
        "my_matter.html",
        here="matters",
        person=person,
        matter=matter,
        change=change,
        unpublished=NOT_PUBLISHED if matter.kind == "spot" else "",
        title=title_of(matter, policy),
        rule=policy.by_code.get(matter.code),
        rights=rights(matter, office.now().date(), office.calendar),
        papers=[one for one in matter.steps if one.document_no],
        said=[one for one in said if one.kind == "reply"],
        receipts=handed_in,
        filings=[
            (what, word) for what, word in FILINGS.items() if may(matter, what, office.now().date())
        ],
        repair=is_repairable(matter),
    )


def line_of(matter: ShownMatter, office: Office) -> Line:
    """A matter with what it is about and the clock that ends next."""
    today = office.now().date()
    clocks = [one for one in rights(matter, today, office.calendar) if one.by]
    # A term gone by still matters where the matter waits for it.
    clocks = [one for one in clocks if not one.over or matter.open]
    first = min(clocks, key=lambda one: (one.over, one.by or today), default=None)
    return Line(matter=matter, title=title_of(matter, office.policy(today)), right=first)


MATTER_ROUTES: list[HTTPRouteHandler] = [my_matters, my_matter, my_decision]
