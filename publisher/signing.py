"""Raw Ed25519 signatures beside the file, which a stranger checks with openssl alone."""

import os
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


class KeyUnreadable(Exception):
    """A key file is missing or not an Ed25519 key; the sentence says which."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} 不是可用的 Ed25519 密钥。请检查文件，或者从备份恢复密钥。")


def create_key(folder: Path, secret: bytes | None = None) -> None:
    """Makes `bureau.key` (readable by its owner only) and `bureau.pub`; keeps keys that are there.

    `secret`, 32 bytes, fixes the key of a city of play data, so that its signatures are the same twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private = folder / "bureau.key"
    if private.exists():
        return
    key = Ed25519PrivateKey.from_private_bytes(secret) if secret else Ed25519PrivateKey.generate()
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "bureau.pub").write_bytes(public)


def sign(content: bytes, private: Path) -> bytes:
    """The 64 bytes of the signature; raises KeyUnreadable."""
    try:
        key = load_pem_private_key(private.read_bytes(), None)
    except (OSError, ValueError):
        raise KeyUnreadable(private) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnreadable(private)
    return key.sign(content)


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
