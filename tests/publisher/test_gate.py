"""Each assertion of the gate: what passes, what does not, by which code, and whether anybody may let it pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.changes import Rated, Standing, changes
from publisher.edition import Edition, Entry, Manifest, Tombstone, leaf, root
from publisher.gate.assertions import ASSERTIONS, Looked, doubts
from publisher.gate.bounds import Bounds, ListBounds
from publisher.gate.draft import draft_of
from publisher.gate.fields import PUBLIC, strangers, texts
from registry.drafts import Draft, signed_content
from scoring import assess, load_policy
from scoring.canonical import canonical
from scoring.facts import Event, Facts, Inspection, Listing, Record, State, Term
from tests.publisher.test_privacy import PERSONAL

POLICY = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes()
ON = date(2026, 11, 30)
LISTING = Listing(
    id="MD1",
    list="black",
    ground="F05",
    reason="恶意停业",
    document_no="甬教信〔2026〕1号",
    organ="教育局",
    article="第十七条",
    decided_on=date(2026, 6, 1),
    effective_on=date(2026, 6, 8),
    until=date(2027, 6, 1),
)


def entry(id: str = "NB-0001-1", **changed: Any) -> Entry:
    facts = Facts(
        institution=id,
        opened_on=date(2020, 1, 1),
        licences=(Term(number="1", since=date(2020, 1, 1)),),
        inspections=(Inspection(id="V1", kind="双随机", on=date(2026, 5, 1)),),
        **changed.pop("facts", {}),
    )
    rating = assess(facts, load_policy(POLICY), ON).lasting()
    values: dict[str, Any] = {
        "institution": id,
        "name": f"{id} 学校",
        "names": (),
        "jurisdiction": "330203",
        "facts": facts,
        "rating": rating,
        "salt": "0" * 64,
    }
    return Entry(**{**values, **changed})


def black(**changed: Any) -> Entry:
    listing = msgspec.structs.replace(LISTING, **changed)
    return entry("NB-0009-9", facts={"listings": (listing,)})


def edition_of(*entries: Entry, lines: tuple[bytes, ...] = (), previous: str = "") -> Edition:
    made = lines or tuple(map(canonical, entries))
    counts: dict[str, int] = {}
    for one in entries:
        counts[one.rating.status] = counts.get(one.rating.status, 0) + 1
    manifest = Manifest(
        city="t",
        title="名单",
        organ="教育局",
        fictional=True,
        period="2026-12",
        number=0,
        cut_off=ON,
        released_on=date(2026, 12, 3),
        program="",
        policy="NB-2026-1",
        policy_digest="",
        jurisdictions=(),
        counts=counts,
        root=root([leaf(line) for line in made]).hex(),
        previous=previous,
    )
    return Edition(manifest=manifest, lines=made, policy=POLICY)


def with_tombstone(reason: str) -> Edition:
    """An edition one of whose lines was withdrawn; it is still counted."""
    gone = canonical(Tombstone(hash="0" * 64, on=ON, reason=reason))
    made = edition_of(entry(), lines=(canonical(entry()), gone))
    counts = {entry().rating.status: 2}
    manifest = msgspec.structs.replace(made.manifest, counts=counts)
    return msgspec.structs.replace(made, manifest=manifest)


def stood(id: str, status: str = "none", grade: str = "A", place: str = "330203") -> Standing:
    rating = Rated(status=status, grade=grade)
    return Standing(institution=id, name=id, jurisdiction=place, rating=rating)


def found_in(
    edition: Edition, bounds: Bounds | None = None, was: tuple[Standing, ...] = ()
) -> list[str]:
    before = {one.institution: one for one in was}
    looked = Looked(
        edition=edition,
        was=before,
        changes=changes(before, edition.listed),
        bounds=bounds or Bounds(),
    )
    return [one.code for one in doubts(looked)[0]]


MANY = tuple(stood(f"NB-{n:04d}-X") for n in range(10))
EXTRA = canonical(entry())[:-1] + b',"telephone":"1"}'


@dataclass
class Case:
    codes: list[str]
    edition: Callable[[], Edition]
    bounds: Bounds | None = None
    was: tuple[Standing, ...] = ()


CASES = {
    "an ordinary edition": Case([], lambda: edition_of(entry())),
    "a listing with all its papers": Case([], lambda: edition_of(black())),
    "too few": Case(["count-total"], lambda: edition_of(entry()), Bounds(min_institutions=2)),
    "too many": Case(["count-total"], lambda: edition_of(entry()), Bounds(max_institutions=0)),
    "a list too long": Case(
        ["count-list"], lambda: edition_of(black()), Bounds(lists={"black": ListBounds(max=0)})
    ),
    "a list too short": Case(
        ["count-list"], lambda: edition_of(entry()), Bounds(lists={"white": ListBounds(min=1)})
    ),
    "too much changes": Case(
        ["change-total"], lambda: edition_of(entry()), Bounds(max_change_percent=5), MANY
    ),
    "too many newly black": Case(
        ["change-black"],
        lambda: edition_of(black()),
        Bounds(max_new_black=0),
        (stood("NB-0009-9"),),
    ),
    "too many come onto a list at once": Case(
        ["change-list"],
        lambda: edition_of(black()),
        Bounds(lists={"black": ListBounds(max_added=0)}),
        (stood("NB-0009-9"),),
    ),
    "too many leave a list at once": Case(
        ["change-list"],
        lambda: edition_of(entry()),
        Bounds(lists={"white": ListBounds(max_removed=0)}),
        (stood("NB-0001-1", "white"),),
    ),
    "a district loses too many": Case(
        ["change-place"],
        lambda: edition_of(entry()),
        Bounds(max_place_loss_percent=5),
        (*MANY, stood("NB-0001-1")),
    ),
    "a first edition has nothing to be compared with": Case(
        [],
        lambda: edition_of(black()),
        Bounds(max_change_percent=0, max_new_black=0, lists={"black": ListBounds(max_added=0)}),
    ),
    "a listing without a number": Case(["decision"], lambda: edition_of(black(document_no=" "))),
    "a listing without organ and article": Case(
        ["decision"], lambda: edition_of(black(organ=" ", article=" "))
    ),
    "a listing without a reason": Case(["reason"], lambda: edition_of(black(reason=""))),
    "a field nobody named": Case(["field"], lambda: edition_of(entry(), lines=(EXTRA,))),
    "sums that are not": Case(
        ["count-sums"],
        lambda: msgspec.structs.replace(
            edition_of(entry()),
            manifest=msgspec.structs.replace(edition_of(entry()).manifest, counts={"none": 2}),
        ),
    ),
    "a line that is another": Case(
        ["count-sums"],
        lambda: msgspec.structs.replace(
            edition_of(entry()), lines=(canonical(entry(name="另一家")),)
        ),
    ),
    "a tombstone's fields are public": Case([], lambda: with_tombstone("决定已撤销")),
    "a pupil in a tombstone's reason": Case(["privacy"], lambda: with_tombstone("学生王小明受伤")),
}


@pytest.mark.parametrize("name", CASES)
def test_an_assertion_finds_what_it_is_for(name: str) -> None:
    case = CASES[name]
    assert found_in(case.edition(), case.bounds, case.was) == case.codes


@pytest.mark.parametrize("text", [one for one, kinds in PERSONAL if kinds])
def test_personal_data_in_any_text_a_person_typed_stops_the_release(text: str) -> None:
    record = Record(
        id="F1",
        kind="finding",
        code="S01",
        seen_on=date(2026, 10, 1),
        statement=text,
        events=(Event(state=State.CONFIRMED, on=date(2026, 10, 9)),),
    )
    for made in (
        entry(name=text),
        entry(addresses=(text,)),
        entry(facts={"records": (record,)}),
        entry(legal_representative=text),
    ):
        assert "privacy" in found_in(edition_of(made))
        seen = doubts(Looked(edition=edition_of(made), was={}, changes=(), bounds=Bounds()))[0]
        for one in seen:
            assert text not in one.sentence
            certain = "居民身份证号码" in one.said
            assert one.acceptable is not certain


def test_the_codes_are_stable_and_some_are_never_let_pass() -> None:
    assert {one.code: one.acceptable for one in ASSERTIONS} == {
        "count-total": True,
        "count-sums": False,
        "chain": False,
        "count-list": True,
        "change-list": True,
        "change-total": True,
        "change-black": True,
        "change-place": True,
        "decision": False,
        "reason": False,
        "field": False,
        "privacy": True,
    }
    assert len({one.title for one in ASSERTIONS}) == len(ASSERTIONS)


def test_the_public_fields_are_those_of_a_line_and_no_others() -> None:
    whole = entry(facts={"listings": (LISTING,)})
    assert list(strangers(msgspec.json.decode(canonical(whole)))) == []
    for key in Entry.__struct_fields__:
        assert key in PUBLIC
    value = msgspec.json.decode(canonical(whole))
    value["facts"]["parents"] = [{"name": "王"}]
    value["facts"]["licences"][0]["scan"] = "a.jpg"
    value["name"] = {"text": "x"}
    assert sorted(strangers(value)) == ["facts.licences.scan", "facts.parents", "name"]


def test_what_a_person_typed_is_read_and_what_the_program_words_is_not() -> None:
    paths = {path for path, _, _ in texts(msgspec.json.decode(canonical(black())))}
    assert {"name", "facts.listings.reason", "facts.listings.document_no"} <= paths
    assert not any(path.startswith(("rating", "salt")) for path in paths)


def test_an_edition_whose_predecessor_is_missing_cannot_be_compared(tmp_path: Path) -> None:
    draft, _ = draft_of(edition_of(entry(), previous="a" * 64), tmp_path, Bounds())
    assert [one.code for one in draft.violations] == ["chain"]
    assert not draft.violations[0].acceptable


def laid(edition: Edition, editions: Path) -> None:
    """The edition's folder, as far as the next one is compared with it."""
    folder = editions / edition.name
    folder.mkdir(exist_ok=True)
    (folder / "edition.json").write_bytes(canonical(edition.manifest))
    (folder / "entries.jsonl").write_bytes(b"".join(one + b"\n" for one in edition.lines))


