"""The terms a step opens: those of the law, each with its article, and the office's own."""

from datetime import date, timedelta
from typing import Literal

from msgspec import Struct

from registry.calendar import Calendar
from scoring.rules import months_after

OWN = "本局内部期限"


class Clock(Struct, frozen=True, kw_only=True):
    """A term that runs from a step on; `anchor` names the state, or states, whose first day it counts from.

    One that `waits` is another's time: the office's next step comes after its last day, not before.
    One `from_record` begins when the party could read of it: served with proof, else recorded here.
    """

    amount: int
    unit: Literal["working_days", "days", "months"]
    article: str
    anchor: str = ""
    waits: bool = False
    from_record: bool = False

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


def own(working_days: int) -> Clock:
    """A term the office sets itself where the law sets none: nothing open stands without a date."""
    return Clock(amount=working_days, unit="working_days", article=OWN)


CASE = Clock(amount=90, unit="days", article="行政处罚法第六十条", anchor="filed")
# Whoever is told may ask for a hearing for five days; the office may not decide before they are over.
DEFENCE = Clock(
    amount=5, unit="working_days", article="行政处罚法第六十四条", waits=True, from_record=True
)
LIST_DEFENCE = Clock(
    amount=5,
    unit="working_days",
    article="浙江省公共信用信息管理条例第二十八条",
    waits=True,
    from_record=True,
)
HEARING_AHEAD = (
    7  # working days between the notice of a hearing and the hearing: 行政处罚法 第六十四条
)
SERVICE = Clock(amount=7, unit="working_days", article="行政处罚法第六十一条")
REVIEW = Clock(
    amount=60, unit="days", article="行政复议法第二十条", anchor="warned fined", waits=True
)
# The sixty days of 行政复议法 第二十条 are over before the six months are, wherever both begin.
SUIT = Clock(
    amount=6,
    unit="months",
    article="行政诉讼法第四十六条",
    anchor="served",
    waits=True,
)
# From the day on which the party received what upheld it, which the office need not be told.
SUIT_AFTER_REVIEW = Clock(
    amount=15, unit="days", article="行政诉讼法第四十五条", waits=True, from_record=True
)
# The law counts from the acceptance; what is promised in public counts from the lodging, which is never later.
OBJECTION = Clock(
    amount=5, unit="working_days", article="浙江省公共信用信息管理条例第三十一条", anchor="lodged"
)
# In all, where the head has it extended.
OBJECTION_AT_MOST = Clock(
    amount=20, unit="working_days", article="浙江省公共信用信息管理条例第三十一条"
)
WITHDRAWAL = Clock(amount=3, unit="working_days", article="行政处罚法第四十八条")
# 行政处罚法 第五十二条 wants a decision made on the spot reported to the organ, and sets no term for it.
FILING = own(2)
PAYMENT = Clock(amount=15, unit="days", article="行政处罚法第六十七条", anchor="fined", waits=True)
# No law sets a term for the loss of the white list: the office gives the five days of other notices.
WHITE_DEFENCE = Clock(amount=5, unit="working_days", article=OWN, waits=True, from_record=True)
NEXT_EDITION = Clock(amount=25, unit="working_days", article=OWN, waits=True)
PROMPT, SHORT, LONG = own(3), own(10), own(20)
ASK_AGAIN = Clock(amount=3, unit="months", article=OWN)
