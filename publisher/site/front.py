"""What stands before the site's handlers: where it is mounted, how often one may ask, and kept pages."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Litestar
from litestar.datastructures import Headers
from litestar.types import ASGIApp, Receive, Send

from publisher.site.answers import (
    POLICY,
    READ_ABROAD,
    SCRIPTED,
    SECURITY,
    YEAR,
    Site,
    asked_of,
    keep,
    state_of,
    takes_gzip,
    values_of,
)
from publisher.site.institution import institution
from publisher.site.limits import Limits, kind_of
from publisher.site.pages import found
from publisher.site.refusals import PROBLEM, Problem, problem_page
from publisher.site.shelf import Kept, Key, is_big, is_known, key_of, packed
from publisher.site.store import NothingReleased

FIXED = [(name.lower().encode(), value.encode()) for name, value in SECURITY.items()]
STRICT = (b"strict-transport-security", f"max-age={YEAR}".encode())
INDEX = "/index.html"
KEPT = "(kept)"  # how a page that needed no handler is counted
STATUS, SEARCH = "/i/{id}", "/search"
_HEARD = {one.encode(): one for one in ("accept-encoding", "cookie", "host", "if-none-match")}
_STATUS = re.compile(r"/i/([0-9A-Za-z-]+)/?")
_SEARCH = (SEARCH, f"{SEARCH}/")


def front(app: Litestar, limits: Limits | None = None) -> ASGIApp:
    """The app behind its front: a page that is kept is sent without it."""
    site: Site = app.state.site
    prefix = urlsplit(site.address).path.rstrip("/")
    bounds = limits or Limits()

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        scope = moved(scope, prefix)
        if await is_held_back(bounds, scope, send):
            return
        if scope["method"] != "GET":
            await app(scope, receive, send)
            return
        headers = _heard(scope["headers"])
        key = key_of(scope, headers)
        kept, how = _kept(site, key), KEPT
        if kept is None:
            kept, how = _made(site, scope, key)
        if kept is None:
            await app(scope, receive, send)
            return
        scope["path_template"] = how
        await _send(site, scope, headers, key, kept, send)

    return serve


def _heard(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Of the headers those by which a page is another."""
    return {_HEARD[name]: value.decode("latin-1") for name, value in headers if name in _HEARD}


async def is_held_back(bounds: Limits, scope: Any, send: Send) -> bool:
    """Refuses a request that comes too often, or to a host that is none; whether it did."""
    if wait := wait_of(bounds, scope):
        await slow_down(scope, send, wait)
        return True
    if all(is_host(value) for name, value in scope["headers"] if name == b"host"):
        return False
    await tell(scope, send, NO_HOST)
    return True


@lru_cache(maxsize=256)
def is_host(named: bytes) -> bool:
    """Whether a host stands there, alone or with its port (RFC 9110 §7.2).

    >>> [is_host(one) for one in (b"[::1]:8000", b"credit.example.cn", b"a:b", b"[", b"")]
    [True, True, False, False, False]
    """
    try:
        read = urlsplit(f"//{named[:LONGEST_HOST].decode('latin-1')}")
        port = read.port  # raises ValueError for what is no port
    except ValueError:
        return False
    whole = read.netloc.encode("latin-1") == named
    return whole and bool(read.hostname) and "@" not in read.netloc and port != 0


def wait_of(bounds: Limits, scope: Any) -> int:
    """Seconds until whoever asks may ask so again; 0 when they may now."""
    client = scope.get("client") or ("", 0)
    kind = kind_of(scope["method"], scope["path"])
    return bounds.wait(kind, client[0], time.monotonic()) if kind else 0


def moved(scope: Any, prefix: str) -> Any:
    """The request as if the site stood at the root, and a folder's `index.html` were the folder."""
    path, raw = scope["path"], scope.get("raw_path") or scope["path"].encode()
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        path, raw = path[len(prefix) :] or "/", raw[len(prefix.encode()) :] or b"/"
    if path.endswith(INDEX) and not (path.startswith("/editions/") and path.count("/") > 2):
        path, raw = path[: -len("index.html")], raw[: -len("index.html")]
    return scope if path == scope["path"] else {**scope, "path": path, "raw_path": raw}


