"""One file that holds a city: a compressed tar, whose manifest at the end says what every member must be."""

import gzip
import os
import tarfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, BinaryIO, cast
from urllib.parse import quote_from_bytes, unquote_to_bytes

import msgspec
from msgspec import Struct

from config.keeping.errors import BackupDamaged
from config.progress import Report
from scoring.decoding import UNREADABLE, decode_words

FORMAT = "xinyong-backup-1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"
ROOMS = ("register", "data", "city")
PIECE = 1 << 20
# Most of a city's bytes are pictures and PDFs, which no level makes smaller.
LEVEL = 1


class Member(Struct, frozen=True, kw_only=True):
    """What one member of a backup must be."""

    sha256: str
    size: int


class Head(Struct, frozen=True, kw_only=True):
    """The last entry of the ledger; number 0 before the first."""

    seq: int
    digest: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What a backup says of itself; `edition` is the digest of the newest one, `tables` counts rows.

    Names of members and links are percent-encoded, so that any bytes a file system allows come back.
    """

    format: str
    made_at: datetime
    city: str
    name: str
    program: str
    engine: str
    schema: str
    revision: str
    ledger: Head
    edition: str
    tables: dict[str, int]
    links: dict[str, str]
    members: dict[str, Member]


def spelt(path: Path) -> str:
    """A relative path as the manifest and the tar write it."""
    return quote_from_bytes(os.fsencode(path.as_posix()), safe="/+,=@ ")


def read_back(name: str) -> Path:
    """The relative path a name stands for; raises BackupDamaged for one that would leave its folder."""
    path = os.fsdecode(unquote_to_bytes(name))
    parts = path.split("/")
    if len(parts) < 2 or parts[0] not in ROOMS or {"", ".", ".."} & set(parts) or "\0" in path:
        raise BackupDamaged([f"成员“{name}”的名称不合规定"])
    return Path(path)


class _Hashed:
    """A file that is read once and hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest = file, sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.digest.update(piece)
        return piece


class Packing:
    """A backup being written, member by member; the manifest closes it."""

    def __init__(self, out: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=LEVEL)
        self._tar = tarfile.TarFile.open(fileobj=self._gzip, mode="w|", format=tarfile.PAX_FORMAT)
        self.members: dict[str, Member] = {}

    def add(self, name: str, path: Path) -> None:
        """Adds a file as it is now."""
        with path.open("rb") as file:
            state = os.fstat(file.fileno())
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.mtime = state.st_size, state.st_mode & 0o777, state.st_mtime
            hashed = _Hashed(file)
            self._tar.addfile(info, hashed)
        self.members[name] = Member(sha256=hashed.digest.hexdigest(), size=state.st_size)

    def close(self, manifest: bytes, signature: bytes) -> None:
        """Writes the manifest and, where there is one, its signature."""
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signature)):
            if content:
                info = tarfile.TarInfo(name)
                info.size, info.mode = len(content), 0o600
                self._tar.addfile(info, _Bytes(content))  # type: ignore[arg-type]
        self._tar.close()
        self._gzip.close()


class _Bytes:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def read(self, size: int) -> bytes:
        piece, self.content = self.content[:size], self.content[size:]
        return piece


class Unpacked(Struct, frozen=True, kw_only=True):
    """A backup as it was taken out: what it says of itself, word for word, and who signed that."""

    manifest: Manifest
    said: bytes
    signature: bytes


class Told:
    """A stream that tells how many of its megabytes have been read."""

    def __init__(self, stream: IO[bytes], size: int, report: Report) -> None:
        self.stream, self.size, self.report, self.done = stream, size, report, 0

    def read(self, size: int = -1) -> bytes:
        """Reads on."""
        piece = self.stream.read(size)
        self.done += len(piece)
        self.report("取出备份（MB）", min(self.done, self.size) >> 20, self.size >> 20)
        return piece


def unpack(stream: Told, into: Path) -> Unpacked:
    """Takes every member out into a folder that holds nothing, checking each against the manifest.

    Links and devices are refused: what is read comes from outside. Raises BackupDamaged with every member
    that is missing, superfluous or changed.
    """
    found: dict[str, Member] = {}
    words: dict[str, bytes] = {}
    at = "开头"
    try:
        with (
            gzip.GzipFile(fileobj=cast(IO[bytes], stream), mode="rb") as plain,
            tarfile.open(fileobj=plain, mode="r|") as tar,
        ):
            for info in tar:
                at = f"成员 {info.name} "
                if info.name in (MANIFEST, SIGNATURE):
                    words[info.name] = _content(tar, info)
                else:
                    found[info.name] = _take_out(tar, info, into)
            while plain.read(PIECE):
                pass  # to the end, where the sum of all bytes stands
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, FileExistsError):
        raise BackupDamaged([f"读到{at}时出错，备份被截断或者改动"]) from None
    if MANIFEST not in words:
        raise BackupDamaged(["没有清单，备份被截断"])
    manifest = _manifest(words[MANIFEST])
    if problems := list(_differences(manifest.members, found)):
        raise BackupDamaged(problems)
    return Unpacked(manifest=manifest, said=words[MANIFEST], signature=words.get(SIGNATURE, b""))


def _content(tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(info) if info.isreg() else None
    return file.read() if file else b""


def _take_out(tar: tarfile.TarFile, info: tarfile.TarInfo, into: Path) -> Member:
    file = tar.extractfile(info) if info.isreg() else None
    if file is None:
        raise BackupDamaged([f"成员“{info.name}”不是普通文件"])
    place = into / read_back(info.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    digest, size = sha256(), 0
    # Nobody but the owner reads what is being restored before it is checked.
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        os.fchmod(out.fileno(), info.mode & 0o755)
    os.utime(place, (info.mtime, info.mtime))
    return Member(sha256=digest.hexdigest(), size=size)


def _manifest(raw: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except UNREADABLE as wrong:
        raise BackupDamaged([f"清单不合格式（{decode_words(wrong)}）"]) from None
    if manifest.format != FORMAT:
        raise BackupDamaged([f"备份的格式是“{manifest.format}”，本程序只认识 {FORMAT}"])
    return manifest


def _differences(said: dict[str, Member], found: dict[str, Member]) -> Iterator[str]:
    for name in sorted(said.keys() | found.keys()):
        if name not in found:
            yield f"缺少成员 {name}"
        elif name not in said:
            yield f"多出成员 {name}"
        elif found[name] != said[name]:
            yield f"成员 {name} 与清单不符"
