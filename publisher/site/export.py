"""The public site as static files, for a host without Python: the same pages, the same words."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from publisher.figures import as_csv
from publisher.grams import normalise
from publisher.pages.render import STATIC, as_file
from publisher.pages.tiles import Place
from publisher.pages.words import TAGS
from publisher.site import pages
from publisher.site.institution import badge, english, institution, widget
from publisher.site.news import months
from publisher.site.store import OpenEdition, Store

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
    if folder.exists() and any(folder.iterdir()) and not (folder / "names.json").exists():
        raise ExportRefused(f"文件夹 {folder} 不是空的。请换一个新文件夹，免得覆盖别的文件。")
    draft = folder.with_name(f"{folder.name}.new")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(parents=True)
    _pages(store, edition, draft, {"places": places or {}, "city": city})
    _institutions(store, edition, draft, report)
    for name in store.names():
        shutil.copytree(store.editions / name, draft / "editions" / name)
    shutil.copytree(STATIC, draft / "static")
    if key := pages.public_key(store.editions):
        (draft / "bureau.pub").write_bytes(key)
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
        "check": pages.plain("check.html", edition, below),
        "report": pages.report(edition, below),
        "search": pages.plain("static_search.html", edition, below, "search"),
    }.items():
        _write(folder / place, text)
    (folder / "statistics" / "months.csv").write_bytes(as_csv(months(store, edition)))
    (folder / "names.json").write_text(_names(edition), "utf-8")


def _institutions(store: Store, edition: OpenEdition, folder: Path, report: Report) -> None:
    numbers = list(edition.numbers())
    deep, deeper = {"up": "../../"}, {"up": "../../../"}
    (folder / "badge").mkdir()
    for done, id in enumerate(numbers, 1):
        _write(folder / "i" / id, institution(store, edition, id, deep) or "")
        _write(folder / "en" / "i" / id, english(store, edition, id, deeper) or "")
        _write(folder / "widget" / id, widget(edition, id, deep) or "")
        (folder / "badge" / f"{id}.svg").write_text(badge(edition, id) or "", "utf-8")
        if done % STEP == 0 or done == len(numbers):
            report("写出机构页", done, len(numbers))


def _write(folder: Path, text: str) -> None:
    """A page as the `index.html` of a folder; its links name such files too, so that no server is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(as_file(text), "utf-8")


def _names(edition: OpenEdition) -> str:
    """What the browser searches: every institution with everything it is found by."""
    found: dict[str, list[str]] = {}
    query = "SELECT institution, plain FROM spelling ORDER BY number"
    for id, plain in edition.lookup.execute(query):
        found.setdefault(id, []).append(plain)
    columns = "id, name, code, jurisdiction, address, status"
    query = f"SELECT {columns} FROM institution ORDER BY id"  # noqa: S608 our own columns
    rows = [
        {
            "id": id,
            "name": name,
            "place": edition.places[place].name if place in edition.places else "",
            "address": address,
            "status": status,
            "plain": "\n".join([*found.get(id, ()), code.casefold(), normalise(id)]),
        }
        for id, name, code, place, address, status in edition.lookup.execute(query)
    ]
    return json.dumps({"labels": TAGS, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
