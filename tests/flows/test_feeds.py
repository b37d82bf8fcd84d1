"""Feeds at addresses that stay: valid Atom, the same entries as in the editions, and nothing sent twice."""

from pathlib import Path
from urllib.parse import urljoin

import httpx
import msgspec
import pytest
from lxml import etree

from config.settings import Settings
from publisher.changes import Changes
from publisher.site.export import export
from publisher.site.store import Store
from tests.conftest import PERIODS

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "data/atom.rng"))
DISTRICT = "330203"


def fed(site: str, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{site}{path}", headers=headers)


def parsed(raw: bytes) -> etree._ElementTree:
    tree = etree.ElementTree(etree.fromstring(raw))
    SCHEMA.assertValid(tree)
    return tree


def said(tree: etree._ElementTree) -> list[tuple[str, str]]:
    """Each entry of a change by its identity and title."""
    found = tree.xpath("//a:entry[a:category]", namespaces=ATOM)
    return [
        (one.findtext("a:id", None, ATOM), one.findtext("a:title", None, ATOM)) for one in found
    ]


def changes_of(demo: Settings, period: str) -> Changes:
    raw = (demo.editions / period / "changes.json").read_bytes()
    return msgspec.json.decode(raw, type=Changes)


def test_the_citys_feed_leads_from_the_newest_changes_back_to_the_first_edition(
    site: str, demo: Settings
) -> None:
    address = f"{site}/feed/all.atom"
    seen = []
    while address:
        answer = httpx.get(address)
        assert answer.headers["Content-Type"].startswith("application/atom+xml")
        tree = parsed(answer.content)
        seen.append(said(tree))
        for href in tree.xpath("//a:link[@rel='alternate']/@href", namespaces=ATOM)[:2]:
            assert httpx.get(urljoin(address, href), follow_redirects=True).status_code == 200
        back = tree.xpath("a:link[@rel='prev-archive']/@href", namespaces=ATOM)
        address = urljoin(address, back[0]) if back else ""
    assert [len(one) for one in seen] == [
        *(len(changes_of(demo, period).changes) for period in PERIODS[:0:-1]),
        0,
    ]


def test_a_districts_feed_holds_its_own_changes_only(site: str, demo: Settings) -> None:
    own = [one for one in changes_of(demo, PERIODS[-1]).changes if one.jurisdiction == DISTRICT]
    titles = [
        title.split("：")[0]
        for _, title in said(parsed(fed(site, f"/feed/{DISTRICT}.atom").content))
    ]
    assert titles == [one.name for one in own]


def test_an_institutions_feed_has_each_change_once_the_newest_first(
    site: str, demo: Settings
) -> None:
    changed = {
        one.institution for period in PERIODS[1:] for one in changes_of(demo, period).changes
    }
    assert changed
    for id in sorted(changed)[:10]:
        found = said(parsed(fed(site, f"/feed/i/{id}.atom").content))
        told = []
        for period in reversed(PERIODS[1:]):
            edition = parsed((demo.editions / period / "feed.atom").read_bytes())
            names = {one.institution: one.name for one in changes_of(demo, period).changes}
            if id in names:
                told += [one for one in said(edition) if one[1].startswith(f"{names[id]}：")]
        assert [one for one in found if one in told] == told
        assert len(found) - len(told) in (
            0,
            1,
        )  # the first thing told is that it stood in the first edition
        page = httpx.get(f"{site}/i/{id}/", follow_redirects=True).text
        assert f'href="../../feed/i/{id}.atom"' in page


def test_a_reader_that_has_the_feed_gets_nothing_again(site: str, demo: Settings) -> None:
    id = Store(demo.editions).current().numbers()[0]
    for path in ("/feed/all.atom", f"/feed/{DISTRICT}.atom", f"/feed/i/{id}.atom"):
        tag = fed(site, path).headers["ETag"]
        again = fed(site, path, **{"If-None-Match": f'"other", W/{tag}'})
        assert (again.status_code, again.content) == (304, b"")
        assert fed(site, path, **{"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/feed/nowhere.atom", "/feed/all.xml", "/feed/i/NB-0000-0.atom", "/feed/i/%3Cb%3E.atom"],
)
def test_a_feed_of_nothing_is_not_there(site: str, path: str) -> None:
    answer = fed(site, path, Accept="application/json")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_the_export_holds_the_same_feeds_and_the_certificate(
    site: str, demo: Settings, tmp_path: Path
) -> None:
    store = Store(demo.editions)
    export(store, store.current(), tmp_path / "www", lambda *_: None)
    id = store.current().numbers()[0]
    for path in ("feed/all.atom", f"feed/{DISTRICT}.atom", f"feed/i/{id}.atom", "bureau-paper.crt"):
        assert (tmp_path / "www" / path).read_bytes() == fed(site, f"/{path}").content
    assert fed(site, "/bureau-paper.crt").content == (demo.keys / "bureau-paper.crt").read_bytes()
