"""The monthly clock: what is signed is released at its hour, what was missed is caught up at start."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from registry.errors import RegistryError
from registry.forms import edition_name
from registry.queries import EditionLine

STANDS = {
    "": "还没有拟制",
    "prepared": "已拟制，还没有第二人签发",
    "returned": "已退回拟稿人，还没有重新拟制",
    "lapsed": "签字已失效，还没有重新拟制",
    "replaced": "已由后一版代替",
}
MINUTE = 60.0  # seconds
log = logging.getLogger("xinyong.schedule")


def due(
    now: datetime, editions: Iterable[EditionLine], moment: Callable[[str], datetime]
) -> list[str]:
    """The editions that are signed, whose hour has come, and which are not out yet, in their order.

    A supplementary one is due as soon as it is signed. Nothing that lacks its second signature is ever
    due: the clock releases, it never approves.
    """
    wanted = [
        one.order
        for one in editions
        if one.state == "approved" and (one.number or moment(one.period) <= now)
    ]
    return [edition_name(period, number) for period, number in sorted(wanted)]


def late(
    now: datetime, editions: Iterable[EditionLine], period: str, moment: Callable[[str], datetime]
) -> str:
    """What is wrong when a month's hour has come without a signed edition; empty otherwise."""
    if now < moment(period):
        return ""
    states = {one.period: one.state for one in editions if one.number == 0}
    state = states.get(period, "")
    if state in ("approved", "released"):
        return ""
    return f"{period} 版应于 {moment(period):%Y-%m-%d %H:%M} 发布，现在{STANDS[state]}。"


@contextmanager
def every_minute(tick: Callable[[], None]) -> Iterator[None]:
    """Runs `tick` now and a minute after it is done; a tick under way is finished before the end.

    The minute is one of passed time, whatever the machine's clock is set to.
    """
    over = Event()

    def minutes() -> None:
        while True:
            try:
                tick()
            except RegistryError as refused:
                log.error("定时任务没有办成：%s", refused)
            except Exception as wrong:  # the thread's edge: told, and tried again
                log.error("定时任务没有办成：%s", wrong, exc_info=wrong)
            if over.wait(MINUTE):
                return

    thread = Thread(target=minutes, name="every minute")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
