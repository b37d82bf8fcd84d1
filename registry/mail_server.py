"""The mail server of a city, and how it is reached: encrypted, and by a certificate that is checked."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct


class MailServer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The mail server notices go out by; its user and password stand in the environment.

    With `tls` it is spoken to in TLS from the first byte (RFC 8314, port 465), with `starttls` from the
    second word; its certificate must be one the machine trusts.
    """

    host: str
    port: int = 587
    sender: str
    tls: bool = False
    starttls: bool = True

    @contextmanager
    def reached(self, seconds: float = 20) -> Iterator[smtplib.SMTP]:
        """A session with the server, encrypted as it has to be.

        Raises OSError (of a certificate ssl.SSLCertVerificationError) or smtplib.SMTPException.
        """
        trusted = ssl.create_default_context()
        with (
            smtplib.SMTP_SSL(self.host, self.port, timeout=seconds, context=trusted)
            if self.tls
            else smtplib.SMTP(self.host, self.port, timeout=seconds)
        ) as session:
            if self.starttls and not self.tls:
                session.starttls(context=trusted)
            yield session
