"""The notices of one city: made once a day, and sent over whatever the settings name."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from config.month import CLOCK, can_lead
from config.settings import Settings
from registry.calendar import load_calendar
from registry.channels import Mail, Webhook
from registry.database import writing
from registry.outbox import Send, deliver
from registry.reminders import daily

FROM_HOUR = 6


class Notices:
    """Makes a day's reminders once it has begun, and sends what waits; one node of the city at a time."""

    def __init__(self, engine: Engine, settings: Settings, now: Callable[[], datetime]) -> None:
        self.engine, self.settings, self.now = engine, settings, now
        self.channels = channels_of(settings, now)
        self.done = ""

    def tick(self) -> None:
        """What this minute asks for; nothing while another node is at it."""
        now = self.now()
        if not can_lead(self.engine):
            return
        today = f"{now:%Y-%m-%d}"
        if self.done != today and now.hour >= FROM_HOUR:
            calendar = load_calendar(self.settings.holidays)
            with writing(self.engine) as session:
                daily(session, by=CLOCK, now=now, calendar=calendar)
            self.done = today
        deliver(self.engine, self.channels, now)


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
