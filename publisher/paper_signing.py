"""Papers signed for a third party's reader: PAdES (ETSI EN 319 142-1) by pyHanko, appended to the bytes that were.

What was printed stays the first bytes of the signed file, so that two renderings can be compared without the
signature: `papers.json` names the length and the SHA-256 of that part of each paper.
"""

import asyncio
import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import rfc8785
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec import Meta, Struct

from publisher.edition import Edition
from publisher.kept import PAPERS, Kept
from publisher.paper_key import CERTIFICATE, PaperKey, paper_key
from scoring.decoding import UNREADABLE, decode_words

if TYPE_CHECKING:
    from asn1crypto import tsp
    from pyhanko.sign.signers import SimpleSigner

FIELD = "Signature"
TRIES, SECONDS = 3, 10


class PaperNotSigned(Exception):
    """The time stamp authority gave no answer that can be used; the sentence says what to do."""

    def __init__(self, authority: str, problem: str) -> None:
        super().__init__(
            f"时间戳服务 {authority} {problem}。请恢复这项服务；"
            "不要时间戳的，删去 city.toml 的 time_stamps 后再办一次。"
        )


class Signing(Struct, frozen=True, kw_only=True):
    """What papers are signed with: the folder of keys, the time of release, and who stamps the time, if anyone."""

    keys: Path
    at: datetime
    authority: str = ""


