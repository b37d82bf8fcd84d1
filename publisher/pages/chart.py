"""An institution's last editions as a drawing: a step line of scores over the grades, and a strip of lists."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from scoring.policy import Policy
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


class Past(Struct, frozen=True, kw_only=True):
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


class Chart(Struct, frozen=True, kw_only=True):
    """One drawing at its natural size."""

    size: str
    width: int
    height: int
    left: int
    right: float
    bottom: float
    bands: tuple[tuple[str, float, float], ...]
    grid: tuple[Mark, ...]
    step: str
    dot: tuple[float, float] | None
    now: str
    spans: tuple[Span, ...]
    ticks: tuple[Mark, ...]


def charts(past: Sequence[Past], policy: Policy) -> tuple[Chart, ...]:
    """The drawing for wide and for narrow pages; none without a single score."""
    if not any(one.score is not None for one in past):
        return ()
    return tuple(_chart(past, policy, size) for size in ("wide", "narrow"))


def said(past: Sequence[Past]) -> str:
    """The drawing in words, for those who do not see it."""
    known = [one for one in past if one.status not in GAPS]
    parts = []
    for before, after in zip([None, *known], known, strict=False):
        if before is None or (before.status, before.grade) != (after.status, after.grade):
            score = f"，{number(after.score)} 分" if after.score is not None else ""
            parts.append(f"{after.period}版起{STRIP[after.status]}，等级 {after.grade}{score}")
    return "；".join(parts) + "。"


def _chart(past: Sequence[Past], policy: Policy, size: str) -> Chart:
    width, height = WIDTH[size], HEIGHT[size]
    right, bottom = width - RIGHT, height - 101.0
    edges = sorted({one.bottom for one in policy.bands if one.bottom is not None})
    scores = [one.score for one in past if one.score is not None]
    high = max([*scores, *edges, policy.scale.base])
    low = min([*scores, *edges]) - (high - min([*scores, *edges])) / 4 - 1
    lower_is_better = policy.scale.better == "lower"

    def y(value: Decimal) -> float:
        share = float((value - low) / (high - low))
        return round(TOP + (bottom - TOP) * (share if lower_is_better else 1 - share), 1)

    wide = (right - LEFT) / len(past)

    def x(place: int) -> float:
        return round(LEFT + wide * place, 1)

    step = ""
    for place, one in enumerate(past):
        if one.score is None:
            continue
        begin = place == 0 or past[place - 1].score is None
        step += f"M{x(place)} {y(one.score)}" if begin else f"V{y(one.score)}"
        step += f"H{x(place + 1)}"
    last = past[-1].score
    return Chart(
        size=size,
        width=width,
        height=height,
        left=LEFT,
        right=right,
        bottom=bottom,
        bands=tuple(_bands(policy, y, bottom)),
        grid=tuple(Mark(at=y(one), text=number(one)) for one in edges),
        step=step,
        dot=(right, y(last)) if last is not None else None,
        now=f"现 {number(last)} 分" if last is not None else "",
        spans=tuple(_spans(past, x)),
        ticks=tuple(_ticks(past, x, size)),
    )


def _bands(
    policy: Policy, y: Callable[[Decimal], float], bottom: float
) -> Iterator[tuple[str, float, float]]:
    for band in policy.bands:
        ends = [float(TOP) if one is None else y(one) for one in (band.top, band.bottom)]
        if band.top is None:
            ends[0] = TOP if policy.scale.better == "higher" else bottom
        if band.bottom is None:
            ends[1] = bottom if policy.scale.better == "higher" else TOP
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


def _ticks(past: Sequence[Past], x: Callable[[int], float], size: str) -> Iterator[Mark]:
    every = max(1, len(past) // (4 if size == "wide" else 2))
    for place in range(0, len(past), every):
        if len(past) - place > every / 2 or place == 0:
            yield Mark(at=x(place), text=past[place].period)
    yield Mark(at=x(len(past)), text=past[-1].period)
