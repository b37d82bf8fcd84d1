"""What is watched of an installation: its checks, its alarms and its figures, as values to be shown."""

from datetime import date, datetime

from msgspec import Struct


class Check(Struct, frozen=True, kw_only=True):
    """One thing that must hold for a node to serve; `said` tells how it stands or what to mend.

    One that `warns` is to be mended, though the node may serve as long as it is `ok`.
    """

    key: str
    what: str
    ok: bool
    said: str
    warns: bool = False


class Alarm(Struct, frozen=True, kw_only=True):
    """Something that somebody has to mend: told to `roles` once a day, until it is mended."""

    kind: str
    about: str
    sentence: str
    roles: tuple[str, ...]
    link: str = "desk/operations/"


class Route(Struct, frozen=True, kw_only=True):
    """How often a route was asked for since the process began, and how long it took on average."""

    route: str
    many: int
    ms: float


class Node(Struct, frozen=True, kw_only=True):
    """A process that keeps the clock, and when it last did."""

    name: str
    began_at: datetime
    ticked_at: datetime


class Watch(Struct, frozen=True, kw_only=True):
    """The state of one installation at an instant; None where nothing is known, which is never shown as 0.

    Ages in seconds, sizes in bytes; `days` are the acts of each of the last days.
    """

    at: datetime
    checks: tuple[Check, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    edition: str = ""
    edition_age: float | None = None
    editions: int | None = None
    withdrawn: int | None = None
    overdue: int | None = None
    ownerless: int | None = None
    tally: tuple[tuple[str, int], ...] = ()
    waiting: int | None = None
    dead: int | None = None
    entries: int | None = None
    acts: dict[str, int] = {}
    days: tuple[tuple[date, int], ...] = ()
    backup_age: float | None = None
    store_behind: float | None = None
    disk_free: int | None = None
    disk_size: int | None = None
    nodes: tuple[Node, ...] = ()
    routes: tuple[Route, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether every check holds."""
        return all(one.ok for one in self.checks)
