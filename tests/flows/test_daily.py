"""The daily run: what cannot wait is put before a person in time, and what is late is told to its owners."""

import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import Engine

from config import month
from config.clock import Clock
from config.complaints import stamp_of
from config.daily import run_day
from config.freezing import end_of
from config.key_files import KeyLost
from config.naming import day_before
from config.register import actor_of
from config.settings import Settings
from config.withdrawing import Asked, withdraw
from publisher.changes import render_changes
from publisher.data import render_csv
from publisher.edition import read_edition
from publisher.gate import SignatureLapsed, row_of
from publisher.withdraw import Withdrawn, bury
from registry import acts, queries
from registry.access import Actor
from registry.calendar import load_calendar
from registry.database import leading, reading, writing
from registry.errors import Conflict
from registry.forms import NameForm, ObjectionSheet, StepSheet
from registry.procedure import edge
from registry.pulse import beat
from tests.flows.publishing_city import (
    LAST,
    PERIOD,
    Copies,
    approve,
    copies,
    moment,
    prepare,
    register,
    release,
    release_at,
    served_now,
    states,
    without_papers,
)

__all__ = ["copies"]
PUBLISHER = Actor(account="publisher", role="publisher", name="发布员")
CHIEF = Actor(account="chief", role="head", name="负责人")
KEEPER = Actor(account="keeper", role="administrator", name="登记员")


@pytest.fixture
def fresh(copies: Copies) -> Iterator[Settings]:
    """The city whose last edition is out, and nothing else is under way."""
    with copies.copy() as made:
        yield made


def rename(settings: Settings, since: date, now: datetime) -> str:
    with register(settings) as engine, writing(engine) as session:
        id = min(one.id for one in queries.institutions(session, now.date(), limit=99))
        form = NameForm.model_validate({"kind": "brand", "text": "新招牌", "since": since})
        acts.rename(session, id, form, by=KEEPER, now=now)
    return id


def day(settings: Settings, on: date, hour: int = 0) -> list[str]:
    with register(settings) as engine:
        now = datetime(on.year, on.month, on.day, hour, 5, tzinfo=settings.zone)
        return run_day(engine, settings, now)


def test_what_cannot_wait_for_the_next_month_is_put_before_a_person_in_time(
    fresh: Settings,
) -> None:
    at = datetime(2026, 10, 12, 10, tzinfo=fresh.zone)
    id = rename(fresh, at.date(), at)
    with register(fresh) as engine, reading(engine) as session:
        newest = next(one for one in queries.editions(session) if one.state == "released")
        days = queries.formed(session, at, newest.cut_off, at.date(), fresh.zone)
    assert days[id] == at.date()
    calls = {}
    for on in (date(2026, 10, 13), date(2026, 10, 20), date(2026, 10, 31)):
        assert day(fresh, on) == day(fresh, on)
        with register(fresh) as engine, reading(engine) as session:
            calls[on] = {one.name: one for one in queries.editions(session)}
    name = f"{LAST}.1"
    assert name not in calls[date(2026, 10, 13)], "there is time"
    row = calls[date(2026, 10, 31)].get(name)
    assert row is not None
    assert row.state == "prepared"
    assert row.prepared_by == "schedule"
    assert row.cut_off == date(2026, 10, 30)
    assert row.due_on is not None
    assert row.due_on <= date(2026, 11, 9)
    assert "政府信息公开条例第二十六条" in row.cause
    now = datetime(2026, 10, 31, 9, tzinfo=fresh.zone)
    with register(fresh) as engine:
        with reading(engine) as session:
            notes = queries.notices(session, "signer", "")
        assert any(name in one.subject and "等您签发" in one.subject for one in notes)
        assert month.names_due(engine, fresh, now) == [], "nothing goes out unsigned"
        month.approve_month(engine, fresh, name, by="signer", now=now)
        assert month.names_due(engine, fresh, now) == [name]
    release_at(fresh, now)
    assert served_now(fresh) == name
    assert day(fresh, date(2026, 10, 31), 12) == []
    prepare(fresh)
    approve(fresh)
    release(fresh)
    assert served_now(fresh) == PERIOD


