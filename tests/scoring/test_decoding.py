"""What cannot be decoded is told in Chinese, with its place."""

import json
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest

from scoring.decoding import UNREADABLE, decode_words


class Sheet(msgspec.Struct, forbid_unknown_fields=True):
    number: int
    day: date | None = None
    code: Annotated[str, msgspec.Meta(pattern="^x")] = "x"
    least: Annotated[int, msgspec.Meta(ge=3)] = 3
    word: Literal["u", "v"] = "u"
    text: Annotated[str, msgspec.Meta(min_length=2)] = "xx"
    many: list[int] = []
    pair: tuple[int, int] = (1, 1)


def of_json(raw: bytes) -> object:
    return msgspec.json.decode(raw, type=Sheet)


def of_toml(raw: bytes) -> object:
    return msgspec.toml.decode(raw, type=Sheet)


@pytest.mark.parametrize(
    ("read", "raw", "said"),
    [
        (of_json, b"", "内容不完整"),
        (of_json, b'{"number": ', "内容不完整"),
        (of_json, b'{"number": x}', "第 12 个字节起不合写法"),
        (json.loads, b"[" * 100_000, "括号套得太深"),
        (json.loads, b"1" * 10_000, "数字太长"),
        (json.loads, b"[1,\n x]", "第 2 行第 2 个字起不合写法"),
        (of_toml, b"\xff", "不是 UTF-8 编码的文字"),
        (of_toml, b"number = 1\nday = \n", "第 2 行：这里的值不合格式"),
        (of_toml, b"number =", "末尾：这里的值不合格式"),
        (of_json, b"[]", "应当是一组名称和值，现在是列表"),
        (of_json, b'{"number": "1"}', "number 应当是整数，现在是文字"),
        (of_json, b"{}", "缺少 number"),
        (of_json, b'{"number": 1, "z": 2}', "没有名称是 z 的项"),
        (of_json, b'{"number": 1, "day": 2}', "day 应当是日期或者空，现在是整数"),
        (of_json, b'{"number": 1, "day": "x"}', "day 不是日期"),
        (of_json, b'{"number": 1, "code": "y"}', "code 文字的写法不对"),
        (of_json, b'{"number": 1, "least": 2}', "least 整数要不小于 3"),
        (of_json, b'{"number": 1, "word": "w"}', "word 不能写 w"),
        (of_json, b'{"number": 1, "text": "w"}', "text 文字的长度要不小于 2"),
        (of_json, b'{"number": 1, "many": [1, "x"]}', "many[1] 应当是整数，现在是文字"),
        (of_json, b'{"number": 1, "pair": [1]}', "pair 的值不合规定"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(
    read: Callable[[bytes], Any], raw: bytes, said: str
) -> None:
    with pytest.raises((*UNREADABLE, ValueError)) as caught:
        read(raw)
    assert decode_words(caught.value).startswith(said)
