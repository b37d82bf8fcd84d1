"""Several cities on one port over real HTTP: by host and by prefix, searched together, apart in everything else."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from click.testing import CliRunner
from litestar import Router
from openapi_spec_validator import validate

import config.commands  # noqa: F401 registers them
from config.cities.hosting import CitiesRefused, houses_of
from config.cities.installation import load_installation
from config.cli import xinyong
from config.settings import Settings
from publisher.site.cities import common_routes
from tests.conftest import postgres_server, served
from tests.flows.cities import PASSWORD, cleared, filled, installation_file

PAGE = {"Accept": "text/html"}


def asked(url: str, host: str, path: str, **headers: str) -> httpx.Response:
    """A page of a host."""
    return httpx.get(f"{url}{path}", headers={**PAGE, "Host": host, **headers}, timeout=30)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cities")


@pytest.fixture(scope="module")
def full(root: Path) -> Iterator[str]:
    """Two cities served whole."""
    file = installation_file(root, 2, {})
    filled(file)
    with served("--log", root / "log", XINYONG_CITIES=str(file)) as url:
        yield url


@pytest.fixture(scope="module")
def public(demo: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A public node of three cities: one by its host, one by prefix, one that has released nothing."""
    root = tmp_path_factory.mktemp("public")
    file = installation_file(root, 3, {})
    text = file.read_text("utf-8").replace('hosts = ["city1.example"]\n', "")
    file.write_text(text, "utf-8")
    for id in ("city0", "city1"):
        shutil.copytree(demo.editions, root / "editions" / id, symlinks=True)
    (root / "editions" / "city2").mkdir()
    with served("--public", root / "editions", XINYONG_CITIES=str(file)) as url:
        yield url


def test_each_host_is_its_city_and_an_unknown_one_is_told_which_there_are(
    full: str,
) -> None:
    url = full
    for at, name in enumerate(("宁波市", "杭州市")):
        page = asked(url, f"city{at}.example", "/sign-in")
        assert page.status_code == 200
        assert f"{name}教育局" in page.text
        assert asked(url, f"CITY{at}.Example.:8000", "/sign-in").text == page.text
    page = asked(url, "nobody.example", "/sign-in")
    assert page.status_code == 421
    for word in ("nobody.example", "http://city0.example/", "杭州市", "浙江省民办教育机构信用名单"):
        assert word in page.text
    problem = asked(url, "nobody.example:81", "/", Accept="application/json")
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.json()["status"] == 421
    assert "city1.example" in problem.json()["detail"]
    hostile = asked(url, "<script>alert(1)</script>", "/")
    assert hostile.status_code in (400, 421)
    assert "<script>alert" not in hostile.text


def test_the_common_host_lists_the_cities_and_has_no_desk(full: str) -> None:
    url = full
    page = asked(url, "all.example", "/")
    assert page.status_code == 200
    assert page.text.count("还没有发布名单") == 2
    for path in ("/desk/", "/sign-in", "/city0/", "/nope"):
        assert asked(url, "all.example", path).status_code == 404, path
    ready = asked(url, "127.0.0.1", "/readyz").json()
    assert list(ready["checks"]) == ["city0", "city1"]
    assert asked(url, "127.0.0.1", "/healthz").status_code == 200


def test_a_session_of_one_city_is_none_in_another(full: str) -> None:
    url = full
    own = {"Host": "city0.example", **PAGE}
    signed = httpx.post(
        f"{url}/sign-in", data={"account": "reviewer", "password": PASSWORD}, headers=own
    )
    assert signed.status_code == 303
    cookie = signed.headers["set-cookie"].split(";")[0]
    assert asked(url, "city0.example", "/desk/", Cookie=cookie).status_code == 200
    assert asked(url, "city1.example", "/desk/", Cookie=cookie).status_code in (303, 401)


