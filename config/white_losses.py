"""Whoever is about to lose the white list is told: by the daily pass, and when an edition is prepared."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine

from config.freezing import Dates, day_of, frozen
from config.naming import following, last_day
from config.settings import Settings
from publisher.changes import Change, changes, standings
from publisher.edition import Edition
from publisher.gate.assertions import leaves
from publisher.gate.white import losses_of
from registry import acts, queries
from registry.access import Actor
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.queries import EditionLine

WHITE = "white"


def tell_losses(engine: Engine, settings: Settings, by: Actor, now: datetime) -> int:
    """Who holds a place and would lose it as things stand today, against the newest edition; how many notices.

    Those who would keep it after all are told so too.
    """
    newest = _newest(engine)
    if newest is None:
        return 0
    cut_off = min(now.date(), last_day(newest.period))
    if cut_off <= newest.cut_off:
        return 0
    period = following(newest.period)
    dates = Dates(cut_off=cut_off, released_on=day_of(settings, period))
    edition = frozen(engine, settings, period, dates)
    was = standings(settings.editions / newest.name)
    changed = changes(was, edition.listed)
    held = {id for id, one in was.items() if one.rating.status == WHITE}
    losing = {one.institution for one in changed if leaves(WHITE, one)}
    calendar = load_calendar(settings.holidays)
    with writing(engine) as session:
        made = acts.tell_of_losses(
            session, losses_of(edition, changed), newest.name, by=by, now=now, calendar=calendar
        )
        acts.keep_places(session, held, losing, by=by, now=now, calendar=calendar)
    return len(made)


def tell_losses_of(
    engine: Engine,
    settings: Settings,
    edition: Edition,
    changed: Iterable[Change],
    by: Actor,
    now: datetime,
) -> int:
    """Who loses the place by an edition that is being prepared, as far as nobody has told them yet."""
    newest = _newest(engine)
    losses = list(losses_of(edition, changed))
    if newest is None or not losses:
        return 0
    calendar = load_calendar(settings.holidays)
    with writing(engine) as session:
        return len(
            acts.tell_of_losses(session, losses, newest.name, by=by, now=now, calendar=calendar)
        )


def _newest(engine: Engine) -> EditionLine | None:
    with reading(engine) as session:
        rows = queries.editions(session)
    return next((one for one in rows if one.state == "released"), None)
