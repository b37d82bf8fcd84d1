"""Push: who wants to be told of changes, and every message that waits, arrived or was given up."""

from pydantic import AwareDatetime
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from registry.tables.base import Recorded


class Subscription(Recorded, table=True):
    """An address that is told of changes within a scope; its secret is derived, and kept nowhere.

    `through` is the last edition whose changes were queued; until `hold_until` nothing is sent, and the
    node named in `leased_by` alone sends until `leased_until`.
    """

    id: str = Field(primary_key=True, max_length=20)
    url: str = Field(max_length=500)
    contact: str = Field(max_length=200)
    scope: str = Field(max_length=20)
    what: str = Field(default="", max_length=200)
    state: str = Field(max_length=20)
    because: str = Field(default="", max_length=300)
    generation: int = 1
    verified_at: AwareDatetime | None = None
    through: str = Field(default="", max_length=20)
    withdrawn_through: int = 0
    hold_until: AwareDatetime | None = None
    leased_until: AwareDatetime | None = None
    leased_by: str = Field(default="", max_length=40)


class Push(SQLModel, table=True):
    """One event to one subscriber; `body` is kept only while it may still have to be sent."""

    __table_args__ = (Index("ix_push_subscription_state", "subscription", "state"),)

    subscription: str = Field(primary_key=True, foreign_key="subscription.id", max_length=20)
    event: str = Field(primary_key=True, max_length=60)
    edition: str = Field(max_length=20)
    against: str = Field(default="", max_length=20)
    institution: str = Field(max_length=20, index=True)
    kind: str = Field(max_length=20)
    happened_at: AwareDatetime
    body: str
    state: str = Field(default="waiting", max_length=20)
    attempts: int = 0
    next_at: AwareDatetime
    delivered_at: AwareDatetime | None = None
    failed_at: AwareDatetime | None = None
    error: str = Field(default="", max_length=500)
