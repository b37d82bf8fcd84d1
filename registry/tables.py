"""The rows. A fact is never edited: a row that `replaces` another supersedes it, with its own times."""

from datetime import date

from pydantic import AwareDatetime
from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from registry.forms import (
    AnnualInspectionForm,
    CoverForm,
    CustodyForm,
    CustodyReportForm,
    DecisionForm,
    FindingForm,
    InspectionForm,
    JurisdictionForm,
    LicenceForm,
    ListingForm,
    NameForm,
    PremisesForm,
    ProfileForm,
    RegistrationForm,
)

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Recorded(SQLModel):
    """When a row was recorded and by whom: the second of the two times of every fact."""

    recorded_at: AwareDatetime
    recorded_by: str = Field(max_length=60)


class Institution(Recorded, table=True):
    """Nothing of an institution that could ever change."""

    id: str = Field(primary_key=True, max_length=20)
    serial: int = Field(unique=True)
    opened_on: date | None = None


class Jurisdiction(JurisdictionForm, Recorded, table=True):
    """A district or functional zone, dated; superseded ones stay."""

    key: int | None = Field(default=None, primary_key=True)
    replaces: int | None = Field(default=None, foreign_key="jurisdiction.key")
    id: str = Field(max_length=20, index=True)


class Profile(ProfileForm, Recorded, table=True):
    """What an institution is from `since` until the next row's `since`."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    jurisdiction: str = Field(max_length=20, index=True)
    replaces: int | None = Field(default=None, foreign_key="profile.id")


class Name(NameForm, Recorded, table=True):
    """A name; the current legal one is the institution's name."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    text: str = Field(max_length=200, index=True)
    replaces: int | None = Field(default=None, foreign_key="name.id")


class Premises(PremisesForm, Recorded, table=True):
    """A place of teaching."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="premises.id")


class Registration(RegistrationForm, Recorded, table=True):
    """A registration; `confirmed` where a person saw a code with a wrong check digit on the original."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    code: str = Field(default="", max_length=18, index=True)
    confirmed: bool = False
    replaces: int | None = Field(default=None, foreign_key="registration.id")


class Licence(LicenceForm, Recorded, table=True):
    """A school licence."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="licence.id")


class Lineage(Recorded, table=True):
    """Which institution follows which."""

    id: int | None = Field(default=None, primary_key=True)
    predecessor: str = Field(foreign_key="institution.id", index=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    how: str = Field(default="", max_length=60)
    on: date | None = None


class Inspection(InspectionForm, Recorded, table=True):
    """A visit; its idempotency key is unique, so that a resent form records nothing twice."""

    id: str = Field(primary_key=True, max_length=40)
    key: str = Field(max_length=80, unique=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    measures: str = ""


class Matter(Recorded, table=True):
    """Everything that takes its course by steps; its state is its last step's."""

    __table_args__ = (Index("ix_matter_kind_institution", "kind", "institution"),)

    id: str = Field(primary_key=True, max_length=40)
    kind: str = Field(max_length=20)
    institution: str = Field(foreign_key="institution.id", index=True)
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


class Finding(FindingForm, Recorded, table=True):
    """What a finding or a commendation is about."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    inspection: str | None = Field(default=None, foreign_key="inspection.id", index=True)
    corrects: str | None = Field(default=None, foreign_key="matter.id")


class CaseFinding(Recorded, table=True):
    """Which findings a penalty case is about: one fact, however often it is seen."""

    __tablename__ = "case_finding"

    finding: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    penalty: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)


class Decision(DecisionForm, Recorded, table=True):
    """What a penalty case ended in; its paper and its day stand on the step `decided`."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    seen_on: date
    extent: int = 1


