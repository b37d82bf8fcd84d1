"""The notices of one city: made once a day, and sent over whatever the settings name."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import Engine

from config.days_off import days_off
from config.month import CLOCK, can_lead
from config.settings import Settings
from registry.channels import Mail, Webhook
from registry.outbox import Send, deliver
from registry.pulse import is_done, note_done
from registry.reminders import remind

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
                calendar = days_off(self.settings.holidays).calendar
                remind(self.engine, by=CLOCK, now=now, calendar=calendar)
                note_done(self.engine, "reminded_on", now.date())
            self.done = now.date()
        self.send(now)

    def send(self, now: datetime) -> None:
        """Sends what waits."""
        deliver(self.engine, self.channels, now)


def channels_of(settings: Settings, now: Callable[[], datetime]) -> dict[str, Send]:
    """The ways out that the city has; without any, notices are seen on the pages alone."""
    found: dict[str, Send] = {}
    mail, hook = settings.city.mail, settings.city.webhook
    if mail is not None:
        found["mail"] = Mail(
            server=mail,
            site=settings.city.site,
            user=settings.mail_user,
            password=settings.mail_password,
            now=now,
        )
    if hook is not None:
        found["webhook"] = Webhook(url=hook.url, secret=settings.webhook_secret, now=now)
    return found
