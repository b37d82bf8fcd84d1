"""The addresses of one institution: its page, the English reading, and what its own site may show."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Redirect

from publisher.site import institution as pages
from publisher.site.answers import (
    ABROAD,
    FRAMED,
    Visit,
    address_of,
    answer,
    common,
    edition_on,
    html,
    is_program,
    site_of,
    state_of,
    store_of,
    up_from,
)
from publisher.site.pages import found, page_of
from publisher.site.refusals import Absent, Fault
from publisher.site.search.codes import by_number
from publisher.site.search.index import index_of
from publisher.site.shelf import is_known
from publisher.site.store import OpenEdition, Store

UNKNOWN = "没有这个编号的机构。请先查到机构，再从它的页上打开这里。"
Text = Callable[[Store, OpenEdition, str, dict[str, Any]], str | None]


def _shown(request: Visit, id: str, text: Text) -> Response[Any]:
    """A page of an institution, today or as it was published on a day."""
    store, said = store_of(request), request.query_params.get("as_of", "")
    edition = edition_on(request, said)
    if edition is None:
        raise NotFoundException("那一天还没有发布过名单。请写第一版发布以后的日期。")
    if not edition.name_of(id) and edition.withdrawn(id) is None:
        return _meant(request, edition, id, said)
    more = {"as_of": said, "today": site_of(request).today()}
    return answer(request, lambda values: text(store, edition, id, {**values, **more}))


def _meant(request: Visit, edition: OpenEdition, typed: str, said: str) -> Response[Any]:
    """The page of whoever's number was written otherwise, as nb-7k3m-5; where nobody's was, what a search says.

    Raises NotFoundException where another day is asked for, and for programs.
    """
    numbers, guessed = by_number(index_of(edition), typed)
    is_english = request.url.path.lstrip("/").startswith("en/")
    root = f"{up_from(request)}{'en/' if is_english else ''}"
    if len(numbers) == 1 and not guessed:
        query = "SELECT id FROM institution WHERE number = ?"
        [(id,)] = edition.lookup.execute(query, (numbers[0],)).fetchall()
        return Redirect(f"{root}i/{id}/{f'?as_of={quote(said)}' if said else ''}")
    if is_english:
        return Redirect(f"{root}?q={quote(typed)}")
    if said:
        raise NotFoundException(f"那一天有效的 {edition.manifest.label}里没有这家机构。")
    if is_program(request):
        detail = f"现行版次里没有编号“{typed[:40]}”。请查编号是否写对，或者用名称再查一次。"
        raise Absent([Fault(name="id", value=typed[:40], detail=detail)])
    return html(found(edition, typed, "", common(request)), 404)


def require_shown(edition: OpenEdition, id: str, otherwise: str) -> None:
    """Raises NotFoundException for whoever is not shown: who was withdrawn is not said to be unknown."""
    if edition.withdrawn(id) is not None:
        raise NotFoundException(f"{id} 在登记库里，它在现行版次里的条目已经撤下。请看它自己的页。")
    if not edition.name_of(id):
        raise NotFoundException(otherwise)


@get("/i/{id:str}", sync_to_thread=False)
def institution(request: Visit, id: str) -> Response[Any]:
    """One institution, today or as it was published on a day."""
    return _shown(request, id, pages.institution)


@get("/en/i/{id:str}", sync_to_thread=False)
def english(request: Visit, id: str) -> Response[Any]:
    """The same, read in English."""
    return _shown(request, id, pages.english)


@get("/widget/{id:str}", sync_to_thread=False)
def widget(request: Visit, id: str) -> Response[Any]:
    """The status in a frame, which any site may show."""
    edition, today = store_of(request).current(), site_of(request).today()
    headers = {"Content-Security-Policy": FRAMED, "Cross-Origin-Resource-Policy": "cross-origin"}
    return answer(
        request, lambda values: pages.widget(edition, id, {**values, "today": today}), headers
    )


@get("/badge/{file:str}", sync_to_thread=False)
def badge(request: Visit, file: str) -> Response[Any]:
    """The status as a picture, which any site may show."""
    site = site_of(request)
    svg = pages.badge(site.store.current(), file.removesuffix(".svg"), site.today())
    if svg is None or not file.endswith(".svg"):
        raise NotFoundException("没有这个编号的图。请查编号是否写对。")
    tag = f"{state_of(site)}-{site.pages}"
    headers = {**ABROAD, "ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(svg, media_type="image/svg+xml", headers=headers)


@get("/qr/{file:str}", sync_to_thread=False)
def qr(request: Visit, file: str) -> Response[Any]:
    """The code that leads to an institution's page; the page shows it where it is looked at or printed."""
    site, id = site_of(request), file.removesuffix(".svg")
    otherwise = "没有这个编号的码。请查编号是否写对。"
    if not file.endswith(".svg"):
        raise NotFoundException(otherwise)
    require_shown(site.store.current(), id, otherwise)
    address = address_of(request, f"i/{id}/")
    tag = sha256(address.encode()).hexdigest()[:16]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "max-age=86400"}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(pages.code_of(address), media_type="image/svg+xml", headers=headers)


@get("/widget", sync_to_thread=False)
def snippet(request: Visit) -> Response[Any]:
    """What to copy into another site."""
    edition = store_of(request).current()
    id = request.query_params.get("id", "")
    require_shown(edition, id, UNKNOWN)
    name = edition.name_of(id)
    root = address_of(request, "")
    return answer(
        request,
        lambda values: page_of("snippet.html", edition, values, id=id, name=name, root=root),
        {"Content-Security-Policy": SNIPPET},
    )


# The snippet's own page shows the frame it offers.
SNIPPET = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
