"""How the store stands, or a copy from it: since when it lacks something, why, and what is said of it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from msgspec import Struct

from registry.watch import Check


class Standing(Struct, frozen=True, kw_only=True):
    """Since when something that is released is lacking, and why; when last nothing was."""

    since: datetime | None = None
    trouble: str = ""
    whole_at: datetime | None = None

    def after(self, trouble: str, now: datetime) -> "Standing":
        """How it stands after a further try, which found this trouble or none."""
        if not trouble:
            return Standing(whole_at=now)
        return Standing(since=self.since or now, trouble=trouble, whole_at=self.whole_at)

    def behind(self, now: datetime) -> float | None:
        """For how many seconds something has been lacking; None where nobody has tried yet."""
        if self.since is not None:
            return max((now - self.since).total_seconds(), 0.0)
        return None if self.whole_at is None else 0.0


def sent_check(stands: Standing, zone: ZoneInfo) -> Check:
    """The office's side: it serves whether or not the store has everything, and says which."""
    if stands.since is not None:
        said = f"从 {_at(stands.since, zone)} 起没有送齐，公众节点还在用旧的：{stands.trouble}"
    elif stands.whole_at is not None:
        said = f"版次已经送齐，最近一次在 {_at(stands.whole_at, zone)}"
    else:
        said = "还没有送出过版次"
    return _check(said, ok=True, warns=stands.since is not None)


def brought_check(stands: Standing, zone: ZoneInfo, *, serves: bool) -> Check:
    """A copy's side: with an old edition it goes on serving and says so; with none at all it cannot."""
    if stands.since is None:
        at = stands.whole_at
        said = f"已经取齐，最近一次在 {_at(at, zone)}" if at else "刚刚启动，还没有取过"
        return _check(said, ok=True, warns=False)
    left = "照旧公开这里已有的版次" if serves else "这里还没有版次可以公开"
    said = f"从 {_at(stands.since, zone)} 起没有取齐，{left}：{stands.trouble}"
    return _check(said, ok=serves, warns=True)


def _check(said: str, *, ok: bool, warns: bool) -> Check:
    return Check(key="store", what="对象存储", ok=ok, said=said, warns=warns)


def _at(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"
