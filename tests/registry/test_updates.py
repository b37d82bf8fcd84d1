"""Duties by file, and what a second file says otherwise: told first, taken over only when asked."""

import json
from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from registry import queries
from registry.credit_file import CreditFile
from registry.database import reading, writing
from registry.ledger import check
from tests.registry import people as p
from tests.registry.test_bulk import places
from tests.registry.test_importing import load

TODAY = p.NOW.date()
HEAD = "机构名称,区县,办学地址,发证日期,许可证号,许可证有效期至,法定代表人,登记日期,登记证号,办学状态\n"
ROW = "海曙晨光艺术培训学校,330203,中山西路1号,2024-03-01,教民1号,2027-02-28,张三,2020-01-01,登1,在办\n"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def filed(engine: Engine, on: date = TODAY) -> CreditFile:
    with reading(engine) as session:
        (one,) = queries.credit_files(session, on)
    return one


def known(engine: Engine, folder: Path) -> str:
    with writing(engine) as session:
        places(session, {"330203", "330212"})
    load(engine, written(folder, "机构.csv", HEAD + ROW))
    return filed(engine).institution


def test_a_known_institution_is_told_and_only_changed_when_asked(
    engine: Engine, tmp_path: Path
) -> None:
    known(engine, tmp_path)
    before = filed(engine)
    again = load(engine, written(tmp_path, "同.csv", HEAD + ROW.replace("1号,2024", "一号,2024")))
    assert (again.known, again.differences) == (1, ())
    text = ROW.replace("晨光艺术", "晨曦艺术").replace("中山西路1号", "解放南路9号")
    text = text.replace("2027-02-28", "2029-02-28").replace("张三", "李四").replace("在办", "停办")
    path = written(tmp_path, "新.csv", HEAD + text)
    told = load(engine, path)
    assert {one.column: (one.before, one.now) for one in told.differences} == {
        "机构名称": ("海曙晨光艺术培训学校", "海曙晨曦艺术培训学校"),
        "办学地址": ("中山西路1号", "解放南路9号"),
        "许可证有效期至": ("2027-02-28", "2029-02-28"),
        "法定代表人": ("张三", "李四"),
        "办学状态": ("在办", "停办"),
    }
    assert (told.new, told.updated) == (0, 0)
    assert filed(engine) == before
    done = load(engine, path, update=True)
    assert done.updated == 1
    after = filed(engine)
    assert (after.name, after.legal_representative) == ("海曙晨曦艺术培训学校", "李四")
    assert after.addresses == ("解放南路9号",)
    assert [one.until for one in after.facts.licences] == [date(2029, 2, 28)]
    assert after.facts.status == "suspended"
    yesterday = filed(engine, date(2026, 11, 23))
    assert (yesterday.name, yesterday.addresses) == (before.name, before.addresses)
    assert yesterday.facts.status == "active"
    last = load(engine, path, update=True)
    assert (last.differences, last.updated) == ((), 0)
    with reading(engine) as session:
        (entry,) = queries.ledger_entries(session, act="update_institution")
        assert check(session) == []
    body = json.loads(entry.body)
    assert body["before"]["legal_representative"] == "张三"
    assert body["after"]["name"] == "海曙晨曦艺术培训学校"


