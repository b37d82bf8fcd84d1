"""The only composition root: which faces a web process has, and what they are given."""

import logging
from pathlib import Path
from typing import Any

from litestar import Litestar, Response
from litestar.datastructures import State

from config.settings import Settings
from publisher.site.app import SECURITY, Visit, public_routes, refuse
from publisher.site.pages import release_of_pages
from publisher.site.store import Store

log = logging.getLogger("xinyong")


def public_app(editions: Path, contact: str = "") -> Litestar:
    """The public site alone: it reads the editions folder and knows no register."""
    return _app(list(public_routes()), State(_shared(editions, contact)))


def _shared(editions: Path, contact: str) -> dict[str, Any]:
    return {"store": Store(editions), "contact": contact, "pages": release_of_pages()}


def _app(routes: list[Any], state: State) -> Litestar:
    return Litestar(
        route_handlers=routes,
        state=state,
        openapi_config=None,
        response_headers=[],
        after_request=_secure,
        exception_handlers={Exception: _refuse},
        request_max_body_size=20_000_000,
    )


def _secure(response: Response[Any]) -> Response[Any]:
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    return response


def _refuse(request: Visit, wrong: Exception) -> Response[Any]:
    answer = refuse(request, wrong)
    if (answer.status_code or 500) >= 500:
        log.error("%s %s", request.method, request.url.path, exc_info=wrong)
    return _secure(answer)


def settings_app(settings: Settings) -> Litestar:
    """Every face of one city."""
    return public_app(settings.editions, settings.contact)
