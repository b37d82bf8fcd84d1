"""One city's editions as values: which there are, and what the register makes of each."""

from datetime import date, datetime, time, timedelta, tzinfo
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine
from sqlmodel import Session

from config.correcting import with_corrections
from config.days_off import days_off
from config.key_files import made_once, require_kept
from config.naming import day_before, following, last_day, named, year_month
from config.settings import Settings, load_policies
from publisher.edition import Edition, Manifest, read_edition
from publisher.freeze import Before, City, Issue, freeze
from registry import queries
from registry.calendar import Calendar, load_calendar
from registry.database import reading
from registry.forms import edition_name

SALT = "salt.key"


class Dates(Struct, frozen=True, kw_only=True):
    """Of an edition the last day that counts and the day it names as that of its release."""

    cut_off: date
    released_on: date


class NoSupplement(Exception):
    """There can be no supplementary edition of a period now; the sentence says why and what to do."""


def issue_of(
    settings: Settings, name: str, dates: Dates | None = None, calendar: Calendar | None = None
) -> Issue:
    """An edition by its name: a month's counts what is true at the end of the month before.

    A supplementary one counts to the day of `dates`, and follows the newest of any number before it. The days
    are those of the city's `calendar`, unless another is given.
    """
    calendar = calendar or load_calendar(settings.holidays)
    period, number = named(name)
    if number and dates is None:
        raise NoSupplement(f"还没有拟制 {name}。请先执行 xinyong prepare {period} --supplement。")
    cut_off = dates.cut_off if dates else day_before(period)
    next_on = _due(settings, following(period), calendar)
    return Issue(
        period=period,
        number=number,
        cut_off=cut_off,
        ends_at=end_of(cut_off, settings.zone),
        released_on=dates.released_on if dates else _due(settings, period, calendar),
        previous=_previous(settings.editions, period, number),
        next_on=next_on,
        next_provisional=calendar.is_provisional(next_on),
    )


def frozen(engine: Engine, settings: Settings, name: str, dates: Dates | None = None) -> Edition:
    """The edition of a name as the register stands now."""
    city = City(
        id=settings.id, title=settings.title, organ=settings.organ, fictional=settings.fictional
    )
    salt = salt_of(settings)
    period, number = named(name)
    with reading(engine) as session:
        dates = dates or _dates(session, period, number)
        before = _before(session, settings, period, number)
        issue = with_corrections(session, settings, issue_of(settings, name, dates), before)
        return freeze(session, city, issue, load_policies(settings), salt, before)


def _dates(session: Session, period: str, number: int) -> Dates | None:
    for one in queries.editions(session):
        if one.order == (period, number) and one.released_on:
            return Dates(cut_off=one.cut_off, released_on=one.released_on)
    return None


def _before(session: Session, settings: Settings, period: str, number: int = 0) -> Before | None:
    """The newest released edition before another, if it lies there as it was signed."""
    rows = [one for one in queries.editions(session) if one.order < (period, number)]
    row = next((one for one in rows if one.state == "released"), None)
    if row is None:
        return None
    try:
        edition = read_edition(settings.editions / row.name)
    except (OSError, ValueError, msgspec.DecodeError):
        return None  # everything is read anew; what is wrong with the folder is for `verify` to say
    if edition.digest != row.digest:
        return None
    # A row may be recorded a moment before the edition was frozen and be committed a moment after.
    return Before(edition=edition, recorded_by=row.prepared_at - timedelta(days=1))


def supplement_of(
    engine: Engine, settings: Settings, period: str, now: datetime, number: int = 0
) -> tuple[str, Dates]:
    """The supplementary edition of a period that may be prepared today; raises NoSupplement."""
    with reading(engine) as session:
        rows = queries.editions(session)
    newest = next((one for one in rows if one.state == "released"), None)
    if newest is None or newest.period != period:
        last = f"现在最新的是 {newest.name}" if newest else "还没有发布过名单"
        raise NoSupplement(f"只能给最新一期拟制增补版，{last}。请改写期，或者拟制这一期的名单。")
    cut_off = min(now.date() - timedelta(days=1), last_day(period))
    if cut_off <= newest.cut_off:
        raise NoSupplement(
            f"{newest.name} 已经算到 {newest.cut_off}，今天还没有可增补的。请明天再拟制。"
        )
    out = [one.number for one in rows if one.period == period and one.state == "released"]
    wanted = max(out) + 1
    if number and number != wanted:
        name = edition_name(period, wanted)
        raise NoSupplement(f"{edition_name(period, number)} 不是下一个增补版。请写 {name}。")
    return edition_name(period, wanted), Dates(cut_off=cut_off, released_on=now.date())


def month_dates(settings: Settings, period: str, now: datetime) -> Dates:
    """The dates of a month's edition that is prepared now: it names its own day of release, or today once that is past."""
    on, today = day_of(settings, period), now.astimezone(settings.zone).date()
    return Dates(cut_off=day_before(period), released_on=max(on, today))


def moment_of(settings: Settings, period: str) -> datetime:
    """The instant at which a month's edition is released, in the city's time."""
    on = day_of(settings, named(period)[0])
    return datetime(on.year, on.month, on.day, settings.publication.hour, tzinfo=settings.zone)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The instant at which a day is over in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def day_of(settings: Settings, period: str) -> date:
    """The day on which a month's list is due."""
    return _due(settings, period, days_off(settings.holidays).calendar)


def _due(settings: Settings, period: str, calendar: Calendar) -> date:
    return calendar.of_month(*year_month(period), settings.publication.working_day)


def _previous(editions: Path, period: str, number: int) -> str:
    """The digest of the newest edition before another; empty for the first."""
    earlier: list[tuple[str, int, str]] = []
    for path in editions.glob("2[0-9][0-9][0-9]-*/edition.json"):
        raw = path.read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
        if manifest.order < (period, number):
            earlier.append((manifest.period, manifest.number, sha256(raw).hexdigest()))
    return max(earlier)[2] if earlier else ""


def salt_of(settings: Settings) -> bytes:
    """The key of the entries' salts, made once; losing it makes past editions impossible to freeze again.

    Raises KeyLost where it is gone and editions stand.
    """
    require_kept(settings, SALT)
    return made_once(settings.keys, SALT)
