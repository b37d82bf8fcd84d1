"""A fourth authority, of texts a test writes: its fields, its policies, and what it could not read."""

from collections.abc import Callable

from config.backtest import Outcome

MEASURES = """
id = "M"
title = "Sums"
since = 2020-01-01
reference = { document = "Rule", article = "1" }
[scale]
made_of = "measures"
measures = ["sum"]
[[bands]]
grade = "A"
from = 10
[[bands]]
grade = "B"
below = 10
"""
VISIT = """
id = "P"
title = "Points"
since = 2020-01-01
reference = { document = "Rule", article = "1" }
[scale]
made_of = "inspection"
base = 100
[[bands]]
grade = "A"
from = 90
[[bands]]
grade = "B"
below = 90
[[indicators]]
code = "high"
title = "High risk"
points = 7
reference = { document = "Rule", article = "7" }
[[indicators]]
code = "praise"
title = "Praise"
points = 3
bonus = true
reference = { document = "Rule", article = "3" }
"""
STANDING = VISIT.replace('"inspection"', '"standing"')
OUTCOMES = """
title = "Fourth"
compare = "{compare}"
{top}
[outcomes]
file = "rows.csv"
institution = "id"
day = "on"
value = "result"
"""
FINDINGS = """
[findings]
file = "found.csv"
code = "code"
"""
JOIN = 'institution = "id"\nday = "on"\n'
Backtest = Callable[..., Outcome]


def sums(more: str = "") -> str:
    """An authority that publishes grades and one number."""
    return OUTCOMES.format(compare="grade", top="") + 'measures = { sum = "sum" }\n' + more


def points(
    more: str = "", found: str = JOIN, *, compare: str = "score", history: bool = False
) -> str:
    """An authority that publishes scores and findings."""
    top = "history = true" if history else ""
    return OUTCOMES.format(compare=compare, top=top) + more + FINDINGS + found


def unread(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(one.row, one.field, one.value) for one in outcome.unread]
