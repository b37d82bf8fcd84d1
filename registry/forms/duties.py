"""What is typed of insurance, custody and annual inspections."""

from sqlalchemy import BigInteger
from sqlmodel import AutoString, Field

from registry.forms.fields import (
    AnnualResult,
    CoverClass,
    Dated,
    Day,
    Form,
    OptionalDay,
    PublicText,
    Text,
)
from registry.forms.institutions import LicenceForm


class CoverForm(Dated):
    """One insurance cover."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    until: Day = Field(title="保险止期")
    cover_class: CoverClass = Field(title="险种", sa_type=AutoString)
    insurer: PublicText = Field(title="保险公司", min_length=1, max_length=100)
    policy_no: PublicText = Field(title="保单号", min_length=1, max_length=80)
    sum_fen: int = Field(default=0, ge=0, title="保额（分）", sa_type=BigInteger)
    cancelled_on: OptionalDay = Field(default=None, title="退保日期")
    insured_name: Text = Field(default="", title="被保险人", max_length=200)
    insured_code: Text = Field(default="", title="被保险人代码", max_length=18)
    insured_matches: bool = Field(default=True, title="被保险人与机构一致")
    premium_paid: bool = Field(default=True, title="保费已缴")


class CoverSheet(CoverForm):
    """A cover as it is typed, with the places it protects."""

    addresses: list[Text] = Field(default=[], title="承保地址")


class CustodyForm(Dated):
    """A custody account for prepaid money; the account number is never public."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    bank: PublicText = Field(title="开户银行", min_length=1, max_length=100)
    account_no: Text = Field(default="", title="账号", max_length=40)


class CustodyReportForm(Form):
    """A bank's report on a custody account; the balance stays inside."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    bank: PublicText = Field(title="开户银行", min_length=1, max_length=100)
    on: Day = Field(title="报送日期")
    balance_fen: int | None = Field(default=None, title="余额（分）", sa_type=BigInteger)


class LicenceSheet(LicenceForm):
    """A licence of an institution, as a ledger has it."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)


class AnnualInspectionForm(Form):
    """The result of one year's annual inspection."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    year: int = Field(ge=2000, le=2100, title="年度")
    result: AnnualResult = Field(title="结论", sa_type=AutoString)
    on: Day = Field(title="结论日期")
    document_no: PublicText = Field(default="", title="文号", max_length=100)
