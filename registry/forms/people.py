"""What is typed of an account."""

from typing import Self

from pydantic import model_validator
from sqlmodel import Field

from registry.forms.fields import Form, RoleName, Text


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
