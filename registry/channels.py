"""The ways a notice leaves the house: mail by SMTP, and a signed web call (Standard Webhooks)."""

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import httpx
import msgspec
from msgspec import Struct
from standardwebhooks import Webhook as Signer

from registry.mail_server import MailServer
from registry.outbox import Notice, NotSent

SECONDS = 20


class Mail(Struct, frozen=True, kw_only=True):
    """The way by mail: the server, who signs in there, and the site the links lead to."""

    server: MailServer
    site: str = ""
    user: str = ""
    password: str = ""
    now: Callable[[], datetime]

    def __call__(self, notice: Notice) -> None:
        """Hands the notice to the server; raises NotSent with what it answered."""
        try:
            with self.server.reached() as session:
                if self.user:
                    session.login(self.user, self.password)
                session.send_message(self._message(notice))
        except (OSError, smtplib.SMTPException) as wrong:
            where = f"{self.server.host}:{self.server.port}"
            raise NotSent(f"邮件服务器 {where} 没有收下：{wrong}") from None

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self.server.sender, notice.to
        message["Subject"] = " ".join(notice.subject.split())
        message["Date"] = format_datetime(self.now())
        # The same notice sent twice is one message to whoever receives it.
        message["Message-ID"] = f"<{notice.key.encode().hex()}@xinyong>"
        link = f"\n\n{self.site.rstrip('/')}/{notice.link}" if self.site else ""
        message.set_content(f"{notice.body}{link}\n")
        return message


class Webhook(Struct, frozen=True, kw_only=True):
    """An address of the city's message platform, and the secret its calls are signed with."""

    url: str
    secret: str
    now: Callable[[], datetime]

    def __call__(self, notice: Notice) -> None:
        """Posts the notice under its key as message id; raises NotSent unless it was accepted."""
        body = msgspec.json.encode({"type": f"notice.{notice.kind}", "data": notice}).decode()
        # The library signs the numbers on the clock's face, whatever its zone; only UTC's are the instant.
        at = self.now().astimezone(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice.key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Signer(self.secret).sign(notice.key, at, body),
        }
        try:
            answer = httpx.post(self.url, content=body, headers=headers, timeout=SECONDS)
        except httpx.HTTPError as wrong:
            raise NotSent(f"{self.url} 没有应答：{wrong}") from None
        if not answer.is_success:
            raise NotSent(f"{self.url} 答复 {answer.status_code}")
