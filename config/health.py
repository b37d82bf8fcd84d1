"""How the installation is: what a node needs to serve, and the figures that show how it fares."""

import logging
import os
import shutil
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Engine
from sqlmodel import Session

from config.alarms import ADMINISTRATORS, alarms, current_alarms, tell
from config.backups import last_backup
from config.bucket.clock import Bringing, sent_standing
from config.bucket.standing import brought_check, sent_check
from config.days_off import DaysOff, days_off
from config.metrics import Measures
from config.mistakes import sentence_of
from config.settings import Settings
from config.steady import Steady
from publisher.edition import Manifest
from registry.calendar import Calendar
from registry.database import head_revision, reading, revision_of, writing
from registry.inspector.board import dues, tally
from registry.pulse import SILENT, beat, nodes
from registry.queries import matters, watched
from registry.watch import Alarm, Check, Node, Route, Watch

log = logging.getLogger("xinyong")
FRESH = timedelta(seconds=20)
TOLD_EVERY = timedelta(minutes=10)
DAYS = 28
LEAST = 300_000_000  # bytes without which not even a log line is sure to be kept
ALL = 1_000_000


class Watcher:
    """Looks at one city's installation, at most once in `FRESH`, however many ask."""

    def __init__(
        self, engine: Engine, settings: Settings, steady: Steady, *, schedules: bool
    ) -> None:
        """What it looks at it dates by the machine's clock, wherever that has been set to."""
        self.engine, self.settings, self.steady, self.now = engine, settings, steady, steady.clock
        self.schedules = schedules
        days_off(settings.holidays)  # kept, should a slip make them unreadable later
        self.began_at = self.now()
        self.node = f"{socket.gethostname()}:{os.getpid()}"
        self.measures = Measures(self.look)
        self._seen: Watch | None = None
        self._told_at: datetime | None = None
        self._lock = threading.Lock()
        self._counted = 0
        self._acts: Counter[str] = Counter()

    def is_leapt(self) -> bool:
        """Whether the machine's clock was set so far that nothing may be done; told to the administrators."""
        found = list(self._leapt())
        for one in found:
            log.error("%s", one.sentence)
            with writing(self.engine) as session:
                tell(session, found, self.now())
        return bool(found)

    def _leapt(self) -> Iterator[Alarm]:
        if said := self.steady.leapt():
            yield Alarm(kind="clock", about="", sentence=said, roles=ADMINISTRATORS)

    def beat(self) -> None:
        """Notes that this node keeps the clock."""
        beat(self.engine, self.node, self.now())

    def tell(self) -> None:
        """Tells the alarms to their owners; to be called at every tick, and looks every ten minutes."""
        now = self.now()
        if self._told_at is None or not timedelta(0) <= now - self._told_at < TOLD_EVERY:
            alarms(self.engine, self.settings, now)
            self._told_at = now

    def look(self) -> Watch:
        """The state of the installation; what cannot be read is a check that fails, never an exception."""
        with self._lock:
            now = self.now()
            if self._seen is None or not timedelta(0) <= now - self._seen.at < FRESH:
                self._seen = self._look(now)
            seen = self._seen
        routes = tuple(Route(route=r, many=n, ms=ms) for r, n, ms in self.measures.busiest())
        return msgspec.structs.replace(seen, routes=routes)

    def _look(self, now: datetime) -> Watch:
        settings = self.settings
        disk, room = disk_check(settings.data)
        off = days_off(settings.holidays)
        found: dict[str, Any] = {"disk_free": room[0], "disk_size": room[1]} if room else {}
        backup = last_backup(settings)
        found["backup_age"] = (now - backup).total_seconds() if backup else None
        try:
            with reading(self.engine) as session:
                found |= self._register(session, now, off.calendar)
            # By a wrong clock everything else would be late, or nothing.
            leapt = tuple(self._leapt())
            found["alarms"] = leapt or tuple(current_alarms(self.engine, settings, now))
            database = self._version()
            clock = self._clock(found["nodes"], now)
        except Exception as wrong:  # whatever it is, the answer is that the node is not ready
            said = sentence_of(wrong) or type(wrong).__name__
            database = Check(key="database", what="数据库", ok=False, said=said)
            clock = Check(key="schedule", what="定时任务", ok=False, said="数据库连不上，不知道")
        edition = edition_check(settings.editions, str(found.get("edition", "")))
        checks = [database, edition, disk, clock, calendar_check(off)]
        if settings.city.store is not None:
            stands = sent_standing(settings)
            found["store_behind"] = stands.behind(now)
            checks.append(sent_check(stands, settings.zone))
        return Watch(at=now, checks=tuple(checks), **found)

    def _version(self) -> Check:
        revision, wanted = revision_of(self.engine), head_revision(self.engine)
        ok = revision == wanted
        said = (
            f"版本 {revision}"
            if ok
            else f"版本 {revision}，本软件要 {wanted}。请执行 xinyong migrate"
        )
        return Check(key="database", what="数据库", ok=ok, said=said)

    def _register(self, session: Session, now: datetime, calendar: Calendar) -> dict[str, Any]:
        found = watched.figures(session)
        self._acts.update(watched.acts_after(session, self._counted))
        self._counted = found.entries
        groups = dict(_groups(session, now.date(), calendar))
        since = datetime.combine(
            now.date() - timedelta(days=DAYS - 1), datetime.min.time(), self.settings.zone
        )
        made = Counter(
            at.astimezone(self.settings.zone).date()
            for at in watched.instants_since(session, since)
        )
        days = [since.date() + timedelta(days=one) for one in range(DAYS)]
        name, at = found.newest or ("", None)
        return {
            "edition": name,
            "edition_age": (now - at).total_seconds() if at else None,
            "editions": found.editions,
            "withdrawn": found.withdrawn,
            "overdue": groups["已超期"],
            "ownerless": groups["无人负责"],
            "tally": tuple(groups.items()),
            "waiting": found.waiting,
            "dead": found.dead,
            "entries": found.entries,
            "acts": dict(self._acts),
            "days": tuple((one, made[one]) for one in days),
            "nodes": tuple(nodes(session)),
        }

    def _clock(self, found: tuple[Node, ...], now: datetime) -> Check:
        """A node that keeps the clock must have done so lately; one that does not tells who does."""
        last = next((one for one in found if not self.schedules or one.name == self.node), None)
        words: dict[str, Any] = {"key": "schedule", "what": "定时任务"}
        if said := self.steady.leapt():
            return Check(**words, ok=False, said=said)
        if last is None:
            said = (
                "刚刚启动，还没有运行"
                if self.schedules
                else "本节点不定时发布，也没有别的节点运行过"
            )
            return Check(**words, ok=not self.schedules or now - self.began_at <= SILENT, said=said)
        minutes = int((now - last.ticked_at).total_seconds() // 60)
        silent = now - last.ticked_at > SILENT
        said = f"{last.name} 最近一次在 {max(minutes, 0)} 分钟前"
        if silent:
            said += "，已经停住。请重新启动这个进程（systemctl restart xinyong）"
        # Another node's silence is an alarm, but no reason to take this one away from its visitors.
        return Check(**words, ok=not (silent and self.schedules), said=said)


def _groups(session: Session, today: date, calendar: Calendar) -> list[tuple[str, int]]:
    lines = matters(session, open_only=True, limit=ALL)
    return tally(dues(lines, "administrator", today, calendar))


def disk_check(data: Path) -> tuple[Check, tuple[int, int] | None]:
    """Whether there is room where the data lies, with the bytes free and in all."""
    words: dict[str, Any] = {"key": "disk", "what": "磁盘"}
    try:
        room = shutil.disk_usage(data)
    except OSError as wrong:
        return Check(**words, ok=False, said=sentence_of(wrong) or str(wrong)), None
    said = f"剩余 {room.free / 1e9:.1f} GB，共 {room.total / 1e9:.1f} GB"
    ok = room.free >= LEAST
    said = said if ok else f"{said}。请立即腾出空间"
    return Check(**words, ok=ok, said=said), (room.free, room.total)


def calendar_check(off: DaysOff) -> Check:
    """Whether the days off can be read; with those of before the slip a node serves on, and says so."""
    words: dict[str, Any] = {"key": "holidays", "what": "放假安排", "ok": True}
    if off.trouble:
        return Check(**words, warns=True, said=f"照改坏以前的计算：{off.trouble}")
    years = "、".join(map(str, off.calendar.years)) or "一年也没有"
    return Check(**words, said=f"读得出来：{years}")


def edition_check(editions: Path, newest: str = "") -> Check:
    """Whether the edition that is served is there and can be read; before the first release there is none."""
    words: dict[str, Any] = {"key": "edition", "what": "现行版次"}
    link = editions / "current"
    if not link.is_symlink():
        there = newest or any(editions.glob("2[0-9][0-9][0-9]-*"))
        said = (
            "有发布过的版次，却没有 current 链接。请执行 xinyong doctor"
            if there
            else "还没有发布过名单"
        )
        return Check(**words, ok=not there, said=said)
    name = os.readlink(link)
    try:
        manifest = msgspec.json.decode((link / "edition.json").read_bytes(), type=Manifest)
        (link / "register.sqlite").stat()
    except (OSError, msgspec.DecodeError):
        return Check(**words, ok=False, said=f"{name} 读不出来。请执行 xinyong doctor")
    return Check(**words, ok=True, said=f"{name}，截至 {manifest.cut_off}")


def public_watch(editions: Path, now: datetime, bringing: Bringing | None = None) -> Watch:
    """What a public node needs: its copy of the editions, and room; how its copy is, where it brings one."""
    disk, room = disk_check(editions)
    free, size = room or (None, None)
    checks = [edition_check(editions), disk]
    behind = None
    if bringing is not None:
        stands, zone = bringing.stands, bringing.settings.zone
        behind = stands.behind(now)
        serves = (editions / "current").exists()
        checks.append(brought_check(stands, zone, serves=serves))
    return Watch(at=now, checks=tuple(checks), disk_free=free, disk_size=size, store_behind=behind)
