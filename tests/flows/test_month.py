"""A month: the register is frozen, one prepares, another signs, and what was signed is released."""

from datetime import UTC, date
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import select

from config.freezing import end_of
from publisher.changes import Held, Rated, Standing, changes
from publisher.data import render_csv, render_json
from publisher.edition import Edition, Entry, Manifest
from publisher.freeze import City, Issue, freeze
from publisher.gate import (
    Bounds,
    GateRefused,
    ListBounds,
    draft_of,
    drafted,
    prepare,
    publish,
)
from publisher.gate.way import _signed_before
from publisher.release import ReleaseRefused
from publisher.signing import create_key
from publisher.verify import verify
from registry import acts, queries
from registry.database import reading, writing
from registry.drafts import Violation
from registry.errors import Conflict, NotAllowed, read_form
from registry.forms import AcceptanceForm, FindingSheet, StepForm
from registry.tables import EditionDraft
from scoring import assess, load_policy
from scoring.canonical import canonical
from scoring.facts import State
from tests.registry import people as p
from tests.registry.test_bulk import OFFICERS, SOURCE, demo, places

POLICY = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes()
CITY = City(id="ningbo", title="名单", organ="教育局", fictional=True)
ON = date(2026, 10, 30)
RENDERERS = (render_csv, render_json)
DOUBT = Violation(code="privacy", title="", said="", remedy="")


@pytest.fixture
def register(engine: Engine, tmp_path: Path) -> Engine:
    files = sorted(demo(80), key=lambda one: one.institution)
    with writing(engine) as session:
        places(session, {one.jurisdiction for one in files})
        acts.bulk_credit_files(
            session, files, source=SOURCE, officers=OFFICERS, by=p.QIAN, now=p.NOW
        )
    create_key(tmp_path / "keys")
    return engine


def frozen(engine: Engine, month: int = 10, previous: str = "") -> Edition:
    cut_off = date(2026, month, 30)
    issue = Issue(
        period=f"2026-{month}",
        cut_off=cut_off,
        ends_at=end_of(cut_off, UTC),
        released_on=date(2026, month + 1, 4),
        previous=previous,
    )
    with reading(engine) as session:
        return freeze(session, CITY, issue, [POLICY], b"salt")


def sign(engine: Engine, edition: Edition, editions: Path, bounds: Bounds | None = None) -> None:
    prepare(engine, edition, editions, bounds or Bounds(), by=p.QIAN, now=p.NOW)
    with writing(engine) as session:
        period = edition.manifest.period
        acts.approve_edition(session, period, 0, edition.digest, by=p.ZHOU, now=p.NOW)


def issue(engine: Engine, edition: Edition, home: Path) -> Path:
    return publish(engine, edition, home, RENDERERS, by=p.QIAN, now=p.NOW)


def test_a_signed_edition_is_released_and_verifies(register: Engine, tmp_path: Path) -> None:
    first = frozen(register)
    sign(register, first, tmp_path / "editions")
    folder = issue(register, first, tmp_path)
    second = frozen(register, 11, first.digest)
    sign(register, second, tmp_path / "editions")
    issue(register, second, tmp_path)
    for one in (folder, folder.parent / "2026-11"):
        assert verify(one, tmp_path / "keys/bureau.pub").problems == ()
    assert (tmp_path / "editions/current").resolve().name == "2026-11"
    assert sum(first.manifest.counts.values()) == len(first.entries) == 80
    assert {"white", "black", "none"} <= set(first.manifest.counts)


def test_the_gate_goes_on_only_from_the_draft_that_was_signed(
    register: Engine, tmp_path: Path
) -> None:
    editions = tmp_path / "editions"
    first = frozen(register)
    sign(register, first, editions)
    second = frozen(register, 11, first.digest)
    assert _signed_before(register, second) is None  # signed, and not out yet
    issue(register, first, tmp_path)
    last = _signed_before(register, second)
    assert last is not None
    assert last.digest == first.digest
    whole = draft_of(second, editions, Bounds())
    assert drafted(register, second, editions, Bounds()) == whole
    stranger = msgspec.structs.replace(last, violations=(*last.violations, DOUBT))
    with writing(register) as session:
        kept = session.scalars(select(EditionDraft)).one()
        kept.body = canonical(stranger).decode()
        session.add(kept)
    assert _signed_before(register, second) is None  # these doubts nobody signed
    assert drafted(register, second, editions, Bounds()) == whole


def test_the_same_register_freezes_to_the_same_bytes(register: Engine) -> None:
    one, two = frozen(register), frozen(register)
    assert one.digest == two.digest
    assert one.lines == two.lines


def test_who_prepared_may_not_sign_and_the_unsigned_is_not_released(
    register: Engine, tmp_path: Path
) -> None:
    edition = frozen(register)
    with pytest.raises(ReleaseRefused, match="第二人"):
        issue(register, edition, tmp_path)
    prepare(register, edition, tmp_path / "editions", Bounds(), by=p.QIAN, now=p.NOW)
    with pytest.raises(ReleaseRefused, match="第二人"):
        issue(register, edition, tmp_path)
    with writing(register) as session, pytest.raises(NotAllowed):
        acts.approve_edition(session, "2026-10", 0, edition.digest, by=p.QIAN, now=p.NOW)
    assert not (tmp_path / "editions/current").exists()


