"""Every address × every role × own and foreign: the answers stand in roles.toml, which a lawyer can read."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.app import settings_app
from publisher.site.answers import SECURITY
from registry.faces.door import checked
from registry.inspector.app import RECORD_ROUTES
from registry.procedure import ROLES
from tests.flows.small_city import Town, city

__all__ = ["city"]
TABLE: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).with_name("roles.toml")).read_text("utf-8")
)
WHO: dict[str, list[str]] = TABLE.pop("who")
# Pages that run our own scripts, and the worker, have a policy of their own.
OWN_POLICY = (
    "GET /",
    "GET /search",
    "GET /desk/field",
    "GET /desk/field/worker.js",
    "GET /desk/visits/new",
    "POST /desk/visits",
)
# A way of asking, and the address of another site's page that asks.
STRANGE = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"})


def routes(city: Town) -> Iterator[str]:
    app = settings_app(city.settings, schedule=False)
    for route in app.routes:
        for method in sorted(getattr(route, "methods", ())):
            if method not in ("OPTIONS", "HEAD"):
                yield f"{method} {route.path}"
    app.state.office.engine.dispose()


def ask(
    city: Town, client: httpx.Client, name: str, where: str = "own", **more: Any
) -> httpx.Response:
    """Opens an address with what its line says is to be filled in."""
    line, (method, path) = TABLE[name], name.split(" ")

    def filled(values: dict[str, str]) -> dict[str, str]:
        subject = city.ids[line["of"]][where] if "of" in line else ""
        return {key: subject if one == "@own" else one for key, one in values.items()}

    for key, one in filled(line.get("fill", {})).items():
        path = re.sub(rf"{{{key}:\w+}}", one, path)
    assert "{" not in path, f"{name}: roles.toml must fill every parameter"
    slash = "/" if method == "GET" and "." not in path.rsplit("/", 1)[-1] and path != "/" else ""
    data = filled(line.get("form", {})) if method == "POST" else None
    return client.request(
        method, f"{path}{slash}", params=filled(line.get("query", {})), data=data, **more
    )


@pytest.mark.filterwarnings("ignore:.*deprecated inferred style")
def test_every_address_has_its_line_and_every_line_its_address(city: Town) -> None:
    there = set(routes(city))
    assert there - set(TABLE) == set(), "write a line for each in tests/flows/roles.toml"
    assert set(TABLE) - there == set(), "no such address any more"
    assert {role for roles in WHO.values() for role in roles} == set(ROLES)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_an_address_answers_each_role_as_the_table_says(city: Town, name: str) -> None:
    line = TABLE[name]
    may = line["who"] if isinstance(line["who"], list) else WHO[line["who"]]
    if line["who"] == "everyone":
        answer = ask(city, city.fresh(), name)
        wanted = line.get("answer")
        assert answer.status_code == wanted if wanted else answer.status_code not in (401, 403)
        return
    nobody = ask(city, city.browser(), name)
    assert nobody.status_code == 401
    assert 'name="password"' in nobody.text
    wrong = []
    for role in ROLES:
        for reach in ("city", "home") if role != "institution" else ("",):
            account = f"{reach}.{role}" if reach else role
            for where in ("own", "below", "foreign") if "of" in line else ("own",):
                outside = {"city": False, "home": where == "foreign", "": where != "own"}[reach]
                beyond = outside or (line.get("whole_city", False) and reach == "home")
                wanted = line["answer"] if role in may and not beyond else 403
                answer = ask(city, city.browser(account), name, where)
                if answer.status_code != wanted:
                    wrong.append((account, where, wanted, answer.status_code))
    assert wrong == []


def test_every_form_refuses_what_another_sites_page_sends(city: Town) -> None:
    posts = [name for name in TABLE if name.startswith("POST")]
    assert len(posts) > 20
    for name in posts:
        for headers in STRANGE:
            for account in ("", "city.administrator", "institution"):
                answer = ask(city, city.browser(account), name, headers=headers)
                assert answer.status_code == 403, (name, headers, account)
                assert "请从本站的页面提交" in answer.text


def test_nothing_typed_is_lost_when_the_session_is_over(city: Town) -> None:
    typed = {"statement": "会话中断前写下的<b>", "purpose": "核查“退费”投诉"}
    for name, line in TABLE.items():
        if not name.startswith("POST") or line["who"] == "everyone":
            continue
        method, path = name.split(" ")
        path = re.sub(r"{\w+:int}", "1", re.sub(r"{\w+:str}", "x", path))
        client = city.fresh()
        asked = client.request(method, path, data={**typed, "password_new": "never sent back"})
        assert asked.status_code == 401, name
        assert "您填的内容还在" in asked.text
        assert "never sent back" not in asked.text
        fields = dict(re.findall(r'name="(path|kept)" value="([^"]*)"', asked.text))
        back = {key: unescaped(one) for key, one in fields.items()}
        assert back["path"] == path
        words = {"account": "city.auditor", "password": "three plain words"}
        going_on = client.post("/sign-in", data=words | back)
        assert going_on.status_code == 200, name
        page = unescaped(going_on.text)
        assert all(one in page for one in typed.values()), name
        assert f'action="../{path.lstrip("/")}"' in page or f'{path.lstrip("/")}"' in page
        client.post("/sign-out")


def unescaped(text: str) -> str:
    import html

    return html.unescape(text)


def test_a_file_that_was_chosen_is_asked_for_again(city: Town) -> None:
    answer = city.fresh().post(
        "/desk/visits", data={"note": "附照片"}, files={"photo": ("a.jpg", b"jpeg")}
    )
    assert answer.status_code == 401
    assert "文件要重新选择" in answer.text
    assert "附照片" in answer.text


def test_every_answer_tells_the_browser_how_to_treat_it(city: Town) -> None:
    for name in TABLE:
        for account in ("", "city.administrator"):
            if "skip" in TABLE[name] and account:
                continue
            answer = ask(city, city.browser(account), name)
            for header, value in SECURITY.items():
                found = answer.headers.get(header)
                own = header == "Content-Security-Policy" and name in OWN_POLICY
                assert found.startswith("default-src 'none';") if own else found == value, name
            private = TABLE[name]["who"] != "everyone"
            if private and answer.status_code != 303:
                assert answer.headers["Cache-Control"] == "no-store", name
    client = city.browser()
    for method, path in (("GET", "/nowhere"), ("DELETE", "/desk"), ("GET", "/static/nothing")):
        answer = client.request(method, path)
        assert answer.status_code >= 400
        assert answer.headers["Content-Security-Policy"] == SECURITY["Content-Security-Policy"]


def test_lists_hold_what_lies_within_reach_and_below(city: Town) -> None:
    ids = city.ids["institution"]
    for path in ("/desk/institutions/", "/desk/"):
        whole = city.browser("city.inspector").get(path).text
        district = city.browser("home.inspector").get(path).text
        names = {where: city.ids["jurisdiction"][where] for where in ids}
        assert all(f"宁波市{one}艺术" in whole for one in names.values())
        assert f"宁波市{names['own']}艺术" in district
        assert f"宁波市{names['below']}艺术" in district
        assert f"宁波市{names['foreign']}艺术" not in district
    held = {where: f"desk/campaigns/{id}/" for where, id in city.ids["campaign"].items()}
    page = city.browser("home.inspector").get("/desk/campaigns/").text
    assert held["own"] in page
    assert held["below"] in page
    assert held["foreign"] not in page


def test_a_person_of_several_capacities_acts_in_one_at_a_time(city: Town) -> None:
    client, foreign = city.browser("both"), city.ids["institution"]["foreign"]
    form = f"/desk/visits/new?institution={city.ids['institution']['own']}"
    assert client.get(f"/desk/i/{foreign}/").status_code == 200  # the auditor's, granted last
    assert client.get(form).status_code == 403
    page = client.get("/me/").text
    assert "换身份" in page
    (grant,) = re.findall(r'name="grant" value="(\d+)"', page)
    assert client.post("/me/act-as", data={"grant": grant}).status_code == 303
    assert client.get(f"/desk/i/{foreign}/").status_code == 403
    assert client.get(form).status_code == 200
    others = city.browser("city.head").get("/me/").text
    assert 'name="grant"' not in others


def test_the_app_does_not_start_with_an_address_that_says_not_whom_it_is_for() -> None:
    from litestar import get
    from litestar.exceptions import ImproperlyConfiguredException

    @get("/somewhere", sync_to_thread=False)
    def open_door() -> str:
        return ""

    @get("/desk/{paper:str}", sync_to_thread=False)
    def open_subject(paper: str) -> str:
        return paper

    @get("/desk/typing", opt={"needs": "no.such.act"}, sync_to_thread=False)
    def unknown_act() -> str:
        return ""

    assert checked(RECORD_ROUTES) == RECORD_ROUTES
    for handler in (open_door, open_subject, unknown_act):
        with pytest.raises(ImproperlyConfiguredException, match="opt"):
            checked([handler])