def test_a_month_that_comes_out_takes_the_place_of_what_waited_for_a_signature(
    fresh: Settings,
) -> None:
    now = datetime(2026, 10, 28, 9, tzinfo=fresh.zone)
    rename(fresh, now.date() - timedelta(days=10), now)
    with register(fresh) as engine:
        edition, _ = month.prepare_month(
            engine, fresh, LAST, by="publisher", now=now, supplement=True
        )
    assert edition.name == f"{LAST}.1"
    prepare(fresh)
    approve(fresh)
    release(fresh)
    assert states(fresh)[f"{LAST}.1"] == "replaced"
    with register(fresh) as engine, pytest.raises(month.NoSupplement, match=PERIOD):
        month.prepare_month(engine, fresh, LAST, by="publisher", now=now, supplement=True)


def test_an_unsigned_month_alarms_those_who_publish_before_its_hour_and_after(
    fresh: Settings,
) -> None:
    at = moment(fresh)
    assert any("还没有拟制" in one for one in day(fresh, at.date() - timedelta(days=1)))
    prepare(fresh)
    with register(fresh) as engine:
        clock = Clock(engine, fresh, lambda: at + timedelta(hours=2))
        assert "还没有第二人签发" in clock._release()
        with reading(engine) as session:
            subjects = [one.subject for one in queries.notices(session, "publisher", "")]
    assert "本月名单没有按时发布" in subjects
    assert "名单发布有迟延或者将要迟延" in subjects


def annul(settings: Settings, now: datetime) -> tuple[str, str]:
    """The head of the city annuls what was published; the matter that owes its withdrawal, and of whom."""
    calendar = load_calendar(settings.holidays)
    with register(settings) as engine, writing(engine) as session:
        lines = queries.matters(session, kinds=("finding", "penalty"), limit=999)
        known = [one for one in lines if one.since <= date(2026, 9, 30)]
        line = next(one for one in known if edge(one.kind, one.state, "annul"))
        form = StepSheet.model_validate(
            {"on": now.date(), "document_no": "甬复〔2026〕1号", "reason": "复议机关撤销"}
        )
        acts.take_step(session, line.id, "annul", form, by=CHIEF, now=now, calendar=calendar)
        [owed] = queries.matters(session, kinds=("withdrawal",), open_only=True)
    return owed.id, owed.institution


def test_what_has_to_be_taken_back_within_three_working_days_is_put_forward_at_once(
    fresh: Settings,
) -> None:
    at = datetime(2026, 10, 14, 10, tzinfo=fresh.zone)
    matter, institution = annul(fresh, at)
    day(fresh, date(2026, 10, 15))
    name = f"{LAST}.1"
    with register(fresh) as engine, reading(engine) as session:
        row = next(one for one in queries.editions(session) if one.name == name)
        draft = queries.edition_draft(session, LAST, 1)
    assert row.state == "prepared"
    assert row.due_on == load_calendar(fresh.holidays).after(at.date(), 3)
    assert "行政处罚法第四十八条" in row.cause
    assert institution in row.cause
    assert draft is not None
    now = datetime(2026, 10, 15, 9, tzinfo=fresh.zone)
    with register(fresh) as engine:
        month.approve_month(engine, fresh, name, by="signer", now=now)
    release_at(fresh, now)
    assert served_now(fresh) == name
    # The edition before prints it still, so that it is owed until it is withdrawn there.
    with register(fresh) as engine:
        with reading(engine) as session:
            [owed] = queries.matters(session, kinds=("withdrawal",), open_only=True)
        assert owed.id == matter
        asked = Asked(institution=institution, reason="复议机关撤销", document_no="甬复〔2026〕1号")
        with without_papers():
            withdraw(engine, fresh, asked, by=PUBLISHER, now=now)
        with reading(engine) as session:
            assert queries.matters(session, kinds=("withdrawal",), open_only=True) == []
    assert institution in read_edition(fresh.editions / LAST).withdrawn


