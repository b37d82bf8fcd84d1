"""What a phone takes along: tasks and institutions with their history, no more than a visit needs.

No person's name but the inspector's own is in it, no free text, no account and no number of a paper.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct
from sqlmodel import Session

from registry import queries
from registry.accounts import Person
from registry.faces.desk import Office
from registry.inspector.history import LAST, disputed_in, lights_of, told
from registry.queries import MatterLine, TaskLine
from scoring import assess

AT_MOST = 3000
_STOPPED = {"suspended": "停办", "closed": "终止"}


class Place(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One institution before a visit: what it is, how it stands, what is open, who was there last.

    `status` is said only where it is not at work: such a one may still be found teaching.
    """

    id: str
    name: str
    address: str = ""
    kind: str = ""
    status: str = ""
    now: str = ""
    lights: tuple[tuple[str, bool, str], ...] = ()
    open: tuple[str, ...] = ()
    visits: tuple[str, ...] = ()


class Errand(Struct, frozen=True, kw_only=True):
    """One task: which campaign, where, with whom, until when."""

    campaign: str
    name: str
    kind: str
    institution: str
    second: str
    due_on: date | None


class Snapshot(Struct, frozen=True, kw_only=True):
    """Everything taken along, as it stood at an instant; `left_out` says how many did not fit."""

    account: str
    name: str
    made_at: datetime
    policy: str
    tasks: tuple[Errand, ...]
    places: tuple[Place, ...]
    left_out: int


def snapshot_of(session: Session, office: Office, person: Person) -> Snapshot:
    """The inspector's tasks, and every institution of theirs and of the jurisdiction."""
    on = office.now().date()
    policy = office.policy(on)
    tasks = queries.tasks(session, on, officer=person.account, open_only=True)
    where = person.places
    lines = queries.institutions(session, on, jurisdictions=where, limit=100_000)
    at_work = [one.id for one in lines if one.status == "active"]
    stopped = {one.id: _STOPPED[one.status] for one in lines if one.status != "active"}
    wanted = list(dict.fromkeys([*(one.institution.id for one in tasks), *at_work, *stopped]))
    taken = wanted[:AT_MOST]
    open_by: dict[str, list[MatterLine]] = defaultdict(list)
    for one in queries.matters(
        session,
        jurisdictions=where,
        kinds=("finding", "penalty", "spot"),
        open_only=True,
        limit=20_000,
    ):
        open_by[one.institution].append(one)
    places = []
    for file in queries.credit_files(session, on, institutions=taken):
        rating = assess(file.facts, policy, on)
        disputed = disputed_in(file)
        places.append(
            Place(
                id=file.institution,
                name=file.name,
                address="；".join(file.addresses),
                kind=file.facts.kind,
                status=stopped.get(file.institution, ""),
                now=told(rating),
                lights=tuple((one.title, one.met, one.sentence) for one in lights_of(rating)),
                open=tuple(_open(one, disputed) for one in open_by[file.institution]),
                visits=tuple(f"{one.on} {one.kind}" for one in file.facts.inspections[-LAST:]),
            )
        )
    return Snapshot(
        account=person.account,
        name=person.name,
        made_at=office.now(),
        policy=policy.id,
        tasks=tuple(_errand(one, person.account) for one in tasks),
        places=tuple(places),
        left_out=len(wanted) - len(taken),
    )


def _open(one: MatterLine, disputed: Sequence[str]) -> str:
    due = f"，期限 {one.due_on}" if one.due_on else ""
    flag = "，异议中" if one.id in disputed else ""
    what = f"{one.kind_name} {one.code}".strip()
    return f"{what}，{one.state_name}，{one.since} 起{due}{flag}"


def _errand(one: TaskLine, account: str) -> Errand:
    pairs = zip(one.officers, one.officer_names, strict=False)
    return Errand(
        campaign=one.campaign,
        name=one.campaign_name,
        kind=one.kind,
        institution=one.institution.id,
        second=next((name for id, name in pairs if id != account), ""),
        due_on=one.due_on,
    )
