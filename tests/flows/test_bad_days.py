"""What goes wrong around the software ends in one sentence and status 2, and the old edition stays."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from config import month
from config.register import open_register
from config.settings import Settings, load_settings
from publisher.verify import verify

ROOT = Path(__file__).parents[2]
NO_FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{}</dir></fontconfig>"""
Command = Callable[..., str]


@pytest.fixture
def settings(demo: Settings, tmp_path: Path) -> Settings:
    """A copy of the demo city whose next edition is signed and waits for its release."""
    shutil.copytree(demo.data, tmp_path / "data", symlinks=True)
    made = load_settings(None, {"XINYONG_DATA": str(tmp_path / "data")})
    engine = open_register(made)
    now = datetime(2026, 12, 3, 9, tzinfo=made.zone)
    month.prepare_month(engine, made, "2026-12", by="publisher", now=now)
    month.approve_month(
        engine, made, "2026-12", by="signer", now=now, unheard="一个月的变动，来不及逐家听取"
    )
    engine.dispose()
    return made


@pytest.fixture
def fails(settings: Settings) -> Command:
    """Runs a command that must fail with a sentence; what it says."""

    def run(*words: str, before: str = "", **environ: str) -> str:
        line = [sys.executable, "-m", "config", *words]
        if before:
            line = ["bash", "-c", f'{before}; exec "$@"', "bash", *line]
        done = subprocess.run(
            line,
            env={**os.environ, "XINYONG_DATA": str(settings.data), **environ},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "请" in done.stderr
        return done.stderr

    return run


RELEASE = ("release", "2026-12", "--by", "publisher")


def still_served(settings: Settings) -> bool:
    current = (settings.editions / "current").resolve()
    whole = not verify(current, settings.keys / "bureau.pub").problems
    return whole and current.name == "2026-11" and not (settings.editions / "2026-12").exists()


def test_a_full_disk_leaves_the_old_edition_and_the_release_can_be_repeated(
    settings: Settings, fails: Command
) -> None:
    assert "磁盘已满" in fails(*RELEASE, before="ulimit -f 200")
    assert still_served(settings)
    engine = open_register(settings)
    now = datetime(2026, 12, 3, 9, tzinfo=settings.zone)
    folder = month.release_month(engine, settings, "2026-12", by="publisher", now=now)
    engine.dispose()
    assert verify(folder, settings.keys / "bureau.pub").problems == ()


def test_a_missing_font_is_named_with_its_package(
    settings: Settings, fails: Command, tmp_path: Path
) -> None:
    (tmp_path / "fonts").mkdir()
    file = tmp_path / "fonts.conf"
    file.write_text(NO_FONTS.format(tmp_path / "fonts"))
    assert "fonts-noto-cjk" in fails(*RELEASE, FONTCONFIG_FILE=str(file))
    assert still_served(settings)


def test_a_port_in_use_is_said(fails: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        said = fails("serve", "--port", str(busy.getsockname()[1]))
    assert "--port" in said


def test_a_database_of_a_newer_version_is_not_touched(settings: Settings, fails: Command) -> None:
    file = settings.data / "register.db"
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "升级本软件" in fails("assess")
    assert "升级本软件" in fails("serve", "--port", "0")


def test_a_database_that_is_away_or_damaged_is_said(settings: Settings, fails: Command) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    assert "XINYONG_DATABASE" in fails("assess", XINYONG_DATABASE=away)
    (settings.data / "register.db").write_bytes(b"this is not a database, it is a letter" * 99)
    assert "损坏" in fails("assess")


def test_a_broken_policy_is_named_with_its_place_before_anything_is_released(
    settings: Settings, fails: Command, tmp_path: Path
) -> None:
    city = tmp_path / "city"
    shutil.copytree(ROOT / "config", city, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    policy = city / "policy/NB-2026-1.toml"
    policy.write_text(policy.read_text("utf-8").replace("from = 75", "from = 76", 1), "utf-8")
    assert "75 到 76 之间没有等级" in fails(*RELEASE, XINYONG_CITY=str(city))
    assert still_served(settings)


def test_a_file_of_an_edition_that_was_touched_is_named(settings: Settings) -> None:
    folder = settings.editions / "2026-11"
    for name, change in {
        "lists/white.html": b"<p>added</p>",
        "white.pdf": b"%",
        "register.sqlite": b"\0",
        "entries.jsonl": b"{}\n",
    }.items():
        path = folder / name
        before = path.read_bytes()
        path.chmod(0o644)
        path.write_bytes(before + change)
        problems = verify(folder, settings.keys / "bureau.pub").problems
        assert any(name in one for one in problems)
        path.write_bytes(before)
    assert verify(folder, settings.keys / "bureau.pub").problems == ()
