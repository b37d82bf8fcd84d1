"""Accounts: passwords by argon2, roles by dated grants, sessions by revocable random tokens."""

from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from msgspec import Struct
from sqlmodel import Session, col, func, select

from registry.access import Actor, require
from registry.errors import Conflict, NotFound
from registry.forms import AccountForm
from registry.ledger import Act, append
from registry.tables import Account, Attempt, Grant, SignedIn

LASTS = timedelta(hours=12)
ATTEMPTS_AT_MOST = 5
ATTEMPTS_WITHIN = timedelta(minutes=15)
_WRONG = "账户名或密码不对。请重新输入；忘记密码请联系管理员。"
_TOO_MANY = "失败次数过多，请 15 分钟后再试。"


class Person(Struct, frozen=True, kw_only=True):
    """Who is signed in, in which role, and where the role holds."""

    account: str
    name: str
    role: str
    jurisdiction: str = ""
    institution: str = ""

    @property
    def actor(self) -> Actor:
        """The same person as acts name them."""
        return Actor(account=self.account, role=self.role, name=self.name)


class SignIn(Struct, frozen=True, kw_only=True):
    """What came of a sign-in: a token and a person, or the sentence that refuses it."""

    token: str = ""
    person: Person | None = None
    refused: str = ""


def create_account(session: Session, form: AccountForm, *, by: Actor, now: datetime) -> str:
    """Opens an account with one grant."""
    require(by, "create_account", "开立账户")
    if session.get(Account, form.id) is not None:
        raise Conflict(f"账户名“{form.id}”已有人使用。请换一个账户名。")
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    hashed = _hasher().hash(form.password)
    session.add(Account(id=form.id, name=form.name, password_hash=hashed, **stamp))
    session.flush()
    session.add(
        Grant(
            account=form.id,
            role=form.role,
            jurisdiction=form.jurisdiction,
            institution=form.institution,
            since=now.date(),
            **stamp,
        )
    )
    body = form.model_dump(mode="json", exclude={"password"})
    entry = Act(act="create_account", subject=form.id, institution=form.institution, body=body)
    append(session, entry, by=by, now=now)
    return form.id


def close_account(session: Session, account: str, *, by: Actor, now: datetime) -> None:
    """Closes an account and ends its sessions at once."""
    require(by, "close_account", "停用账户")
    row = session.get(Account, account)
    if row is None:
        raise NotFound("账户", account)
    row.closed_at = now
    session.add(row)
    for signed_in in session.exec(select(SignedIn).where(SignedIn.account == account)):
        signed_in.revoked_at = signed_in.revoked_at or now
        session.add(signed_in)
    append(session, Act(act="close_account", subject=account), by=by, now=now)


def sign_in(session: Session, name: str, password: str, now: datetime) -> SignIn:
    """Signs in, or says why not; a failure is a value, so that the attempt is kept."""
    name = name.strip().lower()
    recent = select(func.count()).where(
        Attempt.account == name, col(Attempt.at) > now - ATTEMPTS_WITHIN
    )
    if session.exec(recent).one() >= ATTEMPTS_AT_MOST:
        return SignIn(refused=_TOO_MANY)
    account = session.get(Account, name)
    # An unknown name costs as much time as a known one, so that names cannot be told apart.
    right = _matches(account.password_hash if account else _nobody(), password)
    person = _person(session, account, now) if account and right else None
    if account is None or person is None:
        session.add(Attempt(account=name[:40], at=now))
        return SignIn(refused=_WRONG)
    token = token_urlsafe(32)
    session.add(
        SignedIn(token_hash=_hash(token), account=account.id, began_at=now, expires_at=now + LASTS)
    )
    append(session, Act(act="sign_in", subject=account.id), by=person.actor, now=now)
    return SignIn(token=token, person=person)


def account_of(session: Session, token: str, now: datetime) -> Person | None:
    """Who holds this token; None once it is revoked, expired or its grant has ended."""
    row = session.get(SignedIn, _hash(token)) if token else None
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    account = session.get(Account, row.account)
    return _person(session, account, now) if account else None


def sign_out(session: Session, token: str, now: datetime) -> None:
    """Revokes a token; a token nobody knows is no mistake."""
    row = session.get(SignedIn, _hash(token))
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        session.add(row)


def accounts(session: Session, now: datetime) -> list[Person]:
    """Every account with a grant in force."""
    rows = session.exec(select(Account).order_by(col(Account.id)))
    people = (_person(session, row, now) for row in rows.all())
    return [one for one in people if one is not None]


def _person(session: Session, account: Account, now: datetime) -> Person | None:
    if account.closed_at is not None:
        return None
    grants = session.exec(
        select(Grant)
        .where(Grant.account == account.id, Grant.since <= now.date())
        .order_by(col(Grant.id).desc())
    ).all()
    current = [one for one in grants if one.until is None or one.until >= now.date()]
    if not current:
        return None
    return Person(
        account=account.id,
        name=account.name,
        role=current[0].role,
        jurisdiction=current[0].jurisdiction,
        institution=current[0].institution,
    )


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(token_urlsafe(16))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher().verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
