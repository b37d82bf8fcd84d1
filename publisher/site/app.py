"""The public site's addresses: each reads released editions only, and answers without a thread."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode

from litestar import MediaType, Request, Response, Router, get
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response import File, Redirect
from litestar.static_files import create_static_files_router

from publisher.pages import render
from publisher.pages.render import STATIC
from publisher.paper_key import CERTIFICATE
from publisher.site import pages
from publisher.site.store import NothingReleased, OpenEdition, Store
from publisher.site.suggesting import scripted, suggestions

Visit = Request[Any, Any, Any]
QUERY = 100
# What an edition's files are, the same on every machine.
MEDIA = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".crt": "application/x-pem-file",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8; header=present",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".jsonl": "application/jsonl; charset=utf-8",
    ".pdf": "application/pdf",
    ".sqlite": "application/vnd.sqlite3",
    ".svg": "image/svg+xml",
    ".toml": "application/toml; charset=utf-8",
}
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = int(timedelta(days=365).total_seconds())


def up_from(request: Visit) -> str:
    """The relative way from the page asked for to the site's root, wherever that is mounted."""
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    return "../" * (raw.split(b"?")[0].count(b"/") - 1) or "./"


def common(request: Visit) -> dict[str, Any]:
    """What a page knows of its request: the way home, and the size of its text."""
    view = request.query_params.get("view")
    big = (view or request.cookies.get("view")) == "big"
    rest = [(key, one) for key, one in request.query_params.multi_items() if key != "view"]
    return {
        "up": up_from(request),
        "live": True,
        "big": big,
        "view_query": urlencode([*rest, ("view", "plain" if big else "big")]),
        "contact": request.app.state.contact,
    }


def store_of(request: Visit) -> Store:
    """The editions this site serves."""
    store: Store = request.app.state.store
    return store


def answer(request: Visit, edition: OpenEdition, write: Any) -> Response[Any]:
    """A page, or 304 when the visitor has it: it depends on the edition, the view and the templates."""
    values = common(request)
    tag = f'"{edition.issue[:16]}-{request.app.state.pages}{"-b" if values["big"] else ""}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Cookie"}
    if request.headers.get("If-None-Match") == tag:
        return Response(None, status_code=304, headers=headers)
    view = request.query_params.get("view")
    cookies = [Cookie("view", value=view, max_age=YEAR, samesite="lax")] if view in _VIEWS else []
    text = write(values)
    if text is None:
        raise NotFoundException("这里没有这一页")
    return Response(text, media_type=MediaType.HTML, headers=headers, cookies=cookies)


_VIEWS = ("big", "plain")


@get("/", sync_to_thread=False)
def landing(request: Visit) -> Response[Any]:
    """Search and counts."""
    edition = store_of(request).current()
    page = answer(request, edition, lambda values: pages.landing(edition, values))
    return scripted(page, SECURITY["Content-Security-Policy"])


@get("/search", sync_to_thread=False)
def find(request: Visit) -> Response[Any]:
    """What a search found."""
    edition = store_of(request).current()
    query = request.query_params.get("q", "")[:QUERY]
    place = request.query_params.get("d", "")
    page = answer(request, edition, lambda values: pages.found(edition, query, place, values))
    return scripted(page, SECURITY["Content-Security-Policy"])


@get("/i/{id:str}", sync_to_thread=False)
def institution(request: Visit, id: str) -> Response[Any]:
    """One institution."""
    store = store_of(request)
    edition = store.current()
    address = f"{request.base_url}i/{id}/"
    return answer(
        request,
        edition,
        lambda values: pages.institution(store, edition, id, {**values, "address": address}),
    )


@get("/editions", sync_to_thread=False)
def editions(request: Visit) -> Response[Any]:
    """All editions."""
    store = store_of(request)
    edition = store.current()
    return answer(request, edition, lambda values: pages.editions(store, edition, values))


@get("/method", sync_to_thread=False)
def method(request: Visit) -> Response[Any]:
    """The policy."""
    edition = store_of(request).current()
    return answer(request, edition, lambda values: pages.method(edition, values))


@get("/check", sync_to_thread=False)
def check(request: Visit) -> Response[Any]:
    """How to check an edition."""
    edition = store_of(request).current()
    return answer(request, edition, lambda values: pages.plain("check.html", edition, values))


