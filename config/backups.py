"""When the newest backup was made, as the backup itself notes it in the data folder."""

from datetime import datetime

from config.settings import Settings

MARK = "last-backup"  # one line: the instant, in ISO 8601 with its offset


def last_backup(settings: Settings) -> datetime | None:
    """The instant of the newest backup; None where none is known."""
    try:
        said = datetime.fromisoformat((settings.data / MARK).read_text("utf-8").strip())
    except (OSError, ValueError):
        return None
    return said if said.tzinfo else said.replace(tzinfo=settings.zone)


def note_backup(settings: Settings, now: datetime) -> None:
    """Notes that a backup was made."""
    (settings.data / MARK).write_text(f"{now.isoformat()}\n", "utf-8")
