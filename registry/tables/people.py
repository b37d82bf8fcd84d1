"""People: accounts, their dated grants, sessions and invitations."""

from datetime import date

from pydantic import AwareDatetime
from sqlmodel import Field, SQLModel

from registry.tables.base import Recorded


class Account(Recorded, table=True):
    """A person who may sign in; `once_until` ends a password that serves once, to set an own one.

    `totp_secret` is sealed (`registry.accounts.vault`).
    """

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=60)
    password_hash: str = Field(max_length=200)
    email: str = Field(default="", max_length=200)
    subject: str = Field(default="", max_length=200, index=True)
    totp_secret: str = Field(default="", max_length=200)
    totp_step: int = 0
    once_until: AwareDatetime | None = None
    closed_at: AwareDatetime | None = None


class Grant(Recorded, table=True):
    """A role, and where it holds: everywhere, in one jurisdiction, or for one institution.

    `ended_at` is the instant at which somebody ended it before its last day.
    """

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    role: str = Field(max_length=20)
    jurisdiction: str = Field(default="", max_length=20)
    institution: str = Field(default="", max_length=20)
    since: date
    until: date | None = None
    ended_at: AwareDatetime | None = None
    ended_by: str = Field(default="", max_length=60)


class SignedIn(SQLModel, table=True):
    """A session; only the token's digest is kept, and revoking needs no secret.

    `grant` is the capacity its person acts in, `strong` says that a second factor was shown, and
    `pending` is a second factor's secret that is being set up.
    """

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True, max_length=64)
    account: str = Field(foreign_key="account.id", index=True)
    began_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None
    strong: bool = False
    address: str = Field(default="", max_length=60)
    device: str = Field(default="", max_length=200)
    used_at: AwareDatetime | None = None
    grant: int | None = None
    pending: str = Field(default="", max_length=200)


class Recovery(SQLModel, table=True):
    """A code that stands in for a lost second factor, once; only its digest is kept."""

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    code_hash: str = Field(max_length=64)
    used_at: AwareDatetime | None = None


class Attempt(SQLModel, table=True):
    """What came of an attempt to sign in; failures slow down guessing, all of it is kept for audit."""

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=40, index=True)
    at: AwareDatetime
    address: str = Field(default="", max_length=60, index=True)
    outcome: str = Field(default="password", max_length=20)


class Invitation(Recorded, table=True):
    """A person asked to act for an institution; only the token's digest is kept."""

    token_hash: str = Field(primary_key=True, max_length=64)
    institution: str = Field(foreign_key="institution.id", index=True)
    name: str = Field(max_length=60)
    expires_at: AwareDatetime
    used_at: AwareDatetime | None = None
    used_by: str = Field(default="", max_length=60)
    revoked_at: AwareDatetime | None = None


class Handshake(SQLModel, table=True):
    """A single sign-on under way; it ends after minutes and serves once."""

    state_hash: str = Field(primary_key=True, max_length=64)
    nonce: str = Field(max_length=100)
    verifier: str = Field(max_length=200)
    path: str = Field(default="", max_length=300)
    expires_at: AwareDatetime
