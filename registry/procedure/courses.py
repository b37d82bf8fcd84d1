"""What the office does of its own motion: findings, commendations, penalty cases, listing cases."""

from registry.procedure.clocks import CASE, DEFENCE, LIST_DEFENCE, SERVICE, SUIT
from registry.procedure.step import DESK, FIELD, HEAD, PAPER, edges

FINDING = [
    *edges("finding", "-", ("record", "discovered", "记录"), FIELD, "two_officers"),
    *edges("finding", "discovered", ("hear", "heard", "听取陈述申辩"), FIELD, "reason"),
    *edges("finding", "heard", ("confirm", "confirmed", "确认"), DESK, not_by=("record",)),
    *edges(
        "finding",
        "discovered heard",
        ("dismiss", "dismissed", "认定不成立"),
        DESK,
        "reason",
        not_by=("record",),
    ),
    *edges(
        "finding",
        "confirmed failed",
        ("order", "ordered", "责令改正"),
        DESK,
        "document_no",
        "due_on",
    ),
    *edges("finding", "ordered", ("extend", "ordered", "延长期限"), HEAD, "reason", "due_on"),
    *edges("finding", "ordered", ("pass", "passed", "复查合格"), FIELD, "two_officers"),
    *edges("finding", "ordered", ("fail", "failed", "复查不合格"), FIELD, "two_officers", "reason"),
    *edges("finding", "confirmed passed failed", ("close", "closed", "办结"), DESK, "reason"),
    *edges(
        "finding",
        "confirmed ordered passed failed closed",
        ("annul", "annulled", "撤销"),
        HEAD,
        *PAPER,
    ),
]
COMMENDATION = [
    *edges("commendation", "-", ("record", "discovered", "记录"), FIELD, "reason"),
    *edges(
        "commendation",
        "discovered",
        ("confirm", "confirmed", "确认"),
        DESK,
        "document_no",
        not_by=("record",),
    ),
    *edges("commendation", "discovered", ("dismiss", "dismissed", "认定不成立"), DESK, "reason"),
    *edges("commendation", "confirmed", ("annul", "annulled", "撤销"), HEAD, *PAPER),
]
PENALTY = [
    *edges("penalty", "-", ("file", "filed", "立案"), DESK, "two_officers", clock=CASE),
    *edges(
        "penalty",
        "filed",
        ("investigate", "investigated", "调查终结"),
        FIELD,
        "two_officers",
        clock=CASE,
    ),
    *edges(
        "penalty",
        "investigated",
        ("notify", "notified", "处罚告知"),
        DESK,
        "document_no",
        clock=DEFENCE,
    ),
    *edges(
        "penalty",
        "notified",
        ("hear", "heard", "听取陈述申辩或听证"),
        FIELD,
        "reason",
        clock=CASE,
    ),
    *edges(
        "penalty",
        "heard",
        ("review", "reviewed", "法制审核"),
        ("reviewer",),
        "reason",
        clock=CASE,
        not_by=("file", "investigate"),
    ),
    *edges(
        "penalty",
        "reviewed",
        ("decide", "decided", "作出处罚决定"),
        HEAD,
        "document_no",
        "organ",
        "two_officers",
        clock=SERVICE,
        not_by=("file", "investigate", "review"),
    ),
    *edges("penalty", "decided", ("serve", "served", "送达"), FIELD, "document_no", clock=SUIT),
    *edges("penalty", "served", ("contest", "contested", "被申请复议或起诉"), DESK, "reason"),
    *edges("penalty", "served", ("finalise", "final", "期满生效"), DESK),
    *edges(
        "penalty", "contested", ("uphold", "final", "复议诉讼维持"), DESK, "document_no", "reason"
    ),
    *edges(
        "penalty",
        "filed investigated notified heard reviewed",
        ("drop", "dropped", "销案"),
        HEAD,
        "reason",
    ),
    *edges(
        "penalty", "decided served contested final", ("annul", "annulled", "撤销"), HEAD, *PAPER
    ),
]
LISTING = [
    *edges("listing", "-", ("propose", "proposed", "提出列入"), FIELD),
    *edges(
        "listing",
        "proposed",
        ("notify", "notified", "列入告知"),
        DESK,
        "document_no",
        clock=LIST_DEFENCE,
    ),
    *edges("listing", "notified", ("hear", "heard", "听取陈述申辩"), FIELD, "reason"),
    *edges(
        "listing",
        "heard",
        ("review", "reviewed", "法制审核"),
        ("reviewer",),
        "reason",
        not_by=("propose",),
    ),
    *edges(
        "listing",
        "reviewed",
        ("decide", "decided", "作出列入决定"),
        HEAD,
        "document_no",
        "organ",
        "two_officers",
        clock=SERVICE,
        not_by=("propose", "review"),
    ),
    *edges("listing", "decided", ("serve", "effective", "两书同达"), FIELD, "document_no"),
    *edges(
        "listing",
        "proposed notified heard reviewed",
        ("drop", "dropped", "不予列入"),
        HEAD,
        "reason",
    ),
    *edges("listing", "effective", ("expire", "ended", "期满移出"), DESK),
    *edges("listing", "effective", ("lift", "ended", "提前移出"), HEAD, *PAPER),
    *edges("listing", "effective", ("repair", "ended", "信用修复移出"), HEAD, *PAPER),
    *edges("listing", "decided effective", ("annul", "ended", "撤销列入决定"), HEAD, *PAPER),
]
