"""The store sees at the next look what is released and what is written anew, whatever the clock's tick."""

import os
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from config.settings import Settings
from publisher.release import switch
from publisher.site.search.index import index_of
from publisher.site.store import LITTLE, NothingReleased, OpenEdition, Store
from tests.conftest import PERIODS


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look is a new one, though many fall into the moment for which a site takes the last for granted."""
    monkeypatch.setattr("publisher.site.store.MOMENT", 0)


@pytest.fixture
def folder(demo: Settings, tmp_path: Path) -> Path:
    """A copy of the editions with the newest one still to come."""
    made = tmp_path / "editions"
    shutil.copytree(demo.editions, made, symlinks=True)
    (made / PERIODS[-1]).rename(tmp_path / "coming")
    switch(made, PERIODS[-2])
    return made


def write_anew(edition: Path) -> None:
    """Puts another folder in the place of an edition's, as a withdrawal does."""
    fresh = edition.parents[1] / "fresh"
    shutil.copytree(edition, fresh)
    listed = (fresh / "renderings.json").read_bytes()
    (fresh / "renderings.json").chmod(0o644)
    (fresh / "renderings.json").write_bytes(listed.replace(b"{", b"{ ", 1))
    shutil.rmtree(edition)
    fresh.rename(edition)


def test_an_edition_is_seen_though_the_folder_seems_unchanged(folder: Path) -> None:
    store = Store(folder)
    assert store.current().name == PERIODS[-2]
    before, state = os.stat(folder), store.state()
    (folder.parent / "coming").rename(folder / PERIODS[-1])
    switch(folder, PERIODS[-1])
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))  # the same tick
    assert store.current().name == PERIODS[-1]
    assert store.state() != state


def test_while_an_edition_is_copied_file_by_file_the_one_before_stands(folder: Path) -> None:
    store, coming = Store(folder), folder.parent / "coming"
    target = folder / PERIODS[-1]
    switch(folder, PERIODS[-1])  # rsync makes links before it brings files
    for file in sorted(path for path in coming.rglob("*") if path.is_file()):
        assert store.current().name in PERIODS[-2:]
        assert store.current().removals is not None
        place = target / file.relative_to(coming)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        os.utime(folder)
    assert store.current().name == PERIODS[-1]
    assert store.current().changes() == Store(folder).edition(PERIODS[-1]).changes()


def test_what_was_written_anew_is_opened_anew(folder: Path) -> None:
    store = Store(folder)
    name = PERIODS[0]
    old, state = store.edition(name), store.state()
    write_anew(folder / name)
    assert store.edition(name) is not old
    assert store.edition(name).tag != old.tag
    assert store.state() != state
    assert store.edition(PERIODS[1]) is store.edition(PERIODS[1])


def test_what_was_written_anew_is_held_open_no_longer_though_nobody_asks_for_it(
    folder: Path,
) -> None:
    """What a withdrawal took away must not lie on the disk as long as a process runs."""
    store = Store(folder)
    assert store.current().name in PERIODS[:2]
    for name in PERIODS[:2]:
        edition = store.edition(name)
        assert store.past(edition.numbers()[0], edition)
        assert index_of(edition).row(1)
    del edition
    for name in PERIODS[:2]:
        write_anew(folder / name)
    assert any(one.endswith("(deleted)") for one in held_open(folder))
    os.utime(folder)
    store.names()
    assert held_open(folder) == []


def test_of_an_edition_that_is_no_longer_the_current_one_little_is_kept(folder: Path) -> None:
    store = Store(folder)
    before = store.current()
    assert index_of(before).row(1)
    wide = kept(before)
    (folder.parent / "coming").rename(folder / PERIODS[-1])
    switch(folder, PERIODS[-1])
    now = store.current()
    assert (now.name, kept(now)) == (PERIODS[-1], wide)
    assert (before.index, kept(before)) == (None, LITTLE)
    assert kept(store.edition(PERIODS[0])) == LITTLE
    assert store.edition(PERIODS[-2]) is before
    assert index_of(before).row(1), "whoever asks it still is answered"


def kept(edition: OpenEdition) -> int:
    """How many KiB of an edition's index are kept at most."""
    [(size,)] = edition.lookup.execute("PRAGMA cache_size")
    return -int(size)


def held_open(folder: Path) -> list[str]:
    """The files below a folder that this process has open, those that are gone included."""
    links = (os.readlink(one) for one in Path("/proc/self/fd").iterdir() if one.is_symlink())
    return sorted(one for one in links if one.startswith(f"{folder}/"))


def test_the_edition_of_each_day_is_the_last_released_by_then(demo: Settings) -> None:
    store = Store(demo.editions)
    days = {name: store.manifest(name)[0].released_on for name in PERIODS}
    assert store.in_force(days[PERIODS[0]] - timedelta(days=1)) is None
    for name, day in days.items():
        for later in (0, 1):
            found = store.in_force(day + timedelta(days=later))
            assert found is not None
            assert found.name == name
    latest = store.in_force(date(2999, 1, 1))
    assert latest is store.current()


def test_a_folder_without_editions_says_so(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "nowhere"):
        store = Store(place)
        assert store.names() == []
        for ask in (store.current, store.state):
            with pytest.raises(NothingReleased):
                ask()