class Unsigned(Struct, frozen=True, kw_only=True):
    """Of a paper, what was there before it was signed."""

    length: Annotated[int, Meta(gt=0)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


def paper_signer(signing: Signing, kept: Kept | None = None) -> Callable[[Edition, Path], None]:
    """The renderer that comes after all papers and signs every one of them that is not signed already."""

    def sign_papers(_: Edition, folder: Path) -> None:
        """Signs each PDF of the folder; writes `papers.json` and the certificate."""
        found: dict[str, dict[str, int | str]] = {}
        before = _signed_before(kept) if kept else {}
        for path in sorted(folder.rglob("*.pdf")):
            name = path.relative_to(folder).as_posix()
            if kept and name in kept.taken:
                found[name] = before[name]
                continue
            content = path.read_bytes()
            path.write_bytes(sign_paper(content, signing))
            digest = sha256(content).hexdigest()
            found[name] = {"length": len(content), "sha256": digest}
        (folder / PAPERS).write_bytes(rfc8785.dumps(dict(found)))
        (folder / CERTIFICATE).write_bytes((signing.keys / CERTIFICATE).read_bytes())

    return sign_papers


def _signed_before(kept: Kept) -> dict[str, dict[str, int | str]]:
    """What is said of the papers that lie in the old folder; of whatever was taken, all is."""
    raw = (kept.folder / PAPERS).read_bytes()
    return msgspec.json.decode(raw, type=dict[str, dict[str, int | str]])


def check_papers(folder: Path) -> list[str]:
    """What is wrong with the papers of an edition that has signed ones: what `papers.json` says is not so."""
    file = folder / PAPERS
    if not file.exists():
        return []  # an edition without papers, or from before they were signed
    try:
        named = msgspec.json.decode(file.read_bytes(), type=dict[str, Unsigned])
    except UNREADABLE as wrong:
        return [f"{PAPERS} 不合格式：{decode_words(wrong)}"]
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.pdf")}
    problems = [f"{PAPERS} 没有写 {name}" for name in sorted(set(there) - set(named))]
    problems += [
        f"{PAPERS} 写着 {name}，却没有这个文件" for name in sorted(set(named) - set(there))
    ]
    for name, path in sorted(there.items()):
        if one := named.get(name):
            content = path.read_bytes()
            if sha256(content[: one.length]).hexdigest() != one.sha256:
                problems.append(f"{name} 签名之前的内容与 {PAPERS} 所记的不符")
            elif len(content) <= one.length:
                problems.append(f"{name} 没有签名")
    return problems


def sign_paper(content: bytes, signing: Signing) -> bytes:
    """The paper with the bureau's certified signature; of one key, paper and time the same bytes, but for a time stamp.

    Raises PaperKeyUnusable or PaperNotSigned.
    """
    from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Appended(IncrementalPdfFileWriter):
        """A writer that adds a signature, and neither names the file by chance nor says when by its own clock."""

        @classmethod
        def _handle_id(cls, _: object) -> Any:
            digest = sha256(content).digest()
            return ArrayObject(ByteStringObject(half) for half in (digest[:16], digest[16:]))

        def _update_meta(self) -> None:
            """What the paper says of itself stays as it was printed."""

    writer = Appended(io.BytesIO(content))
    key = paper_key(signing.keys, signing.at)
    signed = io.BytesIO()
    signer = _pdf_signer(key, signing)
    # pyHanko runs a loop of its own, and this thread may have one already.
    with ThreadPoolExecutor(1) as lone:
        lone.submit(signer.sign_pdf, writer, output=signed).result()
    return signed.getvalue()


def _pdf_signer(key: PaperKey, signing: Signing) -> Any:
    """A signer of one paper: invisible, hidden from readers aloud (PDF/UA-1 §7.18.1), allowing no change."""
    from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

    class Timed(PdfSigner):
        """A signer that is told the time."""

        def init_signing_session(self, *words: Any, **named: Any) -> Any:
            session = super().init_signing_session(*words, **named)
            session.system_time = signing.at
            return session

    about = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    field = SigFieldSpec(FIELD, invis_sig_settings=InvisSigSettings(set_hidden_flag=True))
    stamper = _authority(signing.authority) if signing.authority else None
    return Timed(about, _signer(key), timestamper=stamper, new_field_spec=field)


def _signer(key: PaperKey) -> "SimpleSigner":
    from asn1crypto import keys, x509
    from pyhanko.sign.signers import SimpleSigner
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    class Loaded(SimpleSigner):
        """A signer that does not read and check its key again for each signature."""

        def sign_raw(self, data: bytes, _: str) -> bytes:
            return key.private.sign(data, PKCS1v15(), SHA256())

    own, *above = (
        x509.Certificate.load(one.public_bytes(Encoding.DER))
        for one in (key.certificate, *key.above)
    )
    store = SimpleCertificateStore()
    store.register_multiple(above)
    secret = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Loaded(own, keys.PrivateKeyInfo.load(secret), store)


@cache
def _authority(url: str) -> Any:
    """The time stamp authority (RFC 3161) at an address; asked three times before it counts as away."""
    import httpx
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    # It tells every request.
    logging.getLogger("httpx").setLevel(logging.WARNING)

    class Authority(TimeStamper):
        """A stamper that speaks through the client we have."""

        async def async_request_tsa_response(self, req: "tsp.TimeStampReq") -> "tsp.TimeStampResp":
            media = {"Content-Type": "application/timestamp-query"}
            problem = ""
            for attempt in range(TRIES):
                try:
                    answer = httpx.post(url, content=req.dump(), headers=media, timeout=SECONDS)
                    answer.raise_for_status()
                    return _stamp(req, tsp.TimeStampResp.load(answer.content))
                except httpx.HTTPError as wrong:
                    problem = f"没有答复（{type(wrong).__name__}）"
                except (ValueError, TypeError, KeyError):
                    problem = "的答复不是这份文件的时间戳（RFC 3161）"
                await asyncio.sleep(attempt / 2)
            raise PaperNotSigned(url, problem)

    return Authority()  # type: ignore[no-untyped-call]


def _stamp(asked: "tsp.TimeStampReq", answer: "tsp.TimeStampResp") -> "tsp.TimeStampResp":
    """The answer, if it stamps what was asked about; pyHanko compares the nonce only."""
    if answer["status"]["status"].native not in ("granted", "granted_with_mods"):
        raise ValueError("refused")
    info = answer["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
    if info["message_imprint"].dump() != asked["message_imprint"].dump():
        raise ValueError("another imprint")
    return answer
