"""双公示: the form's columns, exact amounts, nothing withheld told, nothing a spreadsheet calculates."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from publisher.credit_columns import LICENCE, PENALTY
from publisher.credit_platform import (
    Licence,
    Penalty,
    Row,
    Source,
    Subject,
    lacking,
    licence_rows,
    myriads,
    penalty_rows,
)
from publisher.credit_sheet import write_rows
from publisher.persons import masked

BODY = Subject(
    name="宁波市海曙区晨光艺术培训学校",
    legal_form="非营利",
    code="52330203MJ80000A6W",
    registration_no="甬民证字第 1 号",
    legal_representative="陈某某",
    licence_no="教民133020370000010号",
)
PERSON = msgspec.structs.replace(
    BODY, name="欧阳建国", legal_form="自然人", code="", legal_representative="欧阳建国"
)
FINE = Penalty(
    matter="AJ0000100",
    subject=BODY,
    document_no="甬教罚〔2026〕1号",
    organ="宁波市海曙区教育局",
    decided_on=date(2026, 4, 15),
    final_on=date(2026, 10, 20),
    known_on=date(2026, 10, 20),
    ended_on=None,
    end_known_on=None,
    ended_by="",
    conduct="超额预收费",
    statement="一次性收取六个月的费用",
    article="校外培训行政处罚暂行办法第二十二条",
    kinds="罚款",
    fine_fen=5_000_050,
    confiscated_fen=0,
    shown_until=date(2027, 4, 14),
)
SCHOOL = Licence(
    matter="NB-1 教民1号",
    subject=BODY,
    number="教民1号",
    organ="宁波市海曙区教育局",
    scope="艺术",
    since=date(2026, 3, 1),
    until=date(2026, 9, 30),
    known_on=date(2026, 3, 1),
    ended_on=date(2026, 10, 1),
    end_known_on=date(2026, 10, 1),
    ended_by="许可期满",
)
SOURCE = Source(organ="宁波市教育局", codes={"宁波市海曙区教育局": "113302037000000000"})
YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def due(start: date) -> date:
    return start + timedelta(days=9)


def penalty(**changed: Any) -> dict[str, str]:
    """The cells of the one row of a penalty."""
    made = msgspec.structs.replace(FINE, **changed)
    (row,) = penalty_rows([made], YEAR, SOURCE, due)
    return dict(row.cells)


def test_a_penalty_has_every_column_of_the_form_and_the_amount_in_myriads() -> None:
    cells = penalty()
    assert list(cells) == list(PENALTY)
    assert cells["CF_NR_FK"] == "5.000050"
    assert cells["CF_NR_WFFF"] == ""
    assert cells["CF_NR"] == "罚款；罚款 50000.50 元"
    assert (cells["CF_CFJGDM"], cells["CF_SJLYDM"]) == ("113302037000000000", "")
    assert (cells["CF_XDR_SHZZ"], cells["CF_XDR_GSZC"]) == ("甬民证字第 1 号", "")
    assert cells["CF_GSJZQ"] == "2027-04-14"


@given(st.integers(min_value=0, max_value=10**17))
def test_no_fen_is_lost_between_fen_and_myriads(fen: int) -> None:
    said = myriads(fen)
    assert (int(said.replace(".", "")) if said else 0) == fen
    assert not said or len(said.partition(".")[2]) == 6


def test_a_licence_that_was_revoked_is_named() -> None:
    assert penalty(kinds="吊销许可证")["CF_NR_ZKDX"] == "办学许可证 教民133020370000010号"
    assert penalty()["CF_NR_ZKDX"] == ""


def test_what_is_withheld_stays_empty_and_a_natural_person_is_a_surname() -> None:
    cells = penalty(subject=PERSON)
    assert (cells["CF_XDR_MC"], cells["CF_XDR_LB"]) == ("欧阳某", "自然人")
    assert "建国" not in str(cells)
    withheld = ["CF_FR_ZJLX", "CF_FR_SFZH", "CF_XDR_ZJLX", "CF_XDR_ZJHM", "CF_XDR_SHXYM", "CF_FRDB"]
    assert {cells[key] for key in withheld} == {""}
    assert masked("王小明") == "王某"
    assert masked("") == ""
    assert lacking([Row(matter="AJ1", cells=cells, due_on=None)]) == []


@pytest.mark.parametrize(
    ("form", "code", "sort"),
    [
        ("营利", "91330205MA20000C9E", "法人及非法人组织"),
        ("个体工商户", "", "个体工商户"),
        ("", "92330205MA20000C9E", "个体工商户"),
        ("个人独资企业", "91330205MA20000C9E", "法人及非法人组织"),
        ("个人", "", "自然人"),
    ],
)
def test_who_is_punished_is_told_by_legal_form_and_code(form: str, code: str, sort: str) -> None:
    subject = msgspec.structs.replace(BODY, legal_form=form, code=code)
    assert penalty(subject=subject)["CF_XDR_LB"] == sort


def test_what_ended_is_withdrawn_and_says_nothing_of_the_fault() -> None:
    ended = msgspec.structs.replace(
        FINE,
        ended_on=date(2026, 11, 2),
        end_known_on=date(2026, 11, 2),
        ended_by="处罚决定已撤销（甬教撤〔2026〕1号）",
    )
    (row,) = penalty_rows([ended], YEAR, SOURCE, due)
    assert (row.withdraws, row.due_on) == (True, date(2026, 11, 11))
    assert row.cells["CF_WSH"] == FINE.document_no
    assert row.cells["BZ"].startswith("撤回：处罚决定已撤销（甬教撤〔2026〕1号），自 2026-11-02")
    for key in ("CF_SY", "CF_WFXW", "CF_NR", "CF_NR_FK", "CF_YJ", "CF_CFLB"):
        assert row.cells[key] == ""
    assert lacking([row]) == []
    # Of October, in which it still stood, nothing is told anew: it would be shown again, with its fault.
    for days in (
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 3), date(2026, 11, 30)),
    ):
        assert penalty_rows([ended], days, SOURCE, due) == []


def test_what_was_recorded_late_is_told_in_the_days_of_its_record() -> None:
    """Final on 30 October, annulled on 27 November, each entered some days later, in the next month's report."""
    october, november, december = (
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 12, 1), date(2026, 12, 31)),
    )
    late = msgspec.structs.replace(FINE, final_on=date(2026, 10, 30), known_on=date(2026, 11, 4))
    assert penalty_rows([late], october, SOURCE, due) == []
    (row,) = penalty_rows([late], november, SOURCE, due)
    assert row.due_on == due(date(2026, 10, 30))  # its term is not the longer for that
    gone = msgspec.structs.replace(
        late, ended_on=date(2026, 11, 27), end_known_on=date(2026, 12, 1), ended_by="已撤销"
    )
    assert penalty_rows([gone], november, SOURCE, due) == []
    (row,) = penalty_rows([gone], december, SOURCE, due)
    assert (row.withdraws, row.due_on) == (True, due(date(2026, 11, 27)))


