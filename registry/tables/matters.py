"""Matters: everything that takes its course by steps, and what each kind is about."""

from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from registry.forms import DecisionForm, FindingForm, ListingForm, SpotForm
from registry.tables.base import NumberOrNone, Recorded


class Matter(Recorded, table=True):
    """Everything that takes its course by steps; its state is its last step's.

    A complaint about somebody the register does not hold has no institution, only a jurisdiction.
    """

    __table_args__ = (Index("ix_matter_kind_institution", "kind", "institution"),)

    id: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=20)
    institution: str = Field(
        default="", foreign_key="institution.id", index=True, nullable=True, sa_type=NumberOrNone
    )
    jurisdiction: str = Field(default="", max_length=20, index=True)
    opened_on: date
    owner: str = Field(max_length=60)
    case_no: str = Field(default="", max_length=100)


class Step(Recorded, table=True):
    """One step of a matter; append-only, numbered without a gap."""

    __table_args__ = (UniqueConstraint("matter", "seq"), CheckConstraint("seq > 0", name="seq"))

    id: int | None = Field(default=None, primary_key=True)
    matter: str = Field(foreign_key="matter.id")
    seq: int
    act: str = Field(default="", max_length=20)
    state: str = Field(max_length=20)
    on: date
    due_on: date | None = Field(default=None, index=True)
    document_no: str = Field(default="", max_length=100)
    organ: str = Field(default="", max_length=100)
    first_officer: str = Field(default="", max_length=60)
    second_officer: str = Field(default="", max_length=60)
    reason: str = ""
    repair_notice_no: str = Field(default="", max_length=100)
    publication_told: bool = False
    served_on: date | None = None
    service_proof: str = Field(default="", max_length=200)


class Finding(FindingForm, Recorded, table=True):
    """What a finding or a commendation is about."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    inspection: str | None = Field(default=None, foreign_key="inspection.id", index=True)
    corrects: str | None = Field(default=None, foreign_key="matter.id", index=True)


class CaseFinding(Recorded, table=True):
    """Which findings a penalty case is about: one fact, however often it is seen."""

    __tablename__ = "case_finding"

    finding: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    penalty: str = Field(primary_key=True, foreign_key="matter.id", index=True, max_length=40)


class Decision(DecisionForm, Recorded, table=True):
    """What a penalty case ended in; its paper and its day stand on the step `decided`."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    seen_on: date


class SpotPenalty(SpotForm, Recorded, table=True):
    """What was decided on the spot; no fact of scoring, and never published."""

    __tablename__ = "spot_penalty"

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    finding: str = Field(foreign_key="matter.id", index=True, max_length=40)


class WhiteLoss(Recorded, table=True):
    """A place on the white list that is about to be lost: since which edition it was held, and why."""

    __tablename__ = "white_loss"

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    edition: str = Field(max_length=40)
    because: str


class Listing(ListingForm, Recorded, table=True):
    """What a listing case is about."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    decision: str | None = Field(default=None, foreign_key="matter.id", index=True)


class Objection(Recorded, table=True):
    """What an objection is about; while it is open the record counts as disputed."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    about: str = Field(foreign_key="matter.id", index=True)
    text: str = ""


class Reply(Recorded, table=True):
    """What an institution answered: a reply is published beside the record, a defence is not.

    A reply taken back is replaced by a row of kind `withdrawn`, which says nothing.
    """

    id: int | None = Field(default=None, primary_key=True)
    replaces: int | None = Field(default=None, foreign_key="reply.id")
    kind: str = Field(default="reply", max_length=20)
    institution: str = Field(foreign_key="institution.id", index=True)
    about: str = Field(max_length=40)
    on: date
    text: str


class Handover(Recorded, table=True):
    """A matter given to another owner; the last one counts."""

    id: int | None = Field(default=None, primary_key=True)
    matter: str = Field(foreign_key="matter.id", index=True)
    owner: str = Field(max_length=60)
    reason: str


class Proposal(Recorded, table=True):
    """What a step proposed or set: the notice before the defence, and the result that may not be worse."""

    id: int | None = Field(default=None, primary_key=True)
    matter: str = Field(foreign_key="matter.id", index=True)
    step: int
    code: str = Field(default="", max_length=40)
    kinds: str = Field(default="", max_length=200)
    fine_fen: int = Field(default=0, sa_type=BigInteger)
    confiscated_fen: int = Field(default=0, sa_type=BigInteger)
    extent: int = 1
    months: int = 0
    statement: str = ""


class Repair(Recorded, table=True):
    """An application for credit repair: its two papers, proof of performance and undertaking."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    about: str = Field(foreign_key="matter.id", index=True)
    proof: str = ""
    undertaking: str = ""


class Change(Recorded, table=True):
    """A change of an institution's own data, as it asks for it: what was there and what shall be."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    what: str = Field(max_length=40)
    before: str = ""
    after: str


class Complaint(Recorded, table=True):
    """What somebody complained of; who it was never leaves the office.

    `named` and `address` are what stood at the door of somebody the register did not hold.
    """

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    receipt: str = Field(max_length=40, unique=True)
    channel: str = Field(default="", max_length=40)
    text: str
    contact: str = Field(default="", max_length=200)
    named: str = Field(default="", max_length=200)
    address: str = Field(default="", max_length=300)


class Identification(Recorded, table=True):
    """Which institution a complaint was found to be about; the last one counts."""

    id: int | None = Field(default=None, primary_key=True)
    matter: str = Field(foreign_key="matter.id", index=True, max_length=40)
    institution: str = Field(foreign_key="institution.id", index=True)
    reason: str


class Alert(Recorded, table=True):
    """A risk alert (风险提示): a confirmed fact in neutral words; no credit record, no points."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    text: str
    finding: str = Field(default="", index=True, max_length=40)


class Retraction(Recorded, table=True):
    """Which undone record has to be withdrawn from what was published."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    about: str = Field(foreign_key="matter.id", index=True)
