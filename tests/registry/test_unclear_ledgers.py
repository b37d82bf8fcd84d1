"""A ledger that can be read in two ways, or whose signs and digits are lost, is refused and never guessed at."""

import math
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs
from sqlalchemy import Engine

from registry import acts, queries
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import JurisdictionForm
from registry.importing import FORMS, ColumnMap, FileRefused, load_map, read_sheets
from registry.importing.columns import find_heading
from registry.importing.files import Row
from registry.importing.rows import Reader
from tests.registry import people as p
from tests.registry.ledgers import map_of
from tests.registry.test_importing import load, names, register
from tests.registry.test_updates import filed, written

__all__ = ["register"]

JSON = '[{"机构名称": "海曙晨光学校", "区县": "330203", "办学地址": "中山路1号"}]'
LOST = "数字太长，后几位已经丢失"


@pytest.mark.parametrize(
    ("heads", "named"),
    [
        (
            "机构名称,区县,登记证号,有效期至,许可证号,发证日期,有效期至",
            ("第 4 列“有效期至”", "第 7 列“有效期至”"),
        ),
        (
            "机构名称,区县,有效期至（登记证）,许可证号,发证日期,有效期至(许可证)",
            ("第 3 列“有效期至（登记证）”", "第 6 列“有效期至(许可证)”"),
        ),
        (
            "机构名称,机构 名称*,区县,地址,地址",
            ("第 1 列“机构名称”", "第 2 列“机构 名称*”", "第 4 列“地址”", "第 5 列“地址”"),
        ),
    ],
)
def test_a_heading_that_stands_twice_is_refused_with_both_columns(
    register: Engine, tmp_path: Path, heads: str, named: tuple[str, ...]
) -> None:
    row = ",".join(["甲校", "330203"] + ["2027-01-01"] * (heads.count(",") - 1))
    with pytest.raises(FileRefused, match="改名，或者删去一列") as refused:
        load(register, written(tmp_path, "机构.csv", f"{heads}\n{row}\n"))
    assert "机构.csv" in str(refused.value)
    assert all(one in str(refused.value) for one in named)


@pytest.mark.parametrize("unit", ["万元", "单位：千元", "美元", "分"])
def test_money_in_a_unit_that_the_map_does_not_name_is_refused(unit: str) -> None:
    row = Row(number=1, cells=("机构编号", "险种", f"保额（{unit}）"))
    heading = find_heading([row], map_of("covers"))
    assert heading is not None
    assert heading.units == (f"“保额（{unit}）”",)
    for known in ("保额（元）", "保额(每次事故)", "保额"):
        again = find_heading([Row(number=1, cells=("机构编号", "险种", known))], map_of("covers"))
        assert again is not None
        assert again.units == ()


def test_headings_that_only_look_alike_are_read_by_what_each_says(
    register: Engine, tmp_path: Path
) -> None:
    text = (
        "机构名称,区县,区县（市）,备注,备注,许可证号,发证日期,许可证有效期至,有效期至\n"
        "甲校,330203,330212,,,教民1号,2024-01-01,2027-01-01,2030-01-01\n"
    )
    assert load(register, written(tmp_path, "机构.csv", text)).new == 1
    one = filed(register)
    assert one.jurisdiction == "330203"
    assert [licence.until for licence in one.facts.licences] == [date(2027, 1, 1)]


def test_a_key_that_an_object_has_twice_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "机构.json", '[{"有效期至": "2024-01-01", "有效期至": "2030-01-01"}]')
    with pytest.raises(FileRefused, match="一个对象里“有效期至”写了两次"):
        read_sheets(path)


@pytest.mark.parametrize("number", ["1.33020E+14", "1.3302e+014", "-1E+12"])
def test_a_number_that_a_spreadsheet_rounded_is_no_number_of_a_licence(
    register: Engine, tmp_path: Path, number: str
) -> None:
    heads = ("机构名称", "区县", "许可证号", "发证日期")
    row = ("甲校", "330203", number, "2024-03-01")
    csv = written(tmp_path, "机构.csv", f"{','.join(heads)}\n{','.join(row)}\n")
    value = number.replace("+014", "+14")
    said = f'[{{"机构名称":"甲校","区县":"330203","许可证号":{value},"发证日期":"2024-03-01"}}]'
    for path in (csv, written(tmp_path, "机构.json", said)):
        found = load(register, path).problems
        assert [one.column for one in found if LOST in one.remedy] == ["许可证号"]
    assert names(register) == []


def read_cover(mapped: ColumnMap, *cells: str | float) -> dict[str, str]:
    """What is wrong with the number and the sum of a cover, by column."""
    heading = find_heading([Row(1, ("保单号", "保额"))], mapped)
    assert heading
    reader = Reader(FORMS["covers"], mapped, heading, "台账")
    return {one.column: one.remedy for one in reader.values(Row(2, cells))[1]}


