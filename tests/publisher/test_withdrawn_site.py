"""What readers, feeds and programs are told of a withdrawn entry by the open site."""

from datetime import timedelta
from pathlib import Path

import httpx

from publisher.edition import read_edition
from publisher.release import reissue
from publisher.removals import Removal, told_until
from publisher.site import pages
from publisher.site.complaints import name_of
from publisher.site.export import export
from publisher.site.feeds import institution_changes, subscription
from publisher.site.institution import badge, english, institution, widget
from publisher.site.store import Store
from tests.conftest import served
from tests.publisher.test_withdraw import (
    DAY,
    FIRST,
    RENDERERS,
    SECOND,
    buried,
    home,
    problems,
    whole,
)

__all__ = ["home", "whole"]


def entries_of(feed: bytes | None, id: str) -> list[tuple[str | None, str, str]]:
    """Of a feed the entries about an institution: category, title, day."""
    from lxml import etree

    names = {"a": "http://www.w3.org/2005/Atom"}
    assert feed is not None
    return [
        (
            one.find("a:category", names).get("term"),
            one.findtext("a:title", namespaces=names),
            one.findtext("a:updated", namespaces=names)[:10],
        )
        for one in etree.fromstring(feed).findall("a:entry", names)
        if id in one.find("a:link", names).get("href")
    ]


def test_an_open_site_answers_anew_to_whoever_has_the_old_answer(home: Path) -> None:
    entry = read_edition(home / "editions" / SECOND).entries[3]
    id = entry.institution
    paths = (
        f"/i/{id}/",
        f"/api/v1/institutions/{id}",
        f"/api/v1/institutions/{id}/history",
        "/api/v1/changes",
        "/api/v1/statistics",
        f"/search/?q={entry.name}",
        f"/feed/i/{id}.atom",
        "/feed/all.atom",
        "/sitemap.xml",
        f"/editions/{SECOND}/entries.jsonl",
        f"/editions/{SECOND}/lists/{entry.rating.status}.html",
    )
    with (
        served("--public", home / "editions", XINYONG_DATA="/nowhere") as url,
        httpx.Client(base_url=url) as client,
    ):
        had = {path: client.get(path).headers["etag"] for path in paths}
        for path, tag in had.items():
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        buried(home, SECOND, id)
        for path, tag in had.items():
            answer = client.get(path, headers={"If-None-Match": tag})
            assert answer.status_code in (200, 404), path
            assert answer.headers.get("etag") != tag, path
            assert entry.salt not in answer.text
        told = client.get(f"/api/v1/institutions/{id}").json()
        assert told["status"] == 404
        assert "的条目已依法撤下：2026年11月20日撤回。处罚决定已撤销。" in told["detail"]
        for path in (f"/near/?id={id}", f"/widget/?id={id}", f"/qr/{id}.svg", f"/compare/?id={id}"):
            said = client.get(path, headers={"Accept": "text/html"}).text
            assert "条目已经撤下" in said, path
            assert "没有编号" not in said, path
        unknown = client.get("/api/v1/institutions/NB-0000-0").json()
        assert "请查编号是否写对" in unknown["detail"]


def test_who_reads_english_is_told_that_an_entry_was_withdrawn(home: Path, tmp_path: Path) -> None:
    store = Store(home / "editions")
    entry = read_edition(home / "editions" / SECOND).entries[3]
    id = entry.institution
    buried(home, SECOND, id)
    edition = store.current()
    found = pages.english_find(edition, entry.name, {"up": "../", "live": True, "view_query": ""})
    assert "Not in the register" not in found
    assert f'href="../en/i/{id}/"' in found
    assert "Entry withdrawn" in found
    page = english(store, edition, id, {"up": "../../../"}) or ""
    assert "On 20 November 2026 its entry was withdrawn." in page
    assert "that it broke the law." in page
    assert english(store, edition, "NB-0000-0", {"up": "../../../"}) is None
    # The exported search leads there too.
    export(store, edition, tmp_path / "site", lambda *_: None)
    assert "Entry withdrawn" in (tmp_path / f"site/en/i/{id}/index.html").read_text("utf-8")


