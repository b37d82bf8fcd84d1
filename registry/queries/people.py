"""Accounts and sign-ins, for those who keep them and those who check."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from registry.tables import Account, Attempt, Grant, Profile, SignedIn


class AccountLine(Struct, frozen=True, kw_only=True):
    """An account as administrators see it; never its password or its secret."""

    id: str
    name: str
    closed: bool
    second: bool
    once: bool
    subject: str
    email: str
    last: datetime | None


class SignInLine(Struct, frozen=True, kw_only=True):
    """What came of an attempt to sign in."""

    account: str
    at: datetime
    address: str
    outcome: str
    said: str
    failed: bool


OUTCOMES: dict[str, tuple[str, bool]] = {
    "ok": ("密码正确", False),
    "password": ("账户名或密码不对", True),
    "once": ("一次性密码已过期", True),
    "slowed": ("失败过多，被要求等候", True),
    "second": ("验证码不对", True),
    "second_ok": ("验证码正确", False),
    "recovery_ok": ("用了备用码", False),
    "sso": ("统一身份认证登录", False),
    "sso_unknown": ("统一身份没有关联账户", True),
    "out": ("退出", False),
}


def account_lines(
    session: Session, text: str = "", places: Sequence[str] = (), limit: int = 200
) -> list[AccountLine]:
    """Accounts by name or account name; `places` limits them to those granted something there."""
    query = select(Account).order_by(col(Account.id)).limit(limit)
    if text := text.strip():
        query = query.where(
            or_(
                col(Account.id).contains(text.lower(), autoescape=True),
                col(Account.name).contains(text, autoescape=True),
            )
        )
    if places:
        here = select(col(Profile.institution)).where(col(Profile.jurisdiction).in_(places))
        granted = select(col(Grant.account)).where(
            or_(col(Grant.jurisdiction).in_(places), col(Grant.institution).in_(here))
        )
        query = query.where(col(Account.id).in_(granted))
    rows = list(session.scalars(query))
    last = dict(
        session.execute(
            select(col(SignedIn.account), func.max(col(SignedIn.began_at)))
            .where(col(SignedIn.account).in_([one.id for one in rows]))
            .group_by(col(SignedIn.account))
        ).all()
    )
    return [_line(one, last.get(one.id)) for one in rows]


def account_line(session: Session, account: str) -> AccountLine | None:
    """One account."""
    row = session.get(Account, account)
    return _line(row, None) if row else None


def sign_ins(
    session: Session,
    account: str = "",
    address: str = "",
    *,
    failed: bool = False,
    limit: int = 200,
) -> list[SignInLine]:
    """What came of attempts to sign in, the newest first."""
    query = select(Attempt).order_by(col(Attempt.id).desc()).limit(limit)
    if account:
        query = query.where(col(Attempt.account) == account)
    if address:
        query = query.where(col(Attempt.address) == address)
    if failed:
        wrong = [key for key, (_, bad) in OUTCOMES.items() if bad]
        query = query.where(col(Attempt.outcome).in_(wrong))
    return [
        SignInLine(
            account=one.account,
            at=one.at,
            address=one.address,
            outcome=one.outcome,
            said=OUTCOMES[one.outcome][0],
            failed=OUTCOMES[one.outcome][1],
        )
        for one in session.scalars(query)
    ]


def _line(row: Account, last: datetime | None) -> AccountLine:
    return AccountLine(
        id=row.id,
        name=row.name,
        closed=row.closed_at is not None,
        second=bool(row.totp_secret),
        once=row.once_until is not None,
        subject=row.subject,
        email=row.email,
        last=last,
    )


class Holder(Struct, frozen=True, kw_only=True):
    """A role an account of the office holds today; `second` says that a second factor or a single sign-on
    is set up, `begun` that its first password has been replaced, `reached` that it has an address of mail."""

    account: str
    role: str
    jurisdiction: str
    second: bool
    begun: bool
    reached: bool


def holders(session: Session, now: datetime) -> list[Holder]:
    """Who of the office holds which role today, in every capacity."""
    today = now.date()
    query = (
        select(Grant, Account)
        .join(Account, col(Account.id) == col(Grant.account))
        .where(
            col(Account.closed_at).is_(None),
            col(Grant.ended_at).is_(None),
            col(Grant.institution) == "",
            col(Grant.since) <= today,
            or_(col(Grant.until).is_(None), col(Grant.until) >= today),
        )
        .order_by(col(Account.id), col(Grant.id))
    )
    return [
        Holder(
            account=account.id,
            role=grant.role,
            jurisdiction=grant.jurisdiction,
            second=bool(account.totp_secret or account.subject),
            begun=account.once_until is None,
            reached=bool(account.email),
        )
        for grant, account in session.execute(query)
    ]
