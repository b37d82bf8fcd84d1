"""The conditions of the white list: each met or not, each in a sentence, none a bare no."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple, TypeVar

from scoring.facts import Cover, Custody, Facts, Term
from scoring.policy import Policy, WhiteCondition
from scoring.rating import Condition, Reason
from scoring.rules import days_after, months_after, newest_visit, visited_within

CLASSES = {
    "premises": "场所责任",
    "performance": "履约",
    "accident": "学员意外",
    "employer": "雇主责任",
    "credit": "预付学费信用",
}
WAIVED_MONTHS = 12
RESULTS = ("合格", "基本合格", "不合格")
Answer = tuple[bool, str]
Dated = TypeVar("Dated", Term, Custody)


class Asked(NamedTuple):
    """What a condition may look at on any day: the facts, the open terms, and what the sum led to."""

    facts: Facts
    grade: str
    reasons: tuple[Reason, ...]
    terms: tuple[date, ...]


def conditions(policy: Policy, asked: Asked, on: date) -> tuple[Condition, ...]:
    """Every condition of the policy with its answer on the day."""
    found = []
    for one in policy.white:
        met, sentence = _answered(asked, one, on)
        found.append(
            Condition(
                code=one.kind, title=one.title, met=met, sentence=sentence, reference=one.reference
            )
        )
    return tuple(found)


def first_turn(
    policy: Policy, asked: Asked, on: date, now: Iterable[Condition], last: date | None
) -> date | None:
    """The first later day, at the latest `last`, on which time alone changes an answer given now."""
    for rule, one in zip(policy.white, now, strict=True):
        turns = _TURNS.get(rule.kind)
        if turns is None or not binds(rule, asked.facts.kind):
            continue
        for day in turns(asked, rule):
            if on < day and (last is None or day < last):
                then = _ANSWERS[rule.kind](asked, rule, day)
                last = last if then == (one.met, one.sentence) else day
    return last


def binds(rule: WhiteCondition, kind: str) -> bool:
    """Whether a condition asks anything of institutions of a kind; of an unknown kind it does."""
    return kind not in rule.except_kinds


def _answered(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    if not binds(rule, asked.facts.kind):
        return True, f"{asked.facts.kind}不适用这一条。"
    return _ANSWERS[rule.kind](asked, rule, on)


def in_term(terms: Iterable[Dated], on: date) -> list[Dated]:
    """The licences, registrations or accounts that hold on a day, both ends included."""
    return [one for one in terms if one.since <= on and (one.until is None or on <= one.until)]


def _answer(terms: tuple[Term, ...], what: str, on: date) -> Answer:
    if in_term(terms, on):
        return True, f"{what}有效。"
    ended = [one.until for one in terms if one.until and one.until < on]
    return False, f"{what}已于 {max(ended)} 到期。" if ended else f"没有有效的{what}。"


def _licence(asked: Asked, _: WhiteCondition, on: date) -> Answer:
    """A licence is granted for a term: that nobody has said when it ends is said with the answer."""
    met, said = _answer(asked.facts.licences, "办学许可证", on)
    ends = {one.until for one in in_term(asked.facts.licences, on)}
    if None in ends and date.max not in ends:
        return met, f"{said.rstrip('。')}，没有登记到期日。"
    return met, said


def _registration(asked: Asked, _: WhiteCondition, on: date) -> Answer:
    return _answer(asked.facts.registrations, "法人登记", on)


def _annual(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    facts, waived = asked.facts, rule.months or WAIVED_MONTHS
    if not facts.annual_inspections:
        young = facts.opened_on is not None and on < months_after(facts.opened_on, waived)
        span = "一年" if waived == WAIVED_MONTHS else f" {waived} 个月"
        return young, f"设立不满{span}，免看年检。" if young else "没有年检结果。"
    # Of two results of one day the worse is taken: what is not known is not good.
    last = max(facts.annual_inspections, key=lambda o: (o.year, o.on, RESULTS.index(o.result)))
    return last.result in (rule.results or ("合格",)), f"{last.year} 年度年检{last.result}。"


def _overdue(asked: Asked, _: WhiteCondition, on: date) -> Answer:
    late = sum([on > term for term in asked.terms])
    return not late, f"有 {late} 项整改逾期。" if late else "没有逾期的整改。"


def _no_record(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    """Nothing of these codes or severities counts; what was cured in full or forgiven does not."""
    found = [
        one.title
        for one in asked.reasons
        if (one.code in rule.codes or one.severity in rule.severities)
        and one.kind != "forgiven"
        and one.restored != "full"
    ]
    return not found, f"有记录：{'、'.join(found)}。" if found else "没有这类记录。"


def _inspected(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    months = rule.months or 0
    met = visited_within(asked.facts, months, on, onsite=True)
    return met, f"{months} 个月内{'有' if met else '没有'}现场检查。"


def _platform(asked: Asked, _: WhiteCondition, on: date) -> Answer:
    words = {
        True: "已纳入全国监管平台。",
        False: "未纳入全国监管平台。",
        None: "是否纳入监管平台不详。",
    }
    return asked.facts.on_platform is True, words[asked.facts.on_platform]


def _custody(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    if not asked.facts.charges_in_advance:
        return True, "不预收费，不要求监管专户。"
    open_ = in_term(asked.facts.custody, on)
    if not open_:
        return False, "没有预收费监管专户。"
    reports = [one.reported_on for one in open_ if one.reported_on]
    if rule.days and (not reports or on > days_after(max(reports), rule.days)):
        return False, f"监管专户超过 {rule.days} 天没有报送余额。"
    return True, "预收费监管专户已开立。"


def _cover(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    enough = [one for one in asked.facts.covers if one.sum_fen >= (rule.sum_at_least or 0)]
    sound = [one for one in enough if insured(one, on)]
    bare = {one: unprotected(sound, one) for one in rule.classes}
    if set(bare.values()) <= {()}:
        return True, "保险有效。"
    if graced := _in_grace(enough, rule, on):
        return True, graced
    lacking = [CLASSES[one] for one, places in bare.items() if places is None]
    said = [f"缺少有效的{'、'.join(lacking)}保险。"] if lacking else []
    said += [f"{CLASSES[one]}保险没有包括{'、'.join(some)}。" for one, some in bare.items() if some]
    return False, "".join(said)


def _in_grace(covers: Iterable[Cover], rule: WhiteCondition, on: date) -> str:
    """What is said where no class is missing longer than the days of grace; empty where one is.

    A cover that was cancelled, or not paid, has no grace.
    """
    days, said = rule.days or 0, []
    sound = [one for one in covers if insured(one, on)]
    ended = [one for one in covers if insured(one, one.until) and one.until < on]
    for kind in rule.classes:
        last, held = on, list(sound)
        for one in sorted(ended, key=lambda one: one.until, reverse=True):
            if unprotected(held, kind) == () or one.cover_class != kind:
                continue
            held.append(one)
            last = one.until
        if unprotected(held, kind) != () or on > days_after(last, days):
            return ""
        if last < on:
            until = days_after(last, days)
            said.append(f"{CLASSES[kind]}保险已于 {last} 到期，宽限到 {until}。")
    return "".join(said)


def unprotected(sound: Iterable[Cover], cover_class: str) -> tuple[str, ...] | None:
    """The places that none of these covers of a class protects; None if there is no such cover."""
    left = [one.leaves_out or () for one in sound if one.cover_class == cover_class]
    if not left:
        return None
    return tuple([place for place in left[0] if all(place in other for other in left[1:])])


def insured(cover: Cover, on: date) -> bool:
    """Whether a cover protects on a day: in its term, paid, and for this institution."""
    cancelled = cover.cancelled_on is not None and cover.cancelled_on <= on
    sound = cover.insured_matches and cover.premium_paid and not cancelled
    return sound and cover.since <= on <= cover.until


def _grade(asked: Asked, rule: WhiteCondition, on: date) -> Answer:
    met = asked.grade in rule.grades
    return met, f"信用等级 {asked.grade}，要求 {'、'.join(rule.grades)}。"


_ANSWERS: dict[str, Callable[[Asked, WhiteCondition, date], Answer]] = {
    "licence": _licence,
    "registration": _registration,
    "annual_inspection": _annual,
    "no_overdue": _overdue,
    "no_record": _no_record,
    "inspected": _inspected,
    "platform": _platform,
    "custody": _custody,
    "cover": _cover,
    "grade": _grade,
}


def _term_turns(terms: Iterable[Term | Custody]) -> Iterator[date]:
    """The first day of each, and the day after its last."""
    for one in terms:
        yield one.since
        if one.until is not None:
            yield days_after(one.until, 1)


def _annual_turns(asked: Asked, rule: WhiteCondition) -> Iterator[date]:
    # Once there is a result, time alone makes no other.
    if asked.facts.opened_on is not None and not asked.facts.annual_inspections:
        yield months_after(asked.facts.opened_on, rule.months or WAIVED_MONTHS)


def _inspected_turns(asked: Asked, rule: WhiteCondition) -> Iterator[date]:
    newest = newest_visit(asked.facts, onsite=True)
    if newest is not None:
        yield months_after(newest, rule.months or 0)


def _custody_turns(asked: Asked, rule: WhiteCondition) -> Iterator[date]:
    yield from _term_turns(asked.facts.custody)
    for one in asked.facts.custody:
        if one.reported_on is not None and rule.days:
            yield days_after(one.reported_on, rule.days + 1)


def _cover_turns(asked: Asked, rule: WhiteCondition) -> Iterator[date]:
    for one in asked.facts.covers:
        yield one.since
        yield days_after(one.until, 1)
        if rule.days:
            yield days_after(one.until, rule.days + 1)
        if one.cancelled_on is not None:
            yield one.cancelled_on


# Every day on which time alone could change an answer; the other kinds change with the facts alone.
_TURNS: dict[str, Callable[[Asked, WhiteCondition], Iterable[date]]] = {
    "licence": lambda asked, _: _term_turns(asked.facts.licences),
    "registration": lambda asked, _: _term_turns(asked.facts.registrations),
    "annual_inspection": _annual_turns,
    "no_overdue": lambda asked, _: [days_after(term, 1) for term in asked.terms],
    "inspected": _inspected_turns,
    "custody": _custody_turns,
    "cover": _cover_turns,
}
