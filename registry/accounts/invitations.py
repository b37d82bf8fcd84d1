"""The people of an institution: invited by a link that serves once, ended by one of them."""

from datetime import datetime, timedelta
from secrets import token_urlsafe

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import Actor, require
from registry.accounts import passwords
from registry.accounts.keeping import close_grant
from registry.accounts.person import grants_in_force
from registry.accounts.sessions import digest
from registry.errors import Conflict, FormRefused, NotFound, refuse
from registry.forms import JoinForm
from registry.ledger import Act, append
from registry.tables import Account, Grant, Invitation

LASTS = timedelta(days=7)


class Colleague(Struct, frozen=True, kw_only=True):
    """A person who acts for an institution."""

    account: str
    name: str
    grant: int
    since: str


class Invited(Struct, frozen=True, kw_only=True):
    """An invitation nobody has taken up yet."""

    key: str
    name: str
    institution: str
    expires_at: datetime


def colleagues(session: Session, institution: str, now: datetime) -> list[Colleague]:
    """Who acts for an institution today."""
    rows = session.exec(
        select(Grant, Account)
        .join(Account, col(Account.id) == col(Grant.account))
        .where(
            Grant.institution == institution,
            col(Grant.ended_at).is_(None),
            col(Account.closed_at).is_(None),
            Grant.since <= now.date(),
        )
        .order_by(col(Grant.id))
    ).all()
    return [
        Colleague(
            account=account.id,
            name=account.name,
            grant=grant.id or 0,
            since=grant.since.isoformat(),
        )
        for grant, account in rows
        if grant.until is None or grant.until >= now.date()
    ]


def invitations(session: Session, institution: str, now: datetime) -> list[Invited]:
    """The invitations that may still be taken up."""
    rows = session.exec(
        select(Invitation)
        .where(Invitation.institution == institution)
        .order_by(col(Invitation.expires_at))
    ).all()
    return [_line(one) for one in rows if _open(one, now)]


def invite(session: Session, institution: str, name: str, *, by: Actor, now: datetime) -> str:
    """The token of a link by which a person joins; only its digest is kept."""
    require(by, "keep_people", "邀请人员")
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise refuse("name", "“姓名”", name[:60], "请填写受邀人的姓名，60 个字以内")
    token = token_urlsafe(32)
    kept = digest(token)
    session.add(
        Invitation(
            token_hash=kept,
            institution=institution,
            name=name,
            expires_at=now + LASTS,
            recorded_at=now,
            recorded_by=by.account,
        )
    )
    # The name goes when its term is over, and the ledger cannot; it says which invitation.
    body = {"invitation": kept[:16]}
    entry = Act(act="invite", subject=institution, institution=institution, body=body)
    append(session, entry, by=by, now=now)
    return token


def invitation_of(session: Session, token: str, now: datetime) -> Invited:
    """What a link invites to; raises NotFound once it is used, revoked or over."""
    return _line(_row(session, token, now))


def revoke_invitation(
    session: Session, institution: str, key: str, *, by: Actor, now: datetime
) -> None:
    """Makes a link worthless."""
    require(by, "keep_people", "撤销邀请")
    rows = session.exec(select(Invitation).where(Invitation.institution == institution)).all()
    row = next((one for one in rows if one.token_hash[:16] == key and _open(one, now)), None)
    if row is None:
        raise NotFound("邀请", key)
    row.revoked_at = now
    session.add(row)
    body = {"invitation": key}
    entry = Act(act="revoke_invitation", subject=institution, institution=institution, body=body)
    append(session, entry, by=by, now=now)


def join_new(session: Session, token: str, form: JoinForm, *, now: datetime) -> Account:
    """An invited person opens an account of their own."""
    row = _row(session, token, now)
    if problem := passwords.password_problem(form.password, form.id):
        raise FormRefused([problem])
    if session.get(Account, form.id) is not None:
        raise refuse(
            "id", "“账户名”", form.id, "已有人使用，请换一个；是您本人的，请先登录再打开链接"
        )
    account = Account(
        id=form.id,
        name=form.name,
        password_hash=passwords.hashed(form.password),
        recorded_at=now,
        recorded_by=row.recorded_by,
    )
    session.add(account)
    session.flush()
    _join(session, row, account, now)
    return account


def join_signed_in(session: Session, token: str, account: str, *, now: datetime) -> None:
    """An invited person acts for the institution with the account they have."""
    row = _row(session, token, now)
    if any(one.institution == row.institution for one in grants_in_force(session, account, now)):
        raise Conflict("您已经是这家机构的人员，不必再接受邀请。")
    _join(session, row, session.get_one(Account, account), now)


def remove_colleague(
    session: Session,
    institution: str,
    account: str,
    *,
    by: Actor,
    now: datetime,
    confirmed: bool = False,
) -> None:
    """Ends a person's part in an institution; the last one is warned before shutting the door."""
    require(by, "keep_people", "移除人员")
    there = colleagues(session, institution, now)
    found = next((one for one in there if one.account == account), None)
    if found is None:
        raise NotFound("人员", account)
    if len(there) == 1 and not confirmed:
        remedy = "这是本机构最后一名人员，移除后没有人能登录，要由管理员重新开立。确实要移除的，请勾选确认"
        raise refuse("confirmed", "“确认”", None, remedy)
    close_grant(session, session.get_one(Grant, found.grant), by=by, now=now)


def _join(session: Session, row: Invitation, account: Account, now: datetime) -> None:
    row.used_at, row.used_by = now, account.id
    session.add(row)
    session.add(
        Grant(
            account=account.id,
            role="institution",
            institution=row.institution,
            since=now.date(),
            recorded_at=now,
            recorded_by=row.recorded_by,
        )
    )
    session.flush()
    by = Actor(account=account.id, role="institution", name=account.name)
    entry = Act(act="join", subject=account.id, institution=row.institution)
    append(session, entry, by=by, now=now)


def _row(session: Session, token: str, now: datetime) -> Invitation:
    row = session.get(Invitation, digest(token))
    if row is None or not _open(row, now):
        raise NotFound("邀请", "（已使用、已撤销或已过期）")
    return row


def _open(row: Invitation, now: datetime) -> bool:
    return row.used_at is None and row.revoked_at is None and row.expires_at > now


def _line(row: Invitation) -> Invited:
    return Invited(
        key=row.token_hash[:16],
        name=row.name,
        institution=row.institution,
        expires_at=row.expires_at,
    )
