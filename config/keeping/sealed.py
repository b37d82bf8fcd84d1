"""Backups encrypted for a public key by age (Debian package `age`), whose private key is elsewhere.

Age authenticates 64 KiB at a time and needs no memory for large files; CMS as openssl reads it holds the
whole of it in memory, and hands out what it has not yet authenticated.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from config.keeping.errors import (
    BackupDamaged,
    KeyNeeded,
    TargetRefused,
    ToolFailed,
    ToolMissing,
    WrongKey,
)

SEALED = b"age-encryption.org/"
# How age begins when the key, not the backup, is at fault.
_NO_KEY = ("reading", "no identity matched", "failed to open")
# Words age may say, and what they mean.
_MEANT = (
    ("no identity matched", "不是同一对密钥"),
    ("no such file", "没有这个文件，也不是公钥的写法"),
    ("is a directory", "是一个文件夹"),
    ("permission denied", "没有权限读"),
    ("no recipients found", "里面没有公钥"),
    ("no secret keys found", "里面没有私钥"),
    ("malformed recipient at line", "里面有一行不是公钥"),
    ("malformed", "写法不对，可能没有抄全"),
    ("unknown identity type", "里面不是私钥"),
    ("failed to read header", "开头已损坏"),
    ("failed to decrypt", "内容已损坏"),
    ("no space left", "磁盘已满"),
)


def tool(name: str, package: str) -> str:
    """The path of a program; raises ToolMissing with the Debian package that brings it."""
    found = shutil.which(name)
    if found is None:
        raise ToolMissing(name, package)
    return found


def check_public(key: str) -> None:
    """Raises TargetRefused unless something can be encrypted for this key: a text, or a file of them."""
    if key.upper().startswith("AGE-SECRET-KEY") or _holds_secret(key):
        raise TargetRefused(
            "--to 写的是私钥。请改写公钥（age1…），私钥另存他处，不要留在这台机器上。"
        )
    words = [tool("age", "age"), *_recipient(key)]
    done = subprocess.run(words, input=b"", capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise TargetRefused(
            f"公钥“{key}”不能用（{_told(_said(done.stderr))}）。请写 age 公钥（age1…）、ssh 公钥，或者含有公钥的文件。"
        )


def seal(plain: Path, key: str, to: Path) -> None:
    """Encrypts a file for a public key."""
    words = [tool("age", "age"), *_recipient(key), "-o", str(to), str(plain)]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise ToolFailed("age", _told(_said(done.stderr)))


def is_sealed(file: Path) -> bool:
    """Whether a backup is encrypted."""
    with file.open("rb") as content:
        return content.read(len(SEALED)) == SEALED


@contextmanager
def opened(file: Path, key: Path | None) -> Iterator[IO[bytes]]:
    """The bytes of a backup in clear; raises KeyNeeded, WrongKey or BackupDamaged."""
    if not is_sealed(file):
        with file.open("rb") as content:
            yield content
        return
    if key is None:
        raise KeyNeeded(file)
    words = [tool("age", "age"), "-d", "-i", str(key), str(file)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=said)  # noqa: S603
        stream: Any = process.stdout
        try:
            yield stream
        except BackupDamaged:
            # What stops short has a cause, and age knows it better.
            _ended(process, said, key)
            raise
        finally:
            stream.close()
            process.wait()
        _ended(process, said, key)


def _ended(process: "subprocess.Popen[bytes]", said: IO[bytes], key: Path) -> None:
    if process.stdout:
        process.stdout.close()
    if process.wait() <= 0:
        return  # done, or ended by our own closing of the pipe
    said.seek(0)
    words = _said(said.read())
    if words.startswith(_NO_KEY):
        raise WrongKey(key, _told(words))
    raise BackupDamaged([f"解密时出错（{_told(words)}），备份被截断或者改动"])


def _said(said: bytes) -> str:
    """What age says is wrong: its first line; the next asks to write to its makers."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("age: error: ") if lines else ""


def _told(said: str) -> str:
    """The same in Chinese; its own words where they are new."""
    known = (words for begun, words in _MEANT if begun in said)
    return next(known, f"age 说：{said}" if said else "没有说明原因")


def _recipient(key: str) -> list[str]:
    if key.startswith(("age1", "ssh-")):
        return ["-r", key]
    return ["-R", key]


def _holds_secret(key: str) -> bool:
    try:
        content = Path(key).read_bytes()[:65536]
    except (OSError, ValueError):
        return False
    return b"AGE-SECRET-KEY" in content or b"PRIVATE KEY" in content
