"""How a form's fields are read: each time anew, and never more than a form of ours has."""

from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import litestar._kwargs.extractors
import litestar.connection.request
from litestar.exceptions import ClientException

FIELDS = 5_000  # a visit with every item of the longest checklist filled in has some hundreds
TOO_MANY = f"这次提交的项目太多，没有收下，没有改动任何记录。一次最多 {FIELDS:,} 项，请分几次提交。"
_READERS: tuple[ModuleType, ...] = (litestar.connection.request, litestar._kwargs.extractors)


def read_anew() -> None:
    """Takes the place of the framework's reader, which keeps the last thousand forms, passwords and all."""
    for module in _READERS:
        vars(module)["parse_url_encoded_form_data"] = fields_of


def fields_of(body: bytes) -> dict[str, Any]:
    """The fields of a form, a list where one stands more than once; raises ClientException for too many."""
    if body.count(b"&") >= FIELDS:
        raise ClientException(TOO_MANY)
    found: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("latin-1"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
