"""The year's account: targets met, missed or not measured; what is unknown is never nought."""

from datetime import UTC, date, datetime, timedelta

import pytest

from publisher.data import WORDS
from publisher.pages.year_bars import bars
from publisher.yearly import Figure, Release, Term, read_text, release_target, term_target

DUE = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


def release(late: timedelta | None, *, monthly: bool = True) -> Release:
    return Release(
        name="2026-03",
        label="2026年3月版",
        due_at=DUE if monthly else None,
        released_at=None if late is None else DUE + late,
    )


PUNCTUAL = [
    (timedelta(0), True, "准时", "met"),
    (timedelta(seconds=40), True, "准时", "met"),
    (timedelta(minutes=2, seconds=59), True, "准时", "met"),
    (timedelta(minutes=3), True, "晚 0.1 小时", "missed"),
    (timedelta(hours=-2), True, "早 2.0 小时", "met"),
    (timedelta(minutes=90), True, "晚 1.5 小时", "missed"),
    (None, True, "没有发布", "missed"),
    (timedelta(hours=5), False, "增补，随时发布", "not_measured"),
]


@pytest.mark.parametrize(("late", "monthly", "said", "verdict"), PUNCTUAL)
def test_an_edition_is_early_late_or_missing(
    late: timedelta | None, monthly: bool, said: str, verdict: str
) -> None:
    one = release(late, monthly=monthly)
    assert one.punctuality == said
    assert release_target([one], "依据").verdict == verdict


def test_the_latest_and_the_missing_are_told() -> None:
    hours = [timedelta(seconds=40), timedelta(hours=1), timedelta(hours=30), None]
    told = release_target([release(one) for one in hours], "依据").measured
    assert told == "应发 4 期，按时 1 期，迟 2 期，最晚迟 30.0 小时，1 期没有发布"


def term(due: int, done: int | None) -> Term:
    return Term(due_on=date(2026, 3, due), done_on=date(2026, 3, done) if done else None)


def test_a_term_is_kept_on_its_last_day_and_missed_on_the_next() -> None:
    assert term_target("目标", "依据", [term(6, 6)]).verdict == "met"
    assert term_target("目标", "依据", [term(6, 6), term(6, 7)]).verdict == "missed"
    assert term_target("目标", "依据", [term(6, None)]).verdict == "missed"
    told = term_target("目标", "依据", [term(6, 6), term(6, 7)], 3, [4, 1]).measured
    assert told == "2 件中 1 件按期，用时 1 至 4 个工作日，另有 3 件没有登记期限"


def test_what_was_not_measured_is_said_and_is_not_met() -> None:
    none = term_target("目标", "依据", [])
    assert (none.verdict, none.word, none.measured) == (
        "not_measured",
        "未衡量",
        "本年没有这样的事项",
    )
    assert term_target("目标", "依据", [], 5).measured == "5 件都没有登记期限"
    assert Figure(label="甲", value=None, unit=" 件").said == "未统计"
    assert Figure(label="甲", value=0, unit=" 件").said == "0 件"
    assert Figure(label="甲", value=12345, unit=" 件").said == "12,345 件"


def test_a_text_is_taken_paragraph_by_paragraph() -> None:
    assert read_text("\n一、  甲\r\n  乙\r\n\r\n\n二、丙\n") == ("一、 甲 乙", "二、丙")
    assert read_text("  \n\n ") == ()


def test_a_drawing_has_a_bar_an_edition_each_within_its_frame() -> None:
    names = ["2026-01", "2026-02", "2026-02.1", "2026-03"]
    counts = [{"white": 10, "black": 0}, {"white": 20, "black": 1}, {"white": 5}, {"white": 8}]
    drawn = bars(names, counts)
    assert [one.key for one in drawn] == ["white", "black"]  # nobody stood on the others
    white = drawn[0]
    assert [one.month for one in white.bars] == ["1", "2", "", "3"]
    assert [one.count for one in white.bars] == ["10", "20", "5", "8"]
    for one in white.bars:
        assert one.x >= 0
        assert one.x + one.width <= white.width
        assert one.y >= 0
        assert one.y + one.height == pytest.approx(white.base, abs=0.2)
    tall = {one.count: one.height for one in white.bars}
    assert tall["20"] == pytest.approx(2 * tall["10"], abs=0.2)
    assert white.said == "白名单：从 10 家到 8 家，最少 5 家，最多 20 家。"
    assert bars([], []) == ()
    assert set(WORDS) >= {one.key for one in drawn}
