"""The machines of a soak: a database server, two nodes on a clock that is set forward, and what befalls them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from config.settings import Settings

ROOT = Path(__file__).parents[3]
PAUSE_AT_MOST = 5400.0  # seconds the whole run may stand still and go on as if nothing had been
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class Clock:
    """The time of the city: the machine's own, set forward by an offset that every node reads."""

    def __init__(self, file: Path) -> None:
        self.file, self.offset = file, timedelta()
        self._write()

    def now(self, settings: Settings) -> datetime:
        """The instant in the city's zone."""
        return datetime.now(settings.zone) + self.offset

    def begin(self, instant: datetime) -> None:
        """Sets the clock to where the city's time begins, which may lie in the past."""
        self.offset = instant - datetime.now(instant.tzinfo)
        self._write()

    def forward_to(self, instant: datetime) -> None:
        """Sets the clock forward; one already past the instant goes on."""
        self.forward_by(max(instant - (datetime.now(instant.tzinfo) + self.offset), timedelta()))

    def forward_by(self, time: timedelta) -> None:
        """Sets the clock forward; what sleeps through the minute in a node wakes."""
        self.offset += time
        self._write()

    def environ(self) -> dict[str, str]:
        """What lets a process read this clock at every look; what it waits for stays as long as it is."""
        return {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Else each wait for the interpreter's lock returns at once, and a node spins all day.
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def _write(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(f"{int(self.offset.total_seconds()):+d}")
        new.replace(self.file)


class Node:
    """One `serve`, by the words after `python -m`, started again on the same port after it dies."""

    def __init__(self, log: Path, environ: dict[str, str], *words: object) -> None:
        self.log, self.words = log, words
        self.environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it answers."""
        words = [sys.executable, "-m", *map(str, self.words), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                words, env=self.environ, cwd=ROOT, stdout=log, stderr=log
            )
        for _ in range(3000):
            try:
                if httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(f"{self.log.stem} does not start: {self.log.read_text()[-2000:]}")

    def end_at_once(self) -> None:
        """It dies in the middle of whatever it does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def kill(self) -> None:
        """It dies, and starts again."""
        self.end_at_once()
        self.start()

    def stall(self, seconds: float) -> None:
        """It stands still and goes on."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """It ends as an administrator ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.process is not None
        return self.process.pid

    @property
    def files(self) -> int:
        """How many files and connections it holds open, beside the databases of editions: those have their bound."""
        links = [_link(one) for one in Path(f"/proc/{self.pid}/fd").iterdir()]
        return sum("/editions/" not in one for one in links)

    @property
    def memory(self) -> float:
        """Its resident memory in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(o.split()[1]) for o in status.splitlines() if o.startswith("VmRSS")) / 1024

    def trimmed(self) -> float:
        """Its resident memory once it has given back what lies free between what it holds."""
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(5)
        return self.memory


def _link(file: Path) -> str:
    """What an open file is; empty for one that was closed meanwhile."""
    with suppress(OSError):
        return str(file.readlink())
    return ""


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


class Crowd:
    """The public's process."""

    def __init__(self, rate: float, urls: list[str]) -> None:
        words = [sys.executable, "-m", "tests.bench.soak.crowd", str(rate), *urls]
        self.process = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def end(self) -> dict[str, Any]:
        """What came of its requests."""
        said, _ = self.process.communicate("")
        found: dict[str, Any] = json.loads(said)
        return found
