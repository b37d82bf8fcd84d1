"""The one table of every course a matter can take; acts, buttons, clocks and README read it."""

from collections.abc import Iterable, Sequence

from registry.procedure.clocks import PAYMENT, REVIEW, SUIT, SUIT_AFTER_REVIEW, Clock
from registry.procedure.courses import (
    COMMENDATION,
    FINDING,
    JUDGMENT,
    PENALTY,
    WITHDRAWAL_COURSE,
)
from registry.procedure.lists import ALERT, COMPLAINT, LISTING
from registry.procedure.requests import CHANGE, OBJECTION_COURSE, REPAIR
from registry.procedure.spot import SPOT
from registry.procedure.step import Edge, Kind, Need
from registry.procedure.white import WHITE_LOSS
from registry.procedure.words import (
    IN_CONTEST,
    KINDS,
    LETTERS,
    MEANS,
    NEEDS,
    OFFERS,
    OPEN_OBJECTION,
    ROLES,
    STATES,
    UNPUBLISHED,
)

__all__ = [
    "IN_CONTEST",
    "KINDS",
    "LETTERS",
    "MEANS",
    "NEEDS",
    "OFFERS",
    "OPEN_OBJECTION",
    "PAYMENT",
    "REVIEW",
    "ROLES",
    "STATES",
    "SUIT",
    "SUIT_AFTER_REVIEW",
    "TRANSITIONS",
    "UNPUBLISHED",
    "Clock",
    "Edge",
    "Kind",
    "Need",
    "edge",
    "edges_from",
    "is_open",
    "markdown_table",
    "states_of",
    "waits",
]

TRANSITIONS: tuple[Edge, ...] = (
    *FINDING,
    *COMMENDATION,
    *PENALTY,
    *SPOT,
    *LISTING,
    *WHITE_LOSS,
    *JUDGMENT,
    *OBJECTION_COURSE,
    *REPAIR,
    *CHANGE,
    *COMPLAINT,
    *ALERT,
    *WITHDRAWAL_COURSE,
)
# A served list decision and an alert run until their own last day, which no clock of the table knows.
_RUNNING = frozenset({("listing", "effective"), ("alert", "issued")})


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
    return any(one.owed for one in edges_from(kind, state))


def waits(kind: str, state: str) -> bool:
    """Whether the date of a matter in this state is the end of others' time: the next step comes after."""
    clocks = (one.clock for one in TRANSITIONS if (one.kind, one.target) == (kind, state))
    return (kind, state) in _RUNNING or any(one.waits for one in clocks if one)


def markdown_table(edges: Iterable[Edge] = TRANSITIONS) -> str:
    """The table for README, one row per step, in the words of the law."""
    head = "| 事项 | 从 | 办理 | 到 | 由谁 | 须有 | 期限 |\n|---|---|---|---|---|---|---|"
    rows = []
    for one in edges:
        needs = "、".join(NEEDS[need] for need in one.needs)
        if one.offers:
            needs += (
                f"{'；' if needs else ''}可写{'、'.join(OFFERS[offer] for offer in one.offers)}"
            )
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
