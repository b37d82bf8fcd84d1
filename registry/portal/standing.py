"""Papers to take away: the certificate of standing and the door notice, from the newest edition."""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from registry.faces.desk import Visit, office_of, page, person_of
from registry.faces.letters import pdf
from registry.portal.repair import WORDS


@get("/my/papers", sync_to_thread=False)
def my_papers(request: Visit) -> Response[Any]:
    """What the papers are, and the edition they would be made from."""
    person = person_of(request)
    past = office_of(request).released.ratings(person.institution)
    newest = next((one for one in past if one.status in WORDS), None)
    current = newest if past and newest == past[0] else None
    return page(
        request, "my_papers.html", here="papers", person=person, newest=current, words=WORDS
    )


@get("/my/papers/{name:str}", opt={"reach": {"name": "nothing"}}, sync_to_thread=True)
def paper(request: Visit, name: str) -> Response[bytes]:
    """The paper as PDF."""
    person, released = person_of(request), office_of(request).released
    kind = name.removesuffix(".pdf")
    address = f"{released.site or request.base_url}verify/"
    return pdf(released.paper(kind, person.institution, address), f"{kind}-{person.institution}")


PAPER_ROUTES: list[HTTPRouteHandler] = [my_papers, paper]
