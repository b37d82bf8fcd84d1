"""Further names and places of a ledger: taken in cell by cell, told when they are lacking, added when asked."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from registry.credit_file import CreditFile
from registry.database import writing
from registry.importing import Outcome
from tests.registry.test_bulk import places
from tests.registry.test_importing import load
from tests.registry.test_updates import filed, written

HEAD = "机构名称,区县,办学地址,发证日期,许可证号,品牌,教学点名称,曾用名,其他办学地址\n"
ROW = (
    "海曙晨光艺术培训学校,330203,中山西路1号,2020-01-01,教民1号,晨光美育；小晨光、大晨光,"
    "晨光望春教学点,海曙启明画室（至 2021-03-31）;海曙启明（二）画室 (至2023年5月1日),"
    '"望春路2号三层；\n学院路9号"\n'
)


@pytest.fixture
def held(engine: Engine, tmp_path: Path) -> Engine:
    with writing(engine) as session:
        places(session, {"330203", "330212"})
    assert load(engine, written(tmp_path, "机构.csv", HEAD + ROW)).new == 1
    return engine


def named(one: CreditFile, kind: str, *, former: bool = False) -> set[str]:
    return {o.text for o in one.names if o.kind == kind and (o.until is not None) == former}


def test_every_name_and_place_of_a_line_is_taken_in(held: Engine) -> None:
    one = filed(held)
    assert one.name == "海曙晨光艺术培训学校"
    assert named(one, "brand") == {"晨光美育", "小晨光", "大晨光"}
    assert named(one, "branch") == {"晨光望春教学点"}
    assert named(one, "legal", former=True) == {"海曙启明画室", "海曙启明（二）画室"}
    assert [o.since for o in one.names if o.text == one.name] == [date(2023, 5, 2)]
    assert set(one.addresses) == {"中山西路1号", "望春路2号三层", "学院路9号"}


def test_a_second_file_tells_what_is_lacking_and_adds_it_when_asked(
    held: Engine, tmp_path: Path
) -> None:
    assert load(held, written(tmp_path, "同.csv", HEAD + ROW)).differences == ()
    changed = ROW.replace("小晨光、大晨光", "晨光画室").replace("学院路9号", "新街5号")
    path = written(tmp_path, "新.csv", HEAD + changed)
    told = {one.column: (one.before, one.now) for one in load(held, path).differences}
    assert told == {
        "品牌": ("晨光美育；小晨光；大晨光", "晨光美育；晨光画室"),
        "其他办学地址": ("中山西路1号；望春路2号三层；学院路9号", "望春路2号三层；\n新街5号"),
    }
    assert load(held, path, update=True).updated == 1
    one = filed(held)
    # A name that a ledger leaves out may still be borne: nothing is taken away.
    assert named(one, "brand") == {"晨光美育", "小晨光", "大晨光", "晨光画室"}
    assert set(one.addresses) == {"中山西路1号", "望春路2号三层", "学院路9号", "新街5号"}
    last: Outcome = load(held, path, update=True)
    assert (last.differences, last.updated) == ((), 0)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("海曙启明画室", "每个曾用名后面要写用到哪一天"),
        ("海曙启明画室（至 去年）", "请写日期"),
        ("海曙启明画室（至 2021-02-30）", "没有这一天"),
        ("甲；乙（至 2021-03-01）", "每个曾用名后面要写用到哪一天"),
        (f"{'长' * 201}（至 2021-03-01）", "200"),
    ],
)
def test_what_is_no_former_name_is_named_with_its_remedy(
    engine: Engine, tmp_path: Path, cell: str, said: str
) -> None:
    with writing(engine) as session:
        places(session, {"330203"})
    head, row = "机构名称,区县,办学地址,曾用名\n", f"甲校,330203,一路1号,{cell}\n"
    done = load(engine, written(tmp_path, "a.csv", head + row))
    (problem,) = done.problems
    assert (done.new, problem.column, problem.row) == (0, "曾用名", 2)
    assert said in problem.remedy


def test_a_brand_with_a_resident_number_is_refused(engine: Engine, tmp_path: Path) -> None:
    with writing(engine) as session:
        places(session, {"330203"})
    head, row = (
        "机构名称,区县,办学地址,简称\n",
        "甲校,330203,一路1号,小甲；11010519491231002X\n",
    )
    (problem,) = load(engine, written(tmp_path, "a.csv", head + row)).problems
    assert (problem.column, "身份证" in problem.remedy) == ("简称", True)
