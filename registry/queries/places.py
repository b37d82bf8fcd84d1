"""Where a grant holds: jurisdictions with those above and below, and whose institution a subject is."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from registry import tables
from registry.errors import NotFound
from registry.tables import Grant, Identification, Jurisdiction, Matter, Profile

# What an address may name, and the table that says whose institution it is.
SUBJECTS: dict[str, tuple[str, Any]] = {
    "institution": ("机构", tables.Institution),
    "matter": ("事项", tables.Matter),
    "inspection": ("检查", tables.Inspection),
    "attachment": ("文件", tables.Attachment),
    "task": ("任务", tables.Task),
}


HELD = ("campaign", "draw")


def holds(on: date) -> ColumnElement[bool]:
    """That a grant holds on a day: it has begun, is not over, and nobody has taken it away."""
    return and_(
        col(Grant.since) <= on,
        or_(col(Grant.until).is_(None), col(Grant.until) >= on),
        col(Grant.ended_at).is_(None),
    )


def has_left(account: Any) -> ColumnElement[bool]:
    """That an account no longer takes part in the office's work: it is closed, or each of its roles taken away."""
    granted = select(Grant.id).where(Grant.account == account.id, Grant.institution == "")
    kept = granted.where(col(Grant.ended_at).is_(None))
    return or_(account.closed_at.is_not(None), and_(granted.exists(), ~kept.exists()))


def is_represented(session: Session, institution: str, now: datetime) -> bool:
    """Whether anybody can sign in for an institution at an instant."""
    account = tables.Account
    here = or_(col(account.once_until).is_(None), col(account.once_until) > now)
    found = (
        select(Grant.id)
        .join(account, col(account.id) == col(Grant.account))
        .where(Grant.institution == institution, holds(now.date()))
        .where(col(account.closed_at).is_(None), or_(here, col(account.subject) != ""))
    )
    return session.exec(found.limit(1)).first() is not None


def jurisdiction_of(session: Session, institution: str) -> str:
    """The jurisdiction an institution is under as last recorded."""
    found = session.exec(
        select(Profile.jurisdiction)
        .where(Profile.institution == institution)
        .order_by(col(Profile.since).desc(), col(Profile.id).desc())
        .limit(1)
    ).first()
    return found or ""


def above(session: Session, jurisdiction: str) -> list[str]:
    """The jurisdictions over one, nearest first; a loop in the records ends the walk."""
    parents, found = _parents(session), list[str]()
    while (jurisdiction := parents.get(jurisdiction, "")) and jurisdiction not in found:
        found.append(jurisdiction)
    return found


def within(session: Session, jurisdiction: str) -> tuple[str, ...]:
    """A jurisdiction and all below it."""
    parents, found = _parents(session), [jurisdiction]
    for place in found:  # grows while it is read
        found += [one for one, parent in parents.items() if parent == place and one not in found]
    return tuple(found)


def place_name(session: Session, jurisdiction: str) -> str:
    """What a jurisdiction is called; its number when nobody has registered it."""
    named = select(Jurisdiction.name).where(Jurisdiction.id == jurisdiction)
    found = session.exec(named.order_by(col(Jurisdiction.key).desc()).limit(1)).first()
    return found or jurisdiction


def institution_of(session: Session, matter: Matter) -> str:
    """The institution a matter is about: the one last found out, else the one it was opened for; empty for none."""
    found = None
    if matter.kind == "complaint":
        meant = select(Identification.institution).where(Identification.matter == matter.id)
        found = session.exec(meant.order_by(col(Identification.id).desc()).limit(1)).first()
    return found or matter.institution


def institution_behind(session: Session, kind: str, id: str) -> str:
    """The institution that a subject (a matter, a file …) belongs to; raises NotFound.

    Empty for a matter about somebody the register does not hold: that lies where its jurisdiction is.
    """
    word, table = SUBJECTS[kind]
    key: object = id
    if table.id.type.python_type is int:
        # What is no number names no row of a table whose key is one.
        key = int(id) if id.isascii() and id.isdigit() and len(id) < 10 else -1
    row = session.get(table, key)
    if row is None:
        raise NotFound(word, id)
    if isinstance(row, Matter):
        return institution_of(session, row)
    return id if kind == "institution" else str(row.institution)


def matter_place(session: Session, matter: str) -> str:
    """The jurisdiction a matter was opened in; empty for the whole city."""
    row = session.get(Matter, matter)
    return row.jurisdiction if row else ""


def campaign_place(session: Session, kind: str, id: str) -> str:
    """The jurisdiction a campaign or one of its draws is held in; empty for the whole city."""
    if kind == "draw":
        drawn = session.get(tables.Draw, id)
        if drawn is None:
            raise NotFound("抽查", id)
        id = drawn.campaign
    held = session.get(tables.Campaign, id)
    if held is None:
        raise NotFound("检查安排", id)
    return held.jurisdiction


def _parents(session: Session) -> dict[str, str]:
    rows = session.exec(
        select(Jurisdiction.id, Jurisdiction.parent).order_by(col(Jurisdiction.key))
    )
    return dict(rows.all())  # the newest record of a jurisdiction is the last
