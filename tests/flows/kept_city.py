"""A small city on either database, keys to encrypt for, and a machine that is lost."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import text

from config.demo import build
from config.keeping.backup import Made, make_backup
from config.keeping.restore import Restored, Wanted, restore
from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from registry.database import open_database

PERIODS = ("2026-10", "2026-11")


def quiet(*_: object) -> None:
    """Reports to nobody."""


def environ_of(settings: Settings) -> dict[str, str]:
    """What says to a process, beside the data folder, where this city's database is."""
    return {"XINYONG_DATABASE": settings.database} if settings.schema else {}


def built_city(folder: Path, database: str = "") -> Settings:
    """A city of 20 institutions with two editions, without papers, which take long and are made elsewhere."""
    environ = {"XINYONG_DATA": str(folder), "XINYONG_DATABASE": database}
    settings = demo_settings(load_settings(None, environ))
    with patch.object(build, "LAST", 0):
        build.build_demo(settings, 5, quiet, size=20, periods=PERIODS)
    (settings.data / "uploads/ab").mkdir(parents=True)
    return settings


@contextmanager
def kept_city(request: pytest.FixtureRequest, folder: Path) -> Iterator[Settings]:
    """A city of 20 institutions with two editions, on the database a fixture is asked for."""
    settings = built_city(
        folder, request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    )
    yield settings
    drop(settings)


def drop(settings: Settings) -> None:
    """The city's schema is no more."""
    if settings.schema:
        engine = open_database(settings.database)
        with engine.begin() as connection:
            connection.execute(text(f'DROP SCHEMA IF EXISTS "{settings.schema}" CASCADE'))
        engine.dispose()


def lose(settings: Settings) -> None:
    """The machine is gone, with its folder and its schema."""
    shutil.rmtree(settings.data)
    drop(settings)


def backed_up(settings: Settings, file: Path, to: str = "", *, checking: bool = False) -> Made:
    """A backup of the city as it is now."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    engine = open_register(settings)
    try:
        now = datetime.now(settings.zone)
        return make_backup(engine, settings, file, to, now, quiet, checking=checking)
    finally:
        engine.dispose()


def brought_back(settings: Settings, file: Path, **more: Path | None) -> Restored:
    """The city as it was backed up, where it was before."""
    wanted = Wanted(file=file, data=settings.data, key=more.pop("key", None), **more)
    return restore(wanted, quiet, environ_of(settings))


def key_pair(folder: Path, name: str = "key.txt") -> tuple[Path, str]:
    """A private key in a file, and the public key that goes with it."""
    private = folder / name
    subprocess.run(["age-keygen", "-o", private], check=True, capture_output=True)
    public = subprocess.run(["age-keygen", "-y", private], check=True, capture_output=True)
    return private, public.stdout.decode().strip()
