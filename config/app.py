"""The only composition root: which faces a web process has, and what they are given."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Response
from litestar.datastructures import MutableScopeHeaders, State
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, OperationalError

from config.bucket.clock import Bringing, Sending
from config.clock import Clock
from config.complaints import counter_of, stamp_of
from config.gate import gate_of
from config.health import Watcher, public_watch
from config.journal import REQUEST
from config.keeping.clock import Keeping
from config.key_files import vault_of
from config.metrics import Measures
from config.mistakes import sentence_of
from config.probes import PROBES
from config.push import Pushing, caller_of
from config.recalls import withdrawing_of
from config.register import open_register
from config.released import released_of
from config.settings import Settings, load_checks, load_policies, networks_of
from config.steady import Steady
from config.typed_forms import read_anew
from publisher.pages import render
from publisher.pages.tiles import Place
from publisher.print.engine import set_page
from publisher.schedule import every_minute
from publisher.signing import sign
from publisher.site.answers import PREFLIGHT, SECURITY, YEAR, Site, Visit, remembered_view
from publisher.site.app import public_routes
from publisher.site.check_paper import verify_paper
from publisher.site.cities import Together, common_routes, refuse_in_common
from publisher.site.feeds import FEEDS
from publisher.site.help import HELP_ROUTES
from publisher.site.pages import release_of_pages
from publisher.site.refusals import refuse
from publisher.site.reports import REPORT_ROUTES
from publisher.site.shelf import Shelf
from publisher.site.static import static
from publisher.site.store import Store
from registry.calendar import load_calendar
from registry.errors import RegisterAway
from registry.faces.desk import Office, environment
from registry.faces.door import ORDINARY
from registry.faces.mistakes import told
from registry.signed_in import signed_in_routes
from registry.uploads import AT_ONCE, LIMIT
from registry.watch import Watch
from scoring import load_policy

log = logging.getLogger("xinyong")
TOO_LARGE = (
    f"内容太大，没有收下，没有改动任何记录。附件每个不超过 {LIMIT // 1_000_000} MB，一次最多 {AT_ONCE} 个。"
    "请用浏览器的后退回到上一页，少选几个文件，或者把照片缩小以后再交。"
)
# A sign or a number that no database keeps, or lists within lists without end: no page of ours sends them.
UNREADABLE = (
    "提交的内容里有读不了的字符、数字或者结构，没有收下，没有改动任何记录。请检查后重新输入。"
)


def public_app(editions: Path, settings: Settings, *, from_store: bool = False) -> Litestar:
    """The public site alone: it reads the editions folder and knows no register.

    `from_store` keeps the folder a copy of the city's store.
    """

    bringing = Bringing(settings, editions, lambda: datetime.now(UTC)) if from_store else None

    def look() -> Watch:
        return public_watch(editions, datetime.now(UTC), bringing)

    watched = _watched(look, Measures(look), settings.watchers)
    state = State({"site": site_of(editions, settings), **watched})
    lifespan = [lambda _: _minutes((bringing.tick,))] if bringing else []
    return _app([*_public(), *PROBES], state, lifespan)


def common_app(together: Together, look: Callable[[], Watch], watchers: str) -> Litestar:
    """The common site of several cities: it reads their editions, and tells how each of them is."""
    watched = _watched(look, Measures(look), watchers)
    routes = [*common_routes(), *PROBES, static]
    return _app(routes, State({"together": together, **watched}))


def _public() -> list[Any]:
    """What everybody may ask for."""
    return [*public_routes(), *FEEDS, verify_paper, *HELP_ROUTES, *REPORT_ROUTES]


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


def _watched(look: Callable[[], Watch], measures: Measures, watchers: str) -> dict[str, Any]:
    return {"watch": look, "measures": measures, "watchers": networks_of(watchers)}


def _app(routes: list[Any], state: State, lifespan: Sequence[Any] = ()) -> Litestar:
    read_anew()
    for pages in (render.environment(), environment()):
        pages.globals["request_number"] = REQUEST.get  # a page about a mistake tells it
    return Litestar(
        lifespan=list(lifespan),
        route_handlers=routes,
        state=state,
        openapi_config=None,
        logging_config=None,
        response_headers=[],
        before_send=[_secure],
        exception_handlers={Exception: _refuse},
        request_max_body_size=ORDINARY,  # of a form with files its own address says more
    )


async def _secure(message: Message, scope: Scope) -> None:
    """Every answer says how a browser must treat it: pages, files, redirects and mistakes alike."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    if scope.get("method") == "OPTIONS" and "/api/v1/" in scope["path"]:
        headers.update(PREFLIGHT)
    if view := remembered_view(scope["query_string"]):
        headers.add("Set-Cookie", view)
    for name, value in SECURITY.items():
        headers.setdefault(name, value)
    if "person" in scope.get("state", {}):
        headers.setdefault("Cache-Control", "no-store")
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", f"max-age={int(YEAR)}")


