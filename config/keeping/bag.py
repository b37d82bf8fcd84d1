"""A year of the record for the city's archive, in a BagIt bag (RFC 8493), checked with sha256sum alone."""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Engine
from sqlmodel import Session

from config.keeping.checked import digest_of
from config.keeping.errors import KeepingError, NotEmpty
from config.progress import Report
from config.settings import Settings
from publisher.edition import Manifest
from registry import queries
from registry.database import reading
from registry.queries.ledger import LedgerFilter

AT_ONCE = 1000
VERSION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def archive_year(
    engine: Engine, settings: Settings, year: int, into: Path, now: datetime, report: Report
) -> int:
    """Writes a bag with a year's editions and ledger; gives how many files it holds.

    The bag is made beside and renamed, so that what has its name is whole. Raises NotEmpty, or KeepingError
    when nothing came out that year.
    """
    into = into.absolute()
    if into.exists():
        raise NotEmpty(f"{into} 已经存在", "请换一个文件夹名。")
    folders = _editions(settings.editions, year)
    if not folders:
        raise KeepingError(
            f"{settings.editions} 里没有 {year} 年的版次。请核对年份和 XINYONG_DATA。"
        )
    staged = into.with_name(f".{into.name}.part")
    shutil.rmtree(staged, ignore_errors=True)
    data = staged / "data"
    data.mkdir(parents=True)
    try:
        for done, folder in enumerate(folders, 1):
            shutil.copytree(folder, data / "editions" / folder.name)
            report("归档版次", done, len(folders))
        shutil.copyfile(settings.editions / "bureau.pub", data / "editions" / "bureau.pub")
        with reading(engine) as session:
            _write_ledger(session, settings, year, data / f"ledger-{year}.jsonl")
        many = _seal(staged, _info(settings, year, now))
        os.sync()
        os.rename(staged, into)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return many


def _editions(editions: Path, year: int) -> list[Path]:
    """The editions of a year, supplementary ones included."""
    found = []
    for file in sorted(editions.glob(f"{year:04d}-*/edition.json")):
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
        if manifest.period.startswith(f"{year:04d}-"):
            found.append(file.parent)
    return found


def _write_ledger(session: Session, settings: Settings, year: int, file: Path) -> None:
    """The year's entries, one a line, each with the digest of the one before it."""
    since = datetime(year, 1, 1, tzinfo=settings.zone)
    wanted = LedgerFilter(since=since, until=datetime(year + 1, 1, 1, tzinfo=settings.zone))
    before, pages = 0, list[Path]()
    spill = file.with_suffix(".pages")
    spill.mkdir()
    while lines := queries.ledger_entries(session, wanted, before=before, limit=AT_ONCE):
        page = spill / str(len(pages))
        page.write_bytes(b"".join(msgspec.json.encode(one) + b"\n" for one in reversed(lines)))
        pages.append(page)
        before = lines[-1].seq
    with file.open("wb") as out:
        for page in reversed(pages):  # they are read the newest first
            out.write(page.read_bytes())
    shutil.rmtree(spill)


def _info(settings: Settings, year: int, now: datetime) -> dict[str, str]:
    return {
        "Source-Organization": settings.organ,
        "Contact-Name": settings.contact,
        "External-Description": f"{settings.title}：{year}年各版次和台账",
        "External-Identifier": f"xinyong-{settings.id}-{year}",
        "Bagging-Date": f"{now:%Y-%m-%d}",
    }


def _seal(bag: Path, info: dict[str, str]) -> int:
    """Writes the tag files: what is in the bag, of which size, with which digests."""
    paths = [one for one in sorted((bag / "data").rglob("*")) if one.is_file()]
    size = sum(one.stat().st_size for one in paths)
    info = {**info, "Payload-Oxum": f"{size}.{len(paths)}"}
    (bag / "bagit.txt").write_text(VERSION, "utf-8")
    # A value goes on one line; a line break in a setting must not begin another field.
    said = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in info.items() if value)
    (bag / "bag-info.txt").write_text(said, "utf-8")
    (bag / "manifest-sha256.txt").write_text("".join(_sums(bag, paths)), "utf-8")
    tags = [bag / one for one in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
    (bag / "tagmanifest-sha256.txt").write_text("".join(_sums(bag, tags)), "utf-8")
    return len(paths)


def _sums(bag: Path, paths: list[Path]) -> Iterator[str]:
    for path in paths:
        name = path.relative_to(bag).as_posix()
        # RFC 8493 §2.1.3: line ends and the percent sign in names are written as percent codes.
        spelt = re.sub(r"[%\r\n]", lambda found: f"%{ord(found[0]):02X}", name)
        yield f"{digest_of(path)}  {spelt}\n"
