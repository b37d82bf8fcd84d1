"""Withdrawals of one city as its desk uses them: what editions print, what goes, and the work in the background."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from config.bounded import TookTooLong, WorkFailed, within
from config.carrying import carry
from config.month import CLOCK
from config.over import Printed as Line
from config.over import ended, folders, read_line
from config.register import opened_register
from config.settings import Settings
from config.withdrawing import (
    Asked,
    NothingToWithdraw,
    going_of,
    personal_in,
    undone_by,
    unseen,
)
from publisher.edition import Manifest, Tombstone, leaf
from publisher.entry_lines import line_of
from publisher.gate.privacy import OF_NUMBERS
from publisher.listed import Listed
from publisher.pages.gone import gone_sentence
from publisher.pages.words import stood
from publisher.release import NoExchange, require_exchange
from publisher.removals import Removal, told_until
from registry import acts, queries
from registry.access import Actor
from registry.calendar import load_calendar
from registry.database import leading, reading, writing
from registry.errors import Conflict, NotFound, Problem
from registry.faces.withdrawing import Ended, Preview, Printed, PrintedRecord, Withdrawing
from registry.forms import WithdrawalRequestForm
from registry.ledger import next_number
from registry.queries import WithdrawalRequestLine
from scoring import Policy, load_policy
from scoring.canonical import canonical
from scoring.hindsight import undone

LISTS = {"black": "列入黑名单", "watch": "列入重点关注名单"}
TERM = 3  # working days, 行政处罚法 第四十八条
# What no withdrawal touches; of the papers and pages of lists, those of other districts.
FIXED = ("edition.json", "edition.json.sig", "policy.toml", "corrections.json", "corrections.pdf")
DRESS = ("look.css", "print.css", "mark.svg", "bureau-paper.crt")


class Recalls:
    """What stands behind the desk's pages of withdrawals."""

    def __init__(self, settings: Settings, engine: Engine, now: Callable[[], datetime]) -> None:
        self.settings, self.engine, self.now = settings, engine, now
        self._ended: tuple[object, tuple[Ended, ...]] = (None, ())
        self._working = threading.Lock()

    def printed(self, institution: str, now: datetime) -> tuple[Printed, ...]:
        """What the released editions print of an institution, the newest first."""
        today = now.astimezone(self.settings.zone).date()
        with reading(self.engine) as session:
            released = {one.name for one in queries.editions(session) if one.state == "released"}
            facts = queries.facts_of(session, institution, today)
        void = {one.record for one in undone(facts, today)}
        found = [
            _printed(folder, raw, void)
            for folder in reversed(folders(self.settings.editions))
            if folder.name in released and (raw := line_of(folder, institution))
        ]
        return tuple(found)

    def problems(self, form: WithdrawalRequestForm, now: datetime) -> tuple[Problem, ...]:
        """Everything that is wrong with a request, field by field."""
        try:
            printed = {one.edition: one for one in self.printed(form.institution, now)}
        except NotFound:
            remedy = "登记册里没有这个编号，请核对"
            unknown = _problem("institution", "机构编号", form.institution, remedy)
            return (unknown, *self._personal(form))
        found = list(self._personal(form))
        strange = [one for one in form.editions if one not in printed]
        if strange:
            remedy = "这一版没有发布过，或者没有列出这家机构，请从所列的版次里选"
            found.append(_problem("editions", "撤回的版次", "、".join(strange), remedy))
        titles = {
            record.title
            for name in form.editions
            for record in (printed[name].records if name in printed else ())
            if len(record.title) > 3
        }
        told = sorted(one for one in titles if one in form.reason)
        if told:
            remedy = "撤回的理由会公开，不写原来的违法事实，请改写"
            found.append(_problem("reason", "撤回理由", told[0], remedy))
        return tuple(found)

    def _personal(self, form: WithdrawalRequestForm) -> Iterator[Problem]:
        for field, label, text, kinds in (
            ("reason", "撤回理由", form.reason, ()),
            ("document_no", "文号", form.document_no, OF_NUMBERS),
            ("organ", "作出撤回依据的机关", form.organ, ()),
        ):
            for said in personal_in(self.settings, text, kinds):
                yield _problem(field, label, said, "会公开，请改写，不写个人信息")

    def preview(self, line: WithdrawalRequestLine, now: datetime) -> Preview:
        """What agreeing to a request would do today."""
        today = now.astimezone(self.settings.zone).date()
        shown = [one for one in self.printed(line.institution, now) if one.edition in line.editions]
        grave = Tombstone(hash=shown[0].leaf if shown else "0" * 64, on=today, reason=line.reason)
        removal = self._removal(line, today)
        said = (line.institution, line.reason, line.document_no, line.organ, today.isoformat())
        gone = [f"{one.edition} {one.leaf}" for one in shown]
        return Preview(
            seen=sha256("\n".join((*said, *gone)).encode()).hexdigest(),
            sentence=gone_sentence(removal),
            tombstone=canonical(grave).decode(),
            undone_by=undone_by(self.engine, [one.undone for one in shown]),
            editions=tuple(shown),
        )

    def _removal(self, line: WithdrawalRequestLine, today: date) -> Removal:
        return Removal(
            institution=line.institution,
            name=line.name,
            jurisdiction="",
            listed="record",
            how="withdrawn",
            on=today,
            until=told_until(today),
            reason=line.reason,
        )

    def confirm(self, id: int, seen: str, by: Actor, now: datetime) -> None:
        """Agrees to what was seen and begins the work; agreed to already, it only goes on."""
        with reading(self.engine) as session:
            rows = queries.withdrawal_requests(session, id=id)
        if not rows:
            raise NotFound("撤回", str(id))
        (line,) = rows
        if line.state == "declined":
            raise Conflict(f"第 {id} 号撤回已经不同意，没有撤回。需要的请另行呈请。")
        if line.state == "asked":
            self._confirm(line, seen, by, now)
        self.begin()

    def _confirm(self, line: WithdrawalRequestLine, seen: str, by: Actor, now: datetime) -> None:
        preview = self.preview(line, now)
        if preview.seen != seen:
            raise Conflict(
                f"第 {line.id} 号撤回在您查看之后有变动，没有撤回。请重新核对下面的内容。"
            )
        today = now.astimezone(self.settings.zone).date()
        asked = Asked(
            institution=line.institution,
            reason=line.reason,
            document_no=line.document_no,
            editions=line.editions,
        )
        try:
            going = going_of(self.engine, self.settings, asked, today)
            forms = [one.form for one in going]
            require_exchange(self.settings.editions)
        except (NothingToWithdraw, NoExchange) as refused:
            raise Conflict(str(refused)) from None
        ground = acts.Ground(seen=preview.seen, undone_by=preview.undone_by)
        with writing(self.engine) as session:
            acts.confirm_withdrawal(session, line.id, forms, ground, by=by, now=now)

    def showing(self, line: WithdrawalRequestLine) -> tuple[str, ...]:
        """The editions of a request that still show the entry."""
        found = {one.name: one for one in folders(self.settings.editions)}
        return tuple(
            name
            for name in line.editions
            if name not in found or line_of(found[name], line.institution)
        )

    def ended(self, now: datetime) -> tuple[Ended, ...]:
        """What the day's run will withdraw by itself; looked for again when anything was recorded."""
        today = now.astimezone(self.settings.zone).date()
        with reading(self.engine) as session:
            key = (today, next_number(session))
        if self._ended[0] != key:
            self._ended = (key, tuple(self._find_ended(today)))
        return self._ended[1]

    def _find_ended(self, today: date) -> Iterator[Ended]:
        calendar = load_calendar(self.settings.holidays)
        found: dict[tuple[str, str], list[tuple[str, date | None]]] = {}
        for form, since in ended(self.engine, self.settings.editions, today):
            name = f"{form.period}.{form.number}" if form.number else form.period
            found.setdefault((form.institution, form.reason), []).append((name, since))
        for (institution, reason), own in sorted(found.items()):
            days = [since for _, since in own if since]
            since = min(days, default=None)
            yield Ended(
                institution=institution,
                reason=reason,
                editions=tuple(name for name, _ in own),
                since=since,
                due_on=calendar.after(since or today, TERM),
            )

    def begin(self) -> None:
        """Goes on with what was agreed to; one pass at a time in this process."""
        threading.Thread(target=self._work, name="withdrawals", daemon=True).start()

    def _work(self) -> None:
        with self._working:
            if not waiting(self.engine):
                return
            seconds = self.settings.publication.minutes * 60
            try:
                within(seconds, "撤回", carry_now, self.settings, self.now())
            except (TookTooLong, WorkFailed) as wrong:
                tell_trouble(self.engine, str(wrong), self.now())


