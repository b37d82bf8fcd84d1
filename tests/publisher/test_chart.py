"""The drawing of a history: every month lies where its score says, and gaps stay gaps."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.figures import Figure
from publisher.pages.bars import bars
from publisher.pages.chart import Past, charts
from scoring import load_policy

POLICY = load_policy((Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes())
SCORES = st.lists(st.none() | st.integers(0, 100), min_size=1, max_size=24)


def past(scores: list[int | None]) -> list[Past]:
    return [
        Past(
            period=f"{2024 + month // 12}-{month % 12 + 1:02d}",
            status="absent" if score is None else "none",
            grade="" if score is None else "A",
            score=None if score is None else Decimal(score),
        )
        for month, score in enumerate(scores)
    ]


def heights(step: str) -> dict[float, float]:
    """How high the line runs from each place at which a stretch begins, read from the path."""
    found: dict[float, float] = {}
    x = y = 0.0
    for letter, one, two in re.findall(r"([MHV])([\d.-]+)(?: ([\d.-]+))?", step):
        if letter == "M":
            x, y = float(one), float(two)
        elif letter == "V":
            y = float(one)
        else:
            found[x], x = y, float(one)
    return found


@given(SCORES)
def test_every_month_lies_where_its_score_says_and_gaps_stay_gaps(
    scores: list[int | None],
) -> None:
    drawn = charts(past(scores), POLICY)
    for chart in drawn:
        frame, found = chart.frame, heights(chart.step)
        for month, score in enumerate(scores):
            begun = [x for x in found if x <= frame.x(month)]
            before = scores[month - 1] if month else None
            if score is not None:
                assert found[max(begun)] == frame.y(Decimal(score)), month
            if score is not None and before is None:
                assert f"M{frame.x(month)} " in chart.step
        assert chart.step.count("M") == sum(
            one is not None and (not at or scores[at - 1] is None) for at, one in enumerate(scores)
        )


@pytest.mark.parametrize("label", ["云县", "双江拉祜族佤族布朗族傣族自治县" * 2, "区" * 90])
def test_a_long_label_of_a_bar_is_written_whole_in_lines_that_fit(label: str) -> None:
    rows = ((label, 3), ("乙", 0))
    figure = Figure(
        name="x", title="甲", note="", shape="bars", columns=("项目", "数量"), rows=rows
    )
    for drawn in bars(figure):
        first, second = drawn.bars
        assert "".join(first.lines) == label
        assert len(first.lines) <= drawn.deep
        assert all(len(one) * 13 <= drawn.width for one in first.lines)
        if drawn.above:
            assert second.y - first.y >= 18 * drawn.deep + 26


@pytest.mark.parametrize("months", [1, 2, 3, 5, 24])
def test_no_month_is_written_twice_along_the_axis(months: int) -> None:
    for chart in charts(past([90] * months), POLICY):
        texts = [one.text for one in chart.frame.ticks]
        assert len(texts) == len(set(texts))
        assert texts[-1] == past([90] * months)[-1].period


@pytest.mark.parametrize("size", [0, 1])
def test_what_does_not_depend_on_the_institution_is_made_once(size: int) -> None:
    one, other = (charts(past(scores), POLICY)[size] for scores in ([90, 80], [60, None]))
    assert one.frame is other.frame
    assert charts(past([120, 80]), POLICY)[size].frame is not one.frame  # another end of the scale
