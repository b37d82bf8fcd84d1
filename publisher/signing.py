"""Raw Ed25519 signatures beside the file, which a stranger checks with openssl alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

EMPTY_KEY = "它是空文件，里面没有密钥。从来没有用它签过的，请删去它再执行一次，会重新生成；签过的，请从备份恢复。"
EMPTY_PUBLIC_KEY = (
    "它是空文件。本局自己的，请删去它，下次发布时由 bureau.key 重新生成；别处取来的，请重新取。"
)


class KeyUnreadable(Exception):
    """A key file is missing, empty or not an Ed25519 key; the sentence says which."""

    def __init__(self, path: Path) -> None:
        remedy = "请检查文件，或者从备份恢复密钥。"
        if path.is_file() and not path.stat().st_size:
            remedy = EMPTY_KEY if path.suffix == ".key" else EMPTY_PUBLIC_KEY
        super().__init__(f"{path} 不是可用的 Ed25519 密钥。{remedy}")


def create_key(folder: Path, secret: bytes | None = None) -> None:
    """Makes `bureau.key` (readable by its owner only) and `bureau.pub`; keeps keys that are there.

    A crash leaves each whole or not at all; a public key that is missing is made from the private one.
    `secret`, 32 bytes, fixes the key of a city of play data, so that its signatures are the same twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "bureau.key", folder / "bureau.pub"
    if not private.exists():
        public.unlink(missing_ok=True)  # of another key
        key = (
            Ed25519PrivateKey.from_private_bytes(secret) if secret else Ed25519PrivateKey.generate()
        )
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keep_once(private, pem, 0o600)
    if not public.exists():
        # Of the key that lies there: whoever began at the same moment may have made it.
        own = _private(private).public_key()
        keep_once(public, own.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)


def keep_once(file: Path, content: bytes, mode: int) -> None:
    """Writes a file whole or not at all, and never over one that is there."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(descriptor)
        with suppress(FileExistsError):
            file.hardlink_to(draft)
    finally:
        draft.unlink()
    above = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def sign(content: bytes, private: Path) -> bytes:
    """The 64 bytes of the signature; raises KeyUnreadable."""
    return _private(private).sign(content)


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        raise KeyUnreadable(path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadable(path)
    return key


def is_signed(content: bytes, signature: bytes, public: Path) -> bool:
    """Whether the signature is this key's for exactly these bytes; raises KeyUnreadable."""
    try:
        key = load_pem_public_key(public.read_bytes())
    except (OSError, ValueError):
        raise KeyUnreadable(public) from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnreadable(public)
    try:
        key.verify(signature, content)
    except InvalidSignature:
        return False
    return True
