"""What stands between the server and the app: whose word is taken, a request's number, its line in the log."""

import re
import secrets
import time
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from config.journal import REQUEST, requests
from config.metrics import Measures

FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
NOWHERE = "(none)"


def observed(app: ASGIApp, measures: Measures, trusted: str) -> ASGIApp:
    """The app with every request numbered, measured and logged by route, never by what it asks for.

    `trusted` names the proxies whose word on a visitor's address, on https and on a request's number is
    taken. `state["relayed"]` says that somebody else stands between us and the visitor.
    """
    inner: Any = _Observer(app, measures)
    proxied: Any = ProxyHeadersMiddleware(inner, trusted) if trusted else None

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else ""
        known = proxied is not None and peer in proxied.trusted_hosts
        headers = scope["headers"]
        state = scope.setdefault("state", {})
        state["relayed"] = not known and any(name in FORWARDED for name, _ in headers)
        given = [value for name, value in headers if name == b"x-request-id"] if known else []
        state["request_id"] = _number(given)
        await (proxied or inner)(scope, receive, send)

    return serve


def _number(given: list[bytes]) -> str:
    """The proxy's number where it is one, else a number of our own."""
    if len(given) == 1 and re.fullmatch(rb"[A-Za-z0-9._-]{8,64}", given[0]):
        return given[0].decode()
    return secrets.token_hex(8)


class _Observer:
    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app, self.measures = app, measures

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        number: str = scope["state"]["request_id"]
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        token = REQUEST.set(number)
        began = time.perf_counter()
        status = 500

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                # uvicorn gives lists; another server may give any iterable.
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self.app(scope, receive, answered)
        finally:
            seconds = time.perf_counter() - began
            route = str(scope.get("path_template") or NOWHERE)
            self.measures.answered(method, route, status, seconds)
            said = {"method": method, "route": route, "status": status}
            said |= {"ms": round(seconds * 1000, 1)}
            requests.info("%s", route, extra={"said": {**said, "request": number}})
            REQUEST.reset(token)
