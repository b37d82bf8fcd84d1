"""What an institution asks for: objections, credit repair, changes of its own data."""

from registry.procedure.clocks import LONG, OBJECTION, PROMPT, SHORT, WITHDRAWAL
from registry.procedure.step import DESK, FIELD, HEAD, PAPER, edges

OBJECTION_COURSE = [
    *edges(
        "objection",
        "-",
        ("object", "lodged", "提出"),
        ("institution", *FIELD),
        "reason",
        clock=OBJECTION,
    ),
    *edges("objection", "lodged", ("accept", "accepted", "受理核查"), FIELD, clock=OBJECTION),
    *edges(
        "objection",
        "accepted",
        ("extend", "accepted", "延长期限"),
        HEAD,
        "reason",
        "due_on",
        owed=False,
    ),
    # What is found wrong stays marked as disputed until it is undone, which is owed within the term.
    *edges(
        "objection",
        "lodged accepted",
        ("uphold", "upheld", "认定成立"),
        DESK,
        "reason",
        clock=WITHDRAWAL,
    ),
    *edges("objection", "upheld", ("undo", "undone", "撤销原记录"), HEAD, *PAPER),
    *edges("objection", "upheld", ("correct", "corrected", "更正原记录"), HEAD, *PAPER),
    *edges("objection", "lodged accepted", ("reject", "rejected", "认定不成立"), DESK, *PAPER),
    *edges(
        "objection",
        "lodged accepted",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]
REPAIR = [
    *edges(
        "repair", "-", ("apply", "lodged", "申请"), ("institution", *FIELD), "reason", clock=PROMPT
    ),
    *edges("repair", "lodged", ("accept", "accepted", "受理"), FIELD, clock=SHORT),
    *edges("repair", "lodged", ("refuse", "refused", "不予受理"), DESK, *PAPER),
    *edges(
        "repair", "accepted", ("grant", "granted", "准予修复"), HEAD, *PAPER, not_by=("accept",)
    ),
    *edges("repair", "accepted", ("reject", "declined", "不予修复"), DESK, *PAPER),
    *edges(
        "repair",
        "lodged accepted",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]
CHANGE = [
    *edges("change", "-", ("ask", "lodged", "申请"), ("institution", *FIELD), clock=LONG),
    *edges("change", "lodged", ("apply", "applied", "核准变更"), DESK, not_by=("ask",)),
    *edges("change", "lodged", ("reject", "declined", "不予变更"), DESK, "reason"),
    *edges(
        "change",
        "lodged",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]
