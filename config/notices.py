"""The notices of one city: made once a day, and sent over whatever the settings name."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine

from config.month import CLOCK, can_lead
from config.settings import Settings
from registry.calendar import load_calendar
from registry.channels import Mail, Webhook
from registry.database import reading, writing
from registry.outbox import Send, deliver, put
from registry.pulse import is_done, note_done
from registry.reminders import end_what_has_run_out, reminders

FROM_HOUR = 6


class Notices:
    """Makes a day's reminders once it has begun, and sends what waits; one node of the city at a time."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.channels = channels_of(settings, now)
        self.done: date | None = None

    def tick(self) -> None:
        """What this minute asks for; nothing while another node is at it."""
        now = self.now()
        if not can_lead(self.engine):
            return
        if self.done != now.date() and now.hour >= FROM_HOUR:
            if not is_done(self.engine, "reminded_on", now.date()):
                self._remind(now)
                note_done(self.engine, "reminded_on", now.date())
            self.done = now.date()
        deliver(self.engine, self.channels, now)

    def _remind(self, now: datetime) -> None:
        calendar = load_calendar(self.settings.holidays)
        with writing(self.engine) as session:
            end_what_has_run_out(session, by=CLOCK, now=now, calendar=calendar)
        # Found without the write lock: in a large city it takes seconds.
        with reading(self.engine) as session:
            found = reminders(session, now=now, calendar=calendar)
        if found:
            with writing(self.engine) as session:
                for one in found:
                    put(session, one, now)


def channels_of(settings: Settings, now: Callable[[], datetime]) -> dict[str, Send]:
    """The ways out that the city has; without any, notices are seen on the pages alone."""
    found: dict[str, Send] = {}
    mail, hook = settings.city.mail, settings.city.webhook
    if mail is not None:
        found["mail"] = Mail(
            host=mail.host,
            port=mail.port,
            sender=mail.sender,
            site=settings.city.site,
            user=settings.mail_user,
            password=settings.mail_password,
            starttls=mail.starttls,
            now=now,
        )
    if hook is not None:
        found["webhook"] = Webhook(url=hook.url, secret=settings.webhook_secret, now=now)
    return found
