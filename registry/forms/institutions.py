"""What is typed about an institution."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo, field_validator
from sqlmodel import AutoString, Field

from registry.forms.contacts import OF_THE_PUBLIC, written_contact
from registry.forms.fields import (
    CalledText,
    ContactKind,
    Crossed,
    Dated,
    Form,
    NameKind,
    OptionalDay,
    OptionalEnd,
    PublicText,
    Status,
    Text,
    in_order,
)
from registry.forms.staff import certificate_number, without_numbers

Plain = Annotated[Text, AfterValidator(without_numbers)]
Certificate = Annotated[Text, AfterValidator(certificate_number)]


class JurisdictionForm(Dated):
    """A district or functional zone that supervises institutions."""

    id: Text = Field(title="区划编号", min_length=1, max_length=20)
    name: PublicText = Field(title="区划名称", min_length=1, max_length=60)
    organ: PublicText = Field(default="", title="主管部门", max_length=100)
    parent: Text = Field(default="", title="上级区划编号", max_length=20)


class NameForm(Form):
    """A name the institution bears or bore; a former name is one with a last day."""

    kind: NameKind = Field(title="名称种类", sa_type=AutoString)
    text: CalledText = Field(title="名称", min_length=1, max_length=200)
    since: OptionalDay = Field(default=None, title="启用日期")
    until: OptionalDay = Field(default=None, title="停用日期")


class PremisesForm(Dated):
    """A place where the institution teaches."""

    address: PublicText = Field(title="地址", min_length=1, max_length=300)


class RegistrationForm(Dated):
    """The registration as a legal person; the code is empty for the unlicensed."""

    code: Text = Field(default="", title="统一社会信用代码", max_length=18)
    number: PublicText = Field(default="", title="登记证号", max_length=60)
    registrar: PublicText = Field(default="", title="登记机关", max_length=100)
    legal_representative: PublicText = Field(default="", title="法定代表人", max_length=60)
    until: OptionalEnd = Field(default=None, title="截止日期")


class LicenceForm(Dated):
    """A school licence (办学许可证)."""

    until: OptionalEnd = Field(default=None, title="截止日期")
    number: PublicText = Field(default="", title="办学许可证号", max_length=60)
    organ: PublicText = Field(default="", title="发证机关", max_length=100)
    scope: PublicText = Field(default="", title="办学内容", max_length=300)


class ProfileForm(Form):
    """What an institution is, from a day on."""

    kind: Text = Field(default="培训机构", title="机构类别", max_length=40)
    legal_form: PublicText = Field(default="", title="法人类型", max_length=40)
    subject: PublicText = Field(default="", title="培训类别", max_length=60)
    mode: PublicText = Field(default="", title="线上线下", max_length=20)
    stage: PublicText = Field(default="", title="学段", max_length=60)
    jurisdiction: Text = Field(title="主管区县", min_length=1, max_length=20)
    status: Status = Field(default="active", title="存续状态", sa_type=AutoString)
    on_platform: bool | None = Field(default=None, title="纳入全国监管平台")
    charges_in_advance: bool = Field(default=True, title="预收费")
    since: OptionalDay = Field(default=None, title="起始日期")


class InstitutionForm(ProfileForm):
    """A new institution: its profile, name, place, registration and licence in one sheet."""

    name: CalledText = Field(title="机构名称", min_length=1, max_length=200)
    names: list[NameForm] = Field(default=[], title="其他名称")
    address: CalledText = Field(default="", title="地址", max_length=300)
    premises: list[PremisesForm] = Field(default=[], title="其他场所")
    code: Text = Field(default="", title="统一社会信用代码")
    confirmed_as_on_original: bool = Field(default=False, title="已与证照原件核对")
    registrar: PublicText = Field(default="", title="登记机关", max_length=100)
    registration_no: PublicText = Field(default="", title="登记证号", max_length=60)
    registered_on: OptionalDay = Field(default=None, title="登记日期")
    registered_until: OptionalEnd = Field(default=None, title="登记有效期至")
    legal_representative: PublicText = Field(default="", title="法定代表人", max_length=60)
    licence_no: PublicText = Field(default="", title="办学许可证号", max_length=60)
    licence_since: OptionalDay = Field(default=None, title="许可证有效期自")
    licence_until: OptionalEnd = Field(default=None, title="许可证有效期至")
    opened_on: OptionalDay = Field(default=None, title="设立日期")
    predecessor: Text = Field(default="", title="前身机构编号", max_length=20)

    def crossed(self) -> Iterator[Crossed]:
        """Terms out of order, a term or a code without what it belongs to."""
        licence = ("licence_since", self.licence_since), ("licence_until", self.licence_until)
        yield from in_order("许可证有效期的", *licence)
        registered = (
            ("registered_on", self.registered_on),
            ("registered_until", self.registered_until),
        )
        yield from in_order("登记有效期的", *registered)
        if not self.licence_no and (self.licence_since or self.licence_until):
            said = "有许可证有效期，却没有办学许可证号，请填写证号；没有许可证的，请删去有效期"
            yield Crossed(("licence_no", "licence_since", "licence_until"), said)
        if self.licence_no and not (self.licence_since or self.opened_on):
            said = "有办学许可证号，却没有许可证有效期自，请填写发证日期"
            yield Crossed(("licence_no", "licence_since", "opened_on"), said)
        if self.code and not (self.registered_on or self.opened_on):
            said = "有统一社会信用代码，却没有登记日期，请填写登记日期或设立日期"
            yield Crossed(("code", "registered_on", "opened_on"), said)


class ContactForm(Form):
    """A way to reach the institution; one for consulting or complaining is there to be public."""

    kind: ContactKind = Field(title="联系方式种类", sa_type=AutoString)
    text: Text = Field(title="联系方式", min_length=1, max_length=200)
    public: bool = Field(default=False, title="对外公开")
    since: OptionalDay = Field(default=None, title="启用日期")
    until: OptionalDay = Field(default=None, title="停用日期")

    @field_validator("text")
    @classmethod
    def _of_its_kind(cls, text: str, info: ValidationInfo) -> str:
        kind = info.data.get("kind", "")
        return written_contact(kind, text, public=kind in OF_THE_PUBLIC)

    @field_validator("public")
    @classmethod
    def _may_be_public(cls, public: bool, info: ValidationInfo) -> bool:
        kind, text = info.data.get("kind", ""), info.data.get("text", "")
        if public and text:
            written_contact(kind, text, public=True)
        if not public and kind in OF_THE_PUBLIC:
            raise ValueError("咨询电话和投诉电话是给家长用的，请勾选“对外公开”")
        return public


class StaffForm(Form):
    """A member of staff whom the institution must display (姓名、岗位、任教科目、教师资格)."""

    name: Plain = Field(title="姓名", min_length=1, max_length=60)
    post: Plain = Field(default="", title="岗位", max_length=60)
    subject: Plain = Field(default="", title="任教科目", max_length=60)
    qualification: Plain = Field(default="", title="教师资格", max_length=100)
    certificate: Certificate = Field(default="", title="教师资格证号", max_length=30)
    since: OptionalDay = Field(default=None, title="入职日期")
    until: OptionalDay = Field(default=None, title="离职日期")
