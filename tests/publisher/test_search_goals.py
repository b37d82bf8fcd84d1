"""Labelled queries, made by rules from whatever city there is: who is meant is among the first five."""

import pytest

from config.settings import Settings
from publisher.site.store import OpenEdition, Store
from tests.bench.asked import asked
from tests.bench.search import CITY, EXACT, GOALS, Score, is_erring, made_up, scores

EACH = 20


@pytest.fixture(scope="module", params=["demo", "made up"])
def city(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo: Settings
) -> OpenEdition:
    if request.param == "demo":
        return Store(demo.editions).current()
    return made_up(400, tmp_path_factory.mktemp("made-up"))


@pytest.fixture(scope="module")
def found(city: OpenEdition) -> dict[str, Score]:
    return scores(city, EACH)


def test_there_are_queries_of_every_kind_and_always_the_same(city: OpenEdition) -> None:
    first, again = ([(one.kind, one.text) for one in asked(city, EACH)] for _ in range(2))
    assert first == again
    assert len(first) >= 400
    assert len({kind for kind, _ in first}) >= 20


def test_who_is_meant_or_only_such_as_fit_as_well_are_among_the_first_five(
    found: dict[str, Score],
) -> None:
    poor = {kind: one.fair for kind, one in found.items() if one.fair < GOALS[is_erring(kind)]}
    assert not poor


def test_with_the_district_who_is_meant_is_among_the_first_five(found: dict[str, Score]) -> None:
    poor = {kind: one.five for kind, one in found.items() if one.five < CITY}
    assert not poor


def test_a_number_leads_to_its_bearer_alone(found: dict[str, Score]) -> None:
    assert all(found[kind].first == 1 for kind in EXACT if kind != "exact name")
