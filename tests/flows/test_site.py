"""A parent finds an institution in the released edition, and the site knows nothing else."""

import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

import httpx
import msgspec
import pytest

from config.settings import Settings
from publisher.edition import Entry
from publisher.pages.words import PLATES, STOPPED
from publisher.site.export import ExportRefused, export
from publisher.site.store import Store
from tests.conftest import PERIODS

OWN_SCRIPT = re.compile(r'<script src="\.\./static/suggest\.js\?v=\w+" defer></script>')
HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"


def entries(demo: Settings) -> list[Entry]:
    lines = (demo.editions / "2026-11/entries.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=Entry) for line in lines]


def page(site: str, path: str, **headers: str) -> httpx.Response:
    return httpx.get(
        f"{site}{path}", headers={"Accept": "text/html", **headers}, follow_redirects=True
    )


def hits(site: str, query: str, place: str = "") -> list[str]:
    text = page(site, f"/search/?q={quote(query)}&d={quote(place)}").text
    return [part.split("/")[0] for part in text.split('class="name" href="../i/')[1:]]


def test_the_first_page_says_how_many_stand_where(site: str, demo: Settings) -> None:
    text = page(site, "/").text
    standing = Counter(one.rating.status for one in entries(demo))
    for key in ("white", "watch", "black"):
        assert f"lists/{key}.html" in text
        part = text.split(f'lists/{key}.html"', 1)[1].split("</a>", 1)[0]
        assert f'<span class="n">{standing[key]}<small>' in part
    assert f"共 {len(entries(demo))} 家" in text
    assert "演示数据" in text


def test_every_institution_has_its_page_with_status_reasons_and_articles(
    site: str, demo: Settings
) -> None:
    for entry in entries(demo):
        text = page(site, f"/i/{entry.institution}/").text.replace("<wbr>", "")
        assert entry.name in text
        stopped = entry.facts.status != "active" and entry.rating.status == "none"
        word = STOPPED[entry.facts.status] if stopped else PLATES[entry.rating.status]
        assert f'<p class="word">{word}</p>' in text
        assert "这不表示" in text
        assert ("交费之前，看三样" in text) is (
            entry.facts.status == "active" and word != "在黑名单内"
        )
        for reason in entry.rating.reasons:
            assert reason.title in text
            assert reason.reference.article in text
        for condition in entry.rating.conditions if not stopped else ():
            if entry.rating.not_rated_because and condition.code == "grade":
                assert (
                    "尚不能判断" in text
                )  # nobody has given a grade: nothing good or bad is said of it
            else:
                assert condition.sentence.rstrip("。") in text


def test_an_institution_is_found_by_fragment_code_number_former_name_and_sound(
    site: str, demo: Settings
) -> None:
    former = next(one for one in entries(demo) if len(one.names) > 1)
    for entry in [*entries(demo)[::7], former]:
        name, id = entry.name, entry.institution
        queries = [name, name[3:9], id, id.replace("-", "").lower(), entry.code]
        queries += [one.text for one in entry.names]
        for query in filter(None, queries):
            found = hits(site, query)
            assert id in found or len(found) == 20, (query, found)
    rare = next(one for one in entries(demo) if "𠮷" in one.name)
    assert rare.institution in hits(site, "𠮷")
    assert rare.institution in hits(site, rare.name[3:5] + "𠮷")


def test_what_is_typed_is_answered_by_names_with_place_and_address(
    site: str, demo: Settings
) -> None:
    entry = entries(demo)[0]
    answer = httpx.get(f"{site}/suggest", params={"q": entry.name[:-2]})
    assert answer.headers["Content-Type"].startswith("application/json")
    found = {one["id"]: one for one in answer.json()["hits"]}
    assert found[entry.institution]["name"] == entry.name
    assert found[entry.institution]["address"] == entry.addresses[0]
    assert found[entry.institution]["place"]
    assert httpx.get(f"{site}/suggest").json() == {"hits": []}


def test_alike_names_are_told_apart_by_district_address_and_code(site: str, demo: Settings) -> None:
    entry = next(one for one in entries(demo) if one.code)
    text = page(site, f"/search/?q={quote(entry.name)}").text
    assert entry.code[-6:] in text
    assert entry.addresses[0] in text
    assert entry.institution in text


def test_an_unlicensed_operator_is_no_dead_end(site: str) -> None:
    text = page(site, "/search/?q=" + quote("璀璨小饭桌")).text
    assert "登记库里没有这家" in text
    assert "举报这个地址" in text
    assert "请不要交费" in text


def test_what_is_not_there_is_not_called_good_or_bad(site: str) -> None:
    text = page(site, "/search/?q=" + quote("不存在的机构")).text
    assert "登记库里没有这家" in text
    assert "这不表示" in text
    gone = page(site, "/i/NB-0000-0/")
    assert gone.status_code == 404
    assert "登记库里没有这家" in gone.text
    assert "这不表示" in gone.text


def test_hostile_words_are_text_and_never_a_mistake_of_the_site(site: str) -> None:
    sections = json.loads(HOSTILE.read_text("ascii"))
    strings = [one for section in sections for one in section["strings"]]
    with httpx.Client(headers={"Accept": "text/html"}) as client:
        for text in strings:
            query = quote(text.encode("utf-8", "replace"))
            answer = client.get(f"{site}/search/?q={query}")
            assert answer.status_code == 200, text
            for tag in ("<script", "<img", "<iframe", "<svg onload", "<marquee"):
                shown = OWN_SCRIPT.sub("", answer.text).replace("<svg class", "")
                assert tag not in shown, text
            assert client.get(f"{site}/i/{query or 'x'}/").status_code in (400, 404), text


def test_a_page_seen_before_is_not_sent_again(site: str, demo: Settings) -> None:
    for path in ("/", f"/i/{entries(demo)[0].institution}/", "/editions/2026-11/white.pdf"):
        first = page(site, path)
        again = page(site, path, **{"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_monitor_may_ask_for_the_head_alone(site: str) -> None:
    for path in ("/", "/editions/2026-11/white.pdf", "/nothing"):
        whole, head = httpx.get(f"{site}{path}"), httpx.head(f"{site}{path}")
        assert (head.status_code, head.content) == (whole.status_code, b"")
        assert head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_every_file_is_served_as_it_was_signed_and_nothing_else(site: str, demo: Settings) -> None:
    for period in PERIODS:
        listed = json.loads((demo.editions / period / "renderings.json").read_bytes())
        for name in [*listed, "edition.json", "edition.json.sig", "renderings.json"]:
            answer = httpx.get(f"{site}/editions/{period}/{name}")
            assert answer.status_code == 200
            assert answer.content == (demo.editions / period / name).read_bytes()
    for path in (
        "/editions/2026-11/../../keys/bureau.key",
        "/editions/2026-11/..%2f..%2fkeys%2fbureau.key",
        "/editions/..%2fkeys/bureau.key",
        "/static/../pages/base.html",
        "/static/..%2fgate.py",
        "/register.db",
    ):
        request = httpx.Request("GET", site)
        request.url = request.url.copy_with(raw_path=path.encode())
        with httpx.Client() as client:
            assert client.send(request).status_code in (400, 404), path


def test_a_signed_page_in_large_text_differs_by_one_class(site: str, demo: Settings) -> None:
    path = "editions/2026-11/lists/white.html"
    signed = (demo.editions.parent / path).read_text("utf-8")
    usual, large = page(site, f"/{path}"), page(site, f"/{path}", Cookie="view=big")
    assert usual.text == signed
    assert large.text == signed.replace("<html ", '<html class="big" ', 1) != signed
    assert usual.headers["ETag"] != large.headers["ETag"]
    assert usual.headers["Vary"] == large.headers["Vary"] == "Cookie"
    known = {"If-None-Match": large.headers["ETag"]}
    assert page(site, f"/{path}", Cookie="view=big", **known).status_code == 304
    assert page(site, f"/{path}", **known).status_code == 200
    data = "/editions/2026-11/list.csv"
    assert page(site, data, Cookie="view=big").content == page(site, data).content


def test_a_program_gets_a_problem_it_can_read(site: str) -> None:
    answer = httpx.get(f"{site}/i/NB-0000-0/", headers={"Accept": "application/json"})
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404
    assert "NB-0000-0" in answer.json()["detail"]
    assert answer.json()["faults"][0]["name"] == "id"


def test_no_page_may_load_anything_from_elsewhere(site: str) -> None:
    for path in ("/", "/search/?q=a", "/editions/", "/nothing"):
        policy = page(site, path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        # Only where there is a box to search by, and only this site's own.
        own = "; script-src 'self'; connect-src 'self'" if path in ("/", "/search/?q=a") else ""
        assert policy.partition("frame-ancestors 'none'")[2] == own


class Links(HTMLParser):
    """Every address a page names."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action") and value and not value.startswith("#"):
                self.found.append(value)


def links(text: str) -> list[str]:
    reader = Links()
    reader.feed(text)
    return reader.found


def test_every_link_of_the_site_leads_somewhere(site: str, demo: Settings) -> None:
    one = entries(demo)[0].institution
    start = ["/", "/editions/", "/method/", "/check/", "/report/", f"/i/{one}/", "/search/?q=a"]
    start += ["/editions/2026-11/", "/editions/2026-11/lists/white.html", "/editions/2026-09/"]
    wanted = {
        urljoin(f"{site}{path}", link) for path in start for link in links(page(site, path).text)
    }
    with httpx.Client(headers={"Accept": "text/html"}, follow_redirects=True) as client:
        for url in sorted(wanted):
            parts = urlsplit(url)
            if parts.scheme == "http" and not parts.path.startswith("/my/"):
                assert client.get(url).status_code == 200, url


def test_the_exported_site_is_whole_and_its_links_lead_to_files(
    demo: Settings, tmp_path: Path
) -> None:
    store, folder = Store(demo.editions), tmp_path / "site"
    for _ in range(2):  # written over itself
        export(store, store.current(), folder, lambda *_: None)
    for place in ("i", "en/i", "widget", "badge"):
        assert len(list((folder / place).iterdir())) == len(entries(demo)), place
    for path in folder.rglob("*.html"):
        here = path.relative_to(folder).as_posix()
        for link in links(path.read_text("utf-8")):
            # A folder opened from a disk shows its files, and no page.
            assert link.startswith("http") or not link.endswith("/"), (here, link)
            parts = urlsplit(urljoin(f"http://x/{here}", link))
            if parts.netloc != "x":
                continue  # elsewhere in the world
            target = folder / unquote(parts.path.lstrip("/"))
            assert target.is_file(), (here, link)
            if parts.fragment and target.suffix == ".html":
                assert f'id="{unquote(parts.fragment)}"' in target.read_text("utf-8"), (here, link)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("keep")
    with pytest.raises(ExportRefused):
        export(store, store.current(), tmp_path / "mine", lambda *_: None)
