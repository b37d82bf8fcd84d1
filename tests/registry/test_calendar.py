"""Working days agree with an independent package, and terms end where the law says."""

from datetime import date, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.calendar import CalendarError, load_calendar

FOLDER = Path(__file__).parents[2] / "config/holidays"
CALENDAR = load_calendar(FOLDER)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 1))


@pytest.mark.parametrize("year", sorted(CALENDAR.years))
def test_every_day_of_an_announced_year_agrees_with_the_oracle(year: int) -> None:
    oracle = holidays.country_holidays("CN", years=year)
    day = date(year, 1, 1)
    while day.year == year:
        assert CALENDAR.is_working_day(day) == oracle.is_working_day(day), day
        day += timedelta(days=1)


@given(DAYS, st.integers(1, 60))
def test_a_term_holds_exactly_its_number_of_working_days(start: date, length: int) -> None:
    end = CALENDAR.after(start, length)
    inside = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert sum(map(CALENDAR.is_working_day, inside)) == length
    assert CALENDAR.is_working_day(end)


def test_a_december_term_crosses_into_a_year_not_announced() -> None:
    assert CALENDAR.is_provisional(date(2027, 1, 4))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.after(date(2026, 12, 21), 20) == date(2027, 1, 18)


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 11, 30), None),
        (date(2026, 12, 1), 2027),
        (date(2027, 1, 4), 2027),
        (date(2025, 12, 31), None),
        (date(2023, 6, 1), 2023),
    ],
)
def test_next_year_s_days_off_are_missed_from_december_on(today: date, missing: int | None) -> None:
    assert CALENDAR.missing(today) == missing


@given(DAYS, DAYS)
def test_what_is_left_of_a_term_is_counted_in_working_days(due: date, today: date) -> None:
    left = CALENDAR.left(due, today)
    if due < today:
        assert left < 0
    elif CALENDAR.is_working_day(due) and due > today:
        assert CALENDAR.after(today, left) == due
    else:
        assert left >= 0


def test_the_national_day_week_does_not_count() -> None:
    assert CALENDAR.after(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert CALENDAR.of_month(2026, 11, 3) == date(2026, 11, 4)


@pytest.mark.parametrize(
    "text",
    [
        "year = 2025",
        "year = 2030\nholidays = [2031-01-01]",
        "year = 2030\nholidays = [2030-01-01]\nworkdays = [2030-01-01]",
        "year = 2030\nsurprise = 1",
        "year = ",
    ],
)
def test_a_wrong_file_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "2030.toml").write_text(text, "utf-8")
    with pytest.raises(CalendarError, match=r"2030\.toml"):
        load_calendar(tmp_path)


def test_the_mark_of_an_editor_on_windows_is_no_mistake(tmp_path: Path) -> None:
    (tmp_path / "2030.toml").write_bytes(b"\xef\xbb\xbfyear = 2030\r\n")
    assert list(load_calendar(tmp_path).years) == [2030]
