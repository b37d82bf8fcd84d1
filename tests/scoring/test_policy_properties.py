"""What holds for every policy: it survives a round trip, each score has one grade, and no file breaks the loader."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import structs

from scoring import Policy, PolicyError, Problem, load_policy
from scoring.policy import Band, Cycle, Group, Indicator, Scale, Unknown, Unrated, WhiteCondition
from scoring.rating import Reference
from scoring.weighing import bounded
from tests.scoring.mistakes import line_of
from tests.scoring.sound import INSPECTION, MEASURES, SCHEMES, STANDING

HOSTILE = [
    text
    for section in json.loads(
        (Path(__file__).parents[1] / "data/hostile_strings.json").read_text("utf-8")
    )
    for text in section["strings"]
]
REFERENCE = Reference(document="办法", article="第一条")
names = st.text(st.sampled_from("AbZ09甲乙-_ \"'\\#[]{}=."), min_size=1, max_size=8).filter(
    lambda one: one == one.strip()
)
numbers = st.decimals(0, 200, places=2)
prices = st.decimals("0.25", 60, places=2)


def written(value: object) -> str:
    """A value as TOML has it, tables in one line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        signs = (
            one if one.isprintable() and one not in '"\\' else f"\\U{ord(one):08x}" for one in value
        )
        return f'"{"".join(signs)}"'
    if isinstance(value, dict):
        inside = (
            f"{written(key)} = {written(one)}" for key, one in value.items() if one is not None
        )
        return f"{{ {', '.join(inside)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def toml_of(policy: Policy) -> bytes:
    """A policy as a TOML file, every value written out."""
    tree = msgspec.to_builtins(policy, builtin_types=(date, Decimal))
    del tree["digest"]
    lines = (f"{key} = {written(value)}" for key, value in tree.items() if value is not None)
    return "\n".join(lines).encode()


@st.composite
def bands(draw: st.DrawFn, better: str) -> tuple[Band, ...]:
    """Bands that leave no gap, best first, each edge with one of its two grades."""
    edges = sorted(draw(st.sets(st.decimals(5, 95, places=1), min_size=1, max_size=4)))
    grades = draw(st.lists(names, min_size=5, max_size=5, unique=True))
    assume(not {"N", "S"} & set(grades))
    upper = [draw(st.booleans()) for _ in edges]
    found = []
    for number, grade in enumerate(grades[: len(edges) + 1]):
        edge: dict[str, Any] = {}
        if number > 0:
            edge["lowest" if upper[number - 1] else "above"] = edges[number - 1]
        if number < len(edges):
            edge["below" if upper[number] else "highest"] = edges[number]
        found.append(Band(grade=grade, **edge))
    return tuple(found if better == "lower" else reversed(found))