def test_a_proven_finding_after_the_signature_lapses_it_and_an_unproven_does_not(
    register: Engine, tmp_path: Path
) -> None:
    edition = frozen(register)
    sign(register, edition, tmp_path / "editions")
    finding = {
        "institution": edition.entries[0].institution,
        "code": "S01",
        "seen_on": "2026-10-20",
        **p.TWO,
    }
    with writing(register) as session:
        matter = acts.record_finding(
            session, read_form(FindingSheet, finding), by=p.WANG, now=p.NOW
        )
    assert frozen(register).digest == edition.digest
    confirm(register, matter)
    with pytest.raises(ReleaseRefused, match="失效"):
        issue(register, frozen(register), tmp_path)


def confirm(register: Engine, matter: str) -> None:
    for act, by, more in (("hear", p.WANG, {"reason": "已清空通道"}), ("confirm", p.LI, {})):
        step = read_form(StepForm, {"on": "2026-10-26", **more})
        with writing(register) as session:
            acts.take_step(session, matter, act, step, by=by, now=p.NOW)


def test_a_finding_counts_in_the_next_edition_once_it_is_confirmed(register: Engine) -> None:
    before = frozen(register)
    white = next(one for one in before.entries if one.rating.status == "white")
    sheet = {"institution": white.institution, "code": "S01", "seen_on": "2026-10-20", **p.TWO}
    with writing(register) as session:
        matter = acts.record_finding(session, read_form(FindingSheet, sheet), by=p.WANG, now=p.NOW)

    def score() -> object:
        entries = {one.institution: one for one in frozen(register).entries}
        return entries[white.institution].rating.score

    assert score() == white.rating.score
    confirm(register, matter)
    assert white.rating.score is not None
    assert score() == white.rating.score - 5


def test_repeating_a_release_changes_nothing(register: Engine, tmp_path: Path) -> None:
    edition = frozen(register)
    sign(register, edition, tmp_path / "editions")
    folder = issue(register, edition, tmp_path)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert issue(register, edition, tmp_path) == folder
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_an_edition_beyond_its_bounds_is_not_signed_until_each_reason_is_let_pass(
    register: Engine, tmp_path: Path
) -> None:
    first = frozen(register)
    sign(register, first, tmp_path / "editions")
    issue(register, first, tmp_path)
    second = frozen(register, 11, first.digest)
    strict = Bounds(min_institutions=100, lists={"white": ListBounds(max=1)})
    with pytest.raises(Conflict, match="2 项核对不通过"):
        sign(register, second, tmp_path / "editions", strict)
    with reading(register) as session:
        draft = queries.edition_draft(session, "2026-11", 0)
    assert draft is not None
    for one in draft.violations:
        form = AcceptanceForm(violation=one.digest, reason="已核对登记库")
        with writing(register) as session:
            acts.accept_violation(session, "2026-11", 0, form, by=p.ZHOU, now=p.NOW)
    with writing(register) as session:
        acts.approve_edition(session, "2026-11", 0, second.digest, by=p.ZHOU, now=p.NOW)
    assert publish(
        register, second, tmp_path, RENDERERS, by=p.QIAN, now=p.NOW, bounds=strict
    ).exists()


def test_what_nobody_can_let_pass_is_not_even_prepared(register: Engine, tmp_path: Path) -> None:
    edition = frozen(register)
    fewer = msgspec.structs.replace(edition, lines=edition.lines[1:])
    with pytest.raises(GateRefused) as caught:
        prepare(register, fewer, tmp_path / "editions", Bounds(), by=p.QIAN, now=p.NOW)
    assert {one.code for one in caught.value.violations} == {"count-sums"}
    with reading(register) as session:
        assert queries.editions(session) == []


def test_the_difference_names_what_was_added_removed_and_changed(register: Engine) -> None:
    entries = frozen(register).listed
    white = next(one for one in entries if one.rating.status == "white")
    rating = msgspec.structs.replace(white.rating, status="none")
    moved = [msgspec.structs.replace(e, rating=rating) if e is white else e for e in entries]
    before = {
        one.institution: Standing(
            institution=one.institution,
            name=one.name,
            jurisdiction=one.jurisdiction,
            rating=Rated(status=one.rating.status, grade=one.rating.grade),
            facts=Held(licences=one.facts.licences),
        )
        for one in entries[1:]
    }
    found = changes(before, moved[:-1])
    kinds = {one.institution: one.kind for one in found}
    assert kinds[entries[0].institution] in ("added", "changed")
    assert kinds[entries[-1].institution] == "removed"
    assert kinds[white.institution] in ("added", "changed")
    assert len(found) == len({entries[0].institution, entries[-1].institution, white.institution})


def test_nothing_but_the_named_fields_is_published(register: Engine, tmp_path: Path) -> None:
    edition = frozen(register)
    sign(register, edition, tmp_path / "editions")
    folder = issue(register, edition, tmp_path)
    msgspec.json.decode((folder / "edition.json").read_bytes(), type=Manifest)
    allowed = set(Entry.__struct_fields__)
    for line in (folder / "entries.jsonl").read_bytes().splitlines():
        assert set(msgspec.json.decode(line)) <= allowed


def test_what_is_not_proven_or_undone_is_not_printed_and_would_not_have_counted(
    register: Engine,
) -> None:
    policy = load_policy(POLICY)
    edition = frozen(register)
    with reading(register) as session:
        whole = {one.institution: one.facts for one in queries.credit_files(session, ON)}
    hidden = 0
    for entry in edition.entries:
        facts = whole[entry.institution]
        hidden += len(facts.records) - len(entry.facts.records)
        assert assess(facts, policy, ON).lasting() == entry.rating
        for record in entry.facts.records:
            states = {one.state for one in record.events}
            assert State.ANNULLED not in states
            assert State.DISMISSED not in states
            assert record.kind != "decision" or State.FINAL in states
    assert hidden > 0
