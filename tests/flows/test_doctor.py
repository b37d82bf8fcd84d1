"""The doctor: a sound installation has no fault, and each one seeded is named, and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import trustme
from sqlalchemy import text as text_of

from config.backups import MARK
from config.doctor import Sign, examine
from config.doctor.examine import FIRST
from config.doctor.signs import Found
from config.settings import Settings, load_settings
from registry.database import leading, open_database
from tests.flows.faults import FAULTS, NOW, OLD, Broken
from tests.flows.sound_city import build, city_folder, holding, made_sound, run
from tests.registry.mailboxes import Mailbox, receiving

ROOT = Path(__file__).parents[2]
MAIL = '\n[mail]\nhost = "127.0.0.1"\nport = {port}\nsender = "a@b"\n'
ASK = """
import sys
from datetime import datetime
from config.doctor import examine
found = examine(datetime.fromisoformat(sys.argv[1]))
print([one.fault for one in found if one.problem])
"""


@pytest.fixture(scope="module")
def sound(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = tmp_path_factory.mktemp("sound") / "data"
    shutil.copytree(demo.data, data, symlinks=True)
    environ = {"XINYONG_DATA": str(data)}
    return made_sound(load_settings(None, environ), environ, NOW)


@pytest.fixture
def one(sound: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Broken:
    data, city = tmp_path / "data", city_folder(tmp_path / "city", 2027)
    shutil.copytree(sound.data, data, symlinks=True)
    monkeypatch.setenv("XINYONG_DATA", str(data))
    monkeypatch.setenv("XINYONG_CITY", str(city))
    monkeypatch.setenv("XINYONG_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    return Broken(load_settings(), city)


def faults(now: datetime = NOW) -> list[Sign]:
    return [one for one in examine(now) if one.problem]


def test_a_sound_installation_has_no_fault(one: Broken) -> None:
    assert faults() == []


@pytest.mark.parametrize("name", FAULTS)
def test_a_seeded_fault_is_named_and_nothing_else(one: Broken, name: str) -> None:
    wanted, break_it = FAULTS[name]
    break_it(one)
    found = faults()
    assert [sign.fault for sign in found] == wanted.split(), found
    assert "请" in found[0].problem, "it says what to do"


def test_every_fault_that_can_be_named_is_seeded_and_readme_says_how_many_there_are() -> None:
    """The keys as they stand in the doctor's source, and in this file and the one of faults."""
    sources = sorted((ROOT / "config/doctor").glob("*.py"))
    known = {
        key
        for one in sources
        for key in re.findall(r'(?:Fault\(\s*|fault=|else )"(\w+\.\w+)"', one.read_text("utf-8"))
    } - {"bureau.pub"}
    seeded = "\n".join(
        (ROOT / "tests/flows" / name).read_text("utf-8") for name in ("faults.py", "test_doctor.py")
    )
    assert {one for one in known if not re.search(rf"[\"' ]{one}[\"' ]", seeded)} == set()
    (said,) = re.findall(
        r"\*\*The doctor\*\* knows (\d+) faults", (ROOT / "README.md").read_text("utf-8")
    )
    assert int(said) == len(known)


