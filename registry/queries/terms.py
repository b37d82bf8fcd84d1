"""How long what was decided lasts: a listing's last day, and the first day a repair may be asked for."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, select

from registry.queries.among import among
from registry.tables import CaseFinding, Decision, Finding, Listing, Matter, Proposal, Step
from scoring import Policy
from scoring.rules import months_after

# 信用修复管理办法 (令36): the shortest time each class is shown; the decree before it knew three months.
NEW_RULES = date(2026, 4, 1)
MINIMUM = {"轻微": 0, "一般": 3, "严重": 12}
MINIMUM_BEFORE = {"轻微": 3, "一般": 3, "严重": 12}
BLACK_MINIMUM = 12
GRAVEST = "严重"


def states_until_now(session: Session, matter: str) -> list[str]:
    """The states a matter has gone through, in order."""
    query = select(Step.state).where(Step.matter == matter).order_by(col(Step.seq))
    return list(session.exec(query))


def newest_step(session: Session, matter: str, *states: str) -> Step | None:
    """The last step that led into one of these states."""
    query = select(Step).where(Step.matter == matter, col(Step.state).in_(states))
    return session.exec(query.order_by(col(Step.seq).desc()).limit(1)).first()


def newest_proposal(session: Session, matter: str) -> Proposal | None:
    """What was last proposed or set for a matter."""
    query = select(Proposal).where(Proposal.matter == matter)
    return session.exec(query.order_by(col(Proposal.id).desc()).limit(1)).first()


def last_listed_day(session: Session, matter: str) -> date | None:
    """The last day of a listing that is decided; a publication term does not move for a day off."""
    return last_listed_days(session, [matter]).get(matter)


def last_listed_days(session: Session, matters: Sequence[str]) -> dict[str, date]:
    """The same of many, each that is decided."""
    steps = select(Step).where(among(Step.matter, matters), Step.state == "decided")
    decided = {one.matter: one.on for one in session.exec(steps.order_by(col(Step.seq)))}
    proposals = select(Proposal).where(among(Proposal.matter, matters)).order_by(col(Proposal.id))
    months = {one.matter: one.months for one in session.exec(proposals)}
    rows = session.exec(select(Listing).where(among(Listing.matter, matters))).all()
    return {
        one.matter: listed_until(one, decided[one.matter], months.get(one.matter, 0))
        for one in rows
        if one.matter in decided
    }


def listed_until(row: Any, decided_on: date, months: int) -> date:
    """The last day of a list decision: the sheet's own, or that of the months set since, if any were."""
    if not months and row.until:
        until: date = row.until
        return until
    last = months_after(decided_on, months or row.months) - timedelta(days=1)
    return min(row.until, last) if row.until else last


def unpaid_fines(session: Session, matter: str = "") -> dict[str, date]:
    """The ordinary penalties, or one, whose fine is neither paid nor surcharged, and the day each was served."""
    fined = select(Decision.matter).where(Decision.fine_fen > 0)
    if matter:
        fined = fined.where(Decision.matter == matter)
    steps = select(Step).where(col(Step.matter).in_(fined)).order_by(Step.matter, col(Step.seq))
    found: dict[str, date] = {}
    for one in session.exec(steps):
        if one.act == "serve":
            found[one.matter] = one.on
        elif one.act in ("perform", "surcharge", "annul"):
            found.pop(one.matter, None)
    return found


def class_of_penalty(session: Session, case: str, policy: Policy | None) -> str:
    """The gravest class among what a decision is and the findings it punishes.

    A code without a class is treated as the gravest, as when it is asked how long it is shown, so that
    nothing is repaired too early.
    """
    punished = (
        select(Finding.code)
        .join(CaseFinding, col(CaseFinding.finding) == col(Finding.matter))
        .where(CaseFinding.penalty == case)
    )
    codes = {session.get_one(Decision, case).code, *session.exec(punished)}
    rules = [policy.by_code.get(code) if policy else None for code in codes]
    classes = [rule.severity if rule else GRAVEST for rule in rules]
    return max([one if one in MINIMUM else GRAVEST for one in classes], key=list(MINIMUM).index)


def first_repair_day(session: Session, matter: str, policy: Policy | None = None) -> date | None:
    """The first day on which a decision's or a listing's minimum term is over; None where there is none.

    A penalty's class is the gravest of its case; the term counts from the day of the decision (认定之日).
    """
    decided = newest_step(session, matter, "decided")
    if decided is None:
        return None
    kind = session.get_one(Matter, matter).kind
    if kind == "listing":
        black = session.get_one(Listing, matter).list == "black"
        return months_after(decided.on, BLACK_MINIMUM if black else 0)
    table = MINIMUM if decided.on >= NEW_RULES else MINIMUM_BEFORE
    return months_after(decided.on, table[class_of_penalty(session, matter, policy)])
