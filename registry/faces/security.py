"""The own account: capacities, password, second factor, and the sessions that are open."""

from typing import Any

import segno
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlmodel import Session

from registry.accounts import (
    Person,
    account_of,
    account_row,
    act_as,
    capacities,
    change_email,
    check_password,
    end_sessions,
    live,
    passwords,
    rotate,
    second,
    sessions,
)
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.faces.desk import (
    Kept,
    Visit,
    by_field,
    office_of,
    page,
    person_of,
    token_of,
    up_from,
    visitor_of,
)
from registry.faces.door import ANYONE, HALF
from registry.faces.session import (
    Typed,
    carried,
    give_token,
    going,
    home_of,
    kept_in,
    onward,
    stage_page,
)
from registry.forms import EmailForm
from registry.numbers import row_number

BROWSERS = {
    "MicroMessenger": "微信",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "安卓手机",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows 电脑",
    "Mac OS": "苹果电脑",
    "Linux": "Linux 电脑",
}


def device_words(agent: str) -> str:
    """A browser and its machine in words, as far as they say it."""
    found = [
        next((word for sign, word in words.items() if sign in agent), "")
        for words in (SYSTEMS, BROWSERS)
    ]
    return "，".join(one for one in found if one) or "没有说明的设备"


@get("/me", opt={"needs": ANYONE}, sync_to_thread=False)
def me(request: Visit) -> Response[Any]:
    """The own account."""
    return _me(request, {}, 200)


@post("/me/email", opt={"needs": ANYONE}, sync_to_thread=True)
def own_email(request: Visit, data: Typed) -> Response[Any]:
    """Sets where mail reaches oneself."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(EmailForm, {"email": data.get("email", "")})
        with writing(office.engine) as session:
            change_email(session, person.account, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _me(request, by_field(refused.problems), 422, data)
    return Redirect(f"{up_from(request)}me/", status_code=303)


@post("/me/act-as", opt={"needs": ANYONE}, sync_to_thread=True)
def change_capacity(request: Visit, data: Typed) -> Response[Any]:
    """Goes on in another of the own capacities, at its first page."""
    person, office = person_of(request), office_of(request)
    grant = row_number(data.get("grant", ""))
    with writing(office.engine) as session:
        act_as(session, person, grant, office.now())
        now = account_of(session, token_of(request), office.now(), lenient=office.fictional)
    there = home_of(now or person).lstrip("/")
    return Redirect(f"{up_from(request)}{there}", status_code=303)


@get("/me/password", opt={"needs": HALF}, sync_to_thread=False)
def password_page(request: Visit) -> Response[Any]:
    """The form for an own password."""
    return _password(request, person_of(request), {}, {}, 200)


@post("/me/password", opt={"needs": HALF}, sync_to_thread=True)
def change_password(request: Visit, data: Typed) -> Response[Any]:
    """Sets an own password; every other session ends, and this one gets a new token."""
    person, office = person_of(request), office_of(request)
    _beyond_second(person)
    with writing(office.engine) as session:
        problems = _password_problems(session, request, person, data)
        if not problems:
            account = account_row(session, person.account)
            passwords.change_password(
                session, account, data["password_new"], by=person.actor, now=office.now()
            )
            token = _renewed(session, request, strong=None)
            after = account_of(session, token, office.now(), lenient=office.fictional) or person
            end_sessions(
                session, person.account, by=person.actor, now=office.now(), but=after.session
            )
    if problems:
        return _password(request, person, data, problems, 422)
    answer = onward(request, after, going(data) or "/me/", kept_in(data))
    return give_token(request, answer, token)


@get("/me/second", opt={"needs": HALF}, sync_to_thread=False)
def second_page(request: Visit) -> Response[Any]:
    """What a second factor is, and the way to set one up."""
    person = person_of(request)
    stage = person.stage or "enrol"
    return stage_page(request, person, stage, "/me/", Kept())


@post("/me/second", opt={"needs": HALF}, sync_to_thread=True)
def set_up_second(request: Visit, data: Typed) -> Response[Any]:
    """Shows a fresh secret, or takes its first code: then it holds, and the session is a strong one."""
    person, office = person_of(request), office_of(request)
    _beyond_second(person)
    if data.get("act") != "confirm":
        with writing(office.engine) as session:
            secret = second.begin(session, person.session, office.vault)
        return _enrol(request, person, data, secret)
    with writing(office.engine) as session:
        secret = second.pending(session, person.session, office.vault)
        step = second.step_of(secret, data.get("otp", ""), office.now()) if secret else 0
        if step:
            account = account_row(session, person.account)
            codes = second.enrol(
                session, account, secret, step, office.vault, by=person.actor, now=office.now()
            )
            token = _renewed(session, request, strong=True)
            after = account_of(session, token, office.now(), lenient=office.fictional)
    if not step:
        said = "验证码不对。请核对手机时间，再输入一个新的验证码。"
        return _enrol(request, person, data, secret, said, 422)
    answer = page(
        request,
        "codes.html",
        who=after or person,
        codes=codes,
        carried=carried(going(data), kept_in(data)),
        home=home_of(after or person),
    )
    return give_token(request, answer, token)


@post("/me/codes", opt={"needs": ANYONE}, sync_to_thread=True)
def fresh_codes(request: Visit) -> Response[Any]:
    """New codes for a lost phone; the old ones are worthless from now on."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        if not account_row(session, person.account).totp_secret:
            raise NotFound("两步验证", person.account)
        codes = second.fresh_codes(session, person.account)
    return page(
        request,
        "codes.html",
        who=person,
        codes=codes,
        carried=carried("/me/", Kept()),
        home="/me/",
    )


