"""The only composition root: which faces a web process has, and what they are given."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from litestar import Litestar, Response
from litestar.datastructures import MutableScopeHeaders, State
from litestar.types import Message, Scope
from sqlalchemy import Engine

from config.complaints import counter_of
from config.month import alarm, release_due, salt_of
from config.notices import Notices
from config.register import open_register
from config.released import released_of
from config.settings import Settings, load_checks, load_policies
from publisher.pages.tiles import Place
from publisher.print.engine import set_page
from publisher.release import ReleaseRefused
from publisher.schedule import every_minute
from publisher.signing import sign
from publisher.site.answers import SECURITY, YEAR, Site, Visit
from publisher.site.app import public_routes
from publisher.site.check_paper import verify_paper
from publisher.site.pages import release_of_pages
from publisher.site.refusals import refuse
from publisher.site.shelf import Shelf
from publisher.site.store import Store
from registry.calendar import load_calendar
from registry.faces.desk import Office
from registry.faces.mistakes import told
from registry.signed_in import signed_in_routes
from scoring import load_policy

log = logging.getLogger("xinyong")


def public_app(editions: Path, settings: Settings) -> Litestar:
    """The public site alone: it reads the editions folder and knows no register."""
    return _app([*public_routes(), verify_paper], State({"site": site_of(editions, settings)}))


def site_of(editions: Path, settings: Settings) -> Site:
    """What the public site is given of the city's settings."""
    return Site(
        store=Store(editions),
        today=lambda: datetime.now(settings.zone).date(),
        zone=settings.zone,
        pages=release_of_pages(),
        security=settings.city.security,
        contact=settings.contact,
        address=settings.city.site,
        city=settings.name,
        places=places_of(settings),
        shelf=Shelf(),
    )


def places_of(settings: Settings) -> dict[str, Place]:
    """Where the figure of districts draws each; a zone lies below a district."""
    return {
        one.id: Place(across=one.tile[0], down=one.tile[1], zone=bool(one.parent))
        for one in settings.jurisdictions
        if one.tile
    }


def _app(routes: list[Any], state: State, lifespan: Sequence[Any] = ()) -> Litestar:
    return Litestar(
        lifespan=list(lifespan),
        route_handlers=routes,
        state=state,
        openapi_config=None,
        logging_config=None,
        response_headers=[],
        before_send=[_secure],
        exception_handlers={Exception: _refuse},
        request_max_body_size=20_000_000,
    )


async def _secure(message: Message, scope: Scope) -> None:
    """Every answer says how a browser must treat it: pages, files, redirects and mistakes alike."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if "person" in scope.get("state", {}):
        headers.setdefault("Cache-Control", "no-store")
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", f"max-age={int(YEAR)}")


def _refuse(request: Visit, wrong: Exception) -> Response[Any]:
    answer = told(request, wrong) if hasattr(request.app.state, "office") else None
    answer = answer or refuse(request, wrong)
    if (answer.status_code or 500) >= 500:
        log.error("%s %s", request.method, request.url.path, exc_info=wrong)
    return answer


def settings_app(settings: Settings, *, schedule: bool = True) -> Litestar:
    """Every face of one city: the public site, the desk and the portal, and the monthly clock."""
    engine = open_register(settings)

    def now() -> datetime:
        return datetime.now(settings.zone)

    office = Office(
        engine=engine,
        policies=tuple(load_policy(one) for one in load_policies(settings)),
        calendar=load_calendar(settings.holidays),
        prefix=settings.prefix,
        organ=settings.organ,
        fictional=settings.fictional,
        now=now,
        uploads=settings.data / "uploads",
        paper=set_page,
        sign=lambda content: sign(content, settings.keys / "bureau.key"),
        checklists=load_checks(settings),
        draw_weight=settings.city.draw.of,
        released=released_of(settings, now),
        words=settings.words,
        sign_on=settings.sign_on,
    )
    site = site_of(settings.editions, settings)
    counter = counter_of(engine, settings, office.calendar, now, salt_of(settings.keys))
    routes = [*public_routes(), verify_paper, *signed_in_routes()]
    lifespan = [lambda _: _clock(engine, settings)] if schedule else []
    return _app(routes, State({"site": site, "office": office, "counter": counter}), lifespan)


@asynccontextmanager
async def _clock(engine: Engine, settings: Settings) -> AsyncIterator[None]:
    said = ""
    notices = Notices(engine, settings, lambda: datetime.now(settings.zone))

    def tick() -> None:
        nonlocal said
        now = datetime.now(settings.zone)
        try:
            for period in release_due(engine, settings, now):
                log.warning("%s 版已按时发布", period)
            trouble = alarm(engine, settings, now)
        except ReleaseRefused as refused:
            trouble = str(refused)
        if trouble and trouble != said:
            log.error("%s", trouble)
        said = trouble
        notices.tick()

    with every_minute(tick, settings.zone):
        yield
