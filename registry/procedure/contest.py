"""How a penalty is contested, whichever way it was decided: review and suit, given up, upheld, or upheld in the end.

What cuts the term of suits short is written down by two: nobody notes both a contest and how it ended.
"""

from registry.procedure.clocks import ASK_AGAIN, SUIT_AFTER_REVIEW, Clock
from registry.procedure.step import BY_HAND, DESK, PAPER, Edge, Kind, edges


def contest(kind: Kind, sources: str, back: str, term: Clock) -> list[Edge]:
    """The steps of a contest from these states; who gives it up is where the decision stood, at `back`, with its `term`."""
    return [
        *edges(
            kind,
            sources,
            ("contest", "contested", "被申请复议或起诉"),
            DESK,
            "reason",
            clock=ASK_AGAIN,
        ),
        *edges(kind, "contested", ("give_up", back, "撤回复议或起诉"), DESK, "reason", clock=term),
        *edges(
            kind,
            "contested",
            ("uphold", "sustained", "复议或一审维持"),
            DESK,
            *PAPER,
            clock=SUIT_AFTER_REVIEW,
            not_by=("contest",),
            offers=BY_HAND,
        ),
        *edges(
            kind,
            "contested",
            ("uphold_finally", "final", "终审维持"),
            DESK,
            *PAPER,
            not_by=("contest",),
        ),
    ]
