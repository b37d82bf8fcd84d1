"""The conditions of the white list: each met or not, each in a sentence, none a bare no."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from scoring.facts import Cover, Custody, Facts, Term
from scoring.policy import Policy, WhiteCondition
from scoring.rating import Condition
from scoring.rules import months_after, overdue

CLASSES = {
    "premises": "场所责任",
    "performance": "履约",
    "accident": "学员意外",
    "employer": "雇主责任",
    "credit": "预付学费信用",
}
Answer = tuple[bool, str]
Dated = TypeVar("Dated", Term, Custody)


def conditions(facts: Facts, policy: Policy, grade: str, on: date) -> tuple[Condition, ...]:
    """Every condition of the policy with its answer on the day."""
    answers = ((one, _ANSWERS[one.kind](facts, one, grade, on)) for one in policy.white)
    return tuple(
        Condition(
            code=one.kind, title=one.title, met=met, sentence=sentence, reference=one.reference
        )
        for one, (met, sentence) in answers
    )


def condition_turns(facts: Facts, policy: Policy) -> Iterator[date]:
    """Every day on which time alone could change an answer."""
    for term in (*facts.licences, *facts.registrations):
        yield term.since
        if term.until:
            yield term.until + timedelta(days=1)
    for cover in facts.covers:
        yield cover.since
        yield cover.until + timedelta(days=1)
    for account in facts.custody:
        yield account.since
        if account.until:
            yield account.until + timedelta(days=1)
        for one in policy.white:
            if account.reported_on and one.days:
                yield account.reported_on + timedelta(days=one.days + 1)
    for record in facts.records:
        for event in record.events:
            if event.due_on:
                yield event.due_on + timedelta(days=1)
    if facts.opened_on:
        yield months_after(facts.opened_on, 12)


def in_term(terms: Iterable[Dated], on: date) -> list[Dated]:
    """The licences, registrations or accounts that hold on a day, both ends included."""
    return [one for one in terms if one.since <= on and (one.until is None or on <= one.until)]


def _answer(terms: tuple[Term, ...], what: str, on: date) -> Answer:
    if in_term(terms, on):
        return True, f"{what}有效。"
    ended = [one.until for one in terms if one.until and one.until < on]
    return False, f"{what}已于 {max(ended)} 到期。" if ended else f"没有有效的{what}。"


def _licence(facts: Facts, _: WhiteCondition, __: str, on: date) -> Answer:
    return _answer(facts.licences, "办学许可证", on)


def _registration(facts: Facts, _: WhiteCondition, __: str, on: date) -> Answer:
    return _answer(facts.registrations, "法人登记", on)


def _annual(facts: Facts, _: WhiteCondition, __: str, on: date) -> Answer:
    known = [one for one in facts.annual_inspections if one.on <= on]
    if not known:
        young = facts.opened_on is not None and on < months_after(facts.opened_on, 12)
        return young, "设立不满一年，免看年检。" if young else "没有年检结果。"
    last = max(known, key=lambda one: (one.year, one.on))
    return last.result == "合格", f"{last.year} 年度年检{last.result}。"


def _overdue(facts: Facts, _: WhiteCondition, __: str, on: date) -> Answer:
    late = sorted(one.id for one in facts.records if overdue(one, on))
    return not late, f"有 {len(late)} 项整改逾期。" if late else "没有逾期的整改。"


def _platform(facts: Facts, _: WhiteCondition, __: str, ___: date) -> Answer:
    words = {
        True: "已纳入全国监管平台。",
        False: "未纳入全国监管平台。",
        None: "是否纳入监管平台不详。",
    }
    return facts.on_platform is True, words[facts.on_platform]


def _custody(facts: Facts, rule: WhiteCondition, _: str, on: date) -> Answer:
    if not facts.charges_in_advance:
        return True, "不预收费，不要求监管专户。"
    open_ = in_term(facts.custody, on)
    if not open_:
        return False, "没有预收费监管专户。"
    reports = [a.reported_on for a in open_ if a.reported_on and a.reported_on <= on]
    if rule.days and (not reports or on > max(reports) + timedelta(days=rule.days)):
        return False, f"监管专户超过 {rule.days} 天没有报送余额。"
    return True, "预收费监管专户已开立。"


def _cover(facts: Facts, rule: WhiteCondition, _: str, on: date) -> Answer:
    held = {one.cover_class for one in facts.covers if insured(one, on)}
    lacking = [CLASSES[one] for one in rule.classes if one not in held]
    return not lacking, f"缺少有效的{'、'.join(lacking)}保险。" if lacking else "保险有效。"


def insured(cover: Cover, on: date) -> bool:
    """Whether a cover protects on a day: in its term, paid, and for this institution."""
    cancelled = cover.cancelled_on is not None and cover.cancelled_on <= on
    sound = cover.insured_matches and cover.premium_paid and not cancelled
    return sound and cover.since <= on <= cover.until


def _grade(_: Facts, rule: WhiteCondition, grade: str, __: date) -> Answer:
    return grade in rule.grades, f"信用等级 {grade}，要求 {'、'.join(rule.grades)}。"


_ANSWERS: dict[str, Callable[[Facts, WhiteCondition, str, date], Answer]] = {
    "licence": _licence,
    "registration": _registration,
    "annual_inspection": _annual,
    "no_overdue": _overdue,
    "platform": _platform,
    "custody": _custody,
    "cover": _cover,
    "grade": _grade,
}
