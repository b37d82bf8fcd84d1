"""The API among the exported files: what it says is what the site answers, and its description holds."""

from pathlib import Path
from typing import Any

import msgspec
from openapi_spec_validator import validate

from config.settings import Settings
from publisher.site.api_files import api_files, institution_files, static_document
from publisher.site.facets import browse_files, facets
from publisher.site.store import Store


def test_every_path_of_the_description_is_a_file_and_every_file_is_described(
    demo: Settings,
) -> None:
    store = Store(demo.editions)
    edition = store.current()
    document: Any = static_document()
    validate(document)
    id = edition.numbers()[0]
    files = dict([*api_files(store, edition), *institution_files(store, edition, id)])
    paths = {
        path.lstrip("/").format(id=id, name=edition.name): item["get"]
        for path, item in document["paths"].items()
    }
    others = {f"api/v1/editions/{one}.json" for one in (*store.names(), "current")}
    assert set(files) == set(paths) | others
    for path, get in paths.items():
        msgspec.json.decode(files[path])
        assert set(get["responses"]) == {"200"}, path
        assert all(one["in"] == "path" for one in get.get("parameters", ())), path
    told = msgspec.json.decode(files[f"api/v1/institutions/{id}.json"])
    assert told["entry"]["institution"] == id
    assert told["edition"]["digest"] == edition.digest
    past = msgspec.json.decode(files[f"api/v1/institutions/{id}/history.json"])
    assert [one["edition"] for one in past["items"]] == store.names()


def test_each_way_through_the_lists_meets_once_whoever_has_what_it_goes_by(demo: Settings) -> None:
    edition = Store(demo.editions).current()
    pages = dict(browse_files(edition))
    groups = dict(facets(edition))
    assert set(groups) == {"区域", "名单", "类别", "等级"}
    # Beside a black listing of somebody who never had a licence no grade is shown.
    graded = [
        row[0] for row in edition.browse.execute("SELECT id FROM institution WHERE grade <> ''")
    ]
    assert len(graded) < len(edition.numbers())
    for word, some in groups.items():
        wanted = sorted(graded) if word == "等级" else edition.numbers()
        found = [
            id
            for one in some
            for path, text in pages.items()
            if Path(path).is_relative_to(f"browse/{one.path}")
            for id in edition.numbers()
            if f'class="addr code">{id}' in text
        ]
        assert sorted(found) == wanted, word
        assert sum(one.total for one in some) == len(wanted), word


def test_a_way_of_many_pages_loses_nobody_between_them(demo: Settings, monkeypatch: Any) -> None:
    monkeypatch.setattr("publisher.site.facets.A_FILE", 7)
    edition = Store(demo.editions).current()
    pages = {path: text for path, text in browse_files(edition) if "/standing/" in path}
    assert any(path.endswith("/2") for path in pages)
    for id in edition.numbers():
        assert sum(f'class="addr code">{id}' in text for text in pages.values()) == 1
