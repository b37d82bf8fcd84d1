"""Web receivers for the tests: real sockets, the standard library alone."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver(ThreadingHTTPServer):
    """Keeps what is posted to it; answers 503 to the first `refusals`."""

    daemon_threads = True

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Post)
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.refusals = refusals

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/notices"


class _Post(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Takes one call in, or puts it off."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refusals > 0:
            self.server.refusals -= 1
            self.send_response(503)
        else:
            headers = {key.lower(): value for key, value in self.headers.items()}
            self.server.calls.append((headers, body))
            self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Subscriber(ThreadingHTTPServer):
    """Keeps what it accepts, and answers a challenge; `answers` come first, one a call, (status, headers)."""

    daemon_threads = True

    def __init__(self, *answers: tuple[int, dict[str, str]], echoes: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), _Push)
        self.answers = list(answers)
        self.echoes = echoes
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.asked: list[str] = []
        self.drip = 0.0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/push"

    @property
    def said(self) -> list[dict[str, Any]]:
        """What it accepted."""
        return [json.loads(body) for _, body in self.calls]

    @property
    def ids(self) -> list[str]:
        """The ids of what it accepted, in order."""
        return [headers["webhook-id"] for headers, _ in self.calls]


class _Push(BaseHTTPRequestHandler):
    server: Subscriber

    def do_POST(self) -> None:
        """Takes one call in, or does as it is told."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {key.lower(): value for key, value in self.headers.items()}
        self.server.asked.append(headers["webhook-id"])
        said = json.loads(body)
        if said["type"] == "subscription.challenge":
            word = said["data"]["challenge"] if self.server.echoes else "something else"
            self._answer(200, {}, json.dumps({"challenge": word}).encode())
            return
        status, extra = self.server.answers.pop(0) if self.server.answers else (204, {})
        if status < 300:
            self.server.calls.append((headers, body))
        self._answer(status, extra, b"")

    def do_GET(self) -> None:
        """Notes whoever follows a redirect."""
        self.server.asked.append("followed")
        self._answer(200, {}, b"")

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        if self.server.drip:
            # One byte at a time, for ever: every single read is in time.
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with suppress(OSError):  # until nobody listens any more
                while self.server.drip:
                    self.wfile.write(b".")
                    self.wfile.flush()
                    time.sleep(self.server.drip)
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def running(server: Any) -> Iterator[Any]:
    """The server at work until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> int:
    """A port where nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