OFFICE = "0574-81110001"
# What may stand in a line: nothing, a pupil, an office's number, a field nobody knows, no reason for a listing.
LINES: tuple[Callable[[str], bytes], ...] = (
    lambda id: canonical(entry(id)),
    lambda id: canonical(entry(id, addresses=("学生王小明的课堂",))),
    lambda id: canonical(entry(id, addresses=(f"电话 {OFFICE}",))),
    lambda id: canonical(entry(id))[:-1] + b',"telephone":"1"}',
    lambda id: canonical(
        entry(id, facts={"listings": (msgspec.structs.replace(LISTING, reason=""),)})
    ),
)


def edition_with(lines: dict[int, int], previous: str = "") -> Edition:
    """An edition that says of each of some institutions one of these things."""
    return edition_of(
        *(entry(f"NB-{n:04d}-X") for n in lines),
        lines=tuple(LINES[what](f"NB-{n:04d}-X") for n, what in sorted(lines.items())),
        previous=previous,
    )


SAID = st.dictionaries(st.integers(0, 9), st.integers(0, len(LINES) - 1), min_size=1)


@given(SAID, SAID, st.sampled_from([(), (OFFICE,)]), st.sampled_from([(), (OFFICE,)]))
def test_going_on_from_what_was_signed_the_gate_finds_what_it_finds_reading_everything(
    was: dict[int, int], now: dict[int, int], then: tuple[str, ...], today: tuple[str, ...]
) -> None:
    before = edition_with(was)
    after = edition_with({**was, **now}, before.digest)
    bounds = Bounds(public_numbers=today)
    with TemporaryDirectory() as home:
        laid(before, Path(home))
        last, _ = draft_of(before, Path(home), Bounds(public_numbers=then))
        assert draft_of(after, Path(home), bounds, last) == draft_of(after, Path(home), bounds)


