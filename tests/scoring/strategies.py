"""Facts of every sort, and schemes that use every notion, for properties that must hold for all."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from hypothesis import strategies as st
from msgspec import UNSET

from scoring import Facts, Policy, load_policy
from scoring.facts import (
    AnnualInspection,
    Cover,
    Custody,
    Event,
    Inspection,
    Listing,
    Measure,
    Record,
    State,
    Term,
)
from tests.scoring.records import black

DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
HEAD = """
id = "{id}"
title = "测试办法"
since = 2020-01-01
reference = {{ document = "办法", article = "第一条" }}
"""
BANDS = """
[[bands]]
grade = "A"
from = 90
needs_onsite_months = 12
[[bands]]
grade = "B"
from = 60
below = 90
[[bands]]
grade = "D"
below = 60
"""
RULES = """
[[indicators]]
code = "F"
title = "轻微"
points = 5
cap = 15
months = 6
restore = "full"
group = "G"
reference = { document = "法", article = "第一条" }
[[indicators]]
code = "O"
title = "一般"
points = 15
cap = 30
months = 12
restore = "half"
gate = "O"
group = "G"
reference = { document = "法", article = "第二条" }
[[indicators]]
code = "P"
title = "严重"
points = 40
severity = "严重"
months = 36
gate = "P"
limits_grade_to = "D"
black_proposal = true
reference = { document = "法", article = "第三条" }
[[indicators]]
code = "J"
title = "失信"
points = 20
cap = 20
months = 24
gate = "PJ"
restore = "full"
limits_grade_to = "B"
reference = { document = "法", article = "第四条" }
[[indicators]]
code = "M"
title = "逾期"
points = 10
grows_by = 7
grows_every_days = 30
cap = 25
months = 12
gate = "O"
reference = { document = "法", article = "第五条" }
[[indicators]]
code = "I"
title = "首次不计"
points = 6
months = 12
forgives_first = true
reference = { document = "法", article = "第六条" }
[[indicators]]
code = "Y"
title = "年检"
points = 10
until_next = "annual_inspection"
gate = "O"
restore = "full"
reference = { document = "法", article = "第七条" }
[[indicators]]
code = "V"
title = "重大隐患"
points = 0
months = 24
gate = "O"
limits_grade_to = "D"
limit_ends_when_passed = true
reference = { document = "法", article = "第八条" }
[[indicators]]
code = "T"
title = "旧规则"
points = 8
months = 12
until = 2026-01-01
reference = { document = "法", article = "第九条" }
[[indicators]]
code = "T"
title = "新规则"
points = 12
months = 6
since = 2026-01-01
reference = { document = "法", article = "第九条" }
[[groups]]
code = "G"
title = "合计"
cap = 35
reference = { document = "法", article = "第十条" }
"""
BONUS = """
[[indicators]]
code = "B"
title = "表彰"
points = 2
bonus = true
months = 12
reference = { document = "法", article = "第十一条" }
"""
WHITE = "\n".join(
    f'[[white]]\nkind = "{kind}"\ntitle = "{kind}"\n{more}\n'
    'reference = { document = "法", article = "第十二条" }'
    for kind, more in (
        ("licence", ""),
        ("registration", ""),
        ("annual_inspection", ""),
        ("no_overdue", ""),
        ("no_record", 'severities = ["严重"]'),
        ("inspected", "months = 18"),
        ("platform", 'except_kinds = ["民办小学"]'),
        ("custody", "days = 45"),
        ("cover", 'classes = ["premises", "performance"]\nsum_at_least = 100\ndays = 14'),
        ("grade", 'grades = ["A", "B"]'),
    )
)
STANDING = (
    HEAD.format(id="standing")
    + '[scale]\nmade_of = "standing"\nbase = 100\nfloor = 0\nbonus_at_most = 5\n'
    + "[unrated]\nfirst_days = 180\nmonths_without_inspection = 24\n"
    + BANDS
    + RULES
    + BONUS
    + WHITE
)
YEARLY = (
    HEAD.format(id="yearly")
    + '[scale]\nmade_of = "standing"\nbase = 0\nceiling = 12\nfloor = 0\nbetter = "lower"\n'
    + 'counted_by = "year"\nyear_begins_month = 4\nfresh_after_listing = true\n'
    + '[[bands]]\ngrade = "A"\nto = 3\n[[bands]]\ngrade = "B"\nabove = 3\nbelow = 12\n'
    + '[[bands]]\ngrade = "D"\nfrom = 12\nproposes = "black"\nproposes_months = 12\n'
    + RULES.replace("months = 36", "months = 12").replace("months = 24", "months = 12")
    + BONUS
)
OWN_YEAR = YEARLY.replace('id = "yearly"', 'id = "own-year"').replace(
    'counted_by = "year"\nyear_begins_month = 4', 'counted_by = "own_year"'
)
UNKNOWN = (
    STANDING.replace('id = "standing"', 'id = "unknown"')
    + '\n[[unknown]]\ntitle = "不详"\npoints = 20\n'
    + 'reference = { document = "法", article = "附表" }\n'
)
SCHEMES = tuple(load_policy(one.encode()) for one in (STANDING, YEARLY, UNKNOWN, OWN_YEAR))
POLICY = SCHEMES[0]
CODES = {code: ("commendation" if one.bonus else "finding") for code, one in POLICY.by_code.items()}
COVERS: tuple[Literal["premises", "performance", "accident"], ...] = (
    "premises",
    "performance",
    "accident",
)


@st.composite
def events(draw: st.DrawFn, seen: date) -> tuple[Event, ...]:
    """Steps in any order a hostile register could hold them, most of them plausible."""
    states = draw(st.lists(st.sampled_from(list(State)), max_size=6))
    gaps = draw(
        st.lists(
            st.sampled_from((0, 0, 30, 60, 95, 200)), min_size=len(states), max_size=len(states)
        )
    )
    return tuple(
        Event(
            state=state,
            on=seen + timedelta(days=gap),
            due_on=draw(
                st.sampled_from((None, seen + timedelta(days=90), seen + timedelta(days=95)))
            ),
        )
        for state, gap in zip(states, sorted(gaps), strict=True)
    )


@st.composite
def records(draw: st.DrawFn, codes: str = "FOPJMIYVTB") -> Record:
    seen = draw(DAYS)
    code = draw(st.sampled_from(codes))
    praise = CODES[code] == "commendation"
    kinds: tuple[Literal["finding", "decision"], ...] = ("finding", "decision")
    return Record(
        id=draw(st.uuids()).hex,
        kind="commendation" if praise else draw(st.sampled_from(kinds)),
        code=code,
        seen_on=seen,
        extent=draw(st.integers(1, 3)),
        case="" if praise else draw(st.sampled_from(("", "", "", "c1", "c2"))),
        events=draw(events(seen)),
    )


@st.composite
def listings(draw: st.DrawFn) -> Listing:
    decided = draw(DAYS)
    return black(
        id=draw(st.uuids()).hex,
        list=draw(st.sampled_from(("black", "watch"))),
        ground="P",
        document_no=draw(st.sampled_from(("", "甬教列〔2026〕1号"))),
        decided_on=decided,
        effective_on=decided + timedelta(days=draw(st.integers(0, 20))),
        until=decided + timedelta(days=draw(st.integers(20, 400))),
        ended_on=draw(st.none() | st.just(decided + timedelta(days=60))),
        annulled=draw(st.booleans()),
    )


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    since = draw(DAYS)
    return Cover(
        cover_class=draw(st.sampled_from(COVERS)),
        sum_fen=draw(st.sampled_from((0, 100, 10**9))),
        since=since,
        until=since + timedelta(days=draw(st.integers(0, 700))),
        cancelled_on=draw(st.none() | st.just(since + timedelta(days=100))),
        insured_matches=draw(st.booleans()),
        premium_paid=draw(st.booleans()),
        leaves_out=draw(st.sampled_from((UNSET, ("甲路1号",), ("乙路2号", "甲路1号")))),
    )


@st.composite
def terms(draw: st.DrawFn) -> Term:
    since = draw(DAYS)
    return Term(since=since, until=draw(st.none() | st.just(since + timedelta(days=365))))


@st.composite
def whole(draw: st.DrawFn, most: int = 5) -> Facts:
    """An institution of any sort."""
    visits = draw(st.lists(st.tuples(DAYS, st.booleans()), max_size=3))
    annual = draw(st.lists(st.tuples(DAYS, st.sampled_from(("合格", "不合格"))), max_size=2))
    return Facts(
        institution="x",
        kind=draw(st.sampled_from(("", "培训机构", "培训机构", "民办小学"))),
        status=draw(st.sampled_from(("active", "active", "active", "suspended"))),
        opened_on=draw(st.none() | DAYS),
        charges_in_advance=draw(st.booleans()),
        on_platform=draw(st.sampled_from((True, True, False, None))),
        inspections=tuple(
            Inspection(
                id=f"i{n}",
                kind="daily",
                on=on,
                onsite=onsite,
                measures=(Measure(code="points", value=Decimal(n)),),
            )
            for n, (on, onsite) in enumerate(visits)
        ),
        records=tuple(draw(st.lists(records(), max_size=most))),
        listings=tuple(draw(st.lists(listings(), max_size=2))),
        licences=tuple(draw(st.lists(terms(), max_size=2))),
        registrations=tuple(draw(st.lists(terms(), max_size=1))),
        annual_inspections=tuple(
            AnnualInspection(year=on.year, result=result, on=on) for on, result in annual
        ),
        covers=tuple(draw(st.lists(covers(), max_size=4))),
        custody=tuple(
            Custody(bank="b", since=on, reported_on=on + timedelta(days=gap))
            for on, gap in draw(st.lists(st.tuples(DAYS, st.integers(0, 500)), max_size=2))
        ),
    )


def policy_of(id: str) -> Policy:
    """One of the schemes by its name."""
    return next(one for one in SCHEMES if one.id == id)