@st.composite
def indicators(draw: st.DrawFn, code: str, standing: bool) -> Indicator:
    points = draw(prices)
    bonus = draw(st.booleans())
    cap = draw(st.none() | st.just(points) | st.just(points + 7))
    values: dict[str, Any] = {}
    if not bonus:
        values["severity"] = draw(st.sampled_from(["", "轻微", "一般", "严重"]))
        values["gate"] = draw(st.sampled_from(["F", "O", "P", "J", "PJ"]))
        values["black_proposal"] = values["gate"] not in ("F", "O") and draw(st.booleans())
        if values["severity"] != "严重":
            values["restore"] = draw(st.sampled_from(["full", "half", "none"]))
            values["forgives_first"] = draw(st.booleans())
        if standing and cap != points and draw(st.booleans()):
            by = draw(prices if cap is None else st.decimals("0.25", 7, places=2))
            values |= {"grows_by": by, "grows_every_days": draw(st.integers(1, 30))}
    if standing:
        values |= draw(
            st.sampled_from([{}, {"months": 1}, {"months": 12}, {"until_next": "inspection"}])
        )
    return Indicator(
        code=code, title="甲", points=points, cap=cap, bonus=bonus, reference=REFERENCE, **values
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies with nothing wrong."""
    made_of = draw(st.sampled_from(["standing", "inspection", "measures"]))
    better = draw(st.sampled_from(["higher", "lower"]))
    grades = draw(bands(better))
    values: dict[str, Any] = {}
    scale: dict[str, Any] = {}
    if made_of == "measures":
        scale["measures"] = tuple(draw(st.lists(names, min_size=1, max_size=3, unique=True)))
    else:
        codes = draw(st.lists(names, min_size=1, max_size=4, unique=True))
        found = [draw(indicators(code, made_of == "standing")) for code in codes]
        # A cost and a bonus, so that every band is within reach.
        found.append(Indicator(code="价", title="价", points=Decimal(1), reference=REFERENCE))
        found.append(
            Indicator(code="奖", title="奖", points=Decimal(1), bonus=True, reference=REFERENCE)
        )
        scale["base"] = draw(numbers)
        values["indicators"] = tuple(found)
        values["unknown"] = draw(
            st.sampled_from(
                [(), (Unknown(title="缺", points=Decimal("3.5"), reference=REFERENCE),)]
            )
        )
        values["white"] = (
            WhiteCondition(kind="no_record", title="无", codes=("价",), reference=REFERENCE),
            WhiteCondition(
                kind="grade", title="等级", grades=(grades[0].grade,), reference=REFERENCE
            ),
        )
    if made_of == "standing":
        scale |= draw(
            st.sampled_from(
                [
                    {},
                    {"counted_by": "year", "year_begins_month": 9},
                    {"counted_by": "own_year"},
                    {"fresh_after_listing": True},
                ]
            )
        )
        values["groups"] = (Group(code="组", title="组", cap=Decimal(60), reference=REFERENCE),)
        values["indicators"] += (
            Indicator(code="组", title="组", points=Decimal(2), group="组", reference=REFERENCE),
        )
    else:
        values["cycle"] = Cycle(
            first_kinds=("首次",),
            again_kinds=("复查",),
            at_once=(grades[0].grade,),
            pending="等 待",
            reference=REFERENCE,
        )
    return Policy(
        id=draw(names),
        title=draw(names),
        since=draw(st.dates(date(1990, 1, 1), date(2090, 1, 1))),
        reference=REFERENCE,
        scale=Scale(made_of=made_of, better=better, **scale),  # type: ignore[arg-type]
        bands=grades,
        unrated=Unrated(first_days=draw(st.integers(0, 400))),
        **values,
    )


@given(policies())
def test_a_policy_survives_a_round_trip(policy: Policy) -> None:
    raw = toml_of(policy)
    found = load_policy(raw)
    assert structs.replace(found, digest="") == policy
    assert structs.replace(found, digest="") == msgspec.toml.decode(raw, type=Policy)


@pytest.mark.parametrize("path", SCHEMES, ids=lambda one: f"{one.parent.name} {one.stem}")
def test_a_published_scheme_survives_a_round_trip(path: Path) -> None:
    policy = load_policy(path.read_bytes())
    again = load_policy(toml_of(policy))
    assert structs.replace(again, digest=policy.digest) == policy


steps = st.sampled_from([None, None, *map(Decimal, ("0", "4.5", "5.5", "50", "200"))])


@st.composite
def ventures(draw: st.DrawFn) -> Policy:
    """Policies whose outermost bands, bounds and prices may or may not agree."""
    better = draw(st.sampled_from(["higher", "lower"]))
    rules = [
        Indicator(code="奖", title="奖", points=Decimal("0.5"), bonus=True, reference=REFERENCE),
        Indicator(code="价", title="价", points=Decimal("2.5"), reference=REFERENCE),
    ]
    base, down, up = (
        draw(st.sampled_from([Decimal(0), Decimal(50), Decimal(100)])),
        draw(steps),
        draw(steps),
    )
    floor = None if down is None else base - down
    ceiling = None if up is None else base + up
    scale = Scale(
        made_of="standing",
        base=base,
        floor=floor,
        ceiling=ceiling,
        bonus_at_most=draw(st.sampled_from([None, Decimal(5), Decimal("5.5")])),
        better=better,  # type: ignore[arg-type]
    )
    rising = list(draw(bands(better)))[:: 1 if better == "lower" else -1]
    for place, edge in ((0, "lowest"), (0, "above"), (-1, "below"), (-1, "highest")):
        at = draw(st.sampled_from([None, None, None, floor, ceiling]))
        if at is not None:
            rising[place] = structs.replace(rising[place], **{edge: at})
    return Policy(
        id="T",
        title="T",
        since=date(2026, 1, 1),
        reference=REFERENCE,
        scale=scale,
        bands=tuple(rising[:: 1 if better == "lower" else -1]),
        indicators=tuple(rules[: draw(st.sampled_from([1, 2, 2, 2]))]),
    )


@settings(max_examples=300)
@given(ventures(), st.lists(st.integers(0, 60), max_size=4), st.integers(0, 200))
def test_in_an_accepted_policy_every_score_there_may_be_has_one_grade(
    policy: Policy, costs: list[int], bonus: int
) -> None:
    raw = toml_of(policy)
    if not refusals(raw):
        scale = policy.scale
        sign = 1 if scale.better == "higher" else -1
        score = scale.base
        for one in costs if "价" in policy.rules else []:
            score = bounded(score - sign * one * Decimal("2.5"), scale)
        earned = bonus * Decimal("0.5")
        if scale.bonus_at_most is not None:
            earned = min(earned, scale.bonus_at_most)
        score = bounded(score + sign * earned, scale)
        assert sum(one.holds(score) for one in policy.bands) == 1


def refusals(raw: bytes) -> list[Problem]:
    """What a file is refused for; nothing if it is accepted."""
    try:
        load_policy(raw)
    except PolicyError as refused:
        return refused.problems
    return []


BASES = [STANDING, INSPECTION, MEASURES]
SCRAPS = [
    "",
    "=",
    "[",
    "]",
    "[[bands]]",
    "[[indicators]]",
    "[scale]",
    "points = [",
    "]]",
    '"""',
    "'''",
    "{",
    "}",
    "bands = 1",
    "scale.base = 1",
    "unrated = []",
    "[[white]]",
    "[cycle]",
    "points = nan",
    "from = 1e400",
    "since = 0001-01-01",
    "until = 9999-12-31",
    "reference = 1",
    "white = [1, {}]",
    "groups = [[]]",
    "\\",
    "code = true",
    "grade = {}",
    "kind = 7",
    "\x00",
    "\ufeff",
    "\r",
    "#",
    "title = '\u202e'",
    "a.b.c = 1",
]


