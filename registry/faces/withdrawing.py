"""Withdrawals as the desk uses them; what editions print and how they are made again only publishing knows."""

from collections.abc import Callable
from datetime import date, datetime

from msgspec import Struct

from registry.access import Actor
from registry.errors import Problem
from registry.forms import WithdrawalRequestForm
from registry.queries import WithdrawalRequestLine


class PrintedRecord(Struct, frozen=True, kw_only=True):
    """One record or listing that an edition prints, and whether it is undone by now."""

    id: str
    title: str
    undone: bool


class Printed(Struct, frozen=True, kw_only=True):
    """What one edition prints of an institution, and what would become of it.

    `leaf` stays as the tombstone's hash; of the edition's files `made` are made again and `kept` stay.
    """

    edition: str
    label: str
    standing: str
    records: tuple[PrintedRecord, ...]
    leaf: str
    made: tuple[str, ...]
    kept: int

    @property
    def undone(self) -> frozenset[str]:
        """The numbers of what it prints that is undone."""
        return frozenset(one.id for one in self.records if one.undone)


class Ended(Struct, frozen=True, kw_only=True):
    """What may be shown no longer because its time is over, and goes by the day's run."""

    institution: str
    reason: str
    editions: tuple[str, ...]
    since: date | None
    due_on: date


class Preview(Struct, frozen=True, kw_only=True):
    """What a withdrawal would leave: the sentence told in public for twelve months, and per edition what goes.

    `seen` is the digest of exactly this; `undone_by` who undid all that goes, nobody where it was not undone.
    """

    seen: str
    sentence: str
    tombstone: str
    undone_by: tuple[str, ...]
    editions: tuple[Printed, ...]


class Withdrawing(Struct, frozen=True, kw_only=True):
    """What the desk asks for.

    `printed` is what the released editions print of an institution, the newest first; `problems` what is
    wrong with a request, all of it; `preview` what agreeing to one would do; `confirm` agrees to what was seen
    and begins the work, raising Conflict where it is no longer what was seen; `showing` the editions of a
    request that still show the entry; `ended` what the day's run will withdraw by itself; `begin` goes on with
    what was agreed to, in the background.
    """

    printed: Callable[[str, datetime], tuple[Printed, ...]]
    problems: Callable[[WithdrawalRequestForm, datetime], tuple[Problem, ...]]
    preview: Callable[[WithdrawalRequestLine, datetime], Preview]
    confirm: Callable[[int, str, Actor, datetime], None]
    showing: Callable[[WithdrawalRequestLine], tuple[str, ...]]
    ended: Callable[[datetime], tuple[Ended, ...]]
    begin: Callable[[], None]
