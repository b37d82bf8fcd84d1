"""Day after day over the end of a month: whatever changes is public within twenty working days, in every city."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec
import pytest

from config import month
from config.daily import OPEN_TERM, run_day
from config.settings import Settings
from publisher.edition import read_edition
from registry import acts, queries
from registry.calendar import load_calendar
from registry.database import reading, writing
from registry.forms import NameForm
from tests.flows.publishing_city import Copies, copies, register, release_at
from tests.flows.test_daily import KEEPER

__all__ = ["copies"]
# On these days something changes; the first are due while October is over and November's list not out.
CHANGES = (
    *(date(2026, 10, day) for day in (13, 15, 19, 21, 26, 30)),
    date(2026, 11, 3),
)
OUT = "2026-10"
FIRST, LAST = date(2026, 10, 13), date(2026, 12, 4)


@pytest.fixture(params=[3, 21])
def city(copies: Copies, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """A city that publishes on the third or the twenty-first working day of a month."""
    with copies.copy() as made:
        publication = msgspec.structs.replace(made.publication, working_day=request.param)
        changed = msgspec.structs.replace(made.city, publication=publication)
        yield msgspec.structs.replace(made, city=changed)


def at(settings: Settings, on: date, hour: int) -> datetime:
    return datetime(on.year, on.month, on.day, hour, 5, tzinfo=settings.zone)


def a_day(settings: Settings, on: date) -> list[str]:
    """The night's run, then a person who signs what is put before them, then the release of what is due."""
    with register(settings) as engine:
        late = run_day(engine, settings, at(settings, on, 0)) or []
        now = at(settings, on, 9)
        period = f"{on:%Y-%m}"
        if period > OUT and month.moment_of(settings, period).date() == on:
            month.prepare_month(engine, settings, period, by="publisher", now=now)
        with reading(engine) as session:
            waiting = [one.name for one in queries.editions(session) if one.state == "prepared"]
        for name in waiting:
            month.approve_month(engine, settings, name, by="signer", now=now)
    release_at(settings, at(settings, on, 23))
    return late


def public_on(settings: Settings, text: str) -> date | None:
    """The day on which an edition first printed a name."""
    found = []
    for folder in settings.editions.glob("20*-*"):
        edition = read_edition(folder)
        if any(text in [name.text for name in one.names] for one in edition.entries):
            found.append(edition.manifest.released_on)
    return min(found, default=None)


@pytest.mark.parametrize("copies", ["sqlite"], indirect=True)
def test_nothing_is_late_while_a_month_is_over_and_the_next_list_is_not_out(city: Settings) -> None:
    calendar = load_calendar(city.holidays)
    with register(city) as engine, reading(engine) as session:
        ids = sorted(one.id for one in queries.institutions(session, FIRST, limit=99))
    whose = dict(zip(CHANGES, ids, strict=False))
    on = FIRST
    while on <= LAST:
        if on in whose:
            sheet = {"kind": "brand", "text": f"招牌{on:%m%d}", "since": on.isoformat()}
            with register(city) as engine, writing(engine) as session:
                form = NameForm.model_validate(sheet)
                acts.rename(session, whose[on], form, by=KEEPER, now=at(city, on, 10))
        elif calendar.after(on - timedelta(days=1), 1) == on:
            late = a_day(city, on)
            assert not [one for one in late if "已超过" in one], on
        on += timedelta(days=1)
    for changed in CHANGES:
        told = public_on(city, f"招牌{changed:%m%d}")
        assert told is not None, changed
        assert told <= calendar.after(changed, OPEN_TERM), (changed, told)
