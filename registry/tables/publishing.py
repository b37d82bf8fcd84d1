"""Publishing: editions, withdrawals and the notices that go out."""

from datetime import date

from pydantic import AwareDatetime
from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from registry.tables.base import Recorded


class Edition(Recorded, table=True):
    """An edition's way to its release; exactly one row per period and number.

    `difference` is the digest of what it changes, `signed` that of what the signature covers, `released_on`
    the day it names as that of its release; a supplementary one is due on `due_on` because of its `cause`.
    `note` says why it was returned, or why its signature lapsed.
    """

    __table_args__ = (UniqueConstraint("period", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    period: str = Field(max_length=10)
    number: int = 0
    state: str = Field(max_length=20)
    cut_off: date
    digest: str = Field(max_length=64)
    difference: str = Field(default="", max_length=64)
    signed: str = Field(default="", max_length=64)
    policy: str = Field(default="", max_length=60)
    summary: str = ""
    released_on: date | None = None
    due_on: date | None = None
    cause: str = ""
    note: str = ""
    attempt: int = 1
    prepared_by: str = Field(max_length=60)
    prepared_at: AwareDatetime
    approved_by: str = Field(default="", max_length=60)
    approved_at: AwareDatetime | None = None
    released_by: str = Field(default="", max_length=60)
    released_at: AwareDatetime | None = None


class EditionDraft(SQLModel, table=True):
    """What an edition that is under way changes and what a machine doubts of it, as it was prepared."""

    edition: int = Field(primary_key=True, foreign_key="edition.id")
    body: str


class Acceptance(Recorded, table=True):
    """A named person let one violation of the gate pass, in exactly one edition, for a reason."""

    __table_args__ = (UniqueConstraint("edition", "digest", "violation"),)

    id: int | None = Field(default=None, primary_key=True)
    edition: int = Field(foreign_key="edition.id", index=True)
    digest: str = Field(max_length=64)
    violation: str = Field(max_length=64)
    code: str = Field(max_length=40)
    reason: str


class Withdrawal(Recorded, table=True):
    """An entry lawfully withdrawn from a released edition: how, and from which list it went.

    A row whose entry the edition's folder still shows is work to finish.
    """

    id: int | None = Field(default=None, primary_key=True)
    edition: int = Field(foreign_key="edition.id", index=True)
    institution: str = Field(foreign_key="institution.id")
    reason: str
    document_no: str = Field(default="", max_length=100)
    on: date
    how: str = Field(default="withdrawn", max_length=12)
    listed: str = Field(default="record", max_length=12)


class WithdrawalRequest(Recorded, table=True):
    """A withdrawal somebody asks for: whose entry, from which editions, why, by which paper and of whom.

    `editions` are names with a blank between them, `seen` the digest of what was shown, `note` why it was
    declined, or what keeps it from being finished.
    """

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    editions: str
    reason: str
    document_no: str = Field(max_length=100)
    organ: str = Field(max_length=100)
    state: str = Field(max_length=20, index=True)
    seen: str = Field(max_length=64)
    note: str = ""
    confirmed_by: str = Field(default="", max_length=60)
    confirmed_at: AwareDatetime | None = None
    finished_at: AwareDatetime | None = None


class Outbox(SQLModel, table=True):
    """A notice to a person or an institution; its key is unique, so that it is made once."""

    key: str = Field(primary_key=True, max_length=120)
    kind: str = Field(max_length=40)
    account: str = Field(default="", max_length=60, index=True)
    institution: str = Field(default="", max_length=20, index=True)
    subject: str = Field(default="", max_length=200)
    body: str
    link: str = Field(default="", max_length=300)
    made_at: AwareDatetime
    read_at: AwareDatetime | None = None


class Delivery(SQLModel, table=True):
    """One way a notice goes out, tried until it arrives: at least once, and visible."""

    notice: str = Field(primary_key=True, foreign_key="outbox.key", max_length=120)
    channel: str = Field(primary_key=True, max_length=20)
    attempts: int = 0
    next_at: AwareDatetime
    delivered_at: AwareDatetime | None = None
    failed_at: AwareDatetime | None = None
    error: str = ""
