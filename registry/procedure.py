"""The one table of every course a matter can take; acts, buttons, clocks and README read it."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from registry.calendar import Calendar
from scoring.facts import State
from scoring.rules import months_after

Kind = Literal["finding", "commendation", "penalty", "listing", "objection"]
Need = Literal["document_no", "organ", "two_officers", "reason", "due_on"]

ROLES: dict[str, str] = {
    "inspector": "检查员",
    "reviewer": "审核员",
    "head": "区县负责人",
    "publisher": "市级发布员",
    "auditor": "审计员",
    "institution": "机构",
    "administrator": "管理员",
}
KINDS: dict[str, str] = {
    "finding": "问题",
    "commendation": "表彰",
    "penalty": "处罚案件",
    "listing": "名单案件",
    "objection": "异议",
}
LETTERS = {
    "finding": "WT",
    "commendation": "BZ",
    "penalty": "AJ",
    "listing": "MD",
    "objection": "YY",
}
NEEDS: dict[str, str] = {
    "document_no": "文号",
    "organ": "作出机关",
    "two_officers": "两名承办人",
    "reason": "理由",
    "due_on": "期限",
}
STATES: dict[str, str] = {
    "": "（开始）",
    "discovered": "已记录",
    "heard": "已听取陈述申辩",
    "confirmed": "已确认",
    "dismissed": "不成立",
    "ordered": "责令改正中",
    "passed": "复查合格",
    "failed": "复查不合格",
    "closed": "已办结",
    "annulled": "已撤销",
    "filed": "已立案",
    "investigated": "调查终结",
    "notified": "已告知",
    "reviewed": "已法制审核",
    "decided": "已决定",
    "served": "已送达",
    "contested": "复议诉讼中",
    "final": "已生效",
    "dropped": "已销案",
    "proposed": "已提出",
    "effective": "名单中",
    "ended": "已移出",
    "lodged": "已提出",
    "accepted": "已受理",
    "upheld": "异议成立",
    "rejected": "异议不成立",
    "withdrawn": "已撤回",
}
# What scoring sees of a state; a state not named here is internal to the procedure.
MEANS: dict[str, tuple[State, ...]] = {
    "discovered": (State.DISCOVERED,),
    "confirmed": (State.CONFIRMED,),
    "dismissed": (State.DISMISSED,),
    "ordered": (State.ORDERED,),
    "passed": (State.PASSED,),
    "failed": (State.FAILED,),
    "decided": (State.DECIDED,),
    "served": (State.SERVED,),
    "contested": (State.DISPUTED,),
    "final": (State.FINAL,),
    "dropped": (State.DISMISSED,),
    "annulled": (State.ANNULLED,),
    "judged": (State.JUDGED,),
    "disputed": (State.DISPUTED,),
    "dispute_ended": (State.DISPUTE_ENDED,),
}
OPEN_OBJECTION = frozenset({"lodged", "accepted"})


class Clock(Struct, frozen=True, kw_only=True):
    """A term the law sets from a step on; `anchor` names the state whose day it counts from."""

    amount: int
    unit: Literal["working_days", "days", "months"]
    article: str
    anchor: str = ""

    def ends(self, start: date, calendar: Calendar) -> date:
        """The last day of the term; one that ends on a day off moves to the next working day."""
        if self.unit == "working_days":
            return calendar.after(start, self.amount)
        if self.unit == "days":
            return calendar.on_or_after(start + timedelta(days=self.amount))
        return calendar.on_or_after(months_after(start, self.amount))

    @property
    def words(self) -> str:
        """The term in Chinese."""
        unit = {"working_days": "个工作日", "days": "日", "months": "个月"}[self.unit]
        return f"{self.amount}{unit}"


class Edge(Struct, frozen=True, kw_only=True):
    """One allowed step: from where, by which act, to where, by whom, on which papers."""

    kind: Kind
    source: str
    act: str
    target: str
    label: str
    roles: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    clock: Clock | None = None
    not_by: tuple[str, ...] = ()


_CASE = Clock(amount=90, unit="days", article="行政处罚法第六十条", anchor="filed")
_DEFENCE = Clock(amount=5, unit="working_days", article="行政处罚法第六十四条")
_LIST_DEFENCE = Clock(amount=5, unit="working_days", article="浙江省公共信用信息管理条例第二十八条")
_SERVICE = Clock(amount=7, unit="working_days", article="行政处罚法第六十一条")
_SUIT = Clock(amount=6, unit="months", article="行政诉讼法第四十六条")
_OBJECTION = Clock(amount=5, unit="working_days", article="浙江省公共信用信息管理条例第三十条")
_OBJECTION_AT_MOST = Clock(
    amount=20, unit="working_days", article="浙江省公共信用信息管理条例第三十条", anchor="lodged"
)

_FIELD = ("inspector", "reviewer")
_DESK = ("reviewer", "head")
_HEAD = ("head",)
_PAPER: tuple[Need, ...] = ("document_no", "reason")


def _edges(
    kind: Kind,
    sources: str,
    step: tuple[str, str, str],
    roles: tuple[str, ...],
    *needs: Need,
    clock: Clock | None = None,
    not_by: tuple[str, ...] = (),
) -> list[Edge]:
    """The same step from several states; the start is written as `-`."""
    act, target, label = step
    return [
        Edge(
            kind=kind,
            source="" if source == "-" else source,
            act=act,
            target=target,
            label=label,
            roles=roles,
            needs=needs,
            clock=clock,
            not_by=not_by,
        )
        for source in sources.split()
    ]


_FINDING = [
    *_edges("finding", "-", ("record", "discovered", "记录"), _FIELD, "two_officers"),
    *_edges("finding", "discovered", ("hear", "heard", "听取陈述申辩"), _FIELD, "reason"),
    *_edges("finding", "heard", ("confirm", "confirmed", "确认"), _DESK, not_by=("record",)),
    *_edges(
        "finding",
        "discovered heard",
        ("dismiss", "dismissed", "认定不成立"),
        _DESK,
        "reason",
        not_by=("record",),
    ),
    *_edges(
        "finding",
        "confirmed failed",
        ("order", "ordered", "责令改正"),
        _DESK,
        "document_no",
        "due_on",
    ),
    *_edges("finding", "ordered", ("extend", "ordered", "延长期限"), _HEAD, "reason", "due_on"),
    *_edges("finding", "ordered", ("pass", "passed", "复查合格"), _FIELD, "two_officers"),
    *_edges(
        "finding", "ordered", ("fail", "failed", "复查不合格"), _FIELD, "two_officers", "reason"
    ),
    *_edges("finding", "confirmed passed failed", ("close", "closed", "办结"), _DESK, "reason"),
    *_edges(
        "finding",
        "confirmed ordered passed failed closed",
        ("annul", "annulled", "撤销"),
        _HEAD,
        *_PAPER,
    ),
]
_COMMENDATION = [
    *_edges("commendation", "-", ("record", "discovered", "记录"), _FIELD, "reason"),
    *_edges(
        "commendation",
        "discovered",
        ("confirm", "confirmed", "确认"),
        _DESK,
        "document_no",
        not_by=("record",),
    ),
    *_edges("commendation", "discovered", ("dismiss", "dismissed", "认定不成立"), _DESK, "reason"),
    *_edges("commendation", "confirmed", ("annul", "annulled", "撤销"), _HEAD, *_PAPER),
]
_PENALTY = [
    *_edges("penalty", "-", ("file", "filed", "立案"), _DESK, "two_officers", clock=_CASE),
    *_edges(
        "penalty",
        "filed",
        ("investigate", "investigated", "调查终结"),
        _FIELD,
        "two_officers",
        clock=_CASE,
    ),
    *_edges(
        "penalty",
        "investigated",
        ("notify", "notified", "处罚告知"),
        _DESK,
        "document_no",
        clock=_DEFENCE,
    ),
    *_edges(
        "penalty",
        "notified",
        ("hear", "heard", "听取陈述申辩或听证"),
        _FIELD,
        "reason",
        clock=_CASE,
    ),
    *_edges(
        "penalty",
        "heard",
        ("review", "reviewed", "法制审核"),
        ("reviewer",),
        "reason",
        clock=_CASE,
        not_by=("file", "investigate"),
    ),
    *_edges(
        "penalty",
        "reviewed",
        ("decide", "decided", "作出处罚决定"),
        _HEAD,
        "document_no",
        "organ",
        "two_officers",
        clock=_SERVICE,
        not_by=("file", "investigate", "review"),
    ),
    *_edges("penalty", "decided", ("serve", "served", "送达"), _FIELD, "document_no", clock=_SUIT),
    *_edges("penalty", "served", ("contest", "contested", "被申请复议或起诉"), _DESK, "reason"),
    *_edges("penalty", "served", ("finalise", "final", "期满生效"), _DESK),
    *_edges(
        "penalty", "contested", ("uphold", "final", "复议诉讼维持"), _DESK, "document_no", "reason"
    ),
    *_edges(
        "penalty",
        "filed investigated notified heard reviewed",
        ("drop", "dropped", "销案"),
        _HEAD,
        "reason",
    ),
    *_edges(
        "penalty", "decided served contested final", ("annul", "annulled", "撤销"), _HEAD, *_PAPER
    ),
]
_LISTING = [
    *_edges("listing", "-", ("propose", "proposed", "提出列入"), _FIELD),
    *_edges(
        "listing",
        "proposed",
        ("notify", "notified", "列入告知"),
        _DESK,
        "document_no",
        clock=_LIST_DEFENCE,
    ),
    *_edges("listing", "notified", ("hear", "heard", "听取陈述申辩"), _FIELD, "reason"),
    *_edges(
        "listing",
        "heard",
        ("review", "reviewed", "法制审核"),
        ("reviewer",),
        "reason",
        not_by=("propose",),
    ),
    *_edges(
        "listing",
        "reviewed",
        ("decide", "decided", "作出列入决定"),
        _HEAD,
        "document_no",
        "organ",
        "two_officers",
        clock=_SERVICE,
        not_by=("propose", "review"),
    ),
    *_edges("listing", "decided", ("serve", "effective", "两书同达"), _FIELD, "document_no"),
    *_edges(
        "listing",
        "proposed notified heard reviewed",
        ("drop", "dropped", "不予列入"),
        _HEAD,
        "reason",
    ),
    *_edges("listing", "effective", ("expire", "ended", "期满移出"), _DESK),
    *_edges("listing", "effective", ("lift", "ended", "提前移出"), _HEAD, *_PAPER),
    *_edges("listing", "effective", ("repair", "ended", "信用修复移出"), _HEAD, *_PAPER),
    *_edges("listing", "decided effective", ("annul", "ended", "撤销列入决定"), _HEAD, *_PAPER),
]
_OBJECTIONS = [
    *_edges(
        "objection",
        "-",
        ("object", "lodged", "提出"),
        ("institution", *_FIELD),
        "reason",
        clock=_OBJECTION,
    ),
    *_edges(
        "objection",
        "lodged",
        ("accept", "accepted", "受理核查"),
        _FIELD,
        clock=_OBJECTION_AT_MOST,
    ),
    *_edges("objection", "lodged accepted", ("uphold", "upheld", "认定成立"), _DESK, "reason"),
    *_edges("objection", "lodged accepted", ("reject", "rejected", "认定不成立"), _DESK, *_PAPER),
    *_edges(
        "objection",
        "lodged accepted",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]

TRANSITIONS: tuple[Edge, ...] = (
    *_FINDING,
    *_COMMENDATION,
    *_PENALTY,
    *_LISTING,
    *_OBJECTIONS,
)


def edges_from(kind: str, state: str) -> Sequence[Edge]:
    """Every step a matter of this kind may take from a state."""
    return [edge for edge in TRANSITIONS if edge.kind == kind and edge.source == state]


def edge(kind: str, state: str, act: str) -> Edge | None:
    """The step an act makes from a state; None if there is none."""
    return next((one for one in edges_from(kind, state) if one.act == act), None)


def states_of(kind: str) -> frozenset[str]:
    """Every state a matter of this kind can be in."""
    return frozenset(one.target for one in TRANSITIONS if one.kind == kind)


def is_open(kind: str, state: str) -> bool:
    """Whether the office still owes a step; undoing does not count as owed."""
    return any(one.act not in ("annul", "close") for one in edges_from(kind, state))


def markdown_table(edges: Iterable[Edge] = TRANSITIONS) -> str:
    """The table for README, one row per step, in the words of the law."""
    head = "| 事项 | 从 | 办理 | 到 | 由谁 | 须有 | 期限 |\n|---|---|---|---|---|---|---|"
    rows = []
    for one in edges:
        needs = "、".join(NEEDS[need] for need in one.needs)
        who = "、".join(ROLES[role] for role in one.roles)
        if one.not_by:
            names = {other.act: other.label for other in TRANSITIONS if other.kind == one.kind}
            who += f"（不得是{'、'.join(names[act] for act in one.not_by)}的人）"
        term = f"{one.clock.words}（{one.clock.article}）" if one.clock else ""
        rows.append(
            f"| {KINDS[one.kind]} | {STATES[one.source]} | {one.label} `{one.act}` "
            f"| {STATES[one.target]} | {who} | {needs} | {term} |"
        )
    return "\n".join([head, *rows])