def test_a_number_that_is_none_in_a_cell_of_numbers_is_named() -> None:
    assert set(read_cover(map_of("covers"), math.nan, math.inf)) == {"保单号", "保额"}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_a_sign_that_no_spreadsheet_ends_a_line_at_tears_no_row(
    tmp_path: Path, form: str, sign: str
) -> None:
    name = f"海曙{sign}学校"
    text = f"机构名称,区县\r\n{name},海曙区\r\n乙校,江北区\r\n"
    if form == "jsonl":
        shown = name if sign > "\x1f" else name.replace(sign, f"\\u{ord(sign):04x}")
        text = (
            f'{{"机构名称":"{shown}","区县":"海曙区"}}\n\n{{"机构名称":"乙校","区县":"江北区"}}\n'
        )
    path = tmp_path / f"机构.{form}"
    path.write_bytes(text.encode())
    _, *rows = read_sheets(path)[0].rows
    assert [one.cells for one in rows] == [(name, "海曙区"), ("乙校", "江北区")]
    assert [one.number for one in rows] == ([2, 3] if form == "csv" else [1, 3])


def test_a_wrong_line_of_objects_is_named_by_its_number(tmp_path: Path) -> None:
    path = written(tmp_path, "机构.jsonl", '{"机构名称": "甲校"}\n\n{"机构名称": 乙校}\n')
    with pytest.raises(FileRefused, match="第 3 行第 10 个字起不合写法"):
        read_sheets(path)


@pytest.mark.parametrize(
    ("amount", "remedy"),
    [
        ("nan", "请写数字，不带单位"),
        ("sNaN", "请写数字，不带单位"),
        ("Infinity", "请写数字，不带单位"),
        ("-inf", "请写数字，不带单位"),
        ("1E999999", "请写数字，不带单位"),
        ("1E99999", "金额太大，请核对位数和单位"),
        ("1000000000000000", "金额太大，请核对位数和单位"),
        ("0.001", "金额请精确到分"),
        ("999999999999999.99", ""),
    ],
)
def test_an_amount_that_no_column_holds_is_named(amount: str, remedy: str) -> None:
    assert read_cover(map_of("covers"), "P1", amount) == ({"保额": remedy} if remedy else {})


def test_an_amount_in_the_registers_own_unit_is_bounded_too() -> None:
    mapped = structs.replace(map_of("covers"), factors={})
    assert read_cover(mapped, "P1", "9" * 17) == {}
    assert read_cover(mapped, "P1", "9" * 18) == {"保额": "金额太大，请核对位数和单位"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_json_comes_in_in_every_encoding_an_office_writes(
    register: Engine, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "机构.json"
    path.write_bytes(JSON.encode(encoding))
    assert load(register, path).new == 1
    assert names(register) == ["海曙晨光学校"]


@pytest.mark.parametrize(
    ("name", "raw", "encoding"),
    [
        ("机构.json", JSON.encode().replace("晨".encode(), b"\x81\xff"), ""),
        ("机构.json", JSON.encode("gb18030"), "utf-8"),
        ("机构.jsonl", JSON[1:-1].encode("gb18030"), "utf-8"),
        ("机构.json", JSON.encode("utf-16")[:-1], ""),
        ("机构.csv", "机构名称,区县\n甲校,海曙区\n".encode("utf-16")[:-1], ""),
    ],
)
def test_signs_that_cannot_be_read_are_never_replaced(
    tmp_path: Path, name: str, raw: bytes, encoding: str
) -> None:
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(FileRefused, match="请另存为 UTF-8 后再导入"):
        read_sheets(path, encoding)


def test_the_encoding_of_a_map_holds_for_json_with_or_without_its_mark(tmp_path: Path) -> None:
    path = tmp_path / "机构.json"
    for encoding in ("gb18030", "utf-8"):
        for mark in ("", "\ufeff"):
            path.write_bytes((mark + JSON).encode(encoding))
            assert read_sheets(path, encoding)[0].rows[1].cells[0] == "海曙晨光学校"


def place(engine: Engine, **changed: str) -> None:
    said = {"id": "330205", "name": "江北区", "organ": "教育局", "since": "2010-01-01", **changed}
    with writing(engine) as session:
        form = read_form(JurisdictionForm, said)
        acts.register_jurisdiction(session, form, by=p.ADMIN, now=p.NOW)


def test_a_place_is_found_by_the_name_it_has_now_and_one_of_two_only_by_its_number(
    register: Engine, tmp_path: Path
) -> None:
    place(register, id="330204", name="江东区", until="2016-12-31")
    place(register, id="330205", name="旧江北区")
    place(register)
    place(register, id="330291", name="高新区")
    place(register, id="330292", name="高新区")
    place(register, id="330299", name="330291")
    text = "机构名称,区县,办学地址\n" + "".join(
        f"第{number}校,{said},{number}号\n"
        for number, said in enumerate(
            ("江东区", "330204", "旧江北区", "高新区", "江北区", "330292", "330291"), 2
        )
    )
    outcome = load(register, written(tmp_path, "机构.csv", text), accept_valid=True)
    said = {one.row: one.remedy for one in outcome.problems}
    assert list(said) == [2, 3, 4, 5]
    assert said[5] == "有 2 个同名的区县（编号 330291、330292），请写编号"
    for row in (2, 3, 4):
        assert "登记册里现在没有这个区县" in said[row]
        assert "江东区" not in said[row]
        assert "旧江北区" not in said[row]
    with reading(register) as session:
        files = queries.credit_files(session, p.NOW.date())
        assert {one.name: one.jurisdiction for one in files} == {
            "第6校": "330205",
            "第7校": "330292",
            "第8校": "330291",
        }


def test_a_map_that_an_editor_marked_as_utf_8_is_read(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text('[columns]\nname = ["机构名称"]\n', "utf-8-sig")
    assert load_map(path, ("name",)).columns == {"name": ("机构名称",)}
