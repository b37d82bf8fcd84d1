"""The second factor: time codes (RFC 6238) of which each works once, and codes for a lost phone."""

from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from secrets import token_bytes

import pyotp
from sqlmodel import Session, col, delete, select

from registry.access import Actor
from registry.accounts.vault import SEALED, Vault
from registry.ledger import Act, append
from registry.tables import Account, Recovery, SignedIn

STEP = 30
CODES = 10


def begin(session: Session, key: str, vault: Vault) -> str:
    """A fresh secret for an app that makes codes; the session holds it until its first code is seen."""
    row = session.get_one(SignedIn, key)
    secret = pyotp.random_base32()
    row.pending = vault.seal(secret, row.account)
    session.add(row)
    return secret


def pending(session: Session, key: str, vault: Vault) -> str:
    """The secret that is being set up, if any."""
    row = session.get_one(SignedIn, key)
    return vault.open(row.pending, row.account)


def provisioning(secret: str, account: str, issuer: str) -> str:
    """What the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=issuer)


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int:
    """The time step a code belongs to: the present one or a neighbour, later than `after`; 0 for a wrong code."""
    code = "".join(code.split())
    at = int(now.timestamp()) // STEP
    totp = pyotp.TOTP(secret)
    for step in (at, at - 1, at + 1):
        if step > after and pyotp.utils.strings_equal(totp.generate_otp(step), code):
            return step
    return 0


def shown(session: Session, account: Account, code: str, now: datetime, vault: Vault) -> str:
    """What a code was: "second" or "recovery", and it is used up; empty for a wrong one.

    Raises SecondFactorLocked where the secret cannot be read; a code for a lost phone helps even then.
    """
    if _recovers(session, account, code, now):
        return "recovery"
    secret = vault.open(account.totp_secret, account.id)
    step = step_of(secret, code, now, after=account.totp_step)
    if not step:
        return ""
    account.totp_step = step
    if not account.totp_secret.startswith(SEALED):
        account.totp_secret = vault.seal(secret, account.id)  # kept in clear by an earlier version
    session.add(account)
    return "second"


def _recovers(session: Session, account: Account, code: str, now: datetime) -> bool:
    row = session.exec(
        select(Recovery).where(
            Recovery.account == account.id,
            Recovery.code_hash == _digest(code),
            col(Recovery.used_at).is_(None),
        )
    ).first()
    if row is None:
        return False
    row.used_at = now
    session.add(row)
    return True


def enrol(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    account: Account,
    secret: str,
    step: int,
    vault: Vault,
    *,
    by: Actor,
    now: datetime,
) -> list[str]:
    """Sets the second factor, whose first code has been seen; gives the codes for a lost phone."""
    account.totp_secret, account.totp_step = vault.seal(secret, account.id), step
    session.add(account)
    append(session, Act(act="enrol_second_factor", subject=account.id), by=by, now=now)
    return fresh_codes(session, account.id)


def drop(session: Session, account: Account) -> None:
    """Takes the second factor and its codes away; whoever must have one sets up another."""
    account.totp_secret, account.totp_step = "", 0
    session.add(account)
    session.exec(delete(Recovery).where(col(Recovery.account) == account.id))


def fresh_codes(session: Session, account: str) -> list[str]:
    """New codes for a lost phone in place of the old ones; they are shown now and never again."""
    session.exec(delete(Recovery).where(col(Recovery.account) == account))
    codes = ["-".join(_four(b32encode(token_bytes(10)).decode())) for _ in range(CODES)]
    session.add_all(Recovery(account=account, code_hash=_digest(one)) for one in codes)
    return codes


def codes_left(session: Session, account: str) -> int:
    """How many codes for a lost phone are unused."""
    rows = select(Recovery.id).where(Recovery.account == account, col(Recovery.used_at).is_(None))
    return len(session.exec(rows).all())


def _four(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _digest(code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return sha256(plain.encode()).hexdigest()
