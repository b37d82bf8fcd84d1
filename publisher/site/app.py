"""The public site's addresses: each reads released editions only, and answers without a thread."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response import File, Redirect

from publisher.paper_key import CERTIFICATE
from publisher.site import pages
from publisher.site.answers import (
    FOREVER,
    SCRIPTED,
    Visit,
    answer,
    enlarged,
    site_of,
    store_of,
    up_from,
    wants_big,
)
from publisher.site.api import api_router
from publisher.site.browse_routes import browse, compare, months, near, statistics
from publisher.site.complaints import course, hand_in, receipt, report
from publisher.site.institution_routes import badge, english, institution, qr, snippet, widget
from publisher.site.shelf import is_known
from publisher.site.static import static
from publisher.site.store import Store
from publisher.site.suggesting import suggestions
from publisher.site.unregistered import hand_in_unregistered, report_unregistered
from publisher.site.wayfinding import robots, security_txt, sitemap

# What an edition's files are, the same on every machine; to what is text the answer adds its charset.
MEDIA = {
    ".atom": "application/atom+xml; charset=utf-8",
    ".crt": "application/x-pem-file",
    ".css": "text/css",
    ".csv": "text/csv; header=present",
    ".html": "text/html",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".jsonl": "application/jsonl; charset=utf-8",
    ".pdf": "application/pdf",
    ".sqlite": "application/vnd.sqlite3",
    ".svg": "image/svg+xml",
    ".toml": "application/toml; charset=utf-8",
}
# What a withdrawal leaves as it is; everything else of an edition may be written anew.
FIXED = frozenset({"edition.json", "edition.json.sig", "policy.toml"})


@get("/", sync_to_thread=False)
def landing(request: Visit) -> Response[Any]:
    """Search and counts."""
    site = site_of(request)
    edition = site.store.current()
    more = {"places": site.places, "city": site.city}
    return answer(
        request, lambda values: pages.landing(site.store, edition, {**values, **more}), SCRIPTED
    )


@get("/search", sync_to_thread=False)
def find(request: Visit) -> Response[Any]:
    """What a search found."""
    edition = store_of(request).current()
    query = request.query_params.get("q", "")
    place = request.query_params.get("d", "")
    return answer(request, lambda values: pages.found(edition, query, place, values), SCRIPTED)


@get("/en", sync_to_thread=False)
def find_in_english(request: Visit) -> Response[Any]:
    """The search in English words."""
    edition = store_of(request).current()
    query = request.query_params.get("q", "")
    return answer(request, lambda values: pages.english_find(edition, query, values))


@get("/editions", sync_to_thread=False)
def editions(request: Visit) -> Response[Any]:
    """All editions."""
    store = store_of(request)
    edition = store.current()
    return answer(request, lambda values: pages.editions(store, edition, values))


@get("/method", sync_to_thread=False)
def method(request: Visit) -> Response[Any]:
    """The policy."""
    edition = store_of(request).current()
    return answer(request, lambda values: pages.method(edition, values))


@get("/check", sync_to_thread=False)
def check(request: Visit) -> Response[Any]:
    """How to check an edition."""
    edition = store_of(request).current()
    return answer(request, lambda values: pages.plain("check.html", edition, values))


@get("/api", sync_to_thread=False)
def api_page(request: Visit) -> Response[Any]:
    """How programs read the lists."""
    edition = store_of(request).current()
    return answer(request, lambda values: pages.api(edition, values))


@get("/bureau-paper.crt", sync_to_thread=False)
def paper_certificate(request: Visit) -> Response[bytes]:
    """The certificate the newest edition's papers are signed with; older editions hold their own."""
    file = store_of(request).current().folder / CERTIFICATE
    if not file.exists():
        raise NotFoundException("现行版次的 PDF 没有签名")
    return Response(file.read_bytes(), media_type=MEDIA[".crt"])


@get("/bureau.pub", sync_to_thread=False)
def public_key(request: Visit) -> Response[bytes]:
    """The bureau's public key."""
    key = pages.public_key(store_of(request).editions)
    if key is None:
        raise NotFoundException("还没有公钥")
    return Response(key, media_type="application/x-pem-file")


@get(["/editions/{name:str}", "/editions/{name:str}/{path:path}"], sync_to_thread=False)
def edition_file(request: Visit, name: str, path: str = "/") -> Response[Any] | File | Redirect:
    """A file of a released edition, exactly as it was signed; a page in the large text where that is chosen."""
    store = store_of(request)
    inside = path.lstrip("/")
    if name == "current":
        return Redirect(f"{up_from(request)}editions/{store.current().name}/{inside}")
    raw: bytes = request.scope.get("raw_path") or b""
    if not inside and not raw.split(b"?")[0].endswith(b"/"):
        return Redirect(f"{name}/")  # its links are relative
    inside = inside or "index.html"
    tag, file = _tag(store, name, inside), store.editions / name / inside
    headers = {"ETag": f'"{tag}"', "Cache-Control": FOREVER if inside in FIXED else "no-cache"}
    if file.suffix == ".html":
        headers["Vary"] = "Cookie"
        if wants_big(request):
            return enlarged(request, file, tag)
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    kind = MEDIA.get(file.suffix, "application/octet-stream")
    return File(path=file, media_type=kind, headers=headers, content_disposition_type="inline")


def _tag(store: Store, name: str, inside: str) -> str:
    try:
        edition = store.edition(name)
    except KeyError:
        raise NotFoundException("没有这一版") from None
    digest = edition.files().get(inside)
    if digest is None:
        raise NotFoundException("这一版没有这个文件")
    return digest[:32]


def public_routes() -> Sequence[HTTPRouteHandler | Router]:
    """Everything the public may ask for."""
    return [
        landing,
        find,
        find_in_english,
        suggestions,
        institution,
        english,
        widget,
        badge,
        qr,
        snippet,
        browse,
        near,
        compare,
        statistics,
        months,
        robots,
        sitemap,
        security_txt,
        editions,
        edition_file,
        method,
        check,
        report,
        hand_in,
        report_unregistered,
        hand_in_unregistered,
        receipt,
        course,
        api_page,
        api_router(),
        public_key,
        paper_certificate,
        static,
    ]
