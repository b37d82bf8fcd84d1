"""A node as it is run, whose every minute is half a second: `python -m tests.bench.soak.node serve …`.

Its clock is the machine's with an offset that the run sets forward (libfaketime); nothing else differs.
"""

from typing import Any

from apscheduler.schedulers.background import BackgroundScheduler

from config.cli import main

MINUTE = 0.5  # seconds
_ADD = BackgroundScheduler.add_job


def _add(self: Any, job: Any, trigger: str, minutes: int, **more: Any) -> Any:
    return _ADD(self, job, trigger, seconds=MINUTE * minutes, **more)


if __name__ == "__main__":
    BackgroundScheduler.add_job = _add
    main()
