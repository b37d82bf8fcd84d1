"""The site inside another: behind proxies that strip a prefix or keep it, under load, with a new edition coming."""

import asyncio
import http.client
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from config.settings import Settings
from publisher.release import switch
from tests.conftest import PERIODS, served
from tests.flows.test_site import entries, links

PREFIX = "/xinyong/credit"
HTML = {"Accept": "text/html"}


def proxy_to(target: str, keeps: bool) -> type[BaseHTTPRequestHandler]:
    """A host site's proxy: what lies under the prefix comes from the target."""
    host = urlsplit(target).netloc

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{PREFIX}/"):
                self.send_error(404, "outside")
                return
            path = self.path if keeps else self.path[len(PREFIX) :]
            inner = http.client.HTTPConnection(host)
            inner.request("GET", path, headers={"Accept": "text/html", "Host": "host.example"})
            answer = inner.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name in ("Content-Type", "Location", "Content-Security-Policy"):
                if value := answer.getheader(name):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            inner.close()

        def log_message(self, format: str, *args: object) -> None:
            return

    return Proxy


@contextmanager
def proxied(target: str, keeps: bool) -> Iterator[str]:
    """The address under which the host site shows it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), proxy_to(target, keeps))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def embedded(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public node of a city whose site stands below another."""
    city = tmp_path_factory.mktemp("city") / "city"
    shutil.copytree("config", city, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = city / "city.toml"
    site = f'site = "https://host.example{PREFIX}/"'
    file.write_text(file.read_text("utf-8").replace('site = ""', site), "utf-8")
    with served("--public", demo.editions, XINYONG_CITY=str(city), XINYONG_DATA="/nowhere") as url:
        yield url


@pytest.mark.parametrize("keeps", [False, True], ids=["stripping", "keeping"])
def test_every_link_stays_below_the_prefix(embedded: str, demo: Settings, keeps: bool) -> None:
    id = entries(demo)[0].institution
    with (
        proxied(embedded, keeps) as root,
        httpx.Client(headers=HTML, follow_redirects=True) as client,
    ):
        start = ["/", f"/i/{id}/", f"/i/{id}", f"/en/i/{id}/", f"/widget/?id={id}", "/browse/"]
        start += [
            "/statistics/",
            "/editions/",
            "/editions/2026-11/lists/white.html",
            "/search/?q=a",
        ]
        start += [
            "/api/",
            "/report/",
            f"/near/?id={id}",
            f"/compare/?id={id}",
            "/editions/current/",
        ]
        wanted: set[str] = set()
        for path in start:
            answer = client.get(f"{root}{path}")
            assert answer.status_code == 200, path
            wanted |= {urljoin(str(answer.url), link) for link in links(answer.text)}
        for url in sorted(one.split("#")[0] for one in wanted):
            parts = urlsplit(url)
            if parts.scheme in ("tel", "mailto"):
                continue
            assert parts.path.startswith(f"{PREFIX}/"), url
            if "/my/" not in parts.path and parts.path.count("/i/") == 0:
                assert client.get(url).status_code == 200, url
        shown = client.get(f"{root}/widget/?id={id}").text
        assert f"https://host.example{PREFIX}/widget/{id}/" in shown
        assert f"https://host.example{PREFIX}/sitemap.xml" in client.get(f"{root}/robots.txt").text


def test_a_signed_page_leads_on_whether_it_is_a_file_or_served(site: str, demo: Settings) -> None:
    id = entries(demo)[0].institution
    for path in (
        f"/i/{id}/index.html",
        "/index.html",
        "/editions/index.html",
        "/editions/2026-11/index.html",
    ):
        assert httpx.get(f"{site}{path}", headers=HTML).status_code == 200, path


def test_whoever_asks_too_often_is_told_when_to_come_again(demo: Settings) -> None:
    """What is cheapest to send too often is what is let through least: complaints."""
    nowhere = {"XINYONG_DATA": "/nowhere"}
    with (
        served("--public", demo.editions, FORWARDED_ALLOW_IPS="127.0.0.1", **nowhere) as url,
        httpx.Client(base_url=url, headers={"X-Forwarded-For": "203.0.113.9"}) as client,
    ):
        programs = {"Accept": "application/json"}
        answers = [client.post("/report/", data={"n": n}, headers=programs) for n in range(20)]
        slow = [one for one in answers if one.status_code == 429]
        assert 0 < len(slow) < 20
        assert int(slow[0].headers["Retry-After"]) >= 1
        far = [client.get("/api/v1/search?q=x", headers=programs) for _ in range(400)]
        held = next(one for one in far if one.status_code == 429)
        assert held.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in held.headers["Access-Control-Expose-Headers"]
        assert slow[0].headers["Content-Type"] == "application/problem+json"
        assert slow[0].json()["status"] == 429
        page = client.post("/report/", data={}, headers=HTML)
        assert page.status_code == 429
        assert re.search(r"提交太频繁，请 \d+ 秒后再试", page.text)
        assert client.get("/", headers=HTML).status_code == 200  # reading goes on
        other = {"X-Forwarded-For": "203.0.113.10"}
        assert client.post("/report/", data={}, headers=other).status_code != 429


def test_an_address_that_is_only_claimed_is_not_believed(site: str) -> None:
    """Nobody's word is taken here: who asks is the one who connects, whatever they write."""
    transport = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=site, transport=transport) as client:
        statuses = {
            client.post("/report/", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
            for n in range(20)
        }
    assert 429 in statuses


def test_a_released_edition_is_live_on_all_nodes_without_one_failed_request(
    demo: Settings, tmp_path: Path
) -> None:
    editions = tmp_path / "editions"
    shutil.copytree(demo.editions, editions, symlinks=True)
    newest, before = PERIODS[-1], PERIODS[-2]
    (editions / newest).rename(tmp_path / newest)
    switch(editions, before)
    id = entries(demo)[0].institution
    paths = (
        "/",
        f"/i/{id}/",
        "/search/?q=a",
        f"/editions/{before}/list.csv",
        "/api/v1/institutions",
    )
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(served("--public", editions, XINYONG_DATA="/nowhere"))
            for _ in range(2)
        ]
        labels = {node: httpx.get(node, headers=HTML).text for node in nodes}
        assert all("2026年10月版" in text for text in labels.values())
        done, seen = Event(), []

        def load(node: str) -> None:
            with httpx.Client(base_url=node, headers=HTML) as client:
                while not done.is_set():
                    seen.extend((client.get(path).status_code, path) for path in paths)

        with ThreadPoolExecutor(4) as pool:
            workers = [pool.submit(load, node) for node in nodes * 2]
            while len(seen) < 200:
                assert not any(one.done() for one in workers)
                asyncio.run(asyncio.sleep(0.05))
            (tmp_path / newest).rename(editions / newest)
            switch(editions, newest)
            after = {node: httpx.get(node, headers=HTML).text for node in nodes}
            many = len(seen)
            while len(seen) < many + 200:
                asyncio.run(asyncio.sleep(0.05))
            done.set()
        for worker in workers:
            worker.result()
    assert all("2026年11月版" in text for text in after.values())
    assert {status for status, _ in seen} == {200}
