"""Who is found first, by what reason, for whatever a parent types; and no text is too much."""

import json
import tomllib
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from publisher.browse import render_browse
from publisher.edition import Edition, Entry, Jurisdiction, Manifest, Name
from publisher.lookup import render_lookup
from publisher.site.search import Filter, search, suggest
from publisher.site.store import OpenEdition, Store
from scoring import assess, load_policy
from scoring.canonical import canonical
from scoring.facts import Facts

POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"
HOSTILE = Path(__file__).parents[1] / "data/hostile_strings.json"
TABLE = tomllib.loads((Path(__file__).parent / "cases/search.toml").read_text("utf-8"))
PLACES = {
    "330203": "海曙区",
    "330205": "江北区",
    "330211": "镇海区",
    "330212": "鄞州区",
    "330281": "余姚市",
    "330282": "慈溪市",
    "3302A3": "宁波国家高新区",
}
CASES = [(ask, one) for one in TABLE["case"] for ask in one["ask"]]


def entry(one: dict[str, Any]) -> Entry:
    """An institution of the table."""
    policy = load_policy(POLICY.read_bytes())
    id = one["id"]
    facts = Facts(institution=id, kind=one.get("kind", "培训机构"), subject=one.get("subject", ""))
    names = [
        Name(kind=kind, text=text, until=date(2025, 3, 1) if kind == "legal" else None)
        for kind, key in (("legal", "formers"), ("brand", "brands"), ("branch", "branches"))
        for text in one.get(key, ())
    ]
    return Entry(
        institution=id,
        name=one["name"],
        names=tuple(names),
        jurisdiction=one["place"],
        code=one.get("code", ""),
        licence_no=one.get("licence", ""),
        addresses=(one["address"],) if "address" in one else (),
        facts=facts,
        rating=assess(facts, policy, policy.since).lasting(),
        salt="",
    )


def opened(entries: list[Entry], home: Path) -> OpenEdition:
    """An edition of these institutions, as the site opens it."""
    policy = load_policy(POLICY.read_bytes())
    manifest = Manifest(
        city="ningbo",
        title="名单",
        organ="宁波市教育局",
        fictional=True,
        period="2026-11",
        number=0,
        cut_off=policy.since,
        released_on=policy.since,
        program="",
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=tuple(Jurisdiction(id=id, name=PLACES[id], organ="") for id in PLACES),
        counts={},
        root=sha256(repr(entries).encode()).hexdigest(),
        previous="",
    )
    folder = home / "2026-11"
    folder.mkdir(parents=True)
    (folder / "edition.json").write_bytes(canonical(manifest))
    (folder / "policy.toml").write_bytes(POLICY.read_bytes())
    ordered = sorted(entries, key=lambda one: one.institution)
    one = Edition.of(manifest, ordered, POLICY.read_bytes())
    render_lookup(one, folder)
    render_browse(one, folder)
    (folder / "renderings.json").write_text("{}")
    (home / "current").symlink_to("2026-11")
    return Store(home).current()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> OpenEdition:
    return opened([entry(one) for one in TABLE["register"]], tmp_path_factory.mktemp("city"))


@pytest.mark.parametrize(("ask", "case"), CASES, ids=[repr(ask) for ask, _ in CASES])
def test_who_is_meant_comes_first_and_the_reason_is_said(
    city: OpenEdition, ask: str, case: dict[str, Any]
) -> None:
    answer = search(city, ask)
    if case.get("none"):
        assert answer.hits == ()
        assert answer.total == 0
        return
    assert answer.hits[0].id == case["first"], [hit.name for hit in answer.hits]
    if "why" in case:
        assert case["why"] in answer.hits[0].why
    if "alike" in case:
        assert answer.alike == case["alike"]
    assert answer.near or not case.get("near")
    assert answer.total >= len(answer.hits)


def test_a_name_is_shown_as_it_was_called_and_until_when(city: OpenEdition) -> None:
    (hit,) = search(city, "余姚市启明星幼儿园").hits[:1]
    assert (hit.found, hit.until) == ("余姚市启明星幼儿园", date(2025, 3, 1))


def test_alike_names_stand_side_by_side_though_one_is_asked_for_in_full(city: OpenEdition) -> None:
    answer = search(city, "宁波市海曙区启明星艺术培训学校有限公司")
    assert answer.alike >= 2
    assert {hit.id for hit in answer.hits[: answer.alike]} >= {"NB-7K3M-5", "NB-2XQ9-D"}


def test_what_nobody_is_called_quite_is_not_called_found(city: OpenEdition) -> None:
    assert search(city, "乐雪音乐").near
    assert not search(city, "乐学音乐").near
    assert search(city, "91330203MA0102103K").guessed
    assert not search(city, "91330203MA0102103L").guessed


@pytest.mark.parametrize("at", range(18))
def test_a_code_with_a_slip_anywhere_leads_to_its_bearer_and_is_called_a_guess(
    city: OpenEdition, at: int
) -> None:
    code = "91330203MA0102103L"
    other = "4" if code[at] != "4" else "6"
    typed = [f"{code[:at]}{other}{code[at + 1 :]}"]
    if at and code[at] != code[at - 1]:
        typed.append(f"{code[: at - 1]}{code[at]}{code[at - 1]}{code[at + 1 :]}")
    typed += [f"{code[:at]}{code[at + 1 :]}", f"{code[:at]}{other}{code[at:]}"]
    for one in typed:
        answer = search(city, one)
        assert answer.guessed, one
        assert [hit.code for hit in answer.hits] == [code]
    far = f"{code[:2]}7{code[3:9]}7{code[10:]}"
    assert search(city, far).hits == ()


