"""One fact, one deduction, when a cap makes the dearer paper the cheaper one."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from scoring import assess, load_policy, weighing
from scoring.assess import rated_on
from scoring.facts import Record, State
from scoring.rating import Rating
from tests.scoring.records import ON, record, sound
from tests.scoring.strategies import POLICY, STANDING, YEARLY, records

GROWING = load_policy(STANDING.replace("cap = 25\n", "").encode())


def fault(id: str, code: str, case: str = "", days: int = 60) -> Record:
    """A proven fault of some days ago, or under the code O of a case the decision that punishes it."""
    seen = ON - timedelta(days=days)
    kind = "decision" if case and code == "O" else "finding"
    return record(id, code, seen, State.CONFIRMED, State.ORDERED, State.FINAL, case=case, kind=kind)


def held(rating: Rating) -> dict[str, int]:
    """What each record costs before the floor."""
    return {one.record: int(one.held) for one in rating.reasons}


def test_the_dearer_paper_of_a_fact_counts() -> None:
    found = rated_on(sound([fault("f", "F", "c"), fault("o", "O", "c")]), POLICY, ON)
    assert held(found) == {"f": 0, "o": 15}
    (absorbed,) = (one for one in found.reasons if one.record == "f")
    assert (absorbed.kind, absorbed.absorbed_by, absorbed.left) == ("absorbed", "o", 5)


def test_where_the_dearer_papers_cap_is_spent_the_other_counts() -> None:
    spent = [fault("o1", "O", days=90), fault("o2", "O", days=80)]
    found = rated_on(sound([*spent, fault("f", "F", "c"), fault("o", "O", "c")]), POLICY, ON)
    assert held(found) == {"o1": 15, "o2": 15, "f": 5, "o": 0}


def test_of_equally_dear_papers_the_earlier_counts() -> None:
    found = rated_on(sound([fault("late", "O", "c", 10), fault("early", "O", "c", 20)]), POLICY, ON)
    assert held(found) == {"early": 15, "late": 0}


def test_where_neither_paper_costs_anything_the_dearer_stands_for_the_fact() -> None:
    spent = [fault(f"{code}{n}", code, days=90 - n) for code in "FO" for n in range(4)]
    found = rated_on(sound([*spent, fault("f", "F", "c"), fault("o", "O", "c")]), POLICY, ON)
    by = {one.record: one for one in found.reasons}
    assert (by["f"].absorbed_by, by["o"].absorbed_by) == ("o", "")
    assert (by["f"].kind, by["o"].kind, by["o"].held) == ("absorbed", "deduction", 0)


def test_the_papers_of_two_cases_are_chosen_together_and_not_one_after_the_other() -> None:
    # Of two orders one fills the cap: beside it six points of the second case are more than five.
    policy = load_policy(
        STANDING.replace("points = 15\ncap = 30", "points = 15\ncap = 15")
        .replace("cap = 35", "cap = 30")
        .encode()
    )
    papers = [("f1", "F", "c1"), ("o1", "O", "c1"), ("i2", "I", "c2"), ("o2", "O", "c2")]
    found = [fault(*paper, days=90 - 10 * number) for number, paper in enumerate(papers)]
    expected = {"f1": 0, "o1": 15, "i2": 6, "o2": 0}
    assert held(rated_on(sound(found), policy, ON)) == expected


def test_papers_that_cost_no_more_than_a_point_together_are_weighed_too() -> None:
    text = STANDING.replace("points = 5\ncap = 15", "points = 0.5\ncap = 0.5")
    text = text.replace("cap = 35", "cap = 1")
    cheap = load_policy(text.replace("points = 15\ncap = 30", "points = 0.5\ncap = 0.5").encode())
    found = [fault("f1", "F", days=90), fault("f", "F", "c"), fault("o", "O", "c")]
    assert rated_on(sound(found), cheap, ON).score == 99


def test_more_facts_than_can_be_tried_at_once_are_decided_in_turn() -> None:
    # Twelve facts with two papers each are 4,096 combinations; 1,024 are tried at a time.
    papers = [
        fault(f"{number:02}{code}", code, f"c{number}", 100 - number)
        for number in range(12)
        for code in "IO"
    ]
    rating = rated_on(sound(papers), POLICY, ON)
    costs = held(rating)
    # Two orders fill their cap; the ten others count as what was found, six points each.
    assert sum(costs.values()) == 30 + 10 * 6
    assert sum(one.kind == "absorbed" for one in rating.reasons) == 12
    assert rating.score == 10


def test_of_several_bonuses_no_more_counts_than_the_most_there_may_be() -> None:
    praise = [
        record(f"b{number}", "B", ON, State.CONFIRMED, kind="commendation") for number in range(4)
    ]
    rating = rated_on(sound(praise), POLICY, ON)
    assert [one.points for one in rating.reasons] == [2, 2, 1, 0]
    assert rating.score == 105


def test_a_bonus_is_no_paper_of_a_fact() -> None:
    praise = record("b", "B", ON, State.CONFIRMED, case="c", kind="commendation")
    assert rated_on(sound([praise, fault("f", "F", "c")]), POLICY, ON).score == 97


def test_several_faults_of_one_case_each_count_until_a_dearer_decision_stands_for_them() -> None:
    faults = [fault("f1", "F", "c"), fault("i1", "I", "c")]
    assert held(rated_on(sound(faults), POLICY, ON)) == {"f1": 5, "i1": 6}
    decided = rated_on(sound([*faults, fault("o", "O", "c")]), POLICY, ON)
    assert held(decided) == {"f1": 0, "i1": 0, "o": 15}
    many = [*faults, fault("i2", "I", "c"), fault("o", "O", "c")]
    together = rated_on(sound(many), POLICY, ON)  # seventeen points of faults against fifteen
    assert held(together) == {"f1": 5, "i1": 6, "i2": 6, "o": 0}
    (absorbed,) = (one for one in together.reasons if one.kind == "absorbed")
    assert absorbed.absorbed_by == "f1"


@given(st.lists(records("FO"), max_size=7))
def test_the_choice_between_papers_costs_the_most_of_all_choices(found: list[Record]) -> None:
    # A paper gives points back with the cure of what it punishes, which a fact that stands alone does not know of.
    found = [
        structs.replace(one, events=tuple(e for e in one.events if e.state != State.PASSED))
        for one in found
    ]
    rating = rated_on(sound(found), POLICY, ON)
    counting = {one.record for one in rating.reasons}
    cases: dict[str, list[Record]] = {}
    for one in found:
        if one.id in counting:
            cases.setdefault(one.case or one.id, []).append(one)
    sides = []
    for some in cases.values():
        faults = [one for one in some if one.kind != "decision"]
        decisions = [[one] for one in some if one.kind == "decision"]
        sides.append([*([faults] if faults else []), *decisions])
    costs = []
    for chosen in product(*sides):
        # With each fact standing alone there is nothing left to choose; gates F and O need no mates.
        bare = [structs.replace(one, case="", kind="finding") for side in chosen for one in side]
        costs.append(sum(held(rated_on(sound(bare), POLICY, ON)).values()))
    assert sum(held(rating).values()) == max(costs, default=0)


def test_without_a_cap_a_price_grows_until_it_is_cured() -> None:
    seen = ON - timedelta(days=300)
    rating = assess(sound([record("m", "M", seen, State.ORDERED)]), GROWING, ON)
    (reason,) = rating.reasons
    assert (reason.grown, reason.raw) == (10, Decimal(80))
    assert rating.changes_on == seen + timedelta(days=330)
    assert date(2026, 6, 30) == ON


def test_a_cap_by_the_year_starts_anew_though_what_outlasts_the_year_counts_on() -> None:
    text = YEARLY.replace(
        "points = 5\ncap = 15\nmonths = 6",
        "points = 10\ncap = 10\nmonths = 24\noutlasts_year = true",
    )
    days = [date(2025, 10, 1), date(2026, 3, 31), date(2026, 4, 1), date(2026, 5, 1)]
    found = [record(f"f{n}", "F", day, State.CONFIRMED) for n, day in enumerate(days)]
    costs = held(rated_on(sound(found), load_policy(text.encode()), ON))
    assert costs == {"f0": 10, "f1": 0, "f2": 10, "f3": 0}


def test_ten_thousand_faults_and_a_thousand_cases_are_weighed() -> None:
    faults = [fault(f"{n:05}", "F", days=1 + n % 150) for n in range(10_000)]
    rating = rated_on(sound(faults), POLICY, ON)
    assert (rating.score, sum(held(rating).values())) == (85, 15)
    papers = [
        fault(f"{n:05}{code}", code, f"c{n}", 1 + n % 100) for n in range(1000) for code in "FO"
    ]
    rating = rated_on(sound(papers), POLICY, ON)
    assert sum(one.kind == "absorbed" for one in rating.reasons) == 1000
    assert sum(held(rating).values()) == 30


def test_where_there_are_many_cases_fewer_are_tried_at_once() -> None:
    papers = [fault(f"{n:02}{code}", code, f"c{n}", 100 - n) for n in range(40) for code in "IO"]
    costs = held(rated_on(sound(papers), POLICY, ON))
    # Two orders fill their cap; the others count as what was found, six points each.
    assert sum(costs.values()) == 30 + 38 * 6


@pytest.mark.parametrize(
    ("at_once", "costs"),
    [
        (24, 41),  # all four cases together: 3 x 2 x 2 x 2 choices
        (6, 41),  # the first two, and then the last two
        (5, 40),  # the last two one after the other
        (3, 40),
        (2, 40),  # the first case, of three papers, stays untried; the others are tried
        (1, 35),  # none is tried: of each the dearer paper counts
    ],
)
def test_so_many_choices_are_tried_at_once_and_no_fewer(
    at_once: int, costs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Beside the order that fills its cap six points are more than five: only who tries both sees it.
    policy = load_policy(
        STANDING.replace("points = 15\ncap = 30", "points = 15\ncap = 15")
        .replace("cap = 35", "cap = 30")
        .encode()
    )
    papers = {"c1": "JJJ", "c2": "JJ", "c3": "FO", "c4": "IO"}
    found = [
        structs.replace(
            fault(f"{case}{number}{code}", code, case),
            kind="finding" if code in "FI" else "decision",
        )
        for case, codes in papers.items()
        for number, code in enumerate(codes)
    ]
    monkeypatch.setattr(weighing, "AT_ONCE", at_once)
    assert sum(held(rated_on(sound(found), policy, ON)).values()) == costs