def test_the_log_says_which_city_a_line_is_of(full: str, root: Path) -> None:
    """Requests as well as what a city's own clock does."""
    asked(full, "city1.example", "/sign-in")
    asked(full, "all.example", "/")
    lines = [json.loads(one) for one in (root / "log").read_text("utf-8").splitlines()]
    of = {(one["from"], one.get("city", "")) for one in lines}
    assert {("xinyong.request", "city1"), ("xinyong.request", "")} <= of
    assert {("xinyong", "city0"), ("xinyong", "city1")} <= of  # no edition of last month
    for at in (0, 1):
        assert (root / f"data/city{at}/logs").is_dir()


def test_cities_are_searched_together_and_each_hit_says_whose_it_is(
    public: str, demo: Settings
) -> None:
    rows = [
        json.loads(one)
        for one in (demo.editions / "current/entries.jsonl").read_bytes().splitlines()
    ]
    name = next(one["name"] for one in rows if "rating" in one)
    found = httpx.get(
        f"{public}/api/v1/search", params={"q": name}, headers={"Host": "all.example"}
    )
    assert found.status_code == 200, found.text
    said: dict[str, Any] = found.json()
    assert {one["id"]: one["total"] for one in said["cities"]}.keys() == {"city0", "city1"}
    first, second = said["items"][:2]
    assert {first["city"], second["city"]} == {"city0", "city1"}
    assert first["name"] == second["name"] == name
    assert said["alike"] >= 2
    for one in (first, second):
        link = httpx.URL(one["link"])
        page = asked(public, link.host, link.raw_path.decode())
        assert page.status_code == 200
        assert one["id"] in page.text
    page = asked(public, "all.example", f"/search/?q={name}")
    for word in ("名称相近，不是同一家", "宁波市", "杭州市", 'href="../city1/i/'):
        assert word in page.text
    tag = page.headers["etag"]
    again = asked(public, "all.example", f"/search/?q={name}", **{"If-None-Match": tag})
    assert again.status_code == 304


def test_the_common_api_describes_itself_and_answers_as_it_says(public: str) -> None:
    """Every address of the document, and no other; each answer, right and wrong, fits its schema."""
    host = {"Host": "all.example"}
    document = httpx.get(f"{public}/api/v1/openapi.json", headers=host).json()
    validate(document)
    assert document["openapi"].startswith("3.1.")
    own = {path for route in common_routes() for path in paths_of(route) if "/api/" in path}
    assert document["paths"].keys() == own

    def fits(value: Any, schema: dict[str, Any]) -> None:
        jsonschema.validate(value, {**schema, "components": document["components"]})

    for query, status in (("宁波", 200), ("学", 200), ("没有这一家的名字", 200), ("", 400)):
        answer = httpx.get(f"{public}/api/v1/search", params={"q": query}, headers=host)
        assert answer.status_code == status
        name = "SearchOfAll" if status == 200 else "Problem"
        fits(answer.json(), {"$ref": f"#/components/schemas/{name}"})
    media = document["paths"]["/api/v1/search"]["get"]["responses"]["200"]["content"]
    fits(media["application/json"]["example"], media["application/json"]["schema"])


def paths_of(route: Any) -> list[str]:
    """The addresses of a handler, or of all that lie under a router."""
    if isinstance(route, Router):
        return [one.path for one in route.routes]
    return list(route.paths)


def test_what_a_program_asks_wrongly_is_told_whole(public: str) -> None:
    answer = asked(public, "all.example", "/api/v1/search?x=1&q=", Accept="*/*")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {one["name"] for one in answer.json()["faults"]} == {"x", "q"}


