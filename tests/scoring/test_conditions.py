"""Each condition of the white list, met and not met, in the words a parent reads, and the day it turns."""

from datetime import date, timedelta

import pytest
from msgspec import structs

from scoring import Facts, assess, load_policy
from scoring.actions import actions
from scoring.assess import rated_on
from scoring.facts import AnnualInspection, Cover, Custody, Event, Inspection, Record, State, Term
from tests.scoring.records import ON, record, sound
from tests.scoring.strategies import POLICY, STANDING

NEXT = ON + timedelta(days=1)
EVE = ON - timedelta(days=1)
LONG_AGO = date(2015, 1, 1)


def order(due: date, *more: State) -> Record:
    """An order to correct with its last day."""
    steps = (Event(state=state, on=date(2026, 5, 2)) for state in more)
    ordered = Event(state=State.ORDERED, on=date(2026, 5, 1), due_on=due)
    return record("r", "V", date(2026, 5, 1), ordered, *steps)


def final(code: str, *more: Event) -> Record:
    """A penalty that is final."""
    return record("p", code, date(2026, 5, 1), State.FINAL, *more, kind="decision")


def visit(on: date, *, onsite: bool = True) -> Inspection:
    return Inspection(id=f"{on}", kind="daily", on=on, onsite=onsite)


def cover(**more: object) -> Cover:
    whole = {"sum_fen": 100, "since": LONG_AGO, "until": date(2030, 1, 1), **more}
    return Cover(**whole)  # type: ignore[arg-type]


