"""What an edition changes against the one before it, as events with old and new values, for those told of it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal

import msgspec
import rfc8785
from msgspec import Struct

from publisher.data import WORDS
from publisher.edition import Edition, Manifest, is_withdrawn
from publisher.shown import nothing_against
from publisher.weighed import Line

Kind = Literal["added", "removed", "changed", "withdrawn"]
TYPES = {"withdrawn": "entry.withdrawn"}
CHANGED = "standing.changed"


class Cited(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One ground of a change: its sentence, its points, and the paper and article it rests on."""

    text: str
    document: str
    article: str
    url: str = ""
    document_no: str = ""
    record: str = ""
    points: str = ""
    ended: bool = False


class Side(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where an institution stands on one side of a change; a `withdrawn` side says nothing else."""

    status: str = ""
    status_name: str = ""
    grade: str = ""
    score: str = ""
    score_from: str = ""
    score_to: str = ""
    document_no: str = ""
    organ: str = ""
    since: date | None = None
    until: date | None = None
    withdrawn: bool = False


class Named(Struct, frozen=True, kw_only=True):
    """Whom an event is about."""

    id: str
    name: str
    code: str = ""
    jurisdiction: str = ""
    jurisdiction_name: str = ""


class Issued(Struct, frozen=True, kw_only=True):
    """The edition an event comes from."""

    name: str
    digest: str
    label: str = ""
    organ: str = ""
    previous: str = ""
    cut_off: date | None = None
    released_on: date | None = None


class Event(Struct, frozen=True, kw_only=True):
    """One change of one institution; `reason` and `references` say why.

    `corrects` are the earlier editions that were wrong about it and that this one puts right.
    """

    kind: Kind
    edition: Issued
    against: str = ""
    institution: Named
    before: Side | None = None
    after: Side | None = None
    changed: tuple[str, ...] = ()
    reason: str
    references: tuple[Cited, ...] = ()
    corrects: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same wherever and whenever the event is derived from the same edition."""
        said = f"{self.edition.digest}:{self.institution.id}:{TYPES.get(self.kind, CHANGED)}"
        return f"evt_{sha256(said.encode()).hexdigest()[:40]}"

    def body(self, at: datetime) -> str:
        """The event as it is sent: canonical JSON in the envelope of Standard Webhooks."""
        whole = {
            "type": TYPES.get(self.kind, CHANGED),
            "timestamp": at.isoformat(timespec="seconds"),
            "data": self,
        }
        return rfc8785.dumps(msgspec.to_builtins(whole, enc_hook=str)).decode()


Withdrawn = Mapping[str, frozenset[str]]


def events_of(before: Edition | None, after: Edition, withdrawn: Withdrawn) -> tuple[Event, ...]:
    """Every institution whose list, grade or score is not what it was, in order of number.

    `withdrawn` names, by edition, whose entries were withdrawn from it: a side that was withdrawn is told
    as such, and never as an institution that came or went.
    """
    old_lines = before.lines if before else ()
    common = set(old_lines) & set(after.lines)
    decoder = msgspec.json.Decoder(Line)
    old, new = (
        {
            one.institution: one
            for one in (
                decoder.decode(line)
                for line in lines
                if line not in common and not is_withdrawn(line)
            )
        }
        for lines in (old_lines, after.lines)
    )
    gone_before = withdrawn.get(before.name, frozenset()) if before else frozenset()
    gone_after = withdrawn.get(after.name, frozenset())
    issued = _issued(after)
    corrects = {
        one.institution: tuple(said.edition for said in one.editions) for one in after.corrections
    }
    places = {one.id: one.name for one in after.manifest.jurisdictions}
    found = []
    for id in sorted(old.keys() | new.keys()):
        if id in gone_after:
            continue  # what is told of it is its withdrawal
        sides = (old.get(id), new.get(id))
        told = _event(issued, before.name if before else "", sides, id in gone_before, places)
        if told is not None:
            found.append(msgspec.structs.replace(told, corrects=corrects.get(id, ())))
    return tuple(found)


def withdrawal_of(
    edition: Issued, institution: Named, *, reason: str, document_no: str, on: date
) -> Event:
    """The event of an entry that was lawfully withdrawn: the fact, the paper, not what it said."""
    paper = Cited(text=reason, document="", article="", document_no=document_no)
    return Event(
        kind="withdrawn",
        edition=edition,
        institution=institution,
        after=Side(withdrawn=True, since=on),
        reason=reason,
        references=(paper,) if document_no else (),
    )


def _issued(edition: Edition) -> Issued:
    manifest: Manifest = edition.manifest
    return Issued(
        name=edition.name,
        digest=edition.digest,
        label=manifest.label,
        organ=manifest.organ,
        previous=manifest.previous,
        cut_off=manifest.cut_off,
        released_on=manifest.released_on,
    )


def _event(
    issued: Issued,
    against: str,
    sides: tuple[Line | None, Line | None],
    was_withdrawn: bool,
    places: Mapping[str, str],
) -> Event | None:
    old, new = sides
    before = Side(withdrawn=True) if was_withdrawn else _side(old) if old else None
    after = _side(new) if new else None
    changed = tuple(_changed(before, after))
    one = new or old
    if one is None or not changed:
        return None
    reason, references = _why(old, new)
    return Event(
        kind="changed" if before and after else "added" if after else "removed",
        edition=issued,
        against=against,
        institution=Named(
            id=one.institution,
            name=one.name,
            code=one.code,
            jurisdiction=one.jurisdiction,
            jurisdiction_name=places.get(one.jurisdiction, ""),
        ),
        before=before,
        after=after,
        changed=changed,
        reason=reason,
        references=references,
    )


def _side(one: Line) -> Side:
    rating, listing = one.rating, one.listing
    return Side(
        status=rating.status,
        status_name=WORDS[rating.status],
        grade=one.grade,
        score=_number(rating.score),
        score_from=_number(rating.score_from),
        score_to=_number(rating.score_to),
        document_no=listing.document_no if listing else "",
        organ=listing.organ if listing else "",
        since=listing.effective_on if listing else None,
        until=listing.until if listing else None,
    )


def _changed(before: Side | None, after: Side | None) -> Iterator[str]:
    for name in Side.__struct_fields__:
        if name != "status_name":
            pair = [getattr(one, name) if one else None for one in (before, after)]
            if pair[0] != pair[1]:
                yield name


def _why(old: Line | None, new: Line | None) -> tuple[str, tuple[Cited, ...]]:
    """In a sentence and in its grounds: the list decision, what counts now, what no longer does."""
    if new is None:
        return "登记库里已没有这家机构", ()
    grounds = [*_decided(old, new), *_weighed(old, new), *_conditions(old, new)]
    rating = new.rating
    said = [one.text for one in grounds] or [
        rating.not_rated_because or nothing_against(rating.conditions)
    ]
    return "；".join(dict.fromkeys(part.rstrip("。") for part in said)), tuple(grounds)


def _decided(old: Line | None, new: Line) -> Iterator[Cited]:
    """The list decision, where it is what put the institution where it stands now."""
    listing = new.listing
    if listing is not None and (old is None or old.rating.listing != new.rating.listing):
        yield Cited(
            text=listing.reason,
            document="",
            article=listing.article,
            document_no=listing.document_no,
            record=listing.id,
        )


def _weighed(old: Line | None, new: Line) -> Iterator[Cited]:
    """The lines of the sum that came, went, or count otherwise."""
    was = {one.record: one for one in old.rating.reasons} if old else {}
    now = {one.record: one for one in new.rating.reasons}
    for record in sorted(was.keys() | now.keys()):
        before, after = was.get(record), now.get(record)
        if before == after:
            continue
        one = after or before
        if one is None:
            continue
        ended = after is None
        yield Cited(
            text=f"{one.title}（{'不再计算' if ended else '现计 ' + _number(one.points) + ' 分'}）",
            document=one.reference.document,
            article=one.reference.article,
            url=one.reference.url,
            record=record,
            points=_number(one.points),
            ended=ended,
        )


def _conditions(old: Line | None, new: Line) -> Iterator[Cited]:
    """The conditions of the white list that are newly failed, or newly met."""
    was = {one.code: one.met for one in old.rating.conditions} if old else {}
    for one in new.rating.conditions:
        if was.get(one.code, True) != one.met:
            yield Cited(
                text=one.sentence,
                document=one.reference.document,
                article=one.reference.article,
                url=one.reference.url,
                ended=one.met,
            )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def within(events: Iterable[Event], scope: str, what: str, ids: frozenset[str]) -> list[Event]:
    """The events a subscriber asked for; `ids` are those that a saved search finds."""
    if scope == "city":
        return list(events)
    if scope == "jurisdiction":
        return [one for one in events if one.institution.jurisdiction == what]
    wanted = ids if scope == "search" else frozenset({what})
    return [one for one in events if one.institution.id in wanted]
