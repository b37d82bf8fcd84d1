"""Files and fields no backtest can begin with are refused, all at once, each with its place."""

import gzip
import re
from pathlib import Path

import pytest

from config.authority import BacktestError
from config.backtest import run_backtest
from tests.scoring.fourth import MEASURES, VISIT, Backtest, points, sums


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
    said = str(refused.value)
    assert 'compare 第 2 行：应当是 "score" 或 "grade"（现在是 “rank”）。请按' in said
    assert "outcomes.file 第 4 行：应当是文字，加英文半角引号（现在是 3）。请按" in said
    assert 'findings.codes 第 8 行：应当是一张由文字组成的表，如 { Pass = "A" }。请按' in said


def test_an_authority_is_read_like_a_policy(backtest: Backtest) -> None:
    row = "id,on,sum,result\na,2021-01-01,10,A\n"
    assert backtest("\ufeff" + sums().replace("\n", "\r\n"), MEASURES, row).matched == 1
    with pytest.raises(BacktestError) as refused:
        backtest("title ＝ 5\ncompare = 80%\n", MEASURES, row)
    assert [one.line for one in refused.value.problems] == [1, 2]
    said = str(refused.value)
    assert re.search(r"authority\.toml 第 1 行：这一行有中文标点.*（现在是 “title ＝ 5”）", said)


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
