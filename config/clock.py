"""What one node of a city does every minute: release, the day's run, the watch over signatures, notices."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from config.bounded import within
from config.carrying import MustPrint
from config.daily import run_day
from config.month import alarm, can_lead, frozen, lapse, names_due, release_due
from config.notices import Notices
from config.recalls import carry_now, waiting
from config.register import opened_register
from config.settings import Settings
from config.withdrawing import withdraw_due
from publisher.gate import changed_since, drafted, lies_there
from registry import acts, queries
from registry.database import leading, reading, writing
from registry.ledger import next_number
from registry.pulse import is_done, note_done

log = logging.getLogger("xinyong")
WATCH_EVERY = timedelta(minutes=10)


class Clock:
    """The minutes of one node; whatever fails is said once and tried again the next minute."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.notices = Notices(engine, settings, now)
        self.day: date | None = None
        self.anew = False
        self.watched: tuple[int, datetime] | None = None
        self.said: dict[str, str] = {}

    def tick(self) -> None:
        """One minute; a step that fails keeps no other from its turn."""
        for name, step in {
            "发布": self._release,
            "撤回": self._withdraw,
            "每日办理": self._daily,
            "查验签字": self._watch,
            "提醒": self.notices.tick,
        }.items():
            self._try(name, step)

    def _try(self, name: str, step: Callable[[], object]) -> None:
        from config.mistakes import sentence_of

        try:
            trouble = step()
        except Exception as wrong:  # the job's edge: told, and tried again
            known = sentence_of(wrong)
            trouble = known or repr(wrong)
            if known is None and trouble != self.said.get(name):
                log.exception("%s没有办成", name)
        told = trouble if isinstance(trouble, str) else ""
        if told and told != self.said.get(name):
            log.error("%s：%s", name, told)
        self.said[name] = told

    def _release(self) -> str:
        """Releases what is due; gives what is late."""
        now = self.now()
        if names_due(self.engine, self.settings, now) and can_lead(self.engine):
            for name in self._apart("发布名单", release_now):
                log.warning("%s 版已按时发布", name)
        trouble = alarm(self.engine, self.settings, now)
        if trouble:
            with writing(self.engine) as session:
                key = f"overdue:{now:%Y-%m-%d}"
                acts.tell_publishers(session, key, "本月名单没有按时发布", trouble, now=now)
        return trouble

    def _withdraw(self) -> None:
        """Finishes withdrawals that were agreed to at the desk and broke off."""
        if waiting(self.engine) and can_lead(self.engine):
            self._apart("撤回", carry_now)

    def _withdraw_over(self, engine: Engine, settings: Settings, now: datetime) -> None:
        """Withdraws what may be shown no longer; what printing takes of memory ends with its process."""
        try:
            withdraw_due(engine, settings, now, prints=False)
        except MustPrint:
            self._apart("撤回", withdraw_now)

    def _apart(self, what: str, act: Callable[[Settings, datetime], Any]) -> Any:
        """What an act gives now, in a process of its own that cannot hang for ever."""
        seconds = self.settings.publication.minutes * 60
        return within(seconds, what, act, self.settings, self.now())

    def _daily(self) -> None:
        """The day's run, by one node: what another has done is done, unless an edition lapsed since."""
        now = self.now()
        if self.day == now.date():
            return
        if self.anew or not is_done(self.engine, "run_on", now.date()):
            late = run_day(self.engine, self.settings, now, self._withdraw_over)
            if late is None:
                return
            for one in late:
                log.error("%s", one)
            note_done(self.engine, "run_on", now.date())
        self.day, self.anew = now.date(), False

    def _watch(self) -> None:
        """Lapses what was prepared or signed and is no longer the same."""
        now = self.now()
        with reading(self.engine) as session:
            at = next_number(session)
        if self.watched and self.watched[0] == at:
            return
        if self.watched and abs(now - self.watched[1]) < WATCH_EVERY:
            return
        with leading(self.engine) as mine:
            if not mine:
                return
            if lapse_changed(self.engine, self.settings, now):
                self.day, self.anew = None, True  # the schedule's own is prepared anew
        self.watched = (at, now)


def withdraw_now(settings: Settings, now: datetime) -> None:
    """Withdraws what may be shown no longer, in a process of its own."""
    with opened_register(settings) as engine:
        withdraw_due(engine, settings, now)


def release_now(settings: Settings, now: datetime) -> list[str]:
    """Releases what is due, in a process of its own."""
    with opened_register(settings) as engine:
        return release_due(engine, settings, now)


def lapse_changed(engine: Engine, settings: Settings, now: datetime) -> list[str]:
    """Lapses every edition under way that is not what was prepared any more; gives their names."""
    with reading(engine) as session:
        rows = [one for one in queries.editions(session) if one.state in ("prepared", "approved")]
    lapsed = []
    for row in rows:
        if lies_there(settings.editions / row.name, row.digest):
            continue  # its release was interrupted after all was checked, and will be finished
        edition = frozen(engine, settings, row.name)
        draft, _ = drafted(engine, edition, settings.editions, settings.gate)
        why = changed_since(row, edition, draft)
        if why and lapse(engine, row, why, now):
            lapsed.append(row.name)
    return lapsed
