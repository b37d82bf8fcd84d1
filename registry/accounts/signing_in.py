"""Signing in by password, by single sign-on and by the second factor, slowed down for whoever guesses."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.accounts import passwords, second
from registry.accounts.person import Person, person_of_account
from registry.accounts.sessions import Visitor, account_of, live, open_session, rotate, sign_out
from registry.accounts.vault import SecondFactorLocked, Vault
from registry.ledger import Act, append
from registry.tables import Account, Attempt, SignedIn

WITHIN = timedelta(minutes=15)
FROM_ONE_PLACE = 5  # wrong tries at one account from one address
FROM_ONE_ADDRESS = 50  # wrong tries from one address at anybody: an office shares one
AT_ONE_ACCOUNT = 50  # wrong tries at one account from addresses that its person never used
ONCE_A = timedelta(minutes=1)  # how often it is noted that somebody was told to wait
WRONG_CODES = 10  # wrong codes after a right password, from wherever
FAILURES = ("password", "second", "once")
_WRONG = "账户名或密码不对。请重新输入；忘记密码请联系管理员。"
_WRONG_CODE = "验证码不对，或者已经用过。请等下一个验证码再试；手机不在身边的，输入一个备用码。"
_OVER = "管理员给的一次性密码已过期。请联系管理员重新发放。"


class SignIn(Struct, frozen=True, kw_only=True):
    """What came of a sign-in: a token and a person, or the sentence that refuses it.

    `retry_after` is how many seconds whoever has tried too often has to wait.
    """

    token: str = ""
    person: Person | None = None
    refused: str = ""
    retry_after: int = 0


def sign_in(
    session: Session,
    name: str,
    password: str,
    now: datetime,
    visitor: Visitor | None = None,
    *,
    lenient: bool = False,
) -> SignIn:
    """Signs in, or says why not; a failure is a value, so that the attempt is kept."""
    name, visitor = name.strip().lower()[:40], visitor or Visitor()
    if wait := _wait(session, name, visitor.address, now):
        return _slowed(session, name, visitor, now, wait)
    account = session.get(Account, name)
    right = passwords.matches(account, password)
    if account is None or not right or person_of_account(session, account, now) is None:
        return _failed(session, name, visitor, now, "password", _WRONG)
    if account.once_until is not None and account.once_until <= now:
        return _failed(session, name, visitor, now, "once", _OVER)
    return enter(session, account, now, visitor, how="ok", strong=False, lenient=lenient)


def enter(  # noqa: PLR0913 who, how, when, from where
    session: Session,
    account: Account,
    now: datetime,
    visitor: Visitor,
    *,
    how: str,
    strong: bool,
    lenient: bool,
) -> SignIn:
    """Opens a session for whoever has shown who they are."""
    token = open_session(session, account, now, visitor, strong=strong)
    note(session, account.id, now, visitor, how)
    person = account_of(session, token, now, lenient=lenient)
    if person is None:
        sign_out(session, token, now)
        return SignIn(refused=_WRONG)
    append(session, Act(act="sign_in", subject=account.id), by=person.actor, now=now)
    return SignIn(token=token, person=person)


def show_second(  # noqa: PLR0913 which session, what was shown, when, from where, what opens the secret
    session: Session,
    token: str,
    code: str,
    now: datetime,
    visitor: Visitor,
    *,
    vault: Vault,
    lenient: bool,
) -> SignIn:
    """Takes the second factor's code for a session that waits for it; a right one changes the token."""
    row = live(session, token, now)
    account = session.get(Account, row.account) if row else None
    if row is None or account is None or not account.totp_secret:
        return SignIn(refused="登录已过期，请重新登录。")
    failures = _failures(session, now, Attempt.account == account.id, outcomes=("second",))
    if wait := _until(failures, WRONG_CODES, now):
        return _slowed(session, account.id, visitor, now, wait)
    try:
        how = second.shown(session, account, code, now, vault)
    except SecondFactorLocked as locked:
        return SignIn(refused=str(locked))
    if not how:
        return _failed(session, account.id, visitor, now, "second", _WRONG_CODE)
    note(session, account.id, now, visitor, f"{how}_ok")
    fresh = rotate(session, row, now, strong=True)
    return SignIn(token=fresh, person=account_of(session, fresh, now, lenient=lenient))