def test_an_objection_is_marked_as_soon_as_somebody_has_signed(fresh: Settings) -> None:
    at = datetime(2026, 10, 14, 10, tzinfo=fresh.zone)
    calendar = load_calendar(fresh.holidays)
    black = (one for one in read_edition(fresh.editions / LAST).entries if one.facts.listings)
    entry = next(one for one in black if not any(each.disputed for each in one.facts.listings))
    about = entry.rating.listing
    with register(fresh) as engine, writing(engine) as session:
        own = Actor(account="own", role="institution", name="机构")
        sheet = ObjectionSheet(about=about, on=at.date(), text="与事实不符")
        acts.object_to(session, sheet, by=own, now=at, calendar=calendar)
    day(fresh, date(2026, 10, 15))
    with register(fresh) as engine, reading(engine) as session:
        row = next(one for one in queries.editions(session) if one.name == f"{LAST}.1")
    assert row.state == "prepared"
    assert "异议标注" in row.cause
    now = datetime(2026, 10, 15, 9, tzinfo=fresh.zone)
    with register(fresh) as engine:
        month.approve_month(engine, fresh, row.name, by="signer", now=now)
    release_at(fresh, now)
    again = read_edition(fresh.editions / f"{LAST}.1").entries
    [one] = [one for one in again if one.institution == entry.institution]
    assert [listing.disputed for listing in one.facts.listings] == [True]
    assert one.rating.status == "black"


@pytest.mark.parametrize(
    ("status", "why"),
    [("black", "列入黑名单的决定仍然有效"), ("white", "仍然符合白名单的条件")],
)
def test_who_is_still_on_a_list_comes_back_to_it_as_soon_as_somebody_has_signed(
    fresh: Settings, status: str, why: str
) -> None:
    """Another record's term is over, and with it the whole entry has gone from the newest edition."""
    listed = read_edition(fresh.editions / LAST).listed
    id = min(one.institution for one in listed if one.rating.status == status)
    at = date(2026, 10, 14)
    gone = {id: Withdrawn(institution=id, on=at, reason="公示期满", how="expired")}
    files = (render_csv, render_changes)
    assert bury(fresh.editions / LAST, fresh.keys, gone, at, lambda _: files)
    day(fresh, date(2026, 10, 15))
    with register(fresh) as engine, reading(engine) as session:
        found = {one.name: one for one in queries.editions(session)}
    row = found[f"{LAST}.1"]
    assert row.state == "prepared"
    assert row.due_on == load_calendar(fresh.holidays).after(at, 3)
    assert why in row.cause
    now = datetime(2026, 10, 15, 9, tzinfo=fresh.zone)
    with register(fresh) as engine:
        month.approve_month(engine, fresh, row.name, by="signer", now=now)
    release_at(fresh, now)
    again = read_edition(fresh.editions / f"{LAST}.1").listed
    assert [one.rating.status for one in again if one.institution == id] == [status]


def test_what_is_signed_after_its_day_is_prepared_anew_with_the_day_it_comes_out(
    fresh: Settings,
) -> None:
    prepare(fresh)
    later = moment(fresh) + timedelta(days=6)
    with register(fresh) as engine:
        with pytest.raises(SignatureLapsed, match="已经过去"):
            month.approve_month(engine, fresh, PERIOD, by="signer", now=later)
        month.prepare_month(engine, fresh, PERIOD, by="publisher", now=later)
        month.approve_month(engine, fresh, PERIOD, by="signer", now=later)
    release_at(fresh, later)
    assert read_edition(fresh.editions / PERIOD).manifest.released_on == later.date()


