"""Who visited and what was confirmed there, on both engines; and what the office is told of it."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlmodel import Session

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from config.register import open_register
from config.settings import load_settings
from registry import acts, queries
from registry.acts.bulk import Source
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import InspectionSheet, JurisdictionForm, PastFindingSheet, ProfileForm
from registry.queries.consistency import By, Fieldwork
from tests.registry import people as p

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
WANG_LI = {"first_officer": "王检查", "second_officer": "李检查"}


def confirmed(session: Session, institution: str, **changed: Any) -> str:
    """A finding that is heard and confirmed."""
    matter = p.finding(session, institution, **changed)
    p.step(session, matter, "hear", p.WANG, "2026-03-10", reason="未提出")
    return p.step(session, matter, "confirm", p.LI, "2026-03-11") and matter


def work(engine: Engine, by: By, since: date = YEAR[0], until: date = YEAR[1]) -> Fieldwork:
    with reading(engine) as session:
        return queries.fieldwork(session, by, since, until)


def made(found: Fieldwork) -> dict[str, int]:
    return {one.group: one.visits for one in found.groups}


def seen(found: Fieldwork) -> list[tuple[str, str]]:
    return [(one.group, one.code) for one in found.findings]


def test_a_visit_and_its_finding_count_for_each_of_two_officers_and_once_for_the_district(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        first = p.inspection(session, id)
        p.inspection(session, id, key="phone-0002", on="2026-05-02", **WANG_LI)
        confirmed(session, id, inspection=first, extent=3)
    by_name = work(engine, "inspector")
    assert made(by_name) == {"王检查": 2, "孙检查": 1, "李检查": 1}
    assert seen(by_name) == [("孙检查", "S01"), ("王检查", "S01")]
    assert {(one.extent, one.institution) for one in by_name.findings} == {(3, id)}
    by_place = work(engine, "district")
    assert (made(by_place), seen(by_place)) == ({"330203": 2}, [("330203", "S01")])
    assert by_name.visits == by_place.visits == 2


def test_only_what_is_confirmed_and_not_undone_counts(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = p.inspection(session, id)
        p.finding(session, id, inspection=visit, code="A01")
        dismissed = p.finding(session, id, inspection=visit, code="A02")
        p.step(session, dismissed, "dismiss", p.LI, "2026-03-05", reason="证据不足")
        annulled = confirmed(session, id, inspection=visit, code="C01")
        papers = {"document_no": "甬教撤〔2026〕1号", "reason": "复核有误"}
        p.step(session, annulled, "annul", p.ZHAO, "2026-04-01", **papers)
        ordered = confirmed(session, id, inspection=visit, code="F01")
        order = {"document_no": "甬教改〔2026〕1号", "due_on": "2026-04-10"}
        p.step(session, ordered, "order", p.LI, "2026-03-12", **order)
        p.step(session, ordered, "pass", p.WANG, "2026-04-01", **p.TWO)
        praise = {"commendation": True, "first_officer": "", "second_officer": ""}
        p.finding(session, id, inspection=visit, code="B01", note="见义勇为", **praise)
    found = work(engine, "district")
    assert seen(found) == [("330203", "F01")]
    assert found.unconfirmed == 3


def test_a_finding_is_of_the_period_of_its_visit(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = p.inspection(session, id, on="2025-12-31")
        confirmed(session, id, inspection=visit, seen_on="2026-01-02")
    assert made(work(engine, "district")) == {}
    assert seen(work(engine, "district")) == []
    last = work(engine, "district", date(2025, 12, 31), date(2025, 12, 31))
    assert (made(last), seen(last)) == ({"330203": 1}, [("330203", "S01")])


def test_a_review_of_papers_is_no_visit_and_its_findings_are_not_compared(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        review = p.inspection(session, id, onsite=False)
        confirmed(session, id, inspection=review)
    found = work(engine, "district")
    assert (made(found), seen(found), found.on_paper, found.visits) == ({}, [], 1, 0)
    assert (found.without_visit, found.unconfirmed) == (0, 0)


def test_a_finding_without_a_visits_number_is_of_the_visit_its_officers_made_that_day(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.inspection(session, id)
        others = {"first_officer": "钱检查", "second_officer": "李检查"}
        p.inspection(session, id, key="phone-0002", **others)
        confirmed(session, id, **WANG_LI, code="A01")
        confirmed(session, id, first_officer="李检查", second_officer="钱检查", code="A02")
        confirmed(session, id, seen_on="2026-03-03", code="F01")
        p.finding(session, id, seen_on="2026-03-03", code="F02")
    found = work(engine, "inspector")
    # Of two visits with one of its officers each, the first.
    assert seen(found) == [
        ("孙检查", "A01"),
        ("王检查", "A01"),
        ("李检查", "A02"),
        ("钱检查", "A02"),
    ]
    assert (found.without_visit, found.unconfirmed) == (1, 0)


def test_a_district_is_the_one_an_institution_was_under_on_the_day_of_the_visit(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        place = {"id": "330212", "name": "鄞州区", "organ": "鄞州区教育局", "since": "2016-09-14"}
        acts.register_jurisdiction(
            session, read_form(JurisdictionForm, place), by=p.ADMIN, now=p.NOW
        )
        before = p.inspection(session, id, on="2026-05-31")
        after = p.inspection(session, id, key="phone-0002", on="2026-06-01")
        moved = read_form(ProfileForm, {"jurisdiction": "330212", "since": "2026-06-01"})
        acts.change_profile(session, id, moved, by=p.QIAN, now=p.NOW)
        early = p.institution(session, name="早访学校", since="2026-06-01")
        p.inspection(session, early, key="phone-0003", on="2026-05-01")
        confirmed(session, id, inspection=before, code="A01")
        confirmed(session, id, inspection=after, code="A02")
    found = work(engine, "district")
    assert made(found) == {"330203": 2, "330212": 1}
    assert seen(found) == [("330203", "A01"), ("330212", "A02")]


def test_visits_of_an_old_ledger_without_names_are_told_and_given_to_nobody(
    engine: Engine,
) -> None:
    source = Source(name="台账.csv", digest="d" * 64)
    with writing(engine) as session:
        id = p.city(session)
        sheets = [
            InspectionSheet(key=f"ledger-{n}", institution=id, kind="双随机", on=f"2026-03-0{n}")
            for n in (1, 2)
        ]
        sheets[1].second_officer = "王检查"
        visits = acts.bulk_inspections(session, sheets, source=source, by=p.QIAN, now=p.NOW)
        past = [
            PastFindingSheet(
                institution=id,
                code="S01",
                seen_on="2026-03-01",
                heard_on="2026-03-08",
                confirmed_on="2026-03-08",
                **papers,
            )
            for papers in ({"inspection": visits[0]}, {"inspection": visits[1]})
        ]
        acts.bulk_findings(session, past, source=source, by=p.QIAN, now=p.NOW)
    by_name = work(engine, "inspector")
    assert (made(by_name), seen(by_name)) == ({"王检查": 1}, [("王检查", "S01")])
    assert (by_name.visits, by_name.nameless) == (2, 1)
    assert made(work(engine, "district")) == {"330203": 2}


def told(folder: Path, *words: str) -> Result:
    runner = CliRunner(env={"XINYONG_DATA": str(folder), "XINYONG_DATABASE": ""})
    return runner.invoke(xinyong, ["consistency", *words], catch_exceptions=False)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two districts of one city: three officers, forty visits and a formula for a name."""
    folder = tmp_path_factory.mktemp("office")
    engine = open_register(load_settings(None, {"XINYONG_DATA": str(folder)}))
    source = Source(name="台账.csv", digest="d" * 64)
    with writing(engine) as session:
        schools = [
            p.institution(session, name=f"学校{n}", jurisdiction=j)
            for n, j in enumerate(("330203", "330212"))
        ]
        visits = [
            InspectionSheet(
                key=f"ledger-{n:03}",
                institution=schools[n % 2],
                kind="双随机",
                on="2026-03-02",
                first_officer=("=王检查", "孙检查")[n % 2],
                second_officer="李检查" if n < 3 else "",
            )
            for n in range(40)
        ]
        ids = acts.bulk_inspections(session, visits, source=source, by=p.QIAN, now=p.NOW)
        past = [
            PastFindingSheet(
                institution=schools[n % 2],
                inspection=ids[n],
                code="S01",
                seen_on="2026-03-02",
                heard_on="2026-03-08",
                confirmed_on="2026-03-08",
            )
            for n in [*range(0, 40, 2), 1, 3]
        ]
        past.append(past[0].model_copy(update={"code": "X99"}))
        acts.bulk_findings(session, past, source=source, by=p.QIAN, now=p.NOW)
    engine.dispose()
    return folder


