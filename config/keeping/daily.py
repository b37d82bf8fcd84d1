"""The daily backup: made once a day, kept for days and months, and what to say when the last good one is old."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from config.backups import OLD, last_backup
from config.city import Backup
from config.keeping.backup import Made, make_backup
from config.keeping.errors import Busy
from config.mistakes import sentence_of
from config.settings import Settings

log = logging.getLogger("xinyong")
FROM_HOUR = 2
AGAIN_AFTER = timedelta(hours=1)
HALF_KEPT = timedelta(days=1)
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
    """When a backup was last tried on this machine, what kept it from being good, and how they stood then.

    One that was made and found `wanting` is not made again on its day: it would be no better.
    """

    tried_at: datetime | None = None
    trouble: str = ""
    wanting: bool = False
    good_at: datetime | None = None
    said: str = ""


def backup_due(engine: Engine, settings: Settings, now: datetime) -> str:
    """Makes the day's backup once it is due and notes for the alarms whether the last good one is old.

    Gives what is wrong, or nothing; to be called every minute, by itself, for a backup takes its time. What
    fails is tried again after an hour, what was found wanting on the next day.
    """
    wanted = settings.city.backup
    if wanted is None:
        return ""
    state = _state(settings)
    last = newest_good(settings)
    done_at = (last.made_at if last else None, state.tried_at if state.wanting else None)
    today_is_done = any(at and at.astimezone(settings.zone).date() == now.date() for at in done_at)
    tried = state.tried_at is not None and timedelta(0) <= now - state.tried_at < AGAIN_AFTER
    if not today_is_done and now.hour >= FROM_HOUR and not tried:
        state, last = _tried(engine, settings, wanted, now), newest_good(settings)
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


def _tried(engine: Engine, settings: Settings, wanted: Backup, now: datetime) -> _State:
    """Makes, checks and notes a backup, then lets go of what need not be kept; gives how it went."""
    end = ".backup.age" if wanted.key else ".backup"
    file = Path(wanted.folder) / f"xinyong-{settings.id}-{now:%Y-%m-%d-%H%M%S}{end}"
    try:
        made = make_backup(engine, settings, file, wanted.key, now, lambda *_: None, checking=True)
    except Busy:
        return _State(tried_at=now)  # another node is at it
    except Exception as wrong:  # the job's edge: told, and tried again after an hour
        sentence = sentence_of(wrong)
        if sentence is None:
            log.exception("备份没有做成")
        return _State(tried_at=now, trouble=sentence or f"备份没有做成（{wrong}）。")
    notes = made.checked.notes if made.checked else ()
    if not notes:
        _note(file, made, now)
    try:
        let_go(settings, wanted.keep)
    except OSError as wrong:  # what stays takes room, and is no reason to make another
        log.error("旧的备份没有删掉：%s", sentence_of(wrong) or wrong)
    # It holds what there is, but the one before it may be the better one.
    trouble = f"备份 {file.name} 已做，核对时发现：{'；'.join(notes[:5])}。" if notes else ""
    return _State(tried_at=now, trouble=trouble, wanting=bool(notes))


def _note(file: Path, made: Made, now: datetime) -> None:
    """Writes beside a backup that it is a good one."""
    good = Good(
        file=file.name,
        made_at=now,
        size=made.size,
        sha256=made.sha256,
        ledger=made.manifest.ledger.seq,
        edition=made.manifest.edition,
    )
    _beside(file).write_bytes(msgspec.json.format(msgspec.json.encode(good), indent=1))


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.name}.json")


def let_go(settings: Settings, keep: int) -> list[str]:
    """Deletes backups beyond the last `keep` days and the last 12 months; gives their names.

    Only good ones are counted and only after a newer good one is there, so that the last good one stays. One
    that was found wanting goes once another follows it, and what a crash left half-written after a day.
    """
    wanted = settings.city.backup
    if wanted is None:
        return []
    found, folder = goods(settings), Path(wanted.folder)
    here = [
        msgspec.structs.replace(one, made_at=one.made_at.astimezone(settings.zone)) for one in found
    ]
    days, months = _first_of(here, "%Y-%m-%d", keep), _first_of(here, "%Y-%m", MONTHS)
    kept = {one.file for one in (*days, *months)}
    ours = [one for one in sorted(folder.iterdir()) if _pattern(settings).fullmatch(one.name)]
    # Nothing was ever noted beside these: what is noted and cannot be read now may yet be good.
    wanting = [one for one in ours if not _beside(one).exists()]
    newest = found[0].file if found else ""
    gone = [
        one for one in ours if one.name not in kept and (one.name < newest or one in wanting[:-1])
    ]
    if found:
        # One that is being written is younger than this.
        before = (found[0].made_at - HALF_KEPT).timestamp()
        halves = folder.glob(f".xinyong-{settings.id}-*.part")
        gone += [one for one in halves if one.stat().st_mtime < before]
    for path in gone:
        path.unlink()
        _beside(path).unlink(missing_ok=True)
    return [one.name for one in gone]


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
