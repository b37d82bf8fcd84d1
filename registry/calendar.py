"""Chinese working days from the city's holiday files, and the terms of the law counted in them."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from scoring.decoding import UNREADABLE, decode_words

SATURDAY = 5


class CalendarError(Exception):
    """A holiday file cannot be used; the sentence names it and what to change."""


class Year(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One year's official adjustments: days off, and weekend days worked instead."""

    year: int
    provisional: bool = False
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()


class Calendar(Struct, frozen=True):
    """The years known; a year not announced has weekends only, which makes every term shortest."""

    years: Mapping[int, Year]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on a day."""
        year = self.years.get(day.year)
        if year is not None and day in year.workdays:
            return True
        return day.weekday() < SATURDAY and (year is None or day not in year.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether the day's year is not yet announced."""
        year = self.years.get(day.year)
        return year is None or year.provisional

    def missing(self, today: date) -> int | None:
        """The year whose days off should be in the folder and are not: next year's from 1 December on."""
        for year in (today.year, today.year + (today.month == 12)):
            if self.is_provisional(date(year, 1, 1)):
                return year
        return None

    def left(self, due: date, today: date) -> int:
        """Working days from today to the last day of a term, or, negative, those gone by since."""
        first, last = sorted((due, today))
        day, many = first, 0
        while day < last:
            day += timedelta(days=1)
            many += self.is_working_day(day)
        return -max(many, 1) if due < today else many

    def after(self, start: date, working_days: int) -> date:
        """The last day of a term of working days; the day of the start does not count.

        Source: 行政处罚法 第八十五条.
        """
        day = start
        for _ in range(working_days):
            day = self.on_or_after(day + timedelta(days=1))
        return day

    def on_or_after(self, day: date) -> date:
        """The day itself or the next working day: where a procedural term ends on a day off."""
        while not self.is_working_day(day):
            day += timedelta(days=1)
        return day

    def of_month(self, year: int, month: int, number: int) -> date:
        """The month's n-th working day."""
        return self.after(date(year, month, 1) - timedelta(days=1), number)


def load_calendar(folder: Path) -> Calendar:
    """The calendar of a city's `holidays/<year>.toml` files; raises CalendarError."""
    years: dict[int, Year] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            # An editor on Windows puts a mark before UTF-8, which is no part of the file.
            year = msgspec.toml.decode(path.read_bytes().decode("utf-8-sig"), type=Year)
        except UNREADABLE as wrong:
            raise CalendarError(f"{path} 不合规定：{decode_words(wrong)}。请改正这一项。") from None
        strange = [day for day in (*year.holidays, *year.workdays) if day.year != year.year]
        both = set(year.holidays) & set(year.workdays)
        if path.stem != str(year.year) or strange or both:
            named = "、".join(map(str, [*strange, *sorted(both)])) or f"year = {year.year}"
            raise CalendarError(
                f"{path}：{named} 与文件名的年份不符，或者既是假日又是工作日。请改正。"
            )
        years[year.year] = year
    return Calendar(years)
