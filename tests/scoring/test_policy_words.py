"""Whoever reads a version aloud reads all of it: no value of a policy is left out of its summary."""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest

from config.policy_words import summary
from scoring import Policy
from scoring.policy import CoverClass, Gate, Severity
from tests.scoring.sound import INSPECTION, MEASURES, SCHEMES, STANDING

RAW = dict.fromkeys(
    [one.encode() for one in (STANDING, INSPECTION, MEASURES)]
    + [path.read_bytes() for path in SCHEMES]
)
WHOLE = [tomllib.loads(one.decode(), parse_float=Decimal) for one in RAW]
WORDS: dict[str, tuple[str, ...]] = {
    "made_of": ("standing", "inspection"),
    "better": ("higher", "lower"),
    "counted_by": ("validity", "year", "own_year"),
    "gate": get_args(Gate),
    "restore": ("full", "half"),
    "severity": get_args(Severity)[1:],
    "severities": get_args(Severity)[1:],
    "until_next": ("annual_inspection", "inspection"),
    "dated_by": ("seen", "determined"),
    "proposes": ("watch", "black"),
    "kind": ("licence", "registration"),
    "results": ("合格", "基本合格", "不合格"),
}
Place = tuple[str | int, ...]


def leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every single value below one that says something, with its place."""
    if isinstance(value, dict | list):
        for step, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(one, (*place, step))
    elif value not in (None, "", False):
        yield place, value


def other(place: Place, value: Any) -> Any:
    """Another value for a place."""
    name = next(one for one in reversed(place) if isinstance(one, str))
    words = get_args(CoverClass) if name == "classes" and place[0] == "white" else WORDS.get(name)
    if words:
        return next(one for one in words if one != value)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, bool):
        return not value
    return f"1{value}" if isinstance(value, str) else value + 1


def told(tree: Any) -> str:
    return "\n".join(summary(msgspec.convert(tree, Policy)))


def differs(tree: Any, place: Place, value: Any) -> bool:
    """Whether another value at a place is told otherwise."""
    whole, part = told(tree), tree
    *way, last = place
    for step in way:
        part = part[step]
    part[last] = other(place, value)
    try:
        return told(tree) != whole
    except KeyError:  # an indicator whose code nothing knows any more
        return True
    finally:
        part[last] = value


@pytest.mark.parametrize("tree", WHOLE, ids=lambda one: one["id"])
def test_every_value_of_a_version_is_told(tree: Any) -> None:
    silent = [place for place, value in leaves(tree) if not differs(tree, place, value)]
    assert silent == []
