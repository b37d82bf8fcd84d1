"""The daily pass: what ends by itself is noted, and everybody is told what falls due; safe to run again."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.owners import people_for
from registry.acts.steps import take_step
from registry.calendar import Calendar
from registry.database import reading, writing
from registry.forms import StepForm
from registry.outbox import Notice, known_keys, put
from registry.procedure import PAYMENT
from registry.queries import Lapse, MatterLine, lapses, matters
from registry.queries.matters import ALL
from registry.queries.people import holders
from registry.queries.terms import last_listed_days, unpaid_fines
from registry.tables import Account

SOON = 3  # working days
BEFORE = (60, 30, 7)
# A bank's report comes every month, so that a warning sixty days ahead would never end.
BEFORE_REPORT = (7,)
_ENDS_BY_ITSELF = {("alert", "issued"): "lapse", ("listing", "effective"): "expire"}
# A pass that was missed is caught up; what lapsed longer ago than this has been told, or is old data.
CAUGHT_UP = 31  # days


def remind(engine: Engine, *, by: Actor, now: datetime, calendar: Calendar) -> int:
    """Ends what has run out and makes the day's reminders; gives how many notices are new.

    They are looked for without the write lock: in a large city that takes seconds, and acts go on.
    """
    with writing(engine) as session:
        end_what_has_run_out(session, by=by, now=now, calendar=calendar)
    with reading(engine) as session:
        found = reminders(session, now=now, calendar=calendar)
    if not found:
        return 0
    with writing(engine) as session:
        return sum(put(session, one, now) for one in found)


def reminders(session: Session, *, now: datetime, calendar: Calendar) -> list[Notice]:
    """The day's reminders that have not been made."""
    office, fines = _Office(session, now), unpaid_fines(session)
    made: list[Notice] = []
    for line in matters(session, open_only=True, limit=ALL):
        made += _of_matter(office, line, calendar)
        if line.id in fines:
            made += _of_fine(office, line, PAYMENT.ends(fines[line.id], calendar))
    for lapse in lapses(session, now.date(), max(BEFORE)):
        made += _of_lapse(office, lapse)
    known = known_keys(session, [one.key for one in made])
    return [one for one in made if one.key not in known]


class _Office:
    """Who is told of what is nobody's: asked of the register once for each institution or place."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now = session, now
        self.people: dict[tuple[str, str], list[str]] = {}
        here = {one.account for one in holders(session, now)}
        self.away = set(session.exec(select(Account.id))) - here

    def owners(self, line: MatterLine) -> list[str]:
        """Who is told of a matter: its owner; where that is nobody who holds a role today, its office."""
        if line.owner and line.owner not in self.away:
            return [line.owner]
        return self.of(line.institution, line.jurisdiction)

    def of(self, institution: str, jurisdiction: str = "") -> list[str]:
        """The inspectors of the nearest office that has any; of a place, where no institution is meant."""
        key = (institution, jurisdiction)
        if key not in self.people:
            self.people[key] = people_for(
                self.session, institution, ("inspector",), self.now, jurisdiction
            )
        return self.people[key]


def end_what_has_run_out(session: Session, *, by: Actor, now: datetime, calendar: Calendar) -> None:
    """Notes the end of alerts and listings whose last day is over: it comes without anybody signing in."""
    found = [
        (_ENDS_BY_ITSELF[line.kind, line.state], line)
        for line in matters(session, kinds=("alert", "listing"), open_only=True, limit=ALL)
        if (line.kind, line.state) in _ENDS_BY_ITSELF
    ]
    listed = last_listed_days(session, [one.id for _, one in found if one.kind == "listing"])
    for act, line in found:
        last = listed.get(line.id) if line.kind == "listing" else line.due_on
        if last is not None and last < now.date():
            form = StepForm(on=max(last + timedelta(days=1), line.since))
            take_step(session, line.id, act, form, by=by, now=now, calendar=calendar)


def _of_matter(office: _Office, line: MatterLine, calendar: Calendar) -> Iterator[Notice]:
    """One notice when a clock comes near, one on its last day, one when it is over."""
    if line.due_on is None:
        return
    # Where others' time runs out, the office's turn comes on the next working day.
    due = calendar.after(line.due_on, 1) if line.waits else line.due_on
    today = office.now.date()
    if today > due:
        when, said = "late", f"已超过期限 {due}"
    elif today == due:
        when, said = "today", f"今天（{due}）到期"
    elif due <= calendar.after(today, SOON):
        when, said = "soon", f"{due} 到期"
    else:
        return
    body = f"{line.name}：{line.kind_name} {line.id} 现在是“{line.state_name}”，{said}。"
    key = f"due:{when}:{line.id}:{due}"
    yield from _to_owners(office, line, key, f"{line.kind_name} {line.id} {said}", body)


def _of_fine(office: _Office, line: MatterLine, due: date) -> Iterator[Notice]:
    """One notice when the fifteen days of a fine are over and nothing says that it was paid."""
    if office.now.date() <= due:
        return
    subject = f"{line.kind_name} {line.id} 的罚款 {due} 到期，没有登记缴清"
    body = f"{line.name}：{subject}。已经缴清的，请登记履行完毕；没有缴清的，可以办理加处罚款。"
    yield from _to_owners(office, line, f"fine:{line.id}:{due}", subject, body)


def _to_owners(
    office: _Office, line: MatterLine, key: str, subject: str, body: str
) -> Iterator[Notice]:
    """One notice each; nobody's matter is everybody's of the office, or nobody would be told."""
    for account in office.owners(line):
        yield Notice(
            key=f"{key}:{account}"[:120],
            kind="due",
            account=account,
            subject=subject,
            body=body,
            link=f"desk/matters/{line.id}/",
        )


def _of_lapse(office: _Office, lapse: Lapse) -> Iterator[Notice]:
    """To the institution and to the inspectors of its district: ahead of the end, and when it has come."""
    ahead = BEFORE_REPORT if lapse.kind == "custody_report" else BEFORE
    steps = [one for one in ahead if lapse.days_left <= one]
    if not steps or lapse.days_left < -CAUGHT_UP:
        return
    mark = "over" if lapse.days_left < 0 else str(min(steps))
    key = f"term:{lapse.kind}:{lapse.what}:{lapse.institution}:{lapse.last_on}:{mark}"
    common: dict[str, Any] = {
        "kind": "term",
        "subject": lapse.sentence.rstrip("。"),
        "body": f"{lapse.name}：{lapse.sentence}请及时办理并登记。",
    }
    yield Notice(key=key, institution=lapse.institution, link="my/", **common)
    # Whoever is under one place is seen to by the same people.
    for account in office.of("", lapse.jurisdiction):
        link = f"desk/i/{lapse.institution}/"
        yield Notice(key=f"{key}:{account}"[:120], account=account, link=link, **common)
