"""What is watched of a register: the log of its acts, the pulse of its nodes, alarms told and ended."""

import io
import json
import logging
import shutil
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from config.alarms import alarms
from config.backups import MARK
from config.health import Watcher
from config.journal import REQUEST, Lines, acts, log_acts
from config.register import OPERATOR
from config.settings import Settings, load_settings
from config.steady import Steady
from registry.accounts import create_account
from registry.database import reading, writing
from registry.forms import AccountForm
from registry.pulse import beat, is_done, nodes, note_done, undone_since
from registry.queries import watched
from registry.tables import Delivery, Institution, Matter, Outbox, Step
from tests.flows.faults import NOW as MADE
from tests.flows.faults import certificate

NOW = datetime(2026, 8, 3, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log of acts."""
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Lines())
    acts.addHandler(handler)
    acts.setLevel(logging.INFO)
    log_acts()
    yield kept
    acts.removeHandler(handler)


def open_account(
    engine: Engine, id: str, role: str = "administrator", *, fails: bool = False
) -> None:
    with writing(engine) as session:
        values = {"id": id, "name": "某人", "password": "three plain words", "role": role}
        create_account(session, AccountForm.model_validate(values), by=OPERATOR, now=NOW)
        if fails:
            raise RuntimeError


def test_an_act_is_logged_once_it_is_committed_and_not_when_it_was_undone(
    engine: Engine, lines: io.StringIO
) -> None:
    token = REQUEST.set("request-7")
    open_account(engine, "first")
    with pytest.raises(RuntimeError):
        open_account(engine, "second", fails=True)
    open_account(engine, "third")
    REQUEST.reset(token)
    said = [json.loads(one) for one in lines.getvalue().splitlines()]
    assert [(one["entry"], one["act"], one["subject"]) for one in said] == [
        (1, "create_account", "first"),
        (2, "create_account", "third"),
    ]
    assert {one["request"] for one in said} == {"request-7"}
    assert {one["account"] for one in said} == {"system"}
    assert "某人" not in lines.getvalue()


def test_a_failure_is_logged_by_kind_and_place_not_by_what_was_typed() -> None:
    try:
        raise ValueError("家长电话 13800000000")
    except ValueError as wrong:
        record = logging.makeLogRecord({"exc_info": (type(wrong), wrong, wrong.__traceback__)})
    said = Lines().format(record)
    assert "13800000000" not in said
    assert json.loads(said)["failure"]["kind"] == "builtins.ValueError"
    assert "test_a_failure_is_logged" in said


def test_the_pulse_tells_who_keeps_the_clock_and_forgets_who_is_gone(engine: Engine) -> None:
    beat(engine, "a:1", NOW)
    beat(engine, "b:2", NOW + timedelta(minutes=1))
    beat(engine, "a:1", NOW + timedelta(minutes=2))
    with reading(engine) as session:
        found = nodes(session)
    assert [(one.name, one.began_at, one.ticked_at - NOW) for one in found] == [
        ("a:1", NOW, timedelta(minutes=2)),
        ("b:2", NOW + timedelta(minutes=1), timedelta(minutes=1)),
    ]
    beat(engine, "c:3", NOW + timedelta(days=8))
    with reading(engine) as session:
        assert [one.name for one in nodes(session)] == ["c:3"]
        assert watched.figures(session).entries == 0, "the pulse is no act"


@pytest.mark.parametrize(
    ("began", "run_on", "at", "since"),
    [
        ("09-01 00:00", "09-03", "09-04 07:59", None),
        ("09-01 00:00", "09-03", "09-04 08:00", "09-03"),
        ("09-01 00:00", "09-02", "09-04 00:10", "09-02"),
        ("09-01 00:00", "09-04", "09-04 23:59", None),
        ("09-04 09:00", None, "09-04 23:59", None),
        ("09-03 22:00", None, "09-04 08:00", "09-03"),
        ("09-04 07:31", "09-01", "09-04 08:00", None),
        ("09-04 07:29", "09-01", "09-04 08:00", "09-01"),
    ],
)
def test_a_days_run_is_overdue_at_eight_where_a_clock_goes(
    engine: Engine, settings: Settings, began: str, run_on: str | None, at: str, since: str | None
) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=settings.zone)

    open_account(engine, "administrator")
    now = instant(at)
    (settings.data / MARK).write_text(now.isoformat())
    beat(engine, "a:1", instant(began))
    if run_on:
        note_done(engine, "run_on", date.fromisoformat(f"2026-{run_on}"))
    with reading(engine) as session:
        assert undone_since(session, now) is None, "a clock that stands has an alarm of its own"
    beat(engine, "a:1", now)
    with reading(engine) as session:
        assert undone_since(session, now) == (since and date.fromisoformat(f"2026-{since}"))
    alarms(engine, settings, now)
    assert [one for one in told(engine) if one[0] == "daily"] == (
        [("daily", "administrator", False)] if since else []
    )


def test_a_days_work_that_one_node_has_done_is_done_for_all_of_them(engine: Engine) -> None:
    note_done(engine, "run_on", NOW.date())
    assert not is_done(engine, "run_on", NOW.date()), "nobody keeps the clock"
    beat(engine, "a:1", NOW)
    beat(engine, "b:2", NOW)
    note_done(engine, "run_on", NOW.date())
    assert is_done(engine, "run_on", NOW.date())
    assert not is_done(engine, "reminded_on", NOW.date())
    assert not is_done(engine, "run_on", NOW.date() + timedelta(days=1))
    beat(engine, "c:3", NOW + timedelta(minutes=1))
    assert is_done(engine, "run_on", NOW.date()), "one that starts later is spared it too"


@pytest.fixture
def settings(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A city whose backup is fresh and whose months have their days off."""
    made = load_settings(None, {"XINYONG_DATA": str(tmp_path_factory.mktemp("city"))})
    (made.data / MARK).write_text(NOW.isoformat())
    return made


def told(engine: Engine) -> list[tuple[str, str, bool]]:
    """Every alarm that was told: its kind, to whom, and whether it is over."""
    with reading(engine) as session:
        rows = session.exec(select(Outbox).where(Outbox.kind == "alarm").order_by(Outbox.key)).all()
        return [(one.key.split(":")[1], one.account, one.read_at is not None) for one in rows]


def test_an_alarm_is_told_to_each_of_its_owners_once_a_day_until_it_is_mended(
    engine: Engine, settings: Settings
) -> None:
    open_account(engine, "one")
    open_account(engine, "two")
    open_account(engine, "checker", "auditor")
    start = datetime(2026, 9, 1, 8, tzinfo=settings.zone)
    (settings.data / MARK).write_text(start.isoformat())
    assert alarms(engine, settings, start) == 0
    (settings.data / MARK).write_text((start - 2 * DAY).isoformat())
    assert alarms(engine, settings, start) == 2
    assert alarms(engine, settings, start + timedelta(hours=3)) == 0
    assert told(engine) == [("backup", "one", False), ("backup", "two", False)]
    with writing(engine) as session:
        key = session.exec(select(Outbox.key).where(Outbox.account == "one")).one()
        session.add(Delivery(notice=key, channel="mail", next_at=start))
    (settings.data / MARK).write_text((start + timedelta(hours=4)).isoformat())
    assert alarms(engine, settings, start + timedelta(hours=5)) == 0
    assert told(engine) == [("backup", "one", True), ("backup", "two", True)]
    with reading(engine) as session:
        assert session.exec(select(Delivery)).all() == [], "what is mended is not sent any more"
    assert alarms(engine, settings, start + timedelta(hours=32)) == 2, (
        "the next day it is late again"
    )


@pytest.mark.parametrize(
    ("kind", "owner", "at"),
    [
        ("edition", "publisher", datetime(2026, 9, 20, 9, tzinfo=UTC)),
        ("holidays", "administrator", datetime(2026, 11, 1, 9, tzinfo=UTC)),
        ("schedule", "administrator", datetime(2026, 9, 1, 9, tzinfo=UTC)),
    ],
)
def test_each_alarm_goes_to_those_who_can_mend_it(
    engine: Engine, settings: Settings, kind: str, owner: str, at: datetime
) -> None:
    open_account(engine, "administrator")
    open_account(engine, "publisher", "publisher")
    (settings.data / MARK).write_text(at.isoformat())
    if kind == "schedule":
        beat(engine, "a:1", at - timedelta(hours=1))
    alarms(engine, settings, at.astimezone(settings.zone))
    assert (kind, owner, False) in told(engine)
    assert not [one for one in told(engine) if one[0] == kind and one[1] != owner]


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Settings:
    """The city with days off of its own, to be written to."""
    shutil.copytree(settings.holidays, tmp_path / "city/holidays")
    return msgspec.structs.replace(settings, city_folder=tmp_path / "city")


def days_off_told(engine: Engine, settings: Settings, at: datetime) -> list[str]:
    """What the administrator has still to mend of the days off."""
    (settings.data / MARK).write_text(at.isoformat())
    alarms(engine, settings, at)
    with reading(engine) as session:
        rows = session.exec(select(Outbox).order_by(Outbox.key)).all()
        return [
            one.body
            for one in rows
            if one.key.startswith("alarm:holidays:") and one.read_at is None
        ]


def test_days_off_that_are_missing_are_told_until_they_are_there(
    engine: Engine, own: Settings
) -> None:
    open_account(engine, "administrator")
    file, announced = own.holidays / "2027.toml", "year = 2027\nholidays = [2027-01-01]\n"
    for at, written, wanted in (
        ("2026-10-31", "", []),
        ("2026-11-01", "", ["明年"]),
        ("2027-01-01", "", ["明年", "今年"]),
        ("2027-03-01", f"provisional = true\n{announced}", ["明年", "今年", "今年"]),
        ("2027-03-02", announced, []),
    ):
        if written:
            file.write_text(written, "utf-8")
        said = days_off_told(engine, own, datetime.fromisoformat(f"{at}T09:00:00+08:00"))
        assert len(said) == len(wanted), at
        for sentence, word in zip(said, wanted, strict=True):
            assert "2027 年" in sentence
            assert f"{word}的期限" in sentence
            assert str(file) in sentence


def test_a_slip_in_the_days_off_is_told_and_silences_no_other_alarm(
    engine: Engine, own: Settings
) -> None:
    open_account(engine, "administrator")
    open_account(engine, "publisher", "publisher")
    at = datetime(2026, 9, 20, 9, tzinfo=own.zone)
    assert days_off_told(engine, own, at) == []
    file = own.holidays / "2027.toml"
    file.write_text("year = 2027\nholidays = 元旦\n", "utf-8")
    (said,) = days_off_told(engine, own, at + DAY)
    for word in (str(file), "第 2 行", "请改正"):
        assert word in said
    assert told(engine).count(("edition", "publisher", False)) == 2, "each day, and not ended"
    file.unlink()
    assert days_off_told(engine, own, at + DAY) == []


def test_a_node_serves_on_with_the_days_off_it_has_read_and_says_what_is_wrong(
    engine: Engine, own: Settings
) -> None:
    watcher = Watcher(engine, own, Steady(own.zone), schedules=False)
    file = own.holidays / "2027.toml"
    file.write_text("year = 2027\nholidays = 元旦\n", "utf-8")
    seen = watcher.look()
    assert seen.ready
    found = {one.key: one for one in seen.checks}
    assert (found["holidays"].ok, found["holidays"].warns) == (True, True)
    for word in (str(file), "第 2 行", "请改正"):
        assert word in found["holidays"].said
    assert not [one.said for key, one in found.items() if key != "holidays" and one.warns]
    assert "holidays" in {one.kind for one in seen.alarms}


@pytest.mark.parametrize(("days", "rings"), [(61, False), (59, True), (-1, True)])
@pytest.mark.parametrize("whose", ["签名证书 paper.crt", "网站证书 site.crt"])
def test_a_certificate_rings_sixty_days_before_its_end(
    engine: Engine, tmp_path: Path, whose: str, days: int, *, rings: bool
) -> None:
    open_account(engine, "administrator")
    environ = {"XINYONG_DATA": str(tmp_path), "XINYONG_CERTIFICATE": str(tmp_path / "site.crt")}
    city = load_settings(None, environ)
    city.keys.mkdir()
    (city.data / MARK).write_text(MADE.isoformat())
    for name, folder in (("paper.crt", city.keys), ("site.crt", city.data)):
        certificate(folder / name, days if name in whose else 300)
    alarms(engine, city, MADE)
    with reading(engine) as session:
        said = session.exec(select(Outbox.body).where(Outbox.key.startswith("alarm:ending"))).all()  # type: ignore[attr-defined]
    assert [one.partition(" 还有")[0].partition(" 已经")[0] for one in said] == (
        [whose] if rings else []
    )


def test_a_certificate_that_cannot_be_read_silences_no_other_alarm(
    engine: Engine, tmp_path: Path
) -> None:
    open_account(engine, "administrator")
    city = load_settings(None, {"XINYONG_DATA": str(tmp_path)})
    (city.keys / "bureau-paper.crt").mkdir(parents=True)  # root too cannot read a folder
    alarms(engine, city, MADE)
    assert ("backup", "administrator", False) in told(engine)


def test_a_disk_that_is_nearly_full_rings(
    engine: Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_account(engine, "administrator")
    at = datetime(2026, 9, 1, 8, tzinfo=settings.zone)
    (settings.data / MARK).write_text(at.isoformat())
    room = namedtuple("room", "total used free")
    for free, rings in ((30e9, []), (1.9e9, [("disk", "administrator", False)])):
        monkeypatch.setattr(
            shutil, "disk_usage", lambda _, free=free: room(40e9, 40e9 - free, free)
        )
        alarms(engine, settings, at)
        assert told(engine) == rings


def test_a_matter_that_nobody_owns_raises_an_alarm(engine: Engine, settings: Settings) -> None:
    open_account(engine, "administrator")
    start = datetime(2026, 9, 1, 8, tzinfo=settings.zone)
    (settings.data / MARK).write_text(start.isoformat())
    common = {"recorded_at": start, "recorded_by": "administrator"}
    with writing(engine) as session:
        session.add(Institution(id="NB-0001-0", serial=1, **common))
        session.flush()
        values = {"kind": "finding", "institution": "NB-0001-0", "opened_on": start.date()}
        for id, owner in (("M-1", ""), ("M-2", "administrator")):
            session.add(Matter(id=id, owner=owner, **values, **common))
            session.flush()
            step = Step(
                matter=id, seq=1, state="discovered", act="record", on=start.date(), **common
            )
            session.add(step)
    assert alarms(engine, settings, start) == 1
    assert told(engine) == [("ownerless", "administrator", False)]
    with reading(engine) as session:
        said = session.exec(select(Outbox.body)).one()
    assert "1 件事项无人负责" in said
    assert "M-1" in said
