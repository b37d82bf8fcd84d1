"""A folder as it was signed: its signatures hold, and its files are the ones of the signed list."""

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from publisher.signing import is_signed

LIST = "renderings.json"


def signatures(folder: Path, names: Iterable[str], public_key: Path) -> Iterator[str]:
    """What is wrong with the signatures of these files."""
    for name in names:
        content, signature = folder / name, folder / f"{name}.sig"
        if not content.exists() or not signature.exists():
            yield f"缺少 {name} 或者它的签名"
        elif not is_signed(content.read_bytes(), signature.read_bytes(), public_key):
            yield f"{name} 的签名不符：内容被改动，或者公钥不对"


def files(folder: Path, unlisted: Collection[str]) -> Iterator[str]:
    """Which files are missing, changed or not of the list; `unlisted` may lie there besides."""
    listed: dict[str, str] = {}
    if (folder / LIST).exists():
        try:
            listed = msgspec.json.decode((folder / LIST).read_bytes(), type=dict[str, str])
        except msgspec.DecodeError:
            yield f"{LIST} 不合格式"
            return
    # A link to a folder leads to files that no list names, and may lead elsewhere tomorrow.
    there = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_symlink() or not path.is_dir()
    }
    yield from (f"缺少文件 {name}" for name in sorted(set(listed) - set(there)))
    for name in sorted(set(there) - set(unlisted)):
        if name not in listed:
            yield f"多出文件 {name}"
        elif not there[name].is_file() or _digest(there[name]) != listed[name]:
            yield f"文件 {name} 被改动"


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()