def test_a_city_without_a_host_lies_under_its_number(public: str) -> None:
    for path, status in {
        "/city1": 308,
        "/city1/": 200,
        "/city1/search/?q=a": 200,
        "/city1/editions/current": 302,
        "/city1/static/look.css": 200,
        "/city1/api/v1/institutions": 200,
        "/city1/desk/": 404,
        "/city0/": 404,
        "/city2/": 404,
    }.items():
        assert asked(public, "all.example", path).status_code == status, path
    assert asked(public, "all.example", "/city1").headers["location"] == "city1/"
    assert asked(public, "city0.example", "/").status_code == 200
    assert asked(public, "city2.example", "/").status_code == 503
    index = asked(public, "all.example", "/sitemap.xml").text
    for one in ("all.example/sitemap.xml?own", "all.example/city1/sitemap.xml", "city0.example/"):
        assert one in index
    assert "all.example/city1/i/" in asked(public, "all.example", "/city1/sitemap.xml").text
    assert "Disallow: /city1/search/" in asked(public, "all.example", "/robots.txt").text


def signed_in(url: str, host: str) -> httpx.Response:
    """What a reviewer who signs in is answered."""
    typed = {"account": "reviewer", "password": PASSWORD}
    return httpx.post(f"{url}/sign-in", data=typed, headers={**PAGE, "Host": host}, timeout=60)


def test_while_a_server_is_away_its_cities_are_still_read_and_the_others_work(
    tmp_path: Path, demo: Settings, postgres: str
) -> None:
    """In the middle of the day, and at the start: no city waits for another's database."""
    shutil.copytree(demo.editions, tmp_path / "data/city1/editions", symlinks=True)
    with ExitStack() as lives, ExitStack() as running:
        second = lives.enter_context(postgres_server())
        file = installation_file(tmp_path, 2, {"east": postgres, "west": second}, on={1: "west"})
        whole = filled(file)
        running.callback(cleared, whole, "east")
        url = running.enter_context(served("--no-schedule", XINYONG_CITIES=str(file)))
        assert [signed_in(url, f"city{at}.example").status_code for at in (0, 1)] == [303, 303]
        lives.close()
        for start in ("in the middle of the day", "at the start"):
            if start == "at the start":
                url = running.enter_context(served("--no-schedule", XINYONG_CITIES=str(file)))
            assert signed_in(url, "city0.example").status_code == 303
            assert asked(url, "city1.example", "/").status_code == 200
            away = signed_in(url, "city1.example")
            assert (away.status_code, away.headers["retry-after"]) == (503, "30"), start
            assert "数据库" in away.text


def test_the_front_server_is_told_each_host_and_whose_folder_it_reads(
    root: Path, full: str
) -> None:
    assert full
    env = {"XINYONG_CITIES": str(root / "cities.toml")}
    said = CliRunner(env=env).invoke(xinyong, ["cities", "--hosts"])
    assert said.exit_code == 0, said.output
    assert [line.split("\t") for line in said.output.splitlines()] == [
        ["all.example", "", ""],
        *(
            [
                f"city{at}.example",
                str(root / f"data/city{at}"),
                f"city{at}",
                str(root / f"city{at}"),
            ]
            for at in (0, 1)
        ),
    ]


def test_copies_of_several_cities_are_brought_where_each_names_its_store(tmp_path: Path) -> None:
    file = installation_file(tmp_path, 2, {})
    (tmp_path / "copies").mkdir()
    store = '[store]\nurl = "s3://bucket/{}"\nendpoint = "https://s3.example.cn"\n'
    with (tmp_path / "city0/city.toml").open("a", encoding="utf-8") as one:
        one.write(store.format("city0"))
    with pytest.raises(CitiesRefused, match=r"杭州市的 city\.toml 没有写 \[store\]"):
        houses_of(
            load_installation(file), schedule=False, public=tmp_path / "copies", from_store=True
        )
    with (tmp_path / "city1/city.toml").open("a", encoding="utf-8") as other:
        other.write(store.format("city1"))
    houses = houses_of(
        load_installation(file), schedule=False, public=tmp_path / "copies", from_store=True
    )
    assert [one.editions for one in houses] == [tmp_path / "copies" / f"city{at}" for at in (0, 1)]
    assert all(one.editions.is_dir() and one.from_store for one in houses)
