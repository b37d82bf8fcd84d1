"""What a person may type: SQLModel without a table, validated, every wrong field named at once."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator
from sqlalchemy import BigInteger
from sqlmodel import AutoString, Field, SQLModel
from sqlmodel._compat import SQLModelConfig

_DAY = re.compile(r"(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # all but the tab and the line's end


def parse_day(value: object) -> object:
    """A day as people write it; numbers are refused, for pydantic would take them as Unix time."""
    if isinstance(value, datetime):
        raise ValueError("请只写日期，不带时间，如 2026-03-01")
    if value is None or isinstance(value, date):
        return value
    text = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError("请写日期，如 2026-03-01")
    year, month, day = (int(part) for part in match.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("没有这一天，请核对年月日") from None


def _optional_day(value: object) -> object:
    return None if value == "" else parse_day(value)


def _stripped(value: object) -> object:
    """Text without blanks at its ends, the ideographic space included; control signs refused."""
    if not isinstance(value, str):
        return value
    text = value.strip().strip("\u3000\ufeff")
    if _CONTROL.search(text):
        raise ValueError("含有不可见的控制字符，请删去后重新输入")
    return text


Day = Annotated[date, BeforeValidator(parse_day)]
OptionalDay = Annotated[date | None, BeforeValidator(_optional_day)]
Text = Annotated[str, BeforeValidator(_stripped)]

Status = Literal["active", "suspended", "closed"]
NameKind = Literal["legal", "brand", "branch"]
CoverClass = Literal["premises", "performance", "accident", "employer", "credit"]
AnnualResult = Literal["合格", "基本合格", "不合格"]
ListName = Literal["black", "watch"]
RoleName = Literal[
    "inspector", "reviewer", "head", "publisher", "auditor", "institution", "administrator"
]


class Form(SQLModel):
    """The rules of every form: a field nobody knows is an error, not a silent loss."""

    model_config = SQLModelConfig(extra="forbid")


class Dated(Form):
    """Something that holds from its first to its last day, both included."""

    since: Day = Field(title="起始日期")
    until: OptionalDay = Field(default=None, title="截止日期")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"截止日期 {self.until} 早于起始日期 {self.since}，请改正其中一个")
        return self


class JurisdictionForm(Dated):
    """A district or functional zone that supervises institutions."""

    id: Text = Field(title="区划编号", min_length=1, max_length=20)
    name: Text = Field(title="区划名称", min_length=1, max_length=60)
    organ: Text = Field(default="", title="主管部门", max_length=100)
    parent: Text = Field(default="", title="上级区划编号", max_length=20)


class NameForm(Form):
    """A name the institution bears or bore; a former name is one with a last day."""

    kind: NameKind = Field(title="名称种类", sa_type=AutoString)
    text: Text = Field(title="名称", min_length=1, max_length=200)
    since: OptionalDay = Field(default=None, title="启用日期")
    until: OptionalDay = Field(default=None, title="停用日期")


class PremisesForm(Dated):
    """A place where the institution teaches."""

    address: Text = Field(title="地址", min_length=1, max_length=300)


class RegistrationForm(Dated):
    """The registration as a legal person; the code is empty for the unlicensed."""

    code: Text = Field(default="", title="统一社会信用代码", max_length=18)
    number: Text = Field(default="", title="登记证号", max_length=60)
    registrar: Text = Field(default="", title="登记机关", max_length=100)
    legal_representative: Text = Field(default="", title="法定代表人", max_length=60)


class LicenceForm(Dated):
    """A school licence (办学许可证)."""

    number: Text = Field(default="", title="办学许可证号", max_length=60)
    organ: Text = Field(default="", title="发证机关", max_length=100)
    scope: Text = Field(default="", title="办学内容", max_length=300)


class ProfileForm(Form):
    """What an institution is, from a day on."""

    kind: Text = Field(default="培训机构", title="机构类别", max_length=40)
    legal_form: Text = Field(default="", title="法人类型", max_length=40)
    subject: Text = Field(default="", title="培训类别", max_length=60)
    mode: Text = Field(default="", title="线上线下", max_length=20)
    stage: Text = Field(default="", title="学段", max_length=60)
    jurisdiction: Text = Field(title="主管区县", min_length=1, max_length=20)
    status: Status = Field(default="active", title="存续状态", sa_type=AutoString)
    on_platform: bool | None = Field(default=None, title="纳入全国监管平台")
    charges_in_advance: bool = Field(default=True, title="预收费")
    since: OptionalDay = Field(default=None, title="起始日期")


class InstitutionForm(ProfileForm):
    """A new institution: its profile, name, place, registration and licence in one sheet."""

    name: Text = Field(title="机构名称", min_length=1, max_length=200)
    names: list[NameForm] = Field(default=[], title="其他名称")
    address: Text = Field(default="", title="地址", max_length=300)
    premises: list[PremisesForm] = Field(default=[], title="其他场所")
    code: Text = Field(default="", title="统一社会信用代码")
    confirmed_as_on_original: bool = Field(default=False, title="已与证照原件核对")
    registrar: Text = Field(default="", title="登记机关", max_length=100)
    registration_no: Text = Field(default="", title="登记证号", max_length=60)
    registered_on: OptionalDay = Field(default=None, title="登记日期")
    registered_until: OptionalDay = Field(default=None, title="登记有效期至")
    legal_representative: Text = Field(default="", title="法定代表人", max_length=60)
    licence_no: Text = Field(default="", title="办学许可证号", max_length=60)
    licence_since: OptionalDay = Field(default=None, title="许可证有效期自")
    licence_until: OptionalDay = Field(default=None, title="许可证有效期至")
    opened_on: OptionalDay = Field(default=None, title="设立日期")
    predecessor: Text = Field(default="", title="前身机构编号", max_length=20)

    @model_validator(mode="after")
    def _terms_in_order(self) -> Self:
        pairs = (
            ("许可证有效期", self.licence_since, self.licence_until),
            ("登记有效期", self.registered_on, self.registered_until),
        )
        for label, since, until in pairs:
            if since and until and until < since:
                raise ValueError(f"{label}的截止日期 {until} 早于起始日期 {since}，请改正其中一个")
        if self.licence_no and not (self.licence_since or self.opened_on):
            raise ValueError("有办学许可证号，却没有许可证有效期自，请填写发证日期")
        if self.code and not (self.registered_on or self.opened_on):
            raise ValueError("有统一社会信用代码，却没有登记日期，请填写登记日期或设立日期")
        return self


class MeasureForm(Form):
    """A number written down at an inspection."""

    code: Text = Field(title="分项", min_length=1, max_length=60)
    value: Decimal = Field(title="数值")


class InspectionForm(Form):
    """One visit; `key` is made where it is entered, so that sending twice records once."""

    key: Text = Field(title="幂等键", min_length=8, max_length=80)
    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    kind: Text = Field(title="检查种类", min_length=1, max_length=40)
    on: Day = Field(title="检查日期")
    onsite: bool = Field(default=True, title="现场检查")
    first_officer: Text = Field(default="", title="检查人员一", max_length=60)
    second_officer: Text = Field(default="", title="检查人员二", max_length=60)
    place: Text = Field(default="", title="检查地点", max_length=300)
    signed: bool = Field(default=True, title="被检查单位已签字")
    refusal: Text = Field(default="", title="拒签情况", max_length=300)
    campaign: Text = Field(default="", title="检查任务", max_length=40)
    note: Text = Field(default="", title="内部记录", max_length=4000)


class InspectionSheet(InspectionForm):
    """An inspection as it is typed, its measures with it."""

    measures: list[MeasureForm] = Field(default=[], title="分项数值")


class FindingForm(Form):
    """What was found: the coded statement is public, the note stays inside."""

    code: Text = Field(title="指标编码", min_length=1, max_length=40)
    extent: int = Field(default=1, ge=1, le=10000, title="次数或人数")
    occurred_on: OptionalDay = Field(default=None, title="发生日期")
    seen_on: Day = Field(title="发现日期")
    article: Text = Field(default="", title="依据条款", max_length=300)
    statement: Text = Field(default="", title="公开的事实表述", max_length=1000)
    note: Text = Field(default="", title="内部记录", max_length=4000)


class FindingSheet(FindingForm):
    """A finding as it is typed: where it was seen, and by which two officers."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    inspection: Text = Field(default="", title="检查编号", max_length=40)
    first_officer: Text = Field(default="", title="检查人员一", max_length=60)
    second_officer: Text = Field(default="", title="检查人员二", max_length=60)
    corrects: Text = Field(default="", title="更正的事项编号", max_length=40)
    commendation: bool = Field(default=False, title="表彰")


