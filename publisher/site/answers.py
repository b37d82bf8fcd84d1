"""How the site answers: the way home from a page, its tag, what is kept of it, and how a browser must treat it."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, NotFoundException
from msgspec import Struct

from publisher.pages.tiles import Place
from publisher.site.shelf import Kept, Key, Shelf, is_big, is_known, key_of, packed
from publisher.site.store import OpenEdition, Store

Visit = Request[Any, Any, Any]
Write = Callable[[dict[str, Any]], str | None]
POLICY = "Content-Security-Policy"
SECURITY = {
    POLICY: "default-src 'none'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# A page with a search box: its own scripts may run, and ask this site.
SCRIPTED = {POLICY: f"{SECURITY[POLICY]}; script-src 'self'; connect-src 'self'"}
# What an institution's own site may show of this one: a frame of its own, and a badge.
FRAMED = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors *"
# What a browser asks before a script of another site may send the tag it has (Fetch, CORS-preflight).
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
READ_ABROAD = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
}
ABROAD = {"Cross-Origin-Resource-Policy": "cross-origin", **READ_ABROAD}
YEAR = int(timedelta(days=365).total_seconds())
FOREVER = f"public, max-age={YEAR}, immutable"
VIEWS = ("big", "plain")


class Site(Struct, frozen=True, kw_only=True):
    """What the site knows beside its editions: whom to ask, where it stands, what day it is, where districts lie."""

    store: Store
    today: Callable[[], date]
    zone: tzinfo
    pages: str
    security: str = ""
    contact: str = ""
    address: str = ""
    city: str = ""
    places: dict[str, Place] = {}
    shelf: Shelf


def site_of(request: Visit) -> Site:
    """The site that is asked."""
    site: Site = request.app.state.site
    return site


def store_of(request: Visit) -> Store:
    """The editions this site serves."""
    return site_of(request).store


def up_from(request: Visit) -> str:
    """The relative way from the page asked for to the site's root, wherever that is mounted."""
    return up_of(request.scope)


def up_of(scope: Mapping[str, Any]) -> str:
    """The same of a request that no handler has seen."""
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return "../" * (raw.split(b"?")[0].count(b"/") - 1) or "./"


def address_of(request: Visit, path: str) -> str:
    """The whole address of a page, for a code or a snippet that leads here from elsewhere."""
    return f"{site_of(request).address or request.base_url}{path}"


def common(request: Visit) -> dict[str, Any]:
    """What a page knows of its request: the way home, and the size of its text."""
    pairs = asked_of(request.scope["query_string"])
    return values_of(site_of(request), request.scope, pairs, big=wants_big(request))


def wants_big(request: Visit) -> bool:
    """Whether the visitor asks for the large text, or has chosen it."""
    view = request.query_params.get("view")
    return view == "big" if view in VIEWS else is_big(request.headers)


def enlarged(request: Visit, file: Path, tag: str) -> Response[Any]:
    """A signed page in the large text: one class on its root, as the site's own pages have it.

    The file stays as it was signed; whoever has not chosen the large text gets its very bytes.
    """
    headers = {"ETag": f'"{tag}-b"', "Cache-Control": "no-cache", "Vary": "Cookie"}
    if is_known(request.headers, f"{tag}-b"):
        return Response(None, status_code=304, headers=headers)
    page = file.read_text("utf-8").replace("<html ", '<html class="big" ', 1)
    return Response(page, media_type=MediaType.HTML, headers=headers)


def asked_of(query: bytes) -> list[tuple[str, str]]:
    """What is asked of a page, in order."""
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []


def values_of(
    site: Site, scope: Mapping[str, Any], pairs: list[tuple[str, str]], *, big: bool
) -> dict[str, Any]:
    """The same of a request that no handler has seen, given what it asks."""
    rest = [one for one in pairs if one[0] != "view"]
    return {
        "up": up_of(scope),
        "live": True,
        "big": big,
        "view_query": urlencode([*rest, ("view", "plain" if big else "big")]),
        "contact": site.contact,
        "root": site.address,
    }


def remembered_view(query: bytes) -> str:
    """The cookie that keeps the size of the text that a link asks for, as a header says it; empty without one."""
    view = dict(asked_of(query)).get("view") if b"view=" in query else None
    return f"view={view}; Max-Age={YEAR}; Path=/; SameSite=lax" if view in VIEWS else ""


