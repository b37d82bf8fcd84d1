"""Checks a released account of a year offline: no database, no network, nothing but its folder and a key."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.signed_folder import files, signatures
from publisher.year_files import LISTING, NAME, REPORT, follows, named
from publisher.yearly import Year
from scoring.canonical import canonical
from scoring.decoding import UNREADABLE, decode_words

SIGNED = (REPORT, LISTING[0])


class YearVerdict(Struct, frozen=True, kw_only=True):
    """What a check found; an account is whole when `problems` is empty.

    `notes` say what could not be checked here.
    """

    report: str
    year: int
    digest: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def is_account(folder: Path) -> bool:
    """Whether a folder holds a year's account, and not an edition."""
    return (folder / REPORT).exists() and not (folder / "edition.json").exists()


def check_year(folder: Path, public_key: Path) -> YearVerdict:
    """Signatures, the listed files, the folder's name, and what it corrects or is corrected by."""
    folder = folder.resolve()
    problems = [*signatures(folder, SIGNED, public_key), *files(folder, LISTING)]
    notes: list[str] = []
    number, digest = 0, ""
    try:
        raw = (folder / REPORT).read_bytes()
        digest = sha256(raw).hexdigest()
        year = msgspec.json.decode(raw, type=Year)
        number = year.year
        if canonical(year) != raw:
            problems.append(f"{REPORT} 不是规范写法（RFC 8785）")
        name = named(number, digest)
        if NAME.fullmatch(folder.name) and folder.name not in (name, str(number)):
            problems.append(f"文件夹里的是 {name} 的报告")
        problems += rolled_back(folder)
        if year.corrects and not (folder.parent / named(number, year.corrects) / REPORT).exists():
            notes.append(f"它更正的报告（校验码 {year.corrects}）不在旁边，没有核对")
    except OSError as missing:
        problems.append(f"缺少文件 {missing.filename}")
    except UNREADABLE as wrong:
        problems.append(f"{REPORT} 不合格式：{decode_words(wrong)}")
    return YearVerdict(
        report=folder.name,
        year=number,
        digest=digest,
        problems=tuple(dict.fromkeys(problems)),
        notes=tuple(notes),
    )


def rolled_back(folder: Path) -> Iterator[str]:
    """Whether the public is shown, as the year's own, what this account corrects."""
    folder = folder.resolve()
    link = folder.parent / folder.name.partition("-")[0]
    if not NAME.fullmatch(folder.name) or not link.is_symlink():
        return
    shown = link.readlink().name
    if shown != folder.name and follows(folder.parent, folder.name, shown):
        yield f"{link.name} 指向较旧的 {shown}，旁边有更正它的 {folder.name}：年度报告被退回"
