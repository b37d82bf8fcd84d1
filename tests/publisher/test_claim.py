"""The code of a paper: read in any spelling, checked by openssl alone, never believed when altered."""

import subprocess
from base64 import b32encode
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.claim import Claim, CodeForged, CodeUnreadable, code_of, grouped_code, read_code
from publisher.signing import create_key, sign

CLAIM = Claim(
    kind="certificate",
    institution="NB-8FSZ-S",
    edition="2026-11",
    grade="B",
    status="none",
    on=date(2026, 11, 26),
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    create_key(folder)
    return folder


def code(keys: Path, claim: Claim = CLAIM) -> str:
    return code_of(claim, lambda content: sign(content, keys / "bureau.key"))


@settings(max_examples=50)
@given(words=st.tuples(*[st.text(max_size=20)] * 4), notice=st.booleans())
def test_whatever_a_city_calls_its_grades_comes_back(
    keys: Path, words: tuple[str, str, str, str], notice: bool
) -> None:
    names = dict(zip(("institution", "edition", "grade", "status"), words, strict=True))
    claim = Claim(kind="notice" if notice else "certificate", on=date(2026, 11, 26), **names)
    assert read_code(code(keys, claim), keys / "bureau.pub") == claim


def test_a_code_is_read_in_any_spelling(keys: Path) -> None:
    made = code(keys)
    full = "".join(chr(ord(one) + 0xFEE0) for one in made)
    misread = made.replace("O", "0").replace("I", "1").replace("B", "8")
    address = f"https://example.org/verify/?p={made}"
    for typed in (made, made.lower(), grouped_code(made), full, misread, address, f" {made}\r\n"):
        assert read_code(typed, keys / "bureau.pub") == CLAIM
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    assert len(made) <= 200


def test_every_altered_letter_is_noticed(keys: Path) -> None:
    made = code(keys)
    for at in range(len(made)):
        other = "A" if made[at] != "A" else "Q"
        with pytest.raises(CodeForged):
            read_code(made[:at] + other + made[at + 1 :], keys / "bureau.pub")


def test_a_code_that_is_cut_off_is_called_unreadable_or_forged_but_never_right(keys: Path) -> None:
    made = code(keys)
    for end in range(len(made)):
        with pytest.raises((CodeUnreadable, CodeForged)):
            read_code(made[:end], keys / "bureau.pub")
    for typed in ("", "???", "一二三", "A" * 5000, "\0"):
        with pytest.raises(CodeUnreadable):
            read_code(typed, keys / "bureau.pub")


def test_another_bureaus_code_and_another_text_of_this_one_are_no_claims(
    keys: Path, tmp_path: Path
) -> None:
    create_key(tmp_path)
    with pytest.raises(CodeForged):
        read_code(code(tmp_path), keys / "bureau.pub")
    said = b'{"city":"ningbo"}'
    edition = b32encode(said + sign(said, keys / "bureau.key")).decode().rstrip("=")
    with pytest.raises(CodeForged):
        read_code(edition, keys / "bureau.pub")


def test_openssl_and_coreutils_check_a_code_without_us(keys: Path, tmp_path: Path) -> None:
    """The very lines of the page `check`."""
    page = Path("publisher/pages/check.html").read_text("utf-8")
    lines = [
        line.split('<p class="code command">')[1].removesuffix("</p>")
        for line in page.split('aria-labelledby="h-5"')[1].split("</section>")[0].splitlines()
        if 'class="code command"' in line
    ]
    script = "\n".join(lines).replace("&lt;", "<").replace("&gt;", ">")
    for public, said, works in (
        ((keys / "bureau.pub").read_bytes(), code(keys), True),
        ((keys / "bureau.pub").read_bytes(), f"{code(keys)[:-3]}AAA", False),
    ):
        (tmp_path / "bureau.pub").write_bytes(public)
        (tmp_path / "code.txt").write_text(grouped_code(said) + "\n")
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert ("Signature Verified Successfully" in done.stdout) is works
        assert (done.returncode == 0) is works
    claim = (tmp_path / "claim.json").read_text()
    assert claim.startswith('["XY1","C","NB-8FSZ-S","2026-11","B","none","2026-11-26"')
