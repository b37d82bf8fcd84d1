"""A tree of TOML values becomes a Policy field by field; every misfit on the way is kept with its path."""

from collections import defaultdict
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple, cast

from msgspec import inspect

from scoring.loading.lines import Path
from scoring.loading.unread import Unread
from scoring.loading.values import Unfit, value_of
from scoring.policy import Policy

# What the loader adds itself.
_OURS = "digest"


class Misfit(NamedTuple):
    """What does not fit at a path, and what to do."""

    path: Path
    sentence: str


def _homes(kind: inspect.Type, header: str) -> Iterator[tuple[str, str]]:
    """The names of a kind of part and of those below it, each with the place where it is written."""
    fields = kind.fields if isinstance(kind, inspect.StructType) else ()
    for one in fields:
        names = f"{header.strip('[]')}.{one.encode_name}".strip(".")
        part, many = _part_of(one.type)
        if part is None or one.encode_name in _IN_ONE_LINE:
            yield one.encode_name, f" {header} 下" if header else _FRONT
        else:
            below = f"[[{names}]]" if many else f"[{names}]"
            yield one.encode_name, f" {below} 下"
            yield from _homes(part, below)


def _part_of(kind: inspect.Type) -> tuple[inspect.StructType | None, bool]:
    """The part a field holds, if it holds one, and whether it holds many."""
    if isinstance(kind, inspect.UnionType):
        kind = kind.types[0]
    many = isinstance(kind, inspect.VarTupleType)
    if isinstance(kind, inspect.VarTupleType):
        kind = kind.item_type
    return (kind, many) if isinstance(kind, inspect.StructType) else (None, many)


# What is written in braces, and therefore under no header of its own.
_IN_ONE_LINE = ("reference", "also")
_FRONT = "最前面、第一个表头之前"
_HOMES: dict[str, list[str]] = defaultdict(list)
for _name, _where in _homes(inspect.type_info(Policy), ""):
    if _name != _OURS:
        _HOMES[_name].append(_where)


class Reading:
    """A policy as far as it can be read, every misfit, and where each part of the policy stands."""

    def __init__(self, tree: dict[str, object]) -> None:
        self.misfits: list[Misfit] = []
        self._paths: dict[int, Path] = {}
        self.policy = cast(Policy, self._any(inspect.type_info(Policy), tree, ()))

    def path_of(self, part: object) -> Path:
        """The path of a part of this policy, such as one of its indicators."""
        return self._paths[id(part)]

    def _any(self, kind: inspect.Type, raw: object, path: Path) -> object:
        if isinstance(kind, inspect.UnionType):
            # TOML has no null, so the other type is meant.
            kind = next(one for one in kind.types if not isinstance(one, inspect.NoneType))
        if isinstance(kind, inspect.StructType):
            return self._struct(kind, raw, path)
        if isinstance(kind, inspect.VarTupleType):
            return self._tuple(kind, raw, path)
        try:
            return value_of(kind, raw, next(one for one in reversed(path) if isinstance(one, str)))
        except Unfit as wrong:
            return self._unread(path, str(wrong))

    def _struct(self, kind: inspect.StructType, raw: object, path: Path) -> object:
        if not isinstance(raw, dict):
            return self._unread(path, _table_words(path))
        fields = [one for one in kind.fields if one.name != _OURS]
        meant = self._strangers([one.encode_name for one in fields], raw, path)
        values: dict[str, object] = {}
        for one in fields:
            here = (*path, one.encode_name)
            if one.encode_name in raw:
                values[one.name] = self._any(one.type, raw[one.encode_name], here)
            elif one.required:
                values[one.name] = self._unread(here, "缺少这一项，请补上")
            elif one.encode_name in meant:
                # It is there under a wrong name: what rests on it cannot be judged.
                values[one.name] = Unread()
        made: object = kind.cls(**values)
        self._paths[id(made)] = path
        return made

    def _tuple(self, kind: inspect.VarTupleType, raw: object, path: Path) -> object:
        if not isinstance(raw, list):
            return self._unread(path, "应当是列表：请放进方括号；每条一张表的，表头用双方括号")
        return tuple(self._any(kind.item_type, one, (*path, n)) for n, one in enumerate(raw))

    def _strangers(self, known: list[str], raw: dict[str, object], path: Path) -> set[str]:
        """Notes every name that is not known here; gives the known names that may be meant."""
        guessed: set[str] = set()
        for name in raw:
            if name == _OURS and not path:
                self.misfits.append(Misfit((name,), "校验码由系统计算，不写在文件里，请删去"))
            elif name in known:
                continue
            elif homes := _HOMES.get(name):
                sentence = f"“{name}”不写在这里，写在{'，或者'.join(homes)}，请移过去或删去"
                again = "；另一版办法请另存为一个文件" if homes[0] == _FRONT else ""
                self.misfits.append(Misfit((*path, name), sentence + again))
            else:
                near = get_close_matches(name[:40], [one for one in known if one not in raw], 1)
                meant = f"想写的也许是 {near[0]}" if near else f"这里可以写 {'、'.join(known)}"
                sentence = f"没有名称是“{name[:40]}”的项，{meant}，请改正或删去"
                self.misfits.append(Misfit((*path, name), sentence))
                guessed.update(near)
        return guessed

    def _unread(self, path: Path, sentence: str) -> Unread:
        self.misfits.append(Misfit(path, sentence))
        return Unread()


def _table_words(path: Path) -> str:
    """How the table at a path is written."""
    names = [one for one in path if isinstance(one, str)]
    if names[-1] in _IN_ONE_LINE:
        return '应当是一张表，请写成 { document = "文件", article = "条款" }'
    header = f"[[{'.'.join(names)}]]" if isinstance(path[-1], int) else f"[{'.'.join(names)}]"
    return f"应当是一张表，请用表头 {header}，它的各项写在下面"