BOTH = tuple(cover(cover_class=kind) for kind in ("premises", "performance"))
# What is known, the condition, whether it is met, what is said, and the day on which time turns it.
CASES: list[tuple[dict[str, object], str, bool, str, date | None]] = [
    ({}, "licence", False, "没有有效的办学许可证。", None),
    ({"licences": (Term(since=ON, until=date.max),)}, "licence", True, "办学许可证有效。", None),
    (
        {"licences": (Term(since=ON),)},
        "licence",
        True,
        "办学许可证有效，没有登记到期日。",
        None,
    ),
    ({"licences": (Term(since=LONG_AGO, until=ON),)}, "licence", True, "办学许可证有效。", NEXT),
    (
        {"licences": (Term(since=LONG_AGO, until=EVE),)},
        "licence",
        False,
        f"办学许可证已于 {EVE} 到期。",
        None,
    ),
    ({"licences": (Term(since=NEXT),)}, "licence", False, "没有有效的办学许可证。", NEXT),
    ({"registrations": (Term(since=ON),)}, "registration", True, "法人登记有效。", None),
    ({}, "registration", False, "没有有效的法人登记。", None),
    ({}, "annual_inspection", False, "没有年检结果。", None),
    (
        {"opened_on": date(2025, 7, 1)},
        "annual_inspection",
        True,
        "设立不满一年，免看年检。",
        date(2026, 7, 1),
    ),
    ({"opened_on": date(2025, 6, 30)}, "annual_inspection", False, "没有年检结果。", None),
    (
        {
            "annual_inspections": (
                AnnualInspection(year=2025, result="合格", on=date(2026, 5, 1)),
                AnnualInspection(year=2024, result="不合格", on=date(2026, 6, 1)),
            )
        },
        "annual_inspection",
        True,
        "2025 年度年检合格。",
        None,
    ),
    (
        {"annual_inspections": (AnnualInspection(year=2025, result="基本合格", on=ON),)},
        "annual_inspection",
        False,
        "2025 年度年检基本合格。",
        None,
    ),
    ({}, "no_overdue", True, "没有逾期的整改。", None),
    ({"records": (order(ON),)}, "no_overdue", True, "没有逾期的整改。", NEXT),
    ({"records": (order(EVE),)}, "no_overdue", False, "有 1 项整改逾期。", None),
    ({"records": (order(EVE, State.PASSED),)}, "no_overdue", True, "没有逾期的整改。", None),
    ({"records": (order(EVE, State.ANNULLED),)}, "no_overdue", True, "没有逾期的整改。", None),
    ({}, "no_record", True, "没有这类记录。", None),
    ({"records": (final("P"),)}, "no_record", False, "有记录：严重。", None),
    (
        {"records": (final("P"), structs.replace(final("P"), id="q"))},
        "no_record",
        False,
        "有记录：严重、严重。",
        None,
    ),
    ({"records": (final("J"),)}, "no_record", True, "没有这类记录。", None),
    (
        {"inspections": (visit(date(2025, 1, 1)),)},
        "inspected",
        True,
        "18 个月内有现场检查。",
        date(2026, 7, 1),
    ),
    (
        {"inspections": (visit(date(2024, 12, 30)),)},
        "inspected",
        False,
        "18 个月内没有现场检查。",
        None,
    ),
    (
        {"inspections": (visit(ON, onsite=False),)},
        "inspected",
        False,
        "18 个月内没有现场检查。",
        None,
    ),
    (
        {"inspections": (visit(date(2025, 1, 1)), visit(ON, onsite=False))},
        "inspected",
        True,
        "18 个月内有现场检查。",
        date(2026, 7, 1),
    ),
    ({}, "platform", False, "是否纳入监管平台不详。", None),
    ({"on_platform": False}, "platform", False, "未纳入全国监管平台。", None),
    ({"on_platform": True}, "platform", True, "已纳入全国监管平台。", None),
    ({"kind": "民办小学"}, "platform", True, "民办小学不适用这一条。", None),
    ({"kind": "民办大学"}, "platform", False, "是否纳入监管平台不详。", None),
    ({}, "custody", False, "没有预收费监管专户。", None),
    ({"charges_in_advance": False}, "custody", True, "不预收费，不要求监管专户。", None),
    (
        {"custody": (Custody(bank="b", since=LONG_AGO),)},
        "custody",
        False,
        "监管专户超过 45 天没有报送余额。",
        None,
    ),
    (
        {"custody": (Custody(bank="b", since=LONG_AGO, reported_on=ON - timedelta(days=45)),)},
        "custody",
        True,
        "预收费监管专户已开立。",
        NEXT,
    ),
    (
        {"custody": (Custody(bank="b", since=LONG_AGO, reported_on=ON - timedelta(days=46)),)},
        "custody",
        False,
        "监管专户超过 45 天没有报送余额。",
        None,
    ),
    (
        {"custody": (Custody(bank="b", since=LONG_AGO, until=ON, reported_on=ON),)},
        "custody",
        True,
        "预收费监管专户已开立。",
        NEXT,
    ),
    ({}, "cover", False, "缺少有效的场所责任、履约保险。", None),
    ({"covers": BOTH}, "cover", True, "保险有效。", date(2030, 1, 2)),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], until=EVE))},
        "cover",
        True,
        "履约保险已于 2026-06-29 到期，宽限到 2026-07-13。",
        date(2026, 7, 14),
    ),
    (
        {"covers": tuple(structs.replace(one, until=ON - timedelta(days=14)) for one in BOTH)},
        "cover",
        True,
        "场所责任保险已于 2026-06-16 到期，宽限到 2026-06-30。"
        "履约保险已于 2026-06-16 到期，宽限到 2026-06-30。",
        NEXT,
    ),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], until=ON - timedelta(days=15)))},
        "cover",
        False,
        "缺少有效的履约保险。",
        date(2030, 1, 2),
    ),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], until=EVE, cancelled_on=EVE))},
        "cover",
        False,
        "缺少有效的履约保险。",
        date(2030, 1, 2),
    ),
    # Two covers that each leave a place out protect both together, and have their grace together.
    (
        {
            "covers": (
                structs.replace(BOTH[0], leaves_out=("甲路1号",), until=EVE),
                structs.replace(BOTH[0], leaves_out=("乙路2号",), until=ON - timedelta(days=3)),
                BOTH[1],
            )
        },
        "cover",
        True,
        "场所责任保险已于 2026-06-27 到期，宽限到 2026-07-11。",
        date(2026, 7, 12),
    ),
    ({"covers": BOTH[:1]}, "cover", False, "缺少有效的履约保险。", date(2030, 1, 2)),
    (
        {"covers": tuple(structs.replace(one, sum_fen=99) for one in BOTH)},
        "cover",
        False,
        "缺少有效的场所责任、履约保险。",
        None,
    ),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], cancelled_on=NEXT))},
        "cover",
        True,
        "保险有效。",
        NEXT,
    ),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], cancelled_on=ON))},
        "cover",
        False,
        "缺少有效的履约保险。",
        date(2030, 1, 2),
    ),
    (
        {"covers": (BOTH[0], structs.replace(BOTH[1], premium_paid=False))},
        "cover",
        False,
        "缺少有效的履约保险。",
        date(2030, 1, 2),
    ),
    (
        {"covers": (structs.replace(BOTH[0], insured_matches=False), BOTH[1])},
        "cover",
        False,
        "缺少有效的场所责任保险。",
        date(2030, 1, 2),
    ),
    (
        {"covers": (structs.replace(BOTH[0], leaves_out=("甲路1号", "乙路2号")), BOTH[1])},
        "cover",
        False,
        "场所责任保险没有包括甲路1号、乙路2号。",
        date(2030, 1, 2),
    ),
    (
        {
            "covers": (
                structs.replace(BOTH[0], leaves_out=("甲路1号",)),
                structs.replace(BOTH[0], leaves_out=("乙路2号",)),
                BOTH[1],
            )
        },
        "cover",
        True,
        "保险有效。",
        date(2030, 1, 2),
    ),
    (
        {"covers": (structs.replace(BOTH[0], leaves_out=("甲路1号",)),)},
        "cover",
        False,
        "缺少有效的履约保险。场所责任保险没有包括甲路1号。",
        date(2030, 1, 2),
    ),
    ({}, "grade", True, "信用等级 A，要求 A、B。", None),
    ({"records": (final("P"),)}, "grade", False, "信用等级 D，要求 A、B。", None),
]
IDS = [f"{kind} {said} {number}" for number, (_, kind, _, said, _) in enumerate(CASES)]


