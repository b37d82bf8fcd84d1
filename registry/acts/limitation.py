"""The two years after which what nobody had seen is no longer punished (行政处罚法 第三十六条)."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session

from registry.errors import Problem
from registry.forms import StepForm
from registry.tables import Finding
from scoring.rules import months_after

TWO_YEARS, FIVE_YEARS = 24, 60  # months
_LASTING = "行为有连续或者继续状态的，从终了之日起计算，请写明哪一天终了"
_GRAVE = "涉及生命健康安全、金融安全且有危害后果的为五年，请写明是哪一种、什么后果"


def lapsed(session: Session, findings: Iterable[str], reason: str) -> Iterator[Problem]:
    """What is wrong with punishing faults that were seen too late; a stated reason answers for it.

    A fault of which no day is recorded is taken to have happened on the day it was seen.
    """
    if reason:
        return
    for id in dict.fromkeys(findings):
        found = session.get_one(Finding, id)
        begun, seen = found.occurred_on, found.seen_on
        if begun is None or seen <= months_after(begun, TWO_YEARS):
            continue
        grave = f"；{_GRAVE}" if seen <= months_after(begun, FIVE_YEARS) else ""
        yield Problem(
            field="reason",
            label=f"“{StepForm.model_fields['reason'].title}”",
            value="",
            remedy=f"问题“{id}”发生于 {begun}，发现于 {seen}，超过二年的不再给予处罚"
            f"（行政处罚法第三十六条）。{_LASTING}{grave}；都不是的，请不要处罚",
        )
