"""Keys that are bytes made by chance once, each in a file beside the bureau's keys, for nobody else to read."""

import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from config.settings import Settings
from publisher.release import ReleaseRefused
from registry.access import Actor
from registry.accounts import SecondFactorLocked, Vault, reset_second
from registry.accounts.vault import LENGTH, SEALED, kept_secrets
from registry.database import reading, writing

SECOND = "second.key"
LOST = "{} 不在了，已发布的名单靠它接续。请从备份恢复，不要另生成一个。"


class KeyLost(ReleaseRefused):
    """A key that published editions go on from is gone; the sentence says what to do."""


def require_kept(settings: Settings, name: str) -> None:
    """Raises KeyLost where a key is gone and editions stand that were made with it: another is no substitute."""
    released = any(settings.editions.glob("2[0-9][0-9][0-9]-*/edition.json"))
    if released and not (settings.keys / name).exists():
        raise KeyLost(LOST.format(settings.keys / name))


def made_once(keys: Path, name: str) -> bytes:
    """The key of a name, made if it is not there; of two nodes that begin together one makes it."""
    file = keys / name
    if not file.exists():
        keys.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{name}.{secrets.token_hex(4)}")
        draft.touch(0o600)
        draft.write_bytes(secrets.token_bytes(LENGTH))
        with suppress(FileExistsError):
            # A crash leaves it whole or not at all.
            file.hardlink_to(draft)
        draft.unlink()
    return file.read_bytes()


def vault_of(settings: Settings, engine: Engine) -> Vault:
    """What seals the second factors of this city.

    Its key is made where nothing was sealed yet; a lost one is never replaced, for nothing sealed would open.
    """
    with reading(engine) as session:
        sealed = any(one.startswith(SEALED) for one in kept_secrets(session).values())
    if not sealed:
        made_once(settings.keys, SECOND)
    return _vault(settings.keys)


def _vault(keys: Path) -> Vault:
    def key() -> bytes:
        try:
            return (keys / SECOND).read_bytes()
        except OSError:
            return b""

    return Vault(key)


def unopened(keys: Path, session: Session) -> list[str]:
    """The accounts whose second factor the key that lies among the city's keys does not open."""
    vault = _vault(keys)
    found = []
    for id, kept in kept_secrets(session).items():
        try:
            vault.open(kept, id)
        except SecondFactorLocked:
            found.append(id)
    return found


def rekey(settings: Settings, engine: Engine, *, by: Actor, now: datetime) -> list[str]:
    """Takes away every second factor that does not open, then makes the key that is missing; gives whose."""
    with writing(engine) as session:
        gone = unopened(settings.keys, session)
        for id in gone:
            reset_second(session, id, by=by, now=now)
    file = settings.keys / SECOND
    if gone and file.exists() and file.stat().st_size != LENGTH:
        file.unlink()
    made_once(settings.keys, SECOND)
    return gone
