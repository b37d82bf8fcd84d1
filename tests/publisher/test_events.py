"""Events between two editions: old and new values, why, and nothing of what was withdrawn."""

import json
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from config.settings import Settings
from publisher.corrections import Corrected, Correction
from publisher.edition import Edition, Tombstone, leaf, read_edition
from publisher.events import Event, Issued, Named, events_of, withdrawal_of, within
from publisher.shown import shown_grade
from publisher.site.search import matching
from publisher.site.store import Store
from scoring.canonical import canonical

AT = datetime(2026, 11, 6, 1, 0, tzinfo=UTC)
NOBODY: dict[str, frozenset[str]] = {}


@pytest.fixture(scope="module")
def two(demo: Settings) -> tuple[Edition, Edition]:
    """The two newest editions of the demo city."""
    return read_edition(demo.editions / "2026-10"), read_edition(demo.editions / "2026-11")


def without(edition: Edition, id: str) -> Edition:
    """The edition as it stands after an entry was withdrawn from it."""
    lines = []
    for line in edition.lines:
        if json.loads(line)["institution"] == id:
            gone = Tombstone(hash=leaf(line).hex(), on=date(2026, 11, 9), reason="决定已撤销")
            line = canonical(gone)
        lines.append(line)
    return msgspec.structs.replace(edition, lines=tuple(lines))


def test_every_change_has_old_and_new_values_and_a_reason(two: tuple[Edition, Edition]) -> None:
    old, new = two
    found = events_of(old, new, NOBODY)
    licensed = {one.institution: bool(one.facts.licences) for one in (*old.entries, *new.entries)}
    was = {one.institution: one.rating for one in old.entries}
    now = {one.institution: one.rating for one in new.entries}
    moved = {id for id in was.keys() | now.keys() if _said(was.get(id)) != _said(now.get(id))}
    assert moved
    assert moved <= {one.institution.id for one in found}
    assert [one.institution.id for one in found] == sorted(one.institution.id for one in found)
    for one in found:
        assert one.reason
        assert one.changed
        for side, ratings in ((one.before, was), (one.after, now)):
            rating = ratings.get(one.institution.id)
            assert (side is None) == (rating is None)
            if side and rating:
                grade = shown_grade(
                    rating.status, rating.grade, licensed=licensed[one.institution.id]
                )
                assert (side.status, side.grade) == (rating.status, grade)
                assert side.score == ("" if rating.score is None else f"{rating.score:f}")
        if one.after and one.after.status in ("black", "watch"):
            assert one.after.document_no
    weighed = [part for one in found for part in one.references if part.points]
    assert weighed
    assert all(part.document and part.article for part in weighed)


def _said(rating: Any) -> tuple[object, ...] | None:
    return rating and (rating.status, rating.grade, rating.score, rating.listing)


def test_an_event_has_one_id_wherever_it_is_derived(two: tuple[Edition, Edition]) -> None:
    first, again = (events_of(*two, NOBODY) for _ in range(2))
    assert first == again
    ids = [one.id for one in first]
    assert len(set(ids)) == len(ids)
    assert [one.body(AT) for one in first] == [one.body(AT) for one in again]
    assert events_of(two[1], two[1], NOBODY) == ()
    said = json.loads(first[0].body(AT))
    assert said["type"] == "standing.changed"
    assert said["timestamp"] == "2026-11-06T01:00:00+00:00"
    assert said["data"]["edition"]["digest"] == two[1].digest
    assert said["data"]["edition"]["previous"] == two[0].digest


def test_a_correction_names_the_editions_it_puts_right(two: tuple[Edition, Edition]) -> None:
    one = events_of(*two, NOBODY)[0].institution
    id, editions = one.id, ("2026-09", "2026-10")
    wrong = tuple(Corrected(edition=name, before="none", after="white") for name in editions)
    notice = Correction(
        institution=id, name=one.name, jurisdiction=one.jurisdiction, editions=wrong, reason="撤销"
    )
    mended = msgspec.structs.replace(two[1], corrections=(notice,))
    found = events_of(two[0], mended, NOBODY)
    assert {one.institution.id: one.corrects for one in found if one.corrects} == {
        id: ("2026-09", "2026-10")
    }
    assert [one.id for one in found] == [one.id for one in events_of(*two, NOBODY)]


def test_the_first_edition_adds_everyone(two: tuple[Edition, Edition]) -> None:
    found = events_of(None, two[0], NOBODY)
    assert len(found) == len(two[0].lines)
    assert {(one.kind, one.before) for one in found} == {("added", None)}


def test_what_was_withdrawn_neither_came_nor_went(two: tuple[Edition, Edition]) -> None:
    old, new = two
    id = events_of(old, new, NOBODY)[0].institution.id
    after = events_of(old, without(new, id), {"2026-11": frozenset({id})})
    assert id not in {one.institution.id for one in after}
    (before,) = [
        one
        for one in events_of(without(old, id), new, {"2026-10": frozenset({id})})
        if one.institution.id == id
    ]
    assert before.before is not None
    assert before.before.withdrawn
    assert (before.kind, before.before.status, before.before.grade) == ("changed", "", "")


def test_a_withdrawal_says_the_fact_and_its_paper_only() -> None:
    event = withdrawal_of(
        Issued(name="2026-10", digest="d" * 64),
        Named(id="NB-1", name="甲", jurisdiction="330203"),
        reason="处罚决定已撤销",
        document_no="甬教撤〔2026〕1号",
        on=date(2026, 11, 9),
    )
    said = json.loads(event.body(AT))
    assert said["type"] == "entry.withdrawn"
    assert said["data"]["after"] == {"withdrawn": True, "since": "2026-11-09"}
    assert said["data"]["before"] is None
    other = msgspec.structs.replace(event, edition=Issued(name="2026-11", digest="e" * 64))
    assert event.id != other.id


def test_a_scope_lets_through_its_own(demo: Settings, two: tuple[Edition, Edition]) -> None:
    found = events_of(None, two[1], NOBODY)
    place = found[0].institution.jurisdiction
    own = within(found, "jurisdiction", place, frozenset())
    assert 0 < len(own) < len(found)
    assert {one.institution.jurisdiction for one in own} == {place}
    name, id = found[0].institution.name, found[0].institution.id
    assert _ids(within(found, "institution", id, frozenset())) == [id]
    assert within(found, "city", "", frozenset()) == list(found)
    edition = Store(demo.editions).edition("2026-11")
    assert _ids(within(found, "search", name, matching(edition, name))) == [id]
    district = own[0].institution.jurisdiction_name
    searched = within(found, "search", district, matching(edition, district))
    assert len(searched) >= len(own)
    assert len(searched) > 20 or len(own) < 20  # the page shows twenty, a saved search finds all
    assert within(found, "search", "没有的词", matching(edition, "没有的词")) == []


def _ids(events: list[Event]) -> list[str]:
    return [one.institution.id for one in events]
