"""What lies in the store, in one small object that is written last and says what is whole."""

import os
import re
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.site.store import LATE
from publisher.site.track import order
from publisher.verify import UNLISTED
from publisher.year_files import FOLDER, LISTING
from publisher.year_files import REPORT as REPORT_FILE

NAME = "editions.json"
KEY = "bureau.pub"
EDITION = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])(\.[1-9][0-9]{0,2})?")
REPORT = re.compile(r"2[0-9]{3}-[0-9a-f]{12}")


class Sort(Struct, frozen=True, kw_only=True):
    """What is sent and brought folder by folder: where it lies, what of it is signed, and what its list leaves out.

    `mended` tells how a folder that is not as it was signed is put right.
    """

    where: str = ""
    signed: tuple[str, ...]
    unlisted: frozenset[str]
    mended: str

    def key(self, folder: str) -> str:
        """A folder's name in the store."""
        return f"{self.where}/{folder}" if self.where else folder


EDITIONS = Sort(
    signed=("edition.json", LATE),
    unlisted=frozenset(UNLISTED),
    mended="请执行 xinyong verify，从备份恢复这一版以后会自动再送",
)
REPORTS = Sort(
    where=FOLDER,
    signed=(REPORT_FILE, LATE),
    unlisted=frozenset(LISTING),
    mended="请从备份恢复这份年度报告，或者照原样再执行一次 xinyong report year，以后会自动再送",
)


class Catalogue(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The current edition, and of each edition the digest of its list of files.

    Of the years' accounts the same, by their folders, and which of them is a year's own.
    """

    current: str
    editions: dict[str, str]
    reports: dict[str, str] = {}
    years: dict[str, str] = {}

    @property
    def names(self) -> list[str]:
        """The editions, the oldest first: each is checked against those before it."""
        return sorted(self.editions, key=order)

    @property
    def wrong_name(self) -> str:
        """A name no edition and no account can have; empty where there is none."""
        wrong = [one for one in self.editions if not EDITION.fullmatch(one)]
        wrong += [one for one in self.reports if not REPORT.fullmatch(one)]
        wrong += [
            f"{year} {one}" for year, one in self.years.items() if not one.startswith(f"{year}-")
        ]
        wrong += [one for one in self.years.values() if one not in self.reports]
        return next(iter(wrong), "")

    def encoded(self) -> bytes:
        """The same bytes for the same editions."""
        return msgspec.json.encode(self, order="sorted")


def catalogue_of(editions: Path) -> Catalogue | None:
    """What is released in a folder of editions and beside it; None before the first release."""
    try:
        current = os.readlink(editions / "current")
    except OSError:
        return None
    reports = editions.parent / FOLDER
    years = {
        path.parent.name: path.parent.resolve().name
        for path in reports.glob("2[0-9][0-9][0-9]/report.json")
    }
    # One without a list was released before there were such lists: it is named, and told of.
    accounts = {
        path.parent.name: digest_of(path.parent / LATE)
        for path in reports.glob("2*/report.json")
        if REPORT.fullmatch(path.parent.name)
    }
    return Catalogue(
        current=current,
        editions={
            path.parent.name: digest_of(path)
            for path in editions.glob(f"2*/{LATE}")
            if EDITION.fullmatch(path.parent.name)
        },
        reports=accounts,
        years={year: name for year, name in years.items() if name in accounts},
    )


def digest_of(file: Path) -> str:
    """The digest of what lies in a file; empty where there is no file."""
    try:
        return sha256(file.read_bytes()).hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return ""
