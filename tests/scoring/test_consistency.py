"""Who is compared with whom, and who is not: first as cases, then as what holds for any counts."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Context, Decimal, localcontext
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring.consistency import (
    LEAST_EXPECTED,
    LEAST_VISITS,
    Comparison,
    Consistency,
    Line,
    Priced,
    Visited,
    compare,
    interval,
)

D = Decimal


def visits(**made: int) -> list[Visited]:
    return [Visited(group=group, visits=number) for group, number in made.items()]


def found(group: str, number: int, code: str = "S01", points: str = "5") -> list[Priced]:
    """So many findings, each at another institution."""
    return [
        Priced(group=group, code=code, points=D(points), institution=f"{group}{place}")
        for place in range(number)
    ]


def line(one: Comparison, group: str) -> Line:
    return next(line for line in one.lines if line.group == group)


def only(compared: Consistency) -> Comparison:
    """The one indicator there is."""
    (one,) = compared.indicators
    return one


# Two districts made 100 visits each and a third made 9; the common rate is 30 findings in 209 visits.
CITY = visits(海曙区=100, 鄞州区=100, 大榭=9)
FAULTS = [*found("海曙区", 22), *found("鄞州区", 7), *found("大榭", 1)]


def test_a_district_is_told_by_its_findings_per_hundred_visits_and_their_points() -> None:
    one = only(compare(CITY, FAULTS))
    assert (one.code, one.visits, one.findings, one.points) == ("S01", 209, 30, D(150))
    assert (one.rate, one.points_per_visit, one.points_per_finding) == (
        D("14.35"),
        D("0.7177"),
        D("5.00"),
    )
    haishu = line(one, "海曙区")
    assert (haishu.visits, haishu.findings, haishu.institutions) == (100, 22, 22)
    assert (haishu.rate, haishu.points, haishu.expected) == (D("22.00"), D(110), D("14.35"))
    assert (haishu.points_per_visit, haishu.points_per_finding) == (D("1.1000"), D("5.00"))


def test_a_district_whose_interval_excludes_the_common_rate_lies_outside_it() -> None:
    one = only(compare(CITY, FAULTS))
    high, low = line(one, "海曙区"), line(one, "鄞州区")
    assert (high.low, high.high, high.outside) == (D("14.52"), D("33.32"), "above")
    assert (low.low, low.high, low.outside) == (D("3.39"), D("14.46"), "")
    stricter = only(compare(CITY, [*FAULTS, *found("海曙区", 2)]))
    assert line(stricter, "鄞州区").outside == "below"


@pytest.mark.parametrize(
    ("group", "made", "faults", "edge"),
    [
        # 50 findings in 110 visits are 45.45 per hundred, 17 in 60 are 28.33.
        ("甲", {"甲": 20, "乙": 90}, {"甲": 15, "乙": 35}, ("45.45", "123.76")),
        ("甲", {"甲": 20, "乙": 40}, {"甲": 1, "乙": 16}, ("0.88", "28.33")),
    ],
    ids=["the lower end", "the upper end"],
)
def test_a_common_rate_at_an_end_of_the_interval_is_inside_it(
    group: str, made: dict[str, int], faults: dict[str, int], edge: tuple[str, str]
) -> None:
    one = only(compare(visits(**made), [f for name in faults for f in found(name, faults[name])]))
    mine = line(one, group)
    assert (str(mine.low), str(mine.high)) == edge
    assert str(one.rate) in edge
    assert (mine.too_small, mine.outside) == ("", "")


def test_the_comparable_stand_by_their_rates_before_the_small_by_their_names() -> None:
    made = visits(丁=9, 丙=100, 乙=200, 甲=50, 一=9)
    one = only(compare(made, [*found("甲", 20), *found("乙", 30), *found("丁", 1)]))
    assert [line.group for line in one.lines] == ["甲", "乙", "丙", "一", "丁"]
    assert one.rates is not None
    assert (one.rates.highest_in, one.rates.lowest_in) == ("甲", "丙")


def test_the_digits_are_the_same_in_whatever_context_they_are_asked_for() -> None:
    expected = compare(CITY, FAULTS), interval(10, 100)
    with localcontext(Context(prec=3, rounding=ROUND_DOWN)):
        assert (compare(CITY, FAULTS), interval(10, 100)) == expected


def test_the_spread_is_between_the_lowest_and_the_highest_who_may_be_compared() -> None:
    one = only(compare(CITY, FAULTS))
    assert one.rates is not None
    assert (one.rates.lowest_in, one.rates.lowest) == ("鄞州区", D("7.00"))
    assert (one.rates.highest_in, one.rates.highest) == ("海曙区", D("22.00"))
    assert one.rates.ratio == D("3.14")
    assert one.points_spread is not None
    assert (one.points_spread.lowest, one.points_spread.highest) == (D("0.3500"), D("1.1000"))
    assert one.left_out == 1


def test_who_made_nine_visits_is_counted_and_not_compared() -> None:
    one = only(compare(CITY, [*FAULTS, *found("大榭", 8)]))
    small = line(one, "大榭")
    assert (small.visits, small.findings, small.rate) == (9, 9, D("100.00"))
    assert (small.too_small, small.outside) == ("visits", "")
    assert [line.group for line in one.lines] == ["海曙区", "鄞州区", "大榭"]
    assert [line.group for line in one.comparable] == ["海曙区", "鄞州区"]


@pytest.mark.parametrize(("made", "too_small"), [(9, "visits"), (10, ""), (11, "")])
def test_ten_visits_are_enough_where_five_findings_are_expected_of_them(
    made: int, too_small: str
) -> None:
    one = only(compare(visits(甲=made, 乙=90), [*found("甲", 50), *found("乙", 50)]))
    assert line(one, "甲").too_small == too_small


@pytest.mark.parametrize(("faults", "too_small"), [(9, "expected"), (10, "")])
def test_exactly_five_expected_findings_are_enough(faults: int, too_small: str) -> None:
    one = only(compare(visits(甲=50, 乙=50), found("甲", faults)))
    assert line(one, "乙").too_small == too_small
    assert line(one, "乙").expected == D(faults) / 2


def test_nobody_is_shown_as_expecting_five_who_falls_short_of_it() -> None:
    one = only(compare(visits(甲=4999, 乙=5001), found("甲", 10)))
    assert (line(one, "甲").expected, line(one, "甲").too_small) == (D("4.99"), "expected")
    assert (line(one, "乙").expected, line(one, "乙").too_small) == (D("5.00"), "")


def test_a_single_district_has_nobody_to_be_compared_with() -> None:
    one = only(compare(visits(海曙区=100), found("海曙区", 20)))
    assert (one.rates, one.points_spread, one.left_out) == (None, None, 0)
    assert line(one, "海曙区").outside == ""


def test_to_a_lowest_of_nothing_there_is_no_ratio() -> None:
    one = only(compare(visits(甲=50, 乙=50), found("甲", 10)))
    assert one.rates is not None
    assert (one.rates.lowest_in, one.rates.lowest, one.rates.ratio) == ("乙", D("0.00"), None)
    assert line(one, "乙").points_per_finding is None


def test_the_visits_of_a_district_may_come_in_portions() -> None:
    portions = [*visits(甲=30, 乙=50), *visits(甲=20)]
    assert compare(portions, found("甲", 9)) == compare(visits(甲=50, 乙=50), found("甲", 9))


def test_equal_districts_are_told_by_their_names() -> None:
    one = only(compare(visits(乙=50, 甲=50), [*found("甲", 10), *found("乙", 10)]))
    assert one.rates is not None
    assert (one.rates.lowest_in, one.rates.highest_in, one.rates.ratio) == ("乙", "乙", D("1.00"))


def test_who_finds_as_much_but_counts_more_heads_differs_in_points_alone() -> None:
    faults = [*found("甲", 10, points="5"), *found("乙", 10, points="15")]
    one = only(compare(visits(甲=50, 乙=50), faults))
    assert one.rates is not None
    assert one.points_spread is not None
    assert (one.rates.ratio, one.points_spread.ratio) == (D("1.00"), D("3.00"))
    assert line(one, "乙").points_per_finding == D("15.00")


def test_several_findings_at_one_institution_are_one_institution() -> None:
    again = [structs.replace(one, institution="NB-1") for one in found("甲", 12)]
    assert line(only(compare(visits(甲=50), again)), "甲").institutions == 1


def test_every_indicator_is_compared_alone_and_all_together() -> None:
    compared = compare(visits(甲=60, 乙=60), [*found("甲", 10), *found("乙", 10, code="F01")])
    assert [one.code for one in compared.indicators] == ["F01", "S01"]
    assert [one.rates.ratio for one in compared.indicators if one.rates] == [None, None]
    assert compared.overall.code == ""
    assert compared.overall.rates is not None
    assert compared.overall.rates.ratio == D("1.00")


def test_of_twenty_even_lines_about_one_lies_outside_by_chance() -> None:
    groups = {f"组{number}": 50 for number in range(10)}
    faults = [one for group in groups for one in found(group, 5)]
    assert compare(visits(**groups), faults).beyond_by_chance == 1
    assert compare(visits(甲=50), found("甲", 5)).beyond_by_chance == 0


def test_where_nobody_visited_there_is_nothing_to_say() -> None:
    nothing = compare([], [])
    assert nothing.indicators == ()
    assert nothing.overall.lines == ()
    assert isinstance(nothing.overall.points, Decimal)  # for JSON writes it as text
    assert (nothing.overall.rate, nothing.overall.rates) == (None, None)
    assert nothing.beyond_by_chance == 0


def test_findings_without_any_visit_are_counted_and_have_no_rate() -> None:
    one = only(compare([], found("甲", 3)))
    alone = line(one, "甲")
    assert (alone.findings, alone.rate, alone.low, alone.high) == (3, None, None, None)
    assert (alone.expected, alone.too_small, alone.outside) == (D(0), "visits", "")


@pytest.mark.parametrize(
    ("faults", "made", "low", "high"),
    [
        # x + z²/2 ± z·√(x + z²/4) over n, with z² = 3.8415: for 10 in 100, 11.9207 ± 6.4887.
        (10, 100, "5.43", "18.41"),
        (0, 100, "0.00", "3.85"),
        (300, 100, "267.91", "335.93"),
    ],
)
def test_the_interval_is_that_of_the_textbook(faults: int, made: int, low: str, high: str) -> None:
    assert interval(faults, made) == (D(low), D(high))


GROUPS = st.sampled_from("甲乙丙丁")
MADE = st.lists(st.builds(Visited, group=GROUPS, visits=st.integers(0, 400)), max_size=8)
PRICED = st.lists(
    st.builds(
        Priced,
        group=GROUPS,
        code=st.sampled_from(("F01", "S01")),
        points=st.integers(0, 100).map(Decimal),
        institution=st.sampled_from(("NB-1", "NB-2", "NB-3")),
    ),
    max_size=80,
)


def every(compared: Consistency) -> Iterable[Comparison]:
    return (compared.overall, *compared.indicators)


@given(MADE, PRICED, st.randoms(use_true_random=False))
def test_order_never_matters(made: list[Visited], priced: list[Priced], random: Random) -> None:
    first = compare(made, priced)
    random.shuffle(made)
    random.shuffle(priced)
    assert compare(made, priced) == first


@given(MADE, PRICED)
def test_the_groups_sum_to_the_whole(made: list[Visited], priced: list[Priced]) -> None:
    compared = compare(made, priced)
    for one in every(compared):
        assert one.visits == sum(line.visits for line in one.lines) == sum(v.visits for v in made)
        assert one.findings == sum(line.findings for line in one.lines)
        assert one.points == sum(line.points for line in one.lines)
    assert compared.overall.findings == len(priced)
    assert compared.overall.findings == sum(one.findings for one in compared.indicators)
    assert compared.overall.points == sum(one.points for one in compared.indicators)


@given(MADE, PRICED)
def test_merging_two_groups_conserves_the_totals(made: list[Visited], priced: list[Priced]) -> None:
    def merged(group: str) -> str:
        return "甲" if group == "乙" else group

    apart = compare(made, priced)
    together = compare(
        [structs.replace(one, group=merged(one.group)) for one in made],
        [structs.replace(one, group=merged(one.group)) for one in priced],
    )
    for before, after in zip(every(apart), every(together), strict=True):
        assert (after.code, after.visits, after.findings, after.points, after.rate) == (
            before.code,
            before.visits,
            before.findings,
            before.points,
            before.rate,
        )


@given(MADE, PRICED)
def test_a_group_too_small_is_never_in_the_spread_nor_ranked(
    made: list[Visited], priced: list[Priced]
) -> None:
    for one in every(compare(made, priced)):
        small = [line for line in one.lines if line.too_small]
        assert one.left_out == len(small)
        assert one.lines == (*one.comparable, *sorted(small, key=lambda line: line.group))
        assert not any(line.outside for line in small)
        ends = [end for end in (one.rates, one.points_spread) if end is not None]
        assert len(ends) == (2 if len(one.comparable) > 1 else 0)
        named = {group for end in ends for group in (end.lowest_in, end.highest_in)}
        assert named <= {line.group for line in one.comparable}
        for line in one.lines:
            enough = line.visits >= LEAST_VISITS and line.expected >= LEAST_EXPECTED
            assert enough is not bool(line.too_small)


@given(MADE, PRICED)
def test_the_comparable_stand_in_order_between_the_ends_of_the_spread(
    made: list[Visited], priced: list[Priced]
) -> None:
    for one in every(compare(made, priced)):
        rates = [line.rate for line in one.comparable if line.rate is not None]
        assert rates == sorted(rates, reverse=True)
        if one.rates is not None:
            assert (one.rates.highest, one.rates.lowest) == (rates[0], rates[-1])


@given(st.integers(0, 100_000), st.integers(1, 100_000))
def test_the_interval_holds_the_rate_and_ends_above_nothing(faults: int, made: int) -> None:
    low, high = interval(faults, made)
    assert 0 <= low <= D(100 * faults) / made <= high


@given(MADE, PRICED)
def test_a_rate_is_never_below_nothing_and_outside_only_beyond_its_interval(
    made: list[Visited], priced: list[Priced]
) -> None:
    for one in every(compare(made, priced)):
        for line in one.lines:
            if line.rate is None or line.low is None or line.high is None or one.rate is None:
                assert line.visits == 0
                continue
            assert 0 <= line.low <= line.rate <= line.high
            apart = one.rate < line.low or line.high < one.rate
            assert bool(line.outside) is (apart and not line.too_small)
