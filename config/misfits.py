"""What of settings is not as their fields want it: every misfit with its place, not only the first."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from scoring.decoding import decode_words
from scoring.loading.lines import Path


class Misfit(NamedTuple):
    """What does not fit at a path: the value there, None where there is none, and what is wrong with it."""

    path: Path
    value: object
    words: str


def misfits(kind: Any, said: object, at: Path = ()) -> Iterator[Misfit]:
    """Every misfit of a value, each by itself; none where it can be converted to its kind."""
    kind = _without_none(kind)
    origin, args = get_origin(kind), get_args(kind)
    if origin is None and issubclass(kind, Struct) and isinstance(said, dict):
        yield from _of_table(kind, said, at)
    elif origin is dict and isinstance(said, dict):
        for name, value in said.items():
            yield from misfits(args[1], value, (*at, name))
    elif origin is tuple and args[-1] is Ellipsis and isinstance(said, list):
        for number, value in enumerate(said):
            yield from misfits(args[0], value, (*at, number))
    else:
        try:
            msgspec.convert(said, kind)
        except msgspec.ValidationError as wrong:
            yield Misfit(at, said, decode_words(wrong))


def place_of(path: Path) -> str:
    """A path as people write it, such as `jurisdictions[3].name`; they count from one."""
    parts = (f"[{one + 1}]" if isinstance(one, int) else f".{one}" for one in path)
    return "".join(parts).removeprefix(".")


def _of_table(kind: type[Struct], said: dict[str, object], at: Path) -> Iterator[Misfit]:
    fields = {one.encode_name: one for one in msgspec.structs.fields(kind)}
    for name, value in said.items():
        if name in fields:
            yield from misfits(fields[name].type, value, (*at, name))
        else:
            words = f"没有名称是 {name} 的项，这里可以写 {'、'.join(fields)}"
            yield Misfit((*at, name), value, words)
    for name, one in fields.items():
        if one.required and name not in said:
            yield Misfit((*at, name), None, "缺少这一项")


def _without_none(kind: Any) -> Any:
    """The kind of a value that may be left out; a file has no word for none."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    (only,) = (one for one in get_args(kind) if one is not NoneType)
    return only
