"""What is typed of an account."""

from typing import Annotated, Self

from pydantic import AfterValidator, StringConstraints, model_validator
from sqlmodel import Field

from registry.forms.contacts import written_contact
from registry.forms.fields import Form, OptionalDay, RoleName, Text


def _address(text: str) -> str:
    """An address of mail as it is kept, or none; raises ValueError."""
    return written_contact("email", text, public=False) if text else ""


AccountName = Annotated[Text, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Email = Annotated[Text, AfterValidator(_address)]


class AccountForm(Form):
    """A new account, its role and where the role holds."""

    id: AccountName = Field(title="账户名", min_length=2, max_length=40)
    name: Text = Field(title="姓名", min_length=1, max_length=60)
    password: str = Field(title="密码", min_length=10, max_length=200)
    email: Email = Field(default="", title="电子邮箱", max_length=200)
    role: RoleName = Field(title="角色")
    jurisdiction: Text = Field(default="", title="限于区县", max_length=20)
    institution: Text = Field(default="", title="所属机构编号", max_length=20)

    @model_validator(mode="after")
    def _institution_for_its_role(self) -> Self:
        if (self.role == "institution") != bool(self.institution):
            raise ValueError("机构账户必须写明所属机构编号，其他角色不得填写")
        return self


class GrantForm(Form):
    """A role, where it holds and on which days."""

    role: RoleName = Field(title="角色")
    jurisdiction: Text = Field(default="", title="限于区县", max_length=20)
    institution: Text = Field(default="", title="所属机构编号", max_length=20)
    since: OptionalDay = Field(default=None, title="起始日期")
    until: OptionalDay = Field(default=None, title="截止日期")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.role == "institution") != bool(self.institution):
            raise ValueError("机构人员必须写明所属机构编号，其他角色不得填写")
        if self.since and self.until and self.until < self.since:
            raise ValueError(f"截止日期 {self.until} 早于起始日期 {self.since}，请改正其中一个")
        return self


class EmailForm(Form):
    """Where mail reaches the person of an account; empty where none is to."""

    email: Email = Field(default="", title="电子邮箱", max_length=200)


class JoinForm(Form):
    """What an invited person types for an account of their own."""

    id: AccountName = Field(title="账户名", min_length=2, max_length=40)
    name: Text = Field(title="姓名", min_length=1, max_length=60)
    password: str = Field(title="密码", min_length=10, max_length=200)
