"""What is typed at a visit."""

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, StringConstraints
from sqlmodel import AutoString, Field

from registry.forms.fields import AnswerWord, Dated, Day, Form, OptionalDay, Text
from registry.forms.matters import FindingForm

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


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


class VoidForm(Form):
    """Why a visit never was: what proves that it was recorded by mistake."""

    reason: Text = Field(title="理由和依据", min_length=1, max_length=1000)


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


class SeenForm(FindingForm):
    """A fault seen at a visit; `item` is the item of the checklist, empty for any other rule."""

    item: Text = Field(default="", title="检查项目", max_length=40)
    corrects: Text = Field(default="", title="更正的事项编号", max_length=40)


class FileForm(Form):
    """A file that belongs to a visit: named by its digest, so that the bytes may follow later."""

    sha256: Digest = Field(title="文件摘要")
    item: Text = Field(default="", title="检查项目", max_length=40)
    kind: Text = Field(default="photo", title="文件种类", max_length=20)
    name: Text = Field(default="", title="文件名", max_length=200)
    taken_at: AwareDatetime | None = Field(default=None, title="拍摄时间")


class VisitSheet(InspectionSheet):
    """A whole visit as it was filled in: every answer, every fault, and the digests of its files."""

    policy: Text = Field(default="", title="评分办法版本", max_length=60)
    answers: list[AnswerForm] = Field(default=[], title="检查结果")
    findings: list[SeenForm] = Field(default=[], title="问题")
    files: list[FileForm] = Field(default=[], title="附件")


class DrawForm(Form):
    """A random draw: on which day, how many, from among which officers."""

    on: Day = Field(title="抽取日期")
    size: int = Field(title="抽取家数", ge=1, le=2000)
    officers: list[Text] = Field(title="检查人员", min_length=2)


class TaskForm(Form):
    """Whom a task is given to, and why it is not left as it was."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    first_officer: Text = Field(title="检查人员一", min_length=1, max_length=60)
    second_officer: Text = Field(title="检查人员二", min_length=1, max_length=60)
    due_on: OptionalDay = Field(default=None, title="完成日期")
    reason: Text = Field(default="", title="理由", max_length=300)