def test_the_frame_and_the_badge_on_its_own_site_say_that_the_entry_was_withdrawn(
    home: Path, tmp_path: Path
) -> None:
    store = Store(home / "editions")
    id = read_edition(home / "editions" / SECOND).entries[3].institution
    before = badge(store.current(), id) or ""
    buried(home, SECOND, id)
    edition = store.current()
    picture, frame = badge(edition, id) or "", widget(edition, id, {"up": "../../"}) or ""
    assert "撤回" not in before
    for said in (picture, frame):
        assert "记录已撤回" in said
        assert "级<" not in said
    assert "处罚决定已撤销" in frame
    assert badge(edition, "NB-0000-0") is None
    assert widget(edition, "NB-0000-0", {"up": "../../"}) is None
    export(store, edition, tmp_path / "site", lambda *_: None)
    assert (tmp_path / f"site/badge/{id}.svg").read_text("utf-8") == picture
    assert "记录已撤回" in (tmp_path / f"site/widget/{id}/index.html").read_text("utf-8")


def test_a_past_edition_that_lost_the_entry_is_not_taken_for_the_present_one(home: Path) -> None:
    store = Store(home / "editions")
    id = read_edition(home / "editions" / FIRST).entries[3].institution
    for name in (FIRST, SECOND):
        buried(home, name, id)
    values = {"up": "../../", "live": True, "view_query": "", "root": ""}
    day = store.manifest(FIRST)[0].released_on.isoformat()
    now = institution(store, store.current(), id, values) or ""
    then = institution(store, store.edition(FIRST), id, {**values, "as_of": day}) or ""
    assert "这是过去的状态" in then
    assert "本页版次" in then
    assert "下一版起重新列示" not in then
    assert "下一版起重新列示" in now
    assert f'report/?i={id}"' in now
    abroad = english(store, store.edition(FIRST), id, {**values, "as_of": day}) or ""
    assert "This is a status of the past" in abroad
    assert "listed again" not in abroad
    assert name_of(store.current(), id)


def test_the_feed_of_whoever_was_withdrawn_says_so_and_not_that_it_is_gone(home: Path) -> None:
    store = Store(home / "editions")
    entry = read_edition(home / "editions" / SECOND).entries[3]
    id = entry.institution
    buried(home, SECOND, id)
    own = entries_of(institution_changes(store, id), id)
    assert [(term, on) for term, _, on in own][:1] == [("withdrawn", f"{DAY}")]
    assert own[0][1].endswith(" → 撤回")
    # The same is told by the feed of all, under the same name.
    assert entries_of(subscription(store, ""), id) == own[:1]
    buried(home, FIRST, id)
    ((term, title, _),) = entries_of(institution_changes(store, id), id)
    assert (term, title) == ("withdrawn", f"{entry.name}：撤回")
    # After a year nobody is told any more whose entries they were.
    after = told_until(DAY) + timedelta(days=1)
    for name in (FIRST, SECOND):
        buried(home, name, id, today=after)
    assert institution_changes(store, id) is None


def test_what_an_earlier_withdrawal_changes_in_a_feed_is_of_its_day(home: Path) -> None:
    """A reader of feeds looks again only at what has another day."""
    id = read_edition(home / "editions" / FIRST).entries[3].institution
    buried(home, FIRST, id)
    buried(home, SECOND)
    feed = (home / "editions" / SECOND / "feed.atom").read_bytes()
    ((term, _, on),) = entries_of(feed, id)
    assert (term, on) == ("changed", f"{DAY}")
    assert feed.index(f"<updated>{DAY}T".encode()) < feed.index(b"<entry>")


def test_a_removal_from_a_list_is_told_on_the_page_that_is_there(home: Path) -> None:
    from msgspec import structs

    second = read_edition(home / "editions" / SECOND)
    entry = second.entries[0]
    told = tuple(
        Removal(
            institution=entry.institution,
            name=entry.name,
            jurisdiction=entry.jurisdiction,
            listed="watch",
            how=how,
            on=DAY,
            until=told_until(DAY),
        )
        for how in ("expired", "lifted", "repaired")
    )
    ended = structs.replace(second, removals=told)
    reissue(ended, home / "editions", home / "keys", RENDERERS)
    store = Store(home / "editions")
    text = institution(store, store.current(), entry.institution, {"up": "../../"}) or ""
    for word in ("期满移出", "提前移出", "因信用修复移出", "已移出重点关注名单"):
        assert word in text
    assert "plate gone" not in text
    assert problems(home, SECOND) == ()
    feed = (home / "editions" / SECOND / "feed.atom").read_text("utf-8")
    assert feed.count('term="removal"') == 3
    assert "已移出重点关注名单" in feed
    # Once its own entry is withdrawn, that is what is told, on its day.
    buried(home, SECOND, entry.institution)
    feed = (home / "editions" / SECOND / "feed.atom").read_text("utf-8")
    assert 'term="removal"' not in feed
    assert f"<updated>{DAY}T00:00:00Z</updated>" in feed
