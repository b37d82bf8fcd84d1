"""Proof: the ledger, who looked at what, and the files taken in."""

from datetime import date

from pydantic import AwareDatetime
from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from registry.tables.base import Recorded


class ImportBatch(Recorded, table=True):
    """A file that was taken in; its digest keeps it from being taken in twice."""

    __tablename__ = "import_batch"

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    digest: str = Field(max_length=64, index=True)
    source: str = Field(default="", max_length=300)
    rows: int = Field(default=0, sa_type=BigInteger)


class LedgerEntry(SQLModel, table=True):
    """One official act: append-only, each entry sealing the one before it."""

    __tablename__ = "ledger"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    previous: str = Field(max_length=64, unique=True)
    digest: str = Field(max_length=64)
    at: AwareDatetime = Field(index=True)
    account: str = Field(max_length=60, index=True)
    role: str = Field(max_length=20)
    act: str = Field(max_length=40, index=True)
    subject: str = Field(max_length=80, index=True)
    institution: str = Field(default="", max_length=20, index=True)
    body: str


class Reading(SQLModel, table=True):
    """Who looked at non-public personal data, when and what for."""

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=60, index=True)
    institution: str = Field(max_length=20, index=True)
    what: str = Field(max_length=60)
    purpose: str = Field(max_length=300)
    at: AwareDatetime


class Pulse(SQLModel, table=True):
    """A process that keeps the clock, when it last did, and for which days it knows the day's work done."""

    node: str = Field(primary_key=True, max_length=120)
    began_at: AwareDatetime
    ticked_at: AwareDatetime
    run_on: date | None = None
    reminded_on: date | None = None
