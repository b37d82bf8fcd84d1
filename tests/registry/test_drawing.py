"""The draw is exact, follows its weights, passes over recusals and can be drawn again by anybody."""

from collections import Counter
from fractions import Fraction
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.drawing import Excluded, Pool, Target, canonical, deal, draw, drawn, hash_of

SEED = "2026-11-26:00112233445566778899aabbccddeeff"
WEIGHTS = {"A": 1, "B": 1, "C": 2, "D": 4}


def pool(grades: str = "AABBCCDD", officers: str = "甲乙丙丁", **more: object) -> Pool:
    targets = tuple(
        Target(id=f"NB-{at:04d}", grade=one, weight=WEIGHTS[one]) for at, one in enumerate(grades)
    )
    return Pool(targets=targets, officers=tuple(officers), **more)  # type: ignore[arg-type]


def test_a_known_draw_never_changes() -> None:
    lots = draw(SEED, pool(), 3)
    assert hash_of(pool()) == "44c27008cbb58de6400de1dc1b6c0abc6e9aec5c51b1ff1d624d2ff4577bbcda"
    assert [(one.institution, one.first, one.second) for one in lots] == [
        ("NB-0007", "丙", "乙"),
        ("NB-0000", "丁", "甲"),
        ("NB-0006", "丙", "甲"),
    ]


def test_a_stranger_draws_the_same_with_a_few_lines_and_fractions() -> None:
    def lot(one: Target) -> Fraction:
        digest = sha256(f"{SEED}\ntarget\n{one.id}".encode()).digest()
        return Fraction(int.from_bytes(digest, "big") + 1, 2**256)

    # 4 is divided by every weight, so u^(4/weight) orders as u^(1/weight) does.
    order = sorted(pool().targets, key=lambda one: -(lot(one) ** (4 // one.weight)))
    assert [one.id for one in order] == list(drawn(SEED, pool().targets, 8))


@given(st.permutations(list(pool().targets)), st.permutations(list("甲乙丙丁")))
def test_the_order_of_the_pool_does_not_matter(targets: list[Target], officers: list[str]) -> None:
    other = Pool(targets=tuple(targets), officers=tuple(officers))
    assert canonical(other) == canonical(pool())
    assert draw(SEED, other, 5) == draw(SEED, pool(), 5)


def test_heavier_ones_are_drawn_more_often_as_their_weights_say() -> None:
    first = Counter(drawn(f"seed {one}", pool("AD").targets, 1)[0] for one in range(2000))
    assert 0.76 < first["NB-0001"] / 2000 < 0.84  # four times in five


def test_a_weight_of_zero_is_never_drawn_and_a_pool_too_small_is_drawn_whole() -> None:
    targets = (*pool("AB").targets, Target(id="NB-0009", grade="S", weight=0))
    assert sorted(drawn(SEED, targets, 9)) == ["NB-0000", "NB-0001"]
    assert drawn(SEED, (), 3) == ()


@pytest.mark.parametrize("size", [1, 5, 8])
def test_the_load_is_even_and_nobody_goes_alone_or_where_they_must_not(size: int) -> None:
    recusals = tuple(Excluded(officer="甲", institution=one.id) for one in pool().targets)
    lots = draw(SEED, pool(recusals=recusals), size)
    load = Counter(name for one in lots for name in (one.first, one.second))
    assert "甲" not in load
    assert all(one.first != one.second for one in lots)
    assert max(load.values()) - min(load[name] for name in "乙丙丁") <= 1


def test_where_fewer_than_two_are_left_nobody_is_sent() -> None:
    one = Pool(
        targets=pool("A").targets,
        officers=("甲", "乙"),
        recusals=(Excluded(officer="乙", institution="NB-0000"),),
    )
    lot = deal(SEED, ["NB-0000"], one)[0]
    assert (lot.first, lot.second) == ("", "")
