"""The handbooks fit their windows, show every picture they name, and no picture has grown old."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from publisher.pages.render import FOLDER as PAGES
from publisher.site.help import FOLDER as HELP
from publisher.site.help import written
from tests.browser.pictures import FOLDER, LIST, PICTURES, QUIET, Picture, framed, opened
from tests.browser.test_pages import sound

NAMED = {
    name
    for book in (PAGES / HELP).glob("*.html")
    for name in re.findall(r'picture\("(\w+)"', book.read_text("utf-8"))
    if book.name != "book.html"
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield made
        made.close()


def test_every_picture_that_is_named_is_taken_and_every_one_taken_is_named() -> None:
    taken = {one.name for one in PICTURES}
    assert NAMED == taken == {Path(one).stem for one in FOLDER.glob("*.png")}


@pytest.mark.parametrize("picture", PICTURES, ids=lambda one: one.name)
def test_a_picture_is_not_older_than_its_page(
    browser: Browser, office: str, picture: Picture
) -> None:
    page = opened(browser, office, picture)
    known = json.loads(LIST.read_text("ascii"))
    assert framed(page) == known[picture.name], "run python -m tests.browser.pictures"
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_handbooks_fit_their_windows_and_their_pictures_load(
    browser: Browser, office: str, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in ("/help/", *(f"/help/{one.key}/" for one in written())):
        answer = page.goto(f"{office}{path}")
        assert answer
        assert answer.ok
        sound(page)
        broken = "els => els.filter(e => !e.naturalWidth).map(e => e.src)"
        assert page.locator("img").evaluate_all(broken) == []
    context.close()
