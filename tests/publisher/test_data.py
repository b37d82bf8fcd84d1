"""The list as data says what the edition says, and no cell is ever calculated."""

import csv
import io
import json
from pathlib import Path

import pytest
from msgspec import structs

from publisher.data import COLUMNS, OF_EDITION, harmless, render_csv, render_json
from publisher.edition import Edition
from tests.publisher.test_release import edition

HOSTILE = [
    string
    for section in json.loads(
        (Path(__file__).parents[1] / "data/hostile_strings.json").read_text("ascii")
    )
    for string in section["strings"]
]


def read(folder: Path) -> list[dict[str, str]]:
    text = (folder / "list.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_and_json_hold_every_institution_alike(tmp_path: Path) -> None:
    whole = edition()
    render_csv(whole, tmp_path)
    render_json(whole, tmp_path)
    rows = read(tmp_path)
    listed = json.loads((tmp_path / "list.json").read_bytes())
    assert listed["digest"] == whole.digest
    assert [tuple(one[label] for label in COLUMNS.values()) for one in rows] == [
        tuple(harmless(one[key]) for key in COLUMNS) for one in listed["institutions"]
    ]
    assert len(rows) == 60
    # Sent on alone, a line still says which edition it is of.
    of = {tuple(one[label] for label in OF_EDITION.values()) for one in rows}
    assert of == {(whole.name, whole.digest)}


def test_whoever_is_listed_has_a_document_and_whoever_is_not_a_reason(tmp_path: Path) -> None:
    render_csv(edition(), tmp_path)
    rows = read(tmp_path)
    listed = [one for one in rows if one["名单"] in ("黑名单", "重点关注名单")]
    others = [one for one in rows if one["名单"] == "未列入任何名单"]
    assert listed
    assert others
    assert all(one["决定文号"] and one["列入日期"] and one["列入至"] for one in listed)
    assert all(one["原因"] for one in others)


def test_who_has_no_grade_is_told_so_in_words_and_never_by_a_letter(tmp_path: Path) -> None:
    whole = edition()
    render_csv(whole, tmp_path)
    words = {"N": "未评", "S": "停办"}
    told = [words.get(one.grade, one.grade) for one in whole.listed]
    assert {"未评", "停办"} <= set(told)
    assert [one["信用等级"] for one in read(tmp_path)] == told


@pytest.mark.parametrize("name", [*HOSTILE, "=1+1", "  @SUM(A1)", "－1", "\u3000＝1"])
def test_a_hostile_name_passes_unharmed_and_calculates_nothing(name: str, tmp_path: Path) -> None:
    whole = edition()
    entries = (structs.replace(whole.entries[0], name=name), *whole.entries[1:])
    hostile = Edition.of(whole.manifest, entries, whole.policy)
    render_csv(hostile, tmp_path)
    cell = read(tmp_path)[0]["机构名称"]
    assert cell in (name, f"'{name}")
    assert not cell.lstrip(" \u3000").startswith(tuple("=+-@＝＋－＠\t\r\n"))
    render_json(hostile, tmp_path)
    assert json.loads((tmp_path / "list.json").read_bytes())["institutions"][0]["name"] == name
