"""The common site of several cities: all of them listed, and one search of all their editions."""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any
from xml.sax.saxutils import escape

from litestar import MediaType, Response, Router, get
from msgspec import Struct

from publisher.pages import render
from publisher.removals import Removal
from publisher.site.answers import ABROAD, Site, Visit, state_of, up_from
from publisher.site.asked import Asked
from publisher.site.cities_api import (
    CityFound,
    FoundThere,
    SearchOfAll,
    document,
    found_there,
)
from publisher.site.pages import called_so
from publisher.site.refusals import refuse, said_of
from publisher.site.search import AnswerOfAll, CityHit, search_all, sought
from publisher.site.shelf import is_known
from publisher.site.store import NothingReleased, OpenEdition

QUERY = 100
TEXT = "text/plain; charset=utf-8"
# What the common site has at its root, so that no city may be called so.
TAKEN = frozenset(("search", "api", "static", "healthz", "readyz", "metrics"))


class Neighbour(Struct, frozen=True, kw_only=True):
    """A city of the common site; without a host of its own it lies under its number there."""

    id: str
    host: str
    site: Site

    def edition(self) -> OpenEdition | None:
        """What is in force; None before the first release."""
        try:
            return self.site.store.current()
        except NothingReleased:
            return None


class Together(Struct, frozen=True, kw_only=True):
    """The cities of one common site, in their order, and what the site is called."""

    title: str
    organ: str
    address: str
    pages: str
    cities: tuple[Neighbour, ...]

    def names(self) -> dict[str, str]:
        """What each city is called."""
        return {one.id: one.site.city for one in self.cities}

    def invented(self) -> list[str]:
        """The cities whose institutions are all invented."""
        names = self.names()
        return [names[id] for id, one in self.editions().items() if one.manifest.fictional]

    def editions(self) -> dict[str, OpenEdition]:
        """The edition in force of each city that has one."""
        found = {one.id: one.edition() for one in self.cities}
        return {id: edition for id, edition in found.items() if edition is not None}

    def state(self) -> str:
        """Another word after every release, withdrawal and day of any city."""
        said = [f"{one.id}={_state(one)}" for one in self.cities]
        return sha256("\n".join([self.pages, *said]).encode()).hexdigest()[:20]


class Card(Struct, frozen=True, kw_only=True):
    """A city as the first page shows it; without an edition the counts are empty."""

    link: str
    name: str
    organ: str
    label: str = ""
    released_on: date | None = None
    total: int = 0
    counts: dict[str, int] = {}


def together_of(request: Visit) -> Together:
    """The common site that is asked."""
    found: Together = request.app.state.together
    return found


@get("/", sync_to_thread=False)
def landing(request: Visit) -> Response[Any]:
    """The cities, and the search of all."""
    whole = together_of(request)

    def cards() -> Iterator[Card]:
        for one in whole.cities:
            link, edition = link_of(request, one), one.edition()
            if edition is None:
                yield Card(link=link, name=one.site.city, organ="")
                continue
            counts: dict[str, int] = {}
            for many in edition.counts().values():
                for status, number in many.items():
                    counts[status] = counts.get(status, 0) + number
            manifest = edition.manifest
            yield Card(
                link=link,
                name=one.site.city,
                organ=manifest.organ,
                label=manifest.label,
                released_on=manifest.released_on,
                total=sum(counts.values()),
                counts=counts,
            )

    return _page(request, "cities.html", lambda: {"cards": list(cards())})


@get("/search", sync_to_thread=False)
def find(request: Visit) -> Response[Any]:
    """What a search of all cities found."""
    whole, query = together_of(request), sought(request.query_params.get("q", "")[:QUERY])

    def values() -> dict[str, Any]:
        editions = whole.editions()
        names = whole.names()
        return {
            "answer": search_all(editions, query),
            "names": names,
            "links": {one.id: link_of(request, one) for one in whole.cities},
            "places": {
                id: {place: one.name for place, one in edition.places.items()}
                for id, edition in editions.items()
            },
            "gone": list(_gone(editions, query)),
            "dates": [(names[id], one.manifest.cut_off) for id, one in editions.items()],
        }

    return _page(request, "cities_found.html", values)


@get("/search", sync_to_thread=False)
def find_for_programs(request: Visit) -> Response[SearchOfAll]:
    """The same for programs."""
    asked = Asked(request, "q")
    query = asked.text("q", needed=True)
    asked.done()
    whole = together_of(request)
    editions = whole.editions()
    value = _value(request, whole, editions, search_all(editions, query))
    return Response(value, headers={**ABROAD, "Cache-Control": "no-cache"})


