"""What `list.csv` holds, said for programs: a Frictionless data package and CSV on the Web metadata."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

from publisher.data import COLUMNS, OF_EDITION, WORDS
from publisher.edition import Edition

REQUIRED = ("institution", "name", "status", *OF_EDITION)
DAYS = ("since", "until")
MEANING = {
    "institution": "登记册编号，不变，不重复",
    "name": "截止日的法定名称",
    "code": "统一社会信用代码；没有登记的为空",
    "jurisdiction": "主管区域的编号，见 edition.json 的 jurisdictions",
    "address": "办学地址；几处的以“；”隔开",
    "status": "所在名单；不在任何名单内的也写明",
    "grade": "信用等级；两个等级之间尚不能确定的写作“A–C”，没有等级的写作“未评”“停办”；"
    "列入黑名单而从未取得许可的，不写等级",
    "score": "分数；尚不能确定的写作从低到高的一段，没有评分的为空",
    "since": "列入名单决定的生效日；依条件列入白名单的为空",
    "until": "名单期限的最后一天",
    "document_no": "列入决定的文号",
    "reason": "列入的理由，或者没有列入白名单的理由",
    "telephone": "机构对外公开的咨询电话和电话；几个的以“；”隔开，没有公开的为空",
    "edition": "这一行所在的版次，如 2026-11，增补的如 2026-11.1",
    "digest": "版次的校验码：edition.json 的 SHA-256，十六进制",
}


def render_data_package(edition: Edition, folder: Path) -> None:
    """Writes `datapackage.json` (Frictionless Data Package v1) over the `list.csv` beside it."""
    content = (folder / "list.csv").read_bytes()
    manifest = edition.manifest
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": f"{manifest.city}-{edition.name}",
        "id": f"urn:sha256:{edition.digest}",
        "title": f"{manifest.title} {manifest.label}",
        "version": edition.name,
        "contributors": [{"title": manifest.organ, "role": "publisher"}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": "list",
                "title": manifest.title,
                "path": "list.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8-sig",
                "bytes": len(content),
                "hash": f"sha256:{sha256(content).hexdigest()}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "header": True},
                "schema": {
                    "fields": [_field(key, label) for key, label in (COLUMNS | OF_EDITION).items()],
                    "primaryKey": COLUMNS["institution"],
                    "missingValues": [""],
                },
            }
        ],
    }
    (folder / "datapackage.json").write_bytes(rfc8785.dumps(package))


def render_csvw(edition: Edition, folder: Path) -> None:
    """Writes `list.csv-metadata.json` (W3C Metadata Vocabulary for Tabular Data)."""
    manifest = edition.manifest
    metadata: dict[str, Any] = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "zh-Hans"}],
        "url": "list.csv",
        "dc:title": f"{manifest.title} {manifest.label}",
        "dc:publisher": manifest.organ,
        "dc:identifier": f"urn:sha256:{edition.digest}",
        "dc:issued": {"@value": manifest.released_on.isoformat(), "@type": "xsd:date"},
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": {
            "columns": [_column(key, label) for key, label in (COLUMNS | OF_EDITION).items()],
            "primaryKey": "institution",
        },
    }
    (folder / "list.csv-metadata.json").write_bytes(rfc8785.dumps(metadata))


def _field(key: str, label: str) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if key in REQUIRED:
        limits["required"] = True
    if key == "institution":
        limits["unique"] = True
    if key == "status":
        limits["enum"] = list(WORDS.values())
    field: dict[str, Any] = {
        "name": label,
        "type": "date" if key in DAYS else "string",
        "description": MEANING[key],
    }
    return field | ({"constraints": limits} if limits else {})


def _column(key: str, label: str) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": key,
        "titles": label,
        "dc:description": MEANING[key],
        "required": key in REQUIRED,
    }
    if key in DAYS:
        column["datatype"] = {"base": "date", "format": "yyyy-MM-dd"}
    elif key == "status":
        column["datatype"] = {"base": "string", "format": "|".join(WORDS.values())}
    else:
        column["datatype"] = "string"
    return column
