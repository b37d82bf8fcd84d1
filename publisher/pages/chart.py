"""An institution's last editions as a drawing: a step line of scores over the grades, and a strip of lists."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct, structs

from publisher.pages.words import grade_words
from scoring.policy import Band, Policy
from scoring.words import number

HEIGHT = {"wide": 256, "narrow": 226}
WIDTH = {"wide": 690, "narrow": 358}
LEFT, RIGHT, TOP = 48, 62, 14
STRIP = {
    "white": "白名单",
    "watch": "重点关注",
    "black": "黑名单",
    "none": "未列入",
    "new": "新设未评",
}
GAPS = {"absent": "未登记", "gone": "条目已撤下", "unsaid": "没有条目"}


class Past(Struct, frozen=True, kw_only=True, cache_hash=True):
    """What one edition said; in its stead one of `GAPS` where it shows no entry of the institution."""

    period: str
    status: str
    grade: str = ""
    score: Decimal | None = None


class Span(Struct, frozen=True, kw_only=True):
    """A stretch of the strip with one status."""

    status: str
    word: str
    x: float
    width: float
    middle: float


class Mark(Struct, frozen=True, kw_only=True):
    """A line of the grid or a tick of the axis, and what stands beside it."""

    at: float
    text: str


class Frame(Struct, frozen=True, kw_only=True, eq=False):
    """What of a drawing is the same for all with the same months and edges: grades, grid, months."""

    size: str
    width: int
    height: int
    left: int
    right: float
    bottom: float
    low: float
    high: float
    lower_is_better: bool
    months: int
    bands: tuple[tuple[str, float, float], ...]
    grid: tuple[Mark, ...]
    ticks: tuple[Mark, ...]

    def y(self, value: Decimal) -> float:
        """Where a score lies."""
        share = (float(value) - self.low) / (self.high - self.low)
        rest = share if self.lower_is_better else 1 - share
        return round(TOP + (self.bottom - TOP) * rest, 1)

    def x(self, place: int) -> float:
        """Where a month begins."""
        return round(LEFT + (self.right - LEFT) / self.months * place, 1)


class Chart(Struct, frozen=True, kw_only=True):
    """One drawing at its natural size."""

    frame: Frame
    step: str
    dot: tuple[float, float] | None
    now: str
    spans: tuple[Span, ...]


def charts(past: Sequence[Past], policy: Policy) -> tuple[Chart, ...]:
    """The drawing for wide and for narrow pages; of who has no score yet the lists alone, over empty grades."""
    scores = [one.score for one in past if one.score is not None]
    edges = _edges(policy.bands)
    if not scores and not edges:
        return ()
    ends = max(*scores, *edges, policy.scale.base), min([*scores, *edges])
    lower = policy.scale.better == "lower"
    months = tuple(one.period for one in past)
    return tuple(
        _chart(past, frame(policy.bands, lower, ends, months, size)) for size in ("wide", "narrow")
    )


def _edges(bands: Sequence[Band]) -> list[Decimal]:
    return sorted({one.bottom for one in bands if one.bottom is not None})


def said(past: Sequence[Past], policy: Policy) -> str:
    """The drawing in words, for those who do not see it."""
    known = [one for one in past if one.status not in GAPS]
    parts = []
    for before, after in zip([None, *known], known, strict=False):
        if before is None or (before.status, before.grade) != (after.status, after.grade):
            grade = "" if after.status == "new" else grade_words(after.grade, policy.unrated)
            score = f"，{number(after.score)} 分" if after.score is not None else ""
            parts.append("，".join(filter(None, (STRIP[after.status], grade))) + score)
            parts[-1] = f"{after.period}版起{parts[-1]}"
    return "；".join(parts) + "。" + _extremes(known, policy)


def _extremes(known: Sequence[Past], policy: Policy) -> str:
    """What the score is now, and when it was at its worst, where it was not always the same."""
    scored = [(one.score, one.period) for one in known if one.score is not None]
    if not scored or len({score for score, _ in scored}) == 1:
        return ""
    lower = policy.scale.better == "lower"
    worst, period = (max if lower else min)(scored, key=lambda one: one[0])
    word = "最高" if lower else "最低"
    now = f"现在 {number(known[-1].score)} 分，" if known[-1].score is not None else ""
    return f"{now}{word} {number(worst)} 分（{period}版）。"


@lru_cache(maxsize=256)
def frame(
    bands: tuple[Band, ...],
    lower_is_better: bool,
    ends: tuple[Decimal, Decimal],
    months: tuple[str, ...],
    size: str,
) -> Frame:
    """The frame of a drawing whose scores lie between two ends, the highest first."""
    width, height = WIDTH[size], HEIGHT[size]
    high, lowest = ends
    plain = Frame(
        size=size,
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        bottom=height - 101.0,
        low=float(lowest - (high - lowest) / 4 - 1),
        high=float(high),
        lower_is_better=lower_is_better,
        months=len(months),
        bands=(),
        grid=(),
        ticks=(),
    )
    return structs.replace(
        plain,
        bands=tuple(_bands(bands, plain)),
        grid=tuple(Mark(at=plain.y(one), text=number(one)) for one in _edges(bands)),
        ticks=tuple(_ticks(months, plain)),
    )


def _chart(past: Sequence[Past], frame: Frame) -> Chart:
    step, heights = "", dict[Decimal, float]()
    for place, one in enumerate(past):
        if one.score is None:
            continue
        y = heights.get(one.score)
        if y is None:
            y = heights[one.score] = frame.y(one.score)
        if place == 0 or past[place - 1].score is None:
            step += f"M{frame.x(place)} {y}"
        elif one.score != past[place - 1].score:
            step += f"H{frame.x(place)}V{y}"
        if place + 1 == len(past) or past[place + 1].score is None:
            step += f"H{frame.x(place + 1)}"
    last = past[-1].score
    return Chart(
        frame=frame,
        step=step,
        dot=(frame.right, heights[last]) if last is not None else None,
        now=f"现 {number(last)} 分" if last is not None else "",
        spans=tuple(_spans(past, frame.x)),
    )


def _bands(bands: Sequence[Band], frame: Frame) -> Iterator[tuple[str, float, float]]:
    above, below = (frame.bottom, TOP) if frame.lower_is_better else (TOP, frame.bottom)
    for band in bands:
        ends = (
            float(above if band.top is None else frame.y(band.top)),
            float(below if band.bottom is None else frame.y(band.bottom)),
        )
        top, end = sorted(ends)
        yield band.grade, top, round(end - top, 1)


def _spans(past: Sequence[Past], x: Callable[[int], float]) -> Iterator[Span]:
    start = 0
    for place in range(1, len(past) + 1):
        if place < len(past) and past[place].status == past[start].status:
            continue
        status = past[start].status
        if status not in GAPS:
            left, right = x(start) + 1, x(place) - 1
            word = STRIP[status] if right - left > 13 * len(STRIP[status]) + 4 else ""
            yield Span(
                status="none" if status == "new" else status,
                word=word,
                x=left,
                width=round(right - left, 1),
                middle=round((left + right) / 2, 1),
            )
        start = place


def _ticks(months: Sequence[str], frame: Frame) -> Iterator[Mark]:
    many = len(months)
    every = max(1, many // (4 if frame.size == "wide" else 2))
    for place in range(0, many, every):
        if months[place] != months[-1] and (many - place > every / 2 or place == 0):
            yield Mark(at=frame.x(place), text=months[place])
    yield Mark(at=frame.x(many), text=months[-1])