@pytest.mark.parametrize(
    "typed",
    ["NB-7K3M-6", "nb-7k3n-5", "NB7K3M6", "NB-K73M-5", "NB-7K3-5", "NB-7K33M-5", "NB 7K8M 5"],
)
def test_an_own_number_with_a_slip_leads_to_its_bearer_and_is_called_a_guess(
    city: OpenEdition, typed: str
) -> None:
    answer = search(city, typed)
    assert answer.guessed
    assert [hit.id for hit in answer.hits] == ["NB-7K3M-5"]


@pytest.mark.parametrize("typed", ["7K3M", "7k3m-5", "7K3M5", "７Ｋ３Ｍ 5"])
def test_an_own_number_is_found_without_the_letters_that_all_have(
    city: OpenEdition, typed: str
) -> None:
    answer = search(city, typed)
    assert [hit.id for hit in answer.hits] == ["NB-7K3M-5"]
    assert not answer.guessed
    assert search(city, "7K3M6").hits == ()


@pytest.mark.parametrize("typed", ["NB-7K4N-5", "nbqmx", "NB-7K-3", "XX-7K3M-6"])
def test_what_is_further_from_every_number_is_no_guess(city: OpenEdition, typed: str) -> None:
    assert not search(city, typed).guessed


def test_within_a_place_only_its_own_are_shown_and_the_others_counted(city: OpenEdition) -> None:
    answer = search(city, "新东方", "330212")
    assert [hit.id for hit in answer.hits] == ["NB-1A2C-4"]
    assert dict(answer.places) == {"330203": 1, "330212": 1}
    assert search(city, "新东方", "330281").hits == ()
    assert search(city, "新东方", "nowhere").hits == ()


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (Filter(kind="文化艺术"), {"NB-7K3M-5", "NB-2XQ9-D"}),
        (Filter(kind="体育"), set()),
        (Filter(status="black"), set()),
    ],
)
def test_a_search_is_narrowed_to_a_kind_and_a_list(
    city: OpenEdition, only: Filter, found: set[str]
) -> None:
    answer = search(city, "启明星艺术", only=only)
    assert {hit.id for hit in answer.hits} == found
    assert answer.total == len(found)


def test_nobody_at_an_address_is_told_who_is_registered_there(city: OpenEdition) -> None:
    answer = search(city, "石碶街道小太阳晚托班")
    assert answer.hits == ()
    assert [hit.id for hit in answer.around] == ["NB-7K3M-5"]


def test_suggestions_tell_alike_names_apart(city: OpenEdition) -> None:
    found = suggest(city, "启明")
    assert len(found) > 2
    assert {one.place for one in found} >= {"海曙区", "鄞州区", "江北区"}
    assert all(one.address for one in found)
    assert suggest(city, "") == []


def test_hostile_strings_are_only_text(city: OpenEdition) -> None:
    sections = json.loads(HOSTILE.read_text("ascii"))
    for text in (one for section in sections for one in section["strings"]):
        answer = search(city, text)
        assert answer.query == text
        assert msgspec.json.encode(answer.hits)


EDGES = [
    '"',
    "*",
    "NEAR(启明,星)",
    "启明星 OR 1=1",
    "(",
    "a" * 100_000,
    "启" * 5000,
    "\x00启明星",
    "%_",
    "🎓" * 50,
    "海曙鄞州江北镇海" * 5,
    "nb启nb航nb艺nb术" * 6,
    "宁波1" * 30,
    "xian" * 25,
]


@pytest.mark.parametrize("text", EDGES, ids=lambda one: repr(one[:20]))
def test_marks_of_a_query_language_mean_nothing(city: OpenEdition, text: str) -> None:
    assert search(city, text).total <= len(TABLE["register"])


ASKED = st.lists(
    st.sampled_from(
        ["海曙", "宁波", "nb", "启明星", "艺术", "qiming", "1", "路", " ", "x", "学校", "𠮷"]
    ),
    max_size=8,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | ASKED, place=st.sampled_from(["", *PLACES]))
def test_any_text_is_a_query_with_one_answer(city: OpenEdition, text: str, place: str) -> None:
    answer = search(city, text, place)
    assert answer == search(city, text, place)
    assert len(answer.hits) <= answer.total
    assert all(hit.jurisdiction == place for hit in answer.hits if place)


SIGNS = st.sampled_from("启明星新东方海曙区艺术外语学校乐𠮷AB1（）·🎓 市")
NAMES = st.lists(
    st.text(SIGNS, min_size=1, max_size=16).filter(str.strip).map(str.strip),
    min_size=1,
    max_size=12,
    unique=True,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=NAMES)
@example(names=["1", "1（"])
def test_every_institution_is_found_first_by_its_name_and_by_its_numbers(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    entries = [
        entry(
            {"id": f"NB-{at:04d}-A", "name": name, "place": "330203", "code": f"9133020{at:011d}"}
        )
        for at, name in enumerate(names)
    ]
    city = opened(entries, tmp_path_factory.mktemp("any"))
    for one in entries:
        assert search(city, one.name).hits[0].name == one.name
        assert [hit.id for hit in search(city, one.code).hits] == [one.institution]
        assert [hit.id for hit in search(city, one.institution).hits] == [one.institution]