class PastFindingSheet(FindingSheet):
    """A finding from an old ledger, with the days of the steps it has already gone through."""

    id: Text = Field(default="", title="台账编号", max_length=40)
    confirmed_on: OptionalDay = Field(default=None, title="确认日期")
    ordered_on: OptionalDay = Field(default=None, title="责令改正日期")
    due_on: OptionalDay = Field(default=None, title="整改期限")
    document_no: Text = Field(default="", title="文号", max_length=100)
    passed_on: OptionalDay = Field(default=None, title="复查合格日期")


class StepForm(Form):
    """One step of a matter: its day, its paper, its two officers and its reason."""

    on: Day = Field(title="日期")
    due_on: OptionalDay = Field(default=None, title="期限")
    document_no: Text = Field(default="", title="文号", max_length=100)
    organ: Text = Field(default="", title="作出机关", max_length=100)
    first_officer: Text = Field(default="", title="承办人一", max_length=60)
    second_officer: Text = Field(default="", title="承办人二", max_length=60)
    reason: Text = Field(default="", title="理由", max_length=4000)


class CaseSheet(StepForm):
    """The filing (立案) of a penalty case over one or more findings."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    case_no: Text = Field(default="", title="立案号", max_length=100)
    findings: list[Text] = Field(default=[], title="所涉问题")


class DecisionForm(Form):
    """What a penalty decision says; money in fen, never in floating yuan."""

    code: Text = Field(title="处罚编码", min_length=1, max_length=40)
    kinds: Text = Field(default="", title="处罚种类", max_length=200)
    fine_fen: int = Field(default=0, ge=0, title="罚款（分）", sa_type=BigInteger)
    confiscated_fen: int = Field(default=0, ge=0, title="没收（分）", sa_type=BigInteger)
    article: Text = Field(default="", title="处罚依据", max_length=300)
    statement: Text = Field(default="", title="公开的事实表述", max_length=1000)
    social_impact: bool = Field(default=True, title="具有一定社会影响")


class DecisionSheet(DecisionForm):
    """The step `decide` of a penalty case and its content in one sheet."""

    on: Day = Field(title="决定日期")
    document_no: Text = Field(title="决定书文号", min_length=1, max_length=100)
    organ: Text = Field(title="作出机关", min_length=1, max_length=100)
    first_officer: Text = Field(title="承办人一", min_length=1, max_length=60)
    second_officer: Text = Field(title="承办人二", min_length=1, max_length=60)
    reason: Text = Field(default="", title="理由", max_length=4000)


class ListingForm(Form):
    """What a list decision rests on; `months` is its term unless `until` says otherwise."""

    list: ListName = Field(title="名单", sa_type=AutoString)
    ground: Text = Field(title="列入情形", min_length=1, max_length=60)
    statement: Text = Field(title="公开的列入理由", min_length=1, max_length=1000)
    article: Text = Field(title="依据条款", min_length=1, max_length=300)
    months: int = Field(default=12, ge=1, le=36, title="期限（月）")
    until: OptionalDay = Field(default=None, title="期限至")


class ListingSheet(ListingForm):
    """The proposal of a listing; a black one names the penalty decision behind it."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    decision: Text = Field(default="", title="处罚决定的事项编号", max_length=40)
    on: Day = Field(title="提出日期")
    first_officer: Text = Field(default="", title="承办人一", max_length=60)
    second_officer: Text = Field(default="", title="承办人二", max_length=60)
    reason: Text = Field(default="", title="内部说明", max_length=4000)