@get("/report", sync_to_thread=False)
def report(request: Visit) -> Response[Any]:
    """Whom to turn to."""
    edition = store_of(request).current()
    return answer(
        request, edition, lambda values: pages.plain("report.html", edition, values, "report")
    )


@get("/bureau.pub", sync_to_thread=False)
def public_key(request: Visit) -> Response[bytes]:
    """The bureau's public key."""
    key = pages.public_key(store_of(request).editions)
    if key is None:
        raise NotFoundException("还没有公钥")
    return Response(key, media_type="application/x-pem-file")


@get("/bureau-paper.crt", sync_to_thread=False)
def paper_certificate(request: Visit) -> Response[bytes]:
    """The certificate the newest edition's papers are signed with; older editions hold their own."""
    file = store_of(request).current().folder / CERTIFICATE
    if not file.exists():
        raise NotFoundException("现行版次的 PDF 没有签名")
    return Response(file.read_bytes(), media_type=MEDIA[".crt"])


@get(["/editions/{name:str}", "/editions/{name:str}/{path:path}"], sync_to_thread=False)
def edition_file(request: Visit, name: str, path: str = "/") -> Response[Any] | File | Redirect:
    """A file of a released edition, exactly as it was signed."""
    store = store_of(request)
    if name == "current":
        return Redirect(f"{up_from(request)}editions/{store.current().name}/")
    inside = path.lstrip("/")
    raw: bytes = request.scope.get("raw_path") or b""
    if not inside and not raw.split(b"?")[0].endswith(b"/"):
        return Redirect(f"{name}/")  # its links are relative
    inside = inside or "index.html"
    tag = _tag(store, name, inside)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if request.headers.get("If-None-Match") == tag:
        return Response(None, status_code=304, headers=headers)
    kind = MEDIA.get(PurePosixPath(inside).suffix, "application/octet-stream")
    return File(
        path=store.editions / name / inside,
        media_type=kind,
        headers=headers,
        content_disposition_type="inline",
    )


def _tag(store: Store, name: str, inside: str) -> str:
    try:
        edition = store.edition(name)
    except KeyError:
        raise NotFoundException("没有这一版") from None
    digest = edition.files().get(inside)
    if digest is None:
        raise NotFoundException("这一版没有这个文件")
    return f'"{digest[:32]}"'


def public_routes() -> Sequence[HTTPRouteHandler | Router]:
    """Everything the public may ask for."""
    static = create_static_files_router(
        path="/static", directories=[STATIC], cache_control=None, include_in_schema=False
    )
    return [
        landing,
        find,
        suggestions,
        institution,
        editions,
        edition_file,
        method,
        check,
        report,
        public_key,
        paper_certificate,
        static,
    ]


def refuse(request: Visit, wrong: Exception) -> Response[Any]:
    """A mistake as a page for people, or as problem+json (RFC 9457) for programs."""
    status = wrong.status_code if isinstance(wrong, HTTPException) else 500
    if isinstance(wrong, NothingReleased):
        status, headline, advice = 503, "还没有发布名单", str(wrong)
    elif status == 404:
        headline = "没有这一页"
        advice = "请检查地址是否写对。机构可能换了编号，也可能不在现行版次里，请用名称再查一次。"
    elif status < 500:
        headline = "这个请求办不了"
        advice = wrong.detail if isinstance(wrong, HTTPException) else "请检查后再试。"
    else:
        headline, advice = "本站出了问题", "问题已经记录。请过几分钟再试。"
    if "text/html" not in request.headers.get("Accept", "text/html"):
        problem = {"type": "about:blank", "title": headline, "status": status, "detail": advice}
        return Response(problem, status_code=status, media_type="application/problem+json")
    values = {"up": up_from(request), "manifest": None, "organ": "", "sheets": ""}
    values["sheets"] = f"{values['up']}static/"
    try:
        edition = store_of(request).current()
        values |= render.about(edition.manifest, edition.digest)
    except (NothingReleased, AttributeError):
        pass
    text = render.page("problem.html", **values, headline=headline, advice=advice)
    return Response(text, status_code=status, media_type=MediaType.HTML)
