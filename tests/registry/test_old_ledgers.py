"""An old ledger of findings comes in with what it says of their course, and nothing that has not happened yet."""

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from registry import queries
from registry.accounts import create_account
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm
from tests.registry import people as p
from tests.registry.test_importing import ROWS, load, register, workbook

__all__ = ["register"]


def test_findings_find_their_institution_by_any_name_and_their_visit_by_its_day(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    visits = tmp_path / "检查.csv"
    visits.write_text("机构名称,检查日期,检查类型\n海曙𠮷田艺术培训学校,2026-10-20,双随机\n")
    assert load(register, visits, "inspections").new == 1
    findings = tmp_path / "问题.csv"
    findings.write_text(
        "许可证号,指标编码,发现日期,问题描述,听取陈述申辩日期,确认日期\n"
        "教民1号,S01,2026.10.20,通道堆物,2026-10-23,2026-10-26\n"
        "教民1号,S01,2026.10.20,通道堆物,2026-10-23,2026-10-26\n"
        "教民2号,S01,2026.10.21,通道堆物,2026-10-23,2026-10-26\n"
    )
    first = load(register, findings, "findings")
    assert (first.new, first.problems) == (3, ())
    assert (
        load(register, findings, "findings").new,
        load(register, visits, "inspections").new,
    ) == (
        0,
        0,
    )
    with reading(register) as session:
        facts = {
            file.name: file.facts for file in queries.credit_files(session, date(2026, 10, 31))
        }
    visit = facts["海曙𠮷田艺术培训学校"].inspections[0].id
    assert [one.inspection for one in facts["海曙𠮷田艺术培训学校"].records] == [visit, visit]
    assert [one.inspection for one in facts["海曙堃翰体育培训中心"].records] == [""]


def test_a_finding_with_a_code_the_policy_lacks_is_refused_before_it_can_hurt(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "问题.csv"
    path.write_text("许可证号,指标编码,发现日期\n教民1号,S01,2026-10-20\n教民2号,S99,2026-10-20\n")
    outcome = load(register, path, "findings", codes={"S01": False})
    assert [(one.row, one.column, one.value) for one in outcome.problems] == [
        (3, "指标编码", "S99")
    ]


def test_what_is_still_to_come_and_terms_that_end_before_they_begin_are_refused(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "问题.csv"
    path.write_text(
        "许可证号,指标编码,发现日期,发生日期,责令改正日期,整改期限,复查合格日期\n"
        "教民1号,S01,2026-12-01,,,,\n"
        "教民1号,S01,2026-10-20,2026-10-21,,,\n"
        "教民1号,S01,2026-10-20,,2026-10-26,2026-10-25,\n"
        "教民1号,S01,2026-10-20,,,2026-11-25,\n"
        "教民1号,S01,2026-10-20,,2026-10-26,2026-11-25,2027-11-20\n"
    )
    outcome = load(register, path, "findings")
    assert [one.row for one in outcome.problems] == [2, 3, 4, 5, 6]
    for one, said in zip(
        outcome.problems,
        ("今天 2026-11-24", "发现日期 2026-10-20 早于", "整改期限 2026-10-25 早于", "责令", "今天"),
        strict=True,
    ):
        assert said in one.sentence
    visits = tmp_path / "检查.csv"
    visits.write_text("许可证号,检查日期,检查类型\n教民1号,2027-10-20,双随机\n")
    (late,) = load(register, visits, "inspections").problems
    assert "不能晚于今天 2026-11-24" in late.sentence


def test_what_of_an_old_ledger_is_still_open_has_an_owner_and_a_date(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    account = {"id": "li", "name": "李审核", "password": "long-enough-1", "role": "reviewer"}
    with writing(register) as session:
        create_account(session, read_form(AccountForm, account), by=p.ADMIN, now=p.NOW)
    path = tmp_path / "问题.csv"
    path.write_text(
        "许可证号,指标编码,发现日期,听取陈述申辩日期,确认日期,责令改正日期,整改期限,复查合格日期\n"
        "教民1号,S01,2026-03-02,,,,,\n"
        "教民1号,S01,2026-03-03,2026-03-06,2026-03-06,,,\n"
        "教民1号,S01,2026-03-04,2026-03-06,2026-03-06,2026-03-07,2026-12-07,\n"
        "教民1号,S01,2026-03-05,2026-03-06,2026-03-06,2026-03-07,2026-04-07,2026-04-01\n"
    )
    assert load(register, path, "findings", by=p.ADMIN).new == 4
    with reading(register) as session:
        lines = queries.matters(session, kinds=("finding",), open_only=True)
    assert {(one.state, one.owner, one.due_on) for one in lines} == {
        ("discovered", "li", date(2026, 12, 8)),
        ("confirmed", "li", date(2026, 12, 8)),
        ("ordered", "li", date(2026, 12, 7)),
    }


def test_a_finding_is_not_confirmed_of_which_nobody_says_that_its_party_was_heard(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "问题.csv"
    path.write_text(
        "许可证号,指标编码,发现日期,听取陈述申辩日期,认定日期,表彰\n"
        "教民1号,S01,2026-03-02,,2026-03-06,\n"
        "教民1号,S01,2026-03-03,2026-03-09,2026-03-06,\n"
        "教民1号,S01,2026-03-04,2026-03-05,2026-03-06,\n"
        "教民2号,B02,2026-03-04,,2026-03-06,是\n"
    )
    outcome = load(register, path, "findings")
    assert [(one.row, one.remedy) for one in outcome.problems] == [
        (
            2,
            "写了确认日期 2026-03-06，请写听取陈述申辩日期；"
            "没有听取过的，不写确认日期，导入后在工作台听取、确认",
        ),
        (3, "确认日期 2026-03-06 早于听取陈述申辩日期 2026-03-09，请改正其中一个"),
    ]


def test_praise_under_a_code_of_faults_and_a_fault_under_a_code_of_praise_are_refused(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "问题.csv"
    rows = ("教民1号,S01,2026-10-20,是", "教民1号,B02,2026-10-20,否", "教民1号,B02,2026-10-21,是")
    path.write_text("许可证号,指标编码,发现日期,表彰\n" + "\n".join(rows) + "\n")
    outcome = load(register, path, "findings", codes={"S01": False, "B02": True})
    assert [(one.row, one.value) for one in outcome.problems] == [(2, "S01"), (3, "B02")]
    assert "扣分" in outcome.problems[0].sentence
    assert "加分" in outcome.problems[1].sentence
