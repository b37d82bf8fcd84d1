"""The exported site opened from a folder: no server, and still searched, gone through and compared."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, expect

from config.settings import Settings
from publisher.site.export import export
from publisher.site.store import Store
from tests.browser.test_pages import browser, entry

__all__ = ["browser"]


def cut(one: Request) -> bool:
    """Whether a request failed by itself, and not because the page was left."""
    return one.failure != "net::ERR_ABORTED"


@pytest.fixture(scope="module")
def folder(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("folder") / "site"
    store = Store(demo.editions)
    export(store, store.current(), made, lambda *_: None)
    return made


def test_a_folder_is_gone_through_searched_and_compared(
    browser: Browser, folder: Path, demo: Settings
) -> None:
    black, white = entry(demo, "black"), entry(demo, "white")
    context = browser.new_context(viewport={"width": 390, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda one: wrong.append(str(one)))
    page.on("requestfailed", lambda one: wrong.append(one.url) if cut(one) else None)
    page.goto(f"file://{folder}/index.html")
    page.get_by_role("link", name="按类别、等级看").click()
    page.get_by_role("link", name="黑名单").click()
    page.locator(f'a.name[href*="/{black.institution}/"]').click()
    page.get_by_role("link", name="和别家并排比较").click()
    table = page.get_by_role("table")
    expect(table).to_contain_text(black.name)
    page.get_by_label("再加一家").fill(white.institution)
    page.get_by_role("button", name="加上").click()
    page.get_by_role("link", name=f"加上 {white.name}").click()
    expect(table.get_by_role("columnheader")).to_have_count(2)
    for one in (black, white):
        expect(table).to_contain_text(one.name)
        expect(table).to_contain_text(one.institution)
    page.get_by_role("link", name=f"移去 {black.name}").click()
    expect(table).not_to_contain_text(black.institution)
    page.goto(f"file://{folder}/compare/index.html?id=NB-0000-0&add=<b>没有的")
    expect(page.locator("#missing")).to_contain_text("NB-0000-0")
    expect(page.locator("#choices")).to_contain_text("没有找到“<b>没有的”")
    assert wrong == []
    context.close()
