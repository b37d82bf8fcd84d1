"""Seen: campaigns, draws, visits, their checklists and the files that prove them."""

from datetime import date

from pydantic import AwareDatetime
from sqlmodel import Field

from registry.forms import AnswerForm, CampaignForm, InspectionForm, RecusalForm
from registry.tables.base import Recorded


class Inspection(InspectionForm, Recorded, table=True):
    """A visit; its idempotency key is unique, so that a resent form records nothing twice."""

    id: str = Field(primary_key=True, max_length=40)
    key: str = Field(max_length=80, unique=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    measures: str = ""


class VoidedVisit(Recorded, table=True):
    """A visit that never was, as where it was recorded for another institution: asked by one, approved by another.

    `on` is the visit's own day, from which on every file is another than it was.
    """

    __tablename__ = "voided_visit"
    inspection: str = Field(primary_key=True, foreign_key="inspection.id", max_length=40)
    institution: str = Field(foreign_key="institution.id", index=True)
    matter: str = Field(foreign_key="matter.id", index=True)
    on: date


class Campaign(CampaignForm, Recorded, table=True):
    """A time-limited inspection task."""

    id: str = Field(primary_key=True, max_length=40)


class Draw(Recorded, table=True):
    """A random draw (双随机): from seed, pool and weights anybody draws the same again."""

    id: str = Field(primary_key=True, max_length=40)
    campaign: str = Field(foreign_key="campaign.id", index=True)
    on: date
    seed: str = Field(max_length=100)
    size: int
    pool: str
    pool_hash: str = Field(max_length=64)
    weights: str = ""
    excluded: str = ""
    result: str = ""


class Task(Recorded, table=True):
    """Who is to visit whom in a campaign; done once an inspection of the campaign is recorded."""

    id: int | None = Field(default=None, primary_key=True)
    campaign: str = Field(foreign_key="campaign.id", index=True)
    draw: str | None = Field(default=None, foreign_key="draw.id", index=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    first_officer: str = Field(default="", max_length=60)
    second_officer: str = Field(default="", max_length=60)
    due_on: date | None = None
    replaces: int | None = Field(default=None, foreign_key="task.id")


class Recusal(RecusalForm, Recorded, table=True):
    """An officer who must not deal with an institution (行政处罚法 第四十三条)."""

    id: int | None = Field(default=None, primary_key=True)
    officer: str = Field(max_length=60, index=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="recusal.id")


class Answer(AnswerForm, Recorded, table=True):
    """What a visit answered to one item of its checklist."""

    inspection: str = Field(primary_key=True, foreign_key="inspection.id", max_length=40)
    item: str = Field(primary_key=True, max_length=40)


class Attachment(Recorded, table=True):
    """A file: its bytes lie under their digest, what it belongs to is said here."""

    id: int | None = Field(default=None, primary_key=True)
    sha256: str = Field(max_length=64, index=True)
    about: str = Field(max_length=80, index=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    kind: str = Field(max_length=20)
    name: str = Field(default="", max_length=200)
    media: str = Field(max_length=60)
    size: int
    taken_at: AwareDatetime | None = None
    public: bool = False
