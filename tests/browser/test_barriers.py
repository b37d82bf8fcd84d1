"""Every page one can walk to, of every role, without a barrier: axe finds nothing, light and dark, small and wide.

The public's pages are given to HTML_CodeSniffer (WCAG 2 AA) besides.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from config.settings import Settings
from tests.browser.test_pages import browser, signed_in
from tests.conftest import built, served
from tests.flows.portal_city import matters_of

__all__ = ["browser"]
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """rules => axe.run({runOnly: rules, resultTypes: ['violations']}).then(found => found.violations.map(
  one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).slice(0, 3).join(' | ')))"""
SNIFFER = AXE.parents[1] / "html_codesniffer/build/HTMLCS.js"
SNIFF = """() => new Promise(done => HTMLCS.process('WCAG2AA', document, () => done(
  HTMLCS.getMessages().filter(one => one.type === HTMLCS.ERROR).map(one => one.code + ': ' + one.msg))))"""
# The window's width, the colours, and how many are looked at of pages alike in all but what they are about.
WAYS = {"small and light": (390, "light", 2), "wide and dark": (1280, "dark", 1)}
ROLES = (
    "",
    "inspector",
    "reviewer",
    "head",
    "publisher",
    "auditor",
    "administrator",
    "institution",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo city in which one institution has matters of every kind."""
    settings: Settings = built(tmp_path_factory.mktemp("barriers"), 7)
    matters_of(settings)
    with served("--no-schedule", XINYONG_DATA=str(settings.data)) as url:
        yield url


def faults(page: Page, *, public: bool = True) -> list[str]:
    """What axe and the sniffer find on the page; the policy of the page binds its own scripts, not these."""
    page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN, RULES)
    if public:
        page.evaluate(SNIFFER.read_text("utf-8"))
        found += page.evaluate(SNIFF)
    return found


def kind_of(path: str) -> str:
    """An address without what it is about."""
    parts = urlsplit(path)
    plain = re.sub(r"/[A-Z]{2,}[\w-]*\d[\w-]*|/\d[\w.-]*", "/*", parts.path)
    return plain + "?" + "&".join(sorted(re.findall(r"(\w+)=", parts.query)))


def walked(page: Page, start: str, seen: Counter[str], often: int) -> Iterator[str]:
    """Every page that links lead to from a first one, but for kinds that were seen often enough."""
    known, waiting = {start}, deque([start])
    host = urlsplit(start).netloc
    while waiting:
        address = waiting.popleft()
        if seen[kind_of(address)] >= often:
            continue
        seen[kind_of(address)] += 1
        answer = page.request.head(address)
        assert answer.status < 500, address
        if "text/html" not in answer.headers.get("content-type", ""):
            continue  # a paper or a table
        page.goto(address)
        yield address
        links: list[str] = page.locator("a[href]").evaluate_all(
            "all => all.map(one => new URL(one.getAttribute('href'), document.baseURI).href)"
        )
        for link in (one.split("#")[0] for one in links):
            if urlsplit(link).netloc == host and link not in known:
                known.add(link)
                waiting.append(link)


@pytest.mark.parametrize("way", WAYS)
def test_no_page_of_any_role_has_a_barrier(browser: Browser, town: str, way: str) -> None:
    width, scheme, often = WAYS[way]
    seen: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    for role in ROLES:
        size: Any = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
        page = context.new_page()
        if role:
            signed_in(page, f"{town}/sign-in/", role)
        for address in walked(page, page.url if role else f"{town}/", seen, often):
            found = faults(page, public=not role)
            wrong |= {f"{role} {address}": found} if found else {}
        context.close()
    assert wrong == {}
    assert len(seen) > 60


@pytest.mark.parametrize("way", WAYS)
def test_no_answer_about_an_institution_has_a_barrier(
    browser: Browser, town: str, way: str
) -> None:
    width, scheme, _ = WAYS[way]
    size: Any = {"width": width, "height": 900}
    page = browser.new_page(viewport=size, color_scheme=scheme)  # type: ignore[arg-type]
    items = page.request.get(f"{town}/api/v1/institutions?limit=100").json()["items"]
    of = {one["status"]: one["id"] for one in items}
    assert set(of) >= {"white", "watch", "black", "none", "new"}
    wrong: dict[str, list[str]] = {}
    for id in of.values():
        for path in (f"/i/{id}/", f"/i/{id}/?view=big", f"/en/i/{id}/", f"/widget/{id}/"):
            page.goto(f"{town}{path}")
            if found := faults(page):
                wrong[path] = found
    assert wrong == {}
    page.close()


def test_a_page_with_a_barrier_is_found(browser: Browser, town: str) -> None:
    page = browser.new_page()
    page.goto(f"{town}/")
    page.evaluate("document.querySelector('main').innerHTML += '<input><img src=x>'")
    found = {one.split(":")[0] for one in faults(page)}
    assert found >= {"label", "image-alt"}
    assert any("H37" in one for one in found)  # the sniffer's own word for a picture without one
    page.close()