@given(st.data())
def test_a_changed_file_is_answered_with_lines_within_it(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(BASES)).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.sampled_from(SCRAPS) | st.sampled_from(lines) | st.text(max_size=6))
        key = lines[at].partition(" = ")[0]
        lines[at : at + 1] = data.draw(
            st.sampled_from(
                [[], [lines[at]] * 2, [other], [lines[at], other], [f"{key} = {other}"]]
            )
        ) or [""]
    text = "\n".join(lines)
    for one in refusals(text.encode("utf-8", "surrogatepass")):
        assert one.line is not None
        assert 1 <= one.line <= text.count("\n") + 1
        assert one.place
        assert "请" in one.sentence


@given(st.binary(max_size=80))
def test_bytes_of_any_kind_are_refused_and_never_break_the_loader(raw: bytes) -> None:
    with pytest.raises(PolicyError):
        load_policy(raw)


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_text_is_kept_as_it_is_or_refused_on_its_line(number: int) -> None:
    text = HOSTILE[number]
    for old, key in (('title = "地址不符"', "title"), ('code = "L01"', "code")):
        whole = STANDING.replace(old, f"{key} = {written(text)}", 1)
        raw = whole.encode()
        if found := refusals(raw):
            assert {one.line for one in found} == {line_of(STANDING, old)}
            assert all(str(one).isprintable() for one in found)
        else:
            assert getattr(load_policy(raw).indicators[0], key) == text
