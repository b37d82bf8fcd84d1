"""Every published scheme by cases a lawyer can read: one file of cases/*.toml a scheme, one row a day."""

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from msgspec import Struct

from scoring import Facts, Policy, Rating, assess, in_force, load_policy
from scoring.facts import Event, Record, State
from scoring.rating import Proposal, Reference
from scoring.rules import known

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FILES = sorted((HERE / "cases").glob("*.toml"))
SCHEMES = sorted(
    chain(
        (ROOT / "config/policy").glob("*.toml"),
        (ROOT / "tests/cities").glob("*/policy/*.toml"),
        (HERE / "policies").glob("*.toml"),
        (HERE / "authorities").glob("*/policy*.toml"),
    )
)


class Told(Struct, kw_only=True, forbid_unknown_fields=True):
    """A record in one line: each step by its day, `due` the last day of the order's term."""

    id: str
    kind: Literal["finding", "decision", "commendation"] = "finding"
    code: str
    seen: date
    extent: int = 1
    case: str = ""
    inspection: str = ""
    confirmed: date | None = None
    ordered: date | None = None
    due: date | None = None
    passed: date | None = None
    failed: date | None = None
    decided: date | None = None
    served: date | None = None
    final: date | None = None
    judged: date | None = None
    dismissed: date | None = None
    annulled: date | None = None
    disputed: date | None = None
    dispute_ended: date | None = None
    events: tuple[Event, ...] = ()

    def record(self) -> Record:
        """The record with its steps as events, in order of their days."""
        days = ((state, getattr(self, state, None)) for state in State)
        events = [
            Event(state=state, on=day, due_on=self.due if state == State.ORDERED else None)
            for state, day in days
            if day is not None
        ]
        return Record(
            id=self.id,
            kind=self.kind,
            code=self.code,
            seen_on=self.seen,
            extent=self.extent,
            case=self.case,
            inspection=self.inspection,
            events=(*sorted(events, key=lambda one: one.on), *self.events),
        )


class Expected(Struct, kw_only=True, forbid_unknown_fields=True):
    """What holds on a day; what is left out of the first part is nothing, of the second part not looked at.

    `says` is the sentence of a condition; `points`, `kinds`, `restored`, `grown` (how often a price has grown) and `until` are by record; `until` and `changes_on` are false where there is no such day.
    """

    on: date
    grade: str
    status: str = "none"
    score: Decimal | None = None
    score_from: Decimal | None = None
    score_to: Decimal | None = None
    proposes: tuple[Proposal, ...] = ()
    visit_from: date | None = None
    visit_until: date | None = None

    failed: list[str] | None = None
    says: dict[str, str] | None = None
    points: dict[str, Decimal] | None = None
    kinds: dict[str, str] | None = None
    restored: dict[str, str] | None = None
    grown: dict[str, int] | None = None
    until: dict[str, date | bool] | None = None
    changes_on: date | bool | None = None
    because: str | None = None
    next_grade: str | None = None
    points_to_next: Decimal | None = None
    policy: str | None = None


class Case(Struct, kw_only=True, forbid_unknown_fields=True):
    """One story: the facts that differ from the sound institution, and what they lead to day by day."""

    name: str
    sound: bool = True
    unknown: tuple[str, ...] = ()
    facts: dict[str, object] = {}
    records: tuple[Told, ...] = ()
    expected: tuple[Expected, ...]


