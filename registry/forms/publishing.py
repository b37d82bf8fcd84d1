"""What is typed of an edition and of a withdrawal."""

from typing import Literal

from sqlmodel import Field

from registry.forms.fields import Day, Form, OptionalDay, Text


def edition_name(period: str, number: int) -> str:
    """`2026-11`, or `2026-11.1` for a supplementary one: an edition's name, which is its folder's too."""
    return f"{period}.{number}" if number else period


class EditionForm(Form):
    """A frozen edition that waits for its second signature."""

    period: Text = Field(title="期", min_length=4, max_length=10)
    number: int = Field(default=0, ge=0, title="版次")
    cut_off: Day = Field(title="截止日")
    digest: Text = Field(title="摘要", min_length=64, max_length=64)
    policy: Text = Field(default="", title="评分办法", max_length=60)
    summary: Text = Field(default="", title="与上期的差别")
    difference: Text = Field(default="", title="差别的摘要", max_length=64)
    released_on: OptionalDay = Field(default=None, title="发布日")
    due_on: OptionalDay = Field(default=None, title="最迟发布日")
    cause: Text = Field(default="", title="为什么不能等到下一期")


class AcceptanceForm(Form):
    """One violation of the gate is let pass, for a written reason."""

    violation: Text = Field(title="核对不通过的一项", min_length=64, max_length=64)
    reason: Text = Field(title="放行理由", min_length=4, max_length=1000)


class ReturnForm(Form):
    """An edition goes back to whoever prepared it."""

    reason: Text = Field(title="退回理由", min_length=1, max_length=1000)


class WithdrawalRequestForm(Form):
    """What somebody asks to be withdrawn, and on what ground; the reason is made public."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    editions: tuple[str, ...] = Field(title="撤回的版次", min_length=1)
    reason: Text = Field(title="撤回理由", min_length=4, max_length=300)
    document_no: Text = Field(title="文号", min_length=1, max_length=100)
    organ: Text = Field(title="作出撤回依据的机关", min_length=2, max_length=100)


class DeclineForm(Form):
    """A request to withdraw is declined, or taken back by whoever made it."""

    reason: Text = Field(title="不同意的理由", min_length=2, max_length=300)


class WithdrawalForm(Form):
    """The lawful withdrawal of one institution's entry from a released edition."""

    period: Text = Field(title="期", min_length=4, max_length=10)
    number: int = Field(default=0, ge=0, title="版次")
    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    reason: Text = Field(title="撤回理由", min_length=1, max_length=1000)
    document_no: Text = Field(default="", title="文号", max_length=100)
    on: Day = Field(title="撤回日期")
    how: Literal["withdrawn", "expired", "lifted", "repaired"] = Field(
        default="withdrawn", title="撤回方式"
    )
    listed: Literal["black", "watch", "record"] = Field(default="record", title="所在名单")
