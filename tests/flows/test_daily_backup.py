"""The daily backup: once a day, the last good one never goes, and whoever administers is told when it is late."""

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from config.alarms import alarms, current_alarms
from config.backups import OLD
from config.city import Backup
from config.keeping.backup import WORK
from config.keeping.daily import Good, backup_due, goods, let_go, newest_good
from config.register import open_register
from config.settings import Settings, SettingsError, load_settings
from registry import queries
from registry.database import reading, writing
from registry.tables import Attempt, Outbox
from tests.conftest import served
from tests.flows.kept_city import built_city, key_pair

CONFIG = Path(__file__).parents[2] / "config"
NIGHT = (2026, 12, 1)


def with_backup(settings: Settings, folder: Path, key: str = "", keep: int = 2) -> Settings:
    wanted = Backup(folder=str(folder), key=key, keep=keep)
    city = msgspec.structs.replace(settings.city, backup=wanted)
    return msgspec.structs.replace(settings, city=city)


@pytest.fixture
def city(tmp_path: Path) -> Iterator[tuple[Engine, Settings]]:
    settings = built_city(tmp_path / "data")
    engine = open_register(settings)
    (tmp_path / "disk").mkdir(mode=0o700)
    yield engine, with_backup(settings, tmp_path / "disk", key_pair(tmp_path)[1])
    engine.dispose()


REMEDY = "请检查备份文件夹和磁盘空间，再执行 xinyong doctor。"


def told(engine: Engine, settings: Settings, now: datetime) -> list[tuple[str, bool]]:
    """What the administrator is told of the backup by now, and whether it is over."""
    alarms(engine, settings, now)
    with reading(engine) as session:
        rows = session.exec(select(Outbox).where(Outbox.account == "administrator")).all()
        return [
            (one.body, one.read_at is not None)
            for one in rows
            if one.key.startswith("alarm:backup:")
        ]


