"""A draft policy over a real register and its past: who would move, and by which rule."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

import config.commands  # noqa: F401 registers them
from config.cli import main
from registry.database import writing
from tests.flows.past_city import POLICY, Office, office
from tests.registry import people as p

__all__ = ["office"]


def draft(tmp_path: Path, name: str, *swaps: tuple[str, str]) -> Path:
    """A draft from Ningbo's policy with words of it replaced."""
    words = POLICY.read_text("utf-8").replace('id = "NB-2026-1"', f'id = "{name}"')
    for before, after in swaps:
        assert before in words
        words = words.replace(before, after)
    file = tmp_path / f"{name}.toml"
    file.write_text(words, "utf-8")
    return file


def dearer(points: int) -> tuple[str, str]:
    words = POLICY.read_text("utf-8")
    start = words.index('code = "S01"')
    rule = words[start : words.index("\n", words.index("points =", start))]
    return rule, f"{rule[: rule.index('points =')]}points = {points}"


def test_a_draft_is_replayed_as_a_table_bars_rows_and_a_drawing(
    office: Office, tmp_path: Path
) -> None:
    one = draft(tmp_path, "草案<一>", dearer(12))
    chart, rows = tmp_path / "c.svg", tmp_path / "r.csv"
    words = ("replay", one, "--on", "2026-10-31", "--months", 3, "--csv", rows, "--chart", chart)
    told = office.run(*words).stdout
    assert "2026-09-30 ████████████████████████████████████████" not in told
    assert f"2026-09-30 {'▒' * 40} 4 家中 1 家会变（25.0%）" in told
    assert f"2026-08-31 {' ' * 40} 4 家中 0 家会变（0.0%）" in told
    table = told[told.index("2026-10-31，NB-2026-1（行）→ 草案<一>（列）") :]
    assert [line.split() for line in table.splitlines()[1:8]] == [
        ["未列入", "未列入", "合计"],
        ["A", "B"],
        ["未列入", "A", "2", "1", "3"],
        ["未列入", "B", "·", "1", "1"],
        ["合计", "2", "2", "4"],
        [],
        ["因为哪一条（只算会变的机构）："],
    ]
    assert "合计 −5 → −12 分" in table
    lines = rows.read_text("utf-8-sig").splitlines()
    assert lines[0] == "日期,机构编号,机构名称,所属区域,现办法,草案,规则的差别"
    assert len(lines) == 3
    assert lines[2].startswith(
        f"2026-10-31,{office.faulty},宁波市海曙区墨香书画学校,海曙区,未列入 A 95 分,未列入 B 88 分"
    )
    drawing = ElementTree.fromstring(chart.read_text("utf-8"))  # noqa: S314 our own file
    space = "{http://www.w3.org/2000/svg}"
    assert drawing.get("width") == "690"
    assert drawing.findtext(f"{space}title") == "重放草案 草案<一>：会变的机构"
    said = drawing.findtext(f"{space}desc") or ""
    assert "2026-08-31：4 家中 0 家会变" in said
    assert "2026-10-31：4 家中 1 家会变（25.0%）：换名单 0、换等级 1、只是分数变 0" in said


def test_of_a_draft_and_its_successor_each_rates_its_own_days(
    office: Office, tmp_path: Path
) -> None:
    end = "until = 2027-01-01"
    first = draft(tmp_path, "甲案", dearer(12), (end, "until = 2026-10-01"))
    starts = ("since = 2024-01-01", "since = 2026-10-01")
    second = draft(tmp_path, "乙案", dearer(5), starts)
    told = office.run("replay", first, second, "--on", "2026-10-31", "--months", 2, "--json")
    days = json.loads(told.stdout)
    assert [(one["day"]["new"], len(one["day"]["moves"])) for one in days] == [
        ("甲案", 1),
        ("乙案", 0),
    ]
    late = draft(tmp_path, "丙案", (end, "until = 2026-09-01"))
    with pytest.raises(Exception, match="草案 2026-09-30") as refused:
        office.run("replay", late, second, "--on", "2026-10-31", "--months", 2)
    assert "草案 2026-10-31" not in str(refused.value)


def test_a_draft_that_lacks_codes_ends_with_all_of_them_and_status_2(
    office: Office,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lacking = draft(
        tmp_path, "草案", ('code = "S01"', 'code = "S91"'), ('code = "D02"', 'code = "D92"')
    )
    monkeypatch.setenv("XINYONG_DATA", str(office.settings.data))
    monkeypatch.setenv("XINYONG_DATABASE", office.settings.database)
    day = ("--on", "2026-10-31")
    for words in (
        ("replay", str(lacking), *day, "--months", "2"),
        ("assess", "--policy", str(lacking), *day),
    ):
        monkeypatch.setattr("sys.argv", ["xinyong", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert f"没有编码“D02”，登记册里有 1 条记录用它（{office.penalty}）" in said
        assert "没有编码“S01”，登记册里有 2 条记录用它" in said
    broken = tmp_path / "坏.toml"
    broken.write_text("id = 1", "utf-8")
    with pytest.raises(Exception, match=r"坏\.toml"):
        office.run("replay", broken)


def test_whoever_opens_later_counts_from_that_day_on_and_so_does_a_lost_grade(
    office: Office, tmp_path: Path
) -> None:
    with writing(office.engine) as session:
        p.institution(
            session,
            name="宁波市海曙区新开学校",
            opened_on="2026-10-12",
            licence_no="教民133020370000030号",
        )
    strict = draft(tmp_path, "草案", ("first_days = 180", "first_days = 3000"))
    told = office.run("replay", strict, "--on", "2026-10-31", "--months", 2).stdout
    september, october = (
        next(line for line in told.splitlines() if line.startswith(day))
        for day in ("2026-09-30", "2026-10-31")
    )
    assert "4 家中 4 家会变" in september
    assert september.endswith("失去等级 4 家，得到等级 0 家；1 家当日未设立，不计")
    assert "5 家中 4 家会变" in october
    assert october.endswith("；比前一日新增 1 家")


def test_what_a_draft_does_to_the_white_lists_conditions_is_told_together(
    office: Office, tmp_path: Path
) -> None:
    law = 'reference = { document = "甲", article = "一" }'
    first = '[[white]]\nkind = "licence"'
    more = (
        f'[[white]]\nkind = "inspected"\ntitle = "一年内检查过"\nmonths = 12\n{law}\n\n'
        f'[[white]]\nkind = "no_record"\ntitle = "没有罚款"\ncodes = ["D02"]\n{law}\n\n'
    )
    narrow = ('grades = ["A", "B", "C"]', 'grades = ["A"]')
    strict = draft(tmp_path, "草案", dearer(12), narrow, (first, more + first))
    rows = tmp_path / "r.csv"
    told = office.run("replay", strict, "--on", "2026-10-31", "--csv", rows).stdout
    causes = told[told.index("因为哪一条") :].splitlines()[1:]
    assert len(causes) == 2
    assert causes[0].startswith("  S01 ")
    assert causes[1] == (
        "  白名单条件，符合的家数：一年内检查过 0 → 1 家；信用等级为 A、B 或者 C 1 → 0 家；"
        "没有罚款 0 → 1 家"
    )
    (row,) = rows.read_text("utf-8-sig").splitlines()[1:]
    assert row.endswith(
        "S01：−5 → −12；白名单条件“一年内检查过”“没有罚款”：无 → 符合；"
        "白名单条件“信用等级为 A、B 或者 C”：符合 → 不符合"
    )
