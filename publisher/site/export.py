"""The public site as static files, for a host without Python: the same pages, the same words."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publisher.pages.render import STATIC, as_file
from publisher.pages.tiles import Place
from publisher.paper_key import CERTIFICATE
from publisher.site import pages
from publisher.site.api_files import api_files, institution_files, static_document
from publisher.site.facets import browse_files, compare_script
from publisher.site.feeds import ALL, institution_changes, subscription
from publisher.site.institution import badge, english, institution, widget
from publisher.site.names import names
from publisher.site.news import months_csv
from publisher.site.reports import years_page
from publisher.site.store import OpenEdition, Store
from publisher.year_files import NAME as REPORT
from publisher.year_files import accounts_of

Report = Callable[[str, int, int], None]
STEP = 100


class ExportRefused(Exception):
    """The folder is not one to write a site into."""


def export(
    store: Store,
    edition: OpenEdition,
    folder: Path,
    report: Report,
    places: dict[str, Place] | None = None,
    city: str = "",
) -> int:
    """Writes the site as it stands with an edition; gives the number of files.

    The folder must be new or hold an earlier export; raises ExportRefused.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "names.js").exists():
        raise ExportRefused(f"文件夹 {folder} 不是空的。请换一个新文件夹，免得覆盖别的文件。")
    draft = folder.with_name(f"{folder.name}.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    _pages(store, edition, draft, {"places": places or {}, "city": city})
    _institutions(store, edition, draft, report)
    _feeds(store, edition, draft)
    for name in store.names():
        shutil.copytree(store.editions / name, draft / "editions" / name)
    for path in sorted(accounts_of(store.editions).glob("*/report.json")):
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


def _pages(store: Store, edition: OpenEdition, folder: Path, figure: dict[str, Any]) -> None:
    below = {"up": "../"}
    for place, text in {
        "": pages.landing(store, edition, {"up": "./", **figure}),
        "editions": pages.editions(store, edition, below),
        "statistics": pages.statistics(store, edition, below),
        "method": pages.method(edition, below),
        "en": pages.english_find(edition, "", below),
        "check": pages.plain("check.html", edition, below),
        "report": pages.report(edition, below),
        "report/unregistered": pages.unregistered(edition, {"up": "../../"}),
        "compare": pages.plain("static_compare.html", edition, below, "search"),
        "api": pages.api(edition, below, static_document()),
        "reports": years_page(store, below),
        "search": pages.plain("static_search.html", edition, below, "search"),
    }.items():
        _write(folder / place, text)
    (folder / "statistics" / "months.csv").write_bytes(months_csv(store, edition))
    (folder / "names.js").write_text(names(edition), "utf-8")
    for path, text in browse_files(edition):
        _write(folder / path, text)
    for path, raw in api_files(store, edition):
        _keep(folder / path, raw)


def _institutions(store: Store, edition: OpenEdition, folder: Path, report: Report) -> None:
    deep, deeper = {"up": "../../"}, {"up": "../../../"}
    gone = [one.institution for one in edition.gone()]
    everyone = [*gone, *edition.numbers()]
    (folder / "badge").mkdir()
    for done, id in enumerate(everyone, 1):
        _write(folder / "i" / id, institution(store, edition, id, deep) or "")
        _write(folder / "en" / "i" / id, english(store, edition, id, deeper) or "")
        _write(folder / "widget" / id, widget(edition, id, deep) or "")
        (folder / "badge" / f"{id}.svg").write_text(badge(edition, id) or "", "utf-8")
        if done > len(gone):
            (folder / "i" / id / "compared.js").write_text(compare_script(edition, id), "utf-8")
            for path, raw in institution_files(store, edition, id):
                _keep(folder / path, raw)
        if done % STEP == 0 or done == len(everyone):
            report("写出机构页", done, len(everyone))


def _feeds(store: Store, edition: OpenEdition, folder: Path) -> None:
    """Every feed the site answers with, at the same address."""
    (folder / "feed" / "i").mkdir(parents=True)
    for place in ("", *edition.places):
        (folder / "feed" / f"{place or ALL}.atom").write_bytes(subscription(store, place) or b"")
    for id in (*edition.numbers(), *(one.institution for one in edition.gone())):
        made = institution_changes(store, id)
        (folder / "feed" / "i" / f"{id}.atom").write_bytes(made or b"")


def _keep(file: Path, raw: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(raw)


def _write(folder: Path, text: str) -> None:
    """A page as the `index.html` of a folder; its links name such files too, so that no server is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(as_file(text), "utf-8")
