"""What an institution may see of its matters: what was served on it or notified to it, and no more.

Never shown: drafts and what goes before a notice, notes of a hearing, who complained (政府信息公开条例
第十六条；个人信息保护法 第二十五条).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry import tables
from registry.errors import NotFound
from registry.procedure import KINDS, OPEN_OBJECTION, STATES, is_open
from registry.queries.terms import newest_proposal
from registry.tables import Matter, Step

# What an institution may know of, kind by kind: a kind or a state not named here never leaves the office.
_ASKED = frozenset(
    ["lodged", "accepted", "upheld", "undone", "corrected", "rejected", "declined", "withdrawn"]
)
_SHOWN: dict[str, frozenset[str]] = {
    "finding": frozenset(
        [
            "discovered",
            "heard",
            "confirmed",
            "dismissed",
            "ordered",
            "passed",
            "failed",
            "closed",
            "annulled",
        ]
    ),
    "commendation": frozenset({"confirmed", "annulled"}),
    "penalty": frozenset(
        [
            "notified",
            "hearing_asked",
            "hearing_called",
            "hearing_held",
            "heard",
            "decided",
            "served",
            "contested",
            "sustained",
            "final",
            "dropped",
            "annulled",
        ]
    ),
    "spot": frozenset(
        [
            "warned",
            "fined",
            "fine_due",
            "in_default",
            "on_file",
            "contested",
            "sustained",
            "final",
            "annulled",
        ]
    ),
    "judgment": frozenset({"recorded", "judged", "exited", "annulled"}),
    "listing": frozenset({"notified", "heard", "decided", "effective", "dropped", "ended"}),
    "white_loss": frozenset(
        [
            "notified",
            "told_after",
            "heard",
            "unanswered",
            "hastened",
            "kept",
            "retold",
            "removed",
        ]
    ),
    "objection": _ASKED,
    "repair": _ASKED | {"refused", "granted"},
    "change": _ASKED | {"applied"},
    "alert": frozenset({"issued", "ended", "alert_over"}),
}
# From which step on the institution knows of a matter; a kind not named here is known from its start.
_KNOWN_FROM: dict[str, frozenset[str]] = {
    "penalty": frozenset({"notified", "served", "contested", "final"}),
    "listing": frozenset({"notified", "effective"}),
    "alert": frozenset({"issued"}),
    "commendation": frozenset({"confirmed"}),
    "judgment": frozenset({"judged"}),
}
# A decision is the institution's to read once it has been served, a court's paper once it has been checked.
_SERVED: dict[str, frozenset[str]] = {
    "judgment": frozenset({"judged", "exited", "annulled"}),
    "penalty": frozenset({"served", "contested", "sustained", "final"}),
    "listing": frozenset({"effective"}),
}
_REASON = frozenset(
    [
        "ordered",
        "failed",
        "dismissed",
        "annulled",
        "in_default",
        "hastened",
        "kept",
        "retold",
        "removed",
        "dropped",
        "ended",
        "exited",
        "sustained",
        "upheld",
        "undone",
        "corrected",
        "declined",
        "rejected",
        "refused",
        "granted",
        "withdrawn",
        "lodged",
        "applied",
        "declined",
        "undone",
        "corrected",
    ]
)
# The same state is called otherwise where something else was asked for.
_NAMES = {("repair", "declined"): "不予修复", ("change", "declined"): "不予变更"}
_TERM = frozenset(
    {
        "notified",
        "hearing_called",
        "told_after",
        "ordered",
        "served",
        "fine_due",
        "in_default",
        "on_file",
        "sustained",
        "lodged",
        "accepted",
        "issued",
    }
)
_OFFICERS = frozenset({"discovered", "decided", "warned", "fined"})


class ShownStep(Struct, frozen=True, kw_only=True):
    """One step as the institution may read it."""

    seq: int
    act: str
    state: str
    state_name: str
    on: date
    due_on: date | None
    document_no: str
    organ: str
    officers: str
    reason: str
    served_on: date | None
    service_proof: str
    recorded_at: datetime


class ShownMatter(Struct, frozen=True, kw_only=True):
    """One matter as the institution may read it; `state` is that of its last step it may know."""

    id: str
    kind: str
    kind_name: str
    institution: str
    state: str
    state_name: str
    since: date
    opened_on: date
    open: bool
    code: str = ""
    content: dict[str, Any] = {}
    about: str = ""
    disputed_by: str = ""
    repaired_on: date | None = None
    steps: tuple[ShownStep, ...]

    def step(self, *states: str) -> ShownStep | None:
        """The last step into one of these states."""
        return next((one for one in reversed(self.steps) if one.state in states), None)


class ReplyLine(Struct, frozen=True, kw_only=True):
    """What the institution has said to a matter."""

    id: int
    kind: str
    on: date
    text: str


def shown_matters(session: Session, institution: str, id: str = "") -> list[ShownMatter]:
    """The institution's matters, the newest step first."""
    query = select(Matter).where(col(Matter.institution) == institution)
    rows = session.scalars(query).all()
    kinds = {one.id: one.kind for one in rows}
    steps: dict[str, list[Step]] = defaultdict(list)
    taken = select(Step).where(col(Step.matter).in_(kinds)).order_by(col(Step.seq))
    for step in session.scalars(taken):
        steps[step.matter].append(step)
    disputes, repairs = _disputes(session, steps), _repairs(session, steps)
    found = [
        _shown(session, row, steps[row.id], disputes, repairs.get(row.id))
        for row in rows
        if (not id or row.id == id) and shown_steps(row.kind, steps[row.id])
    ]
    return sorted(found, key=lambda one: (one.since, one.id), reverse=True)


