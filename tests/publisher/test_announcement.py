"""The announcement of a month: who came and who left, in signed numbers, and of a withdrawn entry neither."""

import subprocess
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from publisher.announcement import ROOM, render_announcement
from publisher.changes import render_changes
from publisher.edition import Edition, Entry
from publisher.release import Renderer, release
from publisher.signing import create_key
from publisher.withdraw import Withdrawn, bury
from tests.publisher.test_release import edition

FIRST, SECOND, DAY = "2026-10", "2026-11", date(2026, 11, 20)
RENDERERS: tuple[Renderer, ...] = (render_changes, render_announcement)
NOTE = "依法撤回或者期满撤下的条目不再列名，也不计入列入、移出。"


def listed(one: Edition, status: str) -> list[Entry]:
    return [entry for entry in one.entries if entry.rating.status == status]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Two editions; in the second nobody's list is another."""
    create_key(tmp_path / "keys")
    first = edition(FIRST)
    release(first, tmp_path / "editions", tmp_path / "keys", RENDERERS)
    release(edition(SECOND, first.digest), tmp_path / "editions", tmp_path / "keys", RENDERERS)
    return tmp_path


def withdrawn(home: Path, name: str, id: str) -> None:
    """Takes one entry out of one edition only."""

    def always(_: object) -> Iterable[Renderer]:
        return RENDERERS

    gone = {id: Withdrawn(institution=id, on=DAY, reason="处罚决定已撤销")}
    assert bury(home / "editions" / name, home / "keys", gone, DAY, always)


def words(home: Path, name: str) -> list[str]:
    """What the announcement of an edition says, word by word; a number stands by itself."""
    path = home / "editions" / name / "notice.pdf"
    said = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return said.stdout.decode().split()


def text(home: Path, name: str) -> str:
    """What the announcement of an edition says, without spaces."""
    return "".join(words(home, name))


def line(word: str, was: int, now: int) -> str:
    """A list's line in which nobody came or left."""
    return f"{word}{was}00{now}"


def test_the_first_has_nothing_to_compare(home: Path) -> None:
    one = edition(FIRST)
    said = text(home, FIRST)
    assert f"登记的机构共{len(one.entries)}家。这是第一期，没有上期可比。" in said
    assert f"黑名单———{len(listed(one, 'black'))}" in said
    assert NOTE not in said


def test_a_withdrawn_entry_neither_came_nor_left_and_the_signed_numbers_stay(home: Path) -> None:
    one = edition(FIRST)
    black, entry = len(listed(one, "black")), listed(one, "black")[0]
    assert line("黑名单", black, black) in text(home, SECOND)
    withdrawn(home, SECOND, entry.institution)
    said = text(home, SECOND)
    assert line("黑名单", black, black) in said
    assert f"登记的机构共{len(one.entries)}家" in said
    assert NOTE in said
    assert "没有机构列入或者移出名单" in said
    assert "不再登记" not in said
    assert entry.institution not in words(home, SECOND)


def test_whoever_was_withdrawn_from_the_edition_before_did_not_come(home: Path) -> None:
    one = edition(FIRST)
    black, entry = len(listed(one, "black")), listed(one, "black")[0]
    withdrawn(home, FIRST, entry.institution)
    release_again(home)
    said = text(home, SECOND)
    assert line("黑名单", black, black) in said
    assert NOTE in said
    assert entry.institution not in words(home, SECOND)


def release_again(home: Path) -> None:
    """Makes the second edition anew, as its next withdrawal would."""

    def always(_: object) -> Iterable[Renderer]:
        return RENDERERS

    assert bury(home / "editions" / SECOND, home / "keys", {}, DAY, always)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (date(2026, 6, 30), date(2026, 10, 31)),  # more come to the white list than two pages name
        (date(2026, 10, 31), date(2026, 11, 30)),
        (date(2026, 11, 30), date(2026, 12, 31)),  # whole insurances and licences end
    ],
)
def test_who_came_and_who_left_are_counted_and_named(
    tmp_path: Path, before: date, after: date
) -> None:
    create_key(tmp_path / "keys")
    first = edition(FIRST, cut_off=before)
    second = edition(SECOND, first.digest, after)
    for one in (first, second):
        release(one, tmp_path / "editions", tmp_path / "keys", RENDERERS)
    said, named, moved = text(tmp_path, SECOND), {*words(tmp_path, SECOND)}, set[str]()
    for status, word in {"white": "白名单", "watch": "重点关注名单", "black": "黑名单"}.items():
        was, now = ({one.institution for one in listed(of, status)} for of in (first, second))
        assert f"{word}{len(was)}{len(now - was)}{len(was - now)}{len(now)}" in said
        for way, who in {"列入": now - was, "移出": was - now}.items():
            assert (f"{way}{word}的{len(who)}家" in said) == bool(who)
            assert all((id in named) == (len(who) <= ROOM) for id in who)
        moved |= now ^ was
    assert moved
    assert NOTE not in said
