"""A city of two editions, an S3-compatible server, and a public node with its own copy."""

import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from itertools import count
from pathlib import Path

import msgspec
import pytest

import config.commands  # noqa: F401 registers them
from config.bucket.bucket import Bucket
from config.month import renderers
from config.settings import Settings
from publisher.edition import read_edition
from publisher.site.store import Store
from publisher.verify import verify
from publisher.withdraw import Withdrawn, bury
from tests.flows.bucket.s3 import READER, S3, WRITER, s3_server, stored
from tests.flows.kept_city import PERIODS, built_city

FIRST, SECOND = PERIODS
FOLDERS = count(1)


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    with s3_server() as server:
        yield server


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A city with two editions, which nobody changes."""
    return built_city(tmp_path_factory.mktemp("city") / "data")


@pytest.fixture(scope="module")
def later(released: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The editions folder after one institution's entry was withdrawn from the second edition."""
    data = tmp_path_factory.mktemp("later") / "data"
    shutil.copytree(released.data, data, symlinks=True)
    someone = json.loads(read_edition(released.editions / SECOND).lines[3])["institution"]
    today = date(2026, 11, 20)
    gone = {someone: Withdrawn(institution=someone, on=today, reason="原决定被撤销")}
    at = datetime(2026, 11, 20, 9, tzinfo=released.zone)
    again = renderers(released, at, papers=False)
    assert bury(data / "editions" / SECOND, data / "keys", gone, today, lambda _: again)
    return data / "editions"


@pytest.fixture
def office(s3: S3, released: Settings, tmp_path: Path) -> Settings:
    """The office that publishes, with a folder of the bucket for itself."""
    shutil.copytree(released.data, tmp_path / "data", symlinks=True)
    own = msgspec.structs.replace(
        released, data=tmp_path / "data", database=f"sqlite:///{tmp_path / 'data/register.db'}"
    )
    return stored(own, s3.endpoint, f"city{next(FOLDERS)}", WRITER)


@pytest.fixture
def node(office: Settings) -> Settings:
    """A public node: it may read, and has the folder's name from the same city.toml."""
    return msgspec.structs.replace(office, store_key=READER[0], store_secret=READER[1])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    (tmp_path / "copy").mkdir()
    return tmp_path / "copy"


def city_folder(office: Settings, folder: Path) -> Path:
    """A city's folder whose city.toml names the store."""
    shutil.copytree(
        office.city_folder, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")
    )
    store = office.city.store
    assert store is not None
    with (folder / "city.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[store]\nurl = "{store.url}"\nendpoint = "{store.endpoint}"\n')
    return folder


def objects(office: Settings) -> dict[str, bytes]:
    """Everything in the office's folder of the bucket."""
    bucket = Bucket(office)
    return {name: bucket.get(name) for name in bucket.listed()}


def whole(copy: Path) -> list[str]:
    """The editions a copy shows, each of them just as it was signed."""
    names = Store(copy).names()
    for name in names:
        assert verify(copy / name, copy / "bureau.pub").problems == ()
    return names
