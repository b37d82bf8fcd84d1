"""The terms the law sets from a step on, each with its article."""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from registry.calendar import Calendar
from scoring.rules import months_after


class Clock(Struct, frozen=True, kw_only=True):
    """A term the law sets from a step on; `anchor` names the state whose day it counts from."""

    amount: int
    unit: Literal["working_days", "days", "months"]
    article: str
    anchor: str = ""

    def ends(self, start: date, calendar: Calendar) -> date:
        """The last day of the term; one that ends on a day off moves to the next working day."""
        if self.unit == "working_days":
            return calendar.after(start, self.amount)
        if self.unit == "days":
            return calendar.on_or_after(start + timedelta(days=self.amount))
        return calendar.on_or_after(months_after(start, self.amount))

    @property
    def words(self) -> str:
        """The term in Chinese."""
        unit = {"working_days": "个工作日", "days": "日", "months": "个月"}[self.unit]
        return f"{self.amount}{unit}"


CASE = Clock(amount=90, unit="days", article="行政处罚法第六十条", anchor="filed")
DEFENCE = Clock(amount=5, unit="working_days", article="行政处罚法第六十四条")
LIST_DEFENCE = Clock(amount=5, unit="working_days", article="浙江省公共信用信息管理条例第二十八条")
SERVICE = Clock(amount=7, unit="working_days", article="行政处罚法第六十一条")
SUIT = Clock(amount=6, unit="months", article="行政诉讼法第四十六条")
OBJECTION = Clock(amount=5, unit="working_days", article="浙江省公共信用信息管理条例第三十条")
OBJECTION_AT_MOST = Clock(
    amount=20, unit="working_days", article="浙江省公共信用信息管理条例第三十条", anchor="lodged"
)
REVIEW = Clock(amount=60, unit="days", article="行政复议法第二十条")
