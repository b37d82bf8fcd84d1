"""What is typed of an institution's history: whom it follows, or of whom it is a second registration."""

from typing import Literal, Self

from pydantic import model_validator
from sqlmodel import AutoString, Field

from registry.forms.fields import Day, Form, Text

LineageKind = Literal["lineage", "merge"]
LineageWord = Literal["更名重组", "分立", "合并", "承继", "重复登记"]


class LineageForm(Form):
    """`other` is the predecessor, or the second registration that is to be merged into `institution`."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    what: LineageKind = Field(title="办理什么", sa_type=AutoString)
    other: Text = Field(title="另一家的机构编号", min_length=1, max_length=20)
    how: LineageWord = Field(title="怎样来的", sa_type=AutoString)
    on: Day = Field(title="发生日期")
    reason: Text = Field(title="理由和依据", min_length=1, max_length=1000)

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.other == self.institution:
            raise ValueError("另一家就是本机构，请填写另一家的机构编号")
        if (self.what == "merge") != (self.how == "重复登记"):
            raise ValueError("只有合并重复登记才选“重复登记”，请改正其中一项")
        return self
