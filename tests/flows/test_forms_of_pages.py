"""Every form of every page of every role, filled with anything by schemathesis: never a fault of ours."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from lxml import html
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup

from config.demo.build import PASSWORD, ROLES
from config.settings import Settings
from tests.browser.test_barriers import kind_of
from tests.conftest import built, served
from tests.flows.portal_city import matters_of

EXAMPLES = 4
# What ends a session, after which nothing more would be asked.
ENDS = ("/sign-out", "/me/sessions", "/close")
Fields = dict[str, set[str]]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo city in which one institution has matters of every kind."""
    made: Settings = built(tmp_path_factory.mktemp("forms"), 11)
    matters_of(made)
    with served("--no-schedule", XINYONG_DATA=str(made.data)) as url:
        yield url


def signed_in(town: str, role: str) -> httpx.Client:
    """A browser of a role; of nobody's without one."""
    client = httpx.Client(base_url=town, headers={"Accept": "text/html"}, timeout=30)
    if role:
        answer = client.post("/sign-in", data={"account": role, "password": PASSWORD})
        assert answer.status_code == 303
    return client


def forms(client: httpx.Client, start: str) -> dict[tuple[str, str], Fields]:
    """The fields of every form on the pages one can walk to, each with the values the page offers."""
    found: dict[tuple[str, str], Fields] = {}
    known, waiting, kinds = {start}, deque([start]), set()
    while waiting:
        path = waiting.popleft()
        if kind_of(path) in kinds:
            continue
        kinds.add(kind_of(path))
        answer = client.get(path, follow_redirects=True)
        assert answer.status_code < 500, path
        if not answer.headers.get("content-type", "").startswith("text/html") or not answer.text:
            continue
        page = html.fromstring(answer.text)
        for form in page.iter("form"):
            action = urlsplit(urljoin(str(answer.url), form.get("action") or str(answer.url)))
            fields = found.setdefault((form.get("method", "get").lower(), action.path), {})
            for field in form.xpath(".//*[@name]"):
                offered = [field.get("value"), *field.xpath("./option/@value")]
                fields.setdefault(field.get("name"), set()).update(map(str, filter(None, offered)))
        for link in page.xpath("//a/@href"):
            to = urlsplit(urljoin(str(answer.url), link))
            ours = to.netloc == urlsplit(str(client.base_url)).netloc
            address = to.path + (f"?{to.query}" if to.query else "")
            if ours and address not in known:
                known.add(address)
                waiting.append(address)
    return found


def ends(path: str) -> bool:
    """Whether a form ends what the others need."""
    return path.rstrip("/").endswith(ENDS)


def described(found: dict[tuple[str, str], Fields]) -> dict[str, Any]:
    """The forms as an OpenAPI document: each field is what the page offers, or any text."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), fields in found.items():
        properties = {
            name: {"anyOf": [{"type": "string", "enum": sorted(offered)}, {"type": "string"}]}
            if offered
            else {"type": "string"}
            for name, offered in fields.items()
        }
        operation: dict[str, Any] = {"responses": {"default": {"description": "a page"}}}
        if method == "post":
            schema = {"type": "object", "properties": properties}
            body = {"application/x-www-form-urlencoded": {"schema": schema}}
            operation["requestBody"] = {"content": body}
        else:
            operation["parameters"] = [
                {"name": name, "in": "query", "schema": schema}
                for name, schema in properties.items()
            ]
        paths.setdefault(path, {})[method] = operation
    about = {"title": "forms of pages", "version": "1"}
    return {"openapi": "3.1.0", "info": about, "paths": paths}


def fill(town: str, session: requests.Session, found: dict[tuple[str, str], Fields]) -> None:
    """Sends each form some times with what the page offers and with any text."""
    for result in schemathesis.openapi.from_dict(described(found)).get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            phases=[Phase.generate],
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def filled(case: Any) -> None:
            asked = case.as_transport_kwargs(base_url=town)
            answer = session.request(**asked, allow_redirects=False, timeout=30)
            case.validate_response(answer, checks=[not_a_server_error])

        filled()


def test_no_form_of_any_page_brings_a_fault_of_ours(town: str) -> None:
    seen: set[tuple[str, str]] = set()
    for role in ("", *ROLES):
        with closing(signed_in(town, role)) as client, requests.Session() as session:
            found = forms(client, {"": "/", "institution": "/my/"}.get(role, "/desk/"))
            session.cookies.update(dict(client.cookies))
            fresh = {
                key: one for key, one in found.items() if (key[0], kind_of(key[1])) not in seen
            }
            seen |= {(method, kind_of(path)) for method, path in fresh}
            fill(town, session, {key: one for key, one in fresh.items() if not ends(key[1])})
    assert len(seen) > 40


def test_a_form_that_breaks_the_server_is_told() -> None:
    document = schemathesis.openapi.from_dict(described({("get", "/x/"): {"q": {"a"}}}))
    case = next(iter(document.get_all_operations())).ok().Case()
    answer = requests.Response()
    answer.status_code, answer.url = 500, "http://x.example/x/"
    answer.request = requests.Request("GET", answer.url).prepare()
    with pytest.raises(FailureGroup, match="1 distinct failure"):
        case.validate_response(answer, checks=[not_a_server_error])
