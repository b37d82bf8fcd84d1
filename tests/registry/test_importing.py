"""A ledger comes in whole or not at all, and every wrong cell is named with its place."""

import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from msgspec import structs
from sqlalchemy import Engine

from registry import queries
from registry.access import Actor
from registry.database import reading, writing
from registry.importing import (
    FORMS,
    City,
    FileRefused,
    MapRefused,
    Outcome,
    load_map,
    read_sheets,
    take_in,
)
from tests.registry import people as p
from tests.registry.test_bulk import places

MAPS = Path(__file__).parents[2] / "config/imports"
HEAD = (
    "序号",
    "机构名称（全称）",
    "统一社会信用代码*",
    "区县",
    "办学地址",
    "发证日期",
    "许可证号",
    "备注",
)
GOOD = "91330203MA0000037W"
ROWS: tuple[tuple[object, ...], ...] = (
    (1, "海曙𠮷田艺术培训学校", "", "330203", "石碶街道1号", "2024/3/1", "教民1号", ""),
    (2, "海曙堃翰体育培训中心", "", "330203", "澥浦镇2号", "2024年3月2日", "教民2号", "旧"),
)


def workbook(path: Path, rows: Any, title: bool = True, **options: Any) -> Path:
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("台账")
        start = 0
        if title:
            sheet.merge_range(0, 0, 0, len(HEAD) - 1, "校外培训机构一览表（2026年）")
            start = 1
        for at, row in enumerate([HEAD, *rows], start):
            for place, value in enumerate(row):
                sheet.write(at, place, value)
        if options.get("footer"):
            sheet.write(start + len(rows) + 1, 0, "合计：2家")
        book.add_worksheet("说明").write(0, 0, "填表说明")
    return path


def load(
    engine: Engine,
    path: Path,
    kind: str = "institutions",
    *,
    accept_valid: bool = False,
    codes: Mapping[str, bool] | None = None,
    update: bool = False,
    by: Actor = p.QIAN,
) -> Outcome:
    mapped = load_map(MAPS / f"{kind}.toml", tuple(FORMS[kind].model_fields))
    sheets = read_sheets(path, mapped.encoding, mapped.sheet)
    with writing(engine) as session:
        return take_in(
            session,
            kind,
            path,
            sheets,
            mapped,
            city=City(prefix="NB", today=p.NOW.date(), codes=codes or {}),
            by=by,
            now=p.NOW,
            accept_valid=accept_valid,
            update=update,
        )


@pytest.fixture
def register(engine: Engine) -> Engine:
    with writing(engine) as session:
        places(session, {"330203", "330212"})
    return engine


