"""Rows of an authority: which are compared, which are joined, and which are listed as unread."""

from datetime import date
from pathlib import Path

import pytest

from tests.scoring.fourth import JOIN, MEASURES, STANDING, VISIT, Backtest, points, sums, unread


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
