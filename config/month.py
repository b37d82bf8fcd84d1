"""One city's editions: from its settings to the publisher's prepare, approve and release."""

from collections.abc import Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct
from sqlalchemy import Engine

from config.freezing import (
    Dates,
    NoSupplement,
    end_of,
    frozen,
    issue_of,
    moment_of,
    month_dates,
    supplement_of,
)
from config.key_files import require_kept
from config.naming import WrongPeriod, day_before, named
from config.register import actor_of
from config.settings import Settings
from config.white_losses import tell_losses_of
from publisher.announcement import render_announcement
from publisher.browse import render_browse
from publisher.changes import Change, render_changes
from publisher.correction_paper import render_corrections
from publisher.data import render_csv, render_json
from publisher.described import render_csvw, render_data_package
from publisher.edition import Edition
from publisher.feed import render_feed
from publisher.figures import render_figures
from publisher.gate import (
    Bounds,
    SignatureLapsed,
    changed_since,
    drafted,
    lies_there,
    prepare,
    publish,
    row_of,
)
from publisher.kept import Kept
from publisher.linked import render_linked
from publisher.lookup import render_lookup
from publisher.pages.render import render_pages
from publisher.paper_key import create_paper_key
from publisher.paper_signing import Signing, paper_signer
from publisher.pdf import render_pdf
from publisher.release import ReleaseRefused, Renderer, switch_forward
from publisher.schedule import due, late
from publisher.signing import create_key
from registry import acts, queries
from registry.calendar import load_calendar
from registry.database import leading, reading, writing
from registry.drafts import Draft
from registry.errors import Conflict

__all__ = ["Dates", "NoSupplement", "WrongPeriod", "frozen", "issue_of", "moment_of"]
CLOCK = acts.Actor(account="schedule", role="publisher", name="定时发布")
Report = Callable[[str, int, int], None]


def quiet(_: str, __: int, ___: int) -> None:
    """Reports nothing."""


class Again(NamedTuple):
    """An edition that is made again: what of it may stay, and who prints its papers."""

    kept: Kept
    pool: Executor


def renderers(
    settings: Settings, at: datetime, *, papers: bool = True, again: Again | None = None
) -> tuple[Renderer, ...]:
    """What writes an edition's files, its papers signed as of an instant; the papers take longest.

    Made `again`, it takes over what says nothing of what changed.
    """
    kept = again.kept if again else None
    data: tuple[Renderer, ...] = (
        render_csv,
        render_data_package,  # it tells the digest of the list that lies there
        render_csvw,
        render_json,
        render_changes,
        render_feed,
        render_linked,
        partial(render_lookup, kept=kept) if kept else render_lookup,
        render_browse,
        render_figures,
    )
    signing = Signing(keys=settings.keys, at=at, authority=settings.city.time_stamps)
    # The signatures come after every paper, and the pages last: they link to the papers that are there.
    lists: Renderer = partial(render_pdf, kept=kept, pool=again.pool) if again else render_pdf
    notices: Renderer = partial(render_corrections, kept=kept) if kept else render_corrections
    pages: Renderer = partial(render_pages, kept=kept) if kept else render_pages
    told: Renderer = partial(render_announcement, kept=kept) if kept else render_announcement
    printed = (lists, told, notices, paper_signer(signing, kept))
    return (*data, *(printed if papers else ()), pages)


class Planned(Struct, frozen=True, kw_only=True):
    """An edition as it was frozen, with what it changes and what is doubted of it."""

    edition: Edition
    draft: Draft


def plan(
    engine: Engine,
    settings: Settings,
    name: str,
    now: datetime,
    *,
    supplement: bool = False,
    report: Report = quiet,
) -> Planned:
    """What an edition would be if it was prepared now; nothing is kept."""
    edition = _fresh(engine, settings, name, now, supplement=supplement, report=report)
    report("核对", 0, 1)
    draft, _ = drafted(engine, edition, settings.editions, bounds_of(settings))
    report("核对", 1, 1)
    return Planned(edition=edition, draft=draft)


def prepare_month(  # noqa: PLR0913 which edition, by whom, and whom it reports to
    engine: Engine,
    settings: Settings,
    period: str,
    *,
    by: str,
    now: datetime,
    supplement: bool = False,
    report: Report = quiet,
) -> tuple[Edition, tuple[Change, ...]]:
    """Puts an edition before the second person, with what it changes."""
    actor = actor_of(engine, by, now)
    return prepare_edition(
        engine, settings, period, by=actor, now=now, supplement=supplement, report=report
    )


