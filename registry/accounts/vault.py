"""The secrets of second factors, encrypted where they lie (AES-256-GCM), each bound to its account.

What an earlier version kept in clear is read as it is, and is sealed when it is next used.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session, col, select

from registry.errors import RegistryError
from registry.tables import Account

SEALED = "v1:"  # no secret of an app for codes has a colon (RFC 4648 base32)
NONCE, LENGTH = 12, 32


class SecondFactorLocked(RegistryError):
    """The key of the second factors is not there or is another one."""

    def __init__(self) -> None:
        super().__init__(
            "本站读不出两步验证的密钥，现在核对不了验证码，您的手机没有问题。"
            "请输入一个备用码登录，或者请运维人员执行 xinyong doctor，从备份恢复密钥。"
        )


class Vault:
    """Seals and opens secrets with the key that `key` gives; no bytes where there is none."""

    def __init__(self, key: Callable[[], bytes]) -> None:
        self.key = key

    def seal(self, secret: str, account: str) -> str:
        """The secret as it is kept; raises SecondFactorLocked."""
        nonce = token_bytes(NONCE)
        locked = self._cipher().encrypt(nonce, secret.encode(), _bound_to(account))
        return SEALED + b64encode(nonce + locked).decode()

    def open(self, kept: str, account: str) -> str:
        """The secret that is kept of an account; raises SecondFactorLocked."""
        if not kept.startswith(SEALED):
            return kept
        try:
            raw = b64decode(kept.removeprefix(SEALED), validate=True)
            found = self._cipher().decrypt(raw[:NONCE], raw[NONCE:], _bound_to(account))
        except (InvalidTag, ValueError):
            raise SecondFactorLocked from None
        return found.decode()

    def _cipher(self) -> AESGCM:
        key = self.key()
        if len(key) != LENGTH:
            raise SecondFactorLocked
        return AESGCM(key)


def _bound_to(account: str) -> bytes:
    return f"second-factor:{account}".encode()


def kept_secrets(session: Session) -> dict[str, str]:
    """What is kept of each account that has a second factor."""
    rows = session.exec(
        select(Account).where(col(Account.totp_secret) != "").order_by(col(Account.id))
    )
    return {one.id: one.totp_secret for one in rows}


def seal_all(session: Session, vault: Vault) -> int:
    """Seals what an earlier version kept in clear; gives how many."""
    plain = {id: one for id, one in kept_secrets(session).items() if not one.startswith(SEALED)}
    for id, secret in plain.items():
        account = session.get_one(Account, id)
        account.totp_secret = vault.seal(secret, id)
        session.add(account)
    return len(plain)
