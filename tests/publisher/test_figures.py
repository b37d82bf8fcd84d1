"""Figures and browsing are counted from the edition alone, and agree with its entries."""

import re
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from msgspec import structs

from config.settings import Settings
from publisher.browse import render_browse
from publisher.changes import render_changes
from publisher.edition import Entry, Jurisdiction, read_edition
from publisher.figures import figures_of
from publisher.lookup import render_lookup
from publisher.pages.sheet import UNSURE, sheet
from publisher.release import release
from publisher.shown import shown_grade
from publisher.signing import create_key
from publisher.site.pages import landing
from publisher.site.store import Store
from publisher.streets import street_of
from scoring import load_policy
from tests.publisher.test_release import edition


@pytest.mark.parametrize(
    ("address", "street", "house"),
    [
        ("宁波市鄞州区百丈街道新城大道23号1层", "新城大道", 23),
        ("海曙区镇明路8弄2号", "镇明路", 8),
        ("杭州市萧山区市心路 100 号", "市心路", 100),
        ("余姚市鹿亭乡环城路92号2层", "环城路", 92),
        ("宁海县东街5号", "东街", 5),
        ("宁波国家高新区梅墟街道解放路618号", "解放路", 618),
        ("天一广场 3 楼", "", 0),
        ("1600 Holloway Ave", "", 0),
        ("", "", 0),
        ("路", "", 0),
        ("中山路" + "9" * 40 + "号", "中山路", 999999999),
    ],
)
def test_a_street_and_its_house_are_read_from_an_address(
    address: str, street: str, house: int
) -> None:
    assert street_of(address) == (street, house)


def grade(one: Entry) -> str:
    rating = one.rating
    return shown_grade(rating.status, rating.grade, licensed=bool(one.facts.licences))


def test_the_first_pages_table_adds_up_where_a_district_is_no_more(tmp_path: Path) -> None:
    """Whoever has not been moved to another district yet is counted, and named by the old one's number."""
    whole = edition()
    (gone, *left) = sorted({one.jurisdiction for one in whole.entries})
    places = tuple(Jurisdiction(id=id, name=f"{id}区", organ="") for id in left)
    manifest = structs.replace(whole.manifest, jurisdictions=places)
    create_key(tmp_path / "keys")
    renderers = (render_lookup, render_browse, render_changes)
    told = structs.replace(whole, manifest=manifest)
    release(told, tmp_path / "editions", tmp_path / "keys", renderers)
    store = Store(tmp_path / "editions")
    page = landing(store, store.current(), {"up": "./"})
    table = page[page.index("<caption", page.index('class="map"')) : page.index("</table>")]
    rows = [
        [int(one.replace(",", "")) for one in re.findall(r'class="num">([\d,]+)<', row)]
        for row in table.split("<tr>")[2:]
    ]
    assert [sum(column) for column in zip(*rows[:-1], strict=True)] == rows[-1]
    assert sum(rows[-1]) == len(whole.entries)
    assert f"区域 {gone}" in table


def test_every_figure_is_what_the_entries_say(demo: Settings) -> None:
    edition = read_edition(demo.editions / "2026-11")
    found = {one.name: one for one in figures_of(edition)}
    standing = Counter(one.rating.status for one in edition.entries)
    for name in ("districts", "kinds"):
        sums = [sum(int(row[at]) for row in found[name].rows) for at in range(1, 7)]
        wanted = [standing[key] for key in ("white", "watch", "black", "none", "new")]
        assert sums == [*wanted, len(edition.entries)]
    words = {"N": "未评", "S": "停办"}
    shown = filter(None, map(grade, edition.entries))
    grades = Counter(words.get(one, one) for one in shown)
    assert dict(found["grades"].rows) == dict(grades)
    policy, told = load_policy(edition.policy), Counter[tuple[str, str]]()
    for one in edition.entries:
        if one.facts.status == "active":
            page = sheet(one, policy, {}, edition.manifest.cut_off)
            told.update((title, word) for word, title, *_ in page.conditions)
    table = found["conditions"]
    counted = {
        (row[0], word): many
        for row in table.rows
        for word, many in zip(table.columns[1:], row[1:], strict=True)
        if many
    }
    assert counted == dict(told), "as each institution's own page says"
    assert any(word == UNSURE for _, word in told)
    reasons = Counter(r.title for one in edition.entries for r in one.rating.reasons)
    assert {row[0]: row[2] for row in found["findings"].rows} == dict(reasons)
    scored = sum(one.rating.base is not None for one in edition.entries)
    assert sum(int(row[1]) for row in found["scores"].rows) == scored
    active = sum(one.facts.status == "active" for one in edition.entries)
    assert sum(int(row[1]) for row in found["visits"].rows) == active


def test_who_browses_sees_every_entry_once(demo: Settings) -> None:
    folder = demo.editions / "2026-11"
    uri = f"file:{folder / 'browse.sqlite'}?mode=ro&immutable=1"
    rows = sqlite3.connect(uri, uri=True).execute("SELECT id, name, status, grade FROM institution")
    assert rows.fetchall() == [
        (one.institution, one.name, one.rating.status, grade(one))
        for one in read_edition(folder).entries
    ]
