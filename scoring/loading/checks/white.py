"""The conditions of the white list: each rests on facts that somebody records, and no value is idle."""

from collections.abc import Iterator

from scoring.loading.checks.rule import Fault, Rule, broken, names, repeated
from scoring.loading.unread import Unread, readable
from scoring.policy import Policy, WhiteCondition

# Which values the kinds use; those in _NEEDED must be there.
_USED = {
    "annual_inspection": ("results", "months"),
    "no_record": ("codes", "severities"),
    "inspected": ("months",),
    "custody": ("days",),
    "cover": ("classes", "sum_at_least", "days"),
    "grade": ("grades",),
}
_NEEDED = {"inspected": "months", "cover": "classes", "grade": "grades"}
_VALUES = ("days", "months", "results", "classes", "sum_at_least", "grades", "codes", "severities")
_LISTS = ("except_kinds", "results", "classes", "grades", "codes", "severities")
# These may stand several times with different values: each then asks for something else.
_SEVERAL = ("annual_inspection", "no_record", "cover")

_WHITE = (
    Rule[WhiteCondition](
        "codes",
        lambda _, one: one.kind == "no_record" and not one.codes and not one.severities,
        "请写明不得有哪些记录：codes 写编码，或者 severities 写严重程度",
    ),
    Rule[WhiteCondition](
        "severities",
        lambda _, one: "" in one.severities,
        '严重程度请写 "轻微"、"一般" 或者 "严重"，没有写严重程度的指标请用 codes 列出',
    ),
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the conditions of the white list."""
    for index, one in enumerate(readable(policy.white)):
        yield from readable(_values(one))
        yield from broken(_WHITE, policy, one)
        for field in _LISTS:
            yield from readable(repeated(one, field))
        yield from readable(_grades(policy, one))
        yield from readable(_codes(policy, one))
        yield from readable(_severities(policy, one))
        yield from readable(_same(policy, index))


def _given(one: WhiteCondition, field: str) -> bool:
    """Whether a value stands there, be it one that could not be read."""
    value = getattr(one, field)
    return isinstance(value, Unread) or value not in (None, ())


def _values(one: WhiteCondition) -> Iterator[Fault]:
    used = _USED.get(one.kind, ())
    for field in _VALUES:
        if field not in used and _given(one, field):
            uses = f"这种条件只用 {'、'.join(used)}" if used else "这种条件不用别的值"
            yield Fault(one, (field,), f"{uses}，请删去")
    needed = _NEEDED.get(one.kind)
    if needed and not _given(one, needed):
        yield Fault(one, (needed,), f"这种条件要写明 {needed}，请补上")


def _grades(policy: Policy, one: WhiteCondition) -> Iterator[Fault]:
    grades = [each.grade for each in policy.bands]
    strange = [each for each in one.grades if each not in grades]
    if strange:
        sentence = f"没有等级{names(strange)}：请写已有的等级{names(grades)}，没有评定的不能算达到"
        yield Fault(one, ("grades",), sentence)


def _codes(policy: Policy, one: WhiteCondition) -> Iterator[Fault]:
    codes = {each.code for each in policy.indicators}
    strange = [each for each in one.codes if each not in codes]
    if strange:
        sentence = f"没有编码{names(strange)}的指标，不会有这样的记录：请改正或删去"
        yield Fault(one, ("codes",), sentence)
    merits = [each for each in one.codes if any(o.bonus for o in policy.rules.get(each, ()))]
    if merits:
        sentence = f"{names(merits)}是加分的编码，有表彰不该妨碍进白名单：请改正或删去"
        yield Fault(one, ("codes",), sentence)


def _severities(policy: Policy, one: WhiteCondition) -> Iterator[Fault]:
    known = {each.severity for each in policy.indicators}
    strange = [each for each in one.severities if each and each not in known]
    if strange:
        sentence = f"没有一项指标的严重程度是{names(strange)}，不会有这样的记录：请改正或删去"
        yield Fault(one, ("severities",), sentence)


def _same(policy: Policy, index: int) -> Iterator[Fault]:
    one = policy.white[index]
    for earlier in policy.white[:index]:
        values = ("except_kinds", *_VALUES) if one.kind in _SEVERAL else ()
        if earlier.kind == one.kind and all(
            getattr(earlier, field) == getattr(one, field) for field in values
        ):
            yield Fault(one, ("kind",), "前面已有同样的条件，请只留一条")
