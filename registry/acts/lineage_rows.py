"""What an approved change of an institution's history writes: rows from that day on, none before."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from registry.access import Actor
from registry.errors import Conflict
from registry.ledger import Act, append
from registry.queries.files import profile_on
from registry.queries.held import rows_of
from registry.queries.lineage import MERGED
from registry.tables import Change, Lineage, Matter, Profile

_OWN = {"id", "replaces", "since", "status", "recorded_at", "recorded_by"}


def carry_out(session: Session, matter: Matter, *, by: Actor, now: datetime) -> None:
    """Writes what a change of history says, once it is approved.

    A merging counts from the day of its approval, so that no day before and no edition is told otherwise.
    """
    change = session.get_one(Change, matter.id)
    kept, other = matter.institution, change.before
    refuse_impossible(session, kept, other)
    merging = change.what == "merge"
    how, _, day = change.after.partition(" ")
    on = now.date() if merging else date.fromisoformat(day)
    stamp: dict[str, Any] = {"recorded_at": now, "recorded_by": by.account}
    session.add(
        Lineage(predecessor=other, institution=kept, how=MERGED if merging else how, on=on, **stamp)
    )
    session.flush()
    before: dict[str, Any] = {}
    after: dict[str, Any] = {"other": other, "how": how, "on": on, "matter": matter.id}
    if merging:
        held = profile_on(rows_of(session, Profile, other), on)
        row = session.get(Profile, held.id)
        values = row.model_dump(exclude=_OWN) if row else {}
        replaces = held.id if held.since == on else None
        session.add(Profile(**values, since=on, status="closed", replaces=replaces, **stamp))
        session.flush()
        before, after = {"status": held.status}, {**after, "status": "closed"}
    act = "merge_institutions" if merging else "link_lineage"
    body = {"before": before, "after": after}
    append(session, Act(act=act, subject=other, institution=kept, body=body), by=by, now=now)


def refuse_impossible(session: Session, kept: str, other: str) -> None:
    """Raises Conflict for a line that turns in a circle, that is there, or that ends in a merged record."""
    rows = session.exec(select(Lineage)).all()
    for id in (kept, other):
        for one in rows:
            if one.how == MERGED and one.predecessor == id:
                raise Conflict(
                    f"机构“{id}”已并入“{one.institution}”。请对“{one.institution}”办理。"
                )
    if any(one.predecessor == other and one.institution == kept for one in rows):
        raise Conflict(f"“{other}”到“{kept}”的沿革已经登记过，没有重复登记。")
    line, reached = [kept], {kept}
    while line:
        at = line.pop()
        after = {one.institution for one in rows if one.predecessor == at} - reached
        reached |= after
        line += after
    if other in reached:
        raise Conflict(f"“{other}”本来就在“{kept}”之后，这样登记会成一个圈。请核对先后。")
