"""What is pushed in one city: released editions and withdrawals become messages, and messages calls."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine
from sqlmodel import Session

from config.key_files import made_once
from config.month import CLOCK
from config.settings import Settings
from publisher.edition import Edition, read_edition
from publisher.events import Event, Issued, Named, events_of, withdrawal_of, within
from publisher.persons import public_name
from publisher.site.search import matching
from publisher.site.store import Store
from publisher.site.track import order
from registry import acts, queries
from registry.calling import Caller
from registry.database import reading, writing
from registry.errors import Conflict, NotFound
from registry.push import Sender
from registry.queries import EditionLine, SubscriptionLine, WithdrawnLine

log = logging.getLogger("xinyong.push")
SECRET = "push.key"  # noqa: S105 a file's name


class Told(Struct, frozen=True, kw_only=True):
    """One event and the instant at which it became known."""

    event: Event
    at: datetime


class Pushing:
    """The queue and the calls of one city; any number of nodes may run it."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.store = Store(settings.editions)
        caller = caller_of(settings, now)
        self.sender = Sender(
            engine=engine, call=caller.post, now=now, node=f"node-{secrets.token_hex(8)}"
        )

    def tick(self) -> None:
        """What this minute asks for."""
        self.run()

    def run(self) -> int:
        """Queues what is new and sends what is due; gives how many messages arrived."""
        self.queue()
        return self.sender.send_due()

    def queue(self) -> int:
        """Puts every released change and every withdrawal in the queues it belongs in; gives how many."""
        with reading(self.engine) as session:
            last = queries.last_withdrawal(session)
            rows = _released(session)
            newest = rows[-1].order if rows else ("", 0)
            behind = [
                one
                for one in queries.subscriptions(session)
                if one.state != "unverified"
                and (one.withdrawn_through < last or order(one.through) < newest)
            ]
            if not behind:
                return 0  # and so it is nearly every minute
            known = _Known.of(session)
        return sum(self._queue(line, known) for line in behind)

    def replay(self, id: str, since: str, by: acts.Actor) -> int:
        """Sends again everything from an edition on, under the same ids; gives how many messages."""
        with reading(self.engine) as session:
            line = queries.subscription(session, id)
            known = _Known.of(session)
        if since not in {one.name for one in known.editions}:
            raise NotFound("已发布的版次", since)
        from_on = self._whole(
            [one for one in known.editions if order(one.name) >= order(since)], known
        )
        if not from_on:
            raise Conflict(
                f"版次 {since} 的文件不齐或者被改动过，不能重新推送。请先用 verify 核对。"
            )
        start = from_on[0].released_at
        gone = [one for one in known.withdrawn if start is None or one.recorded_at >= start]
        messages = self._messages(line, from_on, gone, known)
        with writing(self.engine) as session:
            return acts.replay_push(session, id, messages, since, by=by, now=self.now())

    def _queue(self, line: SubscriptionLine, known: "_Known") -> int:
        fresh = self._whole(
            [one for one in known.editions if order(one.name) > order(line.through)], known
        )
        gone = [one for one in known.withdrawn if one.id > line.withdrawn_through]
        if not fresh and not gone:
            return 0
        since = acts.Queued(through=line.through, withdrawn_through=line.withdrawn_through)
        done = acts.Queued(
            through=fresh[-1].name if fresh else line.through,
            withdrawn_through=gone[-1].id if gone else line.withdrawn_through,
        )
        messages = self._messages(line, fresh, gone, known)
        with writing(self.engine) as session:
            return acts.queue_push(
                session, line.id, messages, done, since=since, by=CLOCK, now=self.now()
            )

    def _whole(self, rows: Sequence[EditionLine], known: "_Known") -> list[EditionLine]:
        """The editions up to the first whose folder is not as it was released: nothing is skipped over."""
        found = []
        for row in rows:
            if self._events(row, known) is None:
                log.error("%s 版的文件夹或者它的上一版不在或者不符，推送停在这里", row.name)
                break
            found.append(row)
        return found

    def _events(self, row: EditionLine, known: "_Known") -> tuple[Event, ...] | None:
        """What an edition changes, derived once however many are told of it; None where it cannot be."""
        name = row.name
        if name not in known.events:
            edition = _read(self.settings.editions / name, row.digest)
            if edition is None or row.released_at is None:
                return None
            before = known.before(edition.manifest.previous)
            last = _read(self.settings.editions / before.name, before.digest) if before else None
            if edition.manifest.previous and last is None:
                return None
            known.events[name] = events_of(last, edition, known.by_edition)
            known.previous[name] = last.name if last else ""
        return known.events[name]

    def _messages(
        self,
        line: SubscriptionLine,
        editions: Sequence[EditionLine],
        gone: Sequence[WithdrawnLine],
        known: "_Known",
    ) -> list[acts.Message]:
        found: list[Told] = []
        for row in editions:
            found += self._changes(line, row, known)
        found += self._withdrawals(line, gone)
        return [_message(one) for one in sorted(found, key=lambda one: (one.at, one.event.id))]

    def _changes(self, line: SubscriptionLine, row: EditionLine, known: "_Known") -> list[Told]:
        events, name = self._events(row, known) or (), row.name
        if row.released_at is None:
            return []
        ids = self._searched(line, name, known.previous.get(name, ""))
        kept = within(events, line.scope, line.what, ids)
        return [Told(event=one, at=row.released_at) for one in kept]

    def _withdrawals(self, line: SubscriptionLine, gone: Sequence[WithdrawnLine]) -> list[Told]:
        """Whoever was told of an entry is told of its withdrawal, and whoever asked for its institution."""
        if not gone:
            return []
        with reading(self.engine) as session:
            told = queries.told_of(session, line.id)
        found = []
        names = self.store.names()
        ids = self._searched(line, names[0] if names else "", "")
        for one in gone:
            event = withdrawal_of(
                Issued(name=one.edition, digest=one.digest),
                Named(
                    id=one.institution,
                    name=public_name(one.name, one.legal_form),
                    jurisdiction=one.jurisdiction,
                ),
                reason=one.reason,
                document_no=one.document_no,
                on=date.fromisoformat(one.on),
            )
            if one.institution in told or within([event], line.scope, line.what, ids):
                found.append(Told(event=event, at=one.recorded_at))
        return found

    def _searched(self, line: SubscriptionLine, *names: str) -> frozenset[str]:
        """Everyone whom the saved search finds in these editions: whoever comes, and whoever goes."""
        if line.scope != "search":
            return frozenset()
        there = set(self.store.names())
        found = [matching(self.store.edition(one), line.what) for one in names if one in there]
        return frozenset().union(*found)


