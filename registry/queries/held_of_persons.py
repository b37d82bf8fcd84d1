"""How much personal data a register holds, by class: what an impact assessment must state."""

from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, SQLModel, col

from registry.tables import (
    Account,
    Attachment,
    Complaint,
    Contact,
    Custody,
    Grant,
    Institution,
    Reading,
    Registration,
    Staff,
    Subscription,
)

A_YEAR = timedelta(days=365)


class HeldOfPersons(Struct, frozen=True, kw_only=True):
    """Counts at an instant; `roles` are the open accounts by role, `second` those with a second factor."""

    institutions: int
    representatives: int
    staff: int
    contacts: int
    bank_accounts: int
    complainants: int
    attachments: int
    subscriptions: int
    readings: int
    accounts: int
    second: int
    roles: dict[str, int]


def held_of_persons(session: Session, now: datetime) -> HeldOfPersons:
    """The counts, each by one query."""

    def many(table: type[SQLModel], *where: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    open_ones = col(Account.closed_at).is_(None)
    return HeldOfPersons(
        institutions=many(Institution),
        representatives=session.scalar(
            select(func.count(func.distinct(col(Registration.institution)))).where(
                col(Registration.legal_representative) != ""
            )
        )
        or 0,
        staff=many(Staff),
        contacts=many(Contact),
        bank_accounts=many(Custody, col(Custody.account_no) != ""),
        complainants=many(Complaint, col(Complaint.contact) != ""),
        attachments=many(Attachment),
        subscriptions=many(Subscription, col(Subscription.state) == "active"),
        readings=many(Reading, col(Reading.at) >= now - A_YEAR),
        accounts=many(Account, open_ones),
        second=many(Account, open_ones, col(Account.totp_secret) != ""),
        roles=_roles(session, now.date()),
    )


def _roles(session: Session, on: date) -> dict[str, int]:
    query = (
        select(col(Grant.role), func.count(func.distinct(col(Grant.account))).label("many"))
        .join(Account, col(Account.id) == col(Grant.account))
        .where(
            col(Account.closed_at).is_(None),
            col(Grant.ended_at).is_(None),
            col(Grant.since) <= on,
            col(Grant.until).is_(None) | (col(Grant.until) >= on),
        )
        .group_by(col(Grant.role))
    )
    return {row.role: row.many for row in session.execute(query)}
