"""Until when a line of the sum counts, and what ends it or gives its points back sooner, in words."""

from collections.abc import Iterator, Mapping
from datetime import date

from scoring.facts import Event, State
from scoring.policy import Indicator, Policy
from scoring.rating import Reason
from scoring.words import EXIT, chinese, number

Course = Mapping[State, Event]


def open_end(rule: Indicator, course: Course, policy: Policy, on: date) -> str:
    """Until when a line counts whose last day nobody knows yet."""
    if policy.scale.ends_by_cure(rule):
        return f"至 {EXIT}为止"
    if not policy.scale.lapses(rule):
        over = rule.restore != "full" or bool(_too_late(course, on))
        return "起，没有期限" if over else "至 改正为止"
    return "至 下一次年检" if rule.until_next == "annual_inspection" else "至 下一次检查"


def cure_words(rule: Indicator, course: Course, policy: Policy, on: date, *, first: bool) -> str:
    """What restores the points of a line that has been given none back; a `first` fault is forgiven."""
    if policy.scale.ends_by_cure(rule):
        return f"{EXIT}之日起不再计分。"
    late = _too_late(course, on)
    if rule.restore == "none" and (late or not first):
        return "不能提前恢复。"
    if late:
        return late
    due = _term(course)
    by = f"最迟{chinese(due)}" if due else "在期限内"
    if first:
        return f"第一次发生，{by}整改并复查合格，不计分。"
    share = "全部" if rule.restore == "full" else "一半（零头归机构）"
    return f"{by}整改并复查合格，恢复{share}。"


def other_ends(reason: Reason, rule: Indicator, course: Course) -> Iterator[str]:
    """What else a cure ends, and what time alone does."""
    full = rule.cap is not None and reason.raw >= rule.cap
    if rule.grows_by is not None and State.PASSED not in course and not full:
        every = f"每满 {rule.grows_every_days} 天加记 {number(rule.grows_by)} 分"
        yield f"改正以前{every}，复查合格即停止。"
    if reason.limits_grade_to and rule.limit_ends_when_passed:
        yield "复查合格后不再限制等级。"
    if reason.counts_until:
        over = "限制等级" if reason.kind == "veto" else "计分"
        yield f"{chinese(reason.counts_until)}期满后不再{over}。"


def _too_late(course: Course, on: date) -> str:
    """Why no cure restores any more; empty while one does."""
    if State.PASSED in course:
        return "整改已过期限，不再恢复。"
    due = _term(course)
    return f"整改期限 {chinese(due)}已过，改正不再恢复分数。" if due and on > due else ""


def _term(course: Course) -> date | None:
    """The last day on which a cure still restores."""
    order = course.get(State.ORDERED)
    return order.due_on if order else None
