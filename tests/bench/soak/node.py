"""A node as it is run, that notices at once when its clock is set forward: `python -m tests.bench.soak.node serve …`.

Its clock is the machine's with an offset that the run sets forward (libfaketime); nothing else differs.
"""

import ctypes
import gc
import signal
import threading
import time

from config.cli import main
from publisher import schedule

GLANCE = 0.05  # seconds


class Minutes(threading.Event):
    """Waits for minutes of the clock that is set forward, and not for those that pass."""

    def wait(self, timeout: float | None = None) -> bool:
        """Whether it is over before the clock has gone on by so much; none of several minutes is gone through."""
        if timeout != schedule.MINUTE:
            return super().wait(timeout)
        until = time.time() + timeout
        while time.time() < until:
            if super().wait(GLANCE):
                return True
        return self.is_set()


def _give_back(*_: object) -> None:
    """What is free goes back to the system: what is held then is held by somebody."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _give_back)
    schedule.Event = Minutes  # type: ignore[attr-defined]
    main()
