"""One allowed step of a matter, and who on the desk may take steps."""

from typing import Literal

from msgspec import Struct

from registry.procedure.clocks import Clock

Kind = Literal[
    "finding",
    "commendation",
    "penalty",
    "listing",
    "objection",
    "repair",
    "change",
    "complaint",
    "alert",
]
Need = Literal["document_no", "organ", "two_officers", "reason", "due_on"]


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


FIELD = ("inspector", "reviewer")
DESK = ("reviewer", "head")
HEAD = ("head",)
PAPER: tuple[Need, ...] = ("document_no", "reason")


def edges(
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
