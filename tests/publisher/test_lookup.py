"""The public's database is the same bytes whether or not the one before it spares the work."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from publisher import lookup
from publisher.edition import Edition, Entry, Jurisdiction, Name, Tombstone, leaf
from publisher.filing import Layout
from publisher.lookup import NAME, render_lookup
from publisher.packing import unpacked
from publisher.release import release
from publisher.signing import create_key
from scoring.canonical import canonical
from tests.publisher.test_release import edition, with_entries

Entries = tuple[Entry, ...]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys")
    release(edition(), tmp_path / "editions", tmp_path / "keys", [render_lookup])
    return tmp_path


def following(entries: Callable[[Entries], Entries]) -> Edition:
    """The next month's edition, with its entries changed."""
    one = edition("2026-11", edition().digest, date(2026, 11, 30))
    return with_entries(one, entries(one.entries))


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
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).unlink(missing_ok=True)
    render_lookup(one, folder)
    return (folder / NAME).read_bytes()


def renamed(entries: Entries) -> Entries:
    first, *others = entries
    names = (Name(kind="legal", text=first.name, until=date(2026, 11, 3)), *first.names)
    new = structs.replace(first, name="宁波市海曙区新名儿童绘画学校", names=names)
    return (new, *others)


def joined(entries: Entries) -> Entries:
    first = entries[0]
    facts = structs.replace(first.facts, institution="99999")
    rating = structs.replace(first.rating, institution="99999")
    new = structs.replace(first, institution="99999", name="新来的学校", facts=facts, rating=rating)
    return (*entries, new)


def moved(entries: Entries) -> Entries:
    first, *others = entries
    there = next(one.jurisdiction for one in others if one.jurisdiction != first.jurisdiction)
    return (structs.replace(first, jurisdiction=there), *others)


def less(entries: Entries) -> Entries:
    """Without one of a place whose numbers begin and end as before."""
    places = [one.jurisdiction for one in entries]
    keeps = [one for one in places if places.count(one) - 1 not in (0, 1, 2, 4, 8, 16, 32)]
    gone = next(one for one in reversed(entries) if one.jurisdiction in keeps)
    return tuple(one for one in entries if one != gone)


CHANGES: dict[str, Callable[[Entries], Entries]] = {
    "nothing": lambda entries: entries,
    "a fact": lambda entries: (structs.replace(entries[0], organ="新教育局"), *entries[1:]),
    "a name": renamed,
    "one more": joined,
    "one less": less,
    "another district": moved,
    "two at once": lambda entries: renamed(less(entries)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_going_on_from_the_database_before_gives_the_bytes_of_a_new_one(
    home: Path, change: Callable[[Entries], Entries], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = following(change)
    expected = alone(home, one)
    with monkeypatch.context() as patch:
        patch.delattr(lookup, "_made")  # it is gone on from, or this fails
        assert beside(home, one) == expected
    assert expected != alone(home, edition())


def test_going_on_twice_gives_the_bytes_of_a_new_one(home: Path) -> None:
    one = following(renamed)
    release(one, home / "editions", home / "keys", [render_lookup])
    two = edition("2026-12", one.digest, date(2026, 12, 31))
    assert beside(home, two) == alone(home, two)


def test_what_was_withdrawn_is_not_carried_on(home: Path) -> None:
    one = following(lambda entries: entries)
    gone, *lines = one.lines
    stone = canonical(Tombstone(hash=leaf(gone).hex(), on=date(2026, 11, 5), reason="撤销"))
    withdrawn = structs.replace(one, lines=(stone, *lines))
    found = beside(home, withdrawn)
    assert found == alone(home, withdrawn)
    file = home / "found.sqlite"
    file.write_bytes(found)
    id = one.entries[0].institution
    with closing(sqlite3.connect(file)) as connection:
        ids = {row[0] for row in connection.execute("SELECT id FROM institution")}
        many = connection.execute("SELECT count(*) FROM wording").fetchone()[0]
        filed = connection.execute("SELECT max(many) FROM filed").fetchone()[0]
    assert id not in ids
    assert len(ids) == many == len(lines)
    assert filed <= many


def test_more_than_was_there_is_made_anew(home: Path) -> None:
    def doubled(entries: Entries) -> Entries:
        more = (structs.replace(one, institution=f"9{one.institution}") for one in entries)
        return (*entries, *more)

    one = following(doubled)
    assert beside(home, one) == alone(home, one)


def altered(home: Path) -> None:
    """The old database says that every name sounds like another."""
    file = home / "editions/2026-10" / NAME
    file.chmod(0o644)
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE wording SET lines = 'Nx'")
    connection.close()


def resigned(home: Path) -> None:
    altered(home)
    folder = home / "editions/2026-10"
    (folder / "renderings.json").write_bytes(b"{}")


def without_a_key(home: Path) -> None:
    altered(home)
    (home / "editions/bureau.pub").write_text("x")


@pytest.mark.parametrize("harm", [altered, resigned, without_a_key])
def test_a_database_that_was_touched_is_not_gone_on_from(
    home: Path, harm: Callable[[Path], None]
) -> None:
    harm(home)
    one = following(renamed)
    assert beside(home, one) == alone(home, one)


def test_a_place_with_another_name_is_found_by_that_name(home: Path) -> None:
    one = following(renamed)
    place = Jurisdiction(id=one.entries[0].jurisdiction, name="新城区", organ="")
    manifest = structs.replace(one.manifest, jurisdictions=(place,))
    moved_on = structs.replace(one, manifest=manifest)
    assert "新城区".encode() in beside(home, moved_on)
    assert beside(home, moved_on) == alone(home, moved_on)


def test_every_line_is_kept_as_it_was_published(home: Path) -> None:
    with closing(sqlite3.connect(home / "editions/2026-10" / NAME)) as connection:
        query = "SELECT value FROM meta WHERE key = 'dictionary'"
        [(dictionary,)] = connection.execute(query).fetchall()
        rows = connection.execute("SELECT leaf, entry FROM institution ORDER BY id").fetchall()
    lines = edition().lines
    assert [unpacked(entry, dictionary) for _, entry in rows] == list(lines)
    assert [hashed for hashed, _ in rows] == [leaf(line) for line in lines]


PLACES = st.dictionaries(st.text(min_size=1), st.lists(st.text(), unique=True), min_size=1)


@given(PLACES)
def test_numbers_follow_from_who_is_there_alone(places: dict[str, list[str]]) -> None:
    own = {place: [f"{place}/{id}" for id in ids] for place, ids in places.items()}
    layout = Layout.of({place: len(ids) for place, ids in own.items()})
    numbers = layout.numbers(own)
    assert len(set(numbers.values())) == sum(map(len, own.values()))
    turned = {place: list(reversed(ids)) for place, ids in reversed(own.items())}
    assert layout.numbers(turned) == numbers
    for place, ids in own.items():
        start, end = layout.span(place)
        assert all(start <= numbers[id] < end for id in ids)
        assert all(layout.place_of(numbers[id]) == place for id in ids)
