"""A node whose clock can be set while it runs: `python -m tests.flows.leaping FILE serve …`.

The file holds by how many seconds the node's clock is off the machine's; its minutes are short.
"""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from config import app
from config.cli import main
from config.steady import Steady
from publisher import schedule


def clock_of(file: Path, zone: ZoneInfo) -> Callable[[], datetime]:
    """The clock that is off by what the file says."""
    return lambda: datetime.now(zone) + timedelta(seconds=float(file.read_text()))


if __name__ == "__main__":
    off = Path(sys.argv.pop(1))
    schedule.MINUTE = 0.2
    app.Steady = lambda zone: Steady(zone, clock_of(off, zone))  # type: ignore[attr-defined]
    main()