@pytest.mark.parametrize(
    ("first", "last", "many"),
    [
        ("2026-10-20", "2026-10-20", 1),
        ("2026-10-21", "2026-12-01", 0),
        ("2026-01-01", "2026-10-19", 0),
    ],
)
def test_a_decision_is_reported_on_the_days_asked_for(first: str, last: str, many: int) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(last))
    assert len(penalty_rows([FINE], days, SOURCE, due)) == many


@pytest.mark.parametrize(
    ("until", "cell"),
    [(date(2029, 2, 28), "2029-02-28"), (date.max, "2099-12-31"), (None, "")],
)
def test_a_licence_said_to_have_no_end_has_the_platforms_day_for_it(
    until: date | None, cell: str
) -> None:
    held = msgspec.structs.replace(
        SCHOOL, until=until, ended_on=None, end_known_on=None, ended_by=""
    )
    (row,) = licence_rows([held], YEAR, SOURCE, due)
    assert row.cells["XK_YXQZI"] == cell


def test_a_licence_that_ended_is_its_own_line() -> None:
    (row,) = licence_rows([SCHOOL], YEAR, SOURCE, due)
    assert (row.withdraws, row.cells["XK_ZT"]) == (True, "许可期满")
    assert row.cells["BZ"] == "许可期满，自 2026-10-01 起不再有效"
    assert licence_rows([SCHOOL], (date(2026, 1, 1), date(2026, 6, 30)), SOURCE, due) == []
    holds = msgspec.structs.replace(SCHOOL, ended_on=None, end_known_on=None, ended_by="")
    (row,) = licence_rows([holds], YEAR, SOURCE, due)
    assert (row.withdraws, row.cells["XK_ZT"], list(row.cells)) == (False, "有效", list(LICENCE))
    assert lacking([row]) == []