class Listing(ListingForm, Recorded, table=True):
    """What a listing case is about."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    decision: str | None = Field(default=None, foreign_key="matter.id")


class Objection(Recorded, table=True):
    """What an objection is about; while it is open the record counts as disputed."""

    matter: str = Field(primary_key=True, foreign_key="matter.id", max_length=40)
    about: str = Field(foreign_key="matter.id", index=True)
    text: str = ""


class Reply(Recorded, table=True):
    """What an institution answered."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    about: str = Field(max_length=40)
    on: date
    text: str


class Cover(CoverForm, Recorded, table=True):
    """An insurance cover."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    until: date = Field(index=True)
    replaces: int | None = Field(default=None, foreign_key="cover.id")


class CoverPremises(Recorded, table=True):
    """A place a cover protects."""

    __tablename__ = "cover_premises"

    cover: int = Field(primary_key=True, foreign_key="cover.id")
    address: str = Field(primary_key=True, max_length=300)


class Custody(CustodyForm, Recorded, table=True):
    """A custody account."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="custody.id")


class CustodyReport(CustodyReportForm, Recorded, table=True):
    """A bank's report."""

    __tablename__ = "custody_report"

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)


class AnnualInspection(AnnualInspectionForm, Recorded, table=True):
    """A year's annual inspection; a later row for the same year supersedes."""

    __tablename__ = "annual_inspection"

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="annual_inspection.id")


class Campaign(Recorded, table=True):
    """A time-limited inspection task."""

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=100)
    since: date
    until: date


class Account(Recorded, table=True):
    """A person who may sign in."""

    id: str = Field(primary_key=True, max_length=40)
    name: str = Field(max_length=60)
    password_hash: str = Field(max_length=200)
    closed_at: AwareDatetime | None = None


class Grant(Recorded, table=True):
    """A role, and where it holds: everywhere, in one jurisdiction, or for one institution."""

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    role: str = Field(max_length=20)
    jurisdiction: str = Field(default="", max_length=20)
    institution: str = Field(default="", max_length=20)
    since: date
    until: date | None = None


class SignedIn(SQLModel, table=True):
    """A session; only the token's digest is kept, and revoking needs no secret."""

    __tablename__ = "session"

    token_hash: str = Field(primary_key=True, max_length=64)
    account: str = Field(foreign_key="account.id", index=True)
    began_at: AwareDatetime
    expires_at: AwareDatetime
    revoked_at: AwareDatetime | None = None


class Attempt(SQLModel, table=True):
    """A failed sign-in, kept to slow down guessing."""

    id: int | None = Field(default=None, primary_key=True)
    account: str = Field(max_length=40, index=True)
    at: AwareDatetime


class Edition(Recorded, table=True):
    """An edition's way to its release; exactly one row per period and number."""

    __table_args__ = (UniqueConstraint("period", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    period: str = Field(max_length=10)
    number: int = 0
    state: str = Field(max_length=20)
    cut_off: date
    digest: str = Field(max_length=64)
    policy: str = Field(default="", max_length=60)
    summary: str = ""
    attempt: int = 1
    prepared_by: str = Field(max_length=60)
    prepared_at: AwareDatetime
    approved_by: str = Field(default="", max_length=60)
    approved_at: AwareDatetime | None = None
    released_by: str = Field(default="", max_length=60)
    released_at: AwareDatetime | None = None


class Withdrawal(Recorded, table=True):
    """An entry lawfully withdrawn from a released edition."""

    id: int | None = Field(default=None, primary_key=True)
    edition: int = Field(foreign_key="edition.id", index=True)
    institution: str = Field(foreign_key="institution.id")
    reason: str
    document_no: str = Field(default="", max_length=100)
    on: date


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
    at: AwareDatetime
    account: str = Field(max_length=60)
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


class Outbox(SQLModel, table=True):
    """A notice to be delivered; its key is unique, so that it is delivered once."""

    key: str = Field(primary_key=True, max_length=120)
    kind: str = Field(max_length=40)
    account: str = Field(default="", max_length=60)
    body: str
    made_at: AwareDatetime
    attempts: int = 0
    delivered_at: AwareDatetime | None = None
