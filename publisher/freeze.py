"""The register at a cut-off day becomes an Edition; here alone the publisher reads the register."""

import hmac
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec
from msgspec import UNSET, Struct
from sqlmodel import Session

from publisher.edition import Edition, Entry, Jurisdiction, Manifest, is_public, leaf, root
from publisher.program import program
from registry import queries
from registry.credit_file import CreditFile
from scoring import Policy, assess, in_force, load_policy
from scoring.canonical import canonical


class City(Struct, frozen=True, kw_only=True):
    """What an edition says of the city that publishes it."""

    id: str
    title: str
    organ: str
    fictional: bool = False


class Issue(Struct, frozen=True, kw_only=True):
    """Which edition: its period and number, the last day that counts and the day of release."""

    period: str
    number: int = 0
    cut_off: date
    released_on: date
    previous: str = ""


class Before(Struct, frozen=True, kw_only=True):
    """A released edition to go on from: what the register then held of it was recorded by an instant."""

    edition: Edition
    recorded_by: datetime


class _Lasts(Struct, frozen=True):
    """Of a line's rating, what says whether it still holds."""

    status: str
    changes_on: date | None = None


class _Runs(Struct, frozen=True):
    """Of an alert, until when it runs."""

    until: date


class _Line(Struct, frozen=True):
    """Of a line, what says whether it may be carried on; a tombstone has none of it."""

    institution: str = ""
    jurisdiction: str = ""
    organ: str = ""
    rating: _Lasts | None = None
    alerts: tuple[_Runs, ...] = ()


class _Made(NamedTuple):
    """A line of the new edition, and what is counted of it."""

    institution: str
    status: str
    line: bytes


def freeze(
    session: Session,
    city: City,
    issue: Issue,
    policies: Sequence[bytes],
    salt_key: bytes,
    before: Before | None = None,
) -> Edition:
    """The edition of a cut-off day; the same register, policy, key and program give the same bytes.

    With the edition before at hand only those are read of whom something was recorded or fell due since,
    and the lines of the others are carried on as they are; the bytes are the same. Raises PolicyError
    unless exactly one policy is in force on the day.
    """
    loaded = [load_policy(content) for content in policies]
    policy = in_force(loaded, issue.cut_off)
    making = _Making(policy=policy, on=issue.cut_off, salt_key=salt_key)
    made = sorted(_made(session, making, before))
    places = tuple(
        Jurisdiction(id=one.id, name=one.name, organ=one.organ)
        for one in queries.jurisdictions(session, issue.cut_off)
    )
    manifest = Manifest(
        city=city.id,
        title=city.title,
        organ=city.organ,
        fictional=city.fictional,
        period=issue.period,
        number=issue.number,
        cut_off=issue.cut_off,
        released_on=issue.released_on,
        program=program(),
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=places,
        counts=dict(sorted(Counter(one.status for one in made).items())),
        root=root([leaf(one.line) for one in made]).hex(),
        previous=issue.previous,
    )
    lines = tuple(one.line for one in made)
    return Edition(manifest=manifest, lines=lines, policy=policies[loaded.index(policy)])


class _Making(Struct, frozen=True, kw_only=True):
    """What every line of an edition is made with."""

    policy: Policy
    on: date
    salt_key: bytes

    def line(self, of: CreditFile | Entry) -> _Made:
        """What is published of an institution, rated on the day, with its salt.

        The salt is a keyed digest of all the rest: without the key a leaf hash alone does not tell whether
        a guessed entry was the withdrawn one, and what has not changed keeps its bytes.
        """
        rating = assess(of.facts, self.policy, self.on).lasting()
        fields = {name: getattr(of, name) for name in CreditFile.__struct_fields__}
        values = {name: one for name, one in fields.items() if one is not UNSET}
        values |= {"rating": rating, "salt": ""}
        bare = msgspec.convert(values, Entry, from_attributes=True)
        salt = hmac.new(self.salt_key, canonical(bare), sha256).hexdigest()
        line = canonical(msgspec.structs.replace(bare, salt=salt))
        return _Made(of.institution, rating.status, line)

    def can_go_on_from(self, before: Before) -> bool:
        """Whether lines of that edition say what this program would say of the same facts."""
        last = before.edition.manifest
        of = (last.policy_digest, last.program)
        return of == (self.policy.digest, program()) and last.cut_off <= self.on


def _made(session: Session, making: _Making, before: Before | None) -> Iterator[_Made]:
    """Every institution's line, in no order."""
    fresh: set[str] | None = None
    if before is not None and making.can_go_on_from(before):
        last = before.edition.manifest.cut_off
        fresh = queries.touched(session, before.recorded_by, last, making.on)
        yield from _carried(session, making, before.edition, fresh)
    wanted = None if fresh is None else sorted(fresh)
    for file in queries.credit_files(session, making.on, institutions=wanted):
        # What is registered today with a later first day has no place in this list yet.
        if file.facts.opened_on is None or file.facts.opened_on <= making.on:
            yield making.line(_public(file))


def _carried(
    session: Session, making: _Making, edition: Edition, fresh: set[str]
) -> Iterator[_Made]:
    """The lines of whom nothing is new, rated again where time has changed them; the others join the fresh."""
    organs = {one.id: one.organ for one in queries.jurisdictions(session, making.on)}
    decoder = msgspec.json.Decoder(_Line)
    named = set()
    for line in edition.lines:
        one = decoder.decode(line)
        named.add(one.institution)
        if one.rating is None or one.institution in fresh:
            continue
        over = any(alert.until < making.on for alert in one.alerts)
        if over or one.organ != organs.get(one.jurisdiction, ""):
            fresh.add(one.institution)
        elif one.rating.changes_on is None or making.on < one.rating.changes_on:
            yield _Made(one.institution, one.rating.status, line)
        else:
            yield making.line(msgspec.json.decode(line, type=Entry))
    if "" in named:
        # A tombstone does not say whose it is.
        fresh |= queries.registered(session) - named


def _public(file: CreditFile) -> CreditFile:
    """The file as it may be printed, which is all that its rating rests on; the rest could not have counted."""
    records = tuple(one for one in file.facts.records if is_public(one))
    listings = tuple(one for one in file.facts.listings if not one.annulled)
    facts = msgspec.structs.replace(file.facts, records=records, listings=listings)
    return msgspec.structs.replace(file, facts=facts)
