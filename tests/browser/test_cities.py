"""The common pages of several cities: without a barrier, and no wider than the screen."""

import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from config.settings import Settings
from tests.browser.test_barriers import WAYS, faults
from tests.browser.test_pages import browser
from tests.conftest import served
from tests.flows.cities import installation_file

__all__ = ["browser"]
PAGES = ("/", "/search/?q=培训", "/search/?q=没有这一家", "/search/?q=", "/nope", "/city1/")


@pytest.fixture(scope="module")
def port(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A public node of three cities, of which one has released nothing, at all.localhost."""
    root = tmp_path_factory.mktemp("cities")
    file = installation_file(root, 3, {})
    text = file.read_text("utf-8").replace("all.example", "all.localhost")
    file.write_text(text.replace('hosts = ["city1.example"]\n', ""), "utf-8")
    for id in ("city0", "city1"):
        shutil.copytree(demo.editions, root / "editions" / id, symlinks=True)
    (root / "editions" / "city2").mkdir()
    with served("--public", root / "editions", XINYONG_CITIES=str(file)) as url:
        yield urlsplit(url).port or 0


@pytest.mark.parametrize("way", WAYS)
def test_the_common_pages_have_no_barrier(browser: Browser, port: int, way: str) -> None:
    width, scheme, _ = WAYS[way]
    size: Any = {"width": width, "height": 900}
    look: Any = scheme
    wrong: dict[str, list[str]] = {}
    with browser.new_context(viewport=size, color_scheme=look, bypass_csp=True) as context:
        page = context.new_page()
        for address in (
            *(f"http://all.localhost:{port}{one}" for one in PAGES),
            f"http://nobody.localhost:{port}/",
        ):
            page.goto(address)
            found = faults(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append("wider than the screen")
            if found:
                wrong[address] = found
    assert wrong == {}
