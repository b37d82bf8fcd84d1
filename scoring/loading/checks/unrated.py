"""Who has no grade, or waits for one: the unrated, the special classes, and the cycle of visits."""

from collections.abc import Iterator

from msgspec import Struct

from scoring.loading.checks.reach import reach
from scoring.loading.checks.rule import Fault, Rule, broken, names, repeated
from scoring.loading.unread import readable
from scoring.policy import Cycle, Indicator, Policy, SpecialClass, Unrated

_UNRATED = (
    Rule[Unrated](
        "yields_to_veto",
        lambda policy, one: (
            one.yields_to_veto and not any(each.limits_grade_to for each in policy.indicators)
        ),
        "没有一项指标限制等级（limits_grade_to），这一项永远不起作用，请删去",
    ),
    Rule[Unrated](
        "yields_to_veto",
        lambda _, one: (
            one.yields_to_veto
            and not one.needs_licence
            and not one.first_days
            and one.months_without_inspection is None
            and not one.classes
        ),
        "没有写谁不评等级（needs_licence、first_days、months_without_inspection、classes），这一项永远不起作用，请删去",
    ),
)
_CLASS = (
    Rule[SpecialClass](
        "record",
        lambda policy, one: one.record not in {each.code for each in policy.indicators},
        "没有这个编码的指标：请写已有的编码，或者补上这项指标（可以是 0 分）",
    ),
    Rule[SpecialClass](
        "from",
        lambda policy, one: (
            one.lowest is not None
            and (highest := reach(policy).highest) is not None
            and one.lowest > highest
        ),
        "高于可能的最高分，永远达不到，请改正",
    ),
)
_CYCLE = (
    Rule[Cycle]("first_kinds", lambda _, one: not one.first_kinds, "请写明首次检查是哪些种类"),
    Rule[Cycle]("again_kinds", lambda _, one: not one.again_kinds, "请写明复查是哪些种类"),
    Rule[Cycle]("at_once", lambda _, one: not one.at_once, "请写明首次检查就给的等级，至少一个"),
    Rule[Cycle](
        "pending",
        lambda policy, one: set(one.at_once) >= {each.grade for each in policy.bands},
        "所有等级首次检查就给，永远不用等待复查：请改正 at_once",
    ),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with those who have no grade, and with the cycle."""
    yield from broken(_UNRATED, policy, policy.unrated)
    for one in readable(_classes(policy)):
        yield from broken(_CLASS, policy, one)
    yield from readable(_forestalled(policy))
    yield from readable(_special_grades(policy))
    if policy.cycle is not None:
        yield from broken(_CYCLE, policy, policy.cycle)
        yield from readable(_kinds(policy, policy.cycle))
        yield from readable(_at_once(policy, policy.cycle))


def _classes(policy: Policy) -> Iterator[SpecialClass]:
    yield from policy.unrated.classes


def _forestalled(policy: Policy) -> Iterator[Fault]:
    """A class that an earlier one, or a veto that goes before, always takes the place of."""
    for place, one in enumerate(policy.unrated.classes):
        if any(_takes(earlier, one) for earlier in policy.unrated.classes[:place]):
            sentence = (
                "符合这一条的都已经符合前面同一编码的一条，这一条永远不起作用：请删去，或者改正顺序"
            )
            yield Fault(one, ("record",), sentence)
        rules = [each for each in policy.indicators if each.code == one.record]
        if policy.unrated.yields_to_veto and rules and all(map(_limits_always, rules)):
            sentence = "这个编码自己就是一票否决，而 yields_to_veto 让否决优先，这一条永远不起作用：请改正一处"
            yield Fault(one, ("record",), sentence)


def _takes(earlier: SpecialClass, later: SpecialClass) -> bool:
    """Whether everybody a later class fits has the earlier one."""
    if earlier.record != later.record or earlier.lowest is None:
        return earlier.record == later.record
    return later.lowest is not None and later.lowest >= earlier.lowest


def _limits_always(one: Indicator) -> bool:
    """Whether a record limits the grade as long as it counts."""
    lifted = one.limit_ends_when_passed or one.restore == "full"
    return one.limits_grade_to != "" and not lifted


def _special_grades(policy: Policy) -> Iterator[Fault]:
    """Whoever reads a grade must know what it is: a band, or a word for those who have none."""
    taken: dict[str, str] = {}
    for part, field, where, grade in readable(_words(policy)):
        # Several classes may share one grade.
        if taken.setdefault(grade, where) != where:
            yield Fault(part, (field,), f"与 {taken[grade]} 同名，看不出是哪一种，请改正")
    for band in policy.bands:
        if band.grade in taken:
            where = taken[band.grade]
            yield Fault(
                band, ("grade",), f"与 {where} 同名，看不出有没有评定：请改名，或者另写 {where}"
            )


def _words(policy: Policy) -> Iterator[tuple[Struct, str, str, str]]:
    """The words that stand in place of a grade, and where each is written."""
    unrated, cycle = policy.unrated, policy.cycle
    yield unrated, "grade", "unrated.grade", unrated.grade
    yield unrated, "suspended_grade", "unrated.suspended_grade", unrated.suspended_grade
    for one in unrated.classes:
        yield one, "grade", "unrated.classes 的 grade", one.grade
    if cycle is not None:
        yield cycle, "pending", "cycle.pending", cycle.pending


def _kinds(policy: Policy, cycle: Cycle) -> Iterator[Fault]:
    yield from readable(repeated(cycle, "first_kinds"))
    yield from readable(repeated(cycle, "again_kinds"))
    both = [one for one in cycle.again_kinds if one in cycle.first_kinds]
    if both:
        yield Fault(
            cycle, ("again_kinds",), f"{names(both)}既是首次检查又是复查，只能是一种，请改正"
        )
    counted = policy.scale.inspection_kinds
    for field, kinds in (("first_kinds", cycle.first_kinds), ("again_kinds", cycle.again_kinds)):
        strange = [one for one in kinds if counted and one not in counted]
        if strange:
            sentence = (
                f"{names(strange)}不在 scale.inspection_kinds 里，这种检查不计分：请补上或改正"
            )
            yield Fault(cycle, (field,), sentence)


def _at_once(policy: Policy, cycle: Cycle) -> Iterator[Fault]:
    yield from repeated(cycle, "at_once")
    grades = [one.grade for one in policy.bands]
    strange = [one for one in cycle.at_once if one not in grades]
    if strange:
        sentence = f"没有等级{names(strange)}，已有的等级是{names(grades)}，请改正"
        yield Fault(cycle, ("at_once",), sentence)