def _kept(site: Site, key: Key) -> Kept | None:
    try:
        return site.shelf.take(key, state_of(site))
    except NothingReleased:
        return None


def _made(site: Site, scope: Any, key: Key) -> tuple[Kept | None, str]:
    """A status page of today or what a search found, what is asked for most: made without the layers of the app.

    Whatever is out of the ordinary, a day of the past, another size of text, a wrong number, is the app's.
    """
    path: str = scope["path"]
    number, is_search = _STATUS.fullmatch(path), path in _SEARCH
    if not (number or is_search) or b"view" in key[1] or (number and b"as_of" in key[1]):
        return None, ""
    try:
        edition, state = site.store.current(), state_of(site)
    except NothingReleased:
        return None, ""
    pairs = asked_of(key[1])
    values = values_of(site, scope, pairs, big=key[3])
    try:
        if number:
            text = institution(site.store, edition, number[1], values | {"today": site.today()})
        else:
            text = found(edition, _first(pairs, "q"), _first(pairs, "d"), values)
    except (OSError, sqlite3.Error, msgspec.MsgspecError):
        return None, ""  # the app meets it again, and tells of it as of any other fault
    if text is None:
        return None, ""
    policy = SCRIPTED[POLICY] if is_search else ""
    return keep(site, key, text, state, policy), SEARCH if is_search else STATUS


def _first(pairs: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in pairs if key == name), "")


async def _send(
    site: Site, scope: Any, headers: dict[str, str], key: Key, kept: Kept, send: Send
) -> None:
    sent = kept.headers.copy()
    if scope["scheme"] == "https":
        sent.append(STRICT)
    status, body = 200, kept.plain
    if "if-none-match" in headers and is_known(headers, kept.tag):
        status, body = 304, b""
    else:
        if takes_gzip(headers.get("accept-encoding", "")):
            if not kept.packed:
                kept = kept._replace(packed=packed(kept.plain))
                site.shelf.put(key, kept)
            body = kept.packed
            sent.append((b"content-encoding", b"gzip"))
        sent.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body, "more_body": False})


LONGEST_HOST = 300
NO_HOST = Problem(
    title="网址里的主机名不对", status=400, detail="请检查网址，照主管部门公布的重新输入。"
)
READ = "查询", "同一地址短时间内的请求太多。要批量取用数据，请下载名单文件，不必逐条查询。"
WRITTEN = (
    "提交",
    "同一地址短时间内的提交太多，这一次没有收下。请返回上一页，写好的内容还在，稍后再提交。",
)


async def slow_down(scope: Any, send: Send, wait: int) -> None:
    """429 with the seconds to wait, in the words of the page or of the program that asked."""
    what, detail = READ if scope["method"] in ("GET", "HEAD") else WRITTEN
    said = Problem(title=f"{what}太频繁，请 {wait} 秒后再试。", status=429, detail=detail)
    await tell(scope, send, said, wait)


async def tell(
    scope: Any, send: Send, said: Problem, wait: int = 0, page: Callable[[str], str] | None = None
) -> None:
    """A refusal before any handler: a page for people, a problem for programs.

    `wait` are the seconds until the next try; `page` makes another page than the usual, of the way home.
    """
    accepted = Headers.from_scope(scope).get("accept", "text/html")
    program = scope["path"].startswith("/api/")
    if program or "text/html" not in accepted:
        body, media = msgspec.json.encode(said), PROBLEM
    else:
        up = "../" * (scope["path"].count("/") - 1) or "./"
        values = {"up": up, "manifest": None, "organ": "", "sheets": f"{up}static/"}
        values["big"] = is_big(_heard(scope["headers"]))
        text = page(up) if page else problem_page(scope["path"], said, values)
        body, media = text.encode(), "text/html; charset=utf-8"
    headers = [
        *FIXED,
        (b"content-type", media.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if wait:
        headers.append((b"retry-after", str(wait).encode()))
    if program:  # or a script of another site never learns why
        headers += [(name.lower().encode(), one.encode()) for name, one in READ_ABROAD.items()]
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
