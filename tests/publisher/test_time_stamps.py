"""A time stamp authority, if the city names one, says when a paper was signed; without its word nothing is signed."""

import http.server
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from config.settings import SettingsError, load_settings
from publisher.paper_signing import PaperNotSigned, Signing, sign_paper
from tests.publisher.test_paper_signing import AT, keys, printed, told

__all__ = ["keys", "printed"]


OPENSSL = """
[tsa]
default_tsa = one
[one]
serial = {home}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
"""


@contextmanager
def authority(home: Path, answers: list[bytes] | None = None) -> Iterator[str]:
    """A time stamp authority of `openssl ts` behind HTTP; with `answers` it says these instead."""
    (home / "serial").write_text("01\n")
    (home / "tsa.cnf").write_text(OPENSSL.format(home=home))
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30"]
    names = ["-keyout", home / "tsa.key", "-out", home / "tsa.crt", "-subj", "/CN=Stamps"]
    purpose = ["-addext", "extendedKeyUsage=critical,timeStamping"]
    subprocess.run([*request, *names, *purpose], check=True, capture_output=True)

    class Stamps(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = home / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            reply = ["openssl", "ts", "-reply", "-queryfile", query, "-config", home / "tsa.cnf"]
            signer = ["-section", "one", "-signer", home / "tsa.crt", "-inkey", home / "tsa.key"]
            done = subprocess.run([*reply, *signer], check=True, capture_output=True)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers.pop(0) if answers else done.stdout)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Stamps)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_time_stamp_authority_stamps_the_signature(
    tmp_path: Path, printed: bytes, keys: Path
) -> None:
    with authority(tmp_path) as url:
        signed = sign_paper(printed, Signing(keys=keys, at=AT, authority=url))
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    assert "Signature is Valid" in told("pdfsig", path)
    token, stamped = stamp_of(signed, tmp_path)
    about = ["-token_in", "-in", token, "-data", stamped, "-CAfile", tmp_path / "tsa.crt"]
    assert "Verification: OK" in told("openssl", "ts", "-verify", *about)


def stamp_of(signed: bytes, home: Path) -> tuple[str, str]:
    """The token of the time stamp, and the signature that it stamps, each as a file."""
    (signature,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    (token,) = (
        one["values"][0].dump()
        for one in signature.signer_info["unsigned_attrs"]
        if one["type"].native == "signature_time_stamp_token"
    )
    (home / "token").write_bytes(token)
    (home / "stamped").write_bytes(signature.signer_info["signature"].native)
    return str(home / "token"), str(home / "stamped")


def test_an_authority_that_is_away_or_answers_something_else_stops_the_paper(
    tmp_path: Path, printed: bytes, keys: Path
) -> None:
    away = Signing(keys=keys, at=AT, authority="http://127.0.0.1:9/")
    with pytest.raises(PaperNotSigned, match=r"没有答复.*time_stamps"):
        sign_paper(printed, away)
    with (
        authority(tmp_path, [b"hello"] * 3) as url,
        pytest.raises(PaperNotSigned, match="不是这份文件的时间戳"),
    ):
        sign_paper(printed, Signing(keys=keys, at=AT, authority=url))


def test_an_authority_that_is_away_for_a_moment_is_asked_again(
    tmp_path: Path, printed: bytes, keys: Path
) -> None:
    with authority(tmp_path, [b"busy"]) as url:
        signed = sign_paper(printed, Signing(keys=keys, at=AT, authority=url))
    assert signed.startswith(printed)


def test_the_address_of_an_authority_is_one(tmp_path: Path) -> None:
    shutil.copytree("config", tmp_path / "city", ignore=shutil.ignore_patterns("*.py", "demo"))
    file = tmp_path / "city/city.toml"
    file.write_text('time_stamps = "tsa"\n' + file.read_text())
    with pytest.raises(SettingsError, match=r"time_stamps.*tsa"):
        load_settings(tmp_path / "city", {})