def prepare_edition(  # noqa: PLR0913 which edition, by whom, and whom it reports to
    engine: Engine,
    settings: Settings,
    period: str,
    *,
    by: acts.Actor,
    now: datetime,
    supplement: bool = False,
    report: Report = quiet,
) -> tuple[Edition, tuple[Change, ...]]:
    """The same, by whoever is known already."""
    if not supplement:
        _require_not_out(engine, *named(period))
        _require_over(settings, named(period)[0], now)
    edition = _fresh(engine, settings, period, now, supplement=supplement, report=report)
    report("核对", 0, 1)
    changed = prepare(engine, edition, settings.editions, bounds_of(settings), by=by, now=now)
    tell_losses_of(engine, settings, edition, changed, by, now)
    report("核对", 1, 1)
    return edition, changed


def _require_not_out(engine: Engine, period: str, number: int) -> None:
    """What is out is not frozen again only to be refused."""
    row = row_of(engine, period, number)
    if row is not None and row.state == "released":
        raise Conflict(f"{row.name} 已经发布，不能改动。需要更正时请拟制补充版次。")


def _require_over(settings: Settings, period: str, now: datetime) -> None:
    """A month's edition counts to the end of the month before, which is over."""
    cut_off = day_before(period)
    # The play city's story has days of its own.
    if not settings.fictional and now < end_of(cut_off, settings.zone):
        raise Conflict(
            f"{period} 版的数据截至 {cut_off} 24 时，那时还没有到。请在 {cut_off} 以后拟制；只想看看的，"
            f"请执行 xinyong prepare {period} --dry-run。"
        )


def _fresh(
    engine: Engine,
    settings: Settings,
    name: str,
    now: datetime,
    *,
    supplement: bool,
    report: Report,
) -> Edition:
    """An edition frozen anew; where its day has gone by, and a supplementary one, with today's date."""
    period, number = named(name)
    if supplement or number:
        name, dates = supplement_of(engine, settings, period, now, number)
    else:
        dates = month_dates(settings, period, now)
    report("定格", 0, 1)
    edition = frozen(engine, settings, name, dates)
    report("定格", 1, 1)
    return edition


def bounds_of(settings: Settings) -> Bounds:
    """What a machine lets pass in this city."""
    return settings.gate


def approve_month(
    engine: Engine, settings: Settings, period: str, *, by: str, now: datetime, unheard: str = ""
) -> Edition:
    """Signs an edition as the register stands now, if it is what was prepared; else what was prepared lapses."""
    actor = actor_of(engine, by, now)
    return sign_edition(engine, settings, period, by=actor, now=now, unheard=unheard)


def sign_edition(  # noqa: PLR0913 what, by whom, as it was seen, and why without hearing somebody
    engine: Engine,
    settings: Settings,
    name: str,
    *,
    by: acts.Actor,
    now: datetime,
    seen: str = "",
    unheard: str = "",
) -> Edition:
    """Signs what was seen, which is what was prepared and still is; raises SignatureLapsed where it is not.

    Where somebody leaves the white list who has not been heard, `unheard` says why it cannot wait; without
    it raises FormRefused.
    """
    period, number = named(name)
    row = row_of(engine, period, number)
    edition = frozen(engine, settings, name)
    if row is not None and row.state == "prepared" and (not seen or seen == row.digest):
        _require_today(engine, settings, row, now)
        _require_same(engine, settings, row, edition, now)
    with writing(engine) as session:
        acts.approve_edition(session, period, number, seen or edition.digest, by=by, now=now)
        draft = queries.edition_draft(session, period, number)
        calendar = load_calendar(settings.holidays)
        acts.hasten_losses(session, draft, unheard, by=by, now=now, calendar=calendar)
    return edition


def _require_today(
    engine: Engine, settings: Settings, row: queries.EditionLine, now: datetime
) -> None:
    """What is signed after its day would say that it had been published on that day."""
    today = now.astimezone(settings.zone).date()
    if row.released_on is not None and row.released_on < today:
        why = f"写的发布日 {row.released_on} 已经过去，重新拟制就写今天"
        _refuse(engine, row, why, now)


def _require_same(
    engine: Engine, settings: Settings, row: queries.EditionLine, edition: Edition, now: datetime
) -> None:
    draft, _ = drafted(engine, edition, settings.editions, bounds_of(settings))
    if why := changed_since(row, edition, draft):
        _refuse(engine, row, why, now)


