"""No score lies beyond what the loader reckons from caps and terms, so that no band it refuses could be reached."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import Facts, assess, load_policy
from scoring.facts import Record, State
from scoring.loading.checks.reach import Reach, reach
from tests.scoring.mistakes import problems
from tests.scoring.records import record, sound

HEAD = """
id = "R"
title = "封顶"
since = 2020-01-01
reference = { document = "办法", article = "第一条" }
[scale]
made_of = "standing"
base = 100
"""
BANDS = '\n[[bands]]\ngrade = "A"\n'


def rule(code: str, more: str) -> str:
    reference = 'reference = { document = "法", article = "第二条" }'
    return f'[[indicators]]\ncode = "{code}"\ntitle = "{code}"\n{more}\n{reference}\n'


def group(cap: int) -> str:
    reference = 'reference = { document = "法", article = "第三条" }'
    return f'[[groups]]\ncode = "G"\ntitle = "合计"\ncap = {cap}\n{reference}\n'


YEAR = 'counted_by = "year"'
OWN_YEAR = 'counted_by = "own_year"'
CAPPED = "points = 5\ncap = 10"


@pytest.mark.parametrize(
    ("scale", "rules", "lowest", "highest"),
    [
        ("", [rule("F", f"{CAPPED}\nmonths = 1")], 90, 100),
        ("", [rule("F", f"{CAPPED}\nmonths = 12")], 90, 100),
        ("", [rule("F", f"{CAPPED}\nmonths = 13")], 80, 100),
        ("", [rule("F", f"{CAPPED}\nmonths = 36")], 70, 100),
        ("", [rule("F", f"{CAPPED}\nmonths = 48")], 50, 100),
        ("", [rule("F", "points = 5\nmonths = 12")], None, 100),
        ("", [rule("F", CAPPED)], None, 100),
        ("", [rule("F", f'{CAPPED}\nuntil_next = "inspection"')], None, 100),
        ("", [rule("F", f'{CAPPED}\nmonths = 12\ngate = "P"')], None, 100),
        ("floor = 95", [rule("F", f"{CAPPED}\nmonths = 12")], 95, 100),
        (YEAR, [rule("F", CAPPED)], 90, 100),
        (YEAR, [rule("F", f'{CAPPED}\ngate = "P"')], 90, 100),
        (OWN_YEAR, [rule("F", f"{CAPPED}\nmonths = 12\noutlasts_year = true")], 80, 100),
        (YEAR, [rule("F", CAPPED), rule("O", "points = 7\ncap = 7")], 83, 100),
        (
            YEAR,
            [rule("F", f'{CAPPED}\ngroup = "G"'), rule("O", 'points = 7\ngroup = "G"'), group(12)],
            88,
            100,
        ),
        (
            "",
            [
                rule("F", f'{CAPPED}\nmonths = 24\ngroup = "G"'),
                rule("O", 'points = 7\nmonths = 6\ngroup = "G"'),
                group(12),
            ],
            76,
            100,
        ),
        ("", [rule("F", "points = 5"), rule("B", "points = 2\nbonus = true")], None, None),
        (YEAR, [rule("B", "points = 2\ncap = 6\nbonus = true")], 100, 106),
        (
            f"{YEAR}\nbonus_at_most = 3",
            [rule("B", "points = 2\nbonus = true"), rule("F", CAPPED)],
            90,
            103,
        ),
        (
            f'{YEAR}\nbetter = "lower"',
            [rule("B", "points = 2\ncap = 6\nbonus = true"), rule("F", CAPPED)],
            94,
            110,
        ),
    ],
)
def test_a_score_ends_where_every_cap_is_spent(
    scale: str, rules: list[str], lowest: int | None, highest: int | None
) -> None:
    policy = load_policy("".join((HEAD, scale, BANDS, *rules)).encode())
    assert reach(policy) == Reach(
        *(None if one is None else Decimal(one) for one in (lowest, highest))
    )


def test_a_term_that_cannot_be_read_is_told_alone() -> None:
    (found,) = problems("".join((HEAD, BANDS, rule("F", f'{CAPPED}\nmonths = "12"'))))
    assert found.place == "indicators[1] F · months"


SPANS = st.sampled_from([1, 6, 12, 13, 24, 36, 48, 60])
DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 28)]
)


@st.composite
def faults(draw: st.DrawFn) -> Record:
    seen, code = draw(DAYS), draw(st.sampled_from("FO"))
    return record(draw(st.uuids()).hex, code, seen, State.CONFIRMED, extent=draw(st.integers(1, 3)))


def institution(found: list[Record]) -> Facts:
    return sound(found, opened_on=date(2020, 2, 29))


@given(st.lists(faults(), max_size=12), SPANS, SPANS, st.sampled_from(["", YEAR, OWN_YEAR]), DAYS)
def test_no_score_lies_beyond(
    found: list[Record], first: int, second: int, scale: str, on: date
) -> None:
    more = "\noutlasts_year = true" if scale else ""
    rules = (
        rule("F", f'points = 5\ncap = 9\nmonths = {first}{more}\ngroup = "G"'),
        rule("O", f'points = 4\nmonths = {second}{more}\ngroup = "G"'),
    )
    policy = load_policy("".join((HEAD, scale, BANDS, *rules, group(11))).encode())
    lowest = reach(policy).lowest
    score = assess(institution(found), policy, on + timedelta(days=1)).score
    assert lowest is not None
    assert score is not None
    assert score >= lowest


def test_four_years_from_a_leap_day_hold_a_fifth_span() -> None:
    days = [date(2024, 2, 29), *(date(year, 2, 28) for year in range(2025, 2029))]
    found = [record(str(day), "F", day, State.CONFIRMED) for day in days]
    rules = rule("F", "points = 10\ncap = 10\nmonths = 48")
    policy = load_policy("".join((HEAD, BANDS, rules)).encode())
    assert assess(institution(found), policy, days[-1]).score == reach(policy).lowest == 50
