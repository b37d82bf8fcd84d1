"""The demo city is the same twice, different by seed, and shows every sort of record."""

import msgspec
from stdnum.cn import uscc

from config.demo import SIZE, institutions
from config.demo.findings import STAGES
from config.demo.names import RARE
from config.settings import load_settings


def test_one_seed_gives_the_same_bytes_twice_and_another_seed_different_ones() -> None:
    first, again, other = (msgspec.json.encode(list(institutions(s, 60))) for s in (1, 1, 2))
    assert first == again
    assert first != other


def test_the_city_has_its_size_and_every_jurisdiction_and_fate() -> None:
    city = list(institutions(1))
    assert len(city) == SIZE == 2112
    assert {i.jurisdiction for i in city} == {j.id for j in load_settings().jurisdictions}
    assert len({i.fate for i in city}) == 8


def test_rare_characters_and_real_streets_outside_gb2312_are_present() -> None:
    city = list(institutions(1))
    names = "".join(i.name for i in city)
    places = "".join(i.address for i in city)
    assert all(character in names for character in RARE)
    assert all(street in places for street in ("石碶", "澥浦", "深甽"))


def test_every_code_is_valid_and_unique_and_only_the_unlicensed_have_none() -> None:
    city = list(institutions(1))
    codes = [i.code for i in city if i.code]
    assert len(set(codes)) == len(codes)
    assert all(uscc.is_valid(code) for code in codes)
    assert all((not i.code) == (i.fate == "unlicensed") for i in city)


def test_penalty_cases_stand_at_every_stage() -> None:
    reached = {
        tuple(step.state for step in record.events)
        for one in institutions(1)
        for record in one.facts.records
        if record.case
    }
    assert set(STAGES) <= reached


def test_alike_names_in_two_districts_former_names_and_branches_are_present() -> None:
    city = list(institutions(1))
    stems = {(i.name[6:], i.name[3:6]) for i in city}
    assert len({stem for stem, _ in stems}) < len(stems)
    assert any(i.former_name for i in city)
    assert any(i.branch for i in city)
