"""Three authorities' published outcomes, derived again from their published rules."""

from pathlib import Path

import pytest

from config.backtest import BacktestError, run_backtest

HERE = Path(__file__).parent
DATA = HERE.parent / "data"


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


def test_a_difference_carries_the_derivation_that_led_to_ours() -> None:
    outcome = run_backtest(HERE / "authorities" / "san_francisco", DATA)
    for one in outcome.differences:
        assert one.rating.score is not None
        assert one.rating.base is not None
        assert one.rating.score == one.rating.base + sum(r.points for r in one.rating.reasons)
        assert str(one.rating.score) != one.published


def test_a_fourth_authority_needs_no_code(tmp_path: Path) -> None:
    (tmp_path / "authority.toml").write_text(
        'title = "Fourth"\ncompare = "grade"\n[outcomes]\nfile = "rows.csv"\n'
        'institution = "id"\nday = "on"\nvalue = "grade"\nmeasures = { sum = "sum" }\n',
        "utf-8",
    )
    (tmp_path / "policy.toml").write_text(
        'id = "four"\ntitle = "Four"\nsince = 2020-01-01\n'
        'reference = { document = "Rule", article = "1" }\n'
        '[scale]\nmade_of = "measures"\nmeasures = ["sum"]\n'
        '[[bands]]\ngrade = "pass"\nfrom = 10\n[[bands]]\ngrade = "fail"\nbelow = 10\n',
        "utf-8",
    )
    (tmp_path / "rows.csv").write_text(
        "id,on,sum,grade\na,2021-01-01,9.5,fail\nb,2021-01-01,10,pass\nc,2021-01-01,3,pass\nd,2021-01-01,,pass\n",
        "utf-8",
    )
    outcome = run_backtest(tmp_path, tmp_path)
    assert (outcome.rows, outcome.matched) == (3, 2)
    assert [one.institution for one in outcome.differences] == ["c"]


def test_missing_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(BacktestError, match=r"sf_\w+\.csv"):
        run_backtest(HERE / "authorities" / "san_francisco", tmp_path)
