"""The API's own description (OpenAPI 3.1): the paths by hand, the schemas from the values that are sent."""

from functools import cache
from typing import Any

import msgspec

from publisher.edition import Entry
from publisher.site import api_values as values
from publisher.site import examples
from publisher.site.asked import LONGEST, MOST, USUAL
from publisher.site.refusals import PROBLEM, Problem

VERSION = "1.0.0"
Json = dict[str, Any]
TAGS = {
    "institutions": "机构：查找、逐家读取、历史",
    "editions": "版次：各期名单和它们之间的变化",
    "statistics": "统计：随版次发布的数",
}
ABOUT = """民办学校和校外培训机构信用名单的公开数据。不要密钥，不用登记。

- 每个答复都写明出自哪一版（`edition`），`digest` 和网页、PDF 上印的是同一个。
- `as_of=2026-11-05` 取那一天有效的版次；不写就取现行版次。
- 一页放不下的，答复里有 `next`：把它写进 `cursor` 再问一次，直到 `next` 是 null。翻页期间有新版发布的，仍按开始时的那一版。
- 答复带 `ETag`；再问时带上 `If-None-Match`，没有变化就答 304。
- 错误按 RFC 9457（`application/problem+json`），一次写全。
- 问得太快答 429，`Retry-After` 写明几秒以后再问。要全部数据的，请直接下载版次里的文件。
"""
LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
AS_OF = ("as_of", "那一天有效的版次", {"type": "string", "format": "date"}, "2026-11-05")
LIMIT = (
    "limit",
    "一页几条",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
    USUAL,
)
CURSOR = (
    "cursor",
    "上一页的 next，照抄",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]+$", "maxLength": 400},
    None,
)
ID = ("id", "机构编号", {"type": "string", "minLength": 1, "maxLength": 40}, examples.ID)
TEXT = {"type": "string", "maxLength": LONGEST, "pattern": r"^[^\x00-\x1f\x7f]*$"}
STATUS = {"type": "string", "enum": ["white", "watch", "black", "none", "new"]}
Parameter = tuple[str, str, Json, Any]
ASKED: Parameter = (
    "q",
    "名称、地址、编号里的字，用空格隔开",
    {
        **TEXT,
        "minLength": 1,
        "pattern": r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$",
    },
    "余姚 示例",
)
FILTERS: tuple[Parameter, ...] = (
    ("jurisdiction", "主管区域的编号", TEXT, "330281"),
    ("kind", "类别", TEXT, "培训机构"),
    ("subject", "科目", TEXT, "体育"),
    ("status", "名单", STATUS, "white"),
    ("grade", "信用等级", TEXT, "A"),
)


@cache
def document() -> Json:
    """The whole document; the server's address is left to where it is read from."""
    made = {
        "openapi": "3.1.0",
        "info": {
            "title": "民办教育信用公示 API",
            "version": VERSION,
            "summary": "已发布名单的公开数据",
            "description": ABOUT,
            "license": LICENSE,
            "contact": {"name": "名单的主办单位，见网站页脚"},
        },
        "servers": [{"url": "../..", "description": "本站"}],
        "security": [{}],
        "tags": [{"name": name, "description": words} for name, words in TAGS.items()],
        "paths": _paths(),
        "components": {"schemas": _schemas(), "responses": responses_of()},
    }
    plain: Json = msgspec.json.decode(msgspec.json.encode(made))
    return plain


def _paths() -> Json:
    root = "/api/v1"
    since = (
        "since",
        "版次或者日期，答复它以后的变化；写了 cursor 的可以不写，都不写的从第一版起",
        {
            "type": "string",
            "pattern": r"^[0-9]{4}-((0[1-9]|1[0-2])(\.[0-9]{1,4}|-(0[1-9]|1[0-9]|2[0-8]))?"
            r"|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)$",
        },
        "2026-10",
    )
    name = (
        "name",
        "版次，或者 current",
        {"type": "string", "minLength": 1, "maxLength": 20},
        "2026-11",
    )
    return {
        f"{root}/search": _get(
            "search",
            "institutions",
            "查找机构",
            "在现行版次里查，最相近的在前，最多 20 家；total 是一共几家，more 为真的，至少这么多。",
            "Search",
            query=(ASKED, FILTERS[0]),
            required=("q",),
            missing=True,
        ),
        f"{root}/institutions": _get(
            "institutions",
            "institutions",
            "逐页列出机构",
            "按编号次序，可以只要某个区域、类别、名单、等级的。",
            "Institutions",
            query=(*FILTERS, AS_OF, LIMIT, CURSOR),
            missing=True,
        ),
        f"{root}/institutions/{{id}}": _get(
            "institution",
            "institutions",
            "一家机构",
            "状态两句话，以及 entries.jsonl 里的整行：事实、等级、每一分的依据。",
            "Institution",
            path=ID,
            query=(AS_OF,),
            missing=True,
        ),
        f"{root}/institutions/{{id}}/history": _get(
            "history",
            "institutions",
            "一家机构的历史",
            "各版怎样写它，新的在前。",
            "History",
            path=ID,
            query=(LIMIT, CURSOR),
            missing=True,
        ),
        f"{root}/editions": _get(
            "editions",
            "editions",
            "各版",
            "新的在前，含增补的版次。",
            "Editions",
            query=(LIMIT, CURSOR),
            missing=True,
        ),
        f"{root}/editions/{{name}}": _get(
            "edition",
            "editions",
            "一版的清单",
            "已签名的 edition.json 的内容，发布以后不变，可以长期缓存。",
            "EditionWhole",
            path=name,
            missing=True,
        ),
        f"{root}/changes": _get(
            "changes",
            "editions",
            "从某一版以后的变化",
            "旧的在前；同一家在几版里变化的，逐版列出。",
            "ChangesSince",
            query=(since, LIMIT, CURSOR),
            missing=True,
        ),
        f"{root}/statistics": _get(
            "statistics",
            "statistics",
            "统计",
            "随版次发布的各张统计表，和统计页上的是同一份。",
            "Statistics",
            query=(AS_OF,),
            missing=True,
        ),
        f"{root}/openapi.json": _itself(),
    }


