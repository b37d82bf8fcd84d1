"""Stages an edition in a new folder, verifies it there, and switches to it in one step."""

import ctypes
import errno
import os
import secrets
import shutil
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec
import rfc8785

from publisher import corrections, removals
from publisher.edition import Edition, folder_of, leaf, read_edition, read_manifest
from publisher.signing import is_signed, sign
from publisher.verify import verify
from scoring.canonical import canonical

_HERE = -100  # AT_FDCWD
_EXCHANGE = 2  # RENAME_EXCHANGE


class Renderer(Protocol):
    """Writes files of an edition into a folder that holds nothing of the kind yet."""

    def __call__(self, edition: Edition, folder: Path) -> None: ...


class ReleaseRefused(Exception):
    """An edition is not released; the old one stays served."""


class NoExchange(Exception):
    """Where the editions lie two folders cannot be exchanged in one step; the sentence names the place."""

    def __init__(self, editions: Path) -> None:
        super().__init__(
            f"{editions} 所在的文件系统不能一步交换两个文件夹（renameat2），撤回时可能两版都不在，没有办理。"
            "请把数据文件夹移到 ext4、xfs、btrfs 或 tmpfs 上，再执行一次。"
        )


def release(
    edition: Edition, editions: Path, keys: Path, renderers: Iterable[Renderer] = ()
) -> Path:
    """The released folder; a crash at any instant leaves the old edition or the new one, whole.

    Raises ReleaseRefused when the edition exists with other content or does not pass its check.
    """
    final = editions / edition.name
    if final.exists():
        if sha256((final / "edition.json").read_bytes()).hexdigest() != edition.digest:
            raise ReleaseRefused(f"{edition.name} 已经发布，内容不同。更正请另发一版，不能覆盖。")
        switch_forward(final)
        return final
    staged = stage(edition, editions, keys, renderers)
    problems = verify(staged, keys / "bureau.pub", _settled(edition, editions, keys)).problems
    if problems:
        shutil.rmtree(staged)
        raise ReleaseRefused("核对没有通过，没有发布：" + "；".join(problems))
    # Beside the editions, so that whoever copies the folder can check them.
    fresh = editions / "bureau.pub.new"
    shutil.copyfile(keys / "bureau.pub", fresh)
    os.replace(fresh, editions / "bureau.pub")
    os.rename(staged, final)
    _sync(editions)
    switch_forward(final)
    return final


def switch_forward(folder: Path) -> None:
    """Makes a released edition the current one unless a later one is: repeated late, nothing is taken back."""
    editions = folder.parent
    try:
        current = read_manifest(editions / "current")
    except (OSError, msgspec.DecodeError):
        switch(editions, folder.name)
        return
    switch(editions, max(current, read_manifest(folder), key=lambda one: one.order).name)


def _settled(edition: Edition, editions: Path, keys: Path) -> frozenset[bytes]:
    """The leaf hashes of the edition before, all derived at its own release by this program and policy."""
    folder = folder_of(editions, edition.manifest.previous)
    if folder is None:
        return frozenset()
    try:
        signature = (folder / "edition.json.sig").read_bytes()
        last = read_edition(folder)
    except (OSError, ValueError, msgspec.DecodeError):
        return (
            frozenset()
        )  # every rating is derived anew; what is wrong there is for `verify` to say
    before, now = last.manifest, edition.manifest
    alike = (before.program, before.policy_digest) == (now.program, now.policy_digest)
    signed = is_signed(canonical(before), signature, keys / "bureau.pub")
    if not alike or not signed or before.cut_off > now.cut_off:
        return frozenset()
    return frozenset(last.leaves)


def stage(edition: Edition, editions: Path, keys: Path, renderers: Iterable[Renderer]) -> Path:
    """A folder with every file of the edition, signed, on disk; what an earlier crash left is swept.

    It is this process's own: one that was paused and woke up writes into no other's.
    """
    for left in editions.glob("0-staging-*"):
        shutil.rmtree(left, ignore_errors=True)
    staged = editions / f"0-staging-{edition.name}-{secrets.token_hex(4)}"
    staged.mkdir(parents=True)
    try:
        _write(staged / "edition.json", canonical(edition.manifest))
        _write(staged / "entries.jsonl", b"".join(line + b"\n" for line in edition.lines))
        _write(staged / "policy.toml", edition.policy)
        _write(
            staged / removals.NAME,
            removals.removals_file(edition.name, edition.digest, edition.removals),
        )
        if edition.corrections:
            content = corrections.corrections_file(edition.name, edition.corrections)
            _write(staged / corrections.NAME, content)
        for render in renderers:
            render(edition, staged)
        listed = {
            path.relative_to(staged).as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in sorted(staged.rglob("*"))
            if path.is_file() and path.name != "edition.json"
        }
        _write(staged / "renderings.json", rfc8785.dumps(dict(listed)))
        for name in ("edition.json", "renderings.json"):
            _write(staged / f"{name}.sig", sign((staged / name).read_bytes(), keys / "bureau.key"))
        sync_whole(staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def reissue(edition: Edition, editions: Path, keys: Path, renderers: Iterable[Renderer]) -> Path:
    """The folder of a released edition with every file made again from what is left of it.

    The whole folder is staged beside it, verified, and exchanged with it in one step; a crash at any
    instant leaves the old folder or the new one. What the edition claims stays the same to the byte.
    Raises ReleaseRefused when the new folder does not pass its check, NoExchange where folders cannot
    be exchanged.
    """
    final = editions / edition.name
    staged = stage(edition, editions, keys, renderers)
    # Their root is signed: every line was derived when it was released.
    settled = frozenset(map(leaf, edition.lines))
    problems = list(verify(staged, keys / "bureau.pub", settled).problems)
    if (staged / "edition.json").read_bytes() != (final / "edition.json").read_bytes():
        problems.append("edition.json 与已经发布的不同")
    if problems:
        shutil.rmtree(staged)
        raise ReleaseRefused(
            f"{edition.name} 重新生成后核对没有通过，原来的照常公布：{'；'.join(problems)}"
        )
    exchange(staged, final)
    _sync(editions)
    shutil.rmtree(staged)
    return final


def sweep(editions: Path) -> None:
    """Drops what a crash left half made, or left of an exchanged folder; by whoever leads alone."""
    for left in editions.glob("0-staging-*"):
        shutil.rmtree(left)


def require_exchange(editions: Path) -> None:
    """Raises NoExchange unless two folders can be exchanged here in one step; tries it on empty ones."""
    tries = [editions / f"0-staging-try-{number}" for number in (1, 2)]
    try:
        for one in tries:
            one.mkdir(exist_ok=True)
        exchange(*tries)
    finally:
        for one in tries:
            shutil.rmtree(one, ignore_errors=True)


def exchange(one: Path, other: Path) -> None:
    """Two folders take each other's name in one step (Linux: renameat2 with RENAME_EXCHANGE)."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        raise NoExchange(other.parent)
    if call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
        raise NoExchange(other.parent)
    raise OSError(code, os.strerror(code), str(other))


def switch(editions: Path, name: str) -> None:
    """Makes an edition the current one, by replacing one link."""
    fresh = editions / "current.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    os.replace(fresh, editions / "current")
    _sync(editions)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_whole(folder: Path) -> None:
    """Every file and folder below, on disk; what renderers wrote is no less needed than the rest."""
    for path in [*folder.rglob("*"), folder]:
        _sync(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
