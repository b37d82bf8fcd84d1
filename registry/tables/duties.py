"""Standing duties: insurance covers, custody accounts, annual inspections."""

from datetime import date

from sqlmodel import Field

from registry.forms import AnnualInspectionForm, CoverForm, CustodyForm, CustodyReportForm
from registry.tables.base import Recorded


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
