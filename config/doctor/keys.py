"""The bureau's keys: there, readable by nobody else, and one pair."""

from pathlib import Path

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from config.doctor.signs import Fault, Found, Ground
from config.key_files import LOST

SECRET = ("bureau.key", "salt.key")


def keys(ground: Ground) -> Found:
    """What signs the editions is whole; before the first release there is none."""
    folder, editions = ground.settings.keys, ground.settings.editions
    released = any(editions.glob("2[0-9][0-9][0-9]-*/edition.json"))
    if not released and not (folder / "bureau.key").exists():
        yield "还没有签名密钥，第一次发布时会生成"
        return
    missing = [name for name in (*SECRET, "bureau.pub") if not (folder / name).exists()]
    for name in missing:
        if released:
            yield Fault("key.lost", LOST.format(folder / name))
    for file in sorted(folder.glob("*.key")):
        if file.stat().st_mode & 0o077:
            yield Fault("key.open", f"{file} 别的用户也能读。请执行 chmod 600 {file}。")
    if not missing:
        yield from _pair(folder, editions)
    yield f"{folder / 'bureau.key'}"


def _pair(folder: Path, editions: Path) -> Found:
    own = public_of(folder / "bureau.key")
    if own is None:
        said = f"{folder / 'bureau.key'} 不是可用的密钥。请从备份恢复它。"
        yield Fault("key.broken", said)
        return
    if (folder / "bureau.pub").read_bytes() != own:
        said = f"{folder / 'bureau.pub'} 不是 bureau.key 的公钥，别人会核对不符。请从备份恢复这一对密钥。"
        yield Fault("key.mismatch", said)
    beside = editions / "bureau.pub"
    if beside.exists() and beside.read_bytes() != own:
        said = f"公布的 {beside} 不是 bureau.key 的公钥。请查明谁换过，再用 {folder / 'bureau.pub'} 覆盖它。"
        yield Fault("key.beside", said)


def public_of(private: Path) -> bytes | None:
    """The public half of a key file, as it is written beside it; None where there is no readable key."""
    try:
        key = load_pem_private_key(private.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return None
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
