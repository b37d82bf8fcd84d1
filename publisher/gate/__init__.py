"""The gate: what an edition must satisfy, what it changes, and its way from one person to another to the public."""

from publisher.gate.bounds import Bounds, ListBounds
from publisher.gate.draft import draft_of
from publisher.gate.way import (
    GateRefused,
    SignatureLapsed,
    changed_since,
    drafted,
    lies_there,
    prepare,
    publish,
    row_of,
)

__all__ = [
    "Bounds",
    "GateRefused",
    "ListBounds",
    "SignatureLapsed",
    "changed_since",
    "draft_of",
    "drafted",
    "lies_there",
    "prepare",
    "publish",
    "row_of",
]
