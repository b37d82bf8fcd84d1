"""No test times anything: what a page shows at last is waited for, on a busy machine too."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from config.settings import Settings
from tests.conftest import served

expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def office(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The office of a copy of the demo city, for whoever signs in changes it."""
    own = shutil.copytree(demo.data, tmp_path_factory.mktemp("office") / "data", symlinks=True)
    with served("--no-schedule", XINYONG_DATA=str(own)) as url:
        yield url
