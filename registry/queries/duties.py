"""What lapses when: licences, registrations, covers, custody accounts and the banks' reports."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from msgspec import Struct
from sqlmodel import Session, SQLModel

from registry import tables
from registry.queries.among import among
from registry.queries.files import (
    AT_ONCE,
    name_on,
    names_on,
    newest_reports,
    profile_on,
    read_of,
    valid,
)
from registry.queries.insured import insured_matches
from registry.queries.lineage import merged
from registry.queries.touched import columns_of
from scoring.conditions import CLASSES

LapseKind = Literal["licence", "registration", "cover", "custody", "custody_report"]
REPORT_DAYS = 45
ONE_DAY = timedelta(days=1)
_OWN: tuple[type[SQLModel], ...] = (
    tables.Profile,
    tables.Name,
    tables.Registration,
    tables.Licence,
    tables.Cover,
    tables.Custody,
)
_MOVED = (tables.Cover, tables.Custody, tables.CustodyReport)
Own = dict[type[SQLModel], list[Any]]


class Lapse(Struct, frozen=True, kw_only=True):
    """One duty of one institution that has lapsed or soon will: its last day, and the days left to it.

    `days_left` is 0 on the last day and negative after it; `sentence` says the same in Chinese.
    """

    institution: str
    name: str
    jurisdiction: str
    kind: LapseKind
    what: str
    last_on: date
    days_left: int
    sentence: str


def lapses(
    session: Session,
    on: date,
    within: int,
    institutions: Sequence[str] | None = None,
    *,
    report_days: int = REPORT_DAYS,
) -> list[Lapse]:
    """What has lapsed by a day, and what does within so many days of it, the longest overdue first.

    What is renewed without a day between does not lapse; of a closed institution nothing does. A cover
    counts as scoring counts it: paid, not cancelled, and in this institution's name. `report_days` is how
    old a bank's report on the custody account may be.
    """
    found = [
        lapse
        for own in _bundles(session, on, institutions)
        for lapse in _of_one(own, on, report_days)
        if lapse.days_left <= within
    ]
    return sorted(found, key=lambda one: (one.last_on, one.institution, one.kind, one.what))


def last_day(terms: Iterable[tuple[date, date | None]], on: date) -> date | None:
    """The last day of the unbroken time around a day, else the last day before it; None if never.

    Terms that follow each other without a day between are one; a term without an end gives date.max.
    """
    last: date | None = None
    for since, until in sorted(terms, key=lambda one: one[0]):
        if since > on and (last is None or since > last + ONE_DAY):
            break
        if until is None or until == date.max:
            return date.max
        last = until if last is None else max(last, until)
    return last


def protected_until(cover: Any) -> date:
    """The last day a cover protects: a cancelled one ends on the day before its cancellation."""
    until: date = cover.until
    return min(until, cover.cancelled_on - ONE_DAY) if cover.cancelled_on else until


def _bundles(session: Session, on: date, institutions: Sequence[str] | None) -> Iterator[Own]:
    """Each institution's rows, with the covers and accounts of its second registrations."""
    into, _ = merged(session, on)
    if institutions is not None:
        institutions = [one for id in institutions for one in (id, *into.get(id, ()))]
    parts: list[Sequence[str] | None] = [None]
    if institutions is not None:
        parts = [institutions[at : at + AT_ONCE] for at in range(0, len(institutions), AT_ONCE)]
    queries = {table: sa.select(*read_of(table)) for table in _OWN}
    queries[tables.CustodyReport] = newest_reports(on)
    found: dict[str, Own] = defaultdict(lambda: {table: [] for table in queries})
    for some in parts:
        for table, query in queries.items():
            if some is not None:
                columns = columns_of(table)
                query = query.where(among(columns.institution, some))
            for row in session.connection().execute(query):
                found[row.institution][table].append(row)
    for kept, others in into.items():
        for table in _MOVED if kept in found else ():
            found[kept][table] += [row for other in others for row in found[other][table]]
    yield from (found[id] for id in sorted(found))


def _of_one(own: Own, on: date, report_days: int) -> Iterator[Lapse]:
    profile = profile_on(own[tables.Profile], on)
    if profile is None or profile.status == "closed":
        return
    name = name_on(names_on(own[tables.Name], on), on)
    for kind, what, last in _last_days(own, profile, on, report_days):
        if last is not None and last != date.max:
            yield Lapse(
                institution=profile.institution,
                name=name,
                jurisdiction=profile.jurisdiction,
                kind=kind,
                what=what,
                last_on=last,
                days_left=(last - on).days,
                sentence=_sentence(kind, what, last, on),
            )


def _last_days(
    own: Own, profile: Any, on: date, report_days: int
) -> Iterator[tuple[LapseKind, str, date | None]]:
    licences = [(one.since, one.until) for one in valid(own[tables.Licence])]
    yield "licence", "办学许可证", last_day(licences, on)
    registered = [one for one in valid(own[tables.Registration]) if one.code or one.number]
    terms = [(one.since, one.until) for one in registered]
    yield "registration", "法人登记", last_day(terms, on)
    covers: dict[str, list[tuple[date, date | None]]] = defaultdict(list)
    names = names_on(own[tables.Name], on)
    for one in valid(own[tables.Cover]):
        if one.premium_paid and insured_matches(one, names, registered, on):
            covers[one.cover_class].append((one.since, protected_until(one)))
    for cover_class, terms in sorted(covers.items()):
        yield "cover", f"{CLASSES[cover_class]}保险", last_day(terms, on)
    if profile.charges_in_advance:
        accounts = valid(own[tables.Custody])
        terms = [(one.since, one.until) for one in accounts]
        yield "custody", "预收费监管专户", last_day(terms, on)
        yield "custody_report", "专户余额报送", _report_due(own, accounts, on, report_days)


def _report_due(own: Own, accounts: Sequence[Any], on: date, report_days: int) -> date | None:
    """The day by which the next report is due, of the accounts open on the day; None if none is."""
    open_ = [one for one in accounts if one.since <= on and (not one.until or on <= one.until)]
    if not open_:
        return None
    banks = {one.bank for one in open_}
    days = [one.on for one in own[tables.CustodyReport] if one.bank in banks]
    first: date = min(one.since for one in open_)
    return max(days, default=first) + timedelta(days=report_days)


def _sentence(kind: LapseKind, what: str, last: date, on: date) -> str:
    days = (last - on).days
    if kind == "custody_report":
        if days < 0:
            return f"监管专户余额应在 {last} 前报送，已超期 {-days} 天。"
        return (
            f"监管专户余额应在 {last} 前报送，{f'还有 {days} 天' if days else '今天是最后一天'}。"
        )
    if days < 0:
        return f"{what}已于 {last} 到期，超期 {-days} 天。"
    return f"{what}将于 {last} 到期，还有 {days} 天。" if days else f"{what}今天（{last}）到期。"
