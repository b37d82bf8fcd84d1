"""The course of a penalty decided on the spot (当场处罚, 简易程序; 行政处罚法 第五十一至五十三条)."""

from registry.procedure.clocks import FILING, PAYMENT, REVIEW
from registry.procedure.contest import contest
from registry.procedure.step import DESK, FIELD, HEAD, PAPER, Need, edges

# What two officers have done on the spot before the decision is in the party's hands.
_ON_THE_SPOT: tuple[Need, ...] = (
    "two_officers",
    "papers_shown",
    "rights_told",
    "heard",
    "document_no",
    "organ",
)
# 行政复议法 第二十三条: no court hears of it before the review is over, so only the term of the review runs.
SPOT = [
    *edges("spot", "-", ("warn", "warned", "当场警告"), FIELD, *_ON_THE_SPOT, clock=FILING),
    *edges("spot", "-", ("fine", "fined", "当场罚款"), FIELD, *_ON_THE_SPOT, clock=FILING),
    # The law wants it reported to the officers' organ: somebody else there takes it in.
    *edges(
        "spot",
        "warned",
        ("file", "on_file", "报本机关备案"),
        DESK,
        "document_no",
        clock=REVIEW,
        not_by=("warn",),
    ),
    *edges(
        "spot",
        "fined",
        ("file", "fine_due", "报本机关备案"),
        DESK,
        "document_no",
        clock=PAYMENT,
        not_by=("fine",),
    ),
    *edges(
        "spot", "fine_due in_default", ("pay", "on_file", "缴清罚款"), FIELD, "reason", clock=REVIEW
    ),
    *edges("spot", "fine_due", ("surcharge", "in_default", "加处罚款"), DESK, *PAPER, clock=REVIEW),
    *contest("spot", "fine_due in_default on_file sustained", "on_file", REVIEW),
    *edges("spot", "on_file in_default sustained", ("finalise", "final", "期满生效"), DESK),
    *edges("spot", "final", ("perform", "final", "履行完毕"), FIELD, "reason"),
    *edges(
        "spot",
        "warned fined fine_due in_default on_file contested sustained final",
        ("annul", "annulled", "撤销"),
        HEAD,
        *PAPER,
    ),
]
