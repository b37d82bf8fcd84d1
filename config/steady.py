"""The clock by which a city's acts are dated: it goes on as time does, or nothing is dated by it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from registry.errors import ClockLeapt

A_DAY = timedelta(days=1)


def _passed() -> float:
    """Seconds that nobody sets; Linux counts in them what a machine slept, too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Steady:
    """The machine's clock, compared at each look with the time that has passed since the last.

    A clock that was set by more than a day would end terms, take entries out of editions and date acts that
    nobody can undo; so long as it stays there, nothing is done. A process that starts takes the clock as it is.
    """

    def __init__(
        self,
        zone: ZoneInfo,
        clock: Callable[[], datetime] | None = None,
        passed: Callable[[], float] = _passed,
    ) -> None:
        self.clock = clock or partial(datetime.now, zone)
        self._passed = passed
        self._last = self.clock(), passed()

    def now(self) -> datetime:
        """The time in the city's zone; raises ClockLeapt while it is not where it should have come to."""
        at, passed = self.clock(), self._passed()
        then, since = self._last
        rightly = then + timedelta(seconds=passed - since)
        if abs(at - rightly) > A_DAY:
            raise ClockLeapt(at, rightly)
        self._last = at, passed
        return at

    def leapt(self) -> str:
        """What is wrong with the clock, in a sentence; empty while nothing is."""
        try:
            self.now()
        except ClockLeapt as wrong:
            return str(wrong)
        return ""
