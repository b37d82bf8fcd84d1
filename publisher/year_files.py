"""A year's account as files: JSON with its signature, a page, a tagged PDF; released by replacing one link."""

import os
import re
import shutil
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec
import rfc8785
from msgspec import Struct

from publisher.data import WORDS
from publisher.pages.render import STATIC, page
from publisher.pages.year_bars import bars
from publisher.print.engine import set_page
from publisher.yearly import Year
from scoring.canonical import canonical

REPORT = "report.json"
LISTING = ("renderings.json", "renderings.json.sig")
LISTED = (
    "index.html",
    REPORT,
    f"{REPORT}.sig",
    "report.pdf",
    "look.css",
    "print.css",
    "mark.svg",
)
FILES = (*LISTED, *LISTING)
FOLDER = "reports"
NAME = re.compile(r"2\d{3}(-[0-9a-f]{12})?")


class ReportRefused(Exception):
    """A year's account is not released; the sentence says why and what to do."""


class ReleasedYear(Struct, frozen=True, kw_only=True):
    """A released account in a list: its targets counted."""

    year: int
    met: int
    missed: int
    unknown: int


def named(year: int, digest: str) -> str:
    """The folder of an account."""
    return f"{year}-{digest[:12]}"


def accounts_of(editions: Path) -> Path:
    """The folder of the accounts: beside the editions, and in a copy that is brought from a store within."""
    within = editions / FOLDER
    return within if within.is_dir() else editions.parent / FOLDER


def digest_of(year: Year) -> str:
    """SHA-256 of `report.json`."""
    return sha256(canonical(year)).hexdigest()


def write_pdf(year: Year) -> bytes:
    """The account as tagged PDF; raises PrintingUnavailable."""
    return set_page(page("year_print.html", **_values(year)))


def release_year(year: Year, reports: Path, sign: Callable[[bytes], bytes]) -> Path:
    """Writes the account beside the ones before it and points the year's link at it; gives the folder.

    A crash leaves the old one served, or the new one, whole; what was released is never overwritten.
    """
    digest = digest_of(year)
    final = reports / named(year.year, digest)
    if not final.exists():
        staged = reports / f"0-staging-{final.name}"
        if staged.exists():
            shutil.rmtree(staged)
        staged.mkdir(parents=True)
        for name in ("look.css", "print.css", "mark.svg"):
            shutil.copyfile(STATIC / name, staged / name)
        content = canonical(year)
        (staged / REPORT).write_bytes(content)
        (staged / f"{REPORT}.sig").write_bytes(sign(content))
        text = page("year.html", up="../../", sheets="", manifest=None, **_values(year))
        (staged / "index.html").write_text(text, "utf-8")
        (staged / "report.pdf").write_bytes(write_pdf(year))
        _list(staged, sign)
        for name in FILES:
            with (staged / name).open("rb") as file:
                os.fsync(file.fileno())
        os.rename(staged, final)
    elif not (final / LISTING[0]).exists():
        _list(final, sign)  # it was released before accounts had a list of their files
    point(reports, year.year, final.name)
    return final


def point(reports: Path, year: int, name: str) -> None:
    """Shows one of a year's accounts at the year's own address, in one step."""
    fresh = reports / f"{year}.new"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(name)
    os.replace(fresh, reports / str(year))


def point_forward(reports: Path, year: int, name: str) -> bool:
    """The same, where nothing is shown yet or what the account corrects; whether it is shown now."""
    link = reports / str(year)
    shown = os.readlink(link) if link.is_symlink() else ""
    if name == shown:
        return True
    if shown and not follows(reports, name, shown):
        return False
    point(reports, year, name)
    return True


def _list(folder: Path, sign: Callable[[bytes], bytes]) -> None:
    """Signs the list of the files; where it lies, its signature does."""
    listed = {name: sha256((folder / name).read_bytes()).hexdigest() for name in LISTED}
    content = rfc8785.dumps(dict(listed))
    (folder / LISTING[1]).write_bytes(sign(content))
    fresh = folder / f"{LISTING[0]}.new"
    fresh.write_bytes(content)
    os.replace(fresh, folder / LISTING[0])


def current_year(reports: Path, year: int) -> tuple[Year, str] | None:
    """The released account of a year and its digest; None where there is none."""
    try:
        content = (reports / str(year) / REPORT).read_bytes()
    except OSError:
        return None
    return msgspec.json.decode(content, type=Year), sha256(content).hexdigest()


def follows(reports: Path, later: str, earlier: str) -> bool:
    """Whether one account of a year corrects another, directly or by those between; both by their folders."""
    seen = set[str]()
    while later != earlier and later not in seen:
        seen.add(later)
        try:
            content = (reports / later / REPORT).read_bytes()
        except OSError:
            return False
        year = msgspec.json.decode(content, type=Year)
        if not year.corrects:
            return False
        later = named(year.year, year.corrects)
    return later == earlier


def released_years(reports: Path) -> list[ReleasedYear]:
    """Every year with an account, the newest first."""
    found = []
    for path in sorted(reports.glob("2[0-9][0-9][0-9]"), reverse=True):
        held = current_year(reports, int(path.name))
        if held is not None:
            verdicts = [one.verdict for one in held[0].targets]
            found.append(
                ReleasedYear(
                    year=held[0].year,
                    met=verdicts.count("met"),
                    missed=verdicts.count("missed"),
                    unknown=verdicts.count("not_measured"),
                )
            )
    return found


def _values(year: Year) -> dict[str, object]:
    counted = [one for one in year.releases if one.counts]
    return {
        "year": year,
        "organ": year.organ,
        "digest": digest_of(year),
        "drawings": bars([one.name for one in counted], [one.counts for one in counted]),
        "lists": [(key, word.partition("，")[0]) for key, word in WORDS.items()],
        "instant": _instant,
    }


def _instant(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
