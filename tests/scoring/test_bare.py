"""What two programs must agree on, whatever their sentences: a rating and a derivation without prose."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct, structs

from scoring import Facts, Rating, assess, load_policy
from scoring.derivation import Derivation, bare, derivation_of
from tests.scoring.exemplars import FROZEN
from tests.scoring.records import ON

NAMES = list(FROZEN)
NINGBO = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"


def told(name: str) -> tuple[Rating, Derivation]:
    """One of the frozen ratings, and its derivation."""
    facts, policy = FROZEN[name]
    rating = assess(facts, policy, ON)
    return rating, derivation_of(rating, facts, policy)


def reworded(value: object) -> object:
    """The same value with every sentence of the program in other words."""
    made = ("sentence", "label", "of_grade", "of_score", "not_rated_because")
    if isinstance(value, tuple):
        return tuple(reworded(one) for one in value)
    if not isinstance(value, Struct):
        return value
    fields = structs.asdict(value).items()
    other = {"of_grade": ("别的说法",)}
    return structs.replace(
        value, **{k: other.get(k, "别的说法") if k in made else reworded(v) for k, v in fields}
    )


def leaves(value: object) -> Iterator[object]:
    """Every number, word and day of a value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


@pytest.mark.parametrize("name", NAMES)
def test_other_sentences_leave_the_bare_value(name: str) -> None:
    rating, derivation = told(name)
    again = reworded(derivation)
    assert again != derivation
    assert isinstance(again, Derivation)
    assert bare(again) == bare(derivation)
    other = reworded(rating)
    assert isinstance(other, Rating)
    assert bare(other) == bare(rating)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_bare_has_no_sentence(name: str) -> None:
    for one in leaves(msgspec.to_builtins([bare(whole) for whole in told(name)])):
        assert "。" not in str(one)
    without = bare(told(name)[1])
    assert (without.of_grade, without.of_score) == ((), "")
    assert {(o.label, o.sentence) for one in without.reasons for o in one.steps} <= {("", "")}


@pytest.mark.parametrize("name", NAMES)
def test_every_number_word_of_the_policy_and_day_stays(name: str) -> None:
    rating, derivation = told(name)
    assert bare(derivation).score == derivation.score
    assert [one.points for one in bare(derivation).reasons] == [o.points for o in rating.reasons]
    for was, left in zip(derivation.reasons, bare(derivation).reasons, strict=True):
        assert left.reference == was.reference
        assert [(o.kind, o.on, o.points) for o in left.steps] == [
            (o.kind, o.on, o.points) for o in was.steps
        ]
    assert bare(rating).reasons == rating.reasons
    assert [one.met for one in bare(rating).conditions] == [o.met for o in rating.conditions]


def test_another_number_day_or_article_is_another_bare_value() -> None:
    rating, derivation = told("everything")
    first = rating.reasons[0]
    for changed in (
        structs.replace(rating, score=Decimal(1)),
        structs.replace(rating, changes_on=date(2027, 1, 1)),
        structs.replace(rating, reasons=(structs.replace(first, gate="J"), *rating.reasons[1:])),
        structs.replace(
            rating,
            reasons=(
                structs.replace(first, reference=structs.replace(first.reference, article="二")),
            ),
        ),
    ):
        assert bare(changed) != bare(rating)
    step = structs.replace(derivation.reasons[0].steps[0], on=date(2020, 1, 1))
    reasons = (structs.replace(derivation.reasons[0], steps=(step,)), *derivation.reasons[1:])
    assert bare(structs.replace(derivation, reasons=reasons)) != bare(derivation)


def test_a_condition_keeps_its_answer_and_loses_its_sentence() -> None:
    facts, policy = Facts(institution="x"), load_policy(NINGBO.read_bytes())
    rating = assess(facts, policy, ON)
    assert rating.conditions
    assert rating.not_rated_because
    assert bare(rating).conditions == tuple(
        structs.replace(one, sentence="") for one in rating.conditions
    )
    assert bare(derivation_of(rating, facts, policy)).conditions == bare(rating).conditions
    assert bare(rating).not_rated_because == ""
    first = structs.replace(rating.conditions[0], met=not rating.conditions[0].met)
    other = structs.replace(rating, conditions=(first, *rating.conditions[1:]))
    assert bare(other) != bare(rating)
