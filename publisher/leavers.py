"""Who left a list or a record within a year of a day, as the register tells it: for `removals.json`."""

from collections.abc import Iterator, Set
from datetime import date, timedelta

from sqlmodel import Session

from publisher.edition import printable
from publisher.persons import public_name
from publisher.removals import How, Removal, in_order, told_until
from registry import queries
from registry.credit_file import CreditFile
from scoring import Policy
from scoring.facts import Listing
from scoring.terms import cases_of, ended_on, last_shown_day

_HOW: dict[str, How] = {"expire": "expired", "lift": "lifted", "repair": "repaired"}
ONE_DAY = timedelta(days=1)


def removals_of(
    session: Session, policy: Policy, on: date, standing: Set[str] = frozenset()
) -> tuple[Removal, ...]:
    """Every removal still told on a day: listings that ended, records whose term is over or that were
    repaired, and what was withdrawn from earlier editions.

    `standing` are matters known to be shown on; of whom all are, nothing is told, and nothing read.
    """
    leavers = queries.leavers(session, on)
    withdrawn = [
        one
        for one in queries.withdrawals(session)
        if one.how == "withdrawn" and on <= told_until(one.on)
    ]
    ids = {id for id, own in leavers.matters.items() if not own <= standing}
    ids |= leavers.repaired.keys() | {one.institution for one in withdrawn}
    files = {
        one.institution: one for one in queries.credit_files(session, on, institutions=sorted(ids))
    }
    found = set[Removal]()
    for file in files.values():
        found.update(_ended(file, policy, on, leavers))
    for one in withdrawn:
        if one.institution in files:
            found.add(_removal(files[one.institution], one.listed, "withdrawn", one.on, one.reason))
    return in_order(_once(found))


def _ended(
    file: CreditFile, policy: Policy, on: date, leavers: queries.Leavers
) -> Iterator[Removal]:
    told: list[tuple[str, How, date]] = []
    for listing in file.facts.listings:
        if not listing.annulled and ended_on(listing) <= on:
            how = _HOW.get(leavers.ended_by.get(listing.id, ""), "expired")
            # What lapsed did so when its last day was over; a step on paper says its own day.
            day = min(listing.until, listing.ended_on or date.max)
            kept = any(_stands(one, listing) for one in file.facts.listings)
            told.append(("record" if kept else listing.list, how, day))
    facts = printable(file.facts)
    for case in cases_of(facts):
        last = last_shown_day(case, facts, policy)
        if last is not None and last < on:
            told.append(("record", "expired", last))
    told += [("record", "repaired", day) for day in leavers.repaired.get(file.institution, ())]
    for listed, how, day in told:
        if day <= on <= told_until(day):
            yield _removal(file, listed, how, day)


def _stands(one: Listing, ended: Listing) -> bool:
    """Whether a decision keeps somebody on the list of another one when that has ended."""
    on = ended_on(ended)
    return one.list == ended.list and not one.annulled and one.effective_on <= on < ended_on(one)


def _removal(file: CreditFile, listed: str, how: How, on: date, reason: str = "") -> Removal:
    return Removal(
        institution=file.institution,
        name=public_name(file.name, file.facts.legal_form),
        jurisdiction=file.jurisdiction,
        listed="black" if listed == "black" else "watch" if listed == "watch" else "record",
        how=how,
        on=on,
        until=told_until(on),
        reason=reason,
    )


def _once(found: set[Removal]) -> set[Removal]:
    """Of what was withdrawn from several editions on one day, the gravest list alone."""
    rank = {"black": 0, "watch": 1, "record": 2}
    chosen: dict[tuple[str, str, date, str], Removal] = {}
    for one in sorted(found, key=lambda one: rank[one.listed]):
        key = (one.institution, one.how, one.on, "" if one.how == "withdrawn" else one.listed)
        chosen.setdefault(key, one)
    return set(chosen.values())
