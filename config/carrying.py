"""Withdrawals on record are carried into the editions' files, and the duties met by it are closed."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from config.month import Again, renderers
from config.over import folders, read_line
from config.progress import Report
from config.settings import Settings
from publisher.edition import Manifest, tombstones_in
from publisher.kept import Kept
from publisher.paper_key import create_paper_key
from publisher.pdf import printers
from publisher.release import ReleaseRefused, Renderer, sweep
from publisher.removals import read_removals
from publisher.withdraw import WithdrawalRefused, Withdrawn, bury, is_stale, shown_of
from registry import acts, queries
from registry.database import reading, writing


class Done(Struct, frozen=True, kw_only=True):
    """One edition that was made anew: whose entries it no longer shows."""

    edition: str
    institutions: tuple[str, ...]


class Failed(Struct, frozen=True, kw_only=True):
    """One edition from which what is on record could not yet be withdrawn, and why."""

    edition: str
    why: str


class Outcome(Struct, frozen=True, kw_only=True):
    """What was carried out, what is still to do, and which duties are met by it."""

    done: tuple[Done, ...] = ()
    failed: tuple[Failed, ...] = ()
    closed: tuple[str, ...] = ()


class MustPrint(Exception):
    """There is an edition to be made anew, by a process that may print."""


def carry(
    engine: Engine,
    settings: Settings,
    by: acts.Actor,
    now: datetime,
    report: Report,
    *,
    prints: bool = True,
) -> Outcome:
    """Carries everything on record into the folders, the oldest edition first; by whoever leads alone.

    A process that `prints` nothing does all that needs no printing, or raises MustPrint and changes nothing.
    """
    sweep(settings.editions)
    create_paper_key(settings.keys, settings.organ, now.date())
    # Read first: what is agreed to later is on record later.
    with reading(engine) as session:
        asked = queries.withdrawal_requests(session, states=("confirmed",))
    gone, released = _on_record(engine)
    found = {one.name: one for one in folders(settings.editions)}
    wanted = [one for name, one in found.items() if name in released]
    with printers() as pool:
        work = _Work(settings, now, pool if prints else None)
        for name in sorted(gone.keys() - found.keys()):
            why = f"{name} 有撤回的登记，却没有它的文件夹。请从备份恢复这一版后再执行一次。"
            work.failed.append(Failed(edition=name, why=why))
        for number, folder in enumerate(wanted, 1):
            report("撤下条目，重新生成各版", number, len(wanted))
            work.on(folder, gone.get(folder.name, {}))
    closed = _close(engine, wanted, by, now)
    failing = {one.edition: one.why for one in work.failed}
    _finish_requests(engine, asked, failing, by, now)
    return Outcome(done=tuple(work.done), failed=tuple(work.failed), closed=tuple(closed))


def _on_record(engine: Engine) -> tuple[dict[str, dict[str, Withdrawn]], set[str]]:
    """Every withdrawal by edition and institution, and the names of the released editions."""
    gone: dict[str, dict[str, Withdrawn]] = {}
    with reading(engine) as session:
        for row in queries.withdrawals(session):
            value = msgspec.convert(row, Withdrawn, from_attributes=True)
            gone.setdefault(row.name, {}).setdefault(row.institution, value)
        released = {one.name for one in queries.editions(session) if one.state == "released"}
    return gone, released


class _Work:
    """One edition after another: what is withdrawn from one is told no longer by the next."""

    def __init__(self, settings: Settings, now: datetime, pool: Executor | None) -> None:
        self.settings, self.now, self.pool = settings, now, pool
        self.today = now.astimezone(settings.zone).date()
        self.done: list[Done] = []
        self.failed: list[Failed] = []
        self.with_tombstones: dict[str, Path] = {}

    def on(self, folder: Path, gone: dict[str, Withdrawn]) -> None:
        """Makes an edition anew if there is anything to do; what keeps it from it is noted."""
        try:
            shown = shown_of(folder, gone)
            todo = bool(shown) or self._may_be_stale(folder)
            if todo and bury(folder, self.settings.keys, gone, self.today, self._renderers):
                self.done.append(Done(edition=folder.name, institutions=tuple(sorted(shown))))
            self._note(folder)
        except (WithdrawalRefused, ReleaseRefused) as refused:
            self.failed.append(Failed(edition=folder.name, why=str(refused)))

    def _renderers(self, kept: Kept) -> Iterable[Renderer]:
        """What made the folder's files: an edition that had no papers gets none."""
        if self.pool is None:
            raise MustPrint
        papers = (kept.folder / "white.pdf").exists()
        again = Again(kept=kept, pool=self.pool)
        return renderers(self.settings, self.now, papers=papers, again=again)

    def _may_be_stale(self, folder: Path) -> bool:
        raw = (folder / "edition.json").read_bytes()
        previous = msgspec.json.decode(raw, type=Manifest).previous
        lapsed = any(one.until < self.today for one in read_removals(folder))
        if lapsed or previous not in self.with_tombstones:
            return lapsed
        try:
            return is_stale(folder, self.with_tombstones[previous])
        except (OSError, ValueError, msgspec.DecodeError):
            return True  # whoever makes it anew refuses it, and says why

    def _note(self, folder: Path) -> None:
        if tombstones_in(folder):
            self.with_tombstones[digest_of(folder)] = folder


def _finish_requests(
    engine: Engine,
    rows: Sequence[queries.WithdrawalRequestLine],
    failed: Mapping[str, str],
    by: acts.Actor,
    now: datetime,
) -> None:
    """Whatever was agreed to at the desk is finished, unless an edition of it could not be done."""
    if not rows:
        return
    with writing(engine) as session:
        for row in rows:
            trouble = "；".join(failed[name] for name in row.editions if name in failed)
            acts.finish_withdrawal(session, row.id, trouble, by=by, now=now)


def digest_of(folder: Path) -> str:
    """The digest of an edition."""
    return sha256((folder / "edition.json").read_bytes()).hexdigest()


def _close(engine: Engine, wanted: list[Path], by: acts.Actor, now: datetime) -> list[str]:
    """Closes every duty to withdraw that the folders show to be met; gives the matters."""
    with reading(engine) as session:
        owing = acts.owing_institutions(session)
        kept = queries.kept_of(session, now.date()) if owing else {}
    if not owing:
        return []
    # One and the same record may be printed of a second registration and of the one that is kept.
    kin = {one: kept.get(one, one) for one in {*owing, *kept}}
    wanted_of = {kin[one] for one in owing}
    asked = sorted({one for one, own in kin.items() if own in wanted_of} | wanted_of)
    printed: dict[str, set[str]] = {one: set() for one in wanted_of}
    for folder in wanted:
        for institution, line in shown_of(folder, asked).items():
            printed[kin.get(institution, institution)] |= read_line(line).records
    closed = []
    with writing(engine) as session:
        for institution in owing:
            records = printed[kin[institution]]
            closed += acts.recall_done(session, institution, records, by=by, now=now)
    return closed
