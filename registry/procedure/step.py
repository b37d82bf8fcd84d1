"""One allowed step of a matter, and who on the desk may take steps."""

from typing import Literal

from msgspec import Struct

from registry.procedure.clocks import Clock

Kind = Literal[
    "finding",
    "commendation",
    "penalty",
    "spot",
    "listing",
    "white_loss",
    "judgment",
    "objection",
    "repair",
    "change",
    "complaint",
    "alert",
    "withdrawal",
]
Need = Literal[
    "document_no",
    "organ",
    "two_officers",
    "reason",
    "due_on",
    "repair_notice_no",
    "publication_told",
    "code",
    "papers_shown",
    "rights_told",
    "heard",
]
Offer = Literal[
    "kinds",
    "fine_fen",
    "confiscated_fen",
    "extent",
    "months",
    "article",
    "statement",
    "served_on",
    "service_proof",
]


class Edge(Struct, frozen=True, kw_only=True):
    """One allowed step: from where, by which act, to where, by whom, on which papers.

    `offers` are what the step may set besides. A step that is not `owed` may be taken, but nobody waits
    for it: a matter with no other ones is done.
    """

    kind: Kind
    source: str
    act: str
    target: str
    label: str
    roles: tuple[str, ...]
    needs: tuple[Need, ...] = ()
    clock: Clock | None = None
    not_by: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    owed: bool = True


FIELD = ("inspector", "reviewer")
DESK = ("reviewer", "head")
HEAD = ("head",)
CITY = ("publisher",)
PAPER: tuple[Need, ...] = ("document_no", "reason")
BY_HAND: tuple[Offer, ...] = ("served_on", "service_proof")
SERVED: tuple[Need, ...] = ("document_no", "repair_notice_no", "publication_told")
# Steps that undo, or that only note what others did: possible, but never owed.
NOT_OWED = ("annul", "close", "perform", "contest", "lift", "repair", "withdraw", "exit")


def edges(  # noqa: PLR0913 one keyword per column of the table
    kind: Kind,
    sources: str,
    step: tuple[str, str, str],
    roles: tuple[str, ...],
    *needs: Need,
    clock: Clock | None = None,
    not_by: tuple[str, ...] = (),
    offers: tuple[Offer, ...] = (),
    owed: bool = True,
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
            offers=offers,
            owed=owed and act not in NOT_OWED,
        )
        for source in sources.split()
    ]


def hear_again(kind: Kind, sources: str, clock: Clock) -> list[Edge]:
    """What the party adds after it was heard is heard as well; nobody waits for it to add anything."""
    step = ("hear", "heard", "听取陈述申辩")
    return edges(kind, sources, step, FIELD, "reason", clock=clock, owed=False)
