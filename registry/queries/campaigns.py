"""Campaigns with their progress, tasks with who is to go, draws as anybody may check them."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct
from sqlalchemy import select
from sqlmodel import Session, col

from registry import drawing
from registry.access import allowed
from registry.errors import NotFound
from registry.queries.desk import InstitutionLine, institution_lines
from registry.queries.places import holds
from registry.queries.voided import stands
from registry.tables import Account, Campaign, Draw, Grant, Inspection, Recusal, Task


class CampaignLine(Struct, frozen=True, kw_only=True):
    """A campaign and how far it has come."""

    id: str
    name: str
    kind: str
    since: date
    until: date
    jurisdiction: str
    note: str
    tasks: int
    visited: int

    @property
    def open(self) -> int:
        """How many are still to be visited."""
        return self.tasks - self.visited


class TaskLine(Struct, frozen=True, kw_only=True):
    """One institution to be visited, by whom and until when; `visit` is the visit that did it."""

    id: int
    campaign: str
    campaign_name: str
    kind: str
    institution: InstitutionLine
    officers: tuple[str, ...]
    officer_names: tuple[str, ...]
    due_on: date | None
    visit: str
    draw: str
    replaces: int | None


class DrawLine(Struct, frozen=True, kw_only=True):
    """A draw: the paper anybody may check, the weights, and who was passed over for what reason."""

    paper: drawing.Paper
    weights: dict[str, int]
    excluded: tuple[drawing.Excluded, ...]
    announced_at: datetime
    announced_by: str


class OfficerLine(Struct, frozen=True, kw_only=True):
    """A person who may go on visits."""

    account: str
    name: str
    role: str
    jurisdiction: str


class RecusalLine(Struct, frozen=True, kw_only=True):
    """An officer who must keep away from an institution."""

    officer: str
    officer_name: str
    institution: str
    name: str
    reason: str
    since: date
    until: date | None


def campaigns(session: Session, places: Sequence[str] = ()) -> list[CampaignLine]:
    """The campaigns of the whole city and of these jurisdictions, the newest first; without any, all."""
    query = select(Campaign).order_by(col(Campaign.since).desc(), col(Campaign.id).desc())
    if places:
        query = query.where(col(Campaign.jurisdiction).in_(("", *places)))
    return [_campaign(session, row) for row in session.scalars(query)]


def campaign(session: Session, id: str) -> CampaignLine:
    """One campaign, or NotFound."""
    row = session.get(Campaign, id)
    if row is None:
        raise NotFound("检查安排", id)
    return _campaign(session, row)


def tasks(
    session: Session, on: date, *, campaign: str = "", officer: str = "", open_only: bool = False
) -> list[TaskLine]:
    """The tasks nobody has reassigned, those due first."""
    gone = select(col(Task.replaces)).where(col(Task.replaces).is_not(None))
    query = select(Task, Campaign).join(Campaign, col(Campaign.id) == col(Task.campaign))
    query = query.where(col(Task.id).not_in(gone)).order_by(col(Task.due_on), col(Task.id))
    if campaign:
        query = query.where(col(Task.campaign) == campaign)
    if officer:
        query = query.where(
            (col(Task.first_officer) == officer) | (col(Task.second_officer) == officer)
        )
    rows = session.execute(query).all()
    places = {one.institution for one, _ in rows}
    lines = {one.id: one for one in institution_lines(session, sorted(places), on)}
    visits = _visits(session, {one.campaign for one, _ in rows})
    names = _names(session)
    found = [
        TaskLine(
            id=task.id or 0,
            campaign=held.id,
            campaign_name=held.name,
            kind=held.kind,
            institution=lines[task.institution],
            officers=(task.first_officer, task.second_officer),
            officer_names=tuple(
                names.get(one, one) for one in (task.first_officer, task.second_officer) if one
            ),
            due_on=task.due_on,
            visit=visits.get((task.campaign, task.institution), ""),
            draw=task.draw or "",
            replaces=task.replaces,
        )
        for task, held in rows
    ]
    return [one for one in found if not (open_only and one.visit)]


def draws(session: Session, campaign: str) -> list[DrawLine]:
    """The draws of a campaign, the newest first; none can be taken away."""
    query = select(Draw).where(col(Draw.campaign) == campaign).order_by(col(Draw.id).desc())
    return [_draw(row) for row in session.scalars(query)]


def draw(session: Session, id: str) -> DrawLine:
    """One draw, or NotFound."""
    row = session.get(Draw, id)
    if row is None:
        raise NotFound("抽取", id)
    return _draw(row)


def officers(session: Session, on: date, places: Sequence[str] = ()) -> list[OfficerLine]:
    """Who may record visits on a day; with `places`, only those whose grant reaches one of them."""
    query = (
        select(Account, Grant)
        .join(Grant, col(Grant.account) == col(Account.id))
        .where(col(Account.closed_at).is_(None), holds(on))
        .order_by(col(Account.id))
    )
    found: dict[str, OfficerLine] = {}
    for account, grant in session.execute(query):
        reaches = not places or not grant.jurisdiction or grant.jurisdiction in places
        if reaches and allowed(grant.role, "record_inspection"):
            found[account.id] = OfficerLine(
                account=account.id,
                name=account.name,
                role=grant.role,
                jurisdiction=grant.jurisdiction,
            )
    return list(found.values())


def recusals(session: Session, on: date) -> list[RecusalLine]:
    """The recusals in force on a day."""
    query = select(Recusal).where(col(Recusal.since) <= on).order_by(col(Recusal.id))
    rows = [one for one in session.scalars(query) if one.until is None or one.until >= on]
    places = sorted({one.institution for one in rows})
    lines = {one.id: one.name for one in institution_lines(session, places, on)}
    names = _names(session)
    return [
        RecusalLine(
            officer=one.officer,
            officer_name=names.get(one.officer, one.officer),
            institution=one.institution,
            name=lines[one.institution],
            reason=one.reason,
            since=one.since,
            until=one.until,
        )
        for one in rows
    ]


def _campaign(session: Session, row: Campaign) -> CampaignLine:
    gone = select(col(Task.replaces)).where(col(Task.replaces).is_not(None))
    query = select(col(Task.institution)).where(
        col(Task.campaign) == row.id, col(Task.id).not_in(gone)
    )
    places = set(session.scalars(query))
    visited = {place for _, place in _visits(session, {row.id})}
    return CampaignLine(
        **row.model_dump(include={"id", "name", "kind", "since", "until", "jurisdiction", "note"}),
        tasks=len(places),
        visited=len(places & visited),
    )


def _visits(session: Session, campaigns: set[str]) -> dict[tuple[str, str], str]:
    """The newest visit of each campaign to each institution."""
    query = (
        select(Inspection)
        .where(col(Inspection.campaign).in_(sorted(campaigns)), stands())
        .order_by(col(Inspection.on), col(Inspection.id))
    )
    return {(one.campaign, one.institution): one.id for one in session.scalars(query)}


def _names(session: Session) -> dict[str, str]:
    return {one.id: one.name for one in session.scalars(select(Account))}


def _draw(row: Draw) -> DrawLine:
    paper = drawing.Paper(
        id=row.id,
        campaign=row.campaign,
        on=str(row.on),
        seed=row.seed,
        size=row.size,
        pool=msgspec.json.decode(row.pool, type=drawing.Pool),
        pool_hash=row.pool_hash,
        result=msgspec.json.decode(row.result or "[]", type=tuple[drawing.Lot, ...]),
    )
    return DrawLine(
        paper=paper,
        weights=msgspec.json.decode(row.weights or "{}"),
        excluded=msgspec.json.decode(row.excluded or "[]", type=tuple[drawing.Excluded, ...]),
        announced_at=row.recorded_at,
        announced_by=row.recorded_by,
    )
