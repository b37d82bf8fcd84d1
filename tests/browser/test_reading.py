"""The public pages as they are read aloud, walked by keyboard, printed, enlarged, and without any script."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from config.settings import Settings
from publisher.pages.words import PLATES
from tests.browser.test_pages import browser, entry, sound

__all__ = ["browser"]
STATUSES = ("white", "watch", "black", "none", "new")
FITS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def pages(demo: Settings) -> list[str]:
    """One page of each kind."""
    id = entry(demo, "black").institution
    return [
        *(
            "/",
            "/browse/",
            "/statistics/",
            "/editions/",
            "/report/",
            "/receipt/",
            "/api/",
            "/check/",
        ),
        *(f"/i/{id}/", f"/i/{id}/?as_of=2026-09-30", f"/en/i/{id}/", f"/near/?id={id}"),
        *(
            f"/widget/?id={id}",
            f"/widget/{id}/",
            f"/compare/?id={id}&id={entry(demo, 'white').institution}",
        ),
    ]


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A phone whose browser runs no script."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_page_is_read_aloud_answer_first(plain: Page, site: str, demo: Settings) -> None:
    for status in STATUSES:
        one = entry(demo, status)
        plain.goto(f"{site}/i/{one.institution}/")
        tree = plain.locator("main").aria_snapshot()
        order = [tree.index(f'heading "{one.name}" [level=1]'), tree.index('region "信用状态"')]
        order += [
            tree.index(PLATES[status]),
            tree.index("这不表示"),
            tree.index("为什么是这个结果"),
        ]
        assert order == sorted(order), status
        levels = [int(level) for level in re.findall(r"\[level=(\d)\]", tree)]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        # Every light says what it is about and how it stands; no shape speaks for itself.
        for light in ("办学许可", "履约和场所保险", "预收费监管专户"):
            assert light in tree
        assert "img" not in re.sub(r'img "[^"]+', "", tree), "a picture without words"


def test_every_page_has_its_landmarks_and_one_title(plain: Page, site: str, demo: Settings) -> None:
    for path in pages(demo):
        plain.goto(f"{site}{path}")
        tree = plain.locator("body").aria_snapshot()
        assert "- main" in tree, path
        assert tree.count("[level=1]") == 1, path
        assert plain.title(), path
        if not path.startswith("/widget/NB"):
            assert "- banner" in tree, path
            assert "- contentinfo" in tree, path
            assert "- navigation" in tree, path


def test_a_parent_gets_from_the_first_page_to_the_answer_by_keyboard(
    plain: Page, site: str, demo: Settings
) -> None:
    one = entry(demo, "watch")
    plain.goto(f"{site}/")
    plain.keyboard.press("Tab")
    assert plain.locator(":focus").inner_text() == "跳到正文"
    plain.keyboard.press("Enter")
    for _ in range(3):
        plain.keyboard.press("Tab")
        if plain.locator(":focus").get_attribute("id") == "q":
            break
    assert plain.locator(":focus").get_attribute("id") == "q"
    plain.keyboard.type(one.institution)
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/search/**")
    for _ in range(30):
        plain.keyboard.press("Tab")
        focused = plain.locator(":focus")
        ring = focused.bounding_box()
        assert ring, "the focus has gone nowhere"
        assert ring["width"] > 0
        if f"/i/{one.institution}/" in (focused.get_attribute("href") or ""):
            break
    plain.keyboard.press("Enter")
    plain.wait_for_url(f"**/i/{one.institution}/")
    assert PLATES["watch"] in plain.locator(".plate").inner_text()


@pytest.mark.parametrize(
    ("width", "scheme", "colors", "big"),
    [
        (360, "light", "none", ""),
        (320, "light", "none", ""),  # 1280 at 400 %
        (360, "dark", "active", ""),
        (360, "light", "none", "big"),
        (1280, "dark", "none", "big"),
    ],
)
def test_every_page_fits_every_way_of_looking(
    browser: Browser, site: str, demo: Settings, width: int, scheme: Any, colors: Any, big: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 740}, color_scheme=scheme, forced_colors=colors
    )
    page = context.new_page()
    for path in pages(demo):
        page.goto(f"{site}{path}{'&' if '?' in path else '?'}view={big or 'plain'}")
        sound(page)
        assert page.evaluate(FITS) <= 0, path
        if big and "/widget/NB" not in path:
            size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
            assert size >= 23.9, path
        if colors == "active" and ".plate" in page.content():
            black = page.locator(".plate.black")
            assert black.evaluate("e => getComputedStyle(e).forcedColorAdjust") == "none"
    context.close()


def test_the_answer_is_printed_on_two_sheets(
    browser: Browser, site: str, demo: Settings, tmp_path: Path
) -> None:
    page = browser.new_page()
    for status in STATUSES:
        page.goto(f"{site}/i/{entry(demo, status).institution}/")
        assert page.locator("img.qr").evaluate("e => e.complete && e.naturalWidth > 0"), status
        raw = page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", raw)) <= 2, status
    page.close()


@pytest.mark.parametrize("width", [320, 360, 390])
def test_on_small_paper_nothing_is_cut_off(
    browser: Browser, site: str, demo: Settings, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.emulate_media(media="print")
    own = [f"i/{entry(demo, status).institution}/" for status in STATUSES]
    for path in ("", "statistics/", "editions/", "method/", *own, f"en/{own[0]}"):
        page.goto(f"{site}/{path}")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (path, wide)
    context.close()


def test_the_frame_shows_on_another_site(browser: Browser, site: str, demo: Settings) -> None:
    one = entry(demo, "white")
    said: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    frame = f'<iframe src="{site}/widget/{one.institution}/" title="x"></iframe>'
    badge = f'<img src="{site}/badge/{one.institution}.svg" alt="y">'
    with school(f"<!doctype html>{frame}{badge}") as url:
        page.goto(url)
        assert PLATES["white"] in page.frame_locator("iframe").locator("body").inner_text()
        assert page.locator("img").evaluate("e => e.naturalWidth") == 288
    with school(f'<!doctype html><iframe src="{site}/i/{one.institution}/"></iframe>') as url:
        page.goto(url)
        assert PLATES["white"] not in page.frame_locator("iframe").locator("body").inner_text()
    assert any("frame-ancestors" in one for one in said), "only the frame may be framed"
    page.close()


@contextmanager
def school(body: str) -> Iterator[str]:
    """Another site, with one page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
