"""A policy file's bytes become a Policy, or every problem with its line, its place and its remedy."""

import re
from functools import lru_cache
from hashlib import sha256

from msgspec import structs

from scoring.errors import PolicyError, Problem
from scoring.loading.checks import faults
from scoring.loading.fields import Reading
from scoring.loading.lines import Lines, Path
from scoring.loading.syntax import parse
from scoring.loading.values import shown
from scoring.policy import Policy

# By which of its fields a reader recognises one entry of a list.
_NAMES = ("code", "grade", "kind", "title")
_BARE = re.compile(r"[A-Za-z0-9_-]{1,40}")


@lru_cache(maxsize=64)
def load_policy(raw: bytes) -> Policy:
    """The policy in a TOML file's bytes; raises PolicyError with every problem, in order of lines."""
    tree, lines = parse(raw)
    reading = Reading(tree)
    found: list[tuple[Path, str]] = [*reading.misfits]
    found += [(reading.path_of(one.part) + one.at, one.sentence) for one in faults(reading.policy)]
    if found:
        problems = [
            _problem(path, sentence, tree, lines) for path, sentence in dict.fromkeys(found)
        ]
        raise PolicyError(sorted(problems, key=lambda one: one.line or 0))
    return structs.replace(reading.policy, digest=sha256(raw).hexdigest())


def _problem(path: Path, sentence: str, tree: object, lines: Lines) -> Problem:
    """A problem with its place in words, such as `indicators[3] L02 · points`, and what stands there."""
    place, value = "", tree
    for step in path:
        value = _below(value, step)
        if isinstance(step, int):
            place += f"[{step + 1}]{_name(value)} · "
        else:
            place += ("" if place.endswith(" · ") or not place else ".") + _plain(step)
    return Problem(
        place=place.removesuffix(" · ") or "全文",
        sentence=sentence,
        line=lines.of(path),
        value="" if value is None else shown(value),
    )


def _below(value: object, step: str | int) -> object:
    """What stands at one step of a path; None where nothing does."""
    if isinstance(value, list) and isinstance(step, int):
        return value[step]
    return value.get(step) if isinstance(value, dict) else None


def _name(entry: object) -> str:
    """The name of an entry of a list, after a blank; empty where it has none."""
    names = [_below(entry, one) for one in _NAMES]
    name = next((one for one in names if isinstance(one, str) and one), "")
    return f" {_plain(name)}" if name else ""


def _plain(name: str) -> str:
    return name if _BARE.fullmatch(name) else shown(name)
