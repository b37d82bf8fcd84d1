"""Certificates and when they end: those beside the bureau's keys, and the one of the front server."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate, load_pem_x509_certificate
from msgspec import Struct

from config.settings import Settings

KINDS = (".crt", ".pem", ".cer")


class Ending(Struct, frozen=True, kw_only=True):
    """A certificate, what it is for, and its last instant."""

    what: str
    file: Path
    until: datetime


class CertificateUnreadable(Exception):
    """A file that should hold a certificate does not."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} 读不出证书。请检查文件和权限，或者换上新的证书。")


def endings(settings: Settings) -> list[Ending]:
    """Every certificate there is; a file that cannot be read as one is passed over (see `xinyong doctor`)."""
    found = []
    for what, file in files_of(settings):
        try:
            found.append(Ending(what=what, file=file, until=until_of(file)))
        except CertificateUnreadable:
            continue
    return found


def until_of(file: Path) -> datetime:
    """The last instant of the first certificate in a PEM file; raises CertificateUnreadable."""
    return _read(file).not_valid_after_utc


def public_in(file: Path) -> bytes:
    """The public key a certificate is of, in PEM; raises CertificateUnreadable."""
    key = _read(file).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _read(file: Path) -> Certificate:
    try:
        return load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        raise CertificateUnreadable(file) from None


def files_of(settings: Settings) -> Iterator[tuple[str, Path]]:
    """What each certificate is for, and where it lies."""
    if settings.keys.is_dir():
        for file in sorted(settings.keys.iterdir()):
            if file.suffix in KINDS and _says_certificate(file):
                yield "签名证书", file
    if settings.certificate is not None:
        yield "网站证书", settings.certificate


def _says_certificate(file: Path) -> bool:
    try:
        return b"CERTIFICATE" in file.read_bytes()
    except OSError:
        return True  # by its name it is one, and that it cannot be read is to be told
