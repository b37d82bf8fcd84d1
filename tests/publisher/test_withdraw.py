"""A withdrawn entry leaves every file of its edition, the next edition, and the site; what is signed stays."""

import subprocess
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from publisher.browse import render_browse
from publisher.changes import read_changes, render_changes, standings
from publisher.edition import Jurisdiction, is_withdrawn, leaf, read_edition, root
from publisher.feed import render_feed
from publisher.figures import render_figures
from publisher.lookup import render_lookup
from publisher.pages.render import render_pages
from publisher.pdf import Paper, papers, print_paper
from publisher.release import ReleaseRefused, Renderer, exchange, release
from publisher.removals import told_until
from publisher.signing import create_key
from publisher.site import pages
from publisher.site.export import export
from publisher.site.institution import institution
from publisher.site.store import Store
from publisher.verify import verify
from publisher.withdraw import WithdrawalRefused, Withdrawn, bury, shown_of, without
from tests.publisher.test_release import edition

RENDERERS: tuple[Renderer, ...] = (
    render_changes,
    render_feed,
    render_lookup,
    render_browse,
    render_figures,
    render_pages,
)
DAY = date(2026, 11, 20)
FIRST, SECOND = "2026-10", "2026-11"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two editions with their files, which nobody changes."""
    home = tmp_path_factory.mktemp("whole")
    create_key(home / "keys")
    one = edition(FIRST)
    release(one, home / "editions", home / "keys", RENDERERS)
    release(edition(SECOND, one.digest), home / "editions", home / "keys", RENDERERS)
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(whole, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


def always(_: Path) -> Iterable[Renderer]:
    return RENDERERS


def gone(*ids: str, on: date = DAY, reason: str = "处罚决定已撤销") -> dict[str, Withdrawn]:
    return {id: Withdrawn(institution=id, on=on, reason=reason, listed="black") for id in ids}


def buried(home: Path, name: str, *ids: str, today: date = DAY) -> bool:
    return bury(home / "editions" / name, home / "keys", gone(*ids), today, always)


def problems(home: Path, name: str) -> tuple[str, ...]:
    return verify(home / "editions" / name, home / "keys/bureau.pub").problems


def test_no_file_of_the_edition_names_the_withdrawn_but_the_removals(home: Path) -> None:
    folder = home / "editions" / FIRST
    first = read_edition(folder)
    id = first.entries[3].institution
    signed = (folder / "edition.json").read_bytes()
    assert buried(home, FIRST, id)
    assert not buried(home, FIRST, id)
    assert problems(home, FIRST) == ()
    assert (folder / "edition.json").read_bytes() == signed
    assert root([leaf(one) for one in read_edition(folder).lines]).hex() == first.manifest.root
    assert shown_of(folder, [id]) == {}
    # The number is short, so that it is looked for as a whole word.
    named = {
        file.name
        for file in folder.rglob("*")
        if file.is_file() and f'"{id}"'.encode() in file.read_bytes()
    }
    assert named == {"removals.json", "changes.json"}
    (told,) = [one for one in read_changes(folder) or () if one.institution == id]
    assert (told.kind, told.before, told.after) == ("withdrawn", "", "gone")


def test_the_next_edition_says_it_was_withdrawn_and_not_that_it_is_new(home: Path) -> None:
    id = read_edition(home / "editions" / FIRST).entries[3].institution
    buried(home, FIRST, id)
    stale = read_changes(home / "editions" / SECOND)
    assert stale is not None
    assert all(one.institution != id for one in stale)
    assert buried(home, SECOND)
    (told,) = [
        one for one in read_changes(home / "editions" / SECOND) or () if one.institution == id
    ]
    assert (told.kind, told.before) == ("changed", "gone")
    assert problems(home, SECOND) == ()
    # Withdrawn from both, there is nothing left to compare.
    assert buried(home, SECOND, id)
    assert all(one.institution != id for one in read_changes(home / "editions" / SECOND) or ())
    assert not buried(home, SECOND, id)


def test_when_its_removal_is_told_no_longer_nobody_is_called_new_or_gone(home: Path) -> None:
    id = read_edition(home / "editions" / FIRST).entries[3].institution
    buried(home, FIRST, id)
    buried(home, SECOND)
    after = told_until(DAY) + timedelta(days=1)
    assert not buried(home, FIRST, id, today=told_until(DAY))
    assert buried(home, FIRST, id, today=after)
    found = standings(home / "editions" / FIRST)
    assert (found.unnamed, id in found) == (1, False)
    assert id not in (home / "editions" / FIRST / "removals.json").read_text("utf-8")
    # Nor does the next edition name any longer whom it said to have been withdrawn from this one.
    assert buried(home, SECOND, today=after)
    assert all(one.institution != id for one in read_changes(home / "editions" / SECOND) or ())
    assert "上一版的条目已撤回" not in (home / "editions" / SECOND / "index.html").read_text(
        "utf-8"
    )
    assert not buried(home, SECOND, today=after)


def test_the_rows_of_the_edition_before_bring_nobody_back(home: Path) -> None:
    editions = home / "editions"
    id = read_edition(editions / FIRST).entries[3].institution
    # The edition before still holds the row of the very line that is withdrawn here.
    assert buried(home, SECOND, id)
    store = Store(editions)
    assert store.edition(FIRST).entry(id) is not None
    assert store.edition(SECOND).entry(id) is None
    assert id not in store.edition(SECOND).numbers()


def test_an_open_site_serves_the_withdrawn_no_longer_and_says_that_it_is_known(
    home: Path, tmp_path: Path
) -> None:
    store = Store(home / "editions")
    entry = read_edition(home / "editions" / SECOND).entries[3]
    values = {"up": "../../"}

    def page(id: str) -> str:
        return institution(store, store.current(), id, values) or ""

    def found(query: str) -> str:
        return pages.found(store.current(), query, "", {"up": "../"})

    before = store.current().tag
    assert "plate gone" not in page(entry.institution)
    buried(home, SECOND, entry.institution)
    text = page(entry.institution)
    assert store.current().tag != before
    assert "plate gone" in text
    assert "黑名单记录已撤回" in text
    assert entry.name[:4] in text
    assert "登记库里没有这家" not in found(entry.name)
    assert f"i/{entry.institution}/" in found(entry.name)
    assert "登记库里没有这家" in found("没有这样的名称")
    past = store.past(entry.institution, store.current())
    assert [one.status for one in past][-1] == "gone"
    export(store, store.current(), tmp_path / "site", lambda *_: None)
    assert "plate gone" in (tmp_path / "site/i" / entry.institution / "index.html").read_text(
        "utf-8"
    )
    assert '"status":"gone"' in (tmp_path / "site/names.js").read_text("utf-8")
    assert "撤回" in (tmp_path / f"site/feed/i/{entry.institution}.atom").read_text("utf-8")
    # Who can be gone through is counted, as everywhere, without whoever was withdrawn.
    many = len(read_edition(home / "editions" / SECOND).entries)
    assert f"<p>{many} 家。</p>" in (tmp_path / "site/browse/index.html").read_text("utf-8")
    buried(home, SECOND, entry.institution, today=told_until(DAY) + timedelta(days=1))
    assert institution(store, store.current(), entry.institution, values) is None
    assert store.edition(SECOND).lacks(entry.institution) == "unsaid"


def test_no_list_says_that_nobody_was_on_it_whose_entries_were_withdrawn(home: Path) -> None:
    folder, places = home / "editions" / SECOND, ("330203",)
    listed = [one for one in read_edition(folder).entries if one.rating.status == "black"]
    many = len(listed)

    def said() -> tuple[str, list[str]]:
        page = (folder / "lists/black.html").read_text("utf-8")
        return page, [printed(home, one) for one in papers_of(folder, places)]

    page, (whole, part) = said()
    assert many > 1
    assert f"共 {many} 家。" in page
    assert f"其中{many}家经决定列入黑名单，现予公布。" in whole
    assert "依法撤下" not in f"{page}{whole}{part}"
    buried(home, SECOND, listed[0].institution)
    page, (whole, part) = said()
    assert f"共 {many - 1} 家。另有 1 家，条目已依法撤下。" in page
    assert f"其中{many - 1}家经决定列入黑名单，现予公布。另有1家经决定列入黑名单的" in whole
    buried(home, SECOND, *(one.institution for one in listed))
    page, (whole, part) = said()
    assert f"共 0 家。另有 {many} 家，条目已依法撤下。" in page
    assert "本期没有列入" not in f"{page}{whole}{part}"
    assert f"其中{many}家经决定列入黑名单的，条目都已依法撤下。" in whole
    assert "24时，本期黑名单没有列出机构。" in part


def test_a_place_whose_number_was_signed_tells_of_its_withdrawn_entries(home: Path) -> None:
    folder = home / "editions" / SECOND
    listed = [one for one in read_edition(folder).entries if one.rating.status == "black"]
    place = listed[0].jurisdiction
    many = sum(one.jurisdiction == place for one in listed)
    counts: dict[str, dict[str, int]] = {place: {"black": many, "none": 7}}
    buried(home, SECOND, listed[0].institution)
    _, part = papers_of(folder, (place,), counts)
    assert part.institutions == many + 7
    assert part.withdrawn == 1
    said = printed(home, part)
    left = f"其中{many - 1}家经决定列入黑名单，现予公布。另有" if many > 1 else "其中"
    assert f"登记的机构共{many + 7}家，{left}1家经决定列入黑名单的，条目" in said


def papers_of(
    folder: Path,
    places: tuple[str, ...],
    counts: Mapping[str, dict[str, int]] = MappingProxyType({}),
) -> list[Paper]:
    """The papers of the black list of an edition that tells of these districts, and how many they had."""
    from msgspec import UNSET, structs

    edition = read_edition(folder)
    found = tuple(
        Jurisdiction(id=one, name=f"区{one}", organ="", counts=counts.get(one, UNSET))
        for one in places
    )
    manifest = structs.replace(edition.manifest, jurisdictions=found)
    whole = structs.replace(edition, manifest=manifest)
    return [one for _, one in papers(whole, "black")]


def printed(home: Path, paper: Paper) -> str:
    """What the first page of a paper says, without spaces."""
    print_paper(home / "one.pdf", paper)
    words = ["pdftotext", "-l", "1", home / "one.pdf", "-"]
    return "".join(subprocess.run(words, capture_output=True, check=True).stdout.decode().split())


def test_removals_of_another_edition_or_told_too_long_are_named(home: Path) -> None:
    import json
    from hashlib import sha256

    from publisher.signing import sign

    folder = home / "editions" / SECOND
    buried(home, SECOND, read_edition(folder).entries[0].institution)
    whole = json.loads((folder / "removals.json").read_bytes())

    def signed(**changed: object) -> tuple[str, ...]:
        raw = json.dumps({**whole, **changed}, ensure_ascii=False).encode()
        (folder / "removals.json").write_bytes(raw)
        listed = json.loads((folder / "renderings.json").read_bytes())
        listed["removals.json"] = sha256(raw).hexdigest()
        content = json.dumps(listed).encode()
        (folder / "renderings.json").write_bytes(content)
        signature = sign(content, home / "keys/bureau.key")
        (folder / "renderings.json.sig").write_bytes(signature)
        return problems(home, SECOND)

    assert signed() == ()
    assert any("另一个版次" in one for one in signed(edition=FIRST))
    longer = [{**one, "until": "2099-01-01"} for one in whole["removals"]]
    assert any("十二个月" in one for one in signed(removals=longer))
    named = [{**one, "offence": "F05"} for one in whole["removals"]]
    assert any("内容不合格式" in one for one in signed(removals=named))


@pytest.mark.parametrize(
    "name", ["entries.jsonl", "policy.toml", "removals.json", "edition.json", "renderings.json"]
)
def test_nothing_is_made_from_what_was_touched(home: Path, name: str) -> None:
    file = home / "editions" / FIRST / name
    id = read_edition(file.parent).entries[0].institution
    file.write_bytes(file.read_bytes().replace(b'"', b'" ', 1))
    with pytest.raises(WithdrawalRefused, match="备份恢复"):
        buried(home, FIRST, id)


def test_what_would_not_pass_its_check_is_not_exchanged(home: Path) -> None:
    folder = home / "editions" / FIRST
    id = read_edition(folder).entries[0].institution
    before = (folder / "renderings.json").read_bytes()

    def harming(_: object, staged: Path) -> None:
        (staged / "policy.toml").write_bytes(b"")

    with pytest.raises(ReleaseRefused, match="照常公布"):
        bury(folder, home / "keys", gone(id), DAY, lambda _: (*RENDERERS, harming))
    assert (folder / "renderings.json").read_bytes() == before
    assert not list((home / "editions").glob("0-*"))


def test_two_folders_take_each_others_name(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / folder.name).write_text("")
    exchange(one, other)
    assert [file.name for file in one.iterdir()] == ["other"]
    assert [file.name for file in other.iterdir()] == ["one"]
    with pytest.raises(FileNotFoundError):
        exchange(one, tmp_path / "nowhere")


@limits(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(picked=st.sets(st.integers(0, 59)), reason=st.text(min_size=1))
def test_any_lines_withdrawn_leave_the_root_and_the_others(picked: set[int], reason: str) -> None:
    one = edition()
    ids = [one.entries[at].institution for at in picked]
    left = without(one, gone(*ids, reason=reason), DAY)
    assert [leaf(line) for line in left.lines] == [leaf(line) for line in one.lines]
    assert left.digest == one.digest
    standing = [line for line in left.lines if not is_withdrawn(line)]
    assert standing == [line for at, line in enumerate(one.lines) if at not in picked]
    assert set(left.withdrawn) == set(ids)
    assert without(left, gone(*ids, reason=reason), DAY) == left
