"""Sessions: random tokens of which only the digest is kept; they end idle, in time, or by hand."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe

import msgspec
from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import Actor
from registry.accounts.person import Person, grants_in_force, person_of_account, stage_of
from registry.errors import NotFound
from registry.ledger import Act, append
from registry.tables import Account, Attempt, SignedIn

LASTS = timedelta(hours=12)
IDLE = timedelta(hours=2)
STALE = timedelta(minutes=5)  # how exactly the last use is known: reading a page must not write


class Visitor(Struct, frozen=True, kw_only=True):
    """Where a request comes from."""

    address: str = ""
    device: str = ""


class SessionLine(Struct, frozen=True, kw_only=True):
    """A session as its person sees it."""

    key: str
    device: str
    address: str
    began_at: datetime
    used_at: datetime
    strong: bool
    here: bool


def open_session(
    session: Session, account: Account, now: datetime, visitor: Visitor, *, strong: bool
) -> str:
    """A fresh token; no token outlives a sign-in or a change of what it may do."""
    token = token_urlsafe(32)
    session.add(
        SignedIn(
            token_hash=digest(token),
            account=account.id,
            began_at=now,
            used_at=now,
            expires_at=now + LASTS,
            strong=strong,
            address=visitor.address[:60],
            device=visitor.device[:200],
        )
    )
    session.flush()
    return token


def account_of(
    session: Session, token: str, now: datetime, *, lenient: bool = False
) -> Person | None:
    """Who holds this token; None once it is revoked, idle, expired, or without a grant.

    `lenient` is a fictional city: who has set up no second factor needs none there.
    """
    row = live(session, token, now)
    account = session.get(Account, row.account) if row else None
    person = person_of_account(session, account, now, row) if account else None
    if row is None or account is None or person is None:
        return None
    roles = [one.role for one in grants_in_force(session, account.id, now)]
    return msgspec.structs.replace(
        person,
        strong=row.strong or (lenient and not account.totp_secret),
        stage=stage_of(account, roles, strong=row.strong, lenient=lenient),
        session=row.token_hash,
        stale=(row.used_at or row.began_at) + STALE < now,
    )


def live(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The session of a token while it lasts."""
    row = session.get(SignedIn, digest(token)) if token else None
    return row if row and _lasts(row, now) else None


def was_given(session: Session, token: str) -> bool:
    """Whether a token is one of ours, though its session may be over."""
    return bool(token) and session.get(SignedIn, digest(token)) is not None


def touch(session: Session, key: str, now: datetime) -> None:
    """Keeps a session from ending idle."""
    row = session.get(SignedIn, key)
    if row is not None:
        row.used_at = now
        session.add(row)


def rotate(session: Session, old: SignedIn, now: datetime, *, strong: bool) -> str:
    """A new token in place of the old one, which ends; the session keeps its end."""
    token = token_urlsafe(32)
    kept = old.model_dump(exclude={"token_hash", "strong", "used_at", "pending"})
    session.add(SignedIn(**kept, token_hash=digest(token), strong=strong, used_at=now))
    old.revoked_at = now
    session.add(old)
    session.flush()
    return token


def act_as(session: Session, person: Person, grant: int, now: datetime) -> None:
    """Goes on in another of the person's own capacities; raises NotFound for anybody else's."""
    own = {one.id for one in grants_in_force(session, person.account, now)}
    row = session.get(SignedIn, person.session)
    if row is None or grant not in own:
        raise NotFound("身份", str(grant))
    row.grant = grant
    session.add(row)


def sign_out(session: Session, token: str, now: datetime) -> None:
    """Revokes a token; a token nobody knows is no mistake."""
    row = session.get(SignedIn, digest(token))
    if row is not None and row.revoked_at is None:
        row.revoked_at = now
        session.add(row)
        session.add(Attempt(account=row.account, at=now, address=row.address, outcome="out"))


def sessions(session: Session, account: str, now: datetime, here: str = "") -> list[SessionLine]:
    """The sessions of an account that last, the newest first."""
    rows = session.exec(
        select(SignedIn).where(SignedIn.account == account, col(SignedIn.revoked_at).is_(None))
    ).all()
    found = [
        SessionLine(
            key=row.token_hash[:16],
            device=row.device,
            address=row.address,
            began_at=row.began_at,
            used_at=row.used_at or row.began_at,
            strong=row.strong,
            here=row.token_hash == here,
        )
        for row in rows
        if _lasts(row, now)
    ]
    return sorted(found, key=lambda one: one.began_at, reverse=True)


def end_sessions(
    session: Session, account: str, *, by: Actor, now: datetime, key: str = "", but: str = ""
) -> int:
    """Ends an account's sessions: one by its key, else all but one; gives how many ended."""
    rows = session.exec(
        select(SignedIn).where(SignedIn.account == account, col(SignedIn.revoked_at).is_(None))
    ).all()
    ended = [
        row for row in rows if row.token_hash[:16] == key or (not key and row.token_hash != but)
    ]
    for row in ended:
        row.revoked_at = now
        session.add(row)
    if ended:
        body = {"ended": len(ended)}
        append(session, Act(act="end_sessions", subject=account, body=body), by=by, now=now)
    return len(ended)


def digest(token: str) -> str:
    """What is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _lasts(row: SignedIn, now: datetime) -> bool:
    used = row.used_at or row.began_at
    return row.revoked_at is None and row.expires_at > now and used + IDLE > now
