"""Runs an app on a port; a port in use is said before anything is printed."""

import errno
import gc
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

import click
import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp, Message, Receive, Send

from config.access_log import logged
from config.journal import write_to
from config.observer import observed
from config.raw_address import RawAddresses
from publisher.site.front import front

HANDED_OVER = 3  # sd_listen_fds(3)


def head_like_get(app: Any) -> ASGIApp:
    """HEAD is answered as GET is, without the body (RFC 9110 §9.3.2)."""

    def serve(scope: Any, receive: Receive, send: Send) -> Any:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            return headed(scope, receive, send)
        return app(scope, receive, send)

    async def headed(scope: Any, receive: Receive, send: Send) -> None:
        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        as_get = {**scope, "method": "GET"}
        try:
            await app(as_get, receive, bodiless)
        finally:
            scope["path_template"] = as_get.get("path_template")  # the log tells the route

    return serve


def run(app: Litestar, host: str, port: int, log: str = "", folder: Path | None = None) -> None:
    """Serves a city until it is stopped; `folder` is where it is kept who asked."""
    listen(faced(app, front(app), folder), host, port, log)


def faced(app: Litestar, inner: ASGIApp, folder: Path | None = None) -> ASGIApp:
    """What a server is given of an app: `inner` is it behind its front; measured, logged, HEAD like GET."""
    inner = head_like_get(inner)
    # Whose word on a visitor's address is taken: only what the operator names, by default nobody's.
    trusted = os.environ.get("FORWARDED_ALLOW_IPS", "")
    return observed(logged(inner, folder) if folder else inner, app.state.measures, trusted)


def listen(app: ASGIApp, host: str, port: int, log: str = "") -> None:
    """Serves until it is stopped; raises OSError (EADDRINUSE) when somebody else has the port.

    A socket handed over by systemd is served instead: it waits while the service starts anew, so that an
    upgrade turns nobody away. `log` is where JSON lines go, a file or "-".
    """
    with _listener(host, port) as listener:
        shown = f"http://{host}:{listener.getsockname()[1]}/"
        if log:
            write_to(log)
        else:
            logging.basicConfig(
                level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s"
            )
        if log == "-":
            logging.getLogger("xinyong").info("%s", shown)
        else:
            stop = "　停止请按 Ctrl+C" if sys.stdout.isatty() else ""
            click.echo(f"网站已打开：{shown}{stop}")
        given: Any = app
        config = uvicorn.Config(
            given,
            http=RawAddresses,
            log_level="warning",
            log_config=None,
            access_log=False,  # ours is written by route, or by law
            lifespan="on",
            server_header=False,
            proxy_headers=False,  # the observer has taken it, or refused it
        )
        # What is there for good is not looked through again each time that garbage is collected.
        gc.collect()
        gc.freeze()
        uvicorn.Server(config).run(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    if os.environ.get("LISTEN_PID") == str(os.getpid()) and os.environ.get("LISTEN_FDS") == "1":
        return socket.socket(fileno=HANDED_OVER)
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as wrong:
        listener.close()
        if wrong.errno == errno.EADDRNOTAVAIL:
            raise click.UsageError(f"这台机器没有地址“{host}”。请用 --host 换一个地址。") from None
        if wrong.errno == errno.EADDRINUSE:
            remedy = "请用 --port 换一个端口，或者先停掉占用它的程序"
            raise click.UsageError(f"端口 {port} 已被占用。{remedy}。") from None
        raise
    listener.listen(128)  # whoever connects from now on waits, and is not turned away
    return listener
