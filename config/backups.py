"""When the newest backup was made, as the backup itself notes it in the data folder."""

from datetime import datetime, timedelta

from config.settings import Settings

# A backup is dated by when it was begun. Today's is begun a day after yesterday's, and is there only once it is
# made and checked: so long nobody is to be told that yesterday's is too old.
OLD = timedelta(days=1, hours=3)
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
