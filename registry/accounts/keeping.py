"""What an administrator does with accounts: opens, grants, ends, resets, closes."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from registry.access import Actor, require
from registry.accounts import passwords, second
from registry.accounts.person import grants_in_force
from registry.accounts.sessions import end_sessions
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, refuse
from registry.forms import AccountForm, EmailForm, GrantForm
from registry.ledger import Act, append
from registry.queries.places import above, jurisdiction_of, place_name
from registry.tables import Account, Grant, Institution


def create_account(
    session: Session, form: AccountForm, *, by: Actor, now: datetime, once: bool = False
) -> str:
    """Opens an account with one grant; `once` makes its password serve once, to set an own one."""
    require(by, "create_account", "开立账户")
    if session.get(Account, form.id) is not None:
        raise Conflict(f"账户名“{form.id}”已有人使用。请换一个账户名。")
    if problem := passwords.password_problem(form.password, form.id):
        raise FormRefused([problem])
    _limited(session, by, form.jurisdiction, now, form.institution)
    _check_place(session, form.jurisdiction, form.institution)
    account = Account(
        id=form.id,
        name=form.name,
        password_hash=passwords.hashed(form.password),
        email=form.email,
        once_until=now + passwords.ONCE if once else None,
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(account)
    session.flush()
    fields = {"account", *GrantForm.model_fields} - {"since", "until"}
    values = form.model_dump(include=fields) | {"account": form.id, "since": now.date()}
    _add(session, values, by, now)
    body = form.model_dump(mode="json", exclude={"password", "email"})
    entry = Act(act="create_account", subject=form.id, institution=form.institution, body=body)
    append(session, entry, by=by, now=now)
    return form.id


def grant_role(
    session: Session, account: str, form: GrantForm, *, by: Actor, now: datetime
) -> None:
    """Gives an account a further role, with the days on which it holds."""
    require(by, "keep_accounts", "授予角色")
    row = account_row(session, account)
    if row.closed_at is not None:
        raise Conflict(f"账户“{account}”已停用，不能授予角色。请开立新的账户。")
    _limited(session, by, form.jurisdiction, now, form.institution)
    _check_place(session, form.jurisdiction, form.institution)
    values = form.model_dump() | {"account": account, "since": form.since or now.date()}
    _add(session, values, by, now)
    body = form.model_dump(mode="json")
    entry = Act(act="grant_role", subject=account, institution=form.institution, body=body)
    append(session, entry, by=by, now=now)


def end_grant(session: Session, account: str, grant: int, *, by: Actor, now: datetime) -> None:
    """Ends a grant at once; whoever acts in it goes on in another capacity or is signed out."""
    require(by, "keep_accounts", "收回角色")
    row = session.get(Grant, grant)
    if row is None or row.account != account or row.ended_at is not None:
        raise NotFound("角色授予", str(grant))
    if account == by.account and row.role == "administrator":
        raise Conflict("不能收回自己的管理员角色。请由另一位管理员办理，以免无人管理账户。")
    _limited(session, by, row.jurisdiction, now, row.institution)
    close_grant(session, row, by=by, now=now)


def close_grant(session: Session, row: Grant, *, by: Actor, now: datetime) -> None:
    """Ends a grant; who may do so has been checked."""
    row.ended_at, row.ended_by = now, by.account
    session.add(row)
    body = {"role": row.role, "jurisdiction": row.jurisdiction, "grant": row.id}
    entry = Act(act="end_grant", subject=row.account, institution=row.institution, body=body)
    append(session, entry, by=by, now=now)


def close_account(session: Session, account: str, *, by: Actor, now: datetime) -> None:
    """Closes an account and ends its sessions at once."""
    require(by, "close_account", "停用账户")
    row = account_row(session, account)
    if account == by.account:
        raise Conflict("不能停用自己的账户。请由另一位管理员办理。")
    _over(session, by, account, now)
    if row.closed_at is not None:
        raise Conflict(f"账户“{account}”已经停用，不必再办。")
    row.closed_at = now
    session.add(row)
    append(session, Act(act="close_account", subject=account), by=by, now=now)
    end_sessions(session, account, by=by, now=now)


def reset_password(session: Session, account: str, *, by: Actor, now: datetime) -> str:
    """A password that serves once, in place of the present one; every session ends."""
    row = _kept(session, account, "重设密码", by, now)
    password = passwords.serve_once(session, row, now)
    append(session, Act(act="reset_password", subject=account), by=by, now=now)
    end_sessions(session, account, by=by, now=now)
    return password


def reset_second(session: Session, account: str, *, by: Actor, now: datetime) -> None:
    """Takes a lost second factor away; every session ends."""
    row = _kept(session, account, "解除两步验证", by, now)
    second.drop(session, row)
    append(session, Act(act="reset_second_factor", subject=account), by=by, now=now)
    end_sessions(session, account, by=by, now=now)


def sign_out_everywhere(session: Session, account: str, *, by: Actor, now: datetime) -> None:
    """Ends every session of an account."""
    _kept(session, account, "结束登录", by, now)
    end_sessions(session, account, by=by, now=now)


def link_subject(session: Session, account: str, subject: str, *, by: Actor, now: datetime) -> None:
    """Ties an account to the person a single sign-on names (issuer|sub); empty unties it."""
    row = _kept(session, account, "关联统一身份", by, now)
    subject = subject.strip()
    if len(subject) > 200 or (subject and "|" not in subject):
        raise refuse(
            "subject", "“统一身份”", subject, "请照统一身份登录失败页上的写法填写，中间有竖线"
        )
    if subject and (other := account_by_subject(session, subject)) and other.id != account:
        raise Conflict(f"这个统一身份已关联账户“{other.id}”。请先解除那一个。")
    row.subject = subject
    session.add(row)
    entry = Act(act="link_subject", subject=account, body={"linked": bool(subject)})
    append(session, entry, by=by, now=now)


def change_email(
    session: Session, account: str, form: EmailForm, *, by: Actor, now: datetime
) -> None:
    """Sets where mail reaches a person, who may do so alone for the own account; empty ends it."""
    if account == by.account:
        row = account_row(session, account)
    else:
        row = _kept(session, account, "更改电子邮箱", by, now)
    row.email = form.email
    session.add(row)
    # The address goes when its term is over, and the ledger cannot; it says whether there is one.
    entry = Act(act="change_email", subject=account, body={"given": bool(form.email)})
    append(session, entry, by=by, now=now)


def account_by_subject(session: Session, subject: str) -> Account | None:
    """The account tied to a person of the single sign-on."""
    return session.exec(select(Account).where(Account.subject == subject)).first()


def account_row(session: Session, account: str) -> Account:
    """The account; raises NotFound."""
    row = session.get(Account, account)
    if row is None:
        raise NotFound("账户", account)
    return row


def _check_place(session: Session, jurisdiction: str, institution: str) -> None:
    if institution and session.get(Institution, institution) is None:
        remedy = "登记册里没有这家机构，请核对编号"
        raise refuse("institution", "“所属机构编号”", institution, remedy)
    if jurisdiction and place_name(session, jurisdiction) == jurisdiction:
        remedy = "登记册里没有这个区划，请核对编号"
        raise refuse("jurisdiction", "“限于区县”", jurisdiction, remedy)


def _add(session: Session, values: dict[str, Any], by: Actor, now: datetime) -> None:
    session.add(Grant(**values, recorded_at=now, recorded_by=by.account))
    session.flush()


def _kept(session: Session, account: str, label: str, by: Actor, now: datetime) -> Account:
    require(by, "keep_accounts", label)
    _over(session, by, account, now)
    return account_row(session, account)


def _over(session: Session, by: Actor, account: str, now: datetime) -> None:
    """An administrator of a district keeps accounts that hold nothing beyond it, nor will."""
    rows = session.exec(
        select(Grant).where(Grant.account == account, col(Grant.ended_at).is_(None))
    )
    for grant in [one for one in rows if one.until is None or one.until >= now.date()]:
        _limited(session, by, grant.jurisdiction, now, grant.institution)


def _limited(
    session: Session, by: Actor, jurisdiction: str, now: datetime, institution: str = ""
) -> None:
    """Nobody gives, or takes, more than they hold."""
    own = [one for one in grants_in_force(session, by.account, now) if one.role == by.role]
    if not own or any(not one.jurisdiction for one in own):
        return  # the machine's own operator, or the whole city's administrator
    place = jurisdiction or (jurisdiction_of(session, institution) if institution else "")
    if not {one.jurisdiction for one in own} & {place, *above(session, place)}:
        raise NotAllowed(
            f"“{by.name or by.account}”只管理本区县的账户，这项权限超出本区县。请由市级管理员办理。"
        )
