"""The fewest actions by trying every set there is, to hold what is clever against."""

from collections.abc import Callable
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from scoring import Facts, Policy, Rating, load_policy
from scoring.actions import actions, after
from scoring.assess import rated_on
from tests.scoring.records import ON
from tests.scoring.strategies import SCHEMES

NINGBO = load_policy((Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes())
DAY = date(2026, 10, 31)
GRADES = {"A": 0, "B": 1, "D": 2}
schemes = pytest.mark.parametrize("policy", SCHEMES, ids=[one.id for one in SCHEMES])


def rank(rating: Rating) -> int:
    return GRADES.get(rating.grade.split("–")[-1], 3)


def brute(
    found: Facts,
    policy: Policy,
    reached: Callable[[Rating], bool],
    by: date,
    going: Callable[[Facts, Policy, date], Facts] = lambda facts, *_: facts,
) -> int | None:
    """The size of the smallest set by trying every set there is; `going` is what goes on after them."""
    possible = actions(found, policy, ON)
    for size in range(len(possible) + 1):
        for chosen in combinations(possible, size):
            if reached(rated_on(going(after(found, chosen, ON), policy, ON), policy, by)):
                return size
    return None
