"""The API as files, for a host without a server: every answer that needs no parameter, and what describes them."""

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

from publisher.site import api_values as values
from publisher.site.api_made import (
    edition_of,
    editions_of,
    history_of,
    institution_of,
    statistics_of,
)
from publisher.site.openapi import document
from publisher.site.store import OpenEdition, Store

ROOT = "api/v1"
# What asks for something only a server can look for.
ASKING = ("/search", "/changes", "/institutions")
ABOUT = """民办学校和校外培训机构信用名单的公开数据，静态文件。不要密钥，不用登记。

- 地址以 .json 结尾，没有参数；查找、翻页和 `as_of` 要有服务的网站。
- 每个文件都写明出自哪一版（`edition`），`digest` 和网页、PDF 上印的是同一个。
- 全部机构在版次的 list.json、list.csv 和 entries.jsonl 里。
"""


def api_files(store: Store, edition: OpenEdition) -> Iterator[tuple[str, bytes]]:
    """The files by their paths, the institutions' apart."""
    names = store.names()
    yield f"{ROOT}/openapi.json", _json(static_document())
    yield (
        f"{ROOT}/editions.json",
        _json(values.Editions(items=editions_of(store, names), next=None)),
    )
    yield f"{ROOT}/editions/current.json", _json(edition_of(store, edition.name))
    for name in names:
        yield f"{ROOT}/editions/{name}.json", _json(edition_of(store, name))
    yield f"{ROOT}/statistics.json", _json(statistics_of(edition))


def institution_files(store: Store, edition: OpenEdition, id: str) -> Iterator[tuple[str, bytes]]:
    """The files of one institution."""
    yield f"{ROOT}/institutions/{id}.json", _json(institution_of(store, edition, id))
    items = history_of(store, store.names(), id)
    past = values.History(institution=id, items=items, next=None)
    yield f"{ROOT}/institutions/{id}/history.json", _json(past)


@cache
def static_document() -> dict[str, Any]:
    """The description of the files: the paths of the API that need no parameter, each with its ending."""
    made: dict[str, Any] = copy.deepcopy(document())
    made["info"]["description"] = ABOUT
    paths = {}
    for path, item in made["paths"].items():
        if path.endswith(ASKING):
            continue
        get = item["get"]
        given = [one for one in get.pop("parameters", []) if one["in"] == "path"]
        if given:
            get["parameters"] = given
        get["responses"] = {"200": get["responses"]["200"]}
        get["responses"]["200"].pop("headers", None)
        paths[path if path.endswith(".json") else f"{path}.json"] = item
    made["paths"] = paths
    made["components"].pop("responses")
    for one in ("Search", "Institutions", "ChangesSince", "Problem"):
        made["components"]["schemas"].pop(one)
    _keep_used(made)
    return made


def _keep_used(made: dict[str, Any]) -> None:
    """Leaves out the schemas nothing refers to any more."""
    schemas = made["components"]["schemas"]
    while True:
        said = msgspec.json.encode(made).decode()
        idle = [name for name in schemas if f'"#/components/schemas/{name}"' not in said]
        if not idle:
            return
        for name in idle:
            del schemas[name]


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)
