"""What the common site of several cities tells programs, and its own description (OpenAPI 3.1)."""

from functools import cache

import msgspec
from msgspec import Struct

from publisher.site import examples
from publisher.site.api_values import FoundLine
from publisher.site.openapi import (
    ASKED,
    LICENSE,
    VERSION,
    Json,
    in_chinese,
    parameter,
    responses_of,
)
from publisher.site.refusals import Problem
from publisher.site.search import Hit

ABOUT = """几个城市一起查。不要密钥，不用登记；各城市自己的 API 在各自网站的 api/v1/openapi.json。

- 只在各城市的现行版次里查，最相近的在前，最多 20 家；每一家写明是哪个城市的、出自哪一版。
- 前 `alike` 家名称相近，不是同一家，请对照地址和编号。
- 错误按 RFC 9457（`application/problem+json`），一次写全。
- 问得太快答 429，`Retry-After` 写明几秒以后再问。
"""
ROOT = "/api/v1"


class FoundThere(Struct, frozen=True, kw_only=True):
    """One institution found, for programs: which city's, where its page is, and why it was found."""

    city: str
    city_name: str
    edition: str
    link: str
    id: str
    name: str
    code: str
    jurisdiction: str
    address: str
    status: str
    why: str
    found: str


def found_there(hit: Hit | FoundLine, city: str, name: str, site: str, edition: str) -> FoundThere:
    """One institution of a city as it is told; `site` is the address of the city's own pages."""
    return FoundThere(
        city=city,
        city_name=name,
        edition=edition,
        link=f"{site}i/{hit.id}/",
        id=hit.id,
        name=hit.name,
        code=hit.code,
        jurisdiction=hit.jurisdiction,
        address=hit.address,
        status=hit.status,
        why=hit.why,
        found=hit.found,
    )


class CityFound(Struct, frozen=True, kw_only=True):
    """How many were found in a city."""

    id: str
    name: str
    link: str
    total: int


class SearchOfAll(Struct, frozen=True, kw_only=True):
    """What a search of all cities found, the nearest first; the first `alike` bear names taken for one another."""

    query: str
    total: int
    many: bool
    alike: int
    guessed: bool
    near: bool
    cities: tuple[CityFound, ...]
    items: tuple[FoundThere, ...]


@cache
def document() -> Json:
    """The whole document; the server's address is left to where it is read from."""
    refused = responses_of()
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "民办教育信用公示：几个城市一起查",
            "version": VERSION,
            "summary": "各城市已发布名单的共同查找",
            "description": ABOUT,
            "license": LICENSE,
            "contact": {"name": "共同网站的主办单位，见网站页脚"},
        },
        "servers": [{"url": "../..", "description": "本站"}],
        "security": [{}],
        "tags": [{"name": "institutions", "description": "机构：查找"}],
        "paths": {
            f"{ROOT}/search": _get(
                "search",
                "查找机构",
                "在各城市的现行版次里查；total 是一共几家，cities 是各城市几家。",
                {"$ref": "#/components/schemas/SearchOfAll"},
                msgspec.to_builtins(_example()),
                [parameter(ASKED, "query", needed=True)],
            ),
            f"{ROOT}/openapi.json": _get(
                "openapi",
                "本文件",
                "这份 OpenAPI 3.1 文件。",
                {"type": "object"},
                {"openapi": "3.1.0"},
                [],
            ),
        },
        "components": {
            "schemas": _schemas(),
            "responses": {name: refused[name] for name in ("Bad", "Slow")},
        },
    }
    plain: Json = msgspec.json.decode(msgspec.json.encode(made))
    return plain


def _get(
    id: str, summary: str, description: str, schema: Json, example: Json, parameters: list[Json]
) -> Json:
    cached = {"Cache-Control": {"description": "怎样缓存", "schema": {"type": "string"}}}
    return {
        "get": {
            "operationId": id,
            "tags": ["institutions"],
            "summary": summary,
            "description": description,
            **({"parameters": parameters} if parameters else {}),
            "responses": {
                "200": {
                    "description": summary,
                    "headers": cached,
                    "content": {"application/json": {"schema": schema, "example": example}},
                },
                "400": {"$ref": "#/components/responses/Bad"},
                "429": {"$ref": "#/components/responses/Slow"},
            },
        }
    }


def _schemas() -> Json:
    types = [SearchOfAll, Problem]
    _, made = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    return {name: in_chinese(one) for name, one in sorted(made.items())}


def _example() -> SearchOfAll:
    site = "https://xinyong.example/ningbo/"
    hit = examples.HIT
    return SearchOfAll(
        query="余姚 示例",
        total=1,
        many=False,
        alike=0,
        guessed=False,
        near=False,
        cities=(CityFound(id="ningbo", name="宁波市", link=site, total=1),),
        items=(found_there(hit, "ningbo", "宁波市", site, examples.REF.name),),
    )
