"""Amounts are taken to the cent; what is none is refused however long it would take to write out."""

import re

import pytest

from registry.money import fen_of


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("0", 0),
        (" 5,000,000 ", 500_000_000),
        ("12.50", 1_250),
        ("5，000.1", 500_010),
        ("-3", -300),
        ("1e3", 100_000),
        ("0.010", 1),
    ],
)
def test_an_amount_is_read_to_the_cent(typed: str, fen: int) -> None:
    assert fen_of(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "很多",
        "0.001",
        "NaN",
        "-Infinity",
        "9" * 40,
        "1e999990",
        "-1e300000",
        "1e999999",
        "1e-9",
    ],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(typed)}$"):
        fen_of(typed)
