"""Published outcomes derived again from published rules: three authorities, and any other from a folder."""

import gzip
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from config.authority import Authority, BacktestError, Findings, Outcomes, decode_authority
from config.backtest import Outcome, run_backtest, told
from tests.scoring.fourth import MEASURES, VISIT, Backtest, points, sums

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
REFERENCE = HERE / "authorities/README.md"


@pytest.mark.parametrize(
    ("authority", "rows", "matched"),
    [("san_francisco", 6963, 6834), ("nyc", 11939, 11837), ("fhrs", 2882, 2882)],
)
def test_the_published_rule_gives_the_published_outcome(
    authority: str, rows: int, matched: int
) -> None:
    outcome = run_backtest(HERE / "authorities" / authority, DATA)
    assert (outcome.rows, outcome.matched) == (rows, matched)
    assert len(outcome.differences) == rows - matched
    pairs, gaps = (one.rows for one in outcome.grades), (one.rows for one in outcome.gaps)
    assert sum(pairs) + sum(gaps) == rows


def test_every_row_of_the_three_is_accounted_for() -> None:
    total = {"san_francisco": 13227, "nyc": 12181, "fhrs": 3184}
    for authority, rows in total.items():
        outcome = run_backtest(HERE / "authorities" / authority, DATA)
        assert outcome.rows + sum(outcome.left_out.values()) + len(outcome.unread) == rows
    assert [one.field for one in outcome.unread] == ["score_hygiene"] * 2


def test_a_difference_carries_the_derivation_that_led_to_ours() -> None:
    outcome = run_backtest(HERE / "authorities" / "san_francisco", DATA)
    for one in outcome.differences:
        assert one.rating.score is not None
        assert one.rating.base is not None
        assert one.rating.score == one.rating.base + sum(r.points for r in one.rating.reasons)
        assert str(one.rating.score) != one.published


@pytest.mark.parametrize("authority", ["san_francisco", "nyc", "fhrs"])
def test_dirt_in_any_cell_of_the_three_is_listed_and_the_rest_goes_on(
    authority: str, tmp_path: Path
) -> None:
    """Every hundredth row is spoilt in one cell after another, in a new way each time."""
    folder = HERE / "authorities" / authority
    scheme = decode_authority((folder / "authority.toml").read_bytes(), "authority.toml")
    dirt = [
        b"",
        b"\xff\x81",
        b"-1",
        b"n/a",
        b"2016-13-45",
        b'"',
        b",",
        b"1e999999999",
        b"NaN",
        b"\0",
    ]
    clean = run_backtest(folder, DATA)
    rows = 0
    for source in filter(None, (scheme.outcomes, scheme.findings)):
        lines = gzip.decompress((DATA / f"{source.file}.gz").read_bytes()).split(b"\n")
        for place, number in enumerate(range(100, len(lines) - 1, 100)):
            cells = lines[number].split(b",")
            cells[place % len(cells)] = dirt[place % len(dirt)]
            lines[number] = b",".join(cells)
        (tmp_path / source.file).write_bytes(b"\n".join(lines))
        rows = rows or len(lines) - 2
    spoilt = run_backtest(folder, tmp_path)
    mine = [one for one in spoilt.unread if one.file == scheme.outcomes.file]
    assert spoilt.rows + sum(spoilt.left_out.values()) + len(mine) == rows
    assert len(mine) > len(clean.unread)
    assert clean.rows * 0.98 < spoilt.rows < clean.rows
    assert clean.matched * 0.96 < spoilt.matched
    assert all(one.sentence.endswith("。") for one in spoilt.unread)
    assert len({(one.file, one.row) for one in spoilt.unread}) == len(spoilt.unread)


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(BacktestError) as refused:
        run_backtest(HERE / "authorities" / "san_francisco", tmp_path)
    assert len(refused.value.problems) == 2
    assert re.search(r"sf_inspections\.csv.*\n.*sf_violations\.csv", str(refused.value))
    assert "--data" in str(refused.value)


def test_what_was_found_is_told_in_lines(backtest: Backtest) -> None:
    rows = "id,on,result\na\x1b[2J,2021-01-01,100\nb,2021-01-01,100\n" + "c,,100\n" * 25
    found = "id,on,code\na\x1b[2J,2021-01-01,high\n"
    outcome = backtest(points(), VISIT, rows, found)
    lines = list(told(outcome))
    assert lines[:2] == ["Fourth", "rows 2, matched 1"]
    assert lines[2] == "differences 1"
    assert lines[3].endswith("2021-01-01: published 100, ours 93 A")
    assert lines[5].split() == ["-7", "high，2021-01-01，Rule", "7"]
    assert lines[6] == "    93 分属于 A 级（90 分及以上）。"
    assert [(one.points, one.rows) for one in outcome.gaps] == [(Decimal(-7), 1), (Decimal(0), 1)]
    assert "  -7: 1" in lines
    assert "没有读懂 25 行（unread）" in lines
    assert lines[-1].endswith("(and 5 more)")
    assert sum("rows.csv 第" in line for line in lines) == 20
    assert not any("\x1b" in line for line in lines)


