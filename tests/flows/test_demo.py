"""The demo city is the same twice, different by seed, and shows every sort of record."""

from pathlib import Path

import msgspec
import pytest
from stdnum.cn import uscc

from config.demo import SIZE, institutions
from config.demo.build import DemoElsewhere
from config.demo.findings import STAGES
from config.demo.names import RARE
from config.settings import Settings, load_settings
from publisher.signing import create_key
from publisher.verify import verify
from tests.conftest import PERIODS, built


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


def files(settings: Settings) -> dict[str, bytes]:
    return {
        path.relative_to(settings.editions).as_posix(): path.read_bytes()
        for path in sorted(settings.editions.rglob("*"))
        if path.is_file()
    }


def test_a_demo_built_twice_has_the_same_bytes_and_every_edition_verifies(
    demo: Settings, tmp_path: Path
) -> None:
    one, two = demo, built(tmp_path)
    assert files(one) == files(two)
    for period in PERIODS:
        verdict = verify(one.editions / period, one.keys / "bureau.pub")
        assert verdict.problems == ()
        assert verdict.entries > 50
    before = files(two)
    built(tmp_path)
    assert files(two) == before


def test_a_demo_never_covers_another_register(demo: Settings) -> None:
    with pytest.raises(DemoElsewhere, match="XINYONG_DATA"):
        built(demo.data, seed=2)


def test_a_demo_never_touches_a_bureaus_keys(tmp_path: Path) -> None:
    create_key(tmp_path / "keys")
    before = (tmp_path / "keys/bureau.key").read_bytes()
    with pytest.raises(DemoElsewhere):
        built(tmp_path)
    assert (tmp_path / "keys/bureau.key").read_bytes() == before
    assert not (tmp_path / "keys/salt.key").exists()