def names(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(one.name for one in queries.institutions(session, date(2026, 11, 1)))


def test_a_bureaus_workbook_comes_in_and_twice_changes_nothing(
    register: Engine, tmp_path: Path
) -> None:
    path = workbook(tmp_path / "台账.xlsx", ROWS, footer=True)
    first = load(register, path)
    assert (first.new, first.known, first.problems) == (2, 0, ())
    assert first.unread == ("工作表 说明 的全部",)
    again = load(register, path)
    assert (again.new, again.known) == (0, 2)
    assert names(register) == sorted(str(row[1]) for row in ROWS)


def test_a_second_sheet_with_other_headings_is_never_passed_over(
    register: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, heads in (("海曙", HEAD), ("江北", ("序号", "学校名称", "地址", "电话"))):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, heads)
            sheet.write_row(1, 0, [str(one) for one in ROWS[0]][: len(heads)])
    with pytest.raises(FileRefused, match=r"江北 也是一张表，却缺少必需的列：所属区县") as refused:
        load(register, path)
    assert "sheet" in str(refused.value)
    assert names(register) == []


def test_what_holds_for_all_rows_is_read_as_a_column_is(register: Engine, tmp_path: Path) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "保险.csv"
    heads, row = "机构名称,保单号,起保日期,终保日期", "海曙𠮷田艺术培训学校,P1,2026/1/1,2026/12/31"
    path.write_text(f"{heads}\n{row}\n", "utf-8")
    known = load_map(MAPS / "covers.toml", tuple(FORMS["covers"].model_fields))
    fixed = {"cover_class": "场所责任险", "insurer": "甬安保险", "premium_paid": "是"}
    who: dict[str, Any] = {"city": City(prefix="NB", today=p.NOW.date(), codes={}), "by": p.QIAN}
    sheets = read_sheets(path)
    with writing(register) as session:
        with pytest.raises(FileRefused, match="险种"):
            take_in(session, "covers", path, sheets, known, now=p.NOW, **who)
        mapped = structs.replace(known, fixed=fixed)
        outcome = take_in(session, "covers", path, sheets, mapped, now=p.NOW, **who)
        assert (outcome.new, outcome.problems) == (1, ())
        (cover,) = queries.covers(session)
        assert (cover.cover_class, cover.insurer) == ("premises", "甬安保险")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_comes_in_in_every_encoding_an_office_writes(
    register: Engine, tmp_path: Path, encoding: str
) -> None:
    text = "\r\n".join(",".join(map(str, row)) for row in [HEAD, *ROWS]) + "\r\n"
    path = tmp_path / "台账.csv"
    path.write_bytes(text.encode(encoding))
    assert load(register, path).new == 2
    assert "海曙𠮷田艺术培训学校" in names(register)


def test_every_wrong_cell_is_named_at_once_and_nothing_is_recorded(
    register: Engine, tmp_path: Path
) -> None:
    rows = (
        *ROWS,
        (3, "", "", "330203", "一路3号", "", "", ""),
        (4, "甲校", "91350203M0001QAY9B", "330203", "一路4号", "2024-03-01", "", ""),
        (5, "乙校", "9135020", "330203", "一路5号", "2024-03-01", "", ""),
        (6, "丙校", "", "杭州市", "一路6号", "2024-02-30", "", ""),
        (7, "丁校", "", "330203", "一路7号", "2024-03-01", "教民1号", ""),
        (8, "戊校", 913302030000000000.0, "330203", "一路8号", 46082, "教民8号", ""),
    )
    outcome = load(register, workbook(tmp_path / "台账.xlsx", rows))
    found = {(one.row, one.column) for one in outcome.problems}
    assert found == {
        (5, "机构名称（全称）"),
        (6, "统一社会信用代码*"),
        (6, "整行"),  # a day of a licence, and no number of one
        (7, "统一社会信用代码*"),
        (7, "整行"),
        (8, "区县"),
        (8, "发证日期"),
        (9, "许可证号"),
        (10, "统一社会信用代码*"),
        (10, "发证日期"),
    }
    assert all(one.remedy and one.sheet == "台账" for one in outcome.problems)
    assert "第 8 行“区县”的值“杭州市”不能用" in "".join(one.sentence for one in outcome.problems)
    assert outcome.new == 0
    assert names(register) == []


def test_a_formula_that_came_to_nothing_is_no_empty_cell(register: Engine, tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, HEAD)
        sheet.write_row(1, 0, ROWS[0])
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(1, 5, "=NA()", None, "#N/A")
    found = load(register, path)
    assert {(one.column, one.value) for one in found.problems} == {
        (HEAD[2], "#DIV/0!"),
        (HEAD[5], "#N/A"),
    }
    assert names(register) == []


def test_a_row_that_says_but_a_name_is_told_and_what_stands_under_the_table_is_not(
    register: Engine, tmp_path: Path
) -> None:
    alone: tuple[object, ...] = (3, "海曙只有名称培训学校", "", "", "", "", "", "")
    note: tuple[object, ...] = ("", "填表人：王某", "", "", "", "", "", "")
    found = load(register, workbook(tmp_path / "台账.xlsx", (*ROWS, alone, note), footer=True))
    assert {one.row for one in found.problems} == {5}


def test_the_good_rows_may_go_ahead_and_a_strange_code_is_taken_when_seen_on_the_original(
    register: Engine, tmp_path: Path
) -> None:
    text = (
        "机构名称,统一社会信用代码,区县,登记日期,已核对原件\n"
        "甲校,91350203M0001QAY9B,330203,2020-01-01,是\n"
        "乙校,91350203M0001QAY9A,330203,2020-01-01,否\n"
    )
    path = tmp_path / "台账.csv"
    path.write_text(text)
    outcome = load(register, path, accept_valid=True)
    assert (outcome.new, len(outcome.problems)) == (1, 1)
    assert "加一列“已与证照原件核对”" in outcome.problems[0].remedy
    assert names(register) == ["甲校"]


def test_covers_are_read_in_yuan_and_an_unknown_institution_is_refused(
    register: Engine, tmp_path: Path
) -> None:
    load(register, workbook(tmp_path / "台账.xlsx", ROWS))
    path = tmp_path / "保险.csv"
    path.write_text(
        "许可证号,险种,保险公司,保单号,保险起期,保险止期,保险金额（元）\n"
        '教民1号,场所责任险,甬保,P1,2026-01-01,2026-12-31,"5,000,000"\n'
        "教民9号,场所责任险,甬保,P2,2026-01-01,2026-12-31,五百万\n"
    )
    outcome = load(register, path, "covers", accept_valid=True)
    assert {one.column for one in outcome.problems} == {"许可证号", "保险金额（元）"}
    with reading(register) as session:
        files = list(queries.credit_files(session, date(2026, 10, 31)))
    (cover,) = [one for file in files for one in file.facts.covers]
    assert (cover.cover_class, cover.sum_fen) == ("premises", 500_000_000)


def test_western_text_is_not_taken_for_chinese(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("name,city\nPeña's,x\nNiñas,x\n".encode("cp1252"))
    with pytest.raises(FileRefused, match="Windows-1252"):
        read_sheets(path)
    assert read_sheets(path, "cp1252")[0].rows[1].cells[0] == "Peña's"


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_a_file_that_cannot_be_read_is_refused_with_a_remedy(tmp_path: Path) -> None:
    cases = {
        "empty.csv": b"",
        "blank.csv": b"\n\n,,\n",
        "old.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 100,
        "broken.xlsx": b"PK\x03\x04 broken",
        "text.xlsx": b"just text",
        "program.csv": b"\x7fELF\0\0\0\0",
        "quotes.csv": '机构名称\n"没有结束'.encode(),
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(FileRefused, match="请"):
            read_sheets(tmp_path / name)


def test_macros_bombs_and_endless_sheets_are_refused_without_effect(tmp_path: Path) -> None:
    plain = workbook(tmp_path / "plain.xlsx", ROWS)
    with zipfile.ZipFile(plain) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = members["xl/worksheets/sheet1.xml"].decode()
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    endless = sheet.replace("</sheetData>", far).encode()
    for name, more in {
        "macro.xlsx": {"xl/vbaProject.bin": b"x"},
        "linked.xlsx": {"xl/externalLinks/externalLink1.xml": b"<x/>"},
        "bomb.xlsx": {"xl/media/big.bin": b"\0" * 310_000_000},
        "endless.xlsx": {"xl/worksheets/sheet1.xml": endless},
    }.items():
        zipped(tmp_path / name, members | more)
        with pytest.raises(FileRefused, match="请"):
            read_sheets(tmp_path / name)


def test_a_file_without_the_needed_columns_names_them(register: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("机构名称,地址\n甲,乙\n")
    with pytest.raises(FileRefused, match="所属区县"):
        load(register, path)


def test_a_map_with_a_field_nobody_knows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[columns]\nnmae = ["机构名称"]\n')
    with pytest.raises(MapRefused, match="nmae"):
        load_map(path, ("name",))


def test_a_cell_of_several_lines_is_one_text_and_what_nobody_sees_makes_no_second_institution(
    register: Engine, tmp_path: Path
) -> None:
    head = "机构名称,区县,办学地址\n"
    path = tmp_path / "台账.csv"
    path.write_text(
        f'{head}"海曙晨光\n艺术培训学校",330203,"中山路\n1 号"\n'
        '"Star\nEnglish School",330203,中山路2号\n',
        "utf-8",
    )
    assert load(register, path).new == 2
    assert names(register) == ["Star English School", "海曙晨光艺术培训学校"]
    path.write_text(f"{head}海曙\u200b晨光艺术培训学校\u200b,330203,中山路1号\n", "utf-8")
    assert load(register, path).known == 1


def test_a_term_said_to_have_no_end_comes_in_and_is_told_as_such(
    register: Engine, tmp_path: Path
) -> None:
    head = "机构名称,区县,许可证号,发证日期,许可证有效期至,登记证号,登记日期,营业期限至\n"
    path = tmp_path / "台账.csv"
    row = (
        "海曙晨光艺术培训学校,330203,教民133020370000010号,2019-03-05,{},甬民证1号,2019-03-05,{}\n"
    )
    path.write_text(head + row.format("长期", "无固定期限"), "utf-8")
    assert load(register, path).new == 1
    with reading(register) as session:
        held = queries.institutions(session, date(2026, 11, 1))[0].id
        facts = queries.facts_of(session, held, date(2026, 11, 1))
    assert {one.until for one in (*facts.licences, *facts.registrations)} == {date.max}
    path.write_text(head + row.format("2029-03-04", "长期"), "utf-8")
    (told,) = load(register, path).differences
    assert "长期" in str(told)
    assert "9999" not in str(told)