def answer(request: Visit, write: Write, headers: dict[str, str] | None = None) -> Response[Any]:
    """A page, or 304 when the visitor has it: it depends on the editions, the view and the templates."""
    site, values = site_of(request), common(request)
    state = state_of(site)
    tag = page_tag(site, state, values["big"])
    sent = {**_standing(tag), **(headers or {})}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=sent)
    text = write(values)
    if text is None:
        raise NotFoundException
    plain = text.encode()
    wants_packed = takes_gzip(request.headers.get("accept-encoding", ""))
    small = packed(plain) if wants_packed else b""
    if request.query_params.get("view") not in VIEWS:
        site.shelf.put(
            key_of(request.scope, request.headers), _kept(state, sent, plain, small, tag)
        )
    body = plain
    if wants_packed:
        body, sent["Content-Encoding"] = small, "gzip"
    return Response(body, media_type="text/html", headers=sent)


def keep(site: Site, key: Key, text: str, state: str, policy: str = "") -> Kept:
    """Keeps a page that was made without a handler, to be sent now and again; `policy` is its own, if it has one."""
    tag = page_tag(site, state, key[3])
    kept = Kept(state, _as_sent(tag, policy), text.encode(), b"", tag)
    site.shelf.put(key, kept)
    return kept


def _standing(tag: str) -> dict[str, str]:
    return {
        "ETag": f'W/"{tag}"',
        "Cache-Control": "no-cache",
        "Vary": "Cookie, Accept-Encoding",
    }


def _kept(state: str, sent: dict[str, str], plain: bytes, small: bytes, tag: str) -> Kept:
    return Kept(state, _encoded(sent), plain, small, tag)


@lru_cache(maxsize=8)
def _as_sent(tag: str, policy: str) -> list[tuple[bytes, bytes]]:
    """The headers that all pages of a tag have under a policy; nobody changes them."""
    return _encoded({**_standing(tag), **({POLICY: policy} if policy else {})})


def _encoded(sent: dict[str, str]) -> list[tuple[bytes, bytes]]:
    whole = {**SECURITY, **sent, "Content-Type": "text/html; charset=utf-8"}
    return [(name.lower().encode(), value.encode()) for name, value in whole.items()]


def state_of(site: Site) -> str:
    """What a page is made of: the editions, and the day, for an alert ends with its last one."""
    today = site.today()
    return f"{site.store.state()}-{today.month:02}{today.day:02}"


def page_tag(site: Site, state: str, big: bool) -> str:
    """What tells two states of a page apart."""
    return f"{state}-{site.pages}{'-b' if big else ''}"


def takes_gzip(accepted: str) -> bool:
    """Whether gzip may be sent (RFC 9110 §12.5.3)."""
    for one in accepted.lower().split(","):
        name, _, weight = one.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def edition_on(request: Visit, said: str) -> OpenEdition | None:
    """The edition in force on the day that is asked for; of today when none is; None before the first.

    Raises HTTPException (400) for what is not a day, or has not come yet.
    """
    site = site_of(request)
    if not said:
        return site.store.current()
    day = read_day(said)
    if day is None:
        raise HTTPException(f"日期“{said[:20]}”不合写法。请写成 2026-11-05 这样。", status_code=400)
    if day > site.today():
        raise HTTPException(
            f"日期“{day}”还没有到，那一天的名单还不知道。请写今天或者以前的日期。", status_code=400
        )
    return site.store.in_force(day)


def read_day(said: str) -> date | None:
    """A day as it is written in addresses, or None; a week is none."""
    with suppress(ValueError):
        day = date.fromisoformat(said)
        return day if day.isoformat() == said else None
    return None


def is_api(request: Visit) -> bool:
    """Whether an address for programs is asked."""
    return request.url.path.lstrip("/").startswith("api/v1")


def is_program(request: Visit) -> bool:
    """Whether whoever asks reads problems (RFC 9457) instead of pages: of the API, or where no HTML is taken."""
    return is_api(request) or "text/html" not in request.headers.get("Accept", "text/html")


def html(text: str, status: int = 200) -> Response[str]:
    """A page that is not kept."""
    return Response(text, status_code=status, media_type=MediaType.HTML)