def shown_matter(session: Session, institution: str, id: str) -> ShownMatter:
    """One of the institution's own matters; anything else is not found, whether it exists or not."""
    found = shown_matters(session, institution, id)
    if not found:
        raise NotFound("本机构的事项", id)
    return found[0]


def shown_steps(kind: str, steps: Sequence[Step]) -> list[Step]:
    """The steps the institution may know of."""
    shown = _SHOWN.get(kind, frozenset())
    opens = _KNOWN_FROM.get(kind)
    known = [at for at, one in enumerate(steps) if opens is None or one.state in opens]
    if not known:
        return []
    served = any(one.state in _SERVED.get(kind, ()) for one in steps)
    return [
        one
        for at, one in enumerate(steps)
        if one.state in shown
        and (served if one.state in ("decided", "recorded") else at >= known[0])
    ]


def replies_of(session: Session, institution: str, matter: str) -> list[ReplyLine]:
    """What the institution has said to a matter and not taken back, in order."""
    query = (
        select(tables.Reply)
        .where(
            col(tables.Reply.institution) == institution,
            col(tables.Reply.about) == matter,
        )
        .order_by(col(tables.Reply.id))
    )
    rows = session.scalars(query).all()
    gone = {one.replaces for one in rows}
    return [
        msgspec.convert(one, ReplyLine, from_attributes=True)
        for one in rows
        if one.id not in gone and one.kind != "withdrawn"
    ]


def _shown(
    session: Session,
    row: Matter,
    steps: Sequence[Step],
    disputes: dict[str, str],
    repaired_on: date | None,
) -> ShownMatter:
    seen = shown_steps(row.kind, steps)
    last = seen[-1]
    content = _content(session, row, seen)
    return ShownMatter(
        id=row.id,
        kind=row.kind,
        kind_name=KINDS[row.kind],
        institution=row.institution,
        state=last.state,
        state_name=_name(row.kind, last.state),
        since=last.on,
        opened_on=seen[0].on,
        open=is_open(row.kind, last.state),
        code=content.get("code", ""),
        content=content,
        about=content.get("about", ""),
        disputed_by=disputes.get(row.id, ""),
        repaired_on=repaired_on,
        steps=tuple(_step(row.kind, one) for one in seen),
    )


def _name(kind: str, state: str) -> str:
    return _NAMES.get((kind, state)) or STATES.get(state, state)


