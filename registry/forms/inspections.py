"""What is typed at a visit."""

from decimal import Decimal

from sqlmodel import AutoString, Field

from registry.forms.fields import AnswerWord, Dated, Day, Form, Text


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
    present: Text = Field(default="", title="机构在场人", max_length=60)
    statement: Text = Field(default="", title="机构在场人的陈述", max_length=4000)
    checklist: Text = Field(default="", title="检查表版本", max_length=60)


class InspectionSheet(InspectionForm):
    """An inspection as it is typed, its measures with it."""

    measures: list[MeasureForm] = Field(default=[], title="分项数值")


class CampaignForm(Dated):
    """An inspection task: what kind of visits, where, and until when."""

    name: Text = Field(title="任务名称", min_length=1, max_length=100)
    until: Day = Field(title="截止日期")
    kind: Text = Field(default="", title="检查种类", max_length=40)
    jurisdiction: Text = Field(default="", title="限于区县", max_length=20)
    note: Text = Field(default="", title="要求", max_length=1000)


class RecusalForm(Dated):
    """An officer's conflict of interest with an institution."""

    officer: Text = Field(title="检查人员账户", min_length=1, max_length=60)
    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    reason: Text = Field(title="回避事由", min_length=1, max_length=300)


class AnswerForm(Form):
    """One item of a checklist answered."""

    item: Text = Field(title="检查项目", min_length=1, max_length=40)
    answer: AnswerWord = Field(title="结果", sa_type=AutoString)
    note: Text = Field(default="", title="说明", max_length=1000)
