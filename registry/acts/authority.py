"""Before any act: may this person do it here, and are the two signatures two persons'?"""

from datetime import datetime

from sqlmodel import Session, col, select

from registry.access import Actor, needs_second_factor, require
from registry.errors import FormRefused, NotAllowed, NotFound, Problem
from registry.queries.places import above, jurisdiction_of
from registry.tables import Account, Grant, Institution, Jurisdiction


def authorise(  # noqa: PLR0913 who, what and where
    session: Session,
    by: Actor,
    act: str,
    label: str,
    *,
    now: datetime,
    institution: str = "",
    jurisdiction: str = "",
) -> Account | None:
    """The account that may do the act here; None for whoever runs commands on the machine itself.

    Raises NotAllowed unless the role may do the act and a grant reaches the place.
    An act that names no place is the whole city's: a grant for one jurisdiction does not reach it.
    """
    require(by, act, label)
    if needs_second_factor(act) and not by.strong:
        raise NotAllowed(f"{label}要用两步验证登录。请在“我的账户”里开通两步验证，重新登录后再办。")
    if institution:
        must_exist(session, institution)
    account = session.get(Account, by.account)
    if account is None:
        return None  # the role is checked above
    if account.closed_at is not None or not _reaches(session, by, institution, jurisdiction, now):
        raise NotAllowed(
            f"“{by.name or by.account}”的权限不包括“{institution or jurisdiction or '全市'}”，"
            f"不能{label}。请由有管辖权的人办理。"
        )
    return account


def must_exist(session: Session, institution: str) -> None:
    """Raises NotFound for an institution that is not registered."""
    if session.get(Institution, institution) is None:
        raise NotFound("机构", institution)


def two_officers(first: str, second: str) -> list[Problem]:
    """What is wrong with two signatures, if anything (行政处罚法 第四十二条)."""
    if first and second and first != second:
        return []
    return [
        Problem(
            field="second_officer",
            label="“两名承办人”",
            value="、".join(name for name in (first, second) if name),
            remedy="请填写两名不同的执法人员",
        )
    ]


def require_two_officers(first: str, second: str) -> None:
    """Raises FormRefused unless two different officers are named."""
    if problems := two_officers(first, second):
        raise FormRefused(problems)


def jurisdictions_over(session: Session, institution: str, jurisdiction: str = "") -> list[str]:
    """The jurisdiction an institution is under and those over it, the nearest first.

    Where no institution is meant they are those of the `jurisdiction`.
    """
    place = jurisdiction_of(session, institution) if institution else jurisdiction
    return [place, *above(session, place)] if place else []


def require_jurisdiction(session: Session, jurisdiction: str) -> None:
    """Raises NotFound for a jurisdiction that is not registered."""
    known = select(Jurisdiction.id).where(Jurisdiction.id == jurisdiction).limit(1)
    if session.exec(known).first() is None:
        raise NotFound("区划", jurisdiction)


def _reaches(
    session: Session, by: Actor, institution: str, jurisdiction: str, now: datetime
) -> bool:
    today = now.date()
    grants = session.exec(
        select(Grant).where(
            Grant.account == by.account,
            Grant.role == by.role,
            Grant.since <= today,
            col(Grant.ended_at).is_(None),
        )
    ).all()
    current = [one for one in grants if one.until is None or one.until >= today]
    place = jurisdiction or (jurisdiction_of(session, institution) if institution else "")
    over = {place, *above(session, place)} if place else set()
    for grant in current:
        if grant.institution:
            if institution and grant.institution == institution:
                return True
        elif not grant.jurisdiction or grant.jurisdiction in over:
            return True
    return False
