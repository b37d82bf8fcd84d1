"""An institution as a search compares it."""

from collections.abc import Sequence

from publisher.filing import NAMES, read


class Doc:
    """What an institution is found by, as it was written, and its names; nobody changes it."""

    __slots__ = ("names", "number", "place", "text")

    def __init__(self, number: int, place: str, text: str) -> None:
        self.number, self.place, self.text = number, place, text
        self.names = tuple(read(one) for one in self.lines if one[0] in NAMES)

    @property
    def lines(self) -> list[str]:
        """The lines as they were written."""
        return self.text.split("\n")

    def is_in(self, places: Sequence[str], text: str) -> bool:
        """Whether it is of one of the places, or says so; the city is everywhere."""
        return not places or self.place in places or text in self.text
