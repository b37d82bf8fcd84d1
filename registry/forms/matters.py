"""What is typed of a matter: findings, cases, decisions, listings, replies, and each step."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from sqlalchemy import BigInteger
from sqlmodel import AutoString, Field

from registry.forms.fields import (
    ChangeKind,
    Crossed,
    Day,
    Form,
    ListName,
    OptionalDay,
    PublicText,
    Text,
)
from scoring.rules import months_after

LONGEST = 36  # months, of a list decision
UNHEARD = "没有听取过的，不写确认日期，导入后在工作台听取、确认"


class FindingForm(Form):
    """What was found: the coded statement is public, the note stays inside."""

    code: Text = Field(title="指标编码", min_length=1, max_length=40)
    extent: int = Field(default=1, ge=1, le=10000, title="次数或人数")
    occurred_on: OptionalDay = Field(default=None, title="发生日期")
    seen_on: Day = Field(title="发现日期")
    article: PublicText = Field(default="", title="依据条款", max_length=300)
    statement: PublicText = Field(default="", title="公开的事实表述", max_length=1000)
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
    heard_on: OptionalDay = Field(default=None, title="听取陈述申辩日期")
    confirmed_on: OptionalDay = Field(default=None, title="确认日期")
    ordered_on: OptionalDay = Field(default=None, title="责令改正日期")
    due_on: OptionalDay = Field(default=None, title="整改期限")
    document_no: PublicText = Field(default="", title="文号", max_length=100)
    passed_on: OptionalDay = Field(default=None, title="复查合格日期")

    def crossed(self) -> Iterator[Crossed]:
        """Steps out of order, and a finding confirmed of which nobody says that its party was heard."""
        names = ("seen_on", "heard_on", "confirmed_on", "ordered_on", "passed_on")
        taken = [(name, day) for name in names if (day := getattr(self, name)) is not None]
        others = (("occurred_on", "seen_on"), ("ordered_on", "due_on"))
        asides = [((one, getattr(self, one)), (two, getattr(self, two))) for one, two in others]
        for (before, first), (after, last) in (*pairwise(taken), *asides):
            if first is None or last is None:
                continue
            if last < first:
                titles = type(self).model_fields
                said = f"{titles[after].title} {last} 早于{titles[before].title} {first}，请改正其中一个"
                yield Crossed((before, after), said)
        if self.due_on and self.ordered_on is None:
            said = f"写了整改期限 {self.due_on}，请写责令改正日期"
            yield Crossed(("due_on", "ordered_on"), said)
        if self.confirmed_on and self.heard_on is None and not self.commendation:
            said = f"写了确认日期 {self.confirmed_on}，请写听取陈述申辩日期；{UNHEARD}"
            yield Crossed(("confirmed_on", "heard_on"), said)


class StepForm(Form):
    """One step of a matter: its day, its paper, its two officers and its reason."""

    on: Day = Field(title="日期")
    due_on: OptionalDay = Field(default=None, title="期限")
    document_no: PublicText = Field(default="", title="文号", max_length=100)
    organ: PublicText = Field(default="", title="作出机关", max_length=100)
    first_officer: Text = Field(default="", title="承办人一", max_length=60)
    second_officer: Text = Field(default="", title="承办人二", max_length=60)
    reason: Text = Field(default="", title="理由", max_length=4000)
    repair_notice_no: PublicText = Field(default="", title="修复告知书文号", max_length=100)
    publication_told: bool = Field(default=False, title="已书面告知将依法公示")
    served_on: OptionalDay = Field(default=None, title="送达日期")
    service_proof: Text = Field(default="", title="送达凭证", max_length=200)

    def known_on(self, recorded: date) -> date:
        """The day its party could read it: when it was served, else not before it was recorded here."""
        return self.served_on or max(self.on, recorded)


class StepSheet(StepForm):
    """A step with what some steps set besides: the punishment, the extent, the term of a listing."""

    code: Text = Field(default="", title="处罚编码", max_length=40)
    kinds: PublicText = Field(default="", title="处罚种类", max_length=200)
    fine_fen: int = Field(default=0, ge=0, title="罚款（分）")
    confiscated_fen: int = Field(default=0, ge=0, title="没收（分）")
    extent: int | None = Field(default=None, ge=1, le=10000, title="次数或人数")
    months: int | None = Field(default=None, ge=1, le=LONGEST, title="期限（月）")
    article: PublicText = Field(default="", title="依据条款", max_length=300)
    statement: PublicText = Field(default="", title="公开的事实表述", max_length=1000)
    social_impact: bool = Field(default=True, title="具有一定社会影响")
    policy_checked: bool | None = Field(default=None, title="已核对保单")


class CaseSheet(StepForm):
    """The filing (立案) of a penalty case over one or more findings."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    case_no: PublicText = Field(default="", title="立案号", max_length=100)
    findings: list[Text] = Field(default=[], title="所涉问题")


