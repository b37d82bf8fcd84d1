"""Runs an app on a port; a port in use is said before anything is printed."""

import errno
import logging
import os
import socket
from pathlib import Path
from typing import Any

import click
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Send

from config.access_log import logged
from publisher.site.front import front


def head_like_get(app: Any) -> ASGIApp:
    """HEAD is answered as GET is, without the body (RFC 9110 §9.3.2)."""

    async def serve(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await app({**scope, "method": "GET"}, receive, bodiless)

    return serve


def run(app: Litestar, host: str, port: int, logs: Path | None = None) -> None:
    """Serves until it is stopped, with a log of who asked where a folder is named; raises OSError (EADDRINUSE) when somebody else has the port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as wrong:
            if wrong.errno == errno.EADDRNOTAVAIL:
                raise click.UsageError(
                    f"这台机器没有地址“{host}”。请用 --host 换一个地址。"
                ) from None
            raise
        listener.listen(128)  # whoever connects from now on waits, and is not turned away
        click.echo(f"网站已打开：http://{host}:{listener.getsockname()[1]}/　停止请按 Ctrl+C")
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
        # Whose word on a visitor's address is taken: only what the operator names, by default nobody's.
        trusted = os.environ.get("FORWARDED_ALLOW_IPS", "")
        config = uvicorn.Config(
            logged(head_like_get(front(app)), logs) if logs else head_like_get(front(app)),
            log_level="warning",
            log_config=None,
            lifespan="on",
            server_header=False,
            proxy_headers=bool(trusted),
            forwarded_allow_ips=trusted,
        )
        uvicorn.Server(config).run(sockets=[listener])
