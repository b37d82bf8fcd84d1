"""Withdrawals of one city: a person's, by a paper, and those of the clock, when a term is over."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import chain

from msgspec import Struct
from sqlalchemy import Engine

from config.carrying import Done, Outcome, carry
from config.month import CLOCK
from config.over import folders, over, read_line, sheet
from config.progress import Report
from config.settings import Settings
from publisher.entry_lines import line_of
from publisher.gate.privacy import KINDS, OF_NUMBERS, personal
from publisher.release import require_exchange
from publisher.withdraw import WithdrawalRefused
from registry import acts, queries
from registry.database import leading, reading, writing
from registry.errors import NotAllowed
from registry.forms import WithdrawalForm
from scoring.hindsight import undone


class Asked(Struct, frozen=True, kw_only=True):
    """A person's withdrawal: whose entry, why, by which paper.

    From the editions named, or from every one that prints something undone.
    """

    institution: str
    reason: str
    document_no: str
    editions: tuple[str, ...] = ()


class Going(Struct, frozen=True, kw_only=True):
    """What goes from one edition: the sheet of its withdrawal, and what it prints that is undone."""

    form: WithdrawalForm
    undone: Collection[str]


class NothingToWithdraw(Exception):
    """No edition prints what is undone about an institution, or not the ones named."""


class Busy(Exception):
    """Another process publishes at this moment."""

    def __init__(self) -> None:
        super().__init__("另一个进程正在发布或者撤回，没有办理。请稍后再执行一次。")


class PersonalReason(Exception):
    """The reason of a withdrawal, or the number of its paper, holds personal data."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            f"撤回的理由和文号会公开，里面却有{'、'.join(found)}。请改写，不写个人信息后再办理。"
        )


def personal_in(settings: Settings, text: str, kinds: tuple[str, ...] = ()) -> list[str]:
    """What personal data a text that is to be published holds, masked; the numbers of offices are none."""
    found = personal(text, settings.gate.public_numbers, kinds)
    return [f"{KINDS[one.kind]}（{one.masked}）" for one in found]


def unseen(*_: object) -> None:
    """Progress that nobody looks at."""


def withdraw(
    engine: Engine,
    settings: Settings,
    asked: Asked,
    *,
    by: acts.Actor,
    now: datetime,
    report: Report = unseen,
) -> Outcome:
    """Withdraws an institution's entry from released editions: first on record, then from their files.

    Only where another person undid all that goes: what nobody undid is asked for by one and agreed to by
    another at the desk. Repeating it finishes what a crash left. Raises NothingToWithdraw, Busy, NoExchange,
    and what the registry raises of an act; PersonalReason, for the reason stands in public.
    """
    found = personal_in(settings, asked.reason)
    if found := [*found, *personal_in(settings, asked.document_no, OF_NUMBERS)]:
        raise PersonalReason(found)
    with leading(engine) as mine:
        if not mine:
            raise Busy
        going = list(going_of(engine, settings, asked, now.astimezone(settings.zone).date()))
        others = undone_by(engine, [one.undone for one in going])
        if going and acts.Ground(seen="", undone_by=others).needs_another(by.account):
            raise NotAllowed(
                f"{asked.institution} 要撤回的条目里，没有由别人撤销的记录，不能由 {by.account} 一个人撤回。"
                "请在工作台“撤回”里呈请，由另一人核对后同意。"
            )
        require_exchange(settings.editions)
        with writing(engine) as session:
            for one in going:
                acts.withdraw_entry(session, one.form, by=by, now=now)
        return carry(engine, settings, by, now, report)


def withdraw_due(
    engine: Engine,
    settings: Settings,
    now: datetime,
    report: Report = unseen,
    *,
    prints: bool = True,
) -> list[Done]:
    """Finishes begun withdrawals and withdraws what may be shown no longer; gives the editions made anew.

    For the daily run, as the schedule. Raises WithdrawalRefused where another process publishes at this
    moment, and with every edition that could not be done, after all that could be was; MustPrint where an
    edition is to be made anew by a process that `prints`, and all is on record.
    """
    with leading(engine) as mine:
        if not mine:
            raise WithdrawalRefused(str(Busy()))
        if not folders(settings.editions):
            return []
        today = now.astimezone(settings.zone).date()
        forms = list(over(engine, settings.editions, today))
        if forms:
            require_exchange(settings.editions)
            with writing(engine) as session:
                for form in forms:
                    acts.withdraw_entry(session, form, by=CLOCK, now=now)
        found = carry(engine, settings, CLOCK, now, report, prints=prints)
    if found.failed:
        raise WithdrawalRefused("；".join(one.why for one in found.failed))
    return list(found.done)


def going_of(engine: Engine, settings: Settings, asked: Asked, today: date) -> Iterator[Going]:
    """What is to be put on record, edition by edition; raises NothingToWithdraw."""
    with reading(engine) as session:
        kept = queries.kept_of(session, today).get(asked.institution, asked.institution)
        facts = queries.facts_of(session, kept, today)
        released = {one.name for one in queries.editions(session) if one.state == "released"}
        rows = queries.withdrawals(session)
    if strange := [one for one in asked.editions if one not in released]:
        raise NothingToWithdraw(
            f"没有发布过版次“{'、'.join(strange)}”。请用 --edition 写已发布的版次。"
        )
    before = {one.name for one in rows if one.institution == asked.institution}
    void = {one.record for one in undone(facts, today)}
    found = 0
    for folder in folders(settings.editions):
        if folder.name not in (asked.editions or released) or folder.name not in released:
            continue
        raw = line_of(folder, asked.institution)
        line = read_line(raw) if raw else None
        if line is not None and (asked.editions or line.records & void):
            found += 1
            said = {"reason": asked.reason, "document_no": asked.document_no}
            gone = line.records & void
            yield Going(form=sheet(folder.name, line, today, gone, **said), undone=gone)
    if not found and not before & (set(asked.editions) or before):
        what = "的条目" if asked.editions else "已被撤销的记录"
        where = "、".join(asked.editions) or "已发布的各版"
        raise NothingToWithdraw(
            f"{where}没有列出 {asked.institution} {what}，没有可撤回的。"
            "请先撤销记录，或者用 --edition 指明要撤回的版次。"
        )


def undone_by(engine: Engine, undone: Sequence[Collection[str]]) -> tuple[str, ...]:
    """Who undid what goes, given what each edition prints undone; nobody where one prints nothing undone."""
    if not all(undone):
        return ()
    with reading(engine) as session:
        last = (queries.matter(session, one).steps[-1] for one in sorted({*chain(*undone)}))
        return tuple(sorted({one.recorded_by for one in last}))
