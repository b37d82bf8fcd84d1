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

from publisher.corrections import Correction, corrections_digest
from publisher.edition import (
    Edition,
    Entry,
    Jurisdiction,
    LedgerHead,
    Manifest,
    leaf,
    printable,
    root,
)
from publisher.leavers import removals_of
from publisher.persons import is_natural, public_name
from publisher.program import program
from registry import queries
from registry.credit_file import CreditFile
from registry.forms import edition_name
from scoring import Policy, assess, in_force, load_policy
from scoring.assess import settled
from scoring.canonical import canonical
from scoring.facts import Facts
from scoring.hindsight import Cause, struck, undone
from scoring.terms import ended_on, shown

# What a canonical line holds, or does not, of that which has a term.
DECISION, NO_LISTING = b'"kind":"decision"', b'"listings":[]'


class City(Struct, frozen=True, kw_only=True):
    """What an edition says of the city that publishes it."""

    id: str
    title: str
    organ: str
    fictional: bool = False


class Issue(Struct, frozen=True, kw_only=True):
    """Which edition: its period and number, the last day that counts, the day of release and of the next list.

    `corrections` are what it says of the mistakes of earlier editions that it puts right.
    `ends_at` is the instant at which its last day is over; the ledger is sealed as it stood then, or when
    the edition was first prepared, if that was earlier.
    With `known_at` it is the edition as it was frozen then: what was recorded later is left out.
    """

    period: str
    number: int = 0
    cut_off: date
    ends_at: datetime
    released_on: date
    previous: str = ""
    corrections: tuple[Correction, ...] = ()
    next_on: date | None = None
    next_provisional: bool = False
    known_at: datetime | None = None


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


class _Known(Struct, frozen=True):
    """Of a line, the facts."""

    facts: Facts


class _Made(NamedTuple):
    """A line of the new edition, and what is counted of it."""

    institution: str
    status: str
    jurisdiction: str
    line: bytes
    leaf: bytes


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
    making = _Making(policy=policy, on=issue.cut_off, salt_key=salt_key, known_at=issue.known_at)
    standing = set[str]()
    made = sorted(_made(session, making, before, standing))
    counts = _counted(made)
    places = tuple(
        Jurisdiction(id=one.id, name=one.name, organ=one.organ, counts=counts.get(one.id, {}))
        for one in queries.jurisdictions(session, issue.cut_off, issue.known_at)
    )
    seq, digest = queries.ledger_head(
        session, issue.ends_at, edition_name(issue.period, issue.number)
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
        next_on=issue.next_on or UNSET,
        next_provisional=issue.next_provisional or UNSET,
        program=program(),
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=places,
        counts=dict(sorted(Counter(one.status for one in made).items())),
        root=root([one.leaf for one in made]).hex(),
        previous=issue.previous,
        ledger=LedgerHead(seq=seq, digest=digest),
    )
    if issue.corrections:
        digest = corrections_digest(manifest.name, issue.corrections)
        manifest = msgspec.structs.replace(manifest, corrections=digest)
    return Edition(
        manifest=manifest,
        lines=tuple(one.line for one in made),
        policy=policies[loaded.index(policy)],
        # A removal whose year is over before the edition comes out is told no more.
        removals=tuple(
            one
            for one in removals_of(session, policy, issue.cut_off, standing)
            if issue.released_on <= one.until
        ),
        corrections=issue.corrections,
    )


def _counted(made: Sequence[_Made]) -> dict[str, dict[str, int]]:
    """How many stand where, by place and status."""
    found: dict[str, dict[str, int]] = {}
    for (place, status), many in sorted(
        Counter((one.jurisdiction, one.status) for one in made).items()
    ):
        found.setdefault(place, {})[status] = many
    return found


