"""How an edition is called: a month, or a month with the number of a supplementary edition."""

import re
from datetime import date, timedelta

_NAME = re.compile(r"(2\d{3}-(?:0[1-9]|1[0-2]))(?:\.([1-9]\d{0,2}))?")


class WrongPeriod(Exception):
    """A period is not a month as it is written here."""

    def __init__(self, period: str) -> None:
        super().__init__(
            f"期“{period}”不合写法。请写年份和月份，如 2026-11；增补版再写序号，如 2026-11.1。"
        )


def named(name: str) -> tuple[str, int]:
    """The period and the number of an edition by its name; raises WrongPeriod."""
    match = _NAME.fullmatch(name) if name.isascii() else None
    if match is None:
        raise WrongPeriod(name)
    return match[1], int(match[2] or 0)


def year_month(period: str) -> tuple[int, int]:
    """A period's year and month."""
    year, _, month = period.partition("-")
    return int(year), int(month)


def following(period: str) -> str:
    """The period after a period."""
    year, month = year_month(period)
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def last_day(period: str) -> date:
    """The last day of a period's month."""
    return date(*year_month(following(period)), 1) - timedelta(days=1)


def day_before(period: str) -> date:
    """The last day before a period's month begins."""
    return date(*year_month(period), 1) - timedelta(days=1)