PERIOD = ("--from", "2026-01-01", "--to", "2026-10-31")


def test_the_command_tells_the_spread_between_districts(register: Path) -> None:
    done = told(register, *PERIOD)
    assert done.exit_code == 0
    assert "2026-01-01 至 2026-10-31，按区县比较，现场检查 40 次。" in done.output
    assert "S01 消防或者场所一般隐患" in done.output
    assert (
        "鄞州区最低，每百次 10.00 项；海曙区最高，每百次 100.00 项，是最低的 10.00 倍"
        in done.output
    )
    assert "明显高于全市的：海曙区" in done.output
    assert "明显低于全市的：鄞州区" in done.output
    assert "评分办法里没有这些编码，只计项数，分值按 0 计：X99" in done.output
    assert "各区县都不宜比较：检查不到 10 次，或者按全市的水平应有的问题不到 5 项。" in done.output
    assert "有差别不等于不公" in done.output


def test_the_command_marks_an_inspector_too_small_to_compare(register: Path) -> None:
    done = told(register, "--by", "inspector", *PERIOD)
    row = next(one for one in done.output.splitlines() if one.startswith("李检查"))
    assert row.split() == ["李检查", "3", "4", "数量太少，不宜比较"]
    assert "不宜比较的：李检查，检查不到 10 次。" in done.output
    assert "两人同去的检查，两人各计一次，共 43 人次" in done.output


