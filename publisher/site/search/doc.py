"""An institution as a search compares it."""

from collections.abc import Sequence

from publisher.filing import NAMES, Line, read


class Doc:
    """What an institution is found by, as it was written, and once that is needed its names."""

    __slots__ = ("_names", "number", "place", "text")

    def __init__(self, number: int, place: str, text: str) -> None:
        self.number, self.place, self.text = number, place, text
        self._names: tuple[Line, ...] | None = None

    @property
    def lines(self) -> list[str]:
        """The lines as they were written."""
        return self.text.split("\n")

    @property
    def first(self) -> Line:
        """The first line, which is its name."""
        return read(self.text.partition("\n")[0])

    @property
    def names(self) -> tuple[Line, ...]:
        """What it is or was called."""
        if self._names is None:
            self._names = tuple([read(one) for one in self.lines if one[0] in NAMES])
        return self._names

    def is_in(self, places: Sequence[str], text: str) -> bool:
        """Whether it is of one of the places, or says so; the city is everywhere."""
        return not places or self.place in places or text in self.text
