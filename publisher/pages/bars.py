"""A table of counts as a drawing: a bar a row, or a bar cut by list; at two natural sizes, with its words."""

from collections.abc import Iterator

from msgspec import Struct

from publisher.figures import LISTS, STATUSES, Figure

WIDTH = {"wide": 690, "narrow": 358}
# Longer labels stand above their bar, as all do on a narrow page.
BESIDE, LETTER = 190, 13
ROW = {"wide": 30, "narrow": 50}
LEAD = 18
ROWS = 30


class Piece(Struct, frozen=True, kw_only=True):
    """A bar, or a piece of one: its list, where it lies, and the number inside it if there is room."""

    status: str
    x: float
    width: float
    text: str


class Bar(Struct, frozen=True, kw_only=True):
    """A row: its label, its pieces and what stands at the end."""

    label: str
    lines: tuple[str, ...]
    y: float
    pieces: tuple[Piece, ...]
    end: str
    end_x: float


class Bars(Struct, frozen=True, kw_only=True):
    """One drawing at its natural size."""

    size: str
    width: int
    height: int
    left: int
    above: bool
    deep: int
    bars: tuple[Bar, ...]


def bars(figure: Figure) -> tuple[Bars, ...]:
    """The drawing for wide and for narrow pages; of a long table the first rows, the rest stands in the table."""
    rows = [row for row in figure.rows[:ROWS] if isinstance(row[0], str)]
    if not rows or not any(_whole(figure, row) for row in rows):
        return ()
    return tuple(_drawn(figure, rows, size) for size in ("wide", "narrow"))


def said(figure: Figure) -> str:
    """The drawing in words, for those who do not see it."""
    parts = []
    for row in figure.rows[:ROWS]:
        if figure.shape == "stack":
            words = "、".join(f"{word} {many}" for word, many in zip(LISTS, row[1:6], strict=True))
            parts.append(f"{row[0]}：{words}")
        else:
            parts.append(f"{row[0]} {row[1]}")
    return f"{figure.title}。{'；'.join(parts)}。"


def _whole(figure: Figure, row: tuple[str | int, ...]) -> int:
    return int(row[-1] if figure.shape == "stack" else row[1])


def _drawn(figure: Figure, rows: list[tuple[str | int, ...]], size: str) -> Bars:
    width = WIDTH[size]
    above = size == "narrow" or any(len(str(row[0])) * LETTER > BESIDE for row in rows)
    left = 0 if above else 8 + max(len(str(row[0])) for row in rows) * LETTER
    signs = width // LETTER
    deep = max(-(-len(str(row[0])) // signs) for row in rows)
    tall = 50 + LEAD * (deep - 1) if above else ROW[size]
    room = width - left - 64
    most = max(_whole(figure, row) for row in rows)
    return Bars(
        size=size,
        width=width,
        height=tall * len(rows) + 4,
        left=left,
        above=above,
        deep=deep,
        bars=tuple(
            _bar(figure, row, tall * number, left, room / most, signs)
            for number, row in enumerate(rows)
        ),
    )


def _bar(
    figure: Figure, row: tuple[str | int, ...], y: float, left: int, scale: float, signs: int
) -> Bar:
    counts = (
        list(zip(STATUSES, (int(one) for one in row[1:6]), strict=True))
        if figure.shape == "stack"
        else [("bar", int(row[1]))]
    )
    pieces = tuple(_pieces(counts, left, scale))
    end = pieces[-1].x + pieces[-1].width if pieces else float(left)
    label = str(row[0])
    return Bar(
        label=label,
        lines=tuple(label[at : at + signs] for at in range(0, len(label), signs)),
        y=y,
        pieces=pieces,
        end=f"{_whole(figure, row):,}",
        end_x=round(end + 6, 1),
    )


def _pieces(counts: list[tuple[str, int]], left: int, scale: float) -> Iterator[Piece]:
    x = float(left)
    for status, many in counts:
        if not many:
            continue
        width = max(2.0, many * scale)
        text = f"{many:,}" if status != "bar" and width > 9 * len(f"{many:,}") + 4 else ""
        yield Piece(status=status, x=round(x, 1), width=round(width, 1), text=text)
        x += width
