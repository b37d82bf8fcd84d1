"""What others set going, and warnings: objections, repair, changes, complaints, risk alerts."""

from registry.procedure.clocks import OBJECTION, OBJECTION_AT_MOST
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
    *edges(
        "objection",
        "lodged",
        ("accept", "accepted", "受理核查"),
        FIELD,
        clock=OBJECTION_AT_MOST,
    ),
    *edges("objection", "lodged accepted", ("uphold", "upheld", "认定成立"), DESK, "reason"),
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
    *edges("repair", "-", ("apply", "lodged", "申请"), ("institution", *FIELD), "reason"),
    *edges("repair", "lodged", ("accept", "accepted", "受理"), FIELD),
    *edges("repair", "lodged", ("refuse", "refused", "不予受理"), DESK, *PAPER),
    *edges(
        "repair", "accepted", ("grant", "granted", "准予修复"), HEAD, *PAPER, not_by=("accept",)
    ),
    *edges("repair", "accepted", ("reject", "rejected", "不予修复"), DESK, *PAPER),
    *edges(
        "repair",
        "lodged accepted",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]
CHANGE = [
    *edges("change", "-", ("ask", "lodged", "申请"), ("institution", *FIELD)),
    *edges("change", "lodged", ("apply", "applied", "核准变更"), DESK, not_by=("ask",)),
    *edges("change", "lodged", ("reject", "rejected", "不予变更"), DESK, "reason"),
    *edges(
        "change",
        "lodged",
        ("withdraw", "withdrawn", "申请人撤回"),
        ("institution", "reviewer"),
        "reason",
    ),
]
COMPLAINT = [
    *edges("complaint", "-", ("receive", "received", "登记"), FIELD),
    *edges("complaint", "received", ("accept", "accepted", "受理核查"), FIELD),
    *edges("complaint", "received", ("refer", "referred", "移送有权机关"), DESK, "organ", "reason"),
    *edges("complaint", "received", ("refuse", "refused", "不予受理"), DESK, "reason"),
    *edges("complaint", "accepted", ("answer", "answered", "答复"), FIELD, "reason"),
    *edges("complaint", "answered", ("close", "closed", "办结"), DESK),
]
ALERT = [
    *edges("alert", "-", ("propose", "proposed", "提出"), FIELD, "reason"),
    *edges(
        "alert",
        "proposed",
        ("issue", "issued", "签发"),
        HEAD,
        "document_no",
        not_by=("propose",),
    ),
    *edges("alert", "proposed", ("drop", "dropped", "不予提示"), HEAD, "reason"),
    *edges("alert", "issued", ("renew", "issued", "延续"), HEAD, *PAPER),
    *edges("alert", "issued", ("end", "ended", "解除"), DESK, "reason"),
]
