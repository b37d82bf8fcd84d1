"""The public site as static files, for a host without Python: the same pages, the same words."""

import shutil
from collections.abc import Callable
from pathlib import Path

from publisher.pages.render import STATIC
from publisher.paper_key import CERTIFICATE
from publisher.site import pages
from publisher.site.feeds import ALL, institution_changes, subscription
from publisher.site.names import names
from publisher.site.reports import reports_of, years_page
from publisher.site.store import OpenEdition, Store
from publisher.year_files import NAME as REPORT

Report = Callable[[str, int, int], None]
STEP = 100


class ExportRefused(Exception):
    """The folder is not one to write a site into."""


def export(store: Store, edition: OpenEdition, folder: Path, report: Report) -> int:
    """Writes the site as it stands with an edition; gives the number of files.

    The folder must be new or hold an earlier export; raises ExportRefused.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "names.json").exists():
        raise ExportRefused(f"文件夹 {folder} 不是空的。请换一个新文件夹，免得覆盖别的文件。")
    draft = folder.with_name(f"{folder.name}.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    _pages(store, edition, draft)
    _institutions(store, edition, draft, report)
    _feeds(store, edition, draft)
    for name in store.names():
        shutil.copytree(store.editions / name, draft / "editions" / name)
    for path in sorted(reports_of(store).glob("*/report.json")):
        if REPORT.fullmatch(path.parent.name):
            shutil.copytree(path.parent, draft / "reports" / path.parent.name)
    shutil.copytree(STATIC, draft / "static")
    if key := pages.public_key(store.editions):
        (draft / "bureau.pub").write_bytes(key)
    if (edition.folder / CERTIFICATE).exists():
        shutil.copyfile(edition.folder / CERTIFICATE, draft / CERTIFICATE)
    if folder.exists():
        shutil.rmtree(folder)
    draft.rename(folder)
    return sum(1 for path in folder.rglob("*") if path.is_file())


def _pages(store: Store, edition: OpenEdition, folder: Path) -> None:
    below = {"up": "../"}
    for place, text in {
        "": pages.landing(edition, {"up": "./"}),
        "editions": pages.editions(store, edition, below),
        "method": pages.method(edition, below),
        "check": pages.plain("check.html", edition, below),
        "report": pages.plain("report.html", edition, below, "report"),
        "reports": years_page(store, below),
        "search": pages.plain("static_search.html", edition, below, "search"),
    }.items():
        (folder / place).mkdir(exist_ok=True)
        (folder / place / "index.html").write_text(text, "utf-8")
    (folder / "names.json").write_text(names(edition), "utf-8")


def _institutions(store: Store, edition: OpenEdition, folder: Path, report: Report) -> None:
    numbers = [*edition.numbers(), *(one.institution for one in edition.gone())]
    for done, id in enumerate(numbers, 1):
        text = pages.institution(store, edition, id, {"up": "../../"})
        (folder / "i" / id).mkdir(parents=True)
        (folder / "i" / id / "index.html").write_text(text or "", "utf-8")
        if done % STEP == 0 or done == len(numbers):
            report("写出机构页", done, len(numbers))


def _feeds(store: Store, edition: OpenEdition, folder: Path) -> None:
    """Every feed the site answers with, at the same address."""
    (folder / "feed" / "i").mkdir(parents=True)
    for place in ("", *edition.places):
        (folder / "feed" / f"{place or ALL}.atom").write_bytes(subscription(store, place) or b"")
    for id in edition.numbers():
        made = institution_changes(store, id)
        (folder / "feed" / "i" / f"{id}.atom").write_bytes(made or b"")
