"""A backup: the register, the released files, the uploads, the keys and the city's folder in one file."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy import Engine

from config.backups import MARK, note_backup
from config.keeping.alone import alone
from config.keeping.checked import Checked, digest_of, newest
from config.keeping.errors import TargetRefused
from config.keeping.packed import FORMAT, Manifest, Packing, read_back, spelt
from config.keeping.register_copy import FILES, Counted, copy_register
from config.keeping.restore import rehearse
from config.keeping.sealed import check_public, seal
from config.progress import Report
from config.settings import Settings
from publisher.program import program
from publisher.signing import sign

WORK = ".backup"
# The register goes as its own copy; the rest is made anew or is no part of the record.
_NOT_DATA = (".", "register.db", "logs", MARK)
# The program lies beside the city's data where the city is this repository's own.
_PROGRAM = {".py", ".pyc", ".html", ".pyi"}
_TRIES = 3


class Made(Struct, frozen=True, kw_only=True):
    """A backup that was made: where, how large, its digest, what it says, and what a check found."""

    file: Path
    size: int
    sha256: str
    sealed: bool
    manifest: Manifest
    checked: Checked | None
    left_out: tuple[str, ...]


def make_backup(  # noqa: PLR0913 the parts of one errand
    engine: Engine,
    settings: Settings,
    file: Path,
    to: str,
    now: datetime,
    report: Report,
    *,
    checking: bool = False,
) -> Made:
    """Writes a backup while the city is served; a crash leaves no file of that name, or the whole one.

    `to` is a public key of age; without one the backup lies in clear and only in a folder of one's own.
    With `checking` it is restored beside, and what that finds is told.
    """
    check_target(settings, file, to)
    with alone(settings.data, "备份", engine):
        work = settings.data / WORK
        shutil.rmtree(work, ignore_errors=True)  # what a crash left
        work.mkdir(mode=0o700)
        try:
            manifest, left_out = _pack(engine, settings, work, now, report)
            plain = work / "backup"
            checked = rehearse(engine, settings, plain, report) if checking else None
            partial = file.with_name(f".{file.name}.part")
            try:
                _put(plain, to, partial)
                size, digest = partial.stat().st_size, digest_of(partial)
                os.replace(partial, file)
                _sync(file.parent)
                note_backup(settings, now)
            finally:
                with suppress(OSError):  # what kept it from being written is told, and nothing else
                    partial.unlink()
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return Made(
        file=file,
        size=size,
        sha256=digest,
        sealed=bool(to),
        manifest=manifest,
        checked=checked,
        left_out=left_out,
    )


def check_target(settings: Settings, file: Path, to: str) -> None:
    """Raises TargetRefused where a backup would be lost with the machine's data, or read by others."""
    folder = file.absolute().parent
    if not folder.is_dir():
        raise TargetRefused(f"文件夹 {folder} 不存在。请先建立它，最好在另一块磁盘上。")
    if folder.resolve().is_relative_to(settings.data.resolve()):
        raise TargetRefused(f"{file} 在数据文件夹里面，会和数据一起丢失。请写到另一块磁盘上。")
    if file.exists():
        raise TargetRefused(f"{file} 已经存在，不会覆盖。请换一个文件名。")
    if to:
        check_public(to)
    elif folder.stat().st_mode & 0o077:
        raise TargetRefused(
            f"没有加密的备份含有密钥和个人信息，而文件夹 {folder} 别的用户也能打开。"
            f"请用 --to 写明公钥，或者先执行 chmod 700 {folder}。"
        )


def _put(plain: Path, to: str, partial: Path) -> None:
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    os.close(descriptor)
    if to:
        seal(plain, to, partial)
    else:
        shutil.copyfile(plain, partial)
    with partial.open("rb") as written:
        os.fsync(written.fileno())


def _pack(
    engine: Engine, settings: Settings, work: Path, now: datetime, report: Report
) -> tuple[Manifest, tuple[str, ...]]:
    """Packs everything; once more when an edition was re-issued meanwhile."""
    for attempt in range(1, _TRIES + 1):
        held = copy_register(engine, settings.schema, work)
        # The folders are read after the register, so that no edition it calls released can be missing.
        packed = _packed(engine, settings, work, held, now, report)
        if attempt == _TRIES or not _torn(settings, packed[0]):
            return packed
        (work / FILES[engine.dialect.name]).unlink()
    raise AssertionError("the last attempt returns")


def _packed(
    engine: Engine, settings: Settings, work: Path, held: Counted, now: datetime, report: Report
) -> tuple[Manifest, tuple[str, ...]]:
    register = FILES[engine.dialect.name]
    wanted = [(Path("register") / register, work / register)]
    links: dict[str, str] = {}
    left_out: list[str] = []
    for room, folder in (("data", settings.data), ("city", settings.city_folder)):
        for path in _files(folder, room):
            name = Path(room) / path.relative_to(folder)
            if not path.is_symlink():
                wanted.append((name, path))
            elif "/" in (target := os.readlink(path)) or target in ("", ".", ".."):
                left_out.append(str(path))
            else:
                links[spelt(name)] = spelt(Path(target))
    with (work / "backup").open("wb") as out:
        os.fchmod(out.fileno(), 0o600)
        packing = Packing(out)
        for done, (name, path) in enumerate(wanted, 1):
            packing.add(spelt(name), path)
            report("打包", done, len(wanted))
        last = newest(settings.data)
        manifest = Manifest(
            format=FORMAT,
            made_at=now,
            city=settings.id,
            name=settings.name,
            program=program(),
            engine=engine.dialect.name,
            schema=settings.schema,
            revision=held.revision,
            ledger=held.ledger,
            edition=last.digest if last else "",
            tables=held.tables,
            links=links,
            members=packing.members,
        )
        said = msgspec.json.format(msgspec.json.encode(manifest, order="sorted"), indent=1)
        key = settings.keys / "bureau.key"
        packing.close(said, sign(said, key) if key.is_file() else b"")
    return manifest, tuple(left_out)


def _files(folder: Path, room: str) -> Iterator[Path]:
    """What belongs into a backup, in order of name; links are given, not followed."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_symlink() or path.is_file():
            top = inside.parts[0]
            if room == "city":
                if path.suffix not in _PROGRAM and "__pycache__" not in inside.parts:
                    yield path
            elif top != "city" and not _is_passing(inside) and not top.startswith(_NOT_DATA):
                yield path


def _is_passing(inside: Path) -> bool:
    """Whether a file is one of a release under way."""
    staged = inside.parts[0] == "editions" and inside.parts[1:2] and inside.parts[1][:2] == "0-"
    return bool(staged) or inside.suffix == ".new"


def _torn(settings: Settings, manifest: Manifest) -> bool:
    """Whether an edition was re-issued while it was read, so that its files are of two issues."""
    for name, member in manifest.members.items():
        path = read_back(name)
        if path.name != "renderings.json" or path.parts[:2] != ("data", "editions"):
            continue
        here = settings.data / Path(*path.parts[1:])
        try:
            listed = msgspec.json.decode(here.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return True
        folder = path.parent
        of = {one: manifest.members.get(spelt(folder / one)) for one in listed}
        same = all(found and found.sha256 == listed[one] for one, found in of.items())
        if digest_of(here) != member.sha256 or not same:
            return True
    return False


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
