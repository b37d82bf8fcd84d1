"""One process of a city at a time does a work: a backup, sending to the store, the day's, on all its nodes."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from config.keeping.errors import Busy
from registry.database import advisory

BACKUP = 0x584950  # the advisory lock beside those of registry.database
LOCK = ".backup.lock"
SENDING = 0x584953, ".store.lock"
DAY = 0x584954, ".day.lock"


@contextmanager
def alone(
    folder: Path,
    what: str,
    engine: Engine | None = None,
    of: tuple[int, str] = (BACKUP, LOCK),
) -> Iterator[None]:
    """Holds the work for this process until it ends, however it ends; raises Busy.

    `of` are the advisory lock and the file by which the kinds of work are kept apart.
    """
    key, name = of
    with (folder / name).open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(what) from None
        if engine is None or engine.dialect.name == "sqlite":
            yield
            return
        with advisory(engine, key) as mine:
            if not mine:
                raise Busy(what)
            yield