def shown(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """What the operators' page and the figures say of the backup."""
    found = current_alarms(engine, settings, now)
    return [one.sentence for one in found if one.kind == "backup"]


def test_it_is_made_once_a_day_from_its_hour_on(city: tuple[Engine, Settings]) -> None:
    engine, settings = city
    before, night = (datetime(*NIGHT, hour, 0, tzinfo=settings.zone) for hour in (1, 2))
    assert "还没有一份" in backup_due(engine, settings, before)
    assert newest_good(settings) is None
    assert backup_due(engine, settings, night) == ""
    first = newest_good(settings)
    assert first is not None
    assert first.file == "xinyong-ningbo-2026-12-01-020000.backup.age"
    for minute in (1, 1200):
        assert backup_due(engine, settings, night + timedelta(minutes=minute)) == ""
    assert goods(settings) == [first]
    assert backup_due(engine, settings, night + timedelta(days=1)) == ""
    assert len(goods(settings)) == 2


def test_a_disk_that_is_not_there_is_told_and_tried_again_after_an_hour(
    city: tuple[Engine, Settings],
) -> None:
    engine, settings = city
    night = datetime(*NIGHT, 2, 0, tzinfo=settings.zone)
    assert backup_due(engine, settings, night) == ""
    disk = Path(settings.city.backup.folder) if settings.city.backup else Path()
    shutil.move(disk, disk.with_name("unplugged"))
    late = night + OLD + timedelta(minutes=1)
    said = backup_due(engine, settings, late)
    assert "还没有一份" in said
    assert "不存在" in said
    assert shown(engine, settings, late) == [f"{said}{REMEDY}"]
    assert told(engine, settings, late) == [(f"{said}{REMEDY}", False)]
    shutil.move(disk.with_name("unplugged"), disk)
    said = backup_due(engine, settings, late + timedelta(minutes=59))
    assert "2026-12-01 02:00" in said
    assert "超过一天" in said
    assert len(told(engine, settings, late + timedelta(minutes=59))) == 1
    mended = late + timedelta(minutes=60)
    assert backup_due(engine, settings, mended) == ""
    assert shown(engine, settings, mended) == []
    assert [over for _, over in told(engine, settings, mended)] == [True], "it ends when mended"


def test_one_that_is_found_wanting_is_made_once_a_day_and_only_the_newest_is_kept(
    city: tuple[Engine, Settings],
) -> None:
    engine, settings = city
    wanted = settings.city.backup
    assert wanted is not None
    night = datetime(*NIGHT, 2, 0, tzinfo=settings.zone)
    assert backup_due(engine, settings, night) == ""
    good, *_ = lying(wanted.folder)
    first = next(settings.editions.glob("2026-*"))
    shutil.move(first, settings.data.parent / "lost")
    said = ""
    for day in (1, 2):
        for hour in (0, 2, 20):
            at = night + timedelta(days=day, hours=hour)
            said = backup_due(engine, settings, at)
            assert lying(wanted.folder) == [
                good,
                f"{good[:15]}{night:%Y-%m}-{1 + day:02}{good[25:]}",
            ]
    assert "2026-12-01 02:00" in said
    assert "核对时发现" in said
    assert first.name in said
    shutil.move(settings.data.parent / "lost", first)
    assert backup_due(engine, settings, night + timedelta(days=3)) == ""
    assert [one.file for one in goods(settings)] == lying(wanted.folder)[::-1]
    assert len(goods(settings)) == 2


def lying(folder: str) -> list[str]:
    """The backups in a folder."""
    return sorted(one.name for one in Path(folder).iterdir() if one.suffix != ".json")


def test_what_nobody_foresaw_is_told_too_and_tried_again_after_an_hour(
    city: tuple[Engine, Settings],
) -> None:
    engine, settings = city
    night = datetime(*NIGHT, 2, 0, tzinfo=settings.zone)
    work = settings.data / WORK
    work.write_text("a file where a folder is to be")
    said = backup_due(engine, settings, night)
    assert "备份没有做成" in said
    assert str(work) in said
    assert told(engine, settings, night) == [(f"{said}{REMEDY}", False)]
    work.unlink()
    assert backup_due(engine, settings, night + timedelta(minutes=59)) == said
    assert backup_due(engine, settings, night + timedelta(minutes=60)) == ""


def test_a_disk_that_never_answers_is_told_though_the_backup_waits_for_it(
    city: tuple[Engine, Settings],
) -> None:
    """The work of the day hangs and notes nothing; whoever watches reads no disk but the data's."""
    engine, settings = city
    night = datetime(*NIGHT, 2, 0, tzinfo=settings.zone)
    assert shown(engine, settings, night) == [f"还没有一份核对过的备份。{REMEDY}"]
    assert backup_due(engine, settings, night) == ""
    wanted = settings.city.backup
    assert wanted is not None
    shutil.rmtree(wanted.folder)
    assert shown(engine, settings, night + timedelta(hours=26)) == [], "today's is being made"
    (said,) = shown(engine, settings, night + timedelta(hours=28))
    assert said == f"最近一份核对过的备份是 2026-12-01 02:00，已超过一天。{REMEDY}"


def test_a_city_that_is_served_erases_and_backs_up_by_itself(
    city: tuple[Engine, Settings], tmp_path: Path
) -> None:
    engine, settings = city
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with writing(engine) as session:
        session.add(Attempt(account="somebody", at=long_ago, address="192.0.2.1"))
    folder = tmp_path / "city"
    shutil.copytree(CONFIG, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    # Where it is noon now, the day's hour has come whenever this runs.
    east = 12 - datetime.now(UTC).hour
    text = (folder / "city.toml").read_text("utf-8")
    assert 'timezone = "Asia/Shanghai"' in text
    text = text.replace("Asia/Shanghai", f"Etc/GMT{-east:+d}")
    wanted = settings.city.backup
    assert wanted is not None
    text += f'\n[backup]\nfolder = "{wanted.folder}"\nkey = "{wanted.key}"\n'
    (folder / "city.toml").write_text(text, "utf-8")
    with served(XINYONG_DATA=str(settings.data), XINYONG_CITY=str(folder)):
        for _ in range(600):
            if list(Path(wanted.folder).glob("*.json")):
                break
            time.sleep(0.1)
    assert len(goods(settings)) == 1
    with reading(engine) as session:
        assert queries.sign_ins(session) == []
        assert [one.subject for one in queries.ledger_entries(session, act="erase")] == ["attempt"]


def good(folder: Path, made_at: datetime) -> str:
    name = f"xinyong-ningbo-{made_at:%Y-%m-%d-%H%M%S}.backup"
    (folder / name).write_bytes(b"x" * 10)
    one = Good(file=name, made_at=made_at, size=10, sha256="", ledger=1, edition="")
    (folder / f"{name}.json").write_bytes(msgspec.json.encode(one))
    return name


def test_the_last_days_and_months_are_kept_and_nothing_that_is_not_ours_is_touched(
    tmp_path: Path,
) -> None:
    settings = with_backup(load_settings(None, {"XINYONG_DATA": str(tmp_path)}), tmp_path)
    start = datetime(2025, 1, 1, 2, tzinfo=settings.zone)
    names = [good(tmp_path, start + timedelta(days=n)) for n in range(500)]
    foreign = (
        "letter.txt",
        "xinyong-other-2025-01-01-020000.backup",
        "xinyong-ningbo-notes.backup",
    )
    for one in foreign:
        (tmp_path / one).write_text("x")
    (tmp_path / names[100]).write_bytes(b"cut")  # no good one any more, and yet ours
    half = [tmp_path / f".xinyong-ningbo-2026-05-1{n}-020000.backup.part" for n in (3, 4)]
    for path, hours in zip(half, (25, 23), strict=True):
        path.write_bytes(b"half")
        at = (start + timedelta(days=499, hours=-hours)).timestamp()
        os.utime(path, (at, at))
    newest = tmp_path / "xinyong-ningbo-2099-01-01-020000.backup"
    newest.write_bytes(b"being written by another node")
    let_go(settings, 2)
    left = {one.name for one in tmp_path.glob("*") if one.suffix != ".json"}
    days = {names[-1], names[-2]}
    months = {
        name
        for name, after in zip(names, [*names[1:], ""], strict=True)
        if name[15:22] != after[15:22]
    }
    assert left == days | set(sorted(months)[-12:]) | set(foreign) | {newest.name, half[1].name}
    assert {one.name for one in tmp_path.glob("*.json")} == {
        f"{one}.json" for one in left & set(names)
    }


def test_the_last_good_one_stays_even_if_it_is_old(tmp_path: Path) -> None:
    settings = with_backup(load_settings(None, {"XINYONG_DATA": str(tmp_path)}), tmp_path, keep=1)
    only = good(tmp_path, datetime(2020, 1, 1, tzinfo=settings.zone))
    wanting = tmp_path / "xinyong-ningbo-2026-01-01-020000.backup"
    wanting.write_bytes(b"never checked")
    assert let_go(settings, 1) == []
    assert (tmp_path / only).exists()


def test_of_those_found_wanting_the_newest_stays_and_what_was_once_noted_as_good(
    tmp_path: Path,
) -> None:
    settings = with_backup(load_settings(None, {"XINYONG_DATA": str(tmp_path)}), tmp_path, keep=1)
    start = datetime(2026, 12, 1, 2, tzinfo=settings.zone)
    noted = good(tmp_path, start)
    (tmp_path / f"{noted}.json").write_bytes(b"cannot be read now")
    wanting = [f"xinyong-ningbo-2026-12-02-{hour:02}0000.backup" for hour in range(2, 6)]
    for one in wanting:
        (tmp_path / one).write_bytes(b"found wanting")
    assert let_go(settings, 1) == wanting[:-1]
    assert (tmp_path / noted).exists()


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('folder = "backups"', "backup.folder"),
        ('folder = "/b"\nkeep = 0', "backup.keep"),
        ('folder = "/b"\nkeys = "x"', "backup"),
        ("keep = 3", "backup"),
    ],
    ids=["relative", "none", "unknown", "nowhere"],
)
def test_a_setting_that_cannot_be_is_refused(lines: str, said: str, tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "config/city.toml"
    text = source.read_text("utf-8") + f"\n[backup]\n{lines}\n"
    (tmp_path / "city.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=said):
        load_settings(tmp_path, {})
