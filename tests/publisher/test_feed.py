"""The feed is Atom by RFC 4287's own schema, tells every change with its reason, and leads back in time."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from msgspec import structs

from publisher.changes import render_changes
from publisher.edition import Edition, Jurisdiction, leaf, root
from publisher.feed import render_feed
from publisher.pages.words import stood
from publisher.release import release
from publisher.removals import From, How, Removal, told_until
from publisher.signing import create_key
from scoring.canonical import canonical
from scoring.policy import Unrated
from tests.publisher.test_data import HOSTILE
from tests.publisher.test_release import edition

ATOM = {"a": "http://www.w3.org/2005/Atom"}
SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[1] / "data/atom.rng"))


def followed(folder: Path, name: str = "换了名字的学校") -> tuple[Edition, Edition]:
    """An edition, and the next in which the first institution is gone and the second has another grade."""
    one = edition()
    places = tuple(
        Jurisdiction(id=id, name=f"区{id}", organ="")
        for id in sorted({entry.jurisdiction for entry in one.entries})
    )
    moved = structs.replace(
        one.entries[1], name=name, rating=structs.replace(one.entries[1].rating, grade="D")
    )
    entries = (moved, *one.entries[2:])
    manifest = structs.replace(
        one.manifest,
        period="2026-11",
        previous=one.digest,
        jurisdictions=places,
        counts=dict(Counter(entry.rating.status for entry in entries)),
        root=root([leaf(canonical(entry)) for entry in entries]).hex(),
    )
    create_key(folder / "keys")
    release(one, folder / "editions", folder / "keys")
    return one, Edition.of(manifest, entries, one.policy)


def rendered(folder: Path, two: Edition) -> Path:
    here = folder / "editions" / "2026-11"
    here.mkdir()
    render_changes(two, here)
    render_feed(two, here)
    return here


def test_every_feed_is_valid_atom_and_tells_every_change(tmp_path: Path) -> None:
    one, two = followed(tmp_path)
    here = rendered(tmp_path, two)
    feeds = sorted(here.rglob("*.atom"))
    assert len(feeds) == 1 + len(two.manifest.jurisdictions)
    for path in feeds:
        SCHEMA.assertValid(etree.parse(path))
    whole = etree.parse(here / "feed.atom")
    told = json.loads((here / "changes.json").read_bytes())["changes"]
    assert len(told) == 2
    titles = whole.xpath("//a:entry/a:title/text()", namespaces=ATOM)
    assert titles[0] == "2026年11月版已发布"
    assert [one["name"] for one in told] == [title.split("：")[0] for title in titles[1:]]
    reasons = whole.xpath("//a:entry/a:content/text()", namespaces=ATOM)[1:]
    assert all(change["why"] in said for change, said in zip(told, reasons, strict=True))
    districts = sum(
        len(etree.parse(path).xpath("//a:entry", namespaces=ATOM)) - 1
        for path in (here / "feed").iterdir()
    )
    assert districts == len(told)
    back = whole.xpath("//a:link[@rel='prev-archive']/@href", namespaces=ATOM)
    assert back == [f"../{one.name}/feed.atom"]


def test_every_entry_has_its_own_name_and_keeps_it(tmp_path: Path) -> None:
    _, two = followed(tmp_path)
    here = rendered(tmp_path, two)
    before = (here / "feed.atom").read_bytes()
    names = etree.fromstring(before).xpath("//a:id/text()", namespaces=ATOM)
    assert len(names) == len(set(names))
    render_feed(two, here)
    assert (here / "feed.atom").read_bytes() == before


SAME_DAY: tuple[tuple[From, How, str], ...] = (
    ("black", "expired", ""),
    ("record", "withdrawn", "处罚决定已撤销"),
    ("record", "withdrawn", "另一个处罚决定已撤销"),
    ("watch", "expired", ""),
)


def test_several_removals_of_one_day_have_their_own_names(tmp_path: Path) -> None:
    _, two = followed(tmp_path)
    entry, on = two.entries[0], date(2026, 11, 20)
    removals = tuple(
        Removal(
            institution=entry.institution,
            name=entry.name,
            jurisdiction=entry.jurisdiction,
            listed=listed,
            how=how,
            on=on,
            until=told_until(on),
            reason=reason,
        )
        for listed, how, reason in SAME_DAY
    )
    here = rendered(tmp_path, structs.replace(two, removals=removals))
    told = [_removals(here / name) for name in ("feed.atom", f"feed/{entry.jurisdiction}.atom")]
    assert told[0] == told[1]
    assert len(set(told[0])) == len(SAME_DAY)
    # One that is alone is called as the first of several.
    render_feed(structs.replace(two, removals=removals[-1:]), here)
    assert _removals(here / "feed.atom") == told[0][:1]


def _removals(path: Path) -> list[str]:
    """The names of the entries that tell of a removal."""
    found: list[str] = etree.parse(path).xpath(
        "//a:entry[a:category/@term='removal']/a:id/text()", namespaces=ATOM
    )
    return found


def test_the_first_edition_tells_of_itself_only(tmp_path: Path) -> None:
    (tmp_path / "2026-10").mkdir()
    render_feed(edition(), tmp_path / "2026-10")
    feed = etree.parse(tmp_path / "2026-10/feed.atom")
    SCHEMA.assertValid(feed)
    assert len(feed.xpath("//a:entry", namespaces=ATOM)) == 1
    assert not feed.xpath("//a:link[@rel='prev-archive']", namespaces=ATOM)


@pytest.mark.parametrize("name", [*HOSTILE, "乙\x0b丙", "\ufffe", "]]><entry/>"])
def test_a_hostile_name_leaves_the_feed_whole(name: str, tmp_path: Path) -> None:
    _, two = followed(tmp_path, name)
    feed = etree.parse(rendered(tmp_path, two) / "feed.atom")
    SCHEMA.assertValid(feed)
    assert len(feed.xpath("//a:entry", namespaces=ATOM)) == 3


@pytest.mark.parametrize(
    ("spoiled", "by"),
    [
        ("<id>urn:uuid:", "<id>"),
        ("<updated>2026-11-04T00:00:00Z", "<updated>2026-11-04"),
        ("<title>", "<title/><title>"),
    ],
)
def test_the_schema_finds_what_is_no_atom(tmp_path: Path, spoiled: str, by: str) -> None:
    _, two = followed(tmp_path)
    text = (rendered(tmp_path, two) / "feed.atom").read_text("utf-8")
    assert spoiled in text
    assert not SCHEMA.validate(etree.fromstring(text.replace(spoiled, by, 1).encode()))


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        ("white A", "白名单 A 级"),
        ("white A 96", "白名单 A 级 96 分"),
        ("new N", "新设未评"),
        ("none N", "未列入，未评"),
        ("none S", "已停办"),
        ("black D", "黑名单 D 级"),
        ("black S", "黑名单，停办"),
        ("none Pass", "未列入 Pass"),
        ("none", "未列入"),
        ("gone", ""),
        ("", ""),
    ],
)
def test_a_standing_is_said_in_words(standing: str, words: str) -> None:
    assert stood(standing, Unrated()) == words
