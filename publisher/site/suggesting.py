"""`/suggest?q=`: what is suggested while a name is typed."""

from typing import Any

from litestar import MediaType, Response, get

from publisher.site.answers import Visit, store_of
from publisher.site.search import suggest

# Long enough that a letter typed twice is not asked twice; a released edition is soon seen.
MINUTE = 60


@get("/suggest", sync_to_thread=False)
def suggestions(request: Visit) -> Response[Any]:
    """The nearest institutions to what has been typed so far, each with place and address."""
    hits = suggest(store_of(request).current(), request.query_params.get("q", ""))
    headers = {"Cache-Control": f"public, max-age={MINUTE}"}
    return Response({"hits": hits}, media_type=MediaType.JSON, headers=headers)
