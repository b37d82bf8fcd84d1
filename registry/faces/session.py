"""Signing in and out: a revocable token in a cookie that scripts and other sites never see."""

import json
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body
from litestar.response import Redirect

from registry.accounts import (
    Person,
    SignIn,
    show_second,
    sign_in,
    sign_out,
)
from registry.database import writing
from registry.faces.desk import (
    Kept,
    SignInNeeded,
    StageNeeded,
    cookie_of,
    office_of,
    page,
    token_of,
    up_from,
    visitor_of,
)
from registry.faces.door import HALF, OPEN, same_origin

__all__ = ["Typed", "same_origin"]
Typed = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
Visit = Request[Any, Any, Any]
NOTHING = Kept()
STAGES = {"second": "second.html", "password": "password.html", "enrol": "enrol.html"}


@get("/sign-in", opt={"needs": OPEN}, sync_to_thread=False)
def sign_in_page(request: Visit) -> Response[Any]:
    """The form."""
    return sign_in_form(request, path=_safe(request.query_params.get("path", "")))


@post("/sign-in", opt={"needs": OPEN}, sync_to_thread=True)
def do_sign_in(request: Visit, data: Typed) -> Response[Any]:
    """Signs in and goes on where the person was going, with what had been typed."""
    office = office_of(request)
    name, path, kept = data.get("account", ""), _safe(data.get("path", "")), kept_in(data)
    with writing(office.engine) as session:
        done = sign_in(
            session,
            name,
            data.get("password", ""),
            office.now(),
            visitor_of(request),
            lenient=office.fictional,
        )
        if done.token:
            sign_out(session, token_of(request), office.now())  # no token outlives a sign-in
    if done.person is None:
        status = 429 if done.retry_after else 403
        return _waiting(
            sign_in_form(
                request, said=done.refused, path=path, kept=kept, account=name, status=status
            ),
            done,
        )
    return give_token(request, onward(request, done.person, path, kept), done.token)


@post("/sign-in/second", opt={"needs": HALF}, sync_to_thread=True)
def do_second(request: Visit, data: Typed) -> Response[Any]:
    """Takes the second factor's code and goes on."""
    office, person = office_of(request), request.state.person
    path, kept = _safe(data.get("path", "")), kept_in(data)
    with writing(office.engine) as session:
        done = show_second(
            session,
            token_of(request),
            data.get("otp", ""),
            office.now(),
            visitor_of(request),
            vault=office.vault,
            lenient=office.fictional,
        )
    if done.person is None:
        status = 429 if done.retry_after else 403
        again = stage_page(request, person, "second", path, kept, said=done.refused, status=status)
        return _waiting(again, done)
    return give_token(request, onward(request, done.person, path, kept), done.token)


@post("/sign-in/go-on", opt={"needs": HALF}, sync_to_thread=True)
def go_on(request: Visit, data: Typed) -> Response[Any]:
    """Goes on where the person was going, after a page that had to be read first."""
    return onward(request, request.state.person, going(data), kept_in(data))


@post("/sign-out", opt={"needs": OPEN}, sync_to_thread=True)
def do_sign_out(request: Visit) -> Response[Any]:
    """Ends the session here and now."""
    office = office_of(request)
    with writing(office.engine) as session:
        sign_out(session, token_of(request), office.now())
    answer = Redirect(up_from(request), status_code=303)
    answer.delete_cookie(cookie_of(request), path="/")
    return answer


SESSION_ROUTES: list[HTTPRouteHandler] = [sign_in_page, do_sign_in, do_second, go_on, do_sign_out]


def ask_to_sign_in(request: Visit, wrong: SignInNeeded) -> Response[Any]:
    """The form in place of the page, holding what had been typed."""
    return sign_in_form(request, said=str(wrong), path=wrong.path, kept=wrong.kept, status=401)


def ask_for_stage(request: Visit, wrong: StageNeeded) -> Response[Any]:
    """The next step of signing in in place of the page, holding what had been typed."""
    return stage_page(request, wrong.person, wrong.person.stage, wrong.path, wrong.kept, status=403)


def onward(request: Visit, person: Person, path: str, kept: Kept) -> Response[Any]:
    """What comes after a step of signing in: the next step, what had been typed, or the page asked for."""
    if person.stage:
        return stage_page(request, person, person.stage, path, kept)
    if kept.pairs or kept.lost:
        return page(request, "go_on.html", path=path, kept=kept, person=person)
    there = (path or home_of(person)).lstrip("/")
    return Redirect(f"{up_from(request)}{there}", status_code=303)


def stage_page(  # noqa: PLR0913 the step, and what is to be carried through it
    request: Visit,
    person: Person,
    stage: str,
    path: str,
    kept: Kept,
    *,
    said: str = "",
    status: int = 200,
) -> Response[Any]:
    """The page of a step of signing in, carrying where the person was going and what had been typed."""
    values = {"who": person, "said": said, "problems": {}, "must": True, "qr": "", "secret": ""}
    return page(request, STAGES[stage], status=status, carried=carried(path, kept), **values)


def carried(path: str, kept: Kept) -> dict[str, str]:
    """The hidden fields that carry where somebody was going and what had been typed."""
    held = (
        json.dumps([kept.pairs, kept.lost], ensure_ascii=False) if kept.pairs or kept.lost else ""
    )
    return {"path": path, "kept": held}


def kept_in(data: dict[str, str]) -> Kept:
    """What the hidden field holds; what somebody made up is as good as nothing."""
    try:
        pairs, lost = json.loads(data.get("kept") or "[[], false]")
        typed = tuple((str(key), str(one)) for key, one in pairs)
        "".join(key + one for key, one in typed).encode()  # half a sign can stand on no page
        return Kept(pairs=typed, lost=bool(lost))
    except (ValueError, TypeError, RecursionError):
        return Kept()


def going(data: dict[str, str]) -> str:
    """Where the person was going: a path of this site, or nothing."""
    return _safe(data.get("path", ""))


def give_token(request: Visit, answer: Response[Any], token: str) -> Response[Any]:
    """Sets the session's cookie: for this host, out of reach of scripts and of other sites' forms."""
    answer.set_cookie(
        Cookie(
            cookie_of(request),
            value=token,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
            path="/",
        )
    )
    return answer


def home_of(person: Person) -> str:
    """Where a person's work begins."""
    return "/my/" if person.role == "institution" else "/desk/"


def sign_in_form(
    request: Visit,
    *,
    said: str = "",
    path: str = "",
    kept: Kept = NOTHING,
    account: str = "",
    status: int = 200,
) -> Response[Any]:
    """The sign-in page, with a sentence over the form."""
    provider = office_of(request).sign_on
    return page(
        request,
        "sign_in.html",
        status=status,
        said=said,
        carried=carried(path, kept),
        account=account,
        sign_on=provider.name if provider else "",
    )


def _waiting(answer: Response[Any], done: SignIn) -> Response[Any]:
    if done.retry_after:
        answer.headers["Retry-After"] = str(done.retry_after)
    return answer


def _safe(path: str) -> str:
    """A path of this site, or nothing: never another site's address."""
    try:
        parts = urlsplit(path)
    except ValueError:  # half an IPv6 address
        return ""
    local = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if local and not parts.netloc and not parts.scheme else ""
