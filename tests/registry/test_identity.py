"""An institution's number survives typing; a social credit code is judged as issued codes are."""

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import FormRefused
from registry.identity import ALPHABET, institution_id, read_code, read_institution_id

VECTORS = list(
    csv.DictReader(
        (Path(__file__).parents[1] / "data/uscc_vectors.csv").read_text("utf-8").splitlines()
    )
)


def test_numbers_are_distinct_and_neighbours_look_different() -> None:
    made = [institution_id("NB", serial) for serial in range(1, 20_000)]
    assert len(set(made)) == len(made)
    for one, next_one in pairwise(made):
        assert sum(a != b for a, b in zip(one, next_one, strict=True)) >= 2
    assert {len(institution_id("NB", n)) for n in (1, 2**20 - 1)} == {9}
    assert len(institution_id("NB", 2**20)) == 10


@given(st.integers(1, 2**21), st.data())
def test_a_wrong_sign_or_a_swap_is_noticed(serial: int, data: st.DataObject) -> None:
    made = institution_id("NB", serial)
    assert read_institution_id("NB", made) == made
    body = made.replace("NB-", "").replace("-", "")
    place = data.draw(st.integers(0, len(body) - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(body[place], "")))
    assert read_institution_id("NB", f"NB{body[:place]}{other}{body[place + 1 :]}") is None
    if place and body[place - 1] != body[place]:
        swapped = body[: place - 1] + body[place] + body[place - 1] + body[place + 1 :]
        assert read_institution_id("NB", swapped) is None


def test_a_number_is_read_in_any_spelling() -> None:
    made = next(
        one for n in range(1, 999) if "0" in (one := institution_id("NB", n)) and "1" in one
    )
    spellings = [
        made.lower(),
        made.replace("0", "O").replace("1", "l"),
        made.replace("-", " "),
        made.removeprefix("NB-"),
        made.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789"}),
    ]
    assert {read_institution_id("NB", one) for one in spellings} == {made}
    for nonsense in ("", "NB", "NB-????-?", "宁波"):
        assert read_institution_id("NB", nonsense) is None


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["value"])
def test_a_code_is_judged_as_published_validators_do(row: dict[str, str]) -> None:
    value, expected = row["value"], row["expected"]
    if expected in ("valid", "valid_after_normalising"):
        assert read_code(value, confirmed=False) == (value.replace(" ", ""), False)
    elif expected in ("bad_checksum", "issued_but_nonconforming"):
        with pytest.raises(FormRefused, match="原件"):
            read_code(value, confirmed=False)
        assert read_code(value, confirmed=True) == (value, True)
    else:
        with pytest.raises(FormRefused, match="统一社会信用代码") as caught:
            read_code(value, confirmed=True)
        assert value in str(caught.value)


def test_a_wrong_inner_organisation_code_needs_confirmation() -> None:
    # The outer check sign is right, the inner one (the 17th sign) is not.
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = [3**n % 31 for n in range(17)]
    body = "91330205MA20000C8"
    total = sum(alphabet.index(sign) * weight for sign, weight in zip(body, weights, strict=True))
    code = body + alphabet[-total % 31]
    with pytest.raises(FormRefused, match="原件"):
        read_code(code, confirmed=False)
    assert read_code(code, confirmed=True) == (code, True)


def test_no_code_is_no_mistake() -> None:
    assert read_code("", confirmed=False) == ("", False)