def test_a_look_that_cannot_be_finished_is_a_fault_and_keeps_no_other_from_being_made(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> Found:
        raise RuntimeError("nobody foresaw it")

    monkeypatch.setitem(FIRST, "生成 PDF", fails)
    (one.data / MARK).unlink()
    found = faults()
    assert [sign.fault for sign in found] == ["look.failed", "backup.none"]
    assert "nobody foresaw it" in found[0].problem


def test_a_clock_behind_the_ledger_is_named(one: Broken) -> None:
    assert [sign.fault for sign in faults(datetime(2026, 9, 30, tzinfo=NOW.tzinfo))] == [
        "clock.behind"
    ]


def test_the_next_years_days_off_are_missed_from_november_on(one: Broken) -> None:
    (one.city / "holidays/2027.toml").unlink()
    assert [sign.fault for sign in faults()] == ["holidays.next"]


def test_a_process_that_holds_the_lock_and_does_nothing_is_named(one: Broken) -> None:
    one.sql(OLD.format("pulse", "ticked_at"))
    lock = Path(f"{one.register}.leader")
    lock.touch()
    with holding(lock) as pid:
        while subprocess.run(["flock", "-n", lock, "true"], check=False).returncode == 0:
            time.sleep(0.01)
        found = faults()
    assert [sign.fault for sign in found] == ["lock.stale"]
    assert str(pid) in found[0].problem


def test_mail_that_would_go_in_clear_is_named_and_is_a_fault_no_more_once_it_is_wanted(
    one: Broken,
) -> None:
    with receiving(Mailbox()) as box:
        one.sql("UPDATE account SET email = 'office@example.cn'")
        one.add("city.toml", MAIL.format(port=box.port))
        assert [sign.fault for sign in faults()] == ["mail.open"]
        one.add("city.toml", "starttls = false\n")
        assert faults() == []


def test_mail_that_reaches_nobody_who_releases_or_keeps_accounts_is_named(one: Broken) -> None:
    with receiving(Mailbox()) as box:
        one.add("city.toml", MAIL.format(port=box.port) + "starttls = false\n")
        assert [sign.fault for sign in faults()] == ["people.no_email"]
        one.sql("UPDATE account SET email = 'office@example.cn'")
        assert faults() == []


def test_a_mail_server_whose_certificate_nobody_here_signed_is_named_until_it_is_trusted(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    with receiving(Mailbox(), "tls", authority) as box:
        one.sql("UPDATE account SET email = 'office@example.cn'")
        one.add("city.toml", MAIL.format(port=box.port) + "tls = true\n")
        assert [sign.fault for sign in faults()] == ["mail.certificate"]
        authority.cert_pem.write_to_path(one.data / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(one.data / "authority.pem"))
        assert faults() == []


def test_a_database_server_that_is_away_is_named(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATABASE", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert [sign.fault for sign in faults()] == ["database.away"]


def test_a_data_folder_that_is_misnamed_is_named(
    one: Broken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINYONG_DATA", "/nowhere/at/all")
    assert [sign.fault for sign in faults()] == ["data.missing"]


def asked(before: str = "", **environ: str) -> str:
    """What another process finds, started after a shell has changed its world."""
    line = [sys.executable, "-c", ASK, NOW.isoformat()]
    if before:
        line = [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'{before} && exec "$@"',
            "sh",
            *line,
        ]
        if os.getuid() == 0:
            line.remove("--map-root-user")
    done = subprocess.run(
        line, env={**os.environ, **environ}, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_disk_without_room_is_named(one: Broken) -> None:
    copy = f"cp -a {one.data} {one.data}.kept && mount -t tmpfs -o size=80m tmpfs {one.data}"
    assert asked(f"{copy} && cp -a {one.data}.kept/. {one.data}/") == "['disk.full']"


def test_a_disk_that_is_read_only_is_named(one: Broken) -> None:
    mount = f"mount --bind {one.data} {one.data} && mount -o remount,bind,ro {one.data}"
    assert asked(mount) == "['data.readonly']"


def test_missing_fonts_are_named(one: Broken, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    file = tmp_path / "fonts.conf"
    head = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
    file.write_text(f"{head}<fontconfig><dir>{tmp_path / 'fonts'}</dir></fontconfig>")
    assert asked(FONTCONFIG_FILE=str(file)) == "['print.fonts']"


def test_a_missing_library_of_the_papers_is_named(one: Broken, tmp_path: Path) -> None:
    for name in ("libpango-1.0.so.0", "libpango-1.0.so", "libpango-1.0-0"):
        (tmp_path / name).write_text("no library")
    assert asked(LD_LIBRARY_PATH=str(tmp_path)) == "['print.library']"


def test_missing_time_zones_are_named(one: Broken, tmp_path: Path) -> None:
    (tmp_path / "tzdata").mkdir()
    (tmp_path / "tzdata/__init__.py").touch()
    assert asked(PYTHONPATH=f"{tmp_path}:{ROOT}", PYTHONTZPATH="") == "['machine.timezones']"


def test_the_command_tells_programs_the_fault_and_ends_with_status_1(one: Broken) -> None:
    (one.keys / "bureau.key").chmod(0o644)
    words = [sys.executable, "-m", "config", "doctor", "--json"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "key.open" in [sign["fault"] for sign in json.loads(done.stdout)]


@pytest.fixture
def large(postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The same installation on a server, as of today by the server's own clock."""
    now = datetime.now(NOW.tzinfo)
    city = city_folder(tmp_path / "city", now.year, now.year + 1)
    environ = {"XINYONG_DATA": str(tmp_path / "data"), "XINYONG_DATABASE": postgres}
    for name, value in {**environ, "XINYONG_CITY": str(city)}.items():
        monkeypatch.setenv(name, value)
    made = build(environ | {"XINYONG_CITY": str(city)}, now)
    yield made
    engine = open_database(made.database)
    with engine.begin() as connection:
        connection.execute(text_of(f'DROP SCHEMA "{made.schema}" CASCADE'))
    engine.dispose()


def test_on_a_server_too_each_fault_is_named_and_nothing_else(large: Settings) -> None:
    now = datetime.now(NOW.tzinfo)
    assert faults(now) == []
    wrong = [sign.fault for sign in faults(now + timedelta(minutes=10))]
    assert wrong == ["clock.database"]
    run(large, "ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
    assert [sign.fault for sign in faults(now)] == ["database.triggers"]
    run(large, "ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")
    run(large, "UPDATE pulse SET ticked_at = now() - interval '1 hour'")
    engine = open_database(large.database, large.schema)
    with leading(engine) as mine:
        assert mine
        found = faults(now)
    engine.dispose()
    assert [sign.fault for sign in found] == ["lock.stale"]
    assert "pg_terminate_backend" in found[0].problem
