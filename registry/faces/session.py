"""Signing in and out: a revocable token in a cookie that scripts and other sites never see."""

import json
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.exceptions import PermissionDeniedException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.params import Body
from litestar.response import Redirect

from registry.accounts import Person, sign_in, sign_out
from registry.database import writing
from registry.faces.desk import COOKIE, SignInNeeded, office_of, page, up_from

Typed = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Visit = Request[Any, Any, Any]


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: what another site's page sends in a visitor's name is refused."""
    if connection.scope.get("method") in ("GET", "HEAD"):
        return
    site = connection.headers.get("Sec-Fetch-Site", "same-origin")
    origin = connection.headers.get("Origin", "")
    host = connection.headers.get("Host", "")
    if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
        raise PermissionDeniedException("请从本站的页面提交。")


@get("/sign-in", sync_to_thread=False)
def sign_in_page(request: Visit) -> Response[Any]:
    """The form."""
    return page(request, "sign_in.html", said="", kept={}, path=_local(request, "path"), account="")


@post("/sign-in", guards=[same_origin], sync_to_thread=True)
def do_sign_in(request: Visit, data: Typed) -> Response[Any]:
    """Signs in and goes on where the person was going, with what had been typed."""
    office = office_of(request)
    with writing(office.engine) as session:
        done = sign_in(session, data.get("account", ""), data.get("password", ""), office.now())
    kept: dict[str, str] = json.loads(data.get("kept") or "{}")
    path = _safe(data.get("path", ""))
    if done.person is None:
        account = data.get("account", "")
        return page(
            request,
            "sign_in.html",
            status=403,
            said=done.refused,
            kept=kept,
            path=path,
            account=account,
        )
    if kept:
        answer = page(request, "go_on.html", path=path, kept=kept, person=done.person)
    else:
        answer = Redirect(f"{up_from(request)}{(path or home_of(done.person)).lstrip('/')}")
        answer.status_code = 303
    answer.set_cookie(
        Cookie(
            COOKIE,
            value=done.token,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
            path="/",
        )
    )
    return answer


@post("/sign-out", guards=[same_origin], sync_to_thread=True)
def do_sign_out(request: Visit) -> Response[Any]:
    """Ends the session here and now."""
    office = office_of(request)
    with writing(office.engine) as session:
        sign_out(session, request.cookies.get(COOKIE, ""), office.now())
    answer = Redirect(up_from(request), status_code=303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def ask_to_sign_in(request: Visit, wrong: SignInNeeded) -> Response[Any]:
    """The form in place of the page, holding what had been typed."""
    return page(
        request,
        "sign_in.html",
        status=401,
        said=str(wrong),
        kept=wrong.kept,
        path=wrong.path,
        account="",
    )


def session_routes() -> list[HTTPRouteHandler]:
    """Signing in and out."""
    return [sign_in_page, do_sign_in, do_sign_out]


def home_of(person: Person) -> str:
    """Where a person's work begins."""
    return "/my/" if person.role == "institution" else "/desk/"


def _local(request: Visit, name: str) -> str:
    return _safe(request.query_params.get(name, ""))


def _safe(path: str) -> str:
    """A path of this site, or nothing: never another site's address."""
    parts = urlsplit(path)
    local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if local and not parts.netloc and not parts.scheme else ""