def test_only_a_line_that_is_known_whole_from_the_edition_before_is_not_read(
    tmp_path: Path,
) -> None:
    before = edition_with({1: 1, 2: 0})
    after = edition_with({1: 1, 2: 0}, before.digest)
    laid(before, tmp_path)
    whole, _ = draft_of(before, tmp_path, Bounds())
    clear = msgspec.structs.replace(whole, violations=())

    def found(last: Draft, edition: Edition = after) -> set[str]:
        return {one.code for one in draft_of(edition, tmp_path, Bounds(), last)[0].violations}

    assert found(whole) == {"privacy"}
    assert found(clear) == set()  # nothing was doubted, so nothing is looked at again
    of_another = msgspec.structs.replace(clear, digest="0" * 64)
    assert found(of_another) == {"privacy"}
    other = msgspec.structs.replace(after.manifest, program="1" * 64)
    assert found(clear, msgspec.structs.replace(after, manifest=other)) == {"privacy"}
    file = tmp_path / before.name / "entries.jsonl"
    file.write_bytes(file.read_bytes().replace(b"NB-0002-X", b"NB-0003-X"))
    assert "privacy" in found(clear)


def test_a_draft_tells_each_list_with_why_and_what_is_disputed(tmp_path: Path) -> None:
    ended = msgspec.structs.replace(LISTING, until=ON - timedelta(days=2))
    left = entry("NB-0002-2", facts={"listings": (ended,)})
    fresh = black(effective_on=ON - timedelta(days=5))
    disputed = entry(
        "NB-0003-3", facts={"listings": (msgspec.structs.replace(LISTING, disputed=True),)}
    )
    before = edition_of(
        msgspec.structs.replace(left, rating=black().rating),
        entry("NB-0009-9"),
        entry("NB-0003-3"),
        entry("NB-0004-4"),
    )
    laid(before, tmp_path)
    now = edition_of(left, disputed, entry("NB-0005-5"), fresh, previous=before.digest)
    draft, _ = draft_of(now, tmp_path, Bounds())
    lines = {(one.list, one.kind, one.institution): one for one in draft.lines}
    assert set(lines) == {
        ("black", "added", "NB-0003-3"),
        ("black", "added", "NB-0009-9"),
        ("black", "removed", "NB-0002-2"),
        ("none", "added", "NB-0005-5"),
        ("none", "removed", "NB-0004-4"),
    }
    assert "期满移出" in lines["black", "removed", "NB-0002-2"].why
    assert "甬教信〔2026〕1号" in lines["black", "added", "NB-0009-9"].why
    assert lines["black", "added", "NB-0009-9"].appeal.startswith("复议期至 2027-01-24")
    assert lines["black", "added", "NB-0003-3"].appeal == "异议中，正在复核：MD1"
    assert draft.difference == draft_of(now, tmp_path, Bounds(min_institutions=99))[0].difference
    assert draft.tally()[0] == ("black", "黑名单", 2, 1, 0)


def test_a_signature_covers_edition_difference_and_what_was_let_pass() -> None:
    whole = signed_content("a", "b", ("x", "y"))
    assert whole == signed_content("a", "b", ("y", "x"))
    others = {
        signed_content("c", "b", ("x", "y")),
        signed_content("a", "c", ("x", "y")),
        signed_content("a", "b", ("x",)),
        signed_content("a", "b", ()),
    }
    assert len(others | {whole}) == 5
