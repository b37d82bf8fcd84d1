"""The desk's accounts: who may sign in, in which roles, and what came of it."""

from secrets import token_urlsafe
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from registry import queries
from registry.accounts import (
    capacities,
    change_email,
    close_account,
    create_account,
    end_grant,
    grant_role,
    link_subject,
    reset_password,
    reset_second,
    sessions,
    sign_out_everywhere,
)
from registry.database import reading, writing
from registry.errors import FormRefused, NotAllowed, NotFound, read_form
from registry.faces.desk import Visit, by_field, office_of, page, person_of, up_from
from registry.faces.security import device_words
from registry.faces.session import Typed
from registry.forms import AccountForm, EmailForm, GrantForm
from registry.procedure import ROLES

KEEP = {"needs": "keep_accounts"}
ONE = {"needs": "keep_accounts", "reach": {"account": "nothing"}}
AT_MOST = 200
_ONCE = "请当面或者用电话告诉本人。它只显示这一次，72 小时内有效，登录后必须改成自己的密码。"


@get("/desk/accounts", opt=KEEP, sync_to_thread=False)
def account_list(request: Visit) -> Response[Any]:
    """Accounts by name, and the form for another."""
    return _list(request, {"role": "inspector"}, {}, 200)


@post("/desk/accounts", opt=KEEP, sync_to_thread=True)
def open_account(request: Visit, data: Typed) -> Response[Any]:
    """Opens an account with a password that serves once."""
    person, office = person_of(request), office_of(request)
    password = token_urlsafe(12)
    try:
        form = read_form(AccountForm, _said(data) | {"password": password})
        with writing(office.engine) as session:
            create_account(session, form, by=person.actor, now=office.now(), once=True)
    except FormRefused as refused:
        return _list(request, data, by_field(refused.problems), 422)
    return _once(request, form.id, f"账户 {form.id} 已开立", password)


@get("/desk/accounts/a/{account:str}", opt=ONE, sync_to_thread=False)
def account(request: Visit, account: str) -> Response[Any]:
    """One account: its capacities, sessions, and what may be done with it."""
    return _account(request, account, {}, {}, 200)