def whole(values: dict[str, object]) -> Facts:
    """An institution visited yesterday, with these facts."""
    return (
        structs.replace(sound([]), inspections=(visit(EVE),), **values)
        if "inspections" not in (values)
        else structs.replace(sound([]), **values)
    )


@pytest.mark.parametrize(("values", "kind", "met", "said", "turns"), CASES, ids=IDS)
def test_a_condition_is_met_or_not_and_says_so(
    values: dict[str, object], kind: str, met: bool, said: str, turns: date | None
) -> None:
    facts = whole(values)

    def answer(on: date) -> tuple[bool, str]:
        (one,) = (c for c in rated_on(facts, POLICY, on).conditions if c.code == kind)
        return one.met, one.sentence

    assert answer(ON) == (met, said)
    if turns is not None:
        assert answer(turns - timedelta(days=1)) == (met, said)
        assert answer(turns) != (met, said)
        first = assess(facts, POLICY, ON).changes_on
        assert first is not None
        assert first <= turns


def test_the_months_without_an_annual_inspection_are_those_of_the_rule() -> None:
    kind = 'kind = "annual_inspection"\n'
    policy = load_policy(STANDING.replace(kind, f"{kind}months = 18\n").encode())
    for opened, met, said in (
        (date(2025, 1, 1), True, "设立不满 18 个月，免看年检。"),
        (date(2024, 12, 31), False, "没有年检结果。"),
    ):
        rating = rated_on(whole({"opened_on": opened}), policy, ON)
        (one,) = (each for each in rating.conditions if each.code == "annual_inspection")
        assert (one.met, one.sentence) == (met, said)


def test_a_condition_asks_nothing_of_the_kinds_it_leaves_out_now_or_later() -> None:
    kind = 'kind = "cover"\n'
    policy = load_policy(STANDING.replace(kind, f'{kind}except_kinds = ["民办小学"]\n').encode())
    ending = tuple(structs.replace(one, until=EVE) for one in BOTH)
    bound, free = (whole({"kind": one, "covers": ending}) for one in ("培训机构", "民办小学"))
    then = NEXT + timedelta(days=60)
    asked = [
        {one.cover_class for one in actions(facts, policy, then) if one.kind == "cover"}
        for facts in (bound, free)
    ]
    assert asked == [{"premises", "performance"}, set()]
    first = assess(bound, policy, ON).changes_on
    assert first == ON + timedelta(days=14)
    later = assess(free, policy, ON).changes_on
    assert later is None or later > first


def test_what_was_cured_in_full_is_no_record_any_more() -> None:
    kind = 'kind = "no_record"\n'
    policy = load_policy(STANDING.replace(kind, f'{kind}codes = ["J"]\n').encode())
    for more, met in (((), False), ((Event(state=State.PASSED, on=EVE),), True)):
        rating = rated_on(whole({"records": (final("J", *more),)}), policy, ON)
        (one,) = (each for each in rating.conditions if each.code == "no_record")
        assert one.met is met


def test_every_class_of_insurance_has_its_name() -> None:
    classes = '"premises", "performance", "accident", "employer", "credit"'
    text = STANDING.replace('classes = ["premises", "performance"]', f"classes = [{classes}]")
    (found,) = (
        one.sentence
        for one in rated_on(whole({}), load_policy(text.encode()), ON).conditions
        if one.code == "cover"
    )
    assert found == "缺少有效的场所责任、履约、学员意外、雇主责任、预付学费信用保险。"


def test_time_turns_a_rating_first_where_the_first_of_its_terms_ends() -> None:
    facts = whole({"licences": (Term(since=LONG_AGO, until=date(2026, 9, 30)),), "covers": BOTH})
    assert assess(facts, POLICY, ON).changes_on == date(2026, 10, 1)
    visited = structs.replace(facts, inspections=(visit(date(2025, 8, 5)),))
    assert assess(visited, POLICY, ON).changes_on == date(2026, 8, 5)  # the visit is no A any more
    offsite = (*visited.inspections, visit(ON, onsite=False))
    later = assess(structs.replace(visited, inspections=offsite), POLICY, ON)
    assert later.changes_on == date(2026, 8, 5)  # a review of papers is no visit
    old = structs.replace(facts, licences=(), covers=(), inspections=(visit(date(2024, 9, 1)),))
    assert assess(old, POLICY, ON).changes_on == date(2026, 9, 1)  # two years without any
    papers = structs.replace(old, inspections=(visit(date(2024, 9, 1), onsite=False),))
    assert assess(papers, POLICY, ON).changes_on == date(2026, 9, 1)  # there a review counts


def test_a_rating_without_any_end_does_not_change() -> None:
    never = structs.replace(sound([]), status="closed", inspections=())
    assert assess(never, POLICY, ON).changes_on is None
