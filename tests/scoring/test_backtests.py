"""Published outcomes derived again from published rules: three authorities, and any other from a folder."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from config.authority import Authority, BacktestError, Findings, Outcomes, decode_authority
from config.backtest import Outcome, run_backtest, told

HERE = Path(__file__).parent
DATA = HERE.parent / "data"
REFERENCE = HERE / "authorities/README.md"

MEASURES = """
id = "M"
title = "Sums"
since = 2020-01-01
reference = { document = "Rule", article = "1" }
[scale]
made_of = "measures"
measures = ["sum"]
[[bands]]
grade = "A"
from = 10
[[bands]]
grade = "B"
below = 10
"""
VISIT = """
id = "P"
title = "Points"
since = 2020-01-01
reference = { document = "Rule", article = "1" }
[scale]
made_of = "inspection"
base = 100
[[bands]]
grade = "A"
from = 90
[[bands]]
grade = "B"
below = 90
[[indicators]]
code = "high"
title = "High risk"
points = 7
reference = { document = "Rule", article = "7" }
[[indicators]]
code = "praise"
title = "Praise"
points = 3
bonus = true
reference = { document = "Rule", article = "3" }
"""
STANDING = VISIT.replace('"inspection"', '"standing"')
OUTCOMES = """
title = "Fourth"
compare = "{compare}"
{top}
[outcomes]
file = "rows.csv"
institution = "id"
day = "on"
value = "result"
"""
FINDINGS = """
[findings]
file = "found.csv"
code = "code"
"""
JOIN = 'institution = "id"\nday = "on"\n'
Backtest = Callable[..., Outcome]


@pytest.fixture
def backtest(tmp_path: Path) -> Backtest:
    """Runs an authority made of these texts."""

    def run(authority: str, policy: str, rows: str | bytes, found: str | bytes = "") -> Outcome:
        (tmp_path / "authority.toml").write_text(authority, "utf-8")
        (tmp_path / "policy.toml").write_text(policy, "utf-8")
        for name, text in {"rows.csv": rows, "found.csv": found}.items():
            if text:
                raw = text if isinstance(text, bytes) else text.encode()
                (tmp_path / name).write_bytes(raw)
        return run_backtest(tmp_path, tmp_path)

    return run


def sums(more: str = "") -> str:
    """An authority that publishes grades and one number."""
    return OUTCOMES.format(compare="grade", top="") + 'measures = { sum = "sum" }\n' + more


def points(
    more: str = "", found: str = JOIN, *, compare: str = "score", history: bool = False
) -> str:
    """An authority that publishes scores and findings."""
    top = "history = true" if history else ""
    return OUTCOMES.format(compare=compare, top=top) + more + FINDINGS + found


def unread(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.value) for one in outcome.unread]


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


def test_a_fourth_authority_needs_no_code(backtest: Backtest) -> None:
    rows = "id,on,sum,result\na,2021-01-01,9.5,B\nb,2021-01-01,10,A\nc,2021-01-01,3,A\nd,2021-01-01,-4,B\n"
    outcome = backtest(sums(), MEASURES, rows)
    assert (outcome.rows, outcome.matched) == (4, 3)
    assert [one.institution for one in outcome.differences] == ["c"]
    pairs = [(one.published, one.ours, one.rows) for one in outcome.grades]
    assert pairs == [("A", "A", 1), ("A", "B", 1), ("B", "B", 2)]


def test_a_cell_that_cannot_be_read_is_listed_with_its_remedy(backtest: Backtest) -> None:
    rows = (
        "id,on,sum,result\n"
        ",2021-01-01,9,B\n"
        "b,,9,B\n"
        "c,01/02/2021,9,B\n"
        "d,2021-01-01,,B\n"
        "e,2021-01-01,nine,B\n"
        "f,2021-01-01,9,Ungraded\n"
        "g,2021-01-01,NaN,B\n"
        "h,2021-01-01,9,\n"
        "i,2021-01-01,9,B\n"
    )
    outcome = backtest(sums(), MEASURES, rows)
    assert unread(outcome) == [
        (2, "id", ""),
        (3, "on", ""),
        (4, "on", "01/02/2021"),
        (5, "sum", ""),
        (6, "sum", "nine"),
        (7, "result", "Ungraded"),
        (8, "sum", "NaN"),
    ]
    assert all("请" in one.sentence for one in outcome.unread)
    assert outcome.left_out == {"没有公布结果": 1}
    assert (outcome.rows, outcome.matched) == (1, 1)


def test_a_row_with_several_wrong_cells_is_listed_once(backtest: Backtest) -> None:
    outcome = backtest(sums(), MEASURES, "id,on,sum,result\n,then,nine,Ungraded\n")
    assert unread(outcome) == [(2, "result", "Ungraded")]


def test_a_day_without_a_policy_in_force_or_beyond_all_calendars_is_listed(
    backtest: Backtest,
) -> None:
    rows = (
        "id,on,sum,result\na,2019-12-31,9,B\nb,9999-12-31,9,B\nc,0001-01-01,9,B\nd,2020-01-01,9,B\n"
    )
    outcome = backtest(sums(), MEASURES, rows)
    assert [(row, value) for row, _, value in unread(outcome)] == [
        (2, "2019-12-31"),
        (3, "9999-12-31"),
        (4, "0001-01-01"),
    ]
    assert "施行" in outcome.unread[0].sentence
    assert outcome.matched == 1


def test_a_measure_is_needed_only_where_the_policy_of_the_day_adds_it_up(
    backtest: Backtest, tmp_path: Path
) -> None:
    later = MEASURES.replace('id = "M"', 'id = "N"').replace("2020-01-01", "2022-01-01")
    (tmp_path / "policy-2022.toml").write_text(later.replace('["sum"]', '["sum", "more"]'), "utf-8")
    earlier = MEASURES.replace("since = 2020-01-01", "since = 2020-01-01\nuntil = 2022-01-01")
    authority = sums().replace('sum = "sum"', 'sum = "sum", more = "more"')
    rows = "id,on,sum,more,result\na,2021-01-01,9,,B\nb,2022-01-01,9,,B\nc,2022-01-01,9,1,A\n"
    outcome = backtest(authority, earlier, rows)
    assert unread(outcome) == [(3, "more", "")]
    assert outcome.matched == 2


def test_a_sum_below_the_floor_is_held_at_it(backtest: Backtest) -> None:
    policy = MEASURES.replace("below = 10", "from = 0\nbelow = 10").replace(
        "[scale]", "[scale]\nfloor = 0"
    )
    outcome = backtest(sums(), policy, "id,on,sum,result\na,2021-01-01,-1,B\nb,2021-01-01,1,B\n")
    assert unread(outcome) == []
    assert outcome.matched == 2


def test_wrong_bytes_in_one_row_leave_the_others(backtest: Backtest) -> None:
    rows = b"id,on,sum,result,note\na,2021-01-01,9,B,caf\xe9\nb\xff,2021-01-01,9,B,\nc,2021-01-01,9,B,\nd,2021-01-01,9,B,\ne,2021-01-01,9,B,\n"
    outcome = backtest(sums(), MEASURES, rows)
    assert [(row, field) for row, field, _ in unread(outcome)] == [(3, "id")]
    assert outcome.matched == 4


def test_a_statement_with_wrong_bytes_is_listed_and_its_finding_counts(backtest: Backtest) -> None:
    rows = "id,on,result\na,2021-01-01,93\nb,2021-01-01,100\n"
    found = b"id,on,code,said\na,2021-01-01,high,r\xe9sidue\nb,2021-01-01,praise,\nb,2021-01-01,praise,\nb,2021-01-01,praise,\n"
    outcome = backtest(
        points(found=JOIN + 'statement = "said"\n'),
        VISIT,
        rows,
        found,
    )
    assert [(row, field) for row, field, _ in unread(outcome)] == [(2, "said")]
    assert (outcome.rows, outcome.matched) == (2, 1)


def test_an_odd_quotation_mark_takes_no_other_row_with_it(backtest: Backtest) -> None:
    rows = (
        "id,on,sum,result\na,2021-01-01,9,B\n"
        'b,2021-01-01,9,"B\n'
        "c,2021-01-01,9,B\n"
        'd,2021-01-01,9,"B"\n'
        'g,2021-01-01,9,"B\n'
        'h,2021-01-01,9,"B\n'
        '"e\n",2021-01-01,9,B\n'
        'f,"2021-01-01,9,B\n'
    )
    outcome = backtest(sums(), MEASURES, rows)
    assert [row for row, _, _ in unread(outcome)] == [3, 6, 7, 10]
    assert "引号" in outcome.unread[0].sentence
    assert outcome.matched == 4


def test_a_row_with_a_cell_too_many_is_listed_and_a_short_or_blank_one_is_not(
    backtest: Backtest,
) -> None:
    rows = "id,on,sum,result\na,2021-01-01,9,B,B\nb,2021-01-01,9,B,,\n\n,,,\nc,2021-01-01\n"
    outcome = backtest(sums(), MEASURES, rows)
    assert [row for row, _, _ in unread(outcome)] == [2]
    assert (outcome.rows, outcome.left_out) == (1, {"没有公布结果": 1})


def test_repeated_rows_each_count_where_no_number_tells_them_apart(backtest: Backtest) -> None:
    outcome = backtest(sums(), MEASURES, "id,on,sum,result\n" + "a,2021-01-01,9,B\n" * 3)
    assert (outcome.rows, outcome.matched) == (3, 3)


def test_a_finding_that_cannot_be_read_is_listed_and_its_inspection_rated_without_it(
    backtest: Backtest,
) -> None:
    rows = "id,on,result\na,2021-01-01,93\nb,2021-01-01,100\n"
    found = (
        "id,on,code\na,2021-01-01,High\na,2021-01-01,Purple\na,2021-01-01,\nb,someday,High\n,2021-01-01,High\n"
        "z,2021-01-01,High\n"
    )
    outcome = backtest(
        points(found=JOIN + 'codes = { High = "high" }'),
        VISIT,
        rows,
        found,
    )
    assert unread(outcome) == [
        (3, "code", "Purple"),
        (4, "code", ""),
        (5, "on", "someday"),
        (6, "id", ""),
    ]
    assert {one.file for one in outcome.unread} == {"found.csv"}
    assert (outcome.rows, outcome.matched, outcome.strays) == (2, 2, 1)


def test_a_code_only_another_version_knows_is_listed(backtest: Backtest, tmp_path: Path) -> None:
    later = VISIT.replace('id = "P"', 'id = "Q"')
    later = later.replace("2020-01-01", "2022-01-01").replace('"high"', '"severe"')
    (tmp_path / "policy-2022.toml").write_text(later, "utf-8")
    earlier = VISIT.replace("since = 2020-01-01", "since = 2020-01-01\nuntil = 2022-01-01")
    rows = "id,on,result\na,2021-01-01,93\na,2022-01-01,100\n"
    found = "id,on,code\na,2021-01-01,high\na,2022-01-01,high\n"
    outcome = backtest(points(), earlier, rows, found)
    assert unread(outcome) == [(3, "code", "high")]
    assert "Q" in outcome.unread[0].sentence
    assert outcome.matched == 2


def test_a_separator_and_a_way_to_write_days_are_the_authority_s_own(backtest: Backtest) -> None:
    more = 'separator = ";"\nday_format = "%d/%m/%Y"\n'
    rows = "\ufeffid;on;sum;result\na;31/01/2021;9;B\n"
    assert backtest(sums(more), MEASURES, rows).matched == 1


def test_words_are_grades_of_ours_and_ignored_values_no_outcome(backtest: Backtest) -> None:
    more = 'words = { Pass = "A", Fail = "B", New = "N" }\nignored = ["Exempt", "Z"]\n'
    rows = "id,on,sum,result\na,2021-01-01,10,Pass\nb,2021-01-01,9,Fail\nc,2021-01-01,9,Pass\nd,,,Exempt\ne,,,Z\n"
    outcome = backtest(sums(more), MEASURES, rows)
    assert (outcome.rows, outcome.matched) == (3, 2)
    assert outcome.left_out == {"公布的不是办法的结果": 2}
    pairs = [(one.published, one.ours, one.rows) for one in outcome.grades]
    assert pairs == [("Fail", "B", 1), ("Pass", "A", 1), ("Pass", "B", 1)]


def test_words_may_stand_for_scores(backtest: Backtest) -> None:
    rows = "id,on,result\na,2021-01-01,full\nb,2021-01-01,none\n"
    policy = VISIT
    outcome = backtest(points('words = { full = "100" }\n'), policy, rows, "id,on,code\n")
    assert outcome.matched == 1
    assert unread(outcome) == [(3, "result", "none")]


def test_findings_join_by_the_inspection_s_number_and_a_repeated_inspection_counts_once(
    backtest: Backtest,
) -> None:
    rows = "visit,id,on,result\n1,a,2021-01-01,93\n2,a,2021-01-01,100\n2,a,2021-01-01,100\n1,b,2021-01-01,93\n,c,2021-01-01,9\n"
    found = "visit,code\n1,high\n3,high\n"
    outcome = backtest(
        points('inspection = "visit"\n', 'inspection = "visit"\n'),
        VISIT,
        rows,
        found,
    )
    assert (outcome.rows, outcome.matched, outcome.strays) == (2, 2, 1)
    assert outcome.left_out == {"同一次检查的重复行": 1}
    assert unread(outcome) == [(5, "visit", "1"), (6, "visit", "")]


def test_one_file_may_hold_inspections_and_findings(backtest: Backtest) -> None:
    rows = "visit,id,on,result,code\n1,a,2021-01-01,86,high\n1,a,2021-01-01,86,high\n2,b,2021-01-01,100,\n"
    found = 'inspection = "visit"\nignored = [""]\n'
    outcome = backtest(
        points('inspection = "visit"\n', found).replace("found.csv", "rows.csv"),
        VISIT,
        rows,
    )
    assert (outcome.rows, outcome.matched, outcome.unread) == (2, 2, ())


def test_an_extent_multiplies_a_finding_and_must_be_a_count(backtest: Backtest) -> None:
    rows = "id,on,result\na,2021-01-01,79\nb,2021-01-01,100\n"
    found = "id,on,code,times\na,2021-01-01,high,3\na,2021-01-01,high,0\na,2021-01-01,high,-1\nb,2021-01-01,high,1.5\nb,2021-01-01,high,\n"
    outcome = backtest(points(found=JOIN + 'extent = "times"\n'), VISIT, rows, found)
    assert unread(outcome) == [(4, "times", "-1"), (5, "times", "1.5"), (6, "times", "")]
    assert outcome.matched == 2


def test_a_published_bonus_raises_the_score(backtest: Backtest) -> None:
    rows, found = (
        "id,on,result\na,2021-01-01,96\n",
        "id,on,code\na,2021-01-01,praise\na,2021-01-01,high\n",
    )
    assert backtest(points(), VISIT, rows, found).matched == 1


@pytest.mark.parametrize("gate", ["F", "O", "P", "J", "PJ"])
def test_a_published_finding_is_proven_whatever_proof_the_rule_asks_for(
    backtest: Backtest, gate: str
) -> None:
    policy = VISIT.replace("points = 7", f'points = 7\ngate = "{gate}"')
    rows, found = "id,on,result\na,2021-01-01,93\n", "id,on,code\na,2021-01-01,high\n"
    assert backtest(points(), policy, rows, found).matched == 1


def test_kinds_choose_the_rows_that_are_compared(backtest: Backtest) -> None:
    more = 'kind = "kind"\nkinds = ["routine"]\n'
    rows = "id,on,sum,result,kind\na,2021-01-01,9,B,routine\nb,2021-01-01,9,A,complaint\nc,2021-01-01,9,A,\nd,,,,\n"
    outcome = backtest(sums(more), MEASURES, rows)
    assert (outcome.rows, outcome.matched) == (1, 1)
    assert outcome.left_out == {"其他种类的检查": 1, "没有公布结果": 1}
    assert unread(outcome) == [(4, "kind", "")]


def test_a_fixed_kind_is_that_of_every_inspection(backtest: Backtest) -> None:
    policy = MEASURES.replace("[scale]", '[scale]\ninspection_kinds = ["second"]')
    rows = "id,on,sum,result\na,2021-01-01,9,B\n"
    assert backtest(sums('fixed_kind = "second"\n'), policy, rows).matched == 1
    outcome = backtest(sums('fixed_kind = "first"\n'), policy, rows)
    assert (outcome.rows, outcome.matched) == (1, 0)
    assert outcome.differences[0].rating.not_rated_because


def test_a_first_day_makes_an_institution_new(backtest: Backtest) -> None:
    policy = MEASURES + "[unrated]\nfirst_days = 180\n"
    more = 'opened_on = "opened"\nwords = { New = "N" }\n'
    rows = "id,on,sum,result,opened\na,2021-01-01,9,New,2020-12-01\nb,2021-01-01,9,B,2019-01-01\nc,2021-01-01,9,B,\nd,2021-01-01,9,B,soon\n"
    outcome = backtest(sums(more), policy, rows)
    assert (outcome.rows, outcome.matched) == (3, 3)
    assert unread(outcome) == [(5, "opened", "soon")]


def test_the_past_counts_only_where_it_is_asked_for(backtest: Backtest) -> None:
    rows = "id,on,result\na,2021-03-01,86\na,2021-01-01,93\na,2021-02-01,\na,2021-04-01,79\nb,2021-04-01,100\n"
    found = (
        "id,on,code\na,2021-01-01,high\na,2021-02-01,high\na,2021-03-20,high\na,2021-05-01,high\n"
    )
    policy = STANDING
    outcome = backtest(points(history=True), policy, rows, found)
    assert (outcome.rows, outcome.matched) == (4, 4)
    assert outcome.strays == 2
    alone = backtest(points(), policy, rows, found)
    assert [one.on for one in alone.differences] == [date(2021, 3, 1), date(2021, 4, 1)]


def test_a_cycle_waits_for_the_second_visit_of_the_past(backtest: Backtest) -> None:
    policy = MEASURES + (
        '[cycle]\nfirst_kinds = ["first"]\nagain_kinds = ["second"]\nat_once = ["A"]\n'
        'pending = "Pending"\nreference = { document = "Rule", article = "2" }\n'
    )
    authority = sums('kind = "kind"\n').replace('"grade"', '"grade"\nhistory = true')
    rows = "id,on,sum,result,kind\na,2021-01-01,9,Pending,first\na,2021-02-01,9,B,second\nb,2021-01-01,10,A,first\n"
    outcome = backtest(authority, policy, rows)
    assert (outcome.rows, outcome.matched) == (3, 3)


def test_in_a_past_that_counts_a_row_without_outcome_must_be_readable_too(
    backtest: Backtest,
) -> None:
    rows = "id,on,result\na,someday,\na,2021-01-01,100\n"
    policy = STANDING
    past = backtest(points(history=True), policy, rows, "id,on,code\n")
    assert (unread(past), past.left_out) == ([(2, "on", "someday")], {})
    alone = backtest(points(), policy, rows, "id,on,code\n")
    assert (unread(alone), alone.left_out) == ([], {"没有公布结果": 1})


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(BacktestError) as refused:
        run_backtest(HERE / "authorities" / "san_francisco", tmp_path)
    assert len(refused.value.problems) == 2
    assert re.search(r"sf_inspections\.csv.*\n.*sf_violations\.csv", str(refused.value))
    assert "--data" in str(refused.value)


def test_all_missing_columns_of_both_files_are_named_at_once(backtest: Backtest) -> None:
    with pytest.raises(BacktestError) as refused:
        backtest(points(), VISIT, "id;date;score\n", "id,what\n")
    said = [(one.place, re.findall("“(.*?)”", one.sentence)[0]) for one in refused.value.problems]
    assert sorted(said) == [
        ("found.csv", "code"),
        ("found.csv", "on"),
        ("rows.csv", "id"),
        ("rows.csv", "on"),
        ("rows.csv", "result"),
    ]
    for part in ("outcomes.value", "findings.code", "id;date;score", "separator"):
        assert part in str(refused.value)


def test_a_column_that_stands_twice_is_refused(backtest: Backtest) -> None:
    with pytest.raises(BacktestError, match="列“sum”出现了两次"):
        backtest(sums(), MEASURES, "id,on,sum,sum,result\n")


@pytest.mark.parametrize(
    "raw",
    [
        "id,on,sum,result\na,2021-01-01,9,B\n".encode("utf-16"),
        "id,on,sum,result\na,2021-01-01,9,B\n".encode("utf-16-le"),
        "id,on,sum,result,名称\na,2021-01-01,9,B,甲\n".encode("gb18030"),
        "id,on,sum,result\n石碶,2021-01-01,9,B\n澥浦,2021-01-01,9,B\n".encode("gb18030"),
    ],
)
def test_a_file_in_another_encoding_is_refused(backtest: Backtest, raw: bytes) -> None:
    with pytest.raises(
        BacktestError, match=r"rows\.csv：不是 utf-8 编码.*outcomes\.encoding.*请改"
    ):
        backtest(sums(), MEASURES, raw)


def test_a_heading_with_wrong_bytes_matters_only_where_its_column_is_named(
    backtest: Backtest,
) -> None:
    row = b"a,2021-01-01,9,B,\n"
    assert backtest(sums(), MEASURES, b"id,on,sum,result,caf\xe9\n" + row * 2).matched == 2
    with pytest.raises(BacktestError, match=r"没有列“result”.*请改 outcomes\.encoding"):
        backtest(sums(), MEASURES, b"id,on,sum,r\xe9sult\n" + row * 2)


def test_an_empty_or_a_broken_file_is_refused(backtest: Backtest, tmp_path: Path) -> None:
    with pytest.raises(BacktestError, match="是空的"):
        backtest(sums(), MEASURES, "\n")
    (tmp_path / "rows.csv").unlink()
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(b"id,on,sum,result\n")[:-9])
    with pytest.raises(BacktestError, match="gzip"):
        run_backtest(tmp_path, tmp_path)


def test_all_wrong_fields_of_an_authority_are_named_at_once(backtest: Backtest) -> None:
    authority = (
        'titel = "Fourth"\ncompare = "rank"\n[outcomes]\nfile = 3\ninstitution = "id"\nday = "on"\n'
        "[findings]\ncodes = { high = 1 }\n"
    )
    with pytest.raises(BacktestError) as refused:
        backtest(authority, MEASURES, "id\n")
    places = {one.place.rpartition(" ")[2] for one in refused.value.problems}
    assert places == {
        "titel",
        "title",
        "compare",
        "outcomes.file",
        "outcomes.value",
        "findings.file",
        "findings.code",
        "findings.codes",
    }
    assert "“rank”" in str(refused.value)


@pytest.mark.parametrize(
    ("authority", "place"),
    [
        (sums('separator = "::"\n'), "outcomes.separator"),
        (sums('encoding = "utf-9"\n'), "outcomes.encoding"),
        (sums('encoding = "hex"\n'), "outcomes.encoding"),
        (sums('day_format = "%Y-%m"\n'), "outcomes.day_format"),
        (sums('day_format = "%Q"\n'), "outcomes.day_format"),
        (sums('kind = "kind"\nfixed_kind = "routine"\n'), "outcomes.fixed_kind"),
        (sums('kinds = ["routine"]\n'), "outcomes.kinds"),
        (sums('words = { Z = "A" }\nignored = ["Z"]\n'), "outcomes.ignored"),
        (sums('words = { Pass = "Gold" }\n'), "outcomes.words.Pass"),
        (sums().replace('"result"', '" "'), "outcomes.value"),
        (sums().replace("{ sum =", "{ total ="), "outcomes.measures.sum"),
        (points('words = { full = "all" }\nmeasures = { sum = "sum" }\n'), "outcomes.words.full"),
        (points(found=""), "findings.institution"),
        (points(found='inspection = "visit"\n'), "outcomes.inspection"),
        (sums() + "=", "authority.toml"),
    ],
)
def test_a_mistake_in_an_authority_names_its_place(
    backtest: Backtest, authority: str, place: str
) -> None:
    with pytest.raises(BacktestError) as refused:
        backtest(authority, MEASURES, "id,on,sum,result\n")
    assert any(one.place.endswith(place) for one in refused.value.problems)
    assert "请" in str(refused.value)


def test_a_folder_without_authority_or_policy_is_refused(
    backtest: Backtest, tmp_path: Path
) -> None:
    with pytest.raises(BacktestError, match=r"authority\.toml：没有这个文件"):
        run_backtest(tmp_path, tmp_path)
    with pytest.raises(BacktestError, match=r"policy\.toml"):
        backtest(sums(), MEASURES.replace("[scale]", "[scales]"), "id\n")
    (tmp_path / "policy.toml").unlink()
    with pytest.raises(BacktestError, match="没有评分办法"):
        run_backtest(tmp_path, tmp_path)


def test_what_was_found_is_told_in_lines(backtest: Backtest) -> None:
    rows = "id,on,result\na\x1b[2J,2021-01-01,100\nb,2021-01-01,100\n" + "c,,100\n" * 25
    found = "id,on,code\na\x1b[2J,2021-01-01,high\n"
    outcome = backtest(points(), VISIT, rows, found)
    lines = list(told(outcome))
    assert lines[:2] == ["Fourth", "rows 2, matched 1"]
    assert lines[2] == "differences 1"
    assert lines[3].endswith("2021-01-01: published 100, ours 93 A")
    assert lines[5].split() == ["-7", "high，2021-01-01，Rule", "7"]
    assert [(one.points, one.rows) for one in outcome.gaps] == [(Decimal(-7), 1), (Decimal(0), 1)]
    assert "  -7: 1" in lines
    assert "没有读懂 25 行（unread）" in lines
    assert lines[-1].endswith("(and 5 more)")
    assert sum("rows.csv 第" in line for line in lines) == 20
    assert not any("\x1b" in line for line in lines)


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