class Cases(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file of cases: the versions of its scheme, and an institution with nothing amiss."""

    policies: tuple[str, ...]
    sound: dict[str, object] = {}
    case: tuple[Case, ...]


@cache
def read(file: Path) -> Cases:
    raw = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)
    return msgspec.convert(raw, Cases)


@cache
def scheme(path: str) -> Policy:
    return load_policy((ROOT / path).read_bytes())


def rows() -> Iterator[object]:
    for file in FILES:
        for case in read(file).case:
            for row in case.expected:
                yield pytest.param(file, case, row, id=f"{file.stem} {row.on} {case.name}")


def facts_of(cases: Cases, case: Case) -> Facts:
    sound = cases.sound if case.sound else {}
    known = {name: value for name, value in sound.items() if name not in case.unknown}
    whole = {"institution": "X", **known, **case.facts}
    facts = msgspec.convert(whole, Facts)
    return msgspec.structs.replace(facts, records=tuple(one.record() for one in case.records))


def answers(rating: Rating) -> dict[str, object]:
    """A rating in the words of a case."""
    reasons = rating.reasons
    return {
        "on": rating.on,
        "grade": rating.grade,
        "status": rating.status,
        "score": rating.score,
        "score_from": rating.score_from,
        "score_to": rating.score_to,
        "proposes": rating.proposals,
        "visit_from": rating.visit_from,
        "visit_until": rating.visit_until,
        "failed": [one.code for one in rating.conditions if not one.met],
        "points": {one.record: one.points for one in reasons},
        "kinds": {one.record: one.kind for one in reasons},
        "restored": {one.record: one.restored for one in reasons if one.restored},
        "grown": {one.record: one.grown for one in reasons if one.grown},
        "until": {one.record: one.counts_until or False for one in reasons},
        "changes_on": rating.changes_on or False,
        "because": rating.not_rated_because,
        "next_grade": rating.next_grade,
        "points_to_next": rating.points_to_next,
        "policy": rating.policy,
    }


def rating_says(rating: Rating) -> dict[str, str]:
    return {one.code: one.sentence for one in rating.conditions}


def undated(rating: Rating) -> Rating:
    return msgspec.structs.replace(rating, on=date.min, changes_on=None)


ALWAYS = {
    "grade",
    "status",
    "score",
    "score_from",
    "score_to",
    "proposes",
    "visit_from",
    "visit_until",
}


@pytest.mark.parametrize(("file", "case", "row"), list(rows()))
def test_the_day_is_rated_as_the_case_says(file: Path, case: Case, row: Expected) -> None:
    cases = read(file)
    policy = in_force([scheme(path) for path in cases.policies], row.on)
    rating = assess(facts_of(cases, case), policy, row.on)
    said = {
        name: value
        for name in Expected.__struct_fields__
        if (value := getattr(row, name)) is not None or name in ALWAYS
    }
    found = answers(rating)
    if row.says is not None:
        found["says"] = {one: rating_says(rating)[one] for one in row.says}
    assert {name: found[name] for name in said} == said
    if row.status == "white":
        assert found["failed"] == []
    elif policy.white and row.status == "none" and not rating.not_rated_because:
        assert row.failed, "who is not on the white list is told which condition failed"


@pytest.mark.parametrize("file", FILES, ids=lambda one: one.stem)
def test_time_alone_changes_nothing_before_the_day_that_is_announced(file: Path) -> None:
    cases = read(file)
    for case in cases.case:
        for row in case.expected:
            policy = in_force([scheme(path) for path in cases.policies], row.on)
            facts = known(facts_of(cases, case), row.on)
            today = assess(facts, policy, row.on)
            turn = today.changes_on
            last = (turn or date(2040, 1, 1)) - timedelta(days=1)
            assert undated(assess(facts, policy, last)) == undated(today), (case.name, row.on)
            if turn:
                assert undated(assess(facts, policy, turn)) != undated(today), (case.name, row.on)


def test_no_case_is_told_twice() -> None:
    names = Counter(case.name for file in FILES for case in read(file).case)
    assert [name for name, times in names.items() if times > 1] == []
    for file in FILES:
        for case in read(file).case:
            days = [row.on for row in case.expected]
            assert days == sorted(set(days)), case.name


def test_every_scheme_has_its_cases() -> None:
    told = {ROOT / path for file in FILES for path in read(file).policies}
    copies = set((ROOT / "tests/cities").glob("*/policy/*.toml"))
    assert set(SCHEMES) - copies == told


def test_a_city_that_borrows_a_scheme_has_it_byte_for_byte() -> None:
    city, authority = ROOT / "tests/cities/san_francisco/policy", HERE / "authorities/san_francisco"
    own = {one.name.removeprefix("SF-"): one.read_bytes() for one in city.glob("*.toml")}
    theirs = {
        one.name.removeprefix("policy-"): one.read_bytes() for one in authority.glob("policy*.toml")
    }
    assert own == theirs


@pytest.mark.parametrize("path", SCHEMES, ids=lambda one: str(one.relative_to(ROOT)))
def test_around_every_edge_a_score_has_exactly_one_grade(path: Path) -> None:
    policy = load_policy(path.read_bytes())
    edges = {edge for band in policy.bands for edge in (band.top, band.bottom) if edge is not None}
    near = [Decimal(step) / 100 for step in (-100, -50, -1, 0, 1, 50, 100)]
    for score in {edge + step for edge in edges for step in near}:
        assert sum(band.holds(score) for band in policy.bands) == 1, score


@pytest.mark.parametrize(
    ("path", "score", "grade"),
    [
        ("tests/scoring/policies/tianjin-2022.toml", "949.5", "C"),
        ("tests/scoring/policies/tianjin-2022.toml", "979.9", "B"),
        ("tests/scoring/policies/tianjin-2022.toml", "799.5", "E"),
        ("tests/scoring/policies/tax-credit.toml", "89.5", "B"),
        ("config/policy/NB-2026-1.toml", "89.5", "B"),
        ("config/policy/NB-2027-1.toml", "59.99", "D"),
        ("tests/scoring/authorities/san_francisco/policy-2014.toml", "90.5", "Good"),
        ("tests/scoring/authorities/san_francisco/policy-2014.toml", "85.5", "Adequate"),
        ("tests/scoring/authorities/nyc/policy-2010.toml", "13.5", "A"),
        ("tests/scoring/policies/jinan-2022.toml", "0.5", "0 分以上"),
    ],
)
def test_a_broken_score_falls_into_no_gap(path: str, score: str, grade: str) -> None:
    held = [band.grade for band in scheme(path).bands if band.holds(Decimal(score))]
    assert held == [grade]


def test_on_every_day_exactly_one_version_of_ningbo_is_in_force() -> None:
    versions = [load_policy(one.read_bytes()) for one in (ROOT / "config/policy").glob("*.toml")]
    for number in range(0, 366 * 8, 7):
        in_force(versions, date(2024, 1, 1) + timedelta(days=number))
    assert in_force(versions, date(2026, 12, 31)).id == "NB-2026-1"
    assert in_force(versions, date(2027, 1, 1)).id == "NB-2027-1"


@pytest.mark.parametrize("version", ["NB-2026-1", "NB-2027-1"])
def test_the_whole_table_is_there_and_every_point_cites_an_article(version: str) -> None:
    policy = scheme(f"config/policy/{version}.toml")
    codes = set(policy.by_code)
    families = {"L": 7, "S": 3, "T": 4, "F": 5, "C": 2, "A": 2, "H": 1, "K": 3, "I": 2, "M": 3}
    families |= {"P": 2, "D": 5, "B": 3}
    for letter, last in families.items():
        for number in range(1, last + 1):
            code = f"{letter}{number:02}"
            assert code in codes or f"{code}A" in codes, code
    assert len(codes) == sum(families.values()) + 1  # L06 is two: 基本合格 and 不合格
    assert all(one.reference.article for one in policy.indicators)
    assert {one.code for one in policy.indicators if one.black_proposal} == {"T04", "F05", "P01"}
    assert {one.code for one in policy.indicators if one.bonus} == {"B01", "B02", "B03"}


def test_what_ningbo_changed_for_2027_is_what_its_head_says() -> None:
    old, new = scheme("config/policy/NB-2026-1.toml"), scheme("config/policy/NB-2027-1.toml")
    lighter = {"L07", "S01", "S03", "T01", "F04", "C01", "A01", "I01"}
    assert {one.code for one in new.indicators if one.forgives_first} == lighter
    day = date(2027, 1, 1)
    for code, rules in new.rules.items():
        before = msgspec.structs.replace(old.by_code[code], since=None, until=None)
        if code not in lighter:
            assert rules == (before,)
            continue
        past, now = rules
        assert past == msgspec.structs.replace(before, until=day)
        article = Reference(document="行政处罚法", article="第三十三条")
        assert now == msgspec.structs.replace(
            before, since=day, restore="half", forgives_first=True, also=(article,)
        )
    assert (new.scale, new.bands) == (old.scale, old.bands)
    assert [one for one in new.white if one not in old.white] == [
        one for one in new.white if one.kind == "no_record"
    ]
    assert msgspec.structs.replace(new.unrated, yields_to_veto=False) == old.unrated
