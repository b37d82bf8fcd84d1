"""A policy with a mistake is refused, and the refusal names the place."""

from datetime import date

import pytest

from scoring import PolicyError, in_force, load_policy

HEAD = """
id = "T-1"
title = "Test"
since = 2026-01-01
reference = { document = "办法", article = "第一条" }
[scale]
made_of = "standing"
base = 100
floor = 0
"""
BANDS = """
[[bands]]
grade = "A"
from = 90
[[bands]]
grade = "B"
below = 90
"""
RULE = """
[[indicators]]
code = "S01"
title = "消防"
points = 5
cap = 15
reference = { document = "消防法", article = "第十六条" }
"""


def refused(text: str) -> str:
    with pytest.raises(PolicyError) as caught:
        load_policy(text.encode())
    return str(caught.value)


def test_a_whole_policy_loads_and_carries_its_digest() -> None:
    policy = load_policy((HEAD + BANDS + RULE).encode())
    assert len(policy.digest) == 64
    assert policy.by_code["S01"].points == 5


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (HEAD + BANDS.replace("below = 90", "below = 89") + RULE, "bands B/A"),
        (HEAD + BANDS.replace("below = 90", "below = 91") + RULE, "bands B/A"),
        (HEAD + BANDS.replace('"B"', '"A"') + RULE, "bands A"),
        (HEAD + BANDS + RULE + RULE, "indicators S01"),
        (HEAD + BANDS + RULE.replace("第十六条", " "), "indicators S01"),
        (HEAD + BANDS + RULE.replace("points = 5", "points = 50"), "indicators S01"),
        (HEAD + BANDS + RULE.replace("points = 5", "points = 0"), "indicators S01"),
        (HEAD + BANDS + RULE + 'limits_grade_to = "Z"', "indicators S01"),
        (HEAD + BANDS + RULE + "surprise = 1", "$.indicators"),
        (HEAD + BANDS + RULE.replace("points = 5", 'points = "many"'), "$.indicators"),
        (HEAD + BANDS, "indicators"),
        (HEAD + RULE, "$"),
        ("id = ", "$"),
    ],
)
def test_a_mistake_is_refused_with_its_place(text: str, place: str) -> None:
    assert place in refused(text)


def test_all_mistakes_are_named_at_once() -> None:
    text = HEAD + BANDS.replace("below = 90", "below = 80") + RULE.replace("第十六条", "") + RULE
    assert "3 处" in refused(text)


def test_a_score_between_integers_falls_into_exactly_one_band() -> None:
    policy = load_policy((HEAD + BANDS + RULE).encode())
    for score in ("89.5", "89.99", "90", "-1", "0", "100.5"):
        from decimal import Decimal

        assert sum(band.holds(Decimal(score)) for band in policy.bands) == 1


def test_on_every_day_exactly_one_version_is_in_force() -> None:
    old = load_policy(
        (
            HEAD.replace("since = 2026-01-01", "since = 2025-01-01\nuntil = 2026-01-01")
            + BANDS
            + RULE
        ).encode()
    )
    new = load_policy((HEAD + BANDS + RULE).encode())
    assert in_force([old, new], date(2025, 12, 31)) is old
    assert in_force([old, new], date(2026, 1, 1)) is new
    for day, versions in ((date(2024, 1, 1), [old, new]), (date(2026, 5, 1), [new, new])):
        with pytest.raises(PolicyError):
            in_force(versions, day)
