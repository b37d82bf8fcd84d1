"""The log the law asks for (网络安全法 第二十一条): who asked for which page and when, for 200 days, and no more.

What was searched for, what was typed into a form and which browser it was do not stand in it.
"""

import logging
import re
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Send

DAYS = 200
# Whoever knows the rest of such an address is let in by it; nginx leaves it out of its own log too.
SECRET = re.compile(r"(/join/)[^/]+")


def logged(app: ASGIApp, folder: Path) -> ASGIApp:
    """The app, with a line a request in `access.log`; each day is a file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = TimedRotatingFileHandler(
        folder / "access.log", when="midnight", backupCount=DAYS, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.Logger("access")  # of this app alone, however many there are
    log.addHandler(handler)

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            if scope["type"] == "lifespan":  # which ends with the server
                handler.close()
            return
        status = 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noted)
        finally:
            address = (scope.get("client") or ("-",))[0]
            # As it came: a path that was decoded could begin a line of its own.
            raw = scope.get("raw_path") or scope["path"].encode()
            path = raw.split(b"?")[0].decode("latin-1").encode("unicode_escape").decode()
            said = SECRET.sub(r"\1-", path)[:300]
            log.info("%s %s %s %s", address, scope["method"], said, status)

    return serve
