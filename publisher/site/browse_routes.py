"""The addresses for going through the lists, for comparing, and for the statistics."""

from typing import Any

from litestar import Response, get

from publisher.site import browsing, news, pages
from publisher.site.answers import ABROAD, Visit, answer, site_of, state_of, store_of
from publisher.site.browsing import FIELDS, Chosen
from publisher.site.institution_routes import UNKNOWN, require_shown
from publisher.site.shelf import is_known

LONGEST = 60


@get("/browse", sync_to_thread=False)
def browse(request: Visit) -> Response[Any]:
    """Institutions by district, list, kind, grade and street."""
    given = {name: request.query_params.get(name, "").strip()[:LONGEST] for name in FIELDS}
    after = request.query_params.get("after", "")[:LONGEST]
    edition = store_of(request).current()
    return answer(request, lambda values: browsing.browse(edition, Chosen(**given), after, values))


@get("/near", sync_to_thread=False)
def near(request: Visit) -> Response[Any]:
    """Who else is in the street of an institution."""
    id = request.query_params.get("id", "")[:LONGEST]
    edition = store_of(request).current()
    require_shown(edition, id, UNKNOWN)
    return answer(request, lambda values: browsing.near(edition, id, values))


@get("/compare", sync_to_thread=False)
def compare(request: Visit) -> Response[Any]:
    """Up to four institutions side by side."""
    ids = [one[:LONGEST] for one in request.query_params.getall("id", [])][:8]
    add = request.query_params.get("add", "")[:100]
    site = site_of(request)
    edition, today = site.store.current(), site.today()
    return answer(
        request,
        lambda values: browsing.compare(edition, ids, add, {**values, "today": today}),
    )


@get("/statistics", sync_to_thread=False)
def statistics(request: Visit) -> Response[Any]:
    """The counts of the current edition, drawn, with their tables."""
    store = store_of(request)
    edition = store.current()
    return answer(request, lambda values: pages.statistics(store, edition, values))


@get("/statistics/months.csv", sync_to_thread=False)
def months(request: Visit) -> Response[Any]:
    """How many stood on which list in each edition, as a table."""
    site = site_of(request)
    tag = f"{state_of(site)}-{site.pages}"
    headers = {**ABROAD, "ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    table = news.months_csv(site.store, site.store.current())
    return Response(table, media_type="text/csv; header=present", headers=headers)
