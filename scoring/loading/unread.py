"""What stands in a policy where a value could not be read, so that all the rest can still be judged."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TypeVar

Found = TypeVar("Found")


class Unreadable(Exception):
    """A value is looked at that could not be read: what rests on it cannot be judged."""


class Unread:
    """A value that is there or should be, but could not be read.

    Whoever compares, counts or prints it learns nothing: every such use raises Unreadable.
    """

    def _touched(self, *_: object) -> bool:
        raise Unreadable

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _touched
    __bool__ = __contains__ = __getattr__ = __getitem__ = _touched
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _touched
    __hash__ = __iter__ = __len__ = __str__ = __format__ = _touched  # type: ignore[assignment]


def readable(found: Iterable[Found]) -> Iterator[Found]:
    """What is found before a value is met that could not be read."""
    with suppress(Unreadable):
        yield from found
