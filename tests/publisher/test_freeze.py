"""A freeze that goes on from the edition before reads only what is new, and gives the same bytes."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Engine
from sqlmodel import Session

from config.freezing import _before, end_of
from config.register import open_register
from config.settings import Settings, demo_settings, load_settings
from publisher.edition import Edition, Tombstone, leaf, read_edition
from publisher.freeze import Before, City, Issue, freeze
from publisher.removals import Removal
from registry import acts, queries
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import (
    AnnualInspectionForm,
    ChangeSheet,
    CoverSheet,
    CustodyReportForm,
    JurisdictionForm,
    LicenceForm,
    NameForm,
    PremisesForm,
    ProfileForm,
    ReplyForm,
    StepForm,
)
from scoring.canonical import canonical
from tests.registry import people as p
from tests.registry.test_bulk import OFFICERS, SOURCE, demo, places

POLICY = (Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes()
CITY = City(id="ningbo", title="名单", organ="教育局", fictional=True)
LONG_AGO = datetime(2026, 11, 1, 9, tzinfo=UTC)
FROZEN = datetime(2026, 11, 3, 9, tzinfo=UTC)
SOON = datetime(2026, 11, 20, 9, tzinfo=UTC)
ISSUE = Issue(
    period="2026-12",
    cut_off=date(2026, 11, 30),
    ends_at=end_of(date(2026, 11, 30), UTC),
    released_on=date(2026, 12, 3),
)
Deed = Callable[[Session, str], object]


@pytest.fixture
def register(engine: Engine) -> Engine:
    """A city whose rows were all recorded long before the first edition."""
    files = sorted(demo(60), key=lambda one: one.institution)
    with writing(engine) as session:
        places(session, {one.jurisdiction for one in files})
        acts.bulk_credit_files(
            session, files, source=SOURCE, officers=OFFICERS, by=p.QIAN, now=LONG_AGO
        )
    return engine


def frozen(session: Session, month: int, before: Before | None = None) -> Edition:
    cut_off = date(2026, month, 30)
    issue = Issue(
        period=f"2026-{month + 1}",
        cut_off=cut_off,
        ends_at=end_of(cut_off, UTC),
        released_on=date(2026, 12, 3),
    )
    return freeze(session, CITY, issue, [POLICY], b"salt", before)


def before_of(edition: Edition) -> Before:
    """The edition as one goes on from it."""
    return Before(edition=edition, recorded_by=FROZEN)


def school(session: Session) -> str:
    return next(
        one.institution
        for one in frozen(session, 10).entries
        if one.rating.status == "white" and not one.predecessor and one.staff
    )


DEEDS: dict[str, Deed] = {
    "nothing at all": lambda session, id: None,
    "a confirmed finding": lambda session, id: p.step(
        session,
        _heard(session, p.finding(session, id, seen_on="2026-11-02")),
        "confirm",
        p.LI,
        "2026-11-10",
    ),
    "a visit": lambda session, id: p.inspection(session, id, on="2026-11-05"),
    "a new institution": lambda session, id: acts.register_institution(
        session,
        p.read_form(
            p.InstitutionForm,
            {"name": "新校", "jurisdiction": "330203", "opened_on": "2026-11-02", "address": "路"},
        ),
        by=p.QIAN,
        now=SOON,
        prefix="NB",
    ),
    "another name": lambda session, id: acts.rename(
        session,
        id,
        read_form(NameForm, {"kind": "legal", "text": "改名学校", "since": "2026-11-03"}),
        by=p.QIAN,
        now=SOON,
    ),
    "a branch": lambda session, id: acts.record_premises(
        session,
        id,
        read_form(PremisesForm, {"address": "新路 2 号", "since": "2026-11-03"}),
        by=p.QIAN,
        now=SOON,
    ),
    "a licence": lambda session, id: acts.record_licence(
        session,
        id,
        read_form(LicenceForm, {"number": "新证", "since": "2026-11-03", "until": "2029-11-02"}),
        by=p.QIAN,
        now=SOON,
    ),
    "a closure": lambda session, id: acts.change_profile(
        session,
        id,
        read_form(
            ProfileForm,
            {
                "kind": "培训机构",
                "jurisdiction": "330203",
                "status": "closed",
                "since": "2026-11-03",
            },
        ),
        by=p.QIAN,
        now=SOON,
    ),
    "a cover": lambda session, id: acts.record_cover(
        session,
        read_form(
            CoverSheet,
            {
                "institution": id,
                "cover_class": "premises",
                "insurer": "保险公司",
                "policy_no": "1",
                "sum_fen": 1,
                "since": "2026-11-03",
                "until": "2027-11-02",
            },
        ),
        by=p.QIAN,
        now=SOON,
    ),
    "a reply": lambda session, id: acts.reply_to(
        session,
        read_form(
            ReplyForm,
            {
                "about": _confirmed(session, p.finding(session, id, seen_on="2026-11-02")),
                "on": "2026-11-05",
                "text": "已改",
            },
        ),
        by=p.SCHOOL,
        now=SOON,
    ),
    "an annual inspection": lambda session, id: acts.record_annual_inspection(
        session,
        read_form(
            AnnualInspectionForm,
            {"institution": id, "year": 2026, "result": "不合格", "on": "2026-11-06"},
        ),
        by=p.QIAN,
        now=SOON,
    ),
    "a bank's report": lambda session, id: acts.record_custody_report(
        session,
        read_form(
            CustodyReportForm,
            {"institution": id, "bank": _bank(session, id), "on": "2026-11-07", "balance_fen": 1},
        ),
        by=p.QIAN,
        now=SOON,
    ),
}
DEEDS |= {
    "a public telephone": lambda session, id: _changed(
        session, id, "contact", kind="consult", text="0574-81110001", public=True
    ),
    "a teacher": lambda session, id: _changed(session, id, "staff", name="王老师"),
    "a teacher who leaves": lambda session, id: _left(session, id),
}


def _changed(
    session: Session, id: str, what: str, row: int | None = None, **values: object
) -> None:
    sheet = {"institution": id, "on": "2026-11-20", "what": what, "row": row}
    matter = acts.ask_change(session, read_form(ChangeSheet, sheet), values, by=p.SCHOOL, now=SOON)
    acts.take_step(session, matter, "apply", StepForm(on=SOON.date()), by=p.LI, now=SOON)


def _left(session: Session, id: str) -> None:
    teacher = queries.own_rows(session, id, "staff", SOON.date())[0]
    _changed(session, id, "staff", teacher.id, **{**teacher.values, "until": "2026-11-21"})


def _bank(session: Session, id: str) -> str:
    return queries.facts_of(session, id, date(2026, 10, 30)).custody[-1].bank


def _heard(session: Session, matter: str) -> str:
    p.step(session, matter, "hear", p.WANG, "2026-11-04", reason="未提出")
    return matter


def _confirmed(session: Session, matter: str) -> str:
    p.step(session, _heard(session, matter), "confirm", p.LI, "2026-11-05", reason="属实")
    return matter


@pytest.mark.parametrize("deed", DEEDS, ids=list(DEEDS))
def test_going_on_from_the_edition_before_gives_the_bytes_of_reading_everything(
    register: Engine, deed: str
) -> None:
    with reading(register) as session:
        first = frozen(session, 10)
        id = school(session)
    with writing(register) as session:
        DEEDS[deed](session, id)
    with reading(register) as session:
        whole = frozen(session, 11)
        quick = frozen(session, 11, before_of(first))
        read = queries.touched(session, FROZEN, first.manifest.cut_off, whole.manifest.cut_off)
    assert canonical(quick.manifest) == canonical(whole.manifest)
    assert quick.lines == whole.lines
    assert len(read) == (0 if deed == "nothing at all" else 1)
    if deed != "nothing at all":
        assert _of(whole, *read) != _of(first, *read)


def _of(edition: Edition, id: str) -> tuple[object, ...]:
    found = [one for one in edition.entries if one.institution == id]
    return tuple(
        (one.name, one.names, one.facts, one.addresses, one.replies, one.contacts, one.staff)
        for one in found
    )


def test_month_after_month_gives_the_bytes_and_the_removals_of_reading_everything(
    register: Engine,
) -> None:
    lasting = POLICY.replace(b"until = 2027-01-01\n", b"", 1)
    told, last = set[Removal](), None
    with reading(register) as session:
        for day in (date(2026, 11, 30) + timedelta(days=100 * at) for at in range(12)):
            issue = Issue(period="2026-12", cut_off=day, ends_at=end_of(day, UTC), released_on=day)
            before = before_of(last) if last else None
            last = freeze(session, CITY, issue, [lasting], b"salt", before)
            assert last == freeze(session, CITY, issue, [lasting], b"salt")
            told.update(last.removals)
    assert {one.listed for one in told} == {"black", "watch", "record"}


def test_a_jurisdiction_with_another_organ_is_printed_so(register: Engine) -> None:
    with reading(register) as session:
        first = frozen(session, 10)
    place = first.entries[0].jurisdiction
    row = {"id": place, "name": "新名", "organ": "新区教育局", "since": "2026-11-05"}
    with writing(register) as session:
        acts.register_jurisdiction(session, read_form(JurisdictionForm, row), by=p.ADMIN, now=SOON)
    with reading(register) as session:
        whole, quick = frozen(session, 11), frozen(session, 11, before_of(first))
    assert whole == quick
    organs = {one.organ for one in quick.entries if one.jurisdiction == place}
    assert organs == {"新区教育局"}


def test_another_policy_rates_everyone_anew(register: Engine) -> None:
    other = POLICY.replace(b'id = "NB-2026-1"', b'id = "NB-2026-9"')
    with reading(register) as session:
        first = frozen(session, 10)
        quick = freeze(session, CITY, ISSUE, [other], b"salt", before_of(first))
        whole = freeze(session, CITY, ISSUE, [other], b"salt")
    assert quick == whole
    assert {one.rating.policy for one in quick.entries} == {"NB-2026-9"}


def test_an_unchanged_line_is_the_same_bytes_and_a_changed_one_has_another_salt(
    register: Engine,
) -> None:
    with reading(register) as session:
        first = frozen(session, 10)
        id = school(session)
    with writing(register) as session:
        DEEDS["another name"](session, id)
    with reading(register) as session:
        second = frozen(session, 11)
        other_key = freeze(session, CITY, ISSUE, [POLICY], b"another")
    before, after = ({one.institution: one for one in e.entries} for e in (first, second))
    same = [one for one in before if before[one] == after[one]]
    assert len(same) > 30
    assert id not in same
    assert set(first.lines) & set(second.lines) == {canonical(before[one]) for one in same}
    salts = [one.salt for edition in (first, second) for one in edition.entries]
    assert len(set(salts)) == len(set(first.lines) | set(second.lines))
    assert not {one.salt for one in other_key.entries} & set(salts)


def test_what_another_program_worded_is_not_carried_on(register: Engine) -> None:
    with reading(register) as session:
        first, whole = frozen(session, 10), frozen(session, 11)
        stale = structs.replace(
            first,
            manifest=structs.replace(first.manifest, program="0" * 64),
            lines=tuple(line.replace("合格".encode(), "过关".encode()) for line in first.lines),
        )
        assert stale.lines != first.lines
        assert frozen(session, 11, before_of(stale)) == whole


def test_whose_line_was_withdrawn_is_read_again(register: Engine) -> None:
    with reading(register) as session:
        first, whole = frozen(session, 10), frozen(session, 11)
        grave = Tombstone(hash=leaf(first.lines[5]).hex(), on=date(2026, 11, 9), reason="撤销")
        lines = (*first.lines[:5], canonical(grave), *first.lines[6:])
        assert frozen(session, 11, before_of(structs.replace(first, lines=lines))) == whole


def test_a_folder_that_was_tampered_with_is_not_gone_on_from(demo_city: Settings) -> None:
    folder = demo_city.editions / "2026-10"
    lines = (folder / "entries.jsonl").read_bytes()
    assert len(read_edition(folder).entries) == len(lines.splitlines())
    engine = open_register(demo_city)
    with reading(engine) as session:
        assert _before(session, demo_city, "2026-11") is not None
    (folder / "entries.jsonl").write_bytes(lines.replace("合格".encode(), "不合格".encode(), 1))
    with reading(engine) as session:
        assert _before(session, demo_city, "2026-11") is None
        assert _before(session, demo_city, "2026-09") is None
    engine.dispose()


@pytest.fixture
def demo_city(demo: Settings, tmp_path: Path) -> Settings:
    """A copy of the demo city that a test may spoil."""
    shutil.copytree(demo.data, tmp_path / "var", symlinks=True)
    return demo_settings(load_settings(None, {"XINYONG_DATA": str(tmp_path / "var")}))