class DecisionForm(Form):
    """What a penalty decision says; money in fen, never in floating yuan."""

    code: Text = Field(title="处罚编码", min_length=1, max_length=40)
    kinds: PublicText = Field(default="", title="处罚种类", max_length=200)
    fine_fen: int = Field(default=0, ge=0, title="罚款（分）", sa_type=BigInteger)
    confiscated_fen: int = Field(default=0, ge=0, title="没收（分）", sa_type=BigInteger)
    extent: int = Field(default=1, ge=1, le=10000, title="次数或人数")
    article: PublicText = Field(default="", title="处罚依据", max_length=300)
    statement: PublicText = Field(default="", title="公开的事实表述", max_length=1000)
    social_impact: bool = Field(default=True, title="具有一定社会影响")


class DecisionSheet(DecisionForm):
    """The step `decide` of a penalty case and its content in one sheet."""

    on: Day = Field(title="决定日期")
    document_no: PublicText = Field(title="决定书文号", min_length=1, max_length=100)
    organ: PublicText = Field(title="作出机关", min_length=1, max_length=100)
    first_officer: Text = Field(title="承办人一", min_length=1, max_length=60)
    second_officer: Text = Field(title="承办人二", min_length=1, max_length=60)
    reason: Text = Field(default="", title="理由", max_length=4000)


class SpotForm(Form):
    """What a decision made on the spot says (行政处罚法 第五十二条); money in fen.

    What may not be empty is asked for by the act, together with everything else.
    """

    place: Text = Field(default="", title="处罚地点", max_length=200)
    statement: Text = Field(default="", title="违法事实", max_length=1000)
    article: Text = Field(default="", title="处罚依据", max_length=300)
    kinds: Text = Field(default="", title="处罚种类", max_length=200)
    fine_fen: int = Field(default=0, ge=0, title="罚款（分）", sa_type=BigInteger)
    heard: Text = Field(default="", title="当事人的陈述申辩", max_length=4000)
    receiver: Text = Field(default="", title="签收人", max_length=60)
    refusal: Text = Field(default="", title="拒绝签收的情况", max_length=300)


class SpotSheet(SpotForm, StepForm):
    """A penalty decided on the spot over one finding, with what the two officers did before it."""

    finding: Text = Field(title="所涉问题", min_length=1, max_length=40)
    papers_shown: bool = Field(default=False, title="已出示执法证件")
    rights_told: bool = Field(default=False, title="已告知内容、事实、理由、依据和权利")


class ListingForm(Form):
    """What a list decision rests on; `months` is its term unless `until` says otherwise."""

    list: ListName = Field(title="名单", sa_type=AutoString)
    ground: PublicText = Field(title="列入情形", min_length=1, max_length=60)
    statement: PublicText = Field(title="公开的列入理由", min_length=1, max_length=1000)
    article: PublicText = Field(title="依据条款", min_length=1, max_length=300)
    months: int = Field(default=12, ge=1, le=LONGEST, title="期限（月）")
    until: OptionalDay = Field(default=None, title="期限至")


class ListingSheet(ListingForm):
    """The proposal of a listing; a black one names the penalty decision behind it."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    decision: Text = Field(default="", title="处罚决定的事项编号", max_length=40)
    on: Day = Field(title="提出日期")
    first_officer: Text = Field(default="", title="承办人一", max_length=60)
    second_officer: Text = Field(default="", title="承办人二", max_length=60)
    reason: Text = Field(default="", title="内部说明", max_length=4000)

    def crossed(self) -> Iterator[Crossed]:
        """A term that is over before it begins, or longer than any list decision's."""
        last = months_after(self.on, LONGEST)
        if self.until and not self.on <= self.until <= last:
            said = f"期限至 {self.until} 不在提出日期 {self.on} 以后的 {LONGEST} 个月以内，请改正其中一个"
            yield Crossed(("until", "on"), said)