class _Making(Struct, frozen=True, kw_only=True):
    """What every line of an edition is made with."""

    policy: Policy
    on: date
    salt_key: bytes
    known_at: datetime | None = None

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
        return _Made(of.institution, rating.status, of.jurisdiction, line, leaf(line))

    def public(self, of: CreditFile | Entry) -> CreditFile | Entry:
        """The file as it may be printed on the day, which is all that its rating rests on.

        The rest could not have counted, and what was said in reply to it is not printed either.
        """
        of = _unnamed(of) if is_natural(of.facts.legal_form) else of
        facts = printable(settled(of.facts, self.policy, self.on))
        facts = shown(facts, self.policy, self.on)
        ids = {one.id for one in facts.records} | {one.id for one in facts.listings}
        replies = tuple(one for one in of.replies if one.record in ids)
        return msgspec.structs.replace(of, facts=facts, replies=replies)

    def standing(self, rating: _Lasts, line: bytes) -> set[str] | None:
        """The decisions and listings a line shows on; None where it no longer says on the day what it said.

        It says the same while no rating has turned and no term has ended.
        """
        if rating.changes_on is not None and rating.changes_on <= self.on:
            return None
        if DECISION not in line and NO_LISTING in line:
            return set()
        facts = msgspec.json.decode(line, type=_Known).facts
        if shown(facts, self.policy, self.on) is not facts:
            return None
        decisions = {one.id for one in facts.records if one.kind == "decision"}
        return decisions | {one.id for one in facts.listings if self.on < ended_on(one)}

    def can_go_on_from(self, before: Before) -> bool:
        """Whether lines of that edition say what this program would say of the same facts."""
        last = before.edition.manifest
        of = (last.policy_digest, last.program)
        return of == (self.policy.digest, program()) and last.cut_off <= self.on


def _unnamed(of: CreditFile | Entry) -> CreditFile | Entry:
    """The file of a natural person, who is not named in full."""
    form = of.facts.legal_form
    names = tuple(
        msgspec.structs.replace(one, text=public_name(one.text, form))
        if one.kind == "legal"
        else one
        for one in of.names
    )
    said = {"name": public_name(of.name, form), "names": names, "legal_representative": ""}
    return msgspec.structs.replace(of, **said)


def _made(
    session: Session, making: _Making, before: Before | None, standing: set[str]
) -> Iterator[_Made]:
    """Every institution's line, in no order; `standing` takes what is carried on of decisions and listings."""
    fresh: set[str] | None = None
    if before is not None and making.can_go_on_from(before):
        last = before.edition.manifest.cut_off
        fresh = queries.touched(session, before.recorded_by, last, making.on)
        yield from _carried(session, making, before.edition, fresh, standing)
    wanted = None if fresh is None else sorted(fresh)
    void = _void(session, making, fresh)
    for file in queries.credit_files(session, making.on, making.known_at, wanted):
        # What is registered today with a later first day has no place in this list yet.
        if file.facts.opened_on is None or file.facts.opened_on <= making.on:
            facts = struck(file.facts, void.get(file.institution, ()))
            yield making.line(making.public(msgspec.structs.replace(file, facts=facts)))


def _void(
    session: Session, making: _Making, fresh: set[str] | None
) -> dict[str, tuple[Cause, ...]]:
    """What is known to have been undone after the day: it never was, and is not published any more.

    Source: 行政处罚法 第四十八条.
    """
    later = queries.undone_after(session, making.on, making.known_at)
    ids = sorted(id for id in later if fresh is None or id in fresh)
    if not ids:
        return {}
    last = max(later.values())
    files = queries.credit_files(session, last, making.known_at, ids)
    return {one.institution: undone(one.facts, last) for one in files}


def _carried(
    session: Session, making: _Making, edition: Edition, fresh: set[str], standing: set[str]
) -> Iterator[_Made]:
    """The lines of whom nothing is new, rated again where time has changed them; the others join the fresh."""
    organs = {one.id: one.organ for one in queries.jurisdictions(session, making.on)}
    decoder = msgspec.json.Decoder(_Line)
    named = set()
    for line, hashed in zip(edition.lines, edition.leaves, strict=True):
        one = decoder.decode(line)
        named.add(one.institution)
        if one.rating is None or one.institution in fresh:
            continue
        over = any(alert.until < making.on for alert in one.alerts)
        if over or one.organ != organs.get(one.jurisdiction, ""):
            fresh.add(one.institution)
        elif (shown_on := making.standing(one.rating, line)) is not None:
            standing |= shown_on
            yield _Made(one.institution, one.rating.status, one.jurisdiction, line, hashed)
        else:
            yield making.line(making.public(msgspec.json.decode(line, type=Entry)))
    if "" in named:
        # A tombstone does not say whose it is.
        fresh |= queries.registered(session) - named
