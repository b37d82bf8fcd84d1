"""Several cities searched as one: the nearest first wherever it is, each with its city, namesakes side by side."""

import json
from pathlib import Path
from typing import Any

import pytest

from publisher.site.search import search, search_all
from publisher.site.store import OpenEdition
from tests.publisher.test_search import entry, opened

HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"


def school(id: str, name: str, place: str, **more: Any) -> dict[str, Any]:
    """An institution of a table."""
    return {"id": id, "name": name, "place": place, **more}


NINGBO = (
    school("NB-000001-A", "宁波市海曙区新东方培训学校", "330203", code="91330203MA20000C9E"),
    school("NB-000002-B", "宁波市海曙区启航艺术培训学校", "330203", address="海曙区中山西路 1 号"),
    school("NB-000003-C", "宁波市鄞州区晨光体育培训学校", "330212"),
)
HANGZHOU = (
    school("HZ-000001-A", "杭州市西湖区新东方培训学校", "330205", address="西湖区文三路 9 号"),
    school("HZ-000002-B", "杭州市西湖区起航艺术培训学校", "330205"),
    school("HZ-000003-C", "杭州市西湖区新东芳培训学校", "330205"),
)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, OpenEdition]:
    tables = {"ningbo": NINGBO, "hangzhou": HANGZHOU}
    return {
        city: opened([entry(one) for one in table], tmp_path_factory.mktemp(city))
        for city, table in tables.items()
    }


def ids(answer: Any) -> list[str]:
    """The institutions in the order in which they are shown."""
    return [one.hit.id for one in answer.hits]


def test_the_same_name_in_two_cities_stands_side_by_side(cities: dict[str, OpenEdition]) -> None:
    answer = search_all(cities, "新东方")
    assert {one.city for one in answer.hits[: answer.alike]} == {"ningbo", "hangzhou"}
    assert set(ids(answer)[:2]) == {"NB-000001-A", "HZ-000001-A"}
    assert dict(answer.cities) == {"ningbo": 1, "hangzhou": 2}
    assert answer.total == sum(many for _, many in answer.cities)


def test_what_fits_as_it_was_typed_comes_before_what_sounds_so_elsewhere(
    cities: dict[str, OpenEdition],
) -> None:
    assert ids(search_all(cities, "启航"))[0] == "NB-000002-B"
    assert ids(search_all(cities, "起航"))[0] == "HZ-000002-B"


def test_an_exact_name_in_one_city_asks_no_other_for_what_is_nearly_so(
    cities: dict[str, OpenEdition],
) -> None:
    answer = search_all(cities, "宁波市海曙区启航艺术培训学校")
    assert ids(answer)[0] == "NB-000002-B"
    assert not answer.near


def test_a_city_named_before_is_where_is_looked(cities: dict[str, OpenEdition]) -> None:
    assert ids(search_all(cities, "海曙 新东方"))[0] == "NB-000001-A"
    assert ids(search_all(cities, "西湖 新东方"))[0] == "HZ-000001-A"


@pytest.mark.parametrize(
    ("ask", "first", "guessed"),
    [
        ("HZ-000001-A", "HZ-000001-A", False),
        ("hz000001a", "HZ-000001-A", False),
        ("91330203MA20000C9E", "NB-000001-A", False),
        ("91330203MA20000C9D", "NB-000001-A", True),
    ],
)
def test_a_number_is_found_in_its_city(
    ask: str, first: str, guessed: bool, cities: dict[str, OpenEdition]
) -> None:
    answer = search_all(cities, ask)
    assert (ids(answer), answer.guessed) == ([first], guessed)


def test_where_nobody_is_meant_who_is_near_is_told_with_the_city(
    cities: dict[str, OpenEdition],
) -> None:
    answer = search_all(cities, "文三路 99999 弄")
    assert answer.hits == ()
    assert all(one.city == "hangzhou" for one in answer.around)


def test_one_city_alone_is_searched_as_by_itself(cities: dict[str, OpenEdition]) -> None:
    for ask in ("新东方", "xdf", "起航", "海曙区", "晨光体育", "qihang", "中山西路", ""):
        for city, edition in cities.items():
            own, one = search(edition, ask), search_all({city: edition}, ask)
            assert [hit.hit for hit in one.hits] == list(own.hits), (city, ask)
            assert (one.total, one.alike, one.near) == (own.total, own.alike, own.near)


def test_no_text_is_too_much_and_the_order_of_cities_decides_only_ties(
    cities: dict[str, OpenEdition],
) -> None:
    turned = dict(reversed(cities.items()))
    sections = json.loads(HOSTILE.read_text("ascii"))
    for ask in (one for section in sections for one in section["strings"]):
        one, other = search_all(cities, ask), search_all(turned, ask)
        assert one.total == other.total
        assert sorted(ids(one)) == sorted(ids(other)) or one.total > len(one.hits)
