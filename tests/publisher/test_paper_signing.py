"""A signed paper is what was printed and a signature behind it, which tools of others check, and see any change."""

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from publisher.kept import PAPERS
from publisher.paper_key import CERTIFICATE, PRIVATE, PaperKeyUnusable, create_paper_key
from publisher.paper_signing import (
    Signing,
    check_papers,
    paper_signer,
    sign_paper,
)
from publisher.pdf import print_paper
from tests.publisher.test_pdf import NAMES, paper
from tests.publisher.test_release import edition
from tests.publisher.test_signing import full_at

AT = datetime(2026, 11, 4, 9, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("printed") / "one.pdf"
    print_paper(path, paper(NAMES[:5]))
    return path.read_bytes()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    create_paper_key(folder, "宁波市教育局", date(2026, 1, 1))
    return folder


def told(*words: object, **environ: str) -> str:
    env = {**os.environ, "TZ": "Asia/Shanghai", **environ}
    done = subprocess.run(
        [str(one) for one in words], capture_output=True, text=True, check=False, env=env
    )
    return done.stdout + done.stderr


def test_pdfsig_finds_one_valid_signature_over_the_whole_paper_with_its_time(
    tmp_path: Path, printed: bytes, keys: Path
) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(sign_paper(printed, Signing(keys=keys, at=AT)))
    said = told("pdfsig", path)
    assert said.count("Signature Validation: Signature is Valid.") == 1
    assert "Total document signed" in said
    assert "ETSI.CAdES.detached" in said
    assert "Signing Time: Nov 04 2026 09:00:00" in said
    assert "CN=宁波市教育局" in said
    assert "No syntax or stream encoding errors" in told("qpdf", "--check", path)
    (tmp_path / "printed.pdf").write_bytes(printed)
    tags = [told("pdfinfo", "-struct-text", one) for one in (path, tmp_path / "printed.pdf")]
    assert tags[0] == tags[1]
    assert "TH" in tags[0]


@pytest.mark.parametrize("place", [0.02, 0.5, 0.9])
def test_one_flipped_byte_breaks_the_signature(
    tmp_path: Path, printed: bytes, keys: Path, place: float
) -> None:
    path = tmp_path / "signed.pdf"
    raw = bytearray(sign_paper(printed, Signing(keys=keys, at=AT)))
    raw[int(len(printed) * place)] ^= 1
    path.write_bytes(raw)
    assert "Signature is Valid" not in told("pdfsig", path)


def test_what_was_printed_comes_first_and_the_same_time_gives_the_same_bytes(
    printed: bytes, keys: Path
) -> None:
    one, again, later = (
        sign_paper(printed, Signing(keys=keys, at=at)) for at in (AT, AT, AT + timedelta(hours=1))
    )
    assert one == again
    assert one != later
    assert b"/Type /Metadata" not in one[len(printed) :]  # which would tell another time
    assert one.startswith(printed)
    assert later.startswith(printed)


def test_the_certificate_is_openssls_to_read_and_the_key_its_owners(keys: Path) -> None:
    assert "OK" in told("openssl", "verify", "-CAfile", keys / CERTIFICATE, keys / CERTIFICATE)
    said = told("openssl", "x509", "-in", keys / CERTIFICATE, "-noout", "-text")
    assert "Public-Key: (3072 bit)" in said
    assert "Digital Signature, Non Repudiation" in said
    assert (keys / PRIVATE).stat().st_mode & 0o077 == 0
    before = (keys / CERTIFICATE).read_bytes()
    create_paper_key(keys, "别的局", date(2027, 1, 1))
    assert (keys / CERTIFICATE).read_bytes() == before


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_disk_that_is_full_leaves_nothing_that_counts_as_key_or_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: Path, number: int
) -> None:
    given = ("宁波市教育局", date(2026, 1, 1), (keys / PRIVATE).read_bytes())
    with monkeypatch.context() as full:
        full_at(full, number)
        with pytest.raises(OSError, match="No space"):
            create_paper_key(tmp_path, *given)
    assert all(one.stat().st_size for one in tmp_path.iterdir())
    create_paper_key(tmp_path, *given)
    made = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    assert made == {name: (keys / name).read_bytes() for name in (PRIVATE, CERTIFICATE)}


def test_a_certificate_of_a_ca_is_taken_with_those_above_it(tmp_path: Path, printed: bytes) -> None:
    create_paper_key(tmp_path / "ca", "某市数字证书中心", date(2026, 1, 1))
    ca, folder = tmp_path / "ca", tmp_path / "keys"
    create_paper_key(folder, "宁波市教育局", date(2026, 1, 1))
    request = tmp_path / "request.csr"
    told("openssl", "req", "-new", "-key", folder / PRIVATE, "-subj", "/CN=Bureau", "-out", request)
    files = ["-CA", ca / CERTIFICATE, "-CAkey", ca / PRIVATE, "-days", "3650"]
    issued = told("openssl", "x509", "-req", "-in", request, *files, "-set_serial", "7")
    leaf = issued[issued.index("-----BEGIN") : issued.index("-----END") + 26]
    (folder / CERTIFICATE).write_text(leaf + (ca / CERTIFICATE).read_text())
    path = tmp_path / "signed.pdf"
    path.write_bytes(sign_paper(printed, Signing(keys=folder, at=datetime(2030, 1, 1, tzinfo=UTC))))
    said = told("pdfsig", path)
    assert "Signature is Valid" in said
    assert "CN=Bureau" in said
    whole = path.read_bytes()
    assert "某市数字证书中心".encode().hex().encode() in whole.lower()