def test_a_signature_that_comes_too_late_ends_nothing_that_was_prepared_anew_meanwhile(
    fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page was opened before the schedule prepared the edition anew, and is sent after it."""
    prepare(fresh)
    later = moment(fresh) + timedelta(days=6)
    with register(fresh) as engine:
        seen = row_of(engine, PERIOD, 0)
        assert seen is not None
        month.prepare_month(engine, fresh, PERIOD, by="publisher", now=later)
        monkeypatch.setattr(month, "row_of", lambda *_: seen)  # as it was read before
        signer = actor_of(engine, "signer", later)
        with pytest.raises(Conflict, match="重新拟制过"):
            month.sign_edition(engine, fresh, PERIOD, by=signer, now=later, seen=seen.digest)
        with reading(engine) as session:
            now = next(one for one in queries.editions(session) if one.name == PERIOD)
    assert (now.state, now.released_on) == ("prepared", later.date())


@pytest.mark.parametrize("name", ["bureau.key", "salt.key"])
def test_a_key_that_editions_go_on_from_is_never_made_anew(fresh: Settings, name: str) -> None:
    """Another in its place would hide the loss, and make every edition before look forged."""
    prepare(fresh)
    now, file = moment(fresh), fresh.keys / name
    public = (fresh.keys / "bureau.pub").read_bytes()
    kept = file.rename(fresh.data / name)
    with register(fresh) as engine:
        if name == "bureau.key":
            month.approve_month(engine, fresh, PERIOD, by="signer", now=now)
        else:
            with pytest.raises(KeyLost, match="从备份恢复"):
                month.plan(engine, fresh, PERIOD, now)
        with pytest.raises(KeyLost, match="从备份恢复"):
            month.release_month(engine, fresh, PERIOD, by="publisher", now=now)
        assert (file.exists(), (fresh.keys / "bureau.pub").read_bytes()) == (False, public)
        assert len(stamp_of(fresh)) == 32, "complaints come in all the same"
        kept.rename(file)
        assert month.plan(engine, fresh, PERIOD, now).edition.name == PERIOD


def test_a_month_is_not_prepared_before_it_can_be_counted(fresh: Settings) -> None:
    early = end_of(day_before(PERIOD), fresh.zone) - timedelta(hours=1)
    with register(fresh) as engine:
        real = structs.replace(fresh, city=structs.replace(fresh.city, fictional=False))
        with pytest.raises(Conflict, match="还没有到"):
            month.prepare_month(engine, real, PERIOD, by="publisher", now=early)
        assert month.plan(engine, fresh, PERIOD, early).edition.name == PERIOD


def test_a_day_that_is_run_again_or_was_missed_changes_nothing_more(fresh: Settings) -> None:
    at = datetime(2026, 10, 14, 10, tzinfo=fresh.zone)
    annul(fresh, at)
    day(fresh, date(2026, 10, 19))  # two days were missed
    with register(fresh) as engine, reading(engine) as session:
        first = queries.editions(session)
        notes = len(queries.notices(session, "signer", ""))
    day(fresh, date(2026, 10, 19), 5)
    with register(fresh) as engine, reading(engine) as session:
        assert queries.editions(session) == first
        assert len(queries.notices(session, "signer", "")) == notes
    late = day(fresh, date(2026, 10, 22))
    assert any("已超过期限" in one for one in late)
    with register(fresh) as engine, reading(engine) as session:
        again = next(one for one in queries.editions(session) if one.number)
    assert again.attempt == 2, "unsigned, it is prepared anew with what is known now"
    assert again.cut_off == date(2026, 10, 21)


def test_no_other_node_begins_the_day_anew_while_one_is_at_it(fresh: Settings) -> None:
    """Else two nodes that take turns would each undo the other's start, and neither would come to the end."""
    on = moment(fresh).date()
    now = datetime(on.year, on.month, on.day, 0, 5, tzinfo=fresh.zone)
    other: list[list[str] | None] = []

    def between(*_: object) -> None:
        with register(fresh) as engine:
            other.append(run_day(engine, fresh, now))

    with register(fresh) as engine:
        assert run_day(engine, fresh, now, between) is not None
        assert other == [None]
        assert run_day(engine, fresh, now) is not None


def test_the_day_waits_for_another_node_that_publishes(fresh: Settings) -> None:
    on = moment(fresh).date()
    now = datetime(on.year, on.month, on.day, 0, 5, tzinfo=fresh.zone)
    begun = Event()

    def publishing() -> None:
        with register(fresh) as engine, leading(engine) as mine:
            assert mine
            begun.set()
            time.sleep(2)

    publisher = Thread(target=publishing)

    def between(*_: object) -> None:
        publisher.start()
        begun.wait()

    with register(fresh) as engine:
        assert run_day(engine, fresh, now, between) is not None
    publisher.join()


def test_of_two_nodes_one_does_the_days_work_unless_an_edition_lapses(
    fresh: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[date] = []

    def counted(engine: Engine, settings: Settings, now: datetime, *more: Any) -> list[str] | None:
        done.append(now.date())
        return run_day(engine, settings, now, *more)

    monkeypatch.setattr("config.clock.run_day", counted)
    now = moment(fresh) - timedelta(days=5)
    with register(fresh) as engine:
        for name in ("a:1", "b:2"):
            beat(engine, name, now)
        one, other = (Clock(engine, fresh, lambda: now) for _ in range(2))
        for node in (one, other, one, other):
            node.tick()
        assert done == [now.date()]
        later = now + timedelta(days=1)
        one.now = other.now = one.notices.now = other.notices.now = lambda: later
        for node in (other, one):
            node.tick()
        assert done == [now.date(), later.date()], "the next day is done by whoever is first"
        one.day, one.anew = None, True
        one.tick()
        assert done[2:] == [later.date()], "what lapsed is prepared anew on the same day"