@get("/openapi.json", sync_to_thread=False)
def described(request: Visit) -> Response[dict[str, Any]]:
    """What programs may ask of the common site (OpenAPI 3.1); each city describes its own API."""
    Asked(request).done()
    return Response(document(), headers={**ABROAD, "Cache-Control": "no-cache"})


def _value(
    request: Visit, whole: Together, editions: dict[str, OpenEdition], answer: AnswerOfAll
) -> SearchOfAll:
    names = whole.names()
    links = {one.id: _whole_link(request, one) for one in whole.cities}

    def item(one: CityHit) -> FoundThere:
        of, edition = one.city, editions[one.city].name
        return found_there(one.hit, of, names[of], links[of], edition)

    return SearchOfAll(
        query=answer.query,
        total=answer.total,
        many=answer.many,
        alike=answer.alike,
        guessed=answer.guessed,
        near=answer.near,
        cities=tuple(
            CityFound(id=id, name=names[id], link=links[id], total=many)
            for id, many in answer.cities
        ),
        items=tuple(map(item, answer.hits)),
    )


@get("/sitemap.xml", sync_to_thread=False)
def sitemap(request: Visit) -> Response[str]:
    """The common page, and each city's own map."""
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    root = _root(request)
    if "own" in request.query_params:
        name, body = "urlset", f"<url><loc>{escape(root)}</loc></url>"
    else:
        maps = [f"{root}sitemap.xml?own"]
        maps += [f"{_whole_link(request, one)}sitemap.xml" for one in together_of(request).cities]
        name = "sitemapindex"
        body = "".join(f"<sitemap><loc>{escape(one)}</loc></sitemap>" for one in maps)
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{space}">{body}</{name}>\n'
    return Response(text, media_type="application/xml", headers={"Cache-Control": "no-cache"})


@get("/robots.txt", sync_to_thread=False)
def robots(request: Visit) -> Response[str]:
    """Everything may be read but what is only computed for one visitor, here and under every city."""
    closed = ("desk", "my", "search", "compare", "near", "receipt")
    under = [f"{one.id}/" for one in together_of(request).cities if not one.host]
    lines = [f"Disallow: /{root}{one}/" for root in ("", *under) for one in closed]
    text = "\n".join(["User-agent: *", *lines, f"Sitemap: {_root(request)}sitemap.xml", ""])
    return Response(text, media_type=TEXT, headers={"Cache-Control": "max-age=3600"})


def link_of(request: Visit, city: Neighbour) -> str:
    """Where a city's site is, as a page of the common site leads there."""
    return _whole_link(request, city) if city.host else f"{up_from(request)}{city.id}/"


def common_routes() -> list[Any]:
    """Everything the common site answers, beside its static files."""
    api = Router(path="/api/v1", route_handlers=[find_for_programs, described])
    return [landing, find, api, sitemap, robots]


def _whole_link(request: Visit, city: Neighbour) -> str:
    if not city.host:
        return f"{_root(request)}{city.id}/"
    if city.site.address:
        return city.site.address
    port = f":{request.base_url.port}" if request.base_url.port else ""
    return f"{request.base_url.scheme}://{city.host}{port}/"


def _root(request: Visit) -> str:
    return together_of(request).address or str(request.base_url)


def _gone(editions: dict[str, OpenEdition], query: str) -> Iterator[tuple[str, Removal, str]]:
    for id, edition in editions.items():
        yield from ((id, removal, said) for removal, said in called_so(edition, query))


def _page(request: Visit, template: str, values: Any) -> Response[Any]:
    whole = together_of(request)
    tag = whole.state()
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"}
    if is_known(request.headers, tag):
        return Response(None, status_code=304, headers=headers)
    text = render.page(template, **frame(whole, up_from(request)), **values())
    return Response(text, media_type=MediaType.HTML, headers=headers)


def frame(whole: Together, up: str) -> dict[str, Any]:
    """What every page of the common site says."""
    return {
        "up": up,
        "sheets": f"{up}static/",
        "manifest": None,
        "organ": whole.organ,
        "title": whole.title,
        "invented": whole.invented(),
    }


def refuse_in_common(request: Visit, wrong: Exception) -> Response[Any]:
    """A mistake on the common site, in its own frame; for programs as everywhere."""
    answer = refuse(request, wrong)
    if answer.media_type != MediaType.HTML:
        return answer
    said = said_of(wrong)
    values = frame(together_of(request), up_from(request))
    text = render.page(
        "cities_problem.html", **values, headline=said.title, advice=said.detail, hosts=()
    )
    return Response(text, media_type=MediaType.HTML, status_code=said.status)


def _state(city: Neighbour) -> str:
    try:
        return state_of(city.site)
    except NothingReleased:
        return ""
