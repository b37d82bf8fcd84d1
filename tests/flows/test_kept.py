"""What a browser may keep: the look for a year by its version, a page until the next edition, however it was made."""

import re
from urllib.parse import quote

import httpx
import pytest

from config.settings import Settings
from tests.flows.test_site import entries, page

HTML = {"Accept": "text/html"}


def test_the_look_is_packed_and_kept_for_a_year_by_its_version(site: str) -> None:
    text = page(site, "/").text
    links = re.findall(r'href="\./(static/[\w.]+\?v=\w+)"', text)
    assert len(links) == 3
    for link in links:
        answer = httpx.get(f"{site}/{link}", headers={"Accept-Encoding": "gzip"})
        assert "immutable" in answer.headers["Cache-Control"], link
        assert answer.headers["Content-Encoding"] == "gzip"
        plain = httpx.get(f"{site}/{link}", headers={"Accept-Encoding": "identity"})
        assert plain.text == answer.text
        tag = answer.headers["ETag"]
        assert httpx.get(f"{site}/{link}", headers={"If-None-Match": tag}).status_code == 304
        # Asked for by another version, or by none, it is looked for again the next time.
        for other in (link.split("?")[0], f"{link}0"):
            assert httpx.get(f"{site}/{other}").headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["no.css", "../pages/base.html", "%2e%2e/pages/base.html", "help"])
def test_nothing_beside_the_look_is_served(site: str, path: str) -> None:
    with httpx.Client() as client:
        request = client.build_request("GET", f"{site}/static/x")
        request.url = request.url.copy_with(raw_path=f"/static/{path}".encode())
        assert client.send(request).status_code == 404


def test_a_status_page_is_the_same_however_it_is_made(site: str, demo: Settings) -> None:
    for entry in entries(demo)[:20]:
        at = f"{site}/i/{entry.institution}/"
        short = httpx.get(f"{at}?n=1", headers=HTML)  # by the front
        whole = httpx.get(f"{at}?n=1&view=plain", headers=HTML)  # by the app
        assert short.text == whole.text
        alike = {"Content-Type", "ETag", "Cache-Control", "Vary", "Content-Security-Policy"}
        assert {one: short.headers[one] for one in alike} == {
            one: whole.headers[one] for one in alike
        }
        known = httpx.get(f"{at}?n=2", headers={**HTML, "If-None-Match": short.headers["ETag"]})
        assert known.status_code == 304
        assert httpx.get(f"{at}?as_of=2000-01-01", headers=HTML).status_code == 404


@pytest.mark.parametrize(
    "query", ["新", "nb新东方", "<b>&", "查无此校", "", " ", "9133", "新&d=330203", "a%FF"]
)
def test_what_a_search_found_is_the_same_however_it_is_made(site: str, query: str) -> None:
    at = f"{site}/search/?n=1&q={query if '&d' in query or '%' in query else quote(query)}"
    short = httpx.get(at, headers=HTML)  # by the front
    whole = httpx.get(f"{at}&view=plain", headers=HTML)  # by the app
    assert short.status_code == 200
    assert short.text == whole.text
    assert "script-src 'self'" in short.headers["Content-Security-Policy"]
    alike = {"Content-Type", "ETag", "Cache-Control", "Vary", "Content-Security-Policy"}
    assert {one: short.headers[one] for one in alike} == {one: whole.headers[one] for one in alike}
    known = httpx.get(f"{at}&m=2", headers={**HTML, "If-None-Match": short.headers["ETag"]})
    assert known.status_code == 304


@pytest.mark.parametrize("query", ["a=%3Cb%3E", "<b>", "x=&amp;y", "é", "n=1&n=2", ""])
def test_what_is_asked_besides_stays_in_the_link_to_large_text(
    site: str, demo: Settings, query: str
) -> None:
    text = httpx.get(f"{site}/i/{entries(demo)[0].institution}/?{query}", headers=HTML).text
    assert '<b>"' not in text.replace("<b>A", "")
    (link,) = re.findall(r'<a href="(\?[^"]*)">大字版', text)
    assert link.endswith("view=big")
    assert httpx.get(f"{site}/i/NB-0000-0/?{query}", headers=HTML).status_code == 404
