"""Passwords: argon2, refused when short, common or the account's own name, and the one that serves once."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlmodel import Session

from registry.access import Actor
from registry.errors import Problem
from registry.ledger import Act, append
from registry.tables import Account

AT_LEAST = 10
ONCE = timedelta(hours=72)  # how long a password that serves once may wait for its person


def password_problem(password: str, account: str, field: str = "password") -> Problem | None:
    """What is wrong with a new password, if anything; the password itself is never repeated."""
    remedy = ""
    if len(password) < AT_LEAST:
        remedy = f"至少 {AT_LEAST} 个字，可以用几个不相干的词"
    elif len(password) > 200:
        remedy = "请缩短到 200 个字以内"
    elif password.lower() in _common():
        remedy = "这个密码太常用，容易被猜中，请换一个"
    elif len(account) > 3 and account.lower() in password.lower():
        remedy = "密码里不要含有账户名，请换一个"
    return Problem(field=field, label="“密码”", value="", remedy=remedy) if remedy else None


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _hasher().hash(password)


def matches(account: Account | None, password: str) -> bool:
    """Whether it is the account's password.

    An unknown name costs as much time as a known one, so that names cannot be told apart.
    """
    kept = account.password_hash if account and account.password_hash else _nobody()
    try:
        return _hasher().verify(kept, password) and account is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def change_password(
    session: Session, account: Account, password: str, *, by: Actor, now: datetime
) -> None:
    """Sets a person's own password; it has been checked."""
    account.password_hash = hashed(password)
    account.once_until = None
    session.add(account)
    append(session, Act(act="change_password", subject=account.id), by=by, now=now)


def serve_once(session: Session, account: Account, now: datetime) -> str:
    """Gives the account a password that serves once, to set an own one; it is shown now and never again."""
    password = token_urlsafe(12)
    account.password_hash = hashed(password)
    account.once_until = now + ONCE
    session.add(account)
    return password


@cache
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(token_urlsafe(16))
