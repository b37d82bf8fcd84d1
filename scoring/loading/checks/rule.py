"""How a rule about a policy is written: a field, what is wrong with it, and the remedy."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

from msgspec import Struct

from scoring.loading.lines import Path
from scoring.loading.unread import readable
from scoring.policy import Policy

Part = TypeVar("Part", bound=Struct)


class Fault(NamedTuple):
    """What is wrong with a part of a policy, at a path below that part, and what to do."""

    part: Struct
    at: Path
    sentence: str


class Rule(NamedTuple, Generic[Part]):
    """A field of a part, when it is wrong, and what to do then."""

    field: str
    wrong: Callable[[Policy, Part], object]
    remedy: str


def broken(rules: Iterable[Rule[Part]], policy: Policy, part: Part) -> Iterator[Fault]:
    """The rules a part breaks; each is judged alone, whatever else could not be read."""
    for one in rules:
        yield from readable(_judged(one, policy, part))


def _judged(rule: Rule[Part], policy: Policy, part: Part) -> Iterator[Fault]:
    if rule.wrong(policy, part):
        yield Fault(part, (rule.field,), rule.remedy)


def repeated(part: Struct, field: str) -> Iterator[Fault]:
    """A fault for each value of a list that stands there more than once."""
    values: Iterable[str] = getattr(part, field)
    for value, times in Counter(values).items():
        if times > 1:
            yield Fault(part, (field,), f"“{value}”写了 {times} 次，请只留一次")


def names(values: Iterable[str]) -> str:
    """Names in Chinese quotation marks, for a sentence."""
    return "、".join(f"“{one}”" for one in values)