@post("/me/sessions/end", opt={"needs": ANYONE}, sync_to_thread=True)
def end_own(request: Visit, data: Typed) -> Response[Any]:
    """Ends one of the own sessions, or all but this one."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        end_sessions(
            session,
            person.account,
            by=person.actor,
            now=office.now(),
            key=data.get("key", ""),
            but=person.session,
        )
    return Redirect(f"{up_from(request)}me/", status_code=303)


SECURITY_ROUTES: list[HTTPRouteHandler] = [
    me,
    own_email,
    change_capacity,
    password_page,
    change_password,
    second_page,
    set_up_second,
    fresh_codes,
    end_own,
]


def _me(
    request: Visit, problems: dict[str, str], status: int, typed: dict[str, str] | None = None
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        account = account_row(session, person.account)
        found: dict[str, Any] = {
            "roles": [
                one for one in capacities(session, person.account, office.now()) if one.current
            ],
            "open_sessions": sessions(session, person.account, office.now(), person.session),
            "has_second": bool(account.totp_secret),
            "codes_left": second.codes_left(session, person.account),
            "values": {"email": account.email, **(typed or {})},
        }
    return page(
        request,
        "me.html",
        status=status,
        person=person,
        here="me",
        problems=problems,
        device_words=device_words,
        **found,
    )


def _beyond_second(person: Person) -> None:
    """A password alone changes nothing of an account that has a second factor."""
    if person.stage == "second":
        raise NotAllowed("请先输入验证码，完成登录。")


def _renewed(session: Session, request: Visit, *, strong: bool | None) -> str:
    """A new token for this session, for what it may do has changed."""
    row = live(session, token_of(request), office_of(request).now())
    if row is None:
        raise NotAllowed("登录已过期，请重新登录。")
    held = row.strong if strong is None else strong
    return rotate(session, row, office_of(request).now(), strong=held)


def _password_problems(
    session: Session, request: Visit, person: Person, data: dict[str, str]
) -> dict[str, str]:
    """Every wrong field at once; guessing the present password is as slow here as at the door."""
    account, new = account_row(session, person.account), data.get("password_new", "")
    said = check_password(
        session, account, data.get("password", ""), office_of(request).now(), visitor_of(request)
    )
    found = {"password": said} if said else {}
    if wrong := passwords.password_problem(new, person.account):
        found["password_new"] = f"新密码{wrong.remedy}。"
    elif not said and passwords.matches(account, new):
        found["password_new"] = "新密码和现在的相同，请换一个。"  # noqa: S105 a sentence
    if new != data.get("password_again", ""):
        found["password_again"] = "两次输入的新密码不同，请再输入一次。"  # noqa: S105 a sentence
    return found


def _password(
    request: Visit, person: Person, data: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    return page(
        request,
        "password.html",
        status=status,
        who=person,
        said="",
        problems=problems,
        must=person.stage == "password",
        carried=carried(going(data), kept_in(data)),
    )


def _enrol(
    request: Visit,
    person: Person,
    data: dict[str, str],
    secret: str,
    said: str = "",
    status: int = 200,
) -> Response[Any]:
    office = office_of(request)
    uri = second.provisioning(secret, person.account, office.organ) if secret else ""
    code = _drawn(uri) if uri else ""
    return page(
        request,
        "enrol.html",
        status=status,
        who=person,
        said=said,
        must=person.stage == "enrol",
        qr=code,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        carried=carried(going(data), kept_in(data)),
    )


def _drawn(uri: str) -> str:
    """A QR code as inline SVG, named for those who cannot see it."""
    drawn = segno.make(uri, error="m").svg_inline(svgclass="qr", lineclass=None, omitsize=True)
    return str(drawn).replace("<svg ", '<svg role="img" aria-label="两步验证的二维码" ', 1)
