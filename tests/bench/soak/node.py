"""A node as it is run, that notices at once when its clock is set forward: `python -m tests.bench.soak.node serve …`.

Its clock is the machine's with an offset that the run sets forward (libfaketime); nothing else differs.
"""

import ctypes
import gc
import os
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from config.cli import main

GLANCE = 0.05  # seconds
_ADD, _START = BackgroundScheduler.add_job, BackgroundScheduler.start
_running: list[BackgroundScheduler] = []


class Minutes(IntervalTrigger):  # type: ignore[misc]
    """Every minute; those that a clock set forward by hours leaves out are not gone through one by one."""

    def get_next_fire_time(self, before: datetime | None, now: datetime) -> datetime:
        """A minute after the one before, but no time that is over."""
        following: datetime = super().get_next_fire_time(before, now)
        return following if before is None or following > now else now + self.interval


def _add(self: Any, job: Any, trigger: str, minutes: int, **more: Any) -> Any:
    return _ADD(self, job, Minutes(minutes=minutes, timezone=self.timezone), **more)


def _start(self: Any) -> None:
    _START(self)
    _running.append(self)


def _watch(clock: Path) -> None:
    """Wakes whoever sleeps through the minute when the clock is set."""
    seen, never = 0, threading.Event()
    # Not time.sleep: it asks for an instant of a clock, and this one is not the machine's.
    while not never.wait(GLANCE):
        at = clock.stat().st_mtime_ns
        if at != seen:
            for one in _running:
                one.wakeup()
        seen = at


def _give_back(*_: object) -> None:
    """What is free goes back to the system: what is held then is held by somebody."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _give_back)
    BackgroundScheduler.add_job, BackgroundScheduler.start = _add, _start
    clock = Path(os.environ["FAKETIME_TIMESTAMP_FILE"])
    threading.Thread(target=_watch, args=(clock,), daemon=True).start()
    main()
