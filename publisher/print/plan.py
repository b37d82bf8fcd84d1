"""Which row stands on which page: line breaks and heights are known before anything is drawn."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from publisher.print.fonts import PX_PER_MM, PX_PER_PT, SIZE, Face
from publisher.print.lines import CUTS, broken

# The same measures stand in paper.css; a test compares both ways of drawing.
LEAD = SIZE * 1.4
PAD_X = 1.2 * PX_PER_MM
PAD_Y = 1.05 * PX_PER_MM
HEAD_PAD = 1.4 * PX_PER_MM
TOP_RULE = 1.2 * PX_PER_PT
RULES = {
    "head": 0.8 * PX_PER_PT,
    "thin": 0.25 * PX_PER_PT,
    "fifth": 0.7 * PX_PER_PT,
    "last": 1.2 * PX_PER_PT,
}
HEAD = LEAD + 2 * HEAD_PAD + TOP_RULE + RULES["head"]
HEAD_FACE = "bold"
TITLE = (1 + 2.5) * PX_PER_MM + 14 * 1.4 * PX_PER_PT
GAP = 6 * PX_PER_MM
PAGE_WIDTH = 265 * PX_PER_MM
PAGE_HEIGHT = 172 * PX_PER_MM - 1
# A heading near the foot of a page has at least so many rows below it.
TOGETHER = 2
Cell = tuple[str, ...]


class Column(Struct, frozen=True, kw_only=True):
    """A column of a list: its heading, its width in mm, how it is set and where it breaks."""

    title: str
    width: float
    face: Literal["text", "bold", "mono"] = "text"
    align: Literal["left", "right", "center"] = "left"
    cut: Literal["name", "text", "none"] = "text"
    heads_row: bool = False

    @property
    def room(self) -> float:
        """The width for text, in px."""
        return self.width * PX_PER_MM - 2 * PAD_X


class Line(Struct, frozen=True):
    """One row as it is set: the lines of each cell, its height, and which rule follows."""

    cells: tuple[Cell, ...]
    height: float
    rule: Literal["thin", "fifth", "last"]
    strange: bool


class Part(Struct):
    """The rows of one district on one page; only the first part of a district has a heading."""

    heading: str
    note: str
    first: bool
    lines: list[Line]


class Page(Struct):
    """The parts of one page; a strange page holds a character the table's fonts do not draw."""

    parts: list[Part]

    @property
    def strange(self) -> bool:
        """Whether the page has to be set by the slow, careful way."""
        return any(line.strange for part in self.parts for line in part.lines)


class District(Struct, frozen=True, kw_only=True):
    """A heading and its rows, each cell given as paragraphs."""

    heading: str
    note: str
    rows: Sequence[tuple[Cell, ...]]


def set_line(
    cells: tuple[Cell, ...],
    columns: Sequence[Column],
    faces: Sequence[Face],
    rule: Literal["thin", "fifth", "last"],
) -> Line:
    """A row with its lines broken; a row higher than a page is strange too."""
    found: list[Cell] = []
    strange = False
    deepest = 1
    for paragraphs, column, face in zip(cells, columns, faces, strict=True):
        lines: Cell = ()
        for text in paragraphs:
            strange = strange or not face.knows(text)
            lines += broken(text, face, column.room, CUTS[column.cut])
        deepest = max(deepest, len(lines))
        found.append(lines)
    height = deepest * LEAD + 2 * PAD_Y
    if strange or HEAD + TITLE + height > PAGE_HEIGHT:
        return Line(cells, height, rule, True)
    return Line(tuple(found), height, rule, False)


def paginate(
    districts: Sequence[District], columns: Sequence[Column], faces: Sequence[Face], *, flow: bool
) -> list[Page]:
    """Pages on which a heading, the column heads and the first rows are never parted.

    Each district starts a page, unless the districts `flow` on, as those of a short list do.
    """
    pages: list[Page] = []
    left = 0.0
    for district in districts:
        lines = [
            set_line(cells, columns, faces, _rule(number, len(district.rows)))
            for number, cells in enumerate(district.rows, 1)
        ]
        part = Part(district.heading, district.note, True, [])
        first = GAP + TITLE + HEAD + sum(one.height for one in lines[:TOGETHER])
        if pages and flow and first <= left:
            pages[-1].parts.append(part)
            left -= GAP + TITLE + HEAD
        else:
            pages.append(Page([part]))
            left = PAGE_HEIGHT - TITLE - HEAD
        for line in lines:
            if part.lines and line.height > left:
                part = Part(district.heading, district.note, False, [])
                pages.append(Page([part]))
                left = PAGE_HEIGHT - HEAD
            part.lines.append(line)
            left -= line.height
    return pages


def _rule(number: int, last: int) -> Literal["thin", "fifth", "last"]:
    """Which rule follows a row: heavier under each fifth, heaviest under the last."""
    return "last" if number == last else "thin" if number % 5 else "fifth"
