"""The default policy of Ningbo, by cases a lawyer can read in cases/*.toml."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from scoring import Facts, assess, load_policy

HERE = Path(__file__).parent
POLICY = load_policy((HERE.parents[1] / "config/policy/NB-2026-1.toml").read_bytes())


class Expected(Struct, kw_only=True, forbid_unknown_fields=True):
    grade: str
    status: str
    score: Decimal | None = None
    failed: list[str] = []
    changes_on: date | None = None


class Case(Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    on: date
    sound: bool = True
    facts: dict[str, object] = {}
    expected: Expected


class Cases(Struct, kw_only=True, forbid_unknown_fields=True):
    sound: dict[str, object]
    case: list[Case]


def cases() -> list[object]:
    read = msgspec.toml.decode((HERE / "cases/ningbo.toml").read_bytes(), type=Cases)
    made = []
    for one in read.case:
        whole = {**(read.sound if one.sound else {}), **one.facts}
        facts = msgspec.convert({"institution": "NB-1", **whole}, Facts)
        made.append(pytest.param(facts, one, id=one.name))
    return made


@pytest.mark.parametrize(("facts", "case"), cases())
def test_case(facts: Facts, case: Case) -> None:
    rating = assess(facts, POLICY, case.on)
    expected = case.expected
    assert (rating.grade, rating.status, rating.score) == (
        expected.grade,
        expected.status,
        expected.score,
    )
    if expected.status == "none" and expected.grade != "S":
        assert [one.code for one in rating.conditions if not one.met] == expected.failed
    if expected.changes_on:
        assert rating.changes_on == expected.changes_on


def test_the_whole_table_is_there_and_every_point_cites_an_article() -> None:
    policy = POLICY
    codes = set(policy.by_code)
    families = {"L": 7, "S": 3, "T": 4, "F": 5, "C": 2, "A": 2, "H": 1, "K": 3, "I": 2, "M": 3}
    families |= {"P": 2, "D": 5, "B": 3}
    for letter, last in families.items():
        for number in range(1, last + 1):
            code = f"{letter}{number:02}"
            assert code in codes or f"{code}A" in codes, code
    assert all(one.reference.article for one in policy.indicators)
    assert {one.code for one in policy.indicators if one.black_proposal} == {"T04", "F05", "P01"}
