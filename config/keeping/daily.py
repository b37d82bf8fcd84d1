"""The daily backup: made once a day, kept for days and months, and what to say when the last good one is old."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from config.backups import last_backup
from config.city import Backup
from config.keeping.backup import make_backup
from config.keeping.errors import Busy
from config.mistakes import sentence_of
from config.settings import Settings

log = logging.getLogger("xinyong")
FROM_HOUR = 2
AGAIN_AFTER = timedelta(hours=1)
OLD = timedelta(days=1)
MONTHS = 12
STATE = ".backup-state.json"


class Good(Struct, frozen=True, kw_only=True):
    """A backup that was restored and checked: what stands in the file beside it."""

    file: str
    made_at: datetime
    size: int
    sha256: str
    ledger: int
    edition: str


class _State(Struct, kw_only=True):
    """When a backup was last tried on this machine, what kept it from being made, and how they stood then."""

    tried_at: datetime | None = None
    trouble: str = ""
    good_at: datetime | None = None
    said: str = ""


def backup_due(engine: Engine, settings: Settings, now: datetime) -> str:
    """Makes the day's backup once it is due and notes for the alarms whether the last good one is old.

    Gives what is wrong, or nothing; to be called every minute, by itself, for a backup takes its time. What
    fails is tried again after an hour.
    """
    wanted = settings.city.backup
    if wanted is None:
        return ""
    state = _state(settings)
    last = newest_good(settings)
    today_is_done = last is not None and last.made_at.astimezone(settings.zone).date() == now.date()
    tried = state.tried_at is not None and timedelta(0) <= now - state.tried_at < AGAIN_AFTER
    if not today_is_done and now.hour >= FROM_HOUR and not tried:
        trouble = _made(engine, settings, wanted, now)
        state, last = _State(tried_at=now, trouble=trouble), newest_good(settings)
    old = trouble_of(settings, last, now)
    said = f"{old}{state.trouble}" if old else ""
    state = msgspec.structs.replace(state, good_at=last.made_at if last else None, said=said)
    if state != _state(settings):
        _write_state(settings, state)
    return said


def late(settings: Settings, now: datetime) -> str:
    """What the alarm says while the last good backup is older than a day; empty otherwise.

    It reads what was noted in the data folder: a disk for backups that does not answer may hold up the
    backup, but not whoever watches. What an earlier version made and did not note is taken as it stands.
    """
    if settings.city.backup is None:
        return ""
    state = _state(settings)
    last = state.good_at or last_backup(settings)
    said = state.said
    if not said and last is None:
        said = "还没有一份核对过的备份。"
    elif not said and last is not None and now - last > OLD:
        said = (
            f"最近一份核对过的备份是 {last.astimezone(settings.zone):%Y-%m-%d %H:%M}，已超过一天。"
        )
    return f"{said}请检查备份文件夹和磁盘空间，再执行 xinyong doctor。" if said else ""


def newest_good(settings: Settings) -> Good | None:
    """The newest backup that was restored and checked and still lies there as it was written."""
    found = goods(settings)
    return found[0] if found else None


def trouble_of(settings: Settings, last: Good | None, now: datetime) -> str:
    """What to say when the newest good backup is older than a day; empty otherwise."""
    wanted = settings.city.backup
    if wanted is None or (last is not None and now - last.made_at <= OLD):
        return ""
    if last is None:
        return f"文件夹 {wanted.folder} 里还没有一份核对过的备份。"
    at = last.made_at.astimezone(settings.zone)
    return f"最近一份核对过的备份是 {at:%Y-%m-%d %H:%M} 的 {last.file}，已超过一天。"


def tried(settings: Settings) -> str:
    """What kept the last attempt on this machine from success; empty when nothing did."""
    return _state(settings).trouble


def tried_at(settings: Settings) -> datetime | None:
    """When this machine last tried to make one."""
    return _state(settings).tried_at


def goods(settings: Settings) -> list[Good]:
    """Every good backup of this city in its folder, the newest first; other files are none of ours."""
    wanted = settings.city.backup
    found = []
    for path in Path(wanted.folder).glob("*.json") if wanted else ():
        try:
            one = msgspec.json.decode(path.read_bytes(), type=Good)
            whole = (path.parent / one.file).stat().st_size == one.size
        except (OSError, ValueError):
            continue
        if whole and _pattern(settings).fullmatch(one.file) and path.name == f"{one.file}.json":
            found.append(one)
    return sorted(found, key=lambda one: one.made_at, reverse=True)


def _made(engine: Engine, settings: Settings, wanted: Backup, now: datetime) -> str:
    """Makes, checks and notes a backup, then lets go of what need not be kept; gives what went wrong."""
    end = ".backup.age" if wanted.key else ".backup"
    file = Path(wanted.folder) / f"xinyong-{settings.id}-{now:%Y-%m-%d-%H%M%S}{end}"
    try:
        made = make_backup(engine, settings, file, wanted.key, now, lambda *_: None, checking=True)
    except Busy:
        return ""  # another node is at it
    except Exception as wrong:  # the job's edge: told, and tried again after an hour
        sentence = sentence_of(wrong)
        if sentence is None:
            log.exception("备份没有做成")
        return sentence or f"备份没有做成（{wrong}）。"
    checked = made.checked
    if checked is not None and checked.notes:
        # It holds what there is, but the one before it may be the better one.
        return f"备份 {file.name} 已做，核对时发现：{'；'.join(checked.notes[:5])}。"
    good = Good(
        file=file.name,
        made_at=now,
        size=made.size,
        sha256=made.sha256,
        ledger=made.manifest.ledger.seq,
        edition=made.manifest.edition,
    )
    beside = file.with_name(f"{file.name}.json")
    beside.write_bytes(msgspec.json.format(msgspec.json.encode(good), indent=1))
    let_go(settings, wanted.keep)
    return ""


def let_go(settings: Settings, keep: int) -> list[str]:
    """Deletes backups beyond the last `keep` days and the last 12 months; gives their names.

    Only good ones are counted and only after a newer good one is there, so that the last good one stays. One
    that was found wanting goes once a good one follows it, and what a crash left half-written after a day.
    """
    wanted = settings.city.backup
    found = goods(settings)
    if wanted is None or not found:
        return []
    folder = Path(wanted.folder)
    here = [
        msgspec.structs.replace(one, made_at=one.made_at.astimezone(settings.zone)) for one in found
    ]
    days, months = _first_of(here, "%Y-%m-%d", keep), _first_of(here, "%Y-%m", MONTHS)
    kept = {one.file for one in (*days, *months)}
    gone = []
    for path in sorted(folder.iterdir()):
        older = path.name < found[0].file
        if _pattern(settings).fullmatch(path.name) and older and path.name not in kept:
            path.unlink()
            path.with_name(f"{path.name}.json").unlink(missing_ok=True)
            gone.append(path.name)
    for path in folder.glob(f".xinyong-{settings.id}-*.part"):
        # One that is being written is younger than this.
        if path.stat().st_mtime < (found[0].made_at - OLD).timestamp():
            path.unlink()
            gone.append(path.name)
    return gone


def _first_of(found: list[Good], span: str, many: int) -> Iterator[Good]:
    """The newest good backup of each of the last spans that have one."""
    seen: set[str] = set()
    for one in found:
        of = one.made_at.strftime(span)
        if of not in seen and len(seen) < many:
            seen.add(of)
            yield one


def _pattern(settings: Settings) -> re.Pattern[str]:
    return re.compile(
        rf"xinyong-{re.escape(settings.id)}-\d{{4}}-\d\d-\d\d-\d{{6}}\.backup(\.age)?"
    )


def _state(settings: Settings) -> _State:
    try:
        return msgspec.json.decode((settings.data / STATE).read_bytes(), type=_State)
    except (OSError, msgspec.DecodeError):
        return _State()


def _write_state(settings: Settings, state: _State) -> None:
    (settings.data / STATE).write_bytes(msgspec.json.encode(state))