@pytest.mark.parametrize(
    ("better", "limit", "edges", "worst", "said"),
    [
        (
            "higher",
            "no_single_below = 4",
            ("from = 10", "below = 10"),
            3,
            "低于 4 分，现在最低 3 分",
        ),
        ("lower", "no_single_above = 5", ("to = 10", "above = 10"), 7, "超过 5 分，现在最高 7 分"),
    ],
)
def test_a_single_measure_that_lowers_a_grade_is_told_in_its_row(
    better: str, limit: str, edges: tuple[str, str], worst: int, said: str, backtest: Backtest
) -> None:
    policy = MEASURES.replace('["sum"]', f'["sum", "other"]\nbetter = "{better}"')
    policy = policy.replace("from = 10", f"{edges[0]}\n{limit}").replace("below = 10", edges[1])
    authority = sums().replace('sum = "sum"', 'sum = "sum", other = "other"')
    other = 9 if better == "higher" else 1
    rows = f"id,on,sum,other,result\na,2021-01-01,{worst},{other},A\n"
    outcome = backtest(authority, policy, rows)
    (one,) = outcome.differences
    why = f"A 级要求没有一个分项{said}，所以低于 A 级。"
    assert one.of_grade[1:] == (why,)
    assert f"    {why}" in list(told(outcome))


def test_what_was_not_compared_is_told_too(backtest: Backtest) -> None:
    rows = "id,on,result\na,2021-01-01,A\nb,2021-01-01,\nc,2021-01-01,Exempt\n"
    found = "id,on,code\na,2021-01-01,high\na,2021-01-01,high\nz,2021-01-01,high\n"
    outcome = backtest(points('ignored = ["Exempt"]\n', compare="grade"), VISIT, rows, found)
    lines = list(told(outcome))
    assert "  A → B: 1" in lines
    assert "没有比对：没有公布结果 1 行；公布的不是办法的结果 1 行" in lines
    assert "不属于任何一次检查的问题 1 条" in lines


def test_the_command_prints_everything_as_json_and_a_mistake_as_a_sentence(
    backtest: Backtest, tmp_path: Path
) -> None:
    backtest(sums(), MEASURES, "id,on,sum,result\na,2021-01-01,9,A\nb,,9,A\n")
    command = [sys.executable, "-m", "config", "backtest", str(tmp_path), "--data", str(tmp_path)]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    assert (found["rows"], found["matched"]) == (1, 0)
    assert found["differences"][0]["rating"]["reasons"][0]["points"] == "9"
    assert found["grades"] == [{"published": "A", "ours": "B", "rows": 1}]
    assert found["unread"][0]["field"] == "on"
    (tmp_path / "rows.csv").write_text("id\n", "utf-8")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert refused.stderr.startswith("错误：回测有 3 处要改")
    assert "Traceback" not in refused.stderr


def test_twenty_thousand_places_with_their_past_take_no_square_of_time(
    backtest: Backtest,
) -> None:
    """With the past, each institution is gone through once; a square of 20,000 would take minutes."""
    rows = "id,on,sum,result\n" + "".join(f"{n},2021-01-01,9,B\n" for n in range(20_000))
    authority = sums().replace('"grade"', '"grade"\nhistory = true')
    assert backtest(authority, MEASURES, rows).matched == 20_000


def test_the_reference_names_every_field_with_an_example_and_no_other() -> None:
    text = REFERENCE.read_text("utf-8")
    parts = {
        title: set(re.findall(r"^\| `(\w+)` \| \S.* \| `.+` \|$", part, re.MULTILINE))
        for title, part in re.findall(
            r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
    }
    both = parts["In `[outcomes]` and in `[findings]`"]
    forms: dict[type[msgspec.Struct], set[str]] = {
        Authority: parts["`authority.toml`"],
        Outcomes: parts["`[outcomes]`"] | both,
        Findings: parts["`[findings]`"] | both,
    }
    for form, named in forms.items():
        assert named == {one.encode_name for one in msgspec.structs.fields(form)}
    assert set(
        re.findall(r"^\| `(\w+)`", text.partition("## What comes out")[2], re.MULTILINE)
    ) <= {one.name for one in msgspec.structs.fields(Outcome)}


def test_every_example_of_the_reference_is_an_authority() -> None:
    examples = re.findall(r"```toml\n(.*?)```", REFERENCE.read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 3
    for example in examples:
        assert decode_authority(example.encode(), "README.md").title