def _refuse(engine: Engine, row: queries.EditionLine, why: str, now: datetime) -> None:
    """What was prepared anew since the row was read is not refused here: whoever signs has not seen it."""
    if lapse(engine, row, why, now):
        raise SignatureLapsed(row.name, why)


def lapse(engine: Engine, row: queries.EditionLine, why: str, now: datetime) -> bool:
    """Writes down that what was prepared or signed is no longer the same, and tells who publishes."""
    with writing(engine) as session:
        return acts.lapse_edition(session, row, why, by=CLOCK, now=now)


def release_month(
    engine: Engine,
    settings: Settings,
    period: str,
    *,
    by: str,
    now: datetime,
    report: Report = quiet,
) -> Path:
    """Releases an edition as it was signed; gives its folder."""
    return released(engine, settings, period, actor_of(engine, by, now), now, report)


def release_due(
    engine: Engine, settings: Settings, now: datetime, report: Report = quiet
) -> list[str]:
    """Releases what is signed and due; gives the names. Raises what keeps one from its release."""
    wanted = names_due(engine, settings, now)
    if wanted and not can_lead(engine):
        return []  # another node is at it
    for name in wanted:
        released(engine, settings, name, CLOCK, now, report)
    return wanted


def names_due(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """The editions that are signed and whose hour has come."""
    with reading(engine) as session:
        lines = queries.editions(session)
    return due(now, lines, lambda period: moment_of(settings, period))


def alarm(engine: Engine, settings: Settings, now: datetime) -> str:
    """What is late about this month's edition, or the last's as long as none is out since; empty when nothing is."""
    with reading(engine) as session:
        lines = queries.editions(session)
    this = f"{now.astimezone(settings.zone):%Y-%m}"
    last = f"{day_before(this):%Y-%m}"
    # A city that began this month owes nothing for the last; whoever has released this one is past it.
    owes = any(one.period <= last for one in lines)
    past = any(one.period == this and one.state == "released" for one in lines)
    asked = (last, this) if owes and not past else (this,)
    said = (late(now, lines, one, lambda period: moment_of(settings, period)) for one in asked)
    return "".join(said)


def can_lead(engine: Engine) -> bool:
    """Whether no other process publishes at this moment."""
    with leading(engine) as mine:
        return mine


def released(
    engine: Engine,
    settings: Settings,
    name: str,
    by: acts.Actor,
    now: datetime,
    report: Report = quiet,
) -> Path:
    """Releases one edition while no other process does; what was begun before a crash is finished."""
    period, number = named(name)
    with leading(engine) as mine:
        if not mine:
            raise ReleaseRefused("另一个进程正在发布名单，请稍后再试。")
        row = row_of(engine, period, number)
        folder = settings.editions / name
        if row and row.state in ("approved", "released") and lies_there(folder, row.digest):
            return _finished(engine, settings, row, by, now)
        require_kept(settings, "bureau.key")
        create_key(settings.keys)
        create_paper_key(settings.keys, settings.organ, now.date())
        report("定格", 0, 1)
        edition = frozen(engine, settings, name)
        report("定格", 1, 1)
        try:
            return publish(
                engine,
                edition,
                settings.data,
                _reported(renderers(settings, now), report),
                by=by,
                now=now,
                bounds=bounds_of(settings),
            )
        except SignatureLapsed as lapsed:
            if row is not None:
                lapse(engine, row, lapsed.why, now)
            raise


def _finished(
    engine: Engine, settings: Settings, row: queries.EditionLine, by: acts.Actor, now: datetime
) -> Path:
    """What lies there was checked before it was put there; what is left is to show it and to say so."""
    folder = settings.editions / row.name
    switch_forward(folder)
    if row.state == "approved":
        with writing(engine) as session:
            acts.release_edition(session, row.period, row.number, by=by, now=now)
    return folder


def _reported(found: tuple[Renderer, ...], report: Report) -> tuple[Renderer, ...]:
    """The same renderers, each of which says when it is done."""

    def told(render: Renderer, done: int) -> Renderer:
        def run(edition: Edition, folder: Path) -> None:
            render(edition, folder)
            report("制作各种文件", done, len(found))

        return run

    report("制作各种文件", 0, len(found))
    return tuple(told(render, done) for done, render in enumerate(found, 1))