class _Known(Struct, frozen=True, kw_only=True):
    """The released editions and the withdrawals in order, and what was derived from them in this pass."""

    editions: tuple[EditionLine, ...]
    withdrawn: tuple[WithdrawnLine, ...]
    events: dict[str, tuple[Event, ...]] = {}
    previous: dict[str, str] = {}

    @classmethod
    def of(cls, session: Session) -> "_Known":
        return cls(
            editions=tuple(_released(session)), withdrawn=tuple(queries.withdrawn_since(session))
        )

    @property
    def by_edition(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for one in self.withdrawn:
            found.setdefault(one.edition, set()).add(one.institution)
        return {name: frozenset(ids) for name, ids in found.items()}

    def before(self, digest: str) -> EditionLine | None:
        return next((one for one in self.editions if one.digest == digest), None)


def _released(session: Session) -> list[EditionLine]:
    """The released editions, the oldest first."""
    rows = [one for one in queries.editions(session) if one.state == "released"]
    return sorted(rows, key=lambda one: one.order)


def caller_of(settings: Settings, now: Callable[[], datetime]) -> Caller:
    """How subscribers are called in this city; the key of their secrets is made once, beside the others."""
    master = made_once(settings.keys, SECRET)
    return Caller(master=master, now=now, networks=settings.push_networks)


def _message(told: Told) -> acts.Message:
    event = told.event
    return acts.Message(
        event=event.id,
        kind=event.kind,
        edition=event.edition.name,
        against=event.against,
        institution=event.institution.id,
        happened_at=told.at,
        body=event.body(told.at),
    )


def _read(folder: Path, digest: str) -> Edition | None:
    try:
        edition = read_edition(folder)
    except (OSError, ValueError, msgspec.DecodeError):
        return None
    return edition if edition.digest == digest else None
