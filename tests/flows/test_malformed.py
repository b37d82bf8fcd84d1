"""What no browser sends is refused in words, not met as a fault of ours."""

import socket
from urllib.parse import urlsplit

import pytest

from tests.flows.small_city import Town, city

__all__ = ["city"]
HALF_AN_ADDRESS = "http://["
SIGN_IN = {"account": "city.inspector", "password": "wrong"}
# What is posted to /sign-in besides a name and a password, and how it is answered.
POSTED: dict[str, tuple[dict[str, str], dict[str, str], set[int]]] = {
    "an origin that is no address": ({"Origin": HALF_AN_ADDRESS}, {}, {403}),
    "another site's origin": ({"Origin": "https://elsewhere.example"}, {}, {403}),
    "a way on that is no address": ({}, {"path": "//["}, {403}),
    "lists within lists without end": ({}, {"kept": "[" * 100_000}, {403}),
    "half a sign": ({}, {"kept": '[[["a","\\ud800"]],false]'}, {403}),
    "a sign that PostgreSQL cannot keep": ({}, {"account": "a\0b"}, {400, 403}),
}
HOSTS = ["", "a:b", "[", "[::", "a:99999", "x@y"]
OF_A_HOST = ["/desk/", "/sitemap.xml", "/robots.txt", "/widget/", "/sign-in/", "/"]


@pytest.mark.parametrize("case", POSTED)
def test_a_form_that_no_page_sends_is_refused(city: Town, case: str) -> None:
    headers, data, statuses = POSTED[case]
    answer = city.fresh().post("/sign-in/", data={**SIGN_IN, **data}, headers=headers)
    assert answer.status_code in statuses, answer.text


@pytest.mark.parametrize("path", ["//[", HALF_AN_ADDRESS, "/\t/["])
def test_a_way_on_that_is_no_address_leads_nowhere(city: Town, path: str) -> None:
    answer = city.fresh().get("/sign-in/", params={"path": path})
    assert answer.status_code == 200
    assert 'name="path" value=""' in answer.text


@pytest.mark.parametrize("path", ["/report/", "/receipt/", "/report/unregistered/"])
def test_a_complaint_from_another_page_is_refused(city: Town, path: str) -> None:
    for origin in (HALF_AN_ADDRESS, "https://elsewhere.example", "null"):
        answer = city.fresh().post(path, data={"number": "1"}, headers={"Origin": origin})
        assert answer.status_code == 403, origin


@pytest.mark.parametrize("host", HOSTS)
def test_a_host_that_is_none_is_told_so(city: Town, host: str) -> None:
    for path in OF_A_HOST:
        answer = asked(city, path, host)
        assert answer.startswith("HTTP/1.1 400 "), (path, answer[:60])
        assert "网址里的主机名不对" in answer


def asked(city: Town, path: str, host: str) -> str:
    """The answer to a request whose host is sent as it stands here."""
    parts = urlsplit(city.url)
    said = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    answer = b""
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=60) as there:
        there.sendall(said.encode("ascii"))
        while part := there.recv(65536):
            answer += part
    return answer.decode("utf-8")
