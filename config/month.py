"""One city's monthly edition: from its settings to the publisher's prepare, approve and release."""

import re
import secrets
from calendar import monthrange
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlmodel import Session

from config.register import actor_of
from config.settings import Settings, load_policies
from publisher.browse import render_browse
from publisher.changes import Change, render_changes
from publisher.data import render_csv, render_json
from publisher.described import render_csvw, render_data_package
from publisher.edition import Edition, Manifest, read_edition
from publisher.feed import render_feed
from publisher.figures import render_figures
from publisher.freeze import Before, City, Issue, freeze
from publisher.gate import Bounds, prepare, publish
from publisher.lookup import render_lookup
from publisher.pages.render import render_pages
from publisher.pdf import render_pdf
from publisher.release import ReleaseRefused, Renderer
from publisher.schedule import due, late
from publisher.signing import create_key
from registry import acts, queries
from registry.calendar import load_calendar
from registry.database import leading, reading, writing

CLOCK = acts.Actor(account="schedule", role="publisher", name="定时发布")


def renderers(*, papers: bool = True) -> tuple[Renderer, ...]:
    """What writes an edition's files; the papers take longest."""
    data: tuple[Renderer, ...] = (
        render_csv,
        render_data_package,  # it tells the digest of the list that lies there
        render_csvw,
        render_json,
        render_changes,
        render_feed,
        render_lookup,
        render_browse,
        render_figures,
    )
    # The pages come last: they link to the papers that are there.
    return (*data, render_pdf, render_pages) if papers else (*data, render_pages)


class WrongPeriod(Exception):
    """A period is not a month as it is written here."""

    def __init__(self, period: str) -> None:
        super().__init__(f"期“{period}”不合写法。请写年份和月份，如 2026-11。")


def issue_of(settings: Settings, period: str) -> Issue:
    """The edition of a month: it counts what is true at the end of the month before."""
    if not re.fullmatch(r"2\d{3}-(0[1-9]|1[0-2])", period):
        raise WrongPeriod(period)
    year, month = (int(part) for part in period.split("-"))
    before = (year - 1, 12) if month == 1 else (year, month - 1)
    calendar = load_calendar(settings.holidays)
    return Issue(
        period=period,
        cut_off=date(*before, monthrange(*before)[1]),
        released_on=calendar.of_month(year, month, settings.publication.working_day),
        previous=_previous(settings.editions, period),
    )


def frozen(engine: Engine, settings: Settings, period: str) -> Edition:
    """The edition of a period as the register stands now."""
    city = City(
        id=settings.id, title=settings.title, organ=settings.organ, fictional=settings.fictional
    )
    salt = salt_of(settings.keys)
    with reading(engine) as session:
        before = _before(session, settings, period)
        issue = issue_of(settings, period)
        return freeze(session, city, issue, load_policies(settings), salt, before)


def _before(session: Session, settings: Settings, period: str) -> Before | None:
    """The newest released edition before a period, if it lies there as it was signed."""
    rows = [one for one in queries.editions(session) if one.period < period]
    row = next((one for one in rows if one.state == "released"), None)
    if row is None:
        return None
    name = f"{row.period}.{row.number}" if row.number else row.period
    try:
        edition = read_edition(settings.editions / name)
    except (OSError, ValueError, msgspec.DecodeError):
        return None  # everything is read anew; what is wrong with the folder is for `verify` to say
    if edition.digest != row.digest:
        return None
    # A row may be recorded a moment before the edition was frozen and be committed a moment after.
    return Before(edition=edition, recorded_by=row.prepared_at - timedelta(days=1))


def prepare_month(
    engine: Engine, settings: Settings, period: str, *, by: str, now: datetime
) -> tuple[Edition, tuple[Change, ...]]:
    """Puts the period's edition before the second person, with what it changes."""
    edition = frozen(engine, settings, period)
    actor = actor_of(engine, by, now)
    bounds = bounds_of(settings)
    return edition, prepare(engine, edition, settings.editions, bounds, by=actor, now=now)


def bounds_of(settings: Settings) -> Bounds:
    """What a machine lets pass in this city."""
    return msgspec.convert(settings.gate, Bounds, from_attributes=True)


def approve_month(
    engine: Engine, settings: Settings, period: str, *, by: str, now: datetime
) -> Edition:
    """Signs the period's edition as the register stands now, if it is what was prepared."""
    edition = frozen(engine, settings, period)
    actor = actor_of(engine, by, now)
    with writing(engine) as session:
        acts.approve_edition(session, period, 0, edition.digest, by=actor, now=now)
    return edition


def release_month(
    engine: Engine, settings: Settings, period: str, *, by: str, now: datetime
) -> Path:
    """Releases the period's edition as it was signed; gives its folder."""
    return _released(engine, settings, period, actor_of(engine, by, now), now)


def release_due(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """Releases what is signed and due; gives the periods. Raises what keeps one from its release."""
    with reading(engine) as session:
        lines = queries.editions(session)
    wanted = due(now, lines, lambda period: moment_of(settings, period))
    if wanted and not can_lead(engine):
        return []  # another node is at it
    for period in wanted:
        _released(engine, settings, period, CLOCK, now)
    return wanted


def alarm(engine: Engine, settings: Settings, now: datetime) -> str:
    """What is late about this month's edition; empty when nothing is."""
    with reading(engine) as session:
        lines = queries.editions(session)
    return late(now, lines, f"{now:%Y-%m}", lambda period: moment_of(settings, period))


def moment_of(settings: Settings, period: str) -> datetime:
    """The instant at which a month's edition is released, in the city's time."""
    on = issue_of(settings, period).released_on
    return datetime(on.year, on.month, on.day, settings.publication.hour, tzinfo=settings.zone)


def can_lead(engine: Engine) -> bool:
    """Whether no other process publishes at this moment."""
    with leading(engine) as mine:
        return mine


def _released(
    engine: Engine, settings: Settings, period: str, by: acts.Actor, now: datetime
) -> Path:
    with leading(engine) as mine:
        if not mine:
            raise ReleaseRefused("另一个进程正在发布名单，请稍后再试。")
        create_key(settings.keys)
        edition = frozen(engine, settings, period)
        return publish(engine, edition, settings.data, renderers(), by=by, now=now)


def _previous(editions: Path, period: str) -> str:
    """The digest of the newest edition before a period; empty for the first."""
    earlier: list[tuple[str, int, str]] = []
    for path in editions.glob("2[0-9][0-9][0-9]-*/edition.json"):
        raw = path.read_bytes()
        manifest = msgspec.json.decode(raw, type=Manifest)
        if manifest.period < period:
            earlier.append((manifest.period, manifest.number, sha256(raw).hexdigest()))
    return max(earlier)[2] if earlier else ""


def salt_of(keys: Path) -> bytes:
    """The key of the entries' salts, made once; losing it makes past editions impossible to freeze again."""
    file = keys / "salt.key"
    if not file.exists():
        keys.mkdir(parents=True, exist_ok=True)
        file.touch(0o600)
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()
