"""An address that is sent as it is written is understood as if it had been encoded, and a body is never touched."""

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
import uvicorn

from config.raw_address import RawAddresses


def sent(url: str, *parts: bytes) -> tuple[int, str]:
    """The status and the body of an answer to bytes sent as they are, in so many packets."""
    at = urlsplit(url)
    assert at.hostname
    assert at.port
    with socket.create_connection((at.hostname, at.port), timeout=10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for one in parts:
            line.sendall(one)
            time.sleep(0.1)
        answer = b""
        while part := line.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def get(address: bytes) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: text/html\r\n\r\n" % address


@pytest.mark.parametrize("query", ["宁波新东方", "𠮷林", "a宁b", "阳光&d=330203"])
def test_a_search_sent_as_it_is_written_finds_what_the_encoded_one_finds(
    site: str, query: str
) -> None:
    status, body = sent(site, get(f"/search/?q={query}".encode()))
    assert status == 200
    assert body == httpx.get(f"{site}/search/?q={quote(query, safe='&=')}").text


def test_what_is_no_utf8_is_answered_too(site: str) -> None:
    status, _ = sent(site, get("/search/?q=宁波".encode("gbk")))
    assert status == 200


@pytest.fixture
def echo() -> Iterator[str]:
    """A server that tells the address and the body it was sent."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        told = scope["raw_path"] + b"?" + scope["query_string"] + b" " + body
        length = [(b"content-length", b"%d" % len(told))]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": told})

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, http=RawAddresses, lifespan="off", log_config=None)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_body_that_looks_like_a_request_comes_as_it_was_sent(echo: str) -> None:
    body = "GET /宁波 HTTP/1.1\r\n".encode()
    head = b"POST /%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    asked = head % ("一".encode(), len(body))
    told = f"/{quote('一')}? {body.decode()}"
    assert sent(echo, asked, body) == (200, told)
    assert sent(echo, asked + body) == (200, told)
