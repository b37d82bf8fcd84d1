"""Whoever is about to lose the white list is told: by the daily pass, and when an edition is prepared."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine

from config.freezing import Dates, day_of, frozen
from config.naming import following, last_day
from config.settings import Settings, load_policies
from publisher.changes import GONE, Change, changes, standings
from publisher.edition import Edition, printable
from publisher.gate.assertions import leaves
from publisher.gate.white import losses_of
from registry import acts, queries
from registry.access import Actor
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.queries import EditionLine
from scoring import assess, in_force, load_policy
from scoring.assess import settled

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
    stood = _stood(engine, settings, newest, changed)
    held = stood | {id for id, one in was.items() if one.rating.status == WHITE}
    losing = {
        one.institution
        for one in changed
        if leaves(WHITE, one) or (one.institution in stood and one.after.split(" ")[0] != WHITE)
    }
    calendar = load_calendar(settings.holidays)
    with writing(engine) as session:
        losses = losses_of(edition, changed, stood)
        made = acts.tell_of_losses(session, losses, newest.name, by=by, now=now, calendar=calendar)
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
    if newest is None:
        return 0
    moved = list(changed)
    losses = list(losses_of(edition, moved, _stood(engine, settings, newest, moved)))
    if not losses:
        return 0
    calendar = load_calendar(settings.holidays)
    with writing(engine) as session:
        return len(
            acts.tell_of_losses(session, losses, newest.name, by=by, now=now, calendar=calendar)
        )


def _stood(
    engine: Engine, settings: Settings, newest: EditionLine, changed: Iterable[Change]
) -> set[str]:
    """Who stood on the list on the newest edition's day, of those whose entry has been withdrawn from it since.

    The edition no longer says; the register does. A place is not lost by the end of another record's term.
    """
    gone = sorted(one.institution for one in changed if one.before == GONE)
    if not gone:
        return set()
    on = newest.cut_off
    policy = in_force([load_policy(one) for one in load_policies(settings)], on)
    with reading(engine) as session:
        files = list(queries.credit_files(session, on, institutions=gone))
    rated = (
        (one.institution, assess(printable(settled(one.facts, policy, on)), policy, on))
        for one in files
    )
    return {id for id, rating in rated if rating.status == WHITE}


def _newest(engine: Engine) -> EditionLine | None:
    with reading(engine) as session:
        rows = queries.editions(session)
    return next((one for one in rows if one.state == "released"), None)