def withdrawing_of(settings: Settings, engine: Engine, now: Callable[[], datetime]) -> Withdrawing:
    """What the desk may ask of the withdrawals of this city."""
    made = Recalls(settings, engine, now)
    return Withdrawing(
        printed=made.printed,
        problems=made.problems,
        preview=made.preview,
        confirm=made.confirm,
        showing=made.showing,
        ended=made.ended,
        begin=made.begin,
    )


def waiting(engine: Engine) -> list[WithdrawalRequestLine]:
    """What was agreed to and is not finished."""
    with reading(engine) as session:
        return queries.withdrawal_requests(session, states=("confirmed",))


def carry_now(settings: Settings, now: datetime) -> None:
    """Carries out what was agreed to, in a process of its own."""
    with opened_register(settings) as engine:
        carry_waiting(engine, settings, now)


def carry_waiting(engine: Engine, settings: Settings, now: datetime) -> None:
    """Finishes what was agreed to, after a crash too; nothing where another process publishes."""
    if not waiting(engine):
        return
    with leading(engine) as mine:
        if mine:
            carry(engine, settings, CLOCK, now, unseen)


def tell_trouble(engine: Engine, trouble: str, now: datetime) -> None:
    """Notes beside each request that is not finished what keeps it from it."""
    with writing(engine) as session:
        for one in queries.withdrawal_requests(session, states=("confirmed",)):
            acts.finish_withdrawal(session, one.id, trouble, by=CLOCK, now=now)