def _get(  # noqa: PLR0913 an operation has this many parts
    id: str,
    tag: str,
    summary: str,
    description: str,
    answer: str,
    *,
    path: Parameter | None = None,
    query: tuple[Parameter, ...] = (),
    required: tuple[str, ...] = (),
    missing: bool = False,
) -> Json:
    parameters = [parameter(path, "path", needed=True)] if path else []
    parameters += [parameter(one, "query", needed=one[0] in required) for one in query]
    responses: Json = {
        "200": {
            "description": summary,
            "headers": {
                "ETag": {"description": "内容变了才变", "schema": {"type": "string"}},
                "Cache-Control": {"description": "怎样缓存", "schema": {"type": "string"}},
            },
            "content": {
                "application/json": {
                    "schema": {"$ref": f"#/components/schemas/{answer}"},
                    "example": examples.example(answer),
                }
            },
        },
        "304": {"description": "没有变化"},
        "400": {"$ref": "#/components/responses/Bad"},
        **({"404": {"$ref": "#/components/responses/Missing"}} if missing else {}),
        "429": {"$ref": "#/components/responses/Slow"},
        "503": {"$ref": "#/components/responses/NoneYet"},
    }
    return {
        "get": {
            "operationId": id,
            "tags": [tag],
            "summary": summary,
            "description": description,
            **({"parameters": parameters} if parameters else {}),
            "responses": responses,
        }
    }


def _itself() -> Json:
    made = _get("openapi", "statistics", "本文件", "这份 OpenAPI 3.1 文件。", "Search")["get"]
    made["responses"]["200"]["content"] = {
        "application/json": {"schema": {"type": "object"}, "example": {"openapi": "3.1.0"}}
    }
    return {"get": made}


def parameter(one: Parameter, place: str, *, needed: bool) -> Json:
    """A parameter as the document describes it."""
    name, description, schema, example = one
    return {
        "name": name,
        "in": place,
        "description": description,
        "required": needed,
        "schema": schema,
        **({} if example is None else {"example": example}),
    }


def _schemas() -> Json:
    types = [
        values.Search,
        values.Institutions,
        values.Institution,
        values.History,
        values.Editions,
        values.EditionWhole,
        values.ChangesSince,
        values.Statistics,
        Entry,
        Problem,
    ]
    _, made = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    plain: Json = {name: in_chinese(one) for name, one in sorted(made.items())}
    plain["Institution"]["properties"]["entry"] = {"$ref": "#/components/schemas/Entry"}
    return plain


def in_chinese(schema: Any) -> Any:
    """The schema without what is written for those who read the source."""
    if isinstance(schema, list):
        return [in_chinese(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: in_chinese(one)
        for key, one in schema.items()
        if not (
            isinstance(one, str) and (key == "title" or (key == "description" and one.isascii()))
        )
    }


def responses_of() -> Json:
    """How one is refused."""
    wait = {"Retry-After": {"description": "几秒以后再问", "schema": {"type": "integer"}}}
    return {
        "Bad": problem("参数不对，全部写在 faults 里", examples.BAD),
        "Missing": problem("没有这一项", examples.MISSING),
        "Slow": {**problem("问得太快", examples.SLOW), "headers": wait},
        "NoneYet": problem("还没有发布过名单", examples.NONE_YET),
    }


def problem(description: str, example: Problem) -> Json:
    """A refusal as the document describes it."""
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {PROBLEM: {"schema": schema, "example": msgspec.to_builtins(example)}}
    return {"description": description, "content": content}
