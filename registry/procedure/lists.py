"""The course of a listing case: from the proposal to the day the listing has ended."""

from registry.procedure.clocks import LIST_DEFENCE, LONG, PROMPT, SERVICE, SHORT
from registry.procedure.step import (
    BY_HAND,
    CITY,
    DESK,
    FIELD,
    HEAD,
    PAPER,
    SERVED,
    edges,
    hear_again,
)

LISTING = [
    *edges("listing", "-", ("propose", "proposed", "提出列入"), FIELD, clock=SHORT),
    # A longer term than the one proposed needs a new notice, from wherever the case then stands.
    *edges(
        "listing",
        "proposed heard reviewed discussed",
        ("notify", "notified", "列入告知"),
        DESK,
        "document_no",
        clock=LIST_DEFENCE,
        offers=("months", *BY_HAND),
    ),
    *edges("listing", "notified", ("hear", "heard", "听取陈述申辩"), FIELD, "reason", clock=SHORT),
    *hear_again("listing", "heard reviewed discussed", SHORT),
    *edges(
        "listing",
        "heard",
        ("review", "reviewed", "法制审核"),
        ("reviewer",),
        "reason",
        clock=SHORT,
        not_by=("propose",),
    ),
    *edges(
        "listing",
        "reviewed",
        ("discuss", "discussed", "负责人集体讨论"),
        HEAD,
        *PAPER,
        clock=SHORT,
    ),
    *edges(
        "listing",
        "reviewed discussed",
        ("decide", "decided", "作出列入决定"),
        HEAD,
        "document_no",
        "organ",
        "two_officers",
        clock=SERVICE,
        not_by=("propose", "review"),
        offers=("months",),
    ),
    *edges("listing", "decided", ("serve", "effective", "两书同达"), FIELD, *SERVED),
    *edges(
        "listing",
        "proposed notified heard reviewed discussed",
        ("drop", "dropped", "不予列入"),
        HEAD,
        "reason",
    ),
    *edges("listing", "effective", ("expire", "ended", "期满移出"), (*DESK, *CITY)),
    *edges("listing", "effective", ("lift", "ended", "提前移出"), HEAD, *PAPER),
    *edges("listing", "effective", ("repair", "ended", "信用修复移出"), HEAD, *PAPER),
    *edges("listing", "decided effective", ("annul", "ended", "撤销列入决定"), HEAD, *PAPER),
]
ALERT = [
    *edges("alert", "-", ("propose", "proposed", "提出"), FIELD, "reason", clock=PROMPT),
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
    *edges("alert", "issued", ("end", "alert_over", "解除"), DESK, "reason"),
    *edges("alert", "issued", ("lapse", "alert_over", "期满结束"), (*DESK, *CITY)),
]
COMPLAINT = [
    *edges("complaint", "-", ("receive", "received", "登记"), FIELD, clock=PROMPT),
    *edges("complaint", "received", ("accept", "accepted", "受理核查"), FIELD, clock=LONG),
    *edges("complaint", "received", ("refer", "referred", "移送有权机关"), DESK, "organ", "reason"),
    *edges("complaint", "received", ("refuse", "refused", "不予受理"), DESK, "reason"),
    *edges("complaint", "accepted", ("answer", "answered", "答复"), FIELD, "reason", clock=SHORT),
    *edges("complaint", "answered", ("finish", "closed", "办结"), DESK, not_by=("answer",)),
]