class ReplyForm(Form):
    """What the institution answers to a record; it is published beside it."""

    about: Text = Field(title="所涉事项编号", min_length=1, max_length=40)
    on: Day = Field(title="答复日期")
    text: PublicText = Field(title="答复内容", min_length=1, max_length=2000)


class JudgmentSheet(StepForm):
    """A court's paper on an institution: its number, its court, and the faults it speaks of."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    code: Text = Field(title="指标编码", min_length=1, max_length=40)
    statement: PublicText = Field(title="公开的事实表述", min_length=1, max_length=1000)
    article: PublicText = Field(default="", title="依据条款", max_length=300)
    findings: list[Text] = Field(default=[], title="所涉问题")


class RepairSheet(Form):
    """An application for credit repair with its two papers."""

    about: Text = Field(title="所涉事项编号", min_length=1, max_length=40)
    on: Day = Field(title="申请日期")
    proof: Text = Field(title="履行义务的证明", min_length=1, max_length=4000)
    undertaking: Text = Field(title="信用承诺", min_length=1, max_length=4000)


class ComplaintSheet(Form):
    """A complaint as it comes in; who complained is never shown without a purpose that is logged.

    It is about an institution of the register, or about somebody at an address of a jurisdiction.
    """

    institution: Text = Field(default="", title="机构编号", max_length=20)
    jurisdiction: Text = Field(default="", title="所在区域", max_length=20)
    named: Text = Field(default="", title="招牌上的名称", max_length=200)
    address: Text = Field(default="", title="地址", max_length=300)
    on: Day = Field(title="收到日期")
    channel: Text = Field(default="", title="来源", max_length=40)
    text: Text = Field(title="投诉内容", min_length=1, max_length=4000)
    contact: Text = Field(default="", title="联系方式", max_length=200)


class AlertSheet(Form):
    """A risk alert in neutral words, and the confirmed finding it rests on."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    finding: Text = Field(title="已确认的问题", min_length=1, max_length=40)
    on: Day = Field(title="提出日期")
    text: PublicText = Field(title="提示内容", min_length=1, max_length=500)
    reason: Text = Field(title="理由", min_length=1, max_length=4000)


class HandoverForm(Form):
    """A matter given to another owner."""

    owner: Text = Field(title="新负责人账户", min_length=1, max_length=60)
    reason: Text = Field(title="交接理由", min_length=1, max_length=1000)


class IdentificationForm(Form):
    """Which institution a complaint is about, as the office found out."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    reason: Text = Field(title="怎样查明的", min_length=1, max_length=1000)


class ObjectionSheet(ReplyForm):
    """An institution's objection to a matter about itself; it is not published."""

    text: Text = Field(title="异议内容", min_length=1, max_length=2000)


class PaperObjectionSheet(ObjectionSheet):
    """An objection that came in on paper, from the day it came."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    about: Text = Field(title="有异议的事项", min_length=1, max_length=40)
    on: Day = Field(title="收到日期")


class PaperRepairSheet(RepairSheet):
    """An application for credit repair that came in on paper, from the day it came."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    about: Text = Field(title="要修复的事项", min_length=1, max_length=40)
    on: Day = Field(title="收到日期")


class DefenceSheet(ReplyForm):
    """An institution's statement and defence (陈述申辩); it goes into the case file, to nobody else."""

    text: Text = Field(title="陈述申辩的内容", min_length=1, max_length=8000)


class RepairForm(Form):
    """An application for credit repair: what was done about it, and the promise that goes with it."""

    about: Text = Field(title="要修复的记录", min_length=1, max_length=40)
    on: Day = Field(title="申请日期")
    proof: Text = Field(title="履行义务、纠正失信行为的情况", min_length=1, max_length=4000)
    signer: Text = Field(title="法定代表人或者主要负责人", min_length=1, max_length=60)
    promised: bool = Field(default=False, title="信用承诺")


class ChangeSheet(Form):
    """What an institution asks to be changed of its own data: one row added, altered or ended."""

    institution: Text = Field(title="机构编号", min_length=1, max_length=20)
    on: Day = Field(title="申请日期")
    what: ChangeKind = Field(title="资料种类")
    row: int | None = Field(default=None, title="要变更的一条")
    reason: Text = Field(default="", title="说明", max_length=1000)