@post("/desk/accounts/a/{account:str}/grants", opt=ONE, sync_to_thread=True)
def grant(request: Visit, account: str, data: Typed) -> Response[Any]:
    """Grants a further role."""
    person, office = person_of(request), office_of(request)
    try:
        with writing(office.engine) as session:
            form = read_form(GrantForm, _said(data))
            grant_role(session, account, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _account(request, account, data, by_field(refused.problems), 422)
    return _back(request, account)


@post(
    "/desk/accounts/a/{account:str}/grants/{grant:int}/end",
    opt={"needs": "keep_accounts", "reach": {"account": "nothing", "grant": "nothing"}},
    sync_to_thread=True,
)
def end(request: Visit, account: str, grant: int) -> Response[Any]:
    """Ends a grant."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        end_grant(session, account, grant, by=person.actor, now=office.now())
    return _back(request, account)


@post("/desk/accounts/a/{account:str}/reset", opt=ONE, sync_to_thread=True)
def reset(request: Visit, account: str) -> Response[Any]:
    """Gives a password that serves once."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        password = reset_password(session, account, by=person.actor, now=office.now())
    return _once(request, account, f"账户 {account} 的密码已重设", password)


@post("/desk/accounts/a/{account:str}/second", opt=ONE, sync_to_thread=True)
def drop_second(request: Visit, account: str) -> Response[Any]:
    """Takes a lost second factor away."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        reset_second(session, account, by=person.actor, now=office.now())
    return _back(request, account)


@post("/desk/accounts/a/{account:str}/subject", opt=ONE, sync_to_thread=True)
def link(request: Visit, account: str, data: Typed) -> Response[Any]:
    """Ties the account to a person of the single sign-on."""
    person, office = person_of(request), office_of(request)
    subject = data.get("subject", "")
    try:
        with writing(office.engine) as session:
            link_subject(session, account, subject, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _account(request, account, data, by_field(refused.problems), 422)
    return _back(request, account)


@post("/desk/accounts/a/{account:str}/email", opt=ONE, sync_to_thread=True)
def set_email(request: Visit, account: str, data: Typed) -> Response[Any]:
    """Sets where mail reaches the account's person."""
    person, office = person_of(request), office_of(request)
    try:
        form = read_form(EmailForm, _said(data))
        with writing(office.engine) as session:
            change_email(session, account, form, by=person.actor, now=office.now())
    except FormRefused as refused:
        return _account(request, account, data, by_field(refused.problems), 422)
    return _back(request, account)


@post("/desk/accounts/a/{account:str}/sessions", opt=ONE, sync_to_thread=True)
def end_all(request: Visit, account: str) -> Response[Any]:
    """Ends every session of an account."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        sign_out_everywhere(session, account, by=person.actor, now=office.now())
    return _back(request, account)


@post("/desk/accounts/a/{account:str}/close", opt=ONE, sync_to_thread=True)
def close(request: Visit, account: str) -> Response[Any]:
    """Closes an account."""
    person, office = person_of(request), office_of(request)
    with writing(office.engine) as session:
        close_account(session, account, by=person.actor, now=office.now())
    return _back(request, account)


@get("/desk/accounts/sign-ins", opt={"needs": "browse_sign_ins"}, sync_to_thread=False)
def sign_ins(request: Visit) -> Response[Any]:
    """What came of attempts to sign in."""
    person, office, asked = person_of(request), office_of(request), request.query_params
    wanted = {
        "account": asked.get("account", "").strip().lower(),
        "address": asked.get("address", "").strip(),
        "failed": asked.get("failed", ""),
    }
    if person.places:
        raise NotAllowed("登录记录是全市的，只有市级的管理员和审计员可以查看。")
    with reading(office.engine) as session:
        lines = queries.sign_ins(
            session,
            wanted["account"],
            wanted["address"],
            failed=bool(wanted["failed"]),
            limit=AT_MOST,
        )
    return page(
        request,
        "sign_ins.html",
        person=person,
        here="sign_ins",
        lines=lines,
        wanted=wanted,
        limit=AT_MOST,
    )


PEOPLE_ROUTES: list[HTTPRouteHandler] = [
    account_list,
    open_account,
    account,
    grant,
    end,
    reset,
    drop_second,
    link,
    set_email,
    end_all,
    close,
    sign_ins,
]


def _said(data: dict[str, str]) -> dict[str, object]:
    return {key: one for key, one in data.items() if one.strip()}


def _back(request: Visit, account: str) -> Response[Any]:
    return Redirect(f"{up_from(request)}desk/accounts/a/{account}/", status_code=303)


def _once(request: Visit, account: str, headline: str, password: str) -> Response[Any]:
    return page(
        request,
        "once.html",
        person=person_of(request),
        here="accounts",
        account=account,
        headline=headline,
        password=password,
        advice=_ONCE,
    )


def _list(
    request: Visit, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    query = request.query_params.get("q", "")
    with reading(office.engine) as session:
        lines = queries.account_lines(session, query, person.places, AT_MOST)
        places = queries.jurisdictions(session, office.now().date())
    return page(
        request,
        "accounts.html",
        status=status,
        person=person,
        here="accounts",
        query=query,
        lines=lines,
        limit=AT_MOST,
        values=values,
        problems=problems,
        roles=ROLES,
        places=places,
    )


def _account(
    request: Visit, id: str, values: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        line = queries.account_line(session, id)
        if line is None:
            raise NotFound("账户", id)
        if person.places and id not in {
            one.id for one in queries.account_lines(session, "", person.places, 100_000)
        }:
            raise NotAllowed("这个账户在别的区县有角色。请由市级管理员办理。")
        found = {
            "line": line,
            "grants": capacities(session, id, office.now()),
            "open_sessions": sessions(session, id, office.now()),
            "places": queries.jurisdictions(session, office.now().date()),
        }
    return page(
        request,
        "account.html",
        status=status,
        person=person,
        here="accounts",
        values={"role": "inspector", **values},
        problems=problems,
        roles=ROLES,
        sign_on=office.sign_on,
        device_words=device_words,
        **found,
    )
