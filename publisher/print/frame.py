"""The running head and foot of a page of tables, drawn with the table: to lay out six boxes a page took a third of the time.

The same words at the same places stand in paper.css, for pages that are set the careful way.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from publisher.print.fonts import PX_PER_MM, PX_PER_PT, SIZE, Face
from publisher.print.plan import PAGE_WIDTH

Align = Literal["left", "center", "right"]
MM, PT = PX_PER_MM, PX_PER_PT
# Above the text area: the red rule, and a line of 16 pt over it.
RULE, RULE_FOOT = 1.6 * PT, -3 * MM
HEAD_FOOT, HEAD_LEAD = RULE_FOOT - RULE - 1.5 * MM, 16 * PT
# Below it: the middle of the lower margin of 17 mm.
FOOT_MIDDLE = (172 + 17 / 2) * MM
RED = "0.6902 0.1333 0.1098"
NOTE = "纸面与网站不一致的，以网站为准"
# How much of the width a text may take at the head's and the foot's left, middle and right.
HEAD_ROOM, FOOT_ROOM = (0.38, 0.24, 0.38), (0.4, 0.2, 0.4)


class Said(NamedTuple):
    """What runs along every page."""

    paper: str
    dates: str
    check: str


class Piece(NamedTuple):
    """A text of the frame: where it stands, in which face, how large."""

    text: str
    face: str
    size: float
    align: Align
    is_head: bool

    def width(self, face: Face) -> float:
        """How far it goes, in px."""
        return face.width(self.text) * self.size / SIZE


def pieces(said: Said, district: str, number: int, pages: int) -> tuple[Piece, ...]:
    """Everything on the frame of one page."""
    return (
        Piece(said.paper, "text", 9 * PT, "left", True),
        Piece(district, "song", 11 * PT, "center", True),
        Piece(said.dates, "text", 9 * PT, "right", True),
        Piece(said.check, "mono", 8 * PT, "left", False),
        Piece(f"第 {number} 页，共 {pages} 页", "text", 9 * PT, "center", False),
        Piece(NOTE, "text", 8 * PT, "right", False),
    )


def fits(found: tuple[Piece, ...], faces: Mapping[str, Face]) -> bool:
    """Whether each text is drawn by its face, on one line of its own part of the width."""
    rooms = (*HEAD_ROOM, *FOOT_ROOM)
    for piece, room in zip(found, rooms, strict=True):
        face = faces[piece.face]
        face.learn(piece.text)
        if not face.knows(piece.text) or piece.width(face) > room * PAGE_WIDTH:
            return False
    return True


def drawn(
    found: tuple[Piece, ...],
    faces: Mapping[str, Face],
    heights: Mapping[str, tuple[float, float]],
    fonts: Mapping[str, str],
    down: float,
) -> Iterator[str]:
    """The frame as content of a page whose text area begins `down` px above the origin.

    `heights` are each face's ascent and descent as a part of its size, `fonts` the names of the fonts in the PDF.
    """
    y = RULE_FOOT - RULE / 2 - down
    yield f"q {RED} RG {RULE:.3f} w 0 {y:.2f} m {PAGE_WIDTH:.2f} {y:.2f} l S Q 0 g BT"
    for piece in found:
        face = faces[piece.face]
        ascent, descent = heights[piece.face]
        if piece.is_head:
            above = (HEAD_LEAD - piece.size * (ascent - descent)) / 2
            y = HEAD_FOOT - HEAD_LEAD + above + piece.size * ascent - down
        else:
            y = FOOT_MIDDLE + piece.size * (ascent + descent) / 2 - down
        spare = PAGE_WIDTH - piece.width(face)
        x = {"left": 0.0, "center": spare / 2, "right": spare}[piece.align]
        codes = "".join(f"{face.glyphs[one]:04x}" for one in piece.text)
        yield f"{fonts[piece.face]} {piece.size:.3f} Tf 1 0 0 -1 {x:.2f} {y:.2f} Tm<{codes}>Tj"
    yield "ET"
