"""Long tables through WeasyPrint's two public hooks: an image that writes its page's cells itself,
and a finisher that turns the image's tag into a table's; everything else stays WeasyPrint's."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from publisher.print.fonts import SIZE, Face
from publisher.print.frame import Piece, drawn
from publisher.print.plan import (
    HEAD,
    HEAD_FACE,
    HEAD_PAD,
    LEAD,
    PAD_X,
    PAD_Y,
    PAGE_WIDTH,
    RULES,
    TITLE,
    TOP_RULE,
    Cell,
    Column,
    Page,
    Part,
)

# WeasyPrint numbers the marked content of a page from 0, and never gets this far beside a table.
FIRST_MARK = 256


class DrawnFont(Protocol):
    """A font of the PDF being written."""

    hash: str
    ascent: int
    descent: int
    widths: dict[int, int]
    to_unicode: dict[int, str]


class Stream(Protocol):
    """The content of the page being written."""

    stream: list[bytes]

    def add_font(self, pango_font: object) -> tuple[DrawnFont, float]:
        """The font of the PDF for one of Pango's."""


class Ink:
    """The glyphs of one document: collected first, then told to the PDF's fonts once."""

    def __init__(
        self,
        columns: Sequence[Column],
        faces: Mapping[str, Face],
        pages: Iterable[Page],
        frames: Sequence[tuple[Piece, ...]] = (),
    ) -> None:
        """Collects the characters of each face; nothing is drawn yet. `frames` are those of the pages, if drawn."""
        self.columns = columns
        self.faces = faces
        self._used: dict[str, set[str]] = {name: set() for name in faces}
        for column in columns:
            self._used[HEAD_FACE].update(column.title)
        self.frames = frames
        for frame in frames:
            for piece in frame:
                self._used[piece.face].update(piece.text)
        for page in pages:
            for part in () if page.strange else page.parts:
                for line in part.lines:
                    for column, cell in zip(columns, line.cells, strict=True):
                        self._used[column.face].update(*cell)
        self.codes = {
            name: {one: f"{faces[name].glyphs[one]:04x}" for one in used}
            for name, used in self._used.items()
        }
        self.switch: dict[str, str] = {}
        self.fonts: dict[str, str] = {}
        self.heights: dict[str, tuple[float, float]] = {}
        self.baseline = 0.0

    def prepare(self, stream: Stream) -> None:
        """Tells the PDF which glyphs are used, how wide they are and what they mean."""
        if self.switch:
            return
        for name, used in self._used.items():
            if not used:
                continue  # a face that draws nothing here may never have met its font
            face = self.faces[name]
            font, _ = stream.add_font(face.pango_font)
            for character in sorted(used):
                glyph = face.glyphs[character]
                font.widths[glyph] = round(face.advances[character] * 1000 / SIZE)
                font.to_unicode.setdefault(glyph, character)
            self.switch[name] = f"/{font.hash} {SIZE:.3f} Tf"
            self.fonts[name] = f"/{font.hash}"
            self.heights[name] = font.ascent / 1000, font.descent / 1000
            if name != HEAD_FACE:
                continue
            # The faces of a table are of one family of fonts: half the leading, then the ascent.
            above = (LEAD - SIZE * (font.ascent - font.descent) / 1000) / 2
            self.baseline = above + SIZE * font.ascent / 1000


class Block:
    """One part of a page's table, drawn where an image of its size would be."""

    def __init__(
        self, part: Part, ink: Ink, first_mark: int, frame: tuple[Piece, ...] = ()
    ) -> None:
        """Plans the part; its marked content is numbered from `first_mark`; the first of a page draws its frame."""
        self.frame = frame
        self.part = part
        self.ink = ink
        self.first_mark = first_mark
        self.marks = (1 + len(part.lines)) * len(ink.columns)
        self.height = HEAD + sum(line.height for line in part.lines)

    def get_intrinsic_size(self, *_: object) -> tuple[float, float, float]:
        """Width, height and their ratio, as WeasyPrint asks an image."""
        return PAGE_WIDTH, self.height, PAGE_WIDTH / self.height

    def draw(self, stream: Stream, *_: object) -> None:
        """Writes rules as decoration and each cell as marked content, in reading order."""
        self.ink.prepare(stream)
        # WeasyPrint has begun the mark of a figure: it ends empty, and its end closes our last.
        out = ["EMC /Artifact BMC", *self._rules()]
        if self.frame:
            down = TITLE if self.part.first else 0.0
            ink = self.ink
            out.extend(drawn(self.frame, ink.faces, ink.heights, ink.fonts, down))
        out.append("EMC 0 g BT")
        marks = iter(range(self.first_mark, self.first_mark + self.marks))
        titles: tuple[Cell, ...] = tuple((one.title,) for one in self.ink.columns)
        out.extend(self._row(titles, HEAD_PAD + TOP_RULE, marks, head=True))
        top = HEAD
        for line in self.part.lines:
            out.extend(self._row(line.cells, top + PAD_Y, marks))
            top += line.height
        out.append("ET /Artifact BMC")
        stream.stream.append("\n".join(out).encode("ascii"))

    def _rules(self) -> Iterator[str]:
        """The head's two rules, then one under each row, heavier under each fifth and the last."""
        yield "q 0 G"
        yield _rule(TOP_RULE, TOP_RULE)
        yield _rule(HEAD, RULES["head"])
        bottom = HEAD
        for line in self.part.lines:
            bottom += line.height
            if line.rule == "thin":
                yield f"0.6 G {_rule(bottom, RULES['thin'])} 0 G"
            else:
                yield _rule(bottom, RULES[line.rule])
        yield "Q"

    def _row(
        self, cells: Sequence[Cell], top: float, marks: Iterator[int], *, head: bool = False
    ) -> Iterator[str]:
        ink, left = self.ink, PAD_X
        for column, cell in zip(ink.columns, cells, strict=True):
            name = HEAD_FACE if head else column.face
            face, codes = ink.faces[name], ink.codes[name]
            tag = "TH" if head or column.heads_row else "TD"
            yield f"/{tag}<</MCID {next(marks)}>>BDC {ink.switch[name]}"
            y = top + ink.baseline
            for text in cell:
                x = left
                if column.align != "left":
                    spare = column.room - face.width(text)
                    x += spare if column.align == "right" else spare / 2
                yield f"1 0 0 -1 {x:.2f} {y:.2f} Tm<{''.join([codes[one] for one in text])}>Tj"
                y += LEAD
            yield "EMC"
            left += column.room + 2 * PAD_X