def check_second(
    session: Session,
    account: Account,
    code: str,
    now: datetime,
    visitor: Visitor,
    *,
    vault: Vault,
) -> str:
    """Empty when it is a fresh code of somebody signed in, which is used up; else why not."""
    failures = _failures(session, now, Attempt.account == account.id, outcomes=("second",))
    if wait := _until(failures, WRONG_CODES, now):
        return _slowed(session, account.id, visitor, now, wait).refused
    try:
        if second.shown(session, account, code, now, vault):
            return ""
    except SecondFactorLocked as locked:
        return str(locked)
    return _failed(session, account.id, visitor, now, "second", _WRONG_CODE).refused


def check_password(
    session: Session, account: Account, password: str, now: datetime, visitor: Visitor
) -> str:
    """Empty when it is the password of somebody signed in, else why not: guessing is slow here too."""
    if wait := _wait(session, account.id, visitor.address, now):
        return _slowed(session, account.id, visitor, now, wait).refused
    if passwords.matches(account, password):
        return ""
    return _failed(
        session, account.id, visitor, now, "password", "现在的密码不对，请重新输入。"
    ).refused


def note(session: Session, account: str, now: datetime, visitor: Visitor, outcome: str) -> None:
    """Keeps what came of an attempt."""
    session.add(
        Attempt(account=account[:40], at=now, address=visitor.address[:60], outcome=outcome)
    )
    session.flush()


def _failed(
    session: Session, account: str, visitor: Visitor, now: datetime, how: str, said: str
) -> SignIn:
    note(session, account, now, visitor, how)
    return SignIn(refused=said)


def _slowed(session: Session, account: str, visitor: Visitor, now: datetime, wait: int) -> SignIn:
    here, mine = Attempt.address == visitor.address[:60], Attempt.account == account[:40]
    last = _failures(session, now, here, mine, outcomes=("slowed",))
    if not last or last[-1] <= now - ONCE_A:  # who keeps trying fills no register
        note(session, account, now, visitor, "slowed")
    minutes = math.ceil(wait / 60)
    return SignIn(refused=f"失败次数过多，请 {minutes} 分钟后再试。", retry_after=wait)


def _wait(session: Session, account: str, address: str, now: datetime) -> int:
    """The seconds to wait; a stranger's guesses never shut out a person at an address of their own."""
    here, mine = Attempt.address == address, Attempt.account == account
    waits = [
        _until(_failures(session, now, here, mine), FROM_ONE_PLACE, now),
        _until(_failures(session, now, here), FROM_ONE_ADDRESS, now) if address else 0,
    ]
    if not _known(session, account, address):
        waits.append(_until(_failures(session, now, mine), AT_ONE_ACCOUNT, now))
    return max(waits)


def _failures(
    session: Session, now: datetime, *which: bool, outcomes: Sequence[str] = FAILURES
) -> list[datetime]:
    """When the recent failures were, the oldest first."""
    rows = select(Attempt.at).where(
        *which, col(Attempt.at) > now - WITHIN, col(Attempt.outcome).in_(outcomes)
    )
    return list(session.exec(rows.order_by(col(Attempt.at))).all())


def _until(failures: Sequence[datetime], most: int, now: datetime) -> int:
    """Seconds until there are fewer than `most` within the window."""
    if len(failures) < most:
        return 0
    return max(1, math.ceil((failures[-most] + WITHIN - now).total_seconds()))


def _known(session: Session, account: str, address: str) -> bool:
    rows = select(SignedIn.token_hash).where(
        SignedIn.account == account, SignedIn.address == address
    )
    return session.exec(rows.limit(1)).first() is not None
