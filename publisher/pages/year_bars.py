"""A year of list counts as small drawings, one a list, each on its own scale from nought."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from publisher.data import WORDS

WIDTH, HEIGHT, TOP, BOTTOM, LEFT = 360, 130, 42, 22, 8


class Bar(Struct, frozen=True, kw_only=True):
    """One edition's count: its place, and the texts under and over it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    month: str
    count: str


class Bars(Struct, frozen=True, kw_only=True):
    """One list over the year; `said` is the drawing in words."""

    key: str
    title: str
    bars: tuple[Bar, ...]
    said: str
    width: int = WIDTH
    height: int = HEIGHT
    base: float = HEIGHT - BOTTOM


def bars(names: Sequence[str], counts: Sequence[Mapping[str, int]]) -> tuple[Bars, ...]:
    """A drawing for each list that anybody stood on in the year; the table beside holds the noughts."""
    rows = {key: [one.get(key, 0) for one in counts] for key in WORDS}
    return tuple(_bars(key, names, row) for key, row in rows.items() if any(row))


def _bars(key: str, names: Sequence[str], counts: Sequence[int]) -> Bars:
    high = max([*counts, 1])
    step = (WIDTH - 2 * LEFT) / len(names)
    wide = min(step * 0.7, 40.0)
    room = HEIGHT - TOP - BOTTOM
    found = []
    for place, (name, many) in enumerate(zip(names, counts, strict=True)):
        middle = LEFT + step * (place + 0.5)
        tall = room * many / high
        month = name[5:]
        found.append(
            Bar(
                x=round(middle - wide / 2, 1),
                y=round(HEIGHT - BOTTOM - tall, 1),
                width=round(wide, 1),
                height=round(tall, 1),
                middle=round(middle, 1),
                month=month.removeprefix("0") if "." not in month else "",
                # The numbers stand in the table; over the bars only the first, the last and the ends.
                count=f"{many:,}" if _told(place, many, counts) else "",
            )
        )
    span = (
        f"从 {counts[0]:,} 家到 {counts[-1]:,} 家，最少 {min(counts):,} 家，最多 {max(counts):,} 家"
    )
    title = WORDS[key].partition("，")[0]
    return Bars(key=key, title=title, bars=tuple(found), said=f"{title}：{span}。")


def _told(place: int, many: int, counts: Sequence[int]) -> bool:
    if place in (0, len(counts) - 1):
        return True
    ends = {max(counts), min(counts)} - {counts[0], counts[-1]}
    return many in ends and counts.index(many) == place and 0 < place < len(counts) - 1
