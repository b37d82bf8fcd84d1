"""The first page's examples are of this very edition, whatever its institutions are called."""

import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest

from publisher.site.pages import _tries


def tried(*names: str, place: str = "海曙区") -> list[str]:
    lookup = sqlite3.connect(":memory:")
    lookup.execute("CREATE TABLE institution (name, address, jurisdiction, status)")
    for name in names:
        row = (name, f"{name}路1号", "1", "white")
        lookup.execute("INSERT INTO institution VALUES (?, ?, ?, ?)", row)
    places = {"1": SimpleNamespace(name=place)}
    edition: Any = SimpleNamespace(lookup=lookup, places=places)
    found = list(_tries(edition))
    lookup.close()
    return found


@pytest.mark.parametrize("strange", ["A", "一", "·", "（）", "null", "2026", "<b>", "😀"])
def test_a_strange_name_in_front_is_passed_over(strange: str) -> None:
    name = "海曙区星河书画培训学校"
    assert tried(strange, name) == ["海曙 星河", "星河", f"{name}路1号"]


def test_an_autonomous_county_is_called_in_short() -> None:
    county = "双江拉祜族佤族布朗族傣族自治县"
    assert tried(f"{county}星河书画培训学校", place=county)[:2] == ["双江 星河", "星河"]


@pytest.mark.parametrize("names", [(), ("A",), ("一", "（）")])
def test_where_nobody_has_a_name_to_search_there_are_no_examples(names: tuple[str, ...]) -> None:
    assert tried(*names) == []


def test_names_in_other_letters_are_examples_too() -> None:
    assert (
        tried("BRENDA'S FRENCH SOUL FOOD", place="San Francisco")[1] == "BRENDA'S FRENCH SOUL FOOD"
    )
