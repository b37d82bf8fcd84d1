"""The bureau's keys: whole or not there, never made twice, and a file without a key is told with its remedy."""

import os
from pathlib import Path

import pytest

from publisher.signing import KeyUnreadable, create_key, is_signed, keep_once, sign

SAID = b"said"


def full_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The disk is full when something is to reach it for the time that is given."""
    real, times = os.fsync, iter(range(1, 1000))

    def fsync(descriptor: int) -> None:
        if next(times) == number:
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_key_signs_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    create_key(tmp_path)
    assert is_signed(SAID, sign(SAID, tmp_path / "bureau.key"), tmp_path / "bureau.pub")
    assert (tmp_path / "bureau.key").stat().st_mode & 0o077 == 0
    before = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    create_key(tmp_path)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == before


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_disk_that_is_full_leaves_nothing_that_counts_as_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    with monkeypatch.context() as full:
        full_at(full, number)
        with pytest.raises(OSError, match="No space"):
            create_key(tmp_path)
    assert all(one.stat().st_size for one in tmp_path.iterdir())
    create_key(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["bureau.key", "bureau.pub"]
    assert is_signed(SAID, sign(SAID, tmp_path / "bureau.key"), tmp_path / "bureau.pub")


def test_a_public_key_that_is_missing_is_made_from_the_private_one(tmp_path: Path) -> None:
    create_key(tmp_path)
    public = (tmp_path / "bureau.pub").read_bytes()
    (tmp_path / "bureau.pub").unlink()
    create_key(tmp_path)
    assert (tmp_path / "bureau.pub").read_bytes() == public


def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    keep_once(tmp_path / "one", b"1", 0o600)
    keep_once(tmp_path / "one", b"2", 0o600)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [b"1"]


@pytest.mark.parametrize(
    ("name", "content", "remedy"),
    [
        ("bureau.key", b"", "从来没有用它签过的，请删去它再执行一次"),
        ("bureau.key", b"-----BEGIN PRIVATE KEY-----\n", "从备份恢复密钥"),
        ("bureau.pub", b"", "由 bureau.key 重新生成"),
        ("bureau.pub", b"-----BEGIN PUBLIC KEY-----\n", "从备份恢复密钥"),
    ],
)
def test_a_file_without_a_key_is_kept_and_told_with_its_remedy(
    tmp_path: Path, name: str, content: bytes, remedy: str
) -> None:
    create_key(tmp_path)
    (tmp_path / name).write_bytes(content)
    create_key(tmp_path)
    assert (tmp_path / name).read_bytes() == content
    with pytest.raises(KeyUnreadable, match=remedy):
        is_signed(SAID, sign(SAID, tmp_path / "bureau.key"), tmp_path / "bureau.pub")
