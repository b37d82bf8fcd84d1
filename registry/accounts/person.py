"""Who somebody is: the account behind a session, and the capacity it acts in."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.access import STRONG_ROLES, Actor
from registry.procedure import ROLES
from registry.queries.places import place_name, within
from registry.tables import Account, Grant, Name, SignedIn


class Person(Struct, frozen=True, kw_only=True):
    """Who is signed in, in which role, and where the role holds.

    `places` are the jurisdictions within reach, none of them meaning the whole city. `stage` is what
    the person must do before anything else: "password" (set an own one), "second" (show the second
    factor), "enrol" (set one up), or nothing.
    """

    account: str
    name: str
    role: str
    jurisdiction: str = ""
    institution: str = ""
    grant: int = 0
    place: str = ""
    places: tuple[str, ...] = ()
    several: bool = False
    strong: bool = False
    stage: str = ""
    session: str = ""
    stale: bool = False

    @property
    def actor(self) -> Actor:
        """The same person as acts name them."""
        return Actor(account=self.account, role=self.role, name=self.name, strong=self.strong)

    @property
    def capacity(self) -> str:
        """The role and its place in words."""
        return ROLES[self.role] + (f"（{self.place}）" if self.place else "")


class Capacity(Struct, frozen=True, kw_only=True):
    """A grant in words, with its dates."""

    id: int
    role: str
    role_name: str
    place: str
    since: str
    until: str
    current: bool


def person_of_account(
    session: Session, account: Account, now: datetime, row: SignedIn | None = None
) -> Person | None:
    """The person of an account in the capacity chosen, else in the one granted last; None without any."""
    if account.closed_at is not None:
        return None
    grants = grants_in_force(session, account.id, now)
    if not grants:
        return None
    chosen = next((one for one in grants if row and one.id == row.grant), grants[0])
    return Person(
        account=account.id,
        name=account.name,
        role=chosen.role,
        jurisdiction=chosen.jurisdiction,
        institution=chosen.institution,
        grant=chosen.id or 0,
        place=_place(session, chosen),
        places=within(session, chosen.jurisdiction) if chosen.jurisdiction else (),
        several=len(grants) > 1,
    )


def stage_of(account: Account, roles: Sequence[str], *, strong: bool, lenient: bool) -> str:
    """What must happen before anything else; `lenient` is a fictional city, where nobody must enrol."""
    if account.totp_secret and not strong:
        return "second"
    if account.once_until is not None:
        return "password"
    must = any(role in STRONG_ROLES for role in roles)
    return "enrol" if must and not account.totp_secret and not strong and not lenient else ""


def grants_in_force(session: Session, account: str, now: datetime) -> list[Grant]:
    """An account's grants that hold now, the newest first."""
    today = now.date()
    rows = session.exec(
        select(Grant)
        .where(Grant.account == account, Grant.since <= today, col(Grant.ended_at).is_(None))
        .order_by(col(Grant.id).desc())
    ).all()
    return [one for one in rows if one.until is None or one.until >= today]


def capacities(session: Session, account: str, now: datetime) -> list[Capacity]:
    """Every grant an account has or had, the newest first."""
    current = {one.id for one in grants_in_force(session, account, now)}
    rows = session.exec(
        select(Grant).where(Grant.account == account).order_by(col(Grant.id).desc())
    )
    return [
        Capacity(
            id=one.id or 0,
            role=one.role,
            role_name=ROLES[one.role],
            place=_place(session, one) or "全市",
            since=one.since.isoformat(),
            until=(
                one.ended_at.astimezone(now.tzinfo).date() if one.ended_at else one.until or ""
            ).__str__(),
            current=one.id in current,
        )
        for one in rows
    ]


def accounts(session: Session, now: datetime) -> list[Person]:
    """Every account with a grant in force."""
    rows = session.exec(select(Account).order_by(col(Account.id)))
    people = (person_of_account(session, row, now) for row in rows.all())
    return [one for one in people if one is not None]


def _place(session: Session, grant: Grant) -> str:
    if grant.institution:
        named = select(Name.text).where(Name.institution == grant.institution, Name.kind == "legal")
        found = session.exec(named.order_by(col(Name.id).desc()).limit(1)).first()
        return found or grant.institution
    return place_name(session, grant.jurisdiction) if grant.jurisdiction else ""