def not_there(keys: Path) -> None:
    (keys / CERTIFICATE).unlink()


def of_another_key(keys: Path) -> None:
    create_paper_key(keys / "other", "别的局", date(2026, 1, 1))
    shutil.copy(keys / "other" / CERTIFICATE, keys / CERTIFICATE)


def run_out(keys: Path) -> None:
    (keys / CERTIFICATE).unlink()
    create_paper_key(keys, "宁波市教育局", date(2010, 1, 1))


def no_certificate(keys: Path) -> None:
    (keys / CERTIFICATE).write_text("x")


def cut_certificate(keys: Path) -> None:
    (keys / CERTIFICATE).write_bytes((keys / CERTIFICATE).read_bytes()[:200])


def empty_key(keys: Path) -> None:
    (keys / PRIVATE).write_bytes(b"")


def no_key(keys: Path) -> None:
    (keys / PRIVATE).write_text("x")


def too_short(keys: Path) -> None:
    told("openssl", "genrsa", "-out", keys / PRIVATE, "1024")


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (not_there, "没有这个文件"),
        (of_another_key, "不是一对"),
        (run_out, "2026-11-04 不在其内"),
        (no_certificate, "不是 PEM 格式的证书"),
        (cut_certificate, "请删去它再执行一次，会由私钥重新生成"),
        (empty_key, "从来没有用它签过的，请删去它再执行一次"),
        (no_key, "不是没有口令的 PEM 私钥"),
        (too_short, "不少于 2048 位"),
    ],
)
def test_a_key_that_cannot_sign_is_refused_in_a_sentence(
    tmp_path: Path, printed: bytes, keys: Path, spoil: Any, sentence: str
) -> None:
    folder = tmp_path / "keys"
    shutil.copytree(keys, folder)
    spoil(folder)
    with pytest.raises(PaperKeyUnusable, match=sentence):
        sign_paper(printed, Signing(keys=folder, at=AT))


@pytest.fixture
def folder(tmp_path: Path, printed: bytes, keys: Path) -> Path:
    """An edition's folder with two signed papers."""
    made = tmp_path / "edition"
    (made / "pdf").mkdir(parents=True)
    (made / "white.pdf").write_bytes(printed)
    (made / "pdf/white-1.pdf").write_bytes(printed)
    paper_signer(Signing(keys=keys, at=AT))(edition(), made)
    return made


def test_papers_json_names_the_part_that_is_the_same_in_two_renderings(
    folder: Path, printed: bytes
) -> None:
    raw = (folder / PAPERS).read_bytes()
    named = json.loads(raw)
    assert rfc8785.dumps(named) == raw
    assert set(named) == {"white.pdf", "pdf/white-1.pdf"}
    for name, one in named.items():
        command = f'head -c {one["length"]} "$1" | sha256sum'
        assert told("sh", "-c", command, "-", folder / name).split()[0] == one["sha256"]
        assert one["sha256"] == sha256(printed).hexdigest()
    assert (folder / CERTIFICATE).read_text().startswith("-----BEGIN CERTIFICATE")
    assert check_papers(folder) == []


def other_content(folder: Path) -> None:
    raw = (folder / "white.pdf").read_bytes()
    (folder / "white.pdf").write_bytes(b"x" + raw[1:])


def without_signature(folder: Path) -> None:
    length = json.loads((folder / PAPERS).read_bytes())["white.pdf"]["length"]
    (folder / "white.pdf").write_bytes((folder / "white.pdf").read_bytes()[:length])


def gone(folder: Path) -> None:
    (folder / "white.pdf").unlink()


def one_more(folder: Path) -> None:
    shutil.copy(folder / "white.pdf", folder / "pdf/white.pdf")


def no_list(folder: Path) -> None:
    (folder / PAPERS).write_text('{"white.pdf":{"length":0,"sha256":""}}')


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (other_content, "white.pdf 签名之前的内容与 papers.json 所记的不符"),
        (without_signature, "white.pdf 没有签名"),
        (gone, "papers.json 写着 white.pdf，却没有这个文件"),
        (one_more, "papers.json 没有写 pdf/white.pdf"),
        (no_list, "papers.json 不合格式"),
    ],
)
def test_papers_that_are_not_as_listed_are_named(folder: Path, spoil: Any, sentence: str) -> None:
    spoil(folder)
    assert any(sentence in problem for problem in check_papers(folder))
