"""The public's database is the same bytes whether or not the one before it spares the work."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from publisher.edition import Edition, Jurisdiction
from publisher.lookup import NAME, render_lookup
from publisher.release import release
from publisher.signing import create_key
from tests.publisher.test_release import edition, with_entries


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys")
    release(edition(), tmp_path / "editions", tmp_path / "keys", [render_lookup])
    return tmp_path


def after(one: Edition) -> Edition:
    """The next month's edition: one institution is renamed, one is new, one is gone."""
    following = edition("2026-11", one.digest, date(2026, 11, 30))
    first, second, *others, _ = following.entries
    renamed = structs.replace(first, name="宁波市海曙区新名儿童绘画学校")
    return with_entries(following, (renamed, second, *others))


def beside(home: Path, one: Edition) -> bytes:
    """The database of an edition made beside the one before it."""
    folder = home / "editions" / "0-staging"
    folder.mkdir()
    render_lookup(one, folder)
    content = (folder / NAME).read_bytes()
    (folder / NAME).unlink()
    folder.rmdir()
    return content


def alone(home: Path, one: Edition) -> bytes:
    """The database of an edition made with nothing to go on from."""
    folder = home / "alone" / one.digest
    folder.mkdir(parents=True)
    render_lookup(one, folder)
    return (folder / NAME).read_bytes()


def test_going_on_from_the_database_before_gives_the_bytes_of_a_new_one(home: Path) -> None:
    one = after(edition())
    assert beside(home, one) == alone(home, one)
    assert beside(home, edition("2026-11", edition().digest)) != beside(home, one)


def altered(home: Path) -> None:
    """The old database says that every name sounds like another."""
    file = home / "editions/2026-10" / NAME
    file.chmod(0o644)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE spelling SET plain = 'x'")
    connection.close()


def resigned(home: Path) -> None:
    altered(home)
    folder = home / "editions/2026-10"
    (folder / "renderings.json").write_bytes(b"{}")


def without_a_key(home: Path) -> None:
    altered(home)
    (home / "editions/bureau.pub").write_text("x")


@pytest.mark.parametrize("harm", [altered, resigned, without_a_key])
def test_a_database_that_was_touched_is_not_gone_on_from(home: Path, harm: object) -> None:
    assert callable(harm)
    harm(home)
    one = after(edition())
    assert beside(home, one) == alone(home, one)


def test_a_place_with_another_name_is_found_by_that_name(home: Path) -> None:
    one = after(edition())
    place = Jurisdiction(id=one.entries[0].jurisdiction, name="新城区", organ="")
    manifest = structs.replace(one.manifest, jurisdictions=(place,))
    renamed = structs.replace(one, manifest=manifest)
    assert "新城区".encode() in beside(home, renamed)
    assert beside(home, renamed) == alone(home, renamed)