def _printed(folder: Path, raw: bytes, void: set[str]) -> Printed:
    line = read_line(raw)
    listed = msgspec.json.decode(raw, type=Listed)
    manifest = msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)
    policy = load_policy((folder / "policy.toml").read_bytes())
    made, kept = _files(folder, listed.jurisdiction)
    return Printed(
        edition=folder.name,
        label=manifest.label,
        standing=stood(f"{listed.rating.status} {listed.rating.grade}".strip(), policy.unrated),
        records=tuple(_records(line, policy, void)),
        leaf=leaf(raw).hex(),
        made=made,
        kept=kept,
    )


def _records(line: Line, policy: Policy, void: set[str]) -> Iterator[PrintedRecord]:
    for one in line.facts.records:
        indicator = policy.by_code.get(one.code)
        title = indicator.title if indicator else one.code
        yield PrintedRecord(id=one.id, title=title, undone=one.id in void)
    for listing in line.facts.listings:
        title = f"{LISTS.get(listing.list, listing.list)}（{listing.document_no}）"
        yield PrintedRecord(id=listing.id, title=title, undone=listing.id in void)


def _files(folder: Path, place: str) -> tuple[tuple[str, ...], int]:
    """The files that name the institution or count it, and how many do neither."""
    names = sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file())
    made = tuple(one for one in names if not _stays(one, place))
    return made, len(names) - len(made)


def _stays(name: str, place: str) -> bool:
    if name in FIXED or name in DRESS:
        return True
    file = Path(name)
    parted = file.parent.name in ("pdf", "lists") and "-" in file.stem
    return parted and file.stem.partition("-")[2] != place


def _problem(field: str, label: str, value: str, remedy: str) -> Problem:
    return Problem(field=field, label=f"“{label}”", value=value, remedy=remedy)