def test_a_spreadsheet_calculates_no_name_and_ranks_nobody_too_small(
    register: Path, tmp_path: Path
) -> None:
    table = tmp_path / "lines.csv"
    assert told(register, "--by", "inspector", *PERIOD, "--csv", str(table)).exit_code == 0
    assert table.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    names = {row["检查员或区县"] for row in rows}
    assert names == {"'=王检查", "孙检查", "李检查"}
    small = [row for row in rows if row["能否比较"] != "可以"]
    assert small
    assert all(row["检查次数"] and row["查实问题"] for row in small)
    assert not any(row["每百次问题"] or row["区间上限"] or row["每项分值"] for row in small)


def test_a_program_reads_the_same_counts(register: Path) -> None:
    found = json.loads(told(register, *PERIOD, "--json").stdout)
    assert (found["by"], found["visits"], found["groups"]["330203"]) == ("district", 40, "海曙区")
    (one,) = [one for one in found["consistency"]["indicators"] if one["code"] == "S01"]
    assert (one["findings"], one["points"], one["rates"]["ratio"]) == (22, "110", "10.00")
    assert found["unpriced"] == ["X99"]


def test_even_officers_are_called_even_and_a_lone_one_is_compared_with_nobody(
    tmp_path: Path,
) -> None:
    engine = open_register(load_settings(None, {"XINYONG_DATA": str(tmp_path)}))
    with writing(engine) as session:
        id = p.institution(session)
        visits = [
            p.inspection(session, id, key=f"phone-{n:04}", on=on)
            for n, on in enumerate(["2025-03-03"] * 12 + ["2026-03-02"] * 12)
        ]
        for visit in visits[:6] + visits[12:18]:
            confirmed(session, id, inspection=visit)
    engine.dispose()
    even = told(tmp_path, "--by", "inspector", "--to", "2026-10-31").output
    assert "可以比较的有 2 个：都是每百次 50.00 项。" in even
    assert "没有哪个检查员与全市明显不同。" in even
    assert "只有海曙区可以比较，没有高低可言。" in told(tmp_path, "--to", "2026-10-31").output


def test_where_nothing_was_done_it_says_so_of_the_twelve_months_before(register: Path) -> None:
    done = told(register, "--to", "2020-12-31")
    assert done.exit_code == 0
    assert "2020-01-01 至 2020-12-31，按区县比较，现场检查 0 次。" in done.output
    assert "这段时间没有现场检查，没有可以比较的。" in done.output


def test_visits_without_names_or_findings_are_told_plainly(tmp_path: Path) -> None:
    engine = open_register(load_settings(None, {"XINYONG_DATA": str(tmp_path)}))
    source = Source(name="台账.csv", digest="d" * 64)
    with writing(engine) as session:
        id = p.institution(session)
        sheet = InspectionSheet(key="ledger-1", institution=id, kind="双随机", on="2026-03-01")
        acts.bulk_inspections(session, [sheet], source=source, by=p.QIAN, now=p.NOW)
    engine.dispose()
    assert "没有一次检查记了检查员" in told(tmp_path, "--by", "inspector", *PERIOD).output
    assert "这段时间没有查实的问题" in told(tmp_path, *PERIOD).output


def test_a_period_that_ends_before_it_begins_is_refused(register: Path) -> None:
    done = told(register, "--from", "2026-11-01", "--to", "2026-10-31")
    assert done.exit_code == 2
    assert "起始日期 2026-11-01 晚于截止日期 2026-10-31" in done.output