class ReplyForm(Form):
    """What the institution answers to a record; it is published beside it."""

    about: Text = Field(title="所涉事项编号", min_length=1, max_length=40)
    on: Day = Field(title="答复日期")
    text: Text = Field(title="答复内容", min_length=1, max_length=2000)


class ObjectionSheet(ReplyForm):
    """An institution's objection to a matter about itself."""


class CoverForm(Dated):
    """One insurance cover."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    until: Day = Field(title="保险止期")
    cover_class: CoverClass = Field(title="险种", sa_type=AutoString)
    insurer: Text = Field(title="保险公司", min_length=1, max_length=100)
    policy_no: Text = Field(title="保单号", min_length=1, max_length=80)
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
    bank: Text = Field(title="开户银行", min_length=1, max_length=100)
    account_no: Text = Field(default="", title="账号", max_length=40)


class CustodyReportForm(Form):
    """A bank's report on a custody account; the balance stays inside."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    bank: Text = Field(title="开户银行", min_length=1, max_length=100)
    on: Day = Field(title="报送日期")
    balance_fen: int | None = Field(default=None, title="余额（分）", sa_type=BigInteger)


class AnnualInspectionForm(Form):
    """The result of one year's annual inspection."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    year: int = Field(ge=2000, le=2100, title="年度")
    result: AnnualResult = Field(title="结论", sa_type=AutoString)
    on: Day = Field(title="结论日期")
    document_no: Text = Field(default="", title="文号", max_length=100)


class EditionForm(Form):
    """A frozen edition that waits for its second signature."""

    period: Text = Field(title="期", min_length=4, max_length=10)
    number: int = Field(default=0, ge=0, title="版次")
    cut_off: Day = Field(title="截止日")
    digest: Text = Field(title="摘要", min_length=64, max_length=64)
    policy: Text = Field(default="", title="评分办法", max_length=60)
    summary: Text = Field(default="", title="与上期的差别")


class WithdrawalForm(Form):
    """The lawful withdrawal of one institution's entry from a released edition."""

    period: Text = Field(title="期", min_length=4, max_length=10)
    number: int = Field(default=0, ge=0, title="版次")
    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    reason: Text = Field(title="撤回理由", min_length=1, max_length=1000)
    document_no: Text = Field(default="", title="文号", max_length=100)
    on: Day = Field(title="撤回日期")


class AccountForm(Form):
    """A new account, its role and where the role holds."""

    id: Text = Field(title="账户名", min_length=2, max_length=40, regex=r"^[a-z0-9][a-z0-9_.-]*$")
    name: Text = Field(title="姓名", min_length=1, max_length=60)
    password: str = Field(title="密码", min_length=10, max_length=200)
    role: RoleName = Field(title="角色")
    jurisdiction: Text = Field(default="", title="限于区县", max_length=20)
    institution: Text = Field(default="", title="所属机构编号", max_length=20)

    @model_validator(mode="after")
    def _institution_for_its_role(self) -> Self:
        if (self.role == "institution") != bool(self.institution):
            raise ValueError("机构账户必须写明所属机构编号，其他角色不得填写")
        return self
