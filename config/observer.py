"""What stands between the server and the app: whose word is taken, a request's number, its line in the log."""

import logging
import os
import re
import time
from typing import Any, cast

from litestar.types import ASGIApp, Message, Receive, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config.journal import REQUEST, requests
from config.metrics import Measures

_FORWARDED = frozenset((b"x-forwarded-for", b"forwarded", b"x-real-ip"))
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
NOWHERE = "(none)"


def observed(app: ASGIApp, measures: Measures, trusted: str) -> ASGIApp:
    """The app with every request numbered, measured and logged by route, never by what it asks for.

    `trusted` names the proxies whose word on a visitor's address, on https and on a request's number is
    taken. `state["relayed"]` says that somebody else stands between us and the visitor.
    """
    inner: Any = ProxyHeadersMiddleware(cast(Any, app), trusted) if trusted else app
    trusts = inner.trusted_hosts if trusted else ()

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        known = bool(trusted) and (scope.get("client") or ("",))[0] in trusts
        headers = scope["headers"]
        state = scope.setdefault("state", {})
        state["relayed"] = not known and not _FORWARDED.isdisjoint(name for name, _ in headers)
        given = [value for name, value in headers if name == b"x-request-id"] if known else []
        number = state["request_id"] = _number(given)
        told = (b"x-request-id", number.encode())
        token = REQUEST.set(number)
        began = time.perf_counter()
        status = 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # uvicorn gives lists; another server may give any iterable.
                message["headers"] = [*message["headers"], told]
            await send(message)

        try:
            await inner(scope, receive, answered)
        finally:
            seconds = time.perf_counter() - began
            method = scope["method"] if scope["method"] in METHODS else "OTHER"
            route = str(scope.get("path_template") or NOWHERE)
            measures.answered(method, route, status, seconds)
            if requests.isEnabledFor(logging.INFO):
                _note(method, route, status, seconds, number)
            REQUEST.reset(token)

    return serve


def _note(method: str, route: str, status: int, seconds: float, number: str) -> None:
    """A line in the log."""
    said = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
    requests.info("%s", route, extra={"said": {**said, "request": number}})


def _number(given: list[bytes]) -> str:
    """The proxy's number where it is one, else a number of our own."""
    if len(given) == 1 and re.fullmatch(rb"[A-Za-z0-9._-]{8,64}", given[0]):
        return given[0].decode()
    return os.urandom(8).hex()
