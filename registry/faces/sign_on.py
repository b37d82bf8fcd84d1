"""Signing in through the city's identity provider: out to it, and back with a code."""

from secrets import compare_digest
from typing import Any

from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry.accounts import SignIn, account_by_subject, enter, note, sign_out
from registry.database import writing
from registry.faces.desk import Kept, Visit, office_of, token_of, visitor_of
from registry.faces.door import OPEN
from registry.faces.session import give_token, going, onward, sign_in_form
from registry.sign_on import (
    SignOn,
    SignOnRefused,
    Subject,
    discovered,
    leave_for,
    subject_of,
    take_handshake,
)

STATE = "xinyong-state"
_STRANGER = (
    "统一身份认证已经认出您，但您在本系统还没有账户。请把下面这一行交给管理员，由其关联账户：{}"
)


@get("/sign-in/other", opt={"needs": OPEN}, sync_to_thread=True)
def leave(request: Visit) -> Response[Any]:
    """Sends the person to the provider; this browser alone may come back."""
    office = office_of(request)
    provider = _provider(request)
    path = going(dict(request.query_params))
    try:
        start = discovered(provider)["authorization_endpoint"]
        with writing(office.engine) as session:
            away = leave_for(session, provider, start, _back(request), path, office.now())
    except SignOnRefused as refused:
        return sign_in_form(request, said=str(refused), path=path, status=502)
    answer = Redirect(away.address, status_code=303)
    answer.set_cookie(
        Cookie(
            STATE,
            value=away.state,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
            path="/sign-in",
            max_age=600,
        )
    )
    return answer


@get("/sign-in/back", opt={"needs": OPEN}, sync_to_thread=True)
def come_back(request: Visit) -> Response[Any]:
    """Takes the person the provider names; whom nobody has tied to an account gets none."""
    try:
        who = _named(request, _provider(request))
    except SignOnRefused as refused:
        return sign_in_form(request, said=str(refused), status=403)
    office = office_of(request)
    with writing(office.engine) as session:
        account = account_by_subject(session, who.subject)
        if account is None:
            note(session, who.subject[-40:], office.now(), visitor_of(request), "sso_unknown")
            done = SignIn(refused=_STRANGER.format(who.subject))
        else:
            done = enter(
                session,
                account,
                office.now(),
                visitor_of(request),
                how="sso",
                strong=who.strong,
                lenient=office.fictional,
            )
            sign_out(session, token_of(request), office.now())
    if done.person is None:
        return sign_in_form(request, said=done.refused, status=403)
    return give_token(request, onward(request, done.person, who.path, Kept()), done.token)


SIGN_ON_ROUTES: list[HTTPRouteHandler] = [leave, come_back]


def _named(request: Visit, provider: SignOn) -> Subject:
    office, asked = office_of(request), request.query_params
    if asked.get("error") or not asked.get("code"):
        raise SignOnRefused("统一身份认证没有完成登录。请重新登录，或者改用密码。")
    state = asked.get("state", "")
    if not compare_digest(state.encode(), request.cookies.get(STATE, "").encode()):
        raise SignOnRefused("这次登录不是从本浏览器开始的，或者已经过期。请重新登录。")
    with writing(office.engine) as session:
        kept = take_handshake(session, state, office.now())
    if kept is None:
        raise SignOnRefused("这次登录已经用过或者过期。请重新登录。")
    return subject_of(provider, kept, asked["code"], _back(request), office.now())


def _provider(request: Visit) -> SignOn:
    provider = office_of(request).sign_on
    if provider is None:
        raise NotFoundException("本系统没有设置统一身份认证")
    return provider


def _back(request: Visit) -> str:
    return f"{request.base_url}sign-in/back"