def _refuse(request: Visit, wrong: Exception) -> Response[Any]:
    if isinstance(wrong, HTTPException) and wrong.status_code == 413:
        wrong = HTTPException(TOO_LARGE, status_code=413)
    if isinstance(wrong, DataError | RecursionError):
        wrong = HTTPException(UNREADABLE, status_code=400)
    said = wrong
    if isinstance(wrong, OperationalError):  # whatever was begun is undone
        said = RegisterAway(sentence_of(wrong) or "")
    answer = told(request, said) if hasattr(request.app.state, "office") else None
    refused = refuse_in_common if hasattr(request.app.state, "together") else refuse
    answer = answer or refused(request, wrong)
    if isinstance(answer.content, dict):
        answer.content["request"] = REQUEST.get()  # an extension member (RFC 9457 §3.2)
    if (answer.status_code or 500) >= 500:
        log.error("%s", request.scope.get("path_template", ""), exc_info=wrong)
    return answer


def settings_app(settings: Settings, *, schedule: bool = True) -> Litestar:
    """Every face of one city: the public site, the desk and the portal, and the monthly clock."""
    engine = open_register(settings)

    steady = Steady(settings.zone)
    now = steady.now
    watcher = Watcher(engine, settings, steady, schedules=schedule)
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
        gate=gate_of(settings, engine),
        withdrawing=withdrawing_of(settings, engine, now),
        words=settings.words,
        sign_on=settings.sign_on,
        caller=caller_of(settings, now),
        vault=vault_of(settings, engine),
        watch=watcher.look,
    )
    site = site_of(settings.editions, settings)
    counter = counter_of(engine, settings, office.calendar, now, stamp_of(settings))
    watched = _watched(watcher.look, watcher.measures, settings.watchers)
    routes = [*_public(), *signed_in_routes(), *PROBES]
    lifespan = [lambda _: _clock(engine, settings, watcher, steady)] if schedule else []
    shared = {"site": site, "office": office, "counter": counter, **watched}
    return _app(routes, State(shared), lifespan)


@asynccontextmanager
async def _clock(
    engine: Engine, settings: Settings, watcher: Watcher, steady: Steady
) -> AsyncIterator[None]:
    now = steady.now
    clock, pushing = Clock(engine, settings, now), Pushing(engine, settings, now)
    keeping, sending = Keeping(engine, settings, now), Sending(engine, settings, now)

    def tick() -> None:
        if watcher.is_leapt():
            clock.notices.send(steady.clock())
            return
        watcher.beat()
        clock.tick()
        watcher.tell()

    # Beside the city's clock: a slow receiver or a backup must hold up no release.
    jobs = (tick, pushing.tick, keeping.erase, keeping.back_up, sending.tick)
    async with _minutes(jobs):
        yield


@asynccontextmanager
async def _minutes(jobs: Sequence[Callable[[], None]]) -> AsyncIterator[None]:
    """Runs each job once a minute, in a thread of its own."""
    with ExitStack() as running:
        for job in jobs:
            # The thread knows of which city it is, as the process that started it did.
            own = partial(copy_context().run, job)
            running.enter_context(every_minute(own))
        yield
