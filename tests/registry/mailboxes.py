"""A mail server for the tests: in clear, with STARTTLS, or in TLS from the first byte."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.registry.receivers import closed_port

Encrypted = Literal["", "starttls", "tls"]


class Mailbox:
    """Keeps what it accepts, as (to, message); refuses the first `refusals` messages for now (451)."""

    def __init__(self, refusals: int = 0, account: tuple[str, str] | None = None) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self.refusals = refusals
        self.account = account
        self.port = closed_port()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Takes a message in, or puts it off."""
        if self.refusals > 0:
            self.refusals -= 1
            return "451 later"
        assert isinstance(envelope.original_content, bytes)
        self.messages += [(to, envelope.original_content) for to in envelope.rcpt_tos]
        return "250 ok"

    def knows(
        self, server: SMTP, session: Session, envelope: Envelope, how: str, said: Any
    ) -> AuthResult:
        """Whether the name and the word are those of its account."""
        assert isinstance(said, LoginPassword)
        named = said.login.decode(), said.password.decode()
        return AuthResult(success=named == self.account, handled=False)


@contextmanager
def receiving(
    mailbox: Mailbox, encrypted: Encrypted = "", authority: trustme.CA | None = None
) -> Iterator[Mailbox]:
    """The mailbox at work on 127.0.0.1 until the end of the block, by a certificate of the authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    if authority is not None:
        authority.issue_cert("127.0.0.1").configure_cert(context)
    more: dict[str, Any] = {}
    if encrypted == "starttls":
        more = {"tls_context": context, "require_starttls": True}
    if mailbox.account:  # the library knows no TLS but the one it was asked for
        more |= {"authenticator": mailbox.knows, "auth_require_tls": encrypted == "starttls"}
    within = context if encrypted == "tls" else None
    server = Controller(mailbox, "127.0.0.1", mailbox.port, ssl_context=within, **more)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()
