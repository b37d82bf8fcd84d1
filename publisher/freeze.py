"""The register at a cut-off day becomes an Edition; here alone the publisher reads the register."""

import hmac
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

import msgspec
from msgspec import Struct
from sqlmodel import Session

from publisher.edition import Edition, Entry, Jurisdiction, Manifest, is_public, leaf, root
from registry import queries
from registry.credit_file import CreditFile
from scoring import Policy, assess, in_force, load_policy
from scoring.assess import carried
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

    manifest: Manifest
    entries: tuple[Entry, ...]
    recorded_by: datetime


def freeze(
    session: Session,
    city: City,
    issue: Issue,
    policies: Sequence[bytes],
    salt_key: bytes,
    before: Before | None = None,
) -> Edition:
    """The edition of a cut-off day; the same register, policy and key give the same bytes.

    With the edition before at hand only those are read and rated of whom something was recorded or fell
    due since; the bytes are the same. Raises PolicyError unless exactly one policy is in force on the day.
    """
    loaded = [load_policy(content) for content in policies]
    policy = in_force(loaded, issue.cut_off)
    entries = _entries(session, policy, issue, salt_key, before)
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
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=places,
        counts=dict(sorted(Counter(one.rating.status for one in entries).items())),
        root=root([leaf(canonical(one)) for one in entries]).hex(),
        previous=issue.previous,
    )
    return Edition(manifest=manifest, entries=entries, policy=policies[loaded.index(policy)])


def _entries(
    session: Session, policy: Policy, issue: Issue, salt_key: bytes, before: Before | None
) -> tuple[Entry, ...]:
    """Every institution's entry, in order of number."""
    if before is None or before.manifest.policy_digest != policy.digest:
        files = queries.credit_files(session, issue.cut_off)
        return tuple(_entry(file, policy, issue, salt_key) for file in files if _begun(file, issue))
    last = before.manifest.cut_off
    fresh = queries.touched(session, before.recorded_by, last, issue.cut_off)
    organs = {one.id: one.organ for one in queries.jurisdictions(session, issue.cut_off)}
    kept = [
        one
        for one in before.entries
        if one.institution not in fresh and one.organ == organs.get(one.jurisdiction, "")
    ]
    fresh |= {one.institution for one in before.entries} - {one.institution for one in kept}
    found = [_kept(one, policy, issue, salt_key) for one in kept]
    files = queries.credit_files(session, issue.cut_off, institutions=sorted(fresh))
    found += [_entry(file, policy, issue, salt_key) for file in files if _begun(file, issue)]
    return tuple(sorted(found, key=lambda one: one.institution))


def _begun(file: CreditFile, issue: Issue) -> bool:
    """What is registered today with a later first day has no place in this list yet."""
    return file.facts.opened_on is None or file.facts.opened_on <= issue.cut_off


def _kept(entry: Entry, policy: Policy, issue: Issue, salt_key: bytes) -> Entry:
    """The entry of an institution of which nothing is new; rated again only where time has changed it."""
    rating = carried(entry.rating, policy, issue.cut_off)
    return msgspec.structs.replace(
        entry,
        rating=rating or assess(entry.facts, policy, issue.cut_off),
        salt=_salt(entry.institution, issue, salt_key),
    )


def _salt(institution: str, issue: Issue, salt_key: bytes) -> str:
    """Without the key a hash alone does not tell whether a guessed entry was the withdrawn one."""
    what = f"{issue.period}.{issue.number}:{institution}".encode()
    return hmac.new(salt_key, what, sha256).hexdigest()


def _entry(file: CreditFile, policy: Policy, issue: Issue, salt_key: bytes) -> Entry:
    values = {name: getattr(file, name) for name in CreditFile.__struct_fields__}
    records = tuple(one for one in file.facts.records if is_public(one))
    listings = tuple(one for one in file.facts.listings if not one.annulled)
    public = msgspec.structs.replace(file.facts, records=records, listings=listings)
    facts = values["facts"] = public
    # From what is published and nothing else; what is left out here could not have counted.
    values["rating"] = assess(facts, policy, issue.cut_off)
    values["salt"] = _salt(file.institution, issue, salt_key)
    return msgspec.convert(values, Entry, from_attributes=True)