def test_a_change_on_the_day_of_registration_leaves_no_term_turned_round(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        places(session, {"330203"})
    head, row = (
        "机构名称,区县,办学地址,许可证号,发证日期\n",
        "甲校,330203,一路1号,教民7号,2026-11-24\n",
    )
    load(engine, written(tmp_path, "a.csv", head + row))
    path = written(tmp_path, "b.csv", head + row.replace("甲校", "乙校").replace("一路", "二路"))
    assert load(engine, path, update=True).updated == 1
    found = filed(engine)
    assert (found.name, found.addresses) == ("乙校", ("二路1号",))
    assert [one.text for one in found.names] == ["乙校"]


def test_licences_accounts_reports_and_results_come_in_once(engine: Engine, tmp_path: Path) -> None:
    id = known(engine, tmp_path)
    files = {
        "licences": f"机构编号,许可证号,发证日期,有效期至\n{id},教民1号,2027-03-01,2030-02-28\n",
        "custody-accounts": "机构名称,开户银行,账号,开立日期\n海曙晨光艺术培训学校,甬银行,123,2026-01-01\n",
        "custody-reports": f"机构编号,银行,报送日期,余额（元）\n{id},甬银行 ,2026-11-01,12.50\n",
        "annual-inspections": f"机构编号,年度,结论,结论日期\n{id},2025,通过,2026-05-01\n",
    }
    for kind, text in files.items():
        path = written(tmp_path, f"{kind}.csv", text)
        first, again = load(engine, path, kind), load(engine, path, kind)
        assert (first.new, first.problems) == (1, ()), kind
        assert (again.new, again.known, again.differences) == (0, 1, ()), kind
    facts = filed(engine, date(2027, 3, 2)).facts
    assert [one.until for one in facts.licences] == [date(2027, 2, 28), date(2030, 2, 28)]
    assert [(one.bank, one.reported_on) for one in facts.custody] == [("甬银行", date(2026, 11, 1))]
    assert [one.result for one in facts.annual_inspections] == ["合格"]
    with reading(engine) as session:
        entries = queries.ledger_entries(session)
    assert not any("1250" in one.body or '"123"' in one.body for one in entries)


def test_a_result_told_otherwise_supersedes_only_when_asked(engine: Engine, tmp_path: Path) -> None:
    id = known(engine, tmp_path)
    text = f"机构编号,年度,结论,结论日期\n{id},2025,合格,2026-05-01\n"
    load(engine, written(tmp_path, "a.csv", text), "annual-inspections")
    path = written(tmp_path, "b.csv", text.replace(",合格", ",不合格"))
    told = load(engine, path, "annual-inspections")
    assert [(one.before, one.now) for one in told.differences] == [("合格", "不合格")]
    load(engine, path, "annual-inspections", update=True)
    assert [one.result for one in filed(engine).facts.annual_inspections] == ["不合格"]
    assert load(engine, path, "annual-inspections").differences == ()


def test_every_wrong_cell_of_a_duty_is_named_at_once(engine: Engine, tmp_path: Path) -> None:
    id = known(engine, tmp_path)
    text = f"机构编号,银行,报送日期,余额（元）\n{id},没有的银行,2026-02-30,很多\n无此机构,甬,2026-11-01,1\n"
    outcome = load(engine, written(tmp_path, "a.csv", text), "custody-reports")
    assert {(one.row, one.column) for one in outcome.problems} == {
        (2, "银行"),
        (2, "报送日期"),
        (2, "余额（元）"),
        (3, "机构编号"),
    }
    assert outcome.new == 0


def test_objects_are_taken_in_as_rows(engine: Engine, tmp_path: Path) -> None:
    id = known(engine, tmp_path)
    one = {"机构编号": id, "年度": 2024, "结论": "合格", "结论日期": "2025-05-01", "备注": None}
    path = written(tmp_path, "a.json", json.dumps([one, {**one, "年度": 2025}]))
    assert load(engine, path, "annual-inspections").new == 2
    lines = written(tmp_path, "a.jsonl", json.dumps({**one, "年度": 2023}) + "\n")
    assert load(engine, lines, "annual-inspections").new == 1


def test_a_new_institution_that_may_be_known_is_told_and_taken_in(
    engine: Engine, tmp_path: Path
) -> None:
    id = known(engine, tmp_path)
    head = "机构名称,区县,办学地址\n"
    path = written(
        tmp_path, "b.csv", head + "别的学校,330203,中山西路一号\n全无关系,330212,x路3号\n"
    )
    outcome = load(engine, path)
    assert outcome.new == 2
    assert [(one.row, one.institution, one.why) for one in outcome.suspected] == [
        (2, id, ("地址相同",))
    ]
    assert "可能和" in outcome.suspected[0].sentence


def test_what_cells_make_wrong_together_is_told_beside_what_each_is_alone(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        places(session, {"330203"})
    head = (
        "机构名称,区县,发证日期,许可证号,许可证有效期至,登记日期,登记证号,登记有效期至,信用代码\n"
    )
    rows = (
        # A wrong district, and both terms the wrong way round.
        "甲学校,没有这个区,2026-03-01,教民1号,2025-02-28,2026-01-01,登1,2025-01-01,\n"
        # The licence's first day cannot be read, so that nothing is said of its term.
        "乙学校,330203,三月,教民2号,2025-02-28,2026-01-01,登2,2025-01-01,\n"
        # Nothing is wrong alone, two things are wrong together.
        "丙学校,330203,2026-03-01,教民3号,2025-02-28,2026-01-01,登3,2025-01-01,\n"
    )
    found = load(engine, written(tmp_path, "a.csv", head + "".join(rows))).problems
    told = [(one.row, one.column, one.remedy[:5]) for one in found]
    assert told == [
        (2, "区县", "登记册里现"),
        (2, "整行", "许可证有效"),
        (2, "整行", "登记有效期"),
        (3, "发证日期", "请写日期，"),
        (3, "整行", "登记有效期"),
        (4, "整行", "许可证有效"),
        (4, "整行", "登记有效期"),
    ]


def test_a_licence_s_number_that_stands_for_two_is_told_and_taken_in(
    engine: Engine, tmp_path: Path
) -> None:
    id = known(engine, tmp_path)
    head = "机构名称,区县,办学地址,发证日期,许可证号,登记日期,登记证号\n"
    lines = (
        "甲学校,330203,甲路1号,2024-03-01,教民7号,2020-01-01,登7\n"
        "乙学校,330212,乙路2号,2024-03-01,教民 7 号,2020-01-01,登8\n"
        "丙学校,330212,丙路3号,2024-03-01,教民１号,2020-01-01,登9\n"
    )
    outcome = load(engine, written(tmp_path, "号.csv", head + "".join(lines)))
    assert outcome.new == 3
    assert [(one.row, one.known_row, one.institution) for one in outcome.suspected] == [
        (3, 2, ""),
        (4, 0, id),
    ]
    assert "可能和 第 2 行 “甲学校”重复" in outcome.suspected[0].sentence
    licences = (
        "机构名称,许可证号,起始日期\n甲学校,教民99号,2025-01-01\n乙学校,教民99号,2025-01-01\n"
    )
    outcome = load(engine, written(tmp_path, "证.csv", licences), "licences")
    assert (outcome.new, [one.known_row for one in outcome.suspected]) == (2, [2])


def test_a_visit_of_the_same_day_by_the_same_person_is_told_and_taken_in(
    engine: Engine, tmp_path: Path
) -> None:
    known(engine, tmp_path)
    head = "机构名称,检查日期,检查种类,检查人员一,检查人员二\n"
    one = "海曙晨光艺术培训学校,2026-03-02,双随机,王甲,李乙\n"
    other = "海曙晨光艺术培训学校,2026-03-02,投诉核查,钱丙,孙丁\n"
    first = load(engine, written(tmp_path, "a.csv", head + one), "inspections")
    assert (first.new, first.suspected) == (1, ())
    text = head + one.replace("双随机", "专项") + other
    told = load(engine, written(tmp_path, "b.csv", text), "inspections")
    assert [(one.row, one.institution[:2]) for one in told.suspected] == [(2, "JC")]
    assert told.new == 2
