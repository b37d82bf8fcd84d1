"""The daily pass: what ends by itself is noted, and everybody is told what falls due; safe to run again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session

from registry import tables
from registry.access import Actor
from registry.acts.owners import people_for
from registry.acts.steps import take_step
from registry.calendar import Calendar
from registry.forms import StepForm
from registry.outbox import Notice, put
from registry.queries import MatterLine, matters
from registry.queries.terms import last_listed_day

SOON = 3  # working days
BEFORE = (60, 30, 7)
CUSTODY_DAYS = 45
# A pass that was missed is caught up; what lapsed longer ago than this has been told, or is old data.
_ENDS_BY_ITSELF = {("alert", "issued"): "lapse", ("listing", "effective"): "expire"}
CAUGHT_UP = timedelta(days=31)
ALL = 1_000_000
COVERS = {
    "premises": "场所责任险",
    "performance": "履约保险",
    "accident": "学员意外险",
    "employer": "雇主责任险",
    "credit": "预付学费信用险",
}


class Term(Struct, frozen=True, kw_only=True):
    """Something of an institution that ends on a day."""

    institution: str
    what: str
    key: str
    until: date


def daily(session: Session, *, by: Actor, now: datetime, calendar: Calendar) -> int:
    """Ends what has run out and makes the day's reminders; gives how many notices are new."""
    end_what_has_run_out(session, by=by, now=now, calendar=calendar)
    made = 0
    for line in matters(session, open_only=True, limit=ALL):
        made += sum(put(session, one, now) for one in _of_matter(session, line, now, calendar))
    for term in _terms(session, now.date()):
        made += sum(put(session, one, now) for one in _of_term(session, term, now))
    return made


def end_what_has_run_out(session: Session, *, by: Actor, now: datetime, calendar: Calendar) -> None:
    """Notes the end of alerts and listings whose last day is over: it comes without anybody signing in."""
    for line in matters(session, kinds=("alert", "listing"), open_only=True, limit=ALL):
        act = _ENDS_BY_ITSELF.get((line.kind, line.state))
        last = last_listed_day(session, line.id) if line.kind == "listing" else line.due_on
        if act and last is not None and last < now.date():
            form = StepForm(on=max(last + timedelta(days=1), line.since))
            take_step(session, line.id, act, form, by=by, now=now, calendar=calendar)


def _of_matter(
    session: Session, line: MatterLine, now: datetime, calendar: Calendar
) -> Iterator[Notice]:
    """One notice when a clock comes near, one on its last day, one when it is over."""
    if line.due_on is None:
        return
    # Where others' time runs out, the office's turn comes on the next working day.
    due = calendar.after(line.due_on, 1) if line.waits else line.due_on
    today = now.date()
    if today > due:
        when, said = "late", f"已超过期限 {due}"
    elif today == due:
        when, said = "today", f"今天（{due}）到期"
    elif due <= calendar.after(today, SOON):
        when, said = "soon", f"{due} 到期"
    else:
        return
    subject = f"{line.kind_name} {line.id} {said}"
    body = f"{line.name}：{line.kind_name} {line.id} 现在是“{line.state_name}”，{said}。"
    # Nobody's matter is everybody's of the office, or nobody would be told.
    owners = [line.owner] if line.owner else _office(session, line.institution, now)
    for account in owners:
        yield Notice(
            key=f"due:{when}:{line.id}:{due}:{account}"[:120],
            kind="due",
            account=account,
            subject=subject,
            body=body,
            link=f"desk/matters/{line.id}/",
        )


def _of_term(session: Session, term: Term, now: datetime) -> Iterator[Notice]:
    """To the institution and to the inspectors of its district: ahead of the end, and when it has come."""
    left = (term.until - now.date()).days
    if left < 0:
        mark, said = "over", f"已在 {term.until} 到期"
    else:
        mark = str(min(one for one in BEFORE if left <= one))
        said = f"{term.until} 到期，还剩 {left} 天"
    key = f"term:{term.key}:{term.until}:{mark}"
    subject = f"{term.what} {said}"
    body = f"{term.institution} 的{term.what}{said}。请及时办理续期并登记。"
    common: dict[str, Any] = {"kind": "term", "subject": subject, "body": body}
    yield Notice(key=key, institution=term.institution, link="my/", **common)
    for account in _office(session, term.institution, now):
        link = f"desk/i/{term.institution}/"
        yield Notice(key=f"{key}:{account}"[:120], account=account, link=link, **common)


def _office(session: Session, institution: str, now: datetime) -> list[str]:
    """The inspectors of the nearest office that has any."""
    return people_for(session, institution, ("inspector",), now)


def _terms(session: Session, today: date) -> Iterator[Term]:
    """What has just ended or ends within sixty days; whatever a later one continues is no concern."""
    window = (today - CAUGHT_UP, today + timedelta(days=max(BEFORE)))
    for table, what, key in (
        (tables.Licence, "办学许可证", "licence"),
        (tables.Registration, "法人登记", "registration"),
    ):
        for row in _newest(session, table, ("institution",)):
            if row.until is not None:
                yield from _within(row, what, key, row.until, window)
    for row in _newest(session, tables.Cover, ("institution", "cover_class")):
        if row.cancelled_on is None:
            kind = row.cover_class
            yield from _within(row, COVERS.get(kind, "保险"), f"cover-{kind}", row.until, window)
    reports: Any = tables.CustodyReport
    last = sa.select(reports.institution, sa.func.max(reports.on).label("on"))
    for row in session.execute(last.group_by(reports.institution)):
        until = row.on + timedelta(days=CUSTODY_DAYS)
        yield from _within(row, "监管专户报送", "custody", until, window)


def _newest(session: Session, table: Any, by: Sequence[str]) -> list[Any]:
    """Of each institution's rows that nothing supersedes the one that lasts longest."""
    profile: Any = tables.Profile
    closed = sa.select(profile.institution).where(profile.status == "closed")
    gone = sa.select(table.replaces).where(table.replaces.is_not(None))
    query = sa.select(table).where(table.id.not_in(gone), table.institution.not_in(closed))
    found: dict[tuple[str, ...], Any] = {}
    for row in session.scalars(query):
        key = tuple(getattr(row, name) for name in by)
        held = found.get(key)
        if held is None or (row.until or date.max) > (held.until or date.max):
            found[key] = row
    return [found[key] for key in sorted(found)]


def _within(
    row: Any, what: str, key: str, until: date, window: tuple[date, date]
) -> Iterator[Term]:
    if window[0] <= until <= window[1]:
        yield Term(
            institution=row.institution, what=what, key=f"{key}:{row.institution}", until=until
        )
