"""The certificate papers are signed with: made once, self-signed, or put there by an administrator."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from msgspec import Struct

from publisher.signing import EMPTY_KEY, keep_once

PRIVATE = "bureau-paper.key"
CERTIFICATE = "bureau-paper.crt"
BITS, LEAST_BITS = 3072, 2048
YEARS = 10
# X.509's upper bound for a name (RFC 5280, ub-common-name).
NAME = 64


class PaperKeyUnusable(Exception):
    """Papers cannot be signed; the sentence says with which file and what to do."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path} 不能用来签 PDF：{problem}")


class PaperKey(Struct, frozen=True, kw_only=True):
    """A private key, its certificate, and the certificates above it if a CA issued it."""

    private: RSAPrivateKey
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]


def create_paper_key(folder: Path, organ: str, since: date, secret: bytes = b"") -> None:
    """Makes `bureau-paper.key` (RSA 3072) and `bureau-paper.crt`, self-signed; keeps what is there.

    `secret`, a key as PEM, is that of a city of play data, so that its papers are the same bytes twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    private, certificate = folder / PRIVATE, folder / CERTIFICATE
    if not private.exists():
        certificate.unlink(missing_ok=True)  # of another key
        made = load_pem_private_key(secret, None) if secret else generate_private_key(65537, BITS)
        fresh = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        keep_once(private, fresh, 0o600)
    if not certificate.exists():
        keep_once(certificate, _self_signed(_private(private), organ, since), 0o644)


def paper_key(folder: Path, at: datetime) -> PaperKey:
    """The key in force at an instant; raises PaperKeyUnusable."""
    private, certificate = folder / PRIVATE, folder / CERTIFICATE
    for path in (private, certificate):
        if not path.is_file():
            raise PaperKeyUnusable(path, "没有这个文件。请从备份恢复，或者让管理员放入证书和私钥。")
    stamps = (private.stat().st_mtime_ns, certificate.stat().st_mtime_ns)
    key = _loaded(private, certificate, stamps)
    first, last = key.certificate.not_valid_before_utc, key.certificate.not_valid_after_utc
    if not first <= at <= last:
        raise PaperKeyUnusable(
            certificate,
            f"证书有效期为 {first:%Y-%m-%d} 至 {last:%Y-%m-%d}，{at:%Y-%m-%d} 不在其内。请换用有效的证书。",
        )
    return key


@lru_cache(maxsize=4)
def _loaded(private: Path, certificate: Path, _: tuple[int, int]) -> PaperKey:
    """Read once until a file changes: to check an RSA key takes longer than to sign with it."""
    key = _private(private)
    try:
        own, *above = x509.load_pem_x509_certificates(certificate.read_bytes())
    except ValueError:
        raise PaperKeyUnusable(
            certificate,
            "不是 PEM 格式的证书。CA 签发的，请重新放入；自签的，请删去它再执行一次，会由私钥重新生成。",
        ) from None
    if own.public_key() != key.public_key():
        raise PaperKeyUnusable(certificate, f"证书与私钥 {PRIVATE} 不是一对。请放入成对的文件。")
    return PaperKey(private=key, certificate=own, above=tuple(above))


def _private(path: Path) -> RSAPrivateKey:
    raw = path.read_bytes()
    if not raw:
        raise PaperKeyUnusable(path, EMPTY_KEY)
    try:
        key = load_pem_private_key(raw, None)
    except (ValueError, TypeError):
        raise PaperKeyUnusable(path, "不是没有口令的 PEM 私钥。") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise PaperKeyUnusable(path, f"请换用不少于 {LEAST_BITS} 位的 RSA 私钥。")
    return key


def _self_signed(key: RSAPrivateKey, organ: str, since: date) -> bytes:
    """The certificate as PEM: of one key, organ and day always the same bytes."""
    public = key.public_key()
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organ[:NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, organ[:NAME]),
        ]
    )
    identity = x509.SubjectKeyIdentifier.from_public_key(public)
    # A day of grace: a reader's clock may be behind in another zone.
    first = datetime.combine(since, time(), UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(int.from_bytes(sha256(identity.digest).digest()[:15], "big") or 1)
        .not_valid_before(first)
        .not_valid_after(first + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(identity, critical=False)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _usage() -> x509.KeyUsage:
    """Signatures that stand for what is signed, and nothing else."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