def _rule(bottom: float, weight: float) -> str:
    y = bottom - weight / 2
    return f"{weight:.3f} w 0 {y:.2f} m {PAGE_WIDTH:.2f} {y:.2f} l S"


def blocks_of(pages: Sequence[Page], ink: Ink) -> dict[str, Block]:
    """The blocks of all pages that can be drawn fast, by the address of their image."""
    found: dict[str, Block] = {}
    for number, page in enumerate(pages):
        mark = FIRST_MARK
        for index, part in enumerate(() if page.strange else page.parts):
            frame = ink.frames[number] if ink.frames and not index else ()
            block = found[f"rows:{number}.{index}"] = Block(part, ink, mark, frame)
            mark += block.marks
    return found


class PdfObject(Protocol):
    """An object of a PDF file, with its number."""

    reference: bytes
    data: bytes


class Pdf(Protocol):
    """The file being written."""

    objects: list[Any]  # dictionaries, arrays and streams of a library without types
    catalog: dict[str, bytes]
    page_references: tuple[bytes, ...]

    def add_object(self, object_: object) -> None:
        """Gives an object its number."""


class Tags:
    """The tree of tags of a finished document, in which figures become tables."""

    def __init__(self, pdf: Pdf) -> None:
        """Finds which list maps each page's marked content to its tags."""
        self.pdf = pdf
        root = pdf.objects[int(pdf.catalog["StructTreeRoot"].split()[0])]
        tree = pdf.objects[int(root["ParentTree"].split()[0])]["Nums"]
        # Numbers and lists by turns; the pages come first, in order.
        self.marks: dict[bytes, list[bytes]] = dict(
            zip(pdf.page_references, tree[1::2], strict=False)
        )

    def element(self, content: str) -> PdfObject:
        """A new element of the tree; what it holds comes later."""
        made: PdfObject = _element()()
        made.data = f"<</Type/StructElem{content}".encode("ascii")
        self.pdf.add_object(made)
        return made

    def table(self, figure: dict[str, Any], own: PdfObject, block: Block) -> None:
        """Makes a figure's tag Table > THead and TBody > TR > TH and TD, cell by cell."""
        import pydyf

        (empty,) = (one for one in figure["K"] if isinstance(one, int))
        marks = self.marks[figure["Pg"]]
        marks.extend([b"null"] * (block.first_mark - len(marks)))
        figure["S"] = "/Table"
        del figure["A"], figure["Alt"]
        figure["K"] = pydyf.Array()
        page = figure["Pg"].decode()
        for tag, count in (("THead", 1), ("TBody", len(block.part.lines))):
            group = self.element(f"/S/{tag}/P {own.reference.decode()}")
            rows = []
            for _ in range(count):
                row = self.element(f"/S/TR/P {group.reference.decode()}")
                place = f"/P {row.reference.decode()}/Pg {page}"
                cells = []
                for column in block.ink.columns:
                    scope = "Column" if tag == "THead" else "Row" if column.heads_row else ""
                    kind = f"TH/A<</O/Table/Scope/{scope}>>" if scope else "TD"
                    cell = self.element(f"/S/{kind}{place}")
                    _hold(cell, [str(len(marks)).encode()])
                    marks.append(cell.reference)
                    cells.append(cell.reference)
                _hold(row, cells)
                rows.append(row.reference)
            _hold(group, rows)
            figure["K"].append(group.reference)
        # The figure's own mark, empty now, has to belong somewhere: to the table's first cell.
        first = marks[block.first_mark]
        marks[empty] = first
        corner = self.pdf.objects[int(first.split()[0])]
        corner.data = corner.data.replace(b"/K[", b"/K[%d " % empty)


@cache
def _element() -> type[PdfObject]:
    """An object of the PDF whose bytes are written here."""
    import pydyf

    class Element(pydyf.Object):  # type: ignore[misc] # pydyf has no types
        data = b""

    made: type[PdfObject] = Element
    return made


def _hold(element: PdfObject, kids: Iterable[bytes]) -> None:
    element.data += b"/K[" + b" ".join(kids) + b"]>>"


def finisher(blocks: Mapping[str, Block]) -> Callable[[object, Pdf], None]:
    """Turns the figure of each block into a table, in the tree of tags."""

    def finish(_: object, pdf: Pdf) -> None:
        tags = Tags(pdf)
        figures = [
            one for one in pdf.objects if isinstance(one, dict) and one.get("S") == "/Figure"
        ]
        for figure in figures:
            alternative = getattr(figure.get("Alt"), "string", "")
            if alternative in blocks:
                tags.table(figure, figure, blocks[alternative])  # type: ignore[arg-type]

    return finish
