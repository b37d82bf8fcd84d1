"""`/suggest?q=`: what is suggested while a name is typed; and the pages that may run the script that asks."""

from typing import Any

from litestar import MediaType, Request, Response, get

from publisher.site.search import suggest
from publisher.site.store import Store

# Long enough that a letter typed twice is not asked twice; a released edition is soon seen.
MINUTE = 60
POLICY = "Content-Security-Policy"


@get("/suggest", sync_to_thread=False)
def suggestions(request: Request[Any, Any, Any]) -> Response[Any]:
    """The nearest institutions to what has been typed so far, each with place and address."""
    store: Store = request.app.state.store
    hits = suggest(store.current(), request.query_params.get("q", ""))
    headers = {"Cache-Control": f"public, max-age={MINUTE}"}
    return Response({"hits": hits}, media_type=MediaType.JSON, headers=headers)


def scripted(page: Response[Any], policy: str) -> Response[Any]:
    """A page with a search box: its own scripts may run, and ask this site."""
    page.headers[POLICY] = f"{policy}; script-src 'self'; connect-src 'self'"
    return page
