"""Who has to see to a matter: whoever opened it, took it up, or was given it; who has left owns nothing."""

from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor
from registry.acts.authority import authorise, jurisdictions_over
from registry.errors import NotAllowed, NotFound, StepRefused, refuse
from registry.forms import HandoverForm
from registry.ledger import Act, append
from registry.outbox import Notice, put
from registry.procedure import KINDS, is_open
from registry.queries.places import has_left, holds, institution_of
from registry.queries.terms import states_until_now
from registry.tables import Account, Grant, Handover, Matter

OFFICE = ("inspector", "reviewer", "head", "publisher")


def hand_over(
    session: Session, matter: str, form: HandoverForm, *, by: Actor, now: datetime
) -> None:
    """Gives an open matter to another person of the office; an inspector gives only what is theirs."""
    row = session.get(Matter, matter)
    if row is None:
        raise NotFound("事项", matter)
    about = institution_of(session, row)
    where = {"institution": about, "jurisdiction": "" if about else row.jurisdiction}
    authorise(session, by, "hand_over", "交接事项", **where, now=now)
    before = owner_of(session, row)
    if by.role == "inspector" and before not in ("", by.account):
        raise NotAllowed(f"这件事项由“{before}”负责。请由本人、审核员或者负责人交接。")
    if not is_open(row.kind, states_until_now(session, matter)[-1]):
        raise StepRefused(f"这件{KINDS[row.kind]}已经办结，不必交接。")
    if form.owner not in people_for(session, about, OFFICE, now, row.jurisdiction):
        remedy = "请写一个现有的、管辖这家机构的办案账户"
        raise refuse("owner", "“新负责人账户”", form.owner, remedy)
    give(session, matter, form.owner, form.reason, by=by, now=now)
    body = {"from": before, "to": form.owner, "reason": form.reason}
    entry = Act(act="hand_over", subject=matter, institution=about, body=body)
    append(session, entry, by=by, now=now)


def give(
    session: Session, matter: str, owner: str, reason: str, *, by: Actor, now: datetime
) -> None:
    """Writes down the new owner, and tells them unless they did it themselves."""
    row = Handover(
        matter=matter, owner=owner, reason=reason, recorded_at=now, recorded_by=by.account
    )
    session.add(row)
    session.flush()
    if owner != by.account:
        notice = Notice(
            key=f"handover:{row.id}",
            kind="handover",
            account=owner,
            subject=f"事项 {matter} 交给您负责",
            body=f"{by.name or by.account}把事项 {matter} 交给您负责。理由：{reason}",
            link=f"desk/matters/{matter}/",
        )
        put(session, notice, now)


def owner_of(session: Session, matter: Matter) -> str:
    """Who owns a matter now; empty where they have left the office, or nobody does."""
    given = select(Handover.owner).where(Handover.matter == matter.id)
    last = session.exec(given.order_by(col(Handover.id).desc()).limit(1)).first()
    owner = last or matter.owner
    gone = select(Account.id).where(Account.id == owner, has_left(Account))
    return "" if session.exec(gone).first() is not None else owner


def owner_for(
    session: Session, institution: str, by: Actor, now: datetime, jurisdiction: str = ""
) -> str:
    """Who owns what is opened now: the officer who opens it; else whoever of its office is nearest."""
    if by.role in OFFICE:
        return by.account
    found = people_for(session, institution, ("reviewer", "inspector"), now, jurisdiction)
    return found[0] if found else ""


def people_for(
    session: Session,
    institution: str,
    roles: tuple[str, ...],
    now: datetime,
    jurisdiction: str = "",
) -> list[str]:
    """The accounts in these roles whose grant reaches an institution: nearest place, then role, then name.

    Where no institution is meant, whose grant reaches the `jurisdiction`.
    """
    places = jurisdictions_over(session, institution, jurisdiction)
    query = (
        select(Grant, Account)
        .join(Account, col(Account.id) == col(Grant.account))
        .where(col(Account.closed_at).is_(None), col(Grant.role).in_(roles))
        .where(Grant.institution == "", holds(now.date()))
    )
    found = []
    for grant, account in session.exec(query):
        if grant.jurisdiction and grant.jurisdiction not in places:
            continue
        near = places.index(grant.jurisdiction) if grant.jurisdiction else len(places)
        found.append((near, roles.index(grant.role), account.id))
    return list(dict.fromkeys(account for _, _, account in sorted(found)))


def people_in(session: Session, roles: tuple[str, ...], now: datetime) -> list[str]:
    """The accounts in these roles for the whole city, by name."""
    query = (
        select(Account.id)
        .join(Grant, col(Account.id) == col(Grant.account))
        .where(col(Account.closed_at).is_(None), col(Grant.role).in_(roles))
        .where(Grant.institution == "", Grant.jurisdiction == "", holds(now.date()))
    )
    return sorted(set(session.exec(query)))