def _step(kind: str, one: Step) -> ShownStep:
    officers = [name for name in (one.first_officer, one.second_officer) if name]
    return ShownStep(
        seq=one.seq,
        act=one.act,
        state=one.state,
        state_name=_name(kind, one.state),
        on=one.on,
        due_on=one.due_on if one.state in _TERM else None,
        document_no=one.document_no if one.state != "heard" else "",
        organ=one.organ,
        officers="、".join(officers) if one.state in _OFFICERS else "",
        reason=one.reason if one.state in _REASON or one.act in ("extend", "surcharge") else "",
        served_on=one.served_on,
        service_proof=one.service_proof,
        recorded_at=one.recorded_at,
    )


_CONTENT: dict[str, tuple[Any, tuple[str, ...]]] = {
    "finding": (tables.Finding, ("code", "extent", "seen_on", "article", "statement")),
    "commendation": (tables.Finding, ("code", "extent", "seen_on", "article", "statement")),
    "penalty": (
        tables.Decision,
        ("code", "kinds", "fine_fen", "confiscated_fen", "article", "statement"),
    ),
    "judgment": (tables.Finding, ("code", "article", "statement")),
    "spot": (
        tables.SpotPenalty,
        (
            "finding",
            "kinds",
            "fine_fen",
            "article",
            "statement",
            "place",
            "heard",
            "receiver",
            "refusal",
        ),
    ),
    "listing": (tables.Listing, ("list", "ground", "statement", "article", "months", "until")),
    "white_loss": (tables.WhiteLoss, ("edition", "because")),
    "objection": (tables.Objection, ("about", "text")),
    "repair": (tables.Repair, ("about", "proof", "undertaking")),
    "change": (tables.Change, ("what", "before", "after")),
    "alert": (tables.Alert, ("text",)),
}

_FACT = ("matter", "seen_on", "article", "statement")
_PROPOSED = ("kinds", "fine_fen", "confiscated_fen", "statement")


def _content(session: Session, row: Matter, seen: Sequence[Step]) -> dict[str, Any]:
    """The named fields of the child row; a penalty's as told, and as decided once that has been served."""
    table, fields = _CONTENT.get(row.kind, (None, ()))
    found = _told(session, row.id) if row.kind == "penalty" else {}
    if row.kind == "penalty" and not any(one.state == "decided" for one in seen):
        return found
    child = session.get(table, row.id) if table else None
    return found | ({name: getattr(child, name) for name in fields} if child else {})


def _told(session: Session, case: str) -> dict[str, Any]:
    """What the newest notice of a case proposes, and the findings it rests on (行政处罚法 第四十四条)."""
    rows = session.scalars(
        select(tables.Finding)
        .join(tables.CaseFinding, col(tables.CaseFinding.finding) == col(tables.Finding.matter))
        .where(col(tables.CaseFinding.penalty) == case)
        .order_by(col(tables.Finding.matter))
    )
    found: dict[str, Any] = {
        "findings": [{name: getattr(one, name) for name in _FACT} for one in rows]
    }
    if told := newest_proposal(session, case):
        found |= {"code": told.code, "told": {name: getattr(told, name) for name in _PROPOSED}}
    return found


def _disputes(session: Session, steps: dict[str, list[Step]]) -> dict[str, str]:
    """Which record an open objection is about, and the objection."""
    rows = session.scalars(
        select(tables.Objection).where(col(tables.Objection.matter).in_(list(steps)))
    )
    return {
        one.about: one.matter
        for one in rows
        if steps[one.matter] and steps[one.matter][-1].state in OPEN_OBJECTION
    }


def _repairs(session: Session, steps: dict[str, list[Step]]) -> dict[str, date]:
    """Which record was repaired by a granted application, and on which day."""
    rows = session.scalars(select(tables.Repair).where(col(tables.Repair.matter).in_(list(steps))))
    return {
        one.about: steps[one.matter][-1].on
        for one in rows
        if steps[one.matter] and steps[one.matter][-1].state == "granted"
    }
