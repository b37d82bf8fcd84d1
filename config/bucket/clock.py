"""What keeps the store, and a copy from it, up to date by itself, once a minute."""

import fcntl
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from config.bucket.bringing import Brought, bring
from config.bucket.bucket import Bucket
from config.bucket.catalogue import Catalogue, catalogue_of
from config.bucket.errors import BucketError
from config.bucket.sending import Sent, send
from config.bucket.standing import Standing
from config.keeping.alone import SENDING, alone
from config.keeping.errors import Busy
from config.mistakes import sentence_of
from config.settings import Settings

log = logging.getLogger("xinyong")
STATE = ".store-state.json"
LATE_AFTER = timedelta(minutes=30)


class _Telling:
    """Says what keeps the work from being done, once."""

    def __init__(self, what: str) -> None:
        self.what, self.said = what, ""

    def tell(self, trouble: str) -> None:
        """Logs it unless it was the last thing said."""
        if trouble and trouble != self.said:
            log.error("%s：%s", self.what, trouble)
        self.said = trouble


class Sending:
    """Sends what was released or withdrawn since the last time; one node of a city at a time."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.sent: Catalogue | None = None
        self.telling = _Telling("送出版次")

    def tick(self) -> None:
        """One minute; nothing is asked of the store while nothing was released."""
        if self.settings.city.store is None:
            return
        wanted = catalogue_of(self.settings.editions)
        if wanted is None or wanted == self.sent:
            return
        try:
            done = send_now(self.engine, self.settings, self.now())
        except Busy:
            return
        except Exception as wrong:  # the job's edge: told, and tried again
            trouble = _told(wrong)
        else:
            trouble = "；".join(done.problems)
            self.sent = None if trouble else wanted
        self.telling.tell(trouble)


class Bringing:
    """Brings what is new in the store into a copy; `stands` tells how the copy is."""

    def __init__(self, settings: Settings, editions: Path, now: Callable[[], datetime]) -> None:
        self.settings, self.editions, self.now = settings, editions, now
        self.telling = _Telling("取回版次")
        self.stands = Standing()

    def tick(self) -> None:
        """One minute; what cannot be brought is told once and tried again."""
        try:
            done = bring_now(self.settings, self.editions)
        except Busy:
            return
        except Exception as wrong:  # the job's edge: told, and tried again
            trouble = _told(wrong)
        else:
            trouble = "；".join(done.problems)
            for name in done.editions:
                log.warning("%s 版已取回", name)
            for name in done.reports:
                log.warning("年度报告 %s 已取回", name)
        self.stands = self.stands.after(trouble, self.now())
        self.telling.tell(trouble)


def send_now(engine: Engine, settings: Settings, now: datetime, *, thorough: bool = False) -> Sent:
    """Sends what the store lacks, alone, and notes what kept it; raises Busy, BucketError."""
    with alone(settings.data, "送出版次", engine, SENDING):
        file = settings.data / STATE
        stands = sent_standing(settings)
        trouble = "没有送完"
        try:
            done = send(settings.editions, Bucket(settings), thorough=thorough)
            trouble = "；".join(done.problems)
        except BucketError as wrong:
            trouble = str(wrong)
            raise
        finally:
            file.write_bytes(msgspec.json.encode(stands.after(trouble, now)))
    return done


def bring_now(settings: Settings, editions: Path, key: Path | None = None) -> Brought:
    """Brings what the copy lacks, one process of the folder at a time; raises Busy, BucketError."""
    with _held(editions):
        return bring(Bucket(settings), editions, key)


def late(settings: Settings, now: datetime) -> str:
    """What to say when the store has lacked something for half an hour; empty otherwise."""
    stands = sent_standing(settings)
    if settings.city.store is None or stands.since is None or now - stands.since < LATE_AFTER:
        return ""
    at = stands.since.astimezone(settings.zone)
    return (
        f"从 {at:%Y-%m-%d %H:%M} 起，版次没有全部送到对象存储，公众节点还在用旧的。{stands.trouble}"
    )


@contextmanager
def _held(editions: Path) -> Iterator[None]:
    with (editions / ".bringing").open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy("取回版次") from None
        yield


def sent_standing(settings: Settings) -> Standing:
    """How the store stood when any node of the city last sent something to it."""
    try:
        return msgspec.json.decode((settings.data / STATE).read_bytes(), type=Standing)
    except (OSError, msgspec.DecodeError):
        return Standing()


def _told(wrong: Exception) -> str:
    sentence = sentence_of(wrong)
    if sentence is None:
        log.exception("版次没有传完")
    return sentence or repr(wrong)