def test_every_lack_of_every_matter_is_named_at_once() -> None:
    poor = msgspec.structs.replace(FINE, statement="", article="", conduct="")
    long = msgspec.structs.replace(FINE, matter="AJ0000200", document_no="号" * 129)
    bare = msgspec.structs.replace(
        FINE, matter="AJ0000300", subject=msgspec.structs.replace(BODY, code="")
    )
    found = lacking(penalty_rows([poor, long, bare], YEAR, SOURCE, due))
    assert [(one.matter, one.field) for one in found] == [
        ("AJ0000100", "CF_WFXW"),
        ("AJ0000100", "CF_SY"),
        ("AJ0000100", "CF_YJ"),
        ("AJ0000200", "CF_WSH"),
        ("AJ0000300", "CF_XDR_SHXYM"),
    ]
    assert found[0].sentence == "AJ0000100：“违法行为类型”（CF_WFXW）没有登记，请先补登。"
    assert "超过 128 个" in found[3].sentence


PERSONAL = {
    "CF_SY": (
        {"statement": "向学生何小明一次性收取六个月的费用"},
        "学生或者家长的姓名（学生****）",
    ),
    "CF_YJ": ({"article": "第二十二条，咨询13800138000"}, "手机号码（13**********）"),
    "CF_WSH": ({"document_no": "11010519491231002X"}, "居民身份证号码（11************）"),
    "CF_FRDB": (
        {"subject": msgspec.structs.replace(BODY, legal_representative="陈甲 13800138000")},
        "手机号码（13**********）",
    ),
}


@pytest.mark.parametrize("field", PERSONAL)
def test_what_is_personal_keeps_its_line_back_and_is_told_masked(field: str) -> None:
    changed, said = PERSONAL[field]
    made = msgspec.structs.replace(FINE, **changed)
    (found,) = lacking(penalty_rows([made], YEAR, SOURCE, due))
    assert (found.matter, found.field) == ("AJ0000100", field)
    assert found.remedy == f"含有{said}，请更正登记，删去它再报"


def test_the_number_of_an_office_and_a_persons_own_certificate_may_be_told() -> None:
    said = "咨询电话0574-87654321"
    made = msgspec.structs.replace(FINE, statement=said, document_no="13800138000")
    rows = penalty_rows([made], YEAR, SOURCE, due)
    assert [one.field for one in lacking(rows)] == ["CF_SY"]
    assert lacking(rows, ("0574-8765 4321", "0574-87654321")) == []
    own = penalty(subject=PERSON) | {
        "CF_XDR_ZJLX": "身份证",
        "CF_XDR_ZJHM": "11010519491231002X",
    }
    assert lacking([Row(matter="AJ1", cells=own, due_on=None)]) == []


HOSTILE = [
    '=HYPERLINK("x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "＝1+1",
    "https://example.com",
    "<b>",
    "'",
]


@pytest.mark.parametrize("ending", [".xlsx", ".csv"])
def test_no_cell_is_calculated_and_every_text_comes_back(tmp_path: Path, ending: str) -> None:
    rows = penalty_rows(
        [
            msgspec.structs.replace(FINE, matter=f"AJ{at}", statement=one)
            for at, one in enumerate(HOSTILE)
        ],
        YEAR,
        SOURCE,
        due,
    )
    file = tmp_path / f"report{ending}"
    write_rows(rows, PENALTY, file)
    if ending == ".xlsx":
        sheet = CalamineWorkbook.from_path(str(file)).get_sheet_by_index(0).to_python()
        assert [row[list(PENALTY).index("CF_SY")] for row in sheet[2:]] == HOSTILE
        assert {row[list(PENALTY).index("CF_NR_FK")] for row in sheet[2:]} == {5.00005}
        assert b"<f>" not in b"".join(_parts(file))
    else:
        sheet = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
        cells = [row[list(PENALTY).index("CF_SY")] for row in sheet[2:]]
        assert [one.startswith("'") for one in cells] == [True] * 6 + [False, False, True]
    assert sheet[0] == list(PENALTY.values())
    assert sheet[1] == list(PENALTY)
    first = file.read_bytes()
    write_rows(rows, PENALTY, file)
    assert file.read_bytes() == first
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


def _parts(file: Path) -> list[bytes]:
    from zipfile import ZipFile

    with ZipFile(file) as whole:
        return [whole.read(name) for name in whole.namelist()]
