"""The log tells who asked for what and when, keeps no search and no form, and cannot be written into by a visitor."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from config.access_log import logged


async def answer(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        return
    if scope["path"] == "/broken":
        raise RuntimeError("broken")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def ask(app: Any, raw: bytes, query: bytes = b"") -> None:
    async def send(message: Any) -> None:
        return

    scope = {
        "type": "http",
        "method": "GET",
        "path": raw.decode("latin-1"),
        "raw_path": raw,
        "query_string": query,
        "client": ("203.0.113.7", 1234),
    }
    asyncio.run(app(scope, None, send))


def test_a_line_a_request_and_nothing_that_was_searched_for(tmp_path: Path) -> None:
    app = logged(answer, tmp_path / "logs")
    ask(app, b"/search/", b"q=secret")
    ask(app, b"/search/?q=secret")
    ask(app, b"/ningbo/join/J0_secret-1/")
    ask(app, b"/a\n2026-01-01 forged line")
    ask(app, b"/" + b"x" * 5000)
    with pytest.raises(RuntimeError):
        ask(app, b"/broken")
    asyncio.run(app({"type": "lifespan"}, None, None))
    text = (tmp_path / "logs/access.log").read_text("utf-8")
    assert "secret" not in text
    lines = text.splitlines()
    assert len(lines) == 6
    assert " GET /ningbo/join/-/ 200" in lines[2]
    for line in lines:
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} 203\.0\.113\.7 GET /.{0,300} \d{3}", line
        )
    assert [line.rsplit(" ", 1)[1] for line in lines] == [*["200"] * 5, "500"]
