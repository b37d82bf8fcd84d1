"""What machines ask a site for first: robots.txt, the sitemap, and whom to tell of a weakness."""

from datetime import datetime, time, timedelta
from typing import Any
from xml.sax.saxutils import escape

from litestar import Response, get
from litestar.exceptions import NotFoundException

from publisher.site.answers import Visit, address_of, site_of, state_of
from publisher.site.shelf import is_known

# A sitemap holds at most 50,000 addresses (sitemaps.org).
MOST = 40_000
PAGES = ("", "editions/", "statistics/", "browse/", "method/", "check/", "report/", "api/")
LASTS = timedelta(days=180)
TEXT = "text/plain"


@get("/robots.txt", sync_to_thread=False)
def robots(request: Visit) -> Response[str]:
    """Everything may be read but what is only computed for one visitor."""
    closed = "".join(
        f"Disallow: /{one}/\n" for one in ("desk", "my", "search", "compare", "near", "receipt")
    )
    lines = f"User-agent: *\n{closed}Sitemap: {address_of(request, 'sitemap.xml')}\n"
    return Response(lines, media_type=TEXT, headers={"Cache-Control": "max-age=3600"})


@get("/sitemap.xml", sync_to_thread=False)
def sitemap(request: Visit) -> Response[Any]:
    """The pages of the site, and of every institution; a part at a time where they are many."""
    site = site_of(request)
    tag = f"{state_of(site)}-{site.pages}"
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    edition = site.store.current()
    total = edition.browse.execute("SELECT count(*) FROM institution").fetchone()[0]
    parts = -(-total // MOST)
    said = request.query_params.get("part", "")
    if not said and parts > 1:
        root = f"{address_of(request, 'sitemap.xml')}?part="
        body = "".join(f"<sitemap><loc>{escape(root)}{n}</loc></sitemap>" for n in range(parts))
        return Response(_xml("sitemapindex", body), media_type="application/xml", headers=headers)
    if said and not (said.isascii() and said.isdecimal() and int(said[:6]) < max(1, parts)):
        raise NotFoundException("网站地图没有这一部分。")
    part = int(said[:6] or "0")
    query = "SELECT id FROM institution ORDER BY id LIMIT ? OFFSET ?"
    ids = edition.browse.execute(query, (MOST, part * MOST))
    paths = [*(PAGES if part == 0 else ()), *(f"i/{row[0]}/" for row in ids)]
    day = edition.manifest.released_on
    body = "".join(
        f"<url><loc>{escape(address_of(request, path))}</loc><lastmod>{day}</lastmod></url>"
        for path in paths
    )
    return Response(_xml("urlset", body), media_type="application/xml", headers=headers)


def _xml(name: str, body: str) -> str:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{space}">{body}</{name}>\n'


@get("/.well-known/security.txt", sync_to_thread=False)
def security_txt(request: Visit) -> Response[str]:
    """Whom to tell of a weakness (RFC 9116); it runs out, so that nobody trusts an old one."""
    site = site_of(request)
    ends = datetime.combine(site.today() + LASTS, time(), tzinfo=site.zone)
    lines = [
        f"Contact: {site.security or address_of(request, 'report/')}",
        f"Expires: {ends.isoformat()}",
        "Preferred-Languages: zh, en",
        f"Canonical: {address_of(request, '.well-known/security.txt')}",
    ]
    text = "".join(f"{one}\n" for one in lines)
    return Response(text, media_type=TEXT, headers={"Cache-Control": "max-age=3600"})
